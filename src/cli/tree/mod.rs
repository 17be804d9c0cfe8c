//! The output tree: compared with what is there, then replaced all or none.
//!
//! Files that alertc made begin with [`MARKER`]; only such files are ever overwritten or removed. Files that would
//! not change are left alone, so that their times stay. How a replacement survives being killed is told in
//! [`journal`].

mod exchange;
mod journal;
mod scan;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::outcome::Failure;
use crate::render::{Document, MARKER};

/// What has to happen to a tree so that it holds the documents and no older ones.
#[derive(Debug)]
pub(super) struct Plan<'a> {
    out: PathBuf,
    /// The tree's name in messages.
    name: String,
    /// Files to write, with the text they have now.
    pub(super) writes: Vec<(&'a Document, Option<String>)>,
    /// Files to remove, relative to the tree, with the text they have now.
    pub(super) removals: Vec<(String, String)>,
    /// How many files stay as they are.
    pub(super) unchanged: usize,
}

/// Finishes what an earlier run was killed in, then keeps other runs out until the guard is dropped.
pub(super) fn open(out: &Path) -> Result<Option<File>, Failure> {
    let guard = lock(out);
    journal::recover(out, &mut |_| Ok(())).map_err(|e| Failure::io(out.display(), &e))?;
    exchange::recover(out).map_err(|e| Failure::io(out.display(), &e))?;
    Ok(guard)
}

/// A lock on the directory itself leaves no file behind. Where there is no such lock, runs are not kept apart.
fn lock(out: &Path) -> Option<File> {
    loop {
        let dir = File::open(out).ok()?;
        dir.lock().ok()?;
        // Another run may have put a new tree in this one's place while we waited.
        if same_directory(&dir, out) {
            return Some(dir);
        }
    }
}

/// Whether an open directory is still the one at its path.
#[cfg(unix)]
fn same_directory(dir: &File, out: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (dir.metadata(), fs::metadata(out)) {
        (Ok(a), Ok(b)) => (a.dev(), a.ino()) == (b.dev(), b.ino()),
        _ => true,
    }
}

/// Directories keep their identity where they can't be exchanged.
#[cfg(not(unix))]
fn same_directory(_dir: &File, _out: &Path) -> bool {
    true
}

impl<'a> Plan<'a> {
    /// Compares the documents with the tree. Files made by alertc below the directories of `owned` that are no
    /// longer among the documents are to be removed.
    pub(super) fn new(
        out: &Path,
        name: &str,
        documents: &'a [Document],
        owned: &[String],
    ) -> Result<Plan<'a>, Failure> {
        let mut plan = Plan {
            out: out.to_path_buf(),
            name: name.to_string(),
            writes: Vec::new(),
            removals: Vec::new(),
            unchanged: 0,
        };
        let present: Vec<_> = documents.par_iter().map(|d| (d, present(&out.join(&d.path)))).collect();
        for (document, present) in present {
            match present.map_err(|e| Failure::io(format!("{name}/{}", document.path), &e))? {
                Some(bytes) if bytes == document.text.as_bytes() => plan.unchanged += 1,
                Some(bytes) if !bytes.starts_with(MARKER.as_bytes()) => {
                    return Err(Failure::Io(format!(
                        "`{name}/{}` is in the way: it was not made by alertc, so it is not overwritten",
                        document.path
                    )));
                }
                Some(bytes) => {
                    plan.writes.push((document, Some(String::from_utf8_lossy(&bytes).into_owned())));
                }
                None => plan.writes.push((document, None)),
            }
        }
        let produced: BTreeSet<&str> = documents.iter().map(|d| d.path.as_str()).collect();
        for dir in owned {
            let found = scan::made_by_alertc(out, dir, &produced).map_err(|e| Failure::io(name, &e))?;
            plan.removals.extend(found);
        }
        Ok(plan)
    }

    /// True when the tree is up to date.
    pub(super) fn is_empty(&self) -> bool {
        self.writes.is_empty() && self.removals.is_empty()
    }

    /// Replaces the tree.
    pub(super) fn apply(&self) -> Result<(), Failure> {
        if self.is_empty() {
            return Ok(());
        }
        let fail = |e: io::Error| Failure::io(&self.name, &e);
        fs::create_dir_all(&self.out).map_err(fail)?;
        // One file is replaced by one rename, which needs no other tree.
        let several = self.writes.len() + self.removals.len() > 1;
        if several && exchange::replace(&self.out, self).map_err(fail)? {
            return Ok(());
        }
        let done = journal::replace(&self.out, self, &mut |_| Ok(()));
        if done.is_err() {
            // A failure before the commit leaves the old tree; what was staged is of no use.
            let _ = journal::recover(&self.out, &mut |_| Ok(()));
        }
        done.map_err(fail)
    }
}

/// The bytes of a file, none when there is none.
fn present(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e),
    }
}
