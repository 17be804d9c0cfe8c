//! `alertc snapshot`: every project as facts, in a file to be committed and reviewed.

use std::fs;
use std::path::PathBuf;

use clap::Args;

use super::disk::{Disk, replace};
use super::outcome::{Failure, Outcome};
use super::printer::{Printer, counted};
use crate::diff::snapshot::MARKER;
use crate::diff::text;
use crate::pipeline;
use crate::source::Loader;

/// Arguments of `alertc snapshot`.
#[derive(Debug, Args)]
pub(super) struct SnapshotArgs {
    /// Write nothing; fail with a diff when a file is not up to date
    #[arg(long)]
    check: bool,
}

/// The file's name in the project's output tree.
const FILE: &str = "review.txt";

pub(super) fn run(args: &SnapshotArgs, printer: &Printer) -> Result<Outcome, Failure> {
    let disk = Disk::new().map_err(|e| Failure::io(".", &e))?;
    let Some(side) = pipeline::side_of_project(&disk, disk.cwd())? else {
        return Err(Failure::Usage(
            "there is no alertc.toml here or in any directory above; `alertc init` starts a project"
                .to_string(),
        ));
    };
    if side.is_broken() {
        let errors: Vec<_> = side.diagnostics.iter().filter(|d| d.is_error()).cloned().collect();
        printer.findings(&side.sources, &errors)?;
        printer.status("nothing was written");
        return Ok(Outcome::Findings);
    }
    let mut stale = 0;
    let mut total = 0;
    for (path, text) in pipeline::snapshots(&side) {
        total += 1;
        let path: PathBuf = path.join(FILE);
        let old = match fs::read_to_string(&path) {
            Ok(old) => Some(old),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(Failure::io(disk.display_name(&path), &error)),
        };
        if old.as_deref() == Some(text.as_str()) {
            continue;
        }
        stale += 1;
        let name = disk.display_name(&path);
        if args.check {
            let diff = text::unified(&name, old.as_deref(), Some(&text), printer.colored());
            printer.stdout(|out| out.write_all(diff.as_bytes()))?;
            continue;
        }
        if old.is_some_and(|old| !old.starts_with(MARKER)) {
            return Err(Failure::Usage(format!("`{name}` was not written by alertc; move it away")));
        }
        let written = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| replace(&path, &text));
        written.map_err(|e| Failure::io(&name, &e))?;
    }
    if args.check {
        if stale > 0 {
            printer.status(&format!(
                "{} not up to date; `alertc snapshot` writes them",
                counted(stale, "snapshot")
            ));
            return Ok(Outcome::Findings);
        }
        printer.status(&format!("{} up to date", counted(total, "snapshot")));
    } else {
        printer.status(&format!("{} written, {} unchanged", counted(stale, "snapshot"), total - stale));
    }
    Ok(Outcome::Clean)
}
