//! `alertc routes`: the routing tree drawn, label sets and alerts sent through it.

mod explain;
mod show;
mod test;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::disk::Disk;
use super::inputs::{self, Loaded};
use super::outcome::{Failure, Outcome};
use super::printer::Printer;
use crate::alertmanager::config::{Config, GroupBy};
use crate::diagnostic::Diagnostic;
use crate::pipeline::{self, Routed};
use crate::project;
use crate::promql::duration::Duration;
use crate::source::{FileId, Sources};

#[derive(Debug, Args)]
pub(in crate::cli) struct RoutesArgs {
    /// Work on this Alertmanager configuration, `-` for standard input, in place of the project
    #[arg(long, alias = "config.file", value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    /// Only this environment of the project; may be repeated
    #[arg(long, value_name = "NAME", global = true, conflicts_with = "config")]
    env: Vec<String>,
    #[command(subcommand)]
    command: RoutesCommand,
}

#[derive(Debug, Subcommand)]
enum RoutesCommand {
    /// Draw the routing tree: matchers, receivers, grouping, timings, time intervals
    Show,
    /// Tell which receivers an alert with these labels reaches, as `amtool config routes test` does
    Test(test::TestArgs),
    /// Tell every way that an alert can take: by its labels, per level, per environment
    Explain(explain::ExplainArgs),
}

pub(in crate::cli) fn run(args: &RoutesArgs, printer: &Printer) -> Result<Outcome, Failure> {
    match &args.command {
        RoutesCommand::Show => show::run(args, printer),
        RoutesCommand::Test(test) => test::run(args, test, printer),
        RoutesCommand::Explain(explain) => explain::run(args, explain, printer),
    }
}

/// The configurations that the arguments name. Findings that leave none are printed, and end the command.
fn configurations(args: &RoutesArgs, printer: &Printer) -> Result<Result<Vec<Routed>, Outcome>, Failure> {
    let disk = Disk::new().map_err(|e| Failure::io(".", &e))?;
    if let Some(path) = &args.config {
        let mut sources = Sources::new();
        return Ok(match config_file(&disk, path, &mut sources, printer)? {
            Some(routed) => Ok(vec![routed]),
            None => Err(Outcome::Findings),
        });
    }
    let Loaded { mut sources, mut diagnostics, workspace } = inputs::workspace(&disk)?;
    let mut all = Vec::new();
    for project in &workspace.projects {
        let program = inputs::read(&disk, project, &mut sources, &mut diagnostics)?;
        let (routed, found) = pipeline::routed(&sources, &program, &args.env);
        diagnostics.extend(found);
        all.extend(routed);
    }
    if let Some(outcome) = stop(&sources, &diagnostics, printer)? {
        return Ok(Err(outcome));
    }
    nothing(all.is_empty(), args)?;
    Ok(Ok(all))
}

/// A usage error when nothing is there to work on.
fn nothing(is_empty: bool, args: &RoutesArgs) -> Result<(), Failure> {
    if !is_empty {
        return Ok(());
    }
    let words = if args.env.is_empty() {
        "the project has no `route`; `--config alertmanager.yml` works on an existing configuration"
            .to_string()
    } else {
        format!("no environment {} has a `route`", args.env.join(", "))
    };
    Err(Failure::Usage(words))
}

/// Prints errors on standard error, where standard output is for something else.
fn stop(
    sources: &Sources,
    diagnostics: &[Diagnostic],
    printer: &Printer,
) -> Result<Option<Outcome>, Failure> {
    if !diagnostics.iter().any(Diagnostic::is_error) {
        return Ok(None);
    }
    printer.findings_to_stderr(sources, diagnostics)?;
    Ok(Some(Outcome::Findings))
}

fn config_file(
    disk: &Disk,
    path: &std::path::Path,
    sources: &mut Sources,
    printer: &Printer,
) -> Result<Option<Routed>, Failure> {
    let mut diagnostics = Vec::new();
    let file = yaml_file(disk, path, sources, &mut diagnostics)?;
    let (routed, found) = file.map_or((None, Vec::new()), |file| pipeline::routed_file(sources, file));
    diagnostics.extend(found);
    if stop(sources, &diagnostics, printer)?.is_some() { Ok(None) } else { Ok(routed) }
}

fn yaml_file(
    disk: &Disk,
    path: &std::path::Path,
    sources: &mut Sources,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<Option<FileId>, Failure> {
    if inputs::is_stdin(path) {
        inputs::stdin(sources, diagnostics)
    } else {
        Ok(project::read_source(disk, &disk.absolute(path), sources, diagnostics)?)
    }
}

/// A receiver with the services that it tells: `ops (pagerduty, slack)`.
fn receiver(config: &Config, name: &str) -> String {
    let services: Vec<&str> =
        config.receiver(name).iter().flat_map(|r| &r.integrations).map(|i| i.integration.name).collect();
    if services.is_empty() { format!("{name} (nobody)") } else { format!("{name} ({})", services.join(", ")) }
}

/// Which alerts share a notification, in words.
fn grouping(group_by: &GroupBy) -> String {
    match group_by {
        GroupBy::All => "each alert for itself".to_string(),
        GroupBy::Labels(labels) if labels.is_empty() => "all in one group".to_string(),
        GroupBy::Labels(labels) => format!("by {}", labels.join(", ")),
    }
}

/// As it is in a configuration.
fn group_by_json(group_by: &GroupBy) -> serde_json::Value {
    match group_by {
        GroupBy::All => serde_json::json!(["..."]),
        GroupBy::Labels(labels) => serde_json::json!(labels),
    }
}

/// Milliseconds as configurations write them.
fn duration(milliseconds: i64) -> String {
    Duration::from_millis(milliseconds).to_string()
}

/// Prints a value as JSON that people can read too.
fn print_json(printer: &Printer, value: &serde_json::Value) -> Result<(), Failure> {
    printer.stdout(|out| writeln!(out, "{value:#}"))?;
    Ok(())
}
