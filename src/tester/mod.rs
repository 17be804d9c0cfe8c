//! Tests of rules: promtool's unit-test files, and the language's own `test` blocks.
//!
//! `promtool` reads and runs promtool's files, `blocks` the language's. Both evaluate with `prometheus::rules`, compare
//! with `alerts`, explain failures with `chart` and `hints`, and give a [`Report`].

pub(crate) mod alerts;
pub mod blocks;
mod chart;
mod hints;
pub mod json;
pub mod junit;
pub mod promtool;
mod running;

use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::tester::TEST_BUDGET;
use crate::prometheus::rules::Timeline;
use crate::source::Span;

pub use running::{Progress, Running};

/// What a test file, or the tests of a project, gave.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// The name of the file, or of the project.
    pub name: String,
    /// The project's environment, where it has any.
    pub environment: Option<String>,
    /// What concerns no single test: the file could not be read, rule files are broken or missing.
    pub findings: Vec<Diagnostic>,
    /// The tests in their order.
    pub tests: Vec<TestResult>,
    /// How many tests were not started since one before them failed.
    pub not_run: usize,
}

/// What a test gave.
#[derive(Debug, Clone, Default)]
pub struct TestResult {
    /// Its title.
    pub name: String,
    /// Where it stands.
    pub span: Span,
    /// How many assertions it makes.
    pub assertions: usize,
    /// What is wrong; without an error the test has passed.
    pub findings: Vec<Diagnostic>,
}

impl TestResult {
    /// True when nothing that was asserted is wrong.
    pub fn passed(&self) -> bool {
        !self.findings.iter().any(Diagnostic::is_error)
    }
}

impl Report {
    /// True when all that was asserted holds.
    pub fn passed(&self) -> bool {
        !self.findings.iter().any(Diagnostic::is_error) && self.tests.iter().all(TestResult::passed)
    }

    /// All findings, the file's first.
    pub fn all_findings(&self) -> impl Iterator<Item = &Diagnostic> {
        self.findings.iter().chain(self.tests.iter().flat_map(|t| &t.findings))
    }

    /// The file, or the project with its environment.
    pub fn title(&self) -> String {
        match &self.environment {
            Some(environment) => format!("{} ({environment})", self.name),
            None => self.name.clone(),
        }
    }
}

/// How many tests of all reports passed, and how many did not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Tests that passed.
    pub passed: usize,
    /// Tests that failed.
    pub failed: usize,
    /// Tests that were not started since one before them failed.
    pub not_run: usize,
    /// Assertions of the tests that were run.
    pub assertions: usize,
    /// Files whose tests could not be run.
    pub broken: usize,
}

impl Counts {
    /// The counts of reports.
    pub fn of(reports: &[Report]) -> Counts {
        let mut counts = Counts::default();
        for report in reports {
            counts.not_run += report.not_run;
            counts.broken += usize::from(report.findings.iter().any(Diagnostic::is_error));
            for test in &report.tests {
                counts.assertions += test.assertions;
                *(if test.passed() { &mut counts.passed } else { &mut counts.failed }) += 1;
            }
        }
        counts
    }
}

/// A finding when texts of alerts were left unexpanded, since their templates took too long.
fn unexpanded(timeline: &Timeline<'_>, test: Span) -> Option<Diagnostic> {
    let message = "the texts of the alerts take too many steps together";
    let help = "a template loops for long, or asks much with `query`, for many alerts and times";
    timeline.has_unexpanded_texts().then(|| Diagnostic::new(&TEST_BUDGET, test, message).help(help))
}

/// Limits of one test, so that a slip in a number costs neither minutes nor the memory.
mod budget {
    /// The most evaluations of each rule.
    pub(super) const STEPS: i64 = 2_000_000;
    /// The most samples of input.
    pub(super) const SAMPLES: u64 = 50_000_000;
}
