//! `alertc fmt`: the canonical form, in place, to standard output, or compared only.

use super::args::FmtArgs;
use super::disk::{Disk, replace};
use super::inputs;
use super::outcome::{Failure, Outcome};
use super::printer::{Printer, counted, summary};
use crate::diagnostic::{self, Diagnostic};
use crate::diff::text;
use crate::pipeline;
use crate::project;
use crate::source::{Loader, Sources};

pub(super) fn run(args: &FmtArgs, printer: &Printer) -> Result<Outcome, Failure> {
    let disk = Disk::new().map_err(|e| Failure::io(".", &e))?;
    let mut sources = Sources::new();
    let mut diagnostics = Vec::new();
    if args.stdin {
        return stdin(&disk, printer, &mut sources, diagnostics);
    }
    let groups = if args.files.is_empty() {
        let projects = inputs::workspace(&disk)?.workspace.projects;
        projects.into_iter().map(|p| (p.files.clone(), p)).map(|(files, p)| (p, files)).collect()
    } else {
        let mut files = inputs::sources_in(&disk, &args.files)?;
        files.sort();
        files.dedup();
        // What is wrong with an alertc.toml does not keep a file from being formatted.
        inputs::projects_of(&disk, &files, &mut sources, &mut Vec::new())?
    };
    let (mut total, mut changed) = (0, 0);
    for (project, asked) in &groups {
        let program = pipeline::read(&disk, project, &mut sources, &mut diagnostics)?;
        let options = pipeline::syntax_options(&sources, &program);
        let names: Vec<String> = asked.iter().map(|p| disk.display_name(p)).collect();
        total += asked.len();
        for (file, _) in &program.files {
            let Some(source) = sources.get(*file) else { continue };
            let Some(path) = names.iter().position(|n| n == source.name()).and_then(|at| asked.get(at))
            else {
                continue;
            };
            let formatted = match pipeline::format(&sources, *file, &options) {
                Ok(formatted) => formatted,
                Err(found) => {
                    diagnostics.extend(found);
                    continue;
                }
            };
            if formatted == source.text() {
                continue;
            }
            changed += 1;
            if args.check {
                let diff =
                    text::unified(source.name(), Some(source.text()), Some(&formatted), printer.colored());
                printer.stdout(|out| out.write_all(diff.as_bytes()))?;
            } else {
                replace(path, &formatted).map_err(|e| Failure::io(source.name(), &e))?;
            }
        }
    }
    if !diagnostics.is_empty() {
        diagnostic::sort(&mut diagnostics);
        printer.findings(&sources, &diagnostics)?;
        printer.status(&summary(&diagnostics, total));
    }
    let files = counted(total, "file");
    printer.status(&match (args.check, changed) {
        (_, 0) if !diagnostics.is_empty() => "nothing was rewritten".to_string(),
        (_, 0) => format!("{files} in canonical form"),
        (true, _) => format!("{changed} of {files} not in canonical form; `alertc fmt` rewrites them"),
        (false, _) => format!("{changed} of {files} rewritten"),
    });
    let stale = args.check && changed > 0;
    Ok(if stale { Outcome::Findings } else { printer.outcome(&diagnostics) })
}

/// Standard input is a file of the working directory's project, if there is one.
fn stdin(
    disk: &Disk,
    printer: &Printer,
    sources: &mut Sources,
    mut diagnostics: Vec<Diagnostic>,
) -> Result<Outcome, Failure> {
    let found = project::load(disk, disk.cwd(), &mut Sources::new(), &mut Vec::new())?;
    let project = match found.map(|w| w.projects) {
        Some(projects) if projects.len() == 1 => projects.into_iter().next(),
        _ => None,
    };
    let project = project.unwrap_or_else(|| project::standalone(disk.cwd(), Vec::new()));
    let program = pipeline::read(disk, &project, sources, &mut Vec::new())?;
    let options = pipeline::syntax_options(sources, &program);
    let formatted = match inputs::stdin(sources, &mut diagnostics)? {
        Some(file) => {
            pipeline::format(sources, file, &options).map_err(|found| diagnostics.extend(found)).ok()
        }
        None => None,
    };
    match formatted {
        Some(text) => printer.stdout(|out| out.write_all(text.as_bytes()))?,
        // Standard output takes the formatted text only, so that an editor never puts findings into a file.
        None => printer.findings_to_stderr(sources, &diagnostics)?,
    }
    Ok(printer.outcome(&diagnostics))
}
