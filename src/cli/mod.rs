//! The command line: one file a subcommand. It parses arguments, calls the pipeline and prints.
//!
//! Findings go to standard output, a summary line to standard error. Exit codes: 0 clean, 1 findings, 2 usage or
//! IO. A reader that goes away (`alertc check | head`) is no error.

mod args;
mod build;
mod check;
mod completions;
mod diff;
mod disk;
mod explain;
mod fmt;
mod git;
mod import;
mod init;
mod inputs;
mod man;
mod metrics;
mod outcome;
mod printer;
mod promqltest;
mod routes;
mod snapshot;
mod simulate;
mod template;
mod test;
mod tree;

use std::io;
use std::process::ExitCode;

use clap::Parser;

use args::{Cli, Command};
use printer::Printer;

/// Parses the process' arguments and runs the subcommand.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let printer = Printer::new(&cli.global);
    let result = match &cli.command {
        Command::Init(args) => init::run(args, &printer),
        Command::Check(args) => check::run(args, &printer),
        Command::Build(args) => build::run(args, &printer),
        Command::Import(args) => import::run(args, &printer),
        Command::Metrics(args) => metrics::run(args, &printer),
        Command::Test(args) => test::run(args, &printer),
        Command::Diff(args) => diff::run(args, &printer),
        Command::Snapshot(args) => snapshot::run(args, &printer),
        Command::Fmt(args) => fmt::run(args, &printer),
        Command::Explain(args) => explain::run(args, &printer),
        Command::Routes(args) => routes::run(args, &printer),
        Command::Simulate(args) => simulate::run(args, &printer),
        Command::Template(args) => template::run(args, &printer),
        Command::Promqltest(args) => promqltest::run(args, &printer),
        Command::Man(args) => man::run(args, &printer),
        Command::Completions(args) => completions::run(args, &printer),
    };
    outcome::exit_code(result, &mut io::stderr().lock())
}
