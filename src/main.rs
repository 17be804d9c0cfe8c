//! The `alertc` binary: parse the arguments, run, exit.

use std::process::ExitCode;

fn main() -> ExitCode {
    alertc::cli::run()
}
