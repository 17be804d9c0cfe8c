//! Reports as JSON, for scripts: docs/testing.md describes every field.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value;

use super::blocks::{Coverage, CoveredRule};
use super::{Counts, Report};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::render::json_findings;
use crate::source::{Sources, Span};

#[derive(Serialize)]
struct Document<'a> {
    passed: bool,
    summary: Summary,
    /// What concerns no report: findings in the project.
    findings: Value,
    reports: Vec<JsonReport<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    coverage: Option<JsonCoverage<'a>>,
}

#[derive(Serialize)]
struct Summary {
    tests: usize,
    passed: usize,
    failed: usize,
    not_run: usize,
    assertions: usize,
    broken_files: usize,
}

#[derive(Serialize)]
struct JsonReport<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    environment: Option<&'a str>,
    passed: bool,
    findings: Value,
    tests: Vec<JsonTest<'a>>,
}

#[derive(Serialize)]
struct JsonTest<'a> {
    name: &'a str,
    file: Option<&'a str>,
    line: Option<usize>,
    passed: bool,
    assertions: usize,
    findings: Value,
}

#[derive(Serialize)]
struct JsonCoverage<'a> {
    percent: f64,
    rules: Vec<CoveredRule<'a>>,
}

/// Writes reports as one JSON document; `findings` are those that belong to none of them.
///
/// # Errors
/// Those of the writer.
pub fn write(
    out: &mut dyn Write,
    sources: &Sources,
    findings: &[Diagnostic],
    reports: &[Report],
    coverage: Option<&Coverage>,
) -> io::Result<()> {
    let counts = Counts::of(reports);
    let place = |span: Span| {
        let file = sources.get(span.file)?;
        Some((file.name(), file.line_column(span.start as usize).line))
    };
    let document = Document {
        passed: !findings.iter().any(Diagnostic::is_error) && reports.iter().all(Report::passed),
        summary: Summary {
            tests: counts.passed + counts.failed + counts.not_run,
            passed: counts.passed,
            failed: counts.failed,
            not_run: counts.not_run,
            assertions: counts.assertions,
            broken_files: counts.broken,
        },
        findings: json_findings(sources, findings),
        reports: reports
            .iter()
            .map(|report| JsonReport {
                name: &report.name,
                environment: report.environment.as_deref(),
                passed: report.passed(),
                findings: json_findings(sources, &report.findings),
                tests: report
                    .tests
                    .iter()
                    .map(|test| JsonTest {
                        name: &test.name,
                        file: place(test.span).map(|(file, _)| file),
                        line: place(test.span).map(|(_, line)| line),
                        passed: test.passed(),
                        assertions: test.assertions,
                        findings: json_findings(sources, &test.findings),
                    })
                    .collect(),
            })
            .collect(),
        coverage: coverage.map(|c| JsonCoverage { percent: c.percent(), rules: c.rules().collect() }),
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}
