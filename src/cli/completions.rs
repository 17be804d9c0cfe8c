//! `alertc completions`: a completion script, made from the arguments' one definition.

use clap::CommandFactory;

use super::args::{Cli, CompletionsArgs};
use super::outcome::{Failure, Outcome};
use super::printer::Printer;

pub(super) fn run(args: &CompletionsArgs, printer: &Printer) -> Result<Outcome, Failure> {
    // In memory first: clap_complete panics when its writer fails, as a closed pipe does.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "alertc", &mut script);
    printer.stdout(|out| out.write_all(&script))?;
    Ok(Outcome::Clean)
}
