//! `alertc check`: the project or workspace, or single files of any kind that alertc knows.

use std::path::PathBuf;

use super::args::CheckArgs;
use super::disk::Disk;
use super::inputs::{self, Loaded};
use super::outcome::{Failure, Outcome};
use super::printer::{Printer, summary};
use crate::diagnostic::{self, Diagnostic};
use crate::pipeline;
use crate::project;
use crate::source::{FileId, Loader, Sources};

pub(super) fn run(args: &CheckArgs, printer: &Printer) -> Result<Outcome, Failure> {
    let disk = Disk::new().map_err(|e| Failure::io(".", &e))?;
    let (sources, mut diagnostics, files) =
        if args.files.is_empty() { check_workspace(&disk)? } else { check_files(&disk, &args.files)? };
    diagnostic::sort(&mut diagnostics);
    printer.findings(&sources, &diagnostics)?;
    printer.status(&summary(&diagnostics, files));
    Ok(printer.outcome(&diagnostics))
}

type Checked = (Sources, Vec<Diagnostic>, usize);

fn check_workspace(disk: &Disk) -> Result<Checked, Failure> {
    let Loaded { mut sources, mut diagnostics, workspace } = inputs::workspace(disk)?;
    let mut files = 0;
    for project in &workspace.projects {
        let program = inputs::read(disk, project, &mut sources, &mut diagnostics)?;
        files += program.files.len();
        diagnostics.extend(pipeline::check(&sources, &program).diagnostics);
    }
    Ok((sources, diagnostics, files))
}

fn check_files(disk: &Disk, given: &[PathBuf]) -> Result<Checked, Failure> {
    let mut sources = Sources::new();
    let mut diagnostics = Vec::new();
    let (alerts, others): (Vec<_>, Vec<_>) = given.iter().partition(|p| inputs::is_source(p));
    let alerts: Vec<PathBuf> = alerts.into_iter().map(|p| disk.absolute(p)).collect();
    for (project, asked) in inputs::projects_of(disk, &alerts, &mut sources, &mut diagnostics)? {
        // A file is checked as part of its program, and only its own findings are shown.
        let program = inputs::read(disk, &project, &mut sources, &mut diagnostics)?;
        let names: Vec<String> = asked.iter().map(|p| disk.display_name(p)).collect();
        let mut found = pipeline::check(&sources, &program).diagnostics;
        found.retain(|d| {
            sources.get(d.primary.span.file).is_some_and(|f| names.iter().any(|n| n == f.name()))
        });
        diagnostics.extend(found);
    }
    for path in others {
        let file = if inputs::is_stdin(path) {
            inputs::stdin(&mut sources, &mut diagnostics)?
        } else {
            project::read_source(disk, &disk.absolute(path), &mut sources, &mut diagnostics)?
        };
        if let Some(file) = file {
            diagnostics.extend(check_other(disk, &sources, file));
        }
    }
    Ok((sources, diagnostics, given.len()))
}

/// A file told apart by its content: YAML as Prometheus or Alertmanager read it, or alert language.
fn check_other(disk: &Disk, sources: &Sources, file: FileId) -> Vec<Diagnostic> {
    let text = sources.get(file).map_or("", |f| f.text());
    if pipeline::is_alert_language(text) {
        let project = project::standalone(disk.cwd(), Vec::new());
        let program = pipeline::ProjectSources {
            project: &project,
            files: vec![(file, "stdin.alert".to_string())],
            shared: Vec::new(),
            today: Some(inputs::today()),
        };
        pipeline::check(sources, &program).diagnostics
    } else {
        pipeline::check_existing(sources, file)
    }
}
