//! `alertc promqltest`: Prometheus' test files for PromQL, run against our engine. For people who work on the engine.

use std::fs;

use super::args::PromqltestArgs;
use super::outcome::{Failure, Outcome};
use super::printer::{Printer, counted};
use crate::promql::promqltest;

pub(super) fn run(args: &PromqltestArgs, printer: &Printer) -> Result<Outcome, Failure> {
    let (mut evaluations, mut failures) = (0, 0);
    for path in &args.files {
        let name = path.display();
        let text = fs::read_to_string(path).map_err(|e| Failure::io(&name, &e))?;
        let report = promqltest::run(&text);
        evaluations += report.evaluations;
        failures += report.failures.len();
        printer.stdout(|out| {
            for failure in &report.failures {
                writeln!(out, "{name}:{}: {}", failure.line, failure.message)?;
            }
            Ok(())
        })?;
    }
    let files = counted(args.files.len(), "file");
    printer.status(&format!("{failures} failed of {} in {files}", counted(evaluations, "evaluation")));
    Ok(if failures == 0 { Outcome::Clean } else { Outcome::Findings })
}
