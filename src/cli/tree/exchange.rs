//! Replacing a tree in one step: the new one is made beside it, and the two change places.
//!
//! Linux can exchange two directories atomically, so that a kill at any moment leaves the old tree or the new one.
//! What stays is linked, not copied: files keep their identity and their times. A run that is killed leaves the
//! other tree behind as `.NAME.alertc-new`, which the next run removes. Where the system or the file system can't do
//! it, [`super::journal`] replaces the files.

use std::io;
use std::path::{Path, PathBuf};

use super::Plan;

/// The place of the new tree while it is made, and of the old one until it is removed.
fn beside(out: &Path) -> Option<PathBuf> {
    let name = out.file_name()?.to_string_lossy();
    Some(out.with_file_name(format!(".{name}.alertc-new")))
}

/// Removes what a killed run has left beside the tree.
pub(super) fn recover(out: &Path) -> io::Result<()> {
    match beside(out).map(std::fs::remove_dir_all) {
        Some(Err(e)) if e.kind() != io::ErrorKind::NotFound => Err(e),
        _ => Ok(()),
    }
}

/// Replaces the tree; false when it can't be done here, with nothing changed.
#[cfg(target_os = "linux")]
pub(super) fn replace(out: &Path, plan: &Plan<'_>) -> io::Result<bool> {
    let Some(next) = beside(out) else { return Ok(false) };
    recover(out)?;
    if linux::prepare(out, &next, plan).is_err() || !linux::exchange(&next, out) {
        recover(out)?;
        return Ok(false);
    }
    if let Some(parent) = out.parent() {
        super::journal::sync_dir(parent);
    }
    recover(out)?;
    Ok(true)
}

/// Only Linux has the system call.
#[cfg(not(target_os = "linux"))]
pub(super) fn replace(_out: &Path, _plan: &Plan<'_>) -> io::Result<bool> {
    Ok(false)
}

#[cfg(target_os = "linux")]
mod linux {
    use std::collections::BTreeSet;
    use std::fs;
    use std::io;
    use std::path::{Path, PathBuf};

    use rayon::prelude::*;
    use rustix::fs::{CWD, RenameFlags, renameat_with};

    use crate::cli::disk::write_synced;
    use crate::cli::tree::Plan;

    pub(super) fn exchange(next: &Path, out: &Path) -> bool {
        renameat_with(CWD, next, CWD, out, RenameFlags::EXCHANGE).is_ok()
    }

    /// The new tree: what stays is linked, what is new is written and synced.
    pub(super) fn prepare(out: &Path, next: &Path, plan: &Plan<'_>) -> io::Result<()> {
        let written = plan.writes.iter().map(|(document, _)| out.join(&document.path));
        let left_out: BTreeSet<PathBuf> =
            written.chain(plan.removals.iter().map(|(path, _)| out.join(path))).collect();
        link_tree(out, next, &left_out)?;
        let files: Vec<PathBuf> = plan.writes.iter().map(|(document, _)| next.join(&document.path)).collect();
        for file in &files {
            if let Some(parent) = file.parent() {
                fs::create_dir_all(parent)?;
            }
        }
        plan.writes
            .par_iter()
            .zip(&files)
            .try_for_each(|((document, _), file)| write_synced(file, document.text.as_bytes()))
    }

    /// Directories of which nothing stays are not made.
    fn link_tree(from: &Path, to: &Path, left_out: &BTreeSet<PathBuf>) -> io::Result<()> {
        fs::create_dir(to)?;
        fs::set_permissions(to, fs::metadata(from)?.permissions())?;
        let mut kept = false;
        let mut dropped = false;
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            let (path, target) = (entry.path(), to.join(entry.file_name()));
            let kind = entry.file_type()?;
            if left_out.contains(&path) {
                dropped = true;
            } else if kind.is_dir() {
                link_tree(&path, &target, left_out)?;
                kept |= target.exists();
                dropped |= !target.exists();
            } else if kind.is_symlink() {
                std::os::unix::fs::symlink(fs::read_link(&path)?, &target)?;
                kept = true;
            } else {
                fs::hard_link(&path, &target)?;
                kept = true;
            }
        }
        // The root has another name than what it is made from, and stays.
        if dropped && !kept && to.file_name() == from.file_name() {
            fs::remove_dir(to)?;
        }
        Ok(())
    }
}
