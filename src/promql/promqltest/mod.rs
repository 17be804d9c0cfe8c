//! Prometheus' test format for PromQL: `load` series, `eval` expressions, compare with what is expected.
//!
//! The runner does what Prometheus' own does (promql/promqltest), its additional checks included: every instant evaluation is repeated with all
//! selectors bound to its time by `@` and evaluated at other times, and once more as the middle step of a range query.

mod at_modifier;
mod compare;
mod load;
mod runner;
mod script;
mod series;
mod start_times;

use super::storage::Storage;
use script::{Command, ScriptError};

/// The outcome of a test file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Number of `eval` commands.
    pub evaluations: usize,
    /// Those that failed, and any other error of the file.
    pub failures: Vec<Failure>,
}

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The line of the command, counted from 1.
    pub line: usize,
    /// What is different from what was expected.
    pub message: String,
}

/// Runs a test file.
///
/// An error in the notation ends the run; evaluations that fail do not.
pub fn run(text: &str) -> Report {
    let mut report = Report::default();
    let commands = match script::parse(text) {
        Ok(commands) => commands,
        Err(error) => {
            report.failures.push(error.into());
            return report;
        }
    };
    let mut runner = runner::Runner::new();
    for command in commands {
        let failure = match command {
            Command::Clear => {
                runner.clear();
                None
            }
            Command::Load(load) => load::load(runner.storage(), &load).err().map(Failure::from),
            Command::Eval(eval) => {
                report.evaluations += 1;
                runner
                    .eval(&eval)
                    .err()
                    .map(|message| Failure { line: eval.line, message: format!("{}: {message}", eval.expr) })
            }
        };
        report.failures.extend(failure);
    }
    report
}

/// The series of a file that holds nothing but `load` and `clear` commands.
///
/// # Errors
/// The first line that is not understood.
pub fn load(text: &str) -> Result<Storage, Failure> {
    let mut storage = Storage::new();
    for command in script::parse(text)? {
        match command {
            Command::Clear => storage = Storage::new(),
            Command::Load(load) => load::load(&mut storage, &load)?,
            Command::Eval(eval) => {
                return Err(Failure { line: eval.line, message: "expected `load`".to_string() });
            }
        }
    }
    Ok(storage)
}

impl From<ScriptError> for Failure {
    fn from(error: ScriptError) -> Self {
        Self { line: error.line, message: error.message }
    }
}
