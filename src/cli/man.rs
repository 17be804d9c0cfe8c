//! `alertc man`: manual pages, one for each subcommand.

use std::path::PathBuf;

use clap::{Args, CommandFactory};

use super::args::Cli;
use super::outcome::{Failure, Outcome};
use super::printer::Printer;

/// Arguments of `alertc man`.
#[derive(Debug, Args)]
pub(super) struct ManArgs {
    /// Where to write them; it is created if it is not there
    directory: PathBuf,
}

pub(super) fn run(args: &ManArgs, printer: &Printer) -> Result<Outcome, Failure> {
    let dir = &args.directory;
    std::fs::create_dir_all(dir)
        .and_then(|()| clap_mangen::generate_to(Cli::command(), dir))
        .map_err(|e| Failure::io(dir.display(), &e))?;
    printer.status(&format!("manual pages are in {}", dir.display()));
    Ok(Outcome::Clean)
}
