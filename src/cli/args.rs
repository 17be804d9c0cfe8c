//! The arguments, as clap reads them.

use std::path::PathBuf;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, Parser, Subcommand, ValueEnum};

use super::diff::DiffArgs;
use super::man::ManArgs;
use super::routes::RoutesArgs;
use super::simulate::SimulateArgs;
use super::snapshot::SnapshotArgs;
use super::template::TemplateArgs;
use super::test::TestArgs;
use crate::project::Target;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

const AFTER_HELP: &str = "\
Exit codes:
  0  clean: no findings, everything is up to date
  1  findings: errors in the sources, or (with --check) output that is not up to date
  2  wrong usage, or a file that can't be read or written";

/// A compiler and tester for alerting rules.
#[derive(Debug, Parser)]
#[command(name = "alertc", version, about, styles = STYLES, after_help = AFTER_HELP, max_term_width = 100)]
pub(super) struct Cli {
    #[command(flatten)]
    pub(super) global: Global,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// What every subcommand takes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(super) struct Global {
    /// How findings are printed
    #[arg(long, global = true, value_enum, default_value_t = FormatName::Human, value_name = "FORMAT")]
    pub(super) format: FormatName,
    /// When to colour: auto follows the terminal, NO_COLOR and CLICOLOR
    #[arg(long, global = true, value_enum, default_value_t = ColorWhen::Auto, value_name = "WHEN")]
    pub(super) color: ColorWhen,
    /// Print findings only, no summary
    #[arg(short, long, global = true)]
    pub(super) quiet: bool,
    /// Exit with 1 for warnings too
    #[arg(long, global = true)]
    pub(super) deny_warnings: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum FormatName {
    /// Excerpts of the source, for a person
    Human,
    /// One line a finding
    Concise,
    /// One JSON array
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations in a GitHub Actions run
    Github,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ColorWhen {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Start a project: an alertc.toml and a first alert that build at once
    Init(InitArgs),
    /// Find mistakes in the project, or in files: .alert sources, rule files, PrometheusRules, Alertmanager configs
    Check(CheckArgs),
    /// Write the Prometheus rules and the Alertmanager configuration
    Build(BuildArgs),
    /// Turn rule files, PrometheusRules and an Alertmanager config into a project that gives them back
    Import(super::import::ImportArgs),
    /// Declare the metrics of an exposition, or bring declarations up to date with one
    Metrics(super::metrics::MetricsArgs),
    /// Run tests: promtool's unit-test files, or the test blocks of the project or workspace
    Test(TestArgs),
    /// Say what a change means for the person on call: between git revisions, directories, or YAML files
    Diff(DiffArgs),
    /// Write what each project alerts on and whom it tells, as text to be committed and reviewed
    Snapshot(SnapshotArgs),
    /// Lay out .alert files in the one canonical form
    Fmt(FmtArgs),
    /// Tell the story of a finding by its code
    Explain(ExplainArgs),
    /// Who is told of an alert: the routing tree drawn, label sets and alerts sent through it
    Routes(RoutesArgs),
    /// Play alerts through an Alertmanager configuration: who is told what, and when
    Simulate(SimulateArgs),
    /// Work with Alertmanager's notification templates
    Template(TemplateArgs),
    /// Run Prometheus' test files for PromQL against the engine
    #[command(hide = true)]
    Promqltest(PromqltestArgs),
    /// Write manual pages to a directory
    Man(ManArgs),
    /// Print a completion script for a shell
    Completions(CompletionsArgs),
}

#[derive(Debug, Args)]
pub(super) struct InitArgs {
    /// Where to start the project
    #[arg(default_value = ".")]
    pub(super) directory: PathBuf,
    /// The project's name, the directory's by default
    #[arg(long)]
    pub(super) name: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// Files to check, `-` for standard input; the whole project or workspace by default
    pub(super) files: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct BuildArgs {
    /// Write nothing; fail with a diff when the output is not up to date
    #[arg(long)]
    pub(super) check: bool,
    /// Write to this directory in place of the configured one
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Write only this kind of output; may be repeated
    #[arg(long, value_enum, value_name = "TARGET")]
    pub(super) target: Vec<TargetName>,
    /// Write only this environment; may be repeated
    #[arg(long, value_name = "NAME")]
    pub(super) env: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum TargetName {
    /// Prometheus rule files
    Prometheus,
    /// PrometheusRule manifests
    #[value(name = "prometheusrule")]
    PrometheusRule,
    /// Alertmanager's configuration
    Alertmanager,
}

impl From<TargetName> for Target {
    fn from(name: TargetName) -> Target {
        match name {
            TargetName::Prometheus => Target::Prometheus,
            TargetName::PrometheusRule => Target::PrometheusRule,
            TargetName::Alertmanager => Target::Alertmanager,
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct FmtArgs {
    /// Files, and directories with such, to format; the whole project or workspace by default
    pub(super) files: Vec<PathBuf>,
    /// Write nothing; fail with a diff when a file is not in the canonical form
    #[arg(long)]
    pub(super) check: bool,
    /// Format standard input to standard output
    #[arg(long, conflicts_with_all = ["files", "check"])]
    pub(super) stdin: bool,
}

#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// The code of the finding; without it, every code is listed
    pub(super) code: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub(super) shell: clap_complete::Shell,
}

#[derive(Debug, Args)]
pub(super) struct PromqltestArgs {
    /// Files in the format of Prometheus' promql/promqltest
    #[arg(required = true)]
    pub(super) files: Vec<PathBuf>,
}
