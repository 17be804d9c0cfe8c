//! `alertc build`: all projects checked, rendered, and the output tree replaced, or nothing written at all.

use std::path::PathBuf;

use super::args::BuildArgs;
use super::disk::Disk;
use super::inputs::{self, Loaded};
use super::outcome::{Failure, Outcome};
use super::printer::{Printer, counted, summary};
use super::tree::{self, Plan};
use crate::diagnostic;
use crate::diff::text;
use crate::pipeline::{self, Selection};
use crate::project::{Target, Workspace};
use crate::source::Loader;

pub(super) fn run(args: &BuildArgs, printer: &Printer) -> Result<Outcome, Failure> {
    let disk = Disk::new().map_err(|e| Failure::io(".", &e))?;
    let Loaded { mut sources, mut diagnostics, workspace } = inputs::workspace(&disk)?;
    let selection = Selection {
        targets: args.target.iter().map(|t| Target::from(*t)).collect(),
        environments: args.env.clone(),
    };
    let mut documents = Vec::new();
    let mut files = 0;
    let mut environments = Vec::new();
    for project in &workspace.projects {
        let program = inputs::read(&disk, project, &mut sources, &mut diagnostics)?;
        files += program.files.len();
        let built = pipeline::build(&disk, &mut sources, &program, &workspace.location(project), &selection)?;
        diagnostics.extend(built.diagnostics);
        documents.extend(built.documents);
        environments.extend(built.environments);
    }
    if let Some(unknown) = args.env.iter().find(|e| !environments.contains(e))
        && !diagnostics.iter().any(diagnostic::Diagnostic::is_error)
    {
        return Err(Failure::Usage(format!("no project has an environment `{unknown}`")));
    }
    diagnostic::sort(&mut diagnostics);
    printer.findings(&sources, &diagnostics)?;
    if !diagnostics.is_empty() {
        printer.status(&summary(&diagnostics, files));
    }
    let outcome = printer.outcome(&diagnostics);
    if outcome == Outcome::Findings || diagnostics.iter().any(diagnostic::Diagnostic::is_error) {
        printer.status("nothing was written");
        return Ok(Outcome::Findings);
    }

    let out = args.out.as_ref().map_or_else(|| workspace.output.clone(), |out| disk.absolute(out));
    let owned = owned(args, &workspace);
    let _guard = tree::open(&out)?;
    let name = disk.display_name(&out);
    let plan = Plan::new(&out, &name, &documents, &owned)?;
    if args.check {
        return compare(&plan, &name, printer);
    }
    plan.apply()?;
    printer.status(&format!(
        "{} written, {} removed, {} unchanged in {name}",
        counted(plan.writes.len(), "file"),
        plan.removals.len(),
        plan.unchanged,
    ));
    Ok(outcome)
}

/// The directories of the output in which files that are no longer produced are removed. A build of a part
/// removes nothing.
fn owned(args: &BuildArgs, workspace: &Workspace) -> Vec<String> {
    if !args.target.is_empty() || !args.env.is_empty() {
        return Vec::new();
    }
    if workspace.whole && args.out.is_none() {
        return vec![String::new()];
    }
    workspace.projects.iter().map(|p| p.name.clone()).collect()
}

fn compare(plan: &Plan<'_>, out: &str, printer: &Printer) -> Result<Outcome, Failure> {
    if plan.is_empty() {
        printer.status(&format!("{} up to date in {out}", counted(plan.unchanged, "file")));
        return Ok(Outcome::Clean);
    }
    let name = |path: &str| PathBuf::from(out).join(path).to_string_lossy().replace('\\', "/");
    printer.stdout(|stdout| {
        for (document, old) in &plan.writes {
            let (path, new) = (name(&document.path), Some(document.text.as_str()));
            let diff = text::unified(&path, old.as_deref(), new, printer.colored());
            stdout.write_all(diff.as_bytes())?;
        }
        for (path, old) in &plan.removals {
            let diff = text::unified(&name(path), Some(old), None, printer.colored());
            stdout.write_all(diff.as_bytes())?;
        }
        Ok(())
    })?;
    let stale = plan.writes.len() + plan.removals.len();
    printer
        .status(&format!("{} not up to date in {out}; `alertc build` writes them", counted(stale, "file")));
    Ok(Outcome::Findings)
}
