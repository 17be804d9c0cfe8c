//! promtool's unit-test files, as they are (`promtool test rules`).
//!
//! `file` reads them, `rules` finds, reads and prepares their rule files, each set once, `run` runs a test and `compare`
//! judges it. What promtool passes in silence (a missing rule file, an alert that no rule has, series that end too
//! early) is a warning here.
//!
//! Source: Prometheus cmd/promtool/unittest.go at v3.14.0.

mod compare;
pub(crate) mod file;
mod input;
mod rules;
mod run;

use std::path::PathBuf;

use rayon::prelude::*;

use super::{Report, Running, TestResult};
use crate::diagnostic::Diagnostic;
use crate::project;
use crate::source::{FileId, LoadError, Loader, Sources};
use crate::yaml;

use file::TestFile;

/// A test file on its way.
struct Job {
    report: Report,
    file: Option<TestFile>,
    /// The number of its set of rules.
    rules: Option<usize>,
}

/// Runs test files, in parallel, and gives a report for each: with `fail_fast` up to the first that fails.
///
/// # Errors
/// When a test file can't be read.
pub fn run(
    loader: &dyn Loader,
    paths: &[PathBuf],
    running: &Running<'_>,
    sources: &mut Sources,
) -> Result<Vec<Report>, LoadError> {
    let mut loaded: Vec<(PathBuf, Report, Option<FileId>)> = Vec::new();
    for path in paths {
        let mut report = Report { name: loader.display_name(path), ..Report::default() };
        let id = project::read_source(loader, path, sources, &mut report.findings)?;
        loaded.push((path.clone(), report, id));
    }
    let mut jobs: Vec<Job> = loaded
        .into_par_iter()
        .map(|(path, mut report, id)| {
            let file = id.and_then(|id| read(id, &path, sources, &mut report.findings));
            Job { report, file, rules: None }
        })
        .collect();
    let mut library = rules::Library::default();
    for job in &mut jobs {
        let Some(file) = job.file.as_ref().filter(|_| job.report.passed()) else { continue };
        job.rules = library.load(loader, file, sources, &mut job.report.findings);
    }
    library.prepare(sources);
    let jobs: Vec<Job> = jobs.into_iter().map(|job| with_rules(job, &library)).collect();
    Ok(tests(jobs, &library, running))
}

/// Takes in what is wrong with its rule files.
fn with_rules(mut job: Job, library: &rules::Library) -> Job {
    let found = job.rules.and_then(|r| library.get(r)).map_or(&[][..], |r| &r.findings);
    job.report.findings.extend(found.iter().cloned());
    job
}

/// Runs the tests of all files.
fn tests(mut jobs: Vec<Job>, library: &rules::Library, running: &Running<'_>) -> Vec<Report> {
    if running.fail_fast
        && let Some(broken) = jobs.iter().position(|j| !j.report.passed())
    {
        jobs.truncate(broken + 1);
    }
    let mut wanted = Vec::new();
    for (at, job) in jobs.iter().enumerate().filter(|(_, j)| j.report.passed()) {
        let (Some(file), Some(rules)) = (&job.file, job.rules.and_then(|r| library.get(r))) else { continue };
        let chosen = file.tests.iter().enumerate();
        let chosen = chosen.filter(|(_, t)| running.wants(t.name.as_deref().unwrap_or("")));
        wanted.extend(chosen.map(|(number, test)| (at, file, number, test, rules)));
    }
    let results = running.all(
        &wanted,
        |(_, _, number, test, _)| name(*number, test),
        |(at, file, number, test, rules)| {
            let result = TestResult {
                name: name(*number, test),
                span: test.span,
                assertions: test.alerts.len() + test.exprs.len(),
                findings: run::test(file, test, &rules.set, running.columns),
            };
            (*at, result)
        },
        |(_, result)| result,
    );
    let not_run = wanted.len() - results.len();
    let mut reports: Vec<Report> = jobs.into_iter().map(|j| j.report).collect();
    let mut last = 0;
    for (at, result) in results {
        last = at;
        if let Some(report) = reports.get_mut(at) {
            report.tests.push(result);
        }
    }
    if not_run > 0 {
        reports.truncate(last + 1);
        if let Some(report) = reports.last_mut() {
            report.not_run = not_run;
        }
    }
    reports
}

fn name(number: usize, test: &file::Test) -> String {
    test.name.clone().filter(|n| !n.is_empty()).unwrap_or_else(|| format!("unnamed#{number}"))
}

/// The tests of a file that would be run, in order, without running them.
///
/// # Errors
/// When the file can't be read.
pub fn list(
    loader: &dyn Loader,
    path: &std::path::Path,
    running: &Running<'_>,
    sources: &mut Sources,
) -> Result<Report, LoadError> {
    let mut report = Report { name: loader.display_name(path), ..Report::default() };
    let id = project::read_source(loader, path, sources, &mut report.findings)?;
    let Some(file) = id.and_then(|id| read(id, path, sources, &mut report.findings)) else {
        return Ok(report);
    };
    let wanted = |(_, test): &(usize, &file::Test)| running.wants(test.name.as_deref().unwrap_or(""));
    let named = |(number, test): (usize, &file::Test)| TestResult {
        name: name(number, test),
        span: test.span,
        ..TestResult::default()
    };
    report.tests = file.tests.iter().enumerate().filter(wanted).map(named).collect();
    Ok(report)
}

/// Reads a test file out of its text.
fn read(
    id: FileId,
    path: &std::path::Path,
    sources: &Sources,
    findings: &mut Vec<Diagnostic>,
) -> Option<TestFile> {
    let document = yaml::read(id, sources.get(id)?.text()).into_iter().next()?;
    findings.extend(document.diagnostics);
    let (file, found) = file::read(&document.root?, path);
    findings.extend(found);
    Some(file)
}
