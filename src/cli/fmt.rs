//! `alertc fmt`: the canonical form, in place, to standard output, or compared only.

use std::fs;
use std::path::PathBuf;

use super::args::FmtArgs;
use super::disk::Disk;
use super::inputs;
use super::outcome::{Failure, Outcome};
use super::printer::{Printer, counted, summary};
use super::textdiff;
use crate::diagnostic::{self, Diagnostic};
use crate::pipeline;
use crate::project;
use crate::source::{FileId, Loader, Sources};

pub(super) fn run(args: &FmtArgs, printer: &Printer) -> Result<Outcome, Failure> {
    let disk = Disk::new().map_err(|e| Failure::io(".", &e))?;
    let mut sources = Sources::new();
    let mut diagnostics = Vec::new();
    if args.stdin {
        return stdin(printer, &mut sources, diagnostics);
    }
    let mut paths: Vec<PathBuf> = if args.files.is_empty() {
        inputs::workspace(&disk)?.workspace.projects.into_iter().flat_map(|p| p.files).collect()
    } else {
        args.files.iter().map(|p| disk.absolute(p)).collect()
    };
    paths.sort();
    paths.dedup();
    let mut changed = 0;
    for path in &paths {
        let Some(file) = project::read_source(&disk, path, &mut sources, &mut diagnostics)? else { continue };
        let Some(formatted) = formatted(&sources, file, &mut diagnostics) else { continue };
        let text = sources.get(file).map_or("", |f| f.text());
        if formatted == text {
            continue;
        }
        changed += 1;
        let name = disk.display_name(path);
        if args.check {
            let diff = textdiff::unified(&name, text, &formatted, printer.colored());
            printer.stdout(|out| out.write_all(diff.as_bytes()))?;
        } else {
            fs::write(path, formatted).map_err(|e| Failure::io(&name, &e))?;
        }
    }
    if !diagnostics.is_empty() {
        diagnostic::sort(&mut diagnostics);
        printer.findings(&sources, &diagnostics)?;
        printer.status(&summary(&diagnostics, paths.len()));
    }
    let verb = if args.check { "not formatted" } else { "formatted" };
    printer.status(&format!("{} of {} {verb}", changed, counted(paths.len(), "file")));
    let stale = args.check && changed > 0;
    Ok(if stale { Outcome::Findings } else { printer.outcome(&diagnostics) })
}

fn stdin(
    printer: &Printer,
    sources: &mut Sources,
    mut diagnostics: Vec<Diagnostic>,
) -> Result<Outcome, Failure> {
    let file = inputs::stdin(sources, &mut diagnostics)?;
    if let Some(text) = file.and_then(|file| formatted(sources, file, &mut diagnostics)) {
        printer.stdout(|out| out.write_all(text.as_bytes()))?;
    } else {
        printer.findings(sources, &diagnostics)?;
    }
    Ok(printer.outcome(&diagnostics))
}

/// The canonical form; none, with the reasons pushed, when the text can't be parsed.
fn formatted(sources: &Sources, file: FileId, diagnostics: &mut Vec<Diagnostic>) -> Option<String> {
    match pipeline::format(sources, file) {
        Ok(text) => Some(text),
        Err(found) => {
            diagnostics.extend(found);
            None
        }
    }
}
