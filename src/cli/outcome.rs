//! How a command ends: the exit codes, and the failures that are no finding.

use std::fmt;
use std::io;
use std::process::ExitCode;

use crate::source::LoadError;

/// How a command that ran ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Nothing to complain of: exit code 0.
    Clean,
    /// Findings, or output that is not up to date: exit code 1.
    Findings,
}

/// Why a command could not run: exit code 2, except for a reader that went away.
#[derive(Debug)]
pub(super) enum Failure {
    /// The arguments ask for what can't be done.
    Usage(String),
    /// A file can't be read or written.
    Io(String),
    /// Whoever read the output has stopped, as `head` does: no error.
    BrokenPipe,
}

impl Failure {
    /// A failure to do something with a path.
    pub(super) fn io(name: impl fmt::Display, error: &io::Error) -> Failure {
        Failure::Io(format!("`{name}`: {error}"))
    }
}

impl From<LoadError> for Failure {
    fn from(error: LoadError) -> Failure {
        Failure::Io(error.to_string())
    }
}

/// Failures of writing to standard output; those of files have a path and come through [`Failure::io`].
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        if error.kind() == io::ErrorKind::BrokenPipe {
            Failure::BrokenPipe
        } else {
            Failure::Io(format!("standard output: {error}"))
        }
    }
}

/// The process' exit code; the words of a failure go to standard error.
pub(super) fn exit_code(result: Result<Outcome, Failure>, stderr: &mut dyn io::Write) -> ExitCode {
    let words = match result {
        Ok(Outcome::Clean) | Err(Failure::BrokenPipe) => return ExitCode::SUCCESS,
        Ok(Outcome::Findings) => return ExitCode::from(1),
        Err(Failure::Usage(words) | Failure::Io(words)) => words,
    };
    // Nothing is left to be done when standard error is closed too.
    let _ = writeln!(stderr, "alertc: {words}");
    ExitCode::from(2)
}
