//! The command line: one file a subcommand. It parses arguments, calls the pipeline and prints.

use std::process::ExitCode;

/// Parses the process' arguments and runs the subcommand.
pub fn run() -> ExitCode {
    ExitCode::SUCCESS
}
