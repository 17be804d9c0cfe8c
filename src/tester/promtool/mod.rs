//! promtool's unit-test files, as they are (`promtool test rules`).
//!
//! `file` reads them, `glob` finds their rule files, `rules` reads and prepares those, each set once, `run` runs a test
//! and `compare` judges it. What promtool passes in silence (a missing rule file, an alert that no rule has, series
//! that end too early) is a warning here.
//!
//! Source: Prometheus cmd/promtool/unittest.go at v3.14.0.

mod compare;
mod file;
mod glob;
mod input;
mod rules;
mod run;

use std::path::PathBuf;

use rayon::prelude::*;

use super::{Report, TestResult};
use crate::diagnostic::Diagnostic;
use crate::gostd::regexp::Regexp;
use crate::project;
use crate::source::{FileId, LoadError, Loader, Sources};
use crate::yaml;

use file::TestFile;

/// What is run.
#[derive(Debug, Default)]
pub struct Options<'a> {
    /// Only tests one of whose patterns matches their name, as `promtool test rules --run`; none: all.
    pub run: &'a [Regexp],
}

impl Options<'_> {
    fn wants(&self, name: &str) -> bool {
        self.run.is_empty() || self.run.iter().any(|r| r.is_match(name))
    }
}

/// A test file on its way.
struct Job {
    report: Report,
    file: Option<TestFile>,
    /// The number of its set of rules.
    rules: Option<usize>,
}

/// Runs test files, in parallel, and gives a report for each.
///
/// # Errors
/// When a test file can't be read.
pub fn run(
    loader: &dyn Loader,
    paths: &[PathBuf],
    options: &Options<'_>,
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
            let text = id.and_then(|id| Some((id, sources.get(id)?.text())));
            let file = text.and_then(|(id, text)| {
                let document = yaml::read(id, text).into_iter().next()?;
                report.findings.extend(document.diagnostics);
                let (file, found) = file::read(&document.root?, &path);
                report.findings.extend(found);
                Some(file)
            });
            Job { report, file, rules: None }
        })
        .collect();
    let mut library = rules::Library::default();
    for job in &mut jobs {
        let Some(file) = job.file.as_ref().filter(|_| job.report.passed()) else { continue };
        job.rules = library.load(loader, file, sources, &mut job.report.findings);
    }
    library.prepare(sources);
    Ok(jobs.into_par_iter().map(|job| finish(job, &library, options)).collect())
}

fn finish(job: Job, library: &rules::Library, options: &Options<'_>) -> Report {
    let Job { mut report, file, rules } = job;
    let (Some(file), Some(rules)) = (file, rules.and_then(|r| library.get(r))) else { return report };
    report.findings.extend(rules.findings.iter().cloned());
    if rules.findings.iter().any(Diagnostic::is_error) {
        return report;
    }
    let wanted: Vec<_> = file
        .tests
        .iter()
        .enumerate()
        .filter(|(_, t)| options.wants(t.name.as_deref().unwrap_or("")))
        .collect();
    report.tests = wanted
        .into_par_iter()
        .map(|(number, test)| TestResult {
            name: test.name.clone().filter(|n| !n.is_empty()).unwrap_or_else(|| format!("unnamed#{number}")),
            span: test.span,
            assertions: test.alerts.len() + test.exprs.len(),
            findings: run::test(&file, test, &rules.set),
        })
        .collect();
    report
}

/// The names of the tests of a file, in order, without running them.
pub fn list(
    loader: &dyn Loader,
    path: &std::path::Path,
    sources: &mut Sources,
) -> Result<Vec<String>, LoadError> {
    let mut findings = Vec::new();
    let Some(id) = project::read_source(loader, path, sources, &mut findings)? else { return Ok(Vec::new()) };
    let text = sources.get(id).map_or("", |f| f.text());
    let root = yaml::read(id, text).into_iter().next().and_then(|d| d.root);
    let tests = root.map(|root| file::read(&root, path).0.tests).unwrap_or_default();
    let name = |(number, test): (usize, file::Test)| {
        test.name.filter(|n| !n.is_empty()).unwrap_or_else(|| format!("unnamed#{number}"))
    };
    Ok(tests.into_iter().enumerate().map(name).collect())
}
