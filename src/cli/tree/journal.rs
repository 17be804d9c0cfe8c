//! Replacing many files all or none where [`super::exchange`] can't, with what the standard library has.
//!
//! A tree is always in one of these states, told by its `.alertc-stage` directory:
//!
//! 1. *None there*: the tree is complete.
//! 2. *There, without `journal`*: new files are being written beside the tree, which is still the old one. The next
//!    run throws them away.
//! 3. *There, with `journal`*: all new files are on disk and the journal says where each belongs. This is the
//!    commit: the files are moved into place and obsolete ones removed, which takes a rename each. A run that finds a
//!    journal finishes it before it does anything else, so the new tree is reached from wherever the first stopped.
//!
//! So a kill leaves the old tree before the commit and leads to the new one after it.

use std::fs::{self, File};
use std::io;
use std::path::{Component, Path, PathBuf};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::Plan;
use crate::cli::disk::write_synced;

const STAGE: &str = ".alertc-stage";
const JOURNAL: &str = "journal";

/// The steps before which a test can stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    CreateStage,
    WriteStaged,
    WriteJournal,
    Commit,
    Move,
    Remove,
    DropJournal,
    DropStage,
}

/// Called before each step; its error stops everything, as a kill would.
pub(super) type Before<'a> = dyn FnMut(Step) -> io::Result<()> + 'a;

#[derive(Serialize, Deserialize)]
struct Journal {
    /// Relative paths; the new file is the stage's of the same index.
    moves: Vec<String>,
    /// Relative paths of files that are no longer produced.
    removals: Vec<String>,
}

/// Writes the plan's files and removes its obsolete ones.
pub(super) fn replace(out: &Path, plan: &Plan<'_>, before: &mut Before<'_>) -> io::Result<()> {
    let stage = out.join(STAGE);
    before(Step::CreateStage)?;
    fs::create_dir(&stage)?;
    for _ in &plan.writes {
        before(Step::WriteStaged)?;
    }
    plan.writes.par_iter().enumerate().try_for_each(|(index, (document, _))| {
        write_synced(&stage.join(index.to_string()), document.text.as_bytes())
    })?;
    let journal = Journal {
        moves: plan.writes.iter().map(|(document, _)| document.path.clone()).collect(),
        removals: plan.removals.iter().map(|(path, _)| path.clone()).collect(),
    };
    // Whatever can fail for lack of space or rights should fail before the commit.
    for path in &journal.moves {
        if let Some(parent) = target(out, path)?.parent() {
            fs::create_dir_all(parent)?;
        }
    }
    before(Step::WriteJournal)?;
    let unsure = stage.join("journal.new");
    write_synced(&unsure, &serde_json::to_vec(&journal)?)?;
    before(Step::Commit)?;
    fs::rename(&unsure, stage.join(JOURNAL))?;
    sync_dir(&stage);
    finish(out, &journal, before)
}

/// Brings a tree that a run was killed in to a complete state.
pub(super) fn recover(out: &Path, before: &mut Before<'_>) -> io::Result<()> {
    let stage = out.join(STAGE);
    match fs::read(stage.join(JOURNAL)) {
        Ok(bytes) => finish(out, &serde_json::from_slice(&bytes)?, before),
        Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            match fs::remove_dir_all(&stage) {
                Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
                _ => Ok(()),
            }
        }
        Err(e) => Err(e),
    }
}

/// Moves and removes what the journal says, as far as it is not done yet, and drops the stage.
fn finish(out: &Path, journal: &Journal, before: &mut Before<'_>) -> io::Result<()> {
    let stage = out.join(STAGE);
    for (index, path) in journal.moves.iter().enumerate() {
        let target = target(out, path)?;
        before(Step::Move)?;
        move_into_place(&stage.join(index.to_string()), &target)?;
    }
    for path in &journal.removals {
        let target = target(out, path)?;
        before(Step::Remove)?;
        ignore_missing(fs::remove_file(&target))?;
        // Directories that hold nothing more; the first that does ends it.
        let parents = target.ancestors().skip(1).take_while(|dir| *dir != out);
        for dir in parents {
            if fs::remove_dir(dir).is_err() {
                break;
            }
        }
    }
    before(Step::DropJournal)?;
    fs::remove_file(stage.join(JOURNAL))?;
    before(Step::DropStage)?;
    fs::remove_dir_all(&stage)?;
    sync_dir(out);
    Ok(())
}

/// A staged file that is gone has been moved already.
fn move_into_place(staged: &Path, target: &Path) -> io::Result<()> {
    match fs::rename(staged, target) {
        Err(e) if e.kind() == io::ErrorKind::CrossesDevices => {
            let beside = target.with_extension("alertc-new");
            fs::copy(staged, &beside)?;
            fs::rename(&beside, target)?;
            fs::remove_file(staged)
        }
        // Without the staged file there is nothing to do; a missing directory of the target is an error.
        Err(e) if e.kind() == io::ErrorKind::NotFound && staged.exists() => Err(e),
        other => ignore_missing(other),
    }
}

fn ignore_missing(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// A path of the journal within the tree; one that would lead out of it is refused.
fn target(out: &Path, path: &str) -> io::Result<PathBuf> {
    let inside = Path::new(path).components().all(|c| matches!(c, Component::Normal(_)));
    if inside && !path.is_empty() {
        Ok(out.join(path))
    } else {
        Err(io::Error::new(io::ErrorKind::InvalidData, format!("{STAGE}/{JOURNAL} names `{path}`")))
    }
}

/// Makes renames durable. Not every system can open a directory, and none needs it for being killed.
pub(super) fn sync_dir(dir: &Path) {
    if let Ok(dir) = File::open(dir) {
        let _ = dir.sync_all();
    }
}
