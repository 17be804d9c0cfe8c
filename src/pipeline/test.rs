//! Checks a project and runs its `test` blocks.

use super::{ProjectSources, checking, parse, to_check};
use crate::check;
use crate::diagnostic::{self, Diagnostic};
use crate::lower;
use crate::render;
use crate::source::Sources;
use crate::syntax;
use crate::tester::blocks::{self, Coverage, Exported, Recording};
use crate::tester::{Report, Running, TestResult};

/// What testing a project gives.
#[derive(Debug, Default)]
pub struct Tested {
    /// One report for each environment that has tests.
    pub reports: Vec<Report>,
    /// What the tests have shown.
    pub coverage: Coverage,
    /// The tests for promtool, if asked for.
    pub exported: Vec<Exported>,
    /// The series of the tests with their environment, if only they are asked for.
    pub recordings: Vec<(Option<String>, Recording)>,
    /// Findings of checking; errors leave nothing to test.
    pub diagnostics: Vec<Diagnostic>,
}

/// Which tests are run, and how.
#[derive(Default)]
pub struct TestSelection<'a> {
    /// Which titles, and when to stop.
    pub running: Running<'a>,
    /// Environments by name; none: all.
    pub environments: &'a [String],
    /// Only name the tests.
    pub list: bool,
    /// Give the tests as files for promtool too.
    pub export: bool,
    /// Only give the series of the tests.
    pub record: bool,
}

/// Checks a project and runs its `test` blocks over the rules that it renders.
pub fn test(sources: &Sources, input: &ProjectSources<'_>, selection: &TestSelection<'_>) -> Tested {
    let settings = &input.project.settings;
    let (trees, mut diagnostics) = parse(sources, input);
    let broken = diagnostics.iter().any(Diagnostic::is_error);
    let files = to_check(&trees);
    let checking = checking(sources, input, &files);
    let names = check::environment_names(&files);
    let first = names.first().copied();
    let mut tested = Tested::default();
    let environments: Vec<Option<&str>> =
        if names.is_empty() { vec![None] } else { names.into_iter().map(Some).collect() };
    for environment in environments {
        let chosen = selection.environments;
        if !chosen.is_empty() && !environment.is_some_and(|e| chosen.iter().any(|c| c == e)) {
            continue;
        }
        let all = check::declarations(&checking, environment, &mut diagnostics);
        let (checked, mut found) = check::check(&checking, &all, environment);
        settings.lints.apply(&mut found);
        let failed = broken || found.iter().any(Diagnostic::is_error);
        // Warnings are for `check`.
        diagnostics.extend(found);
        let wanted = |test: &&&syntax::ast::Test| blocks::environment(test).or(first) == environment;
        let tests: Vec<_> = all.tests.iter().map(|(_, t)| *t).collect();
        let tests: Vec<_> = tests.iter().filter(wanted).copied().collect();
        if failed {
            continue;
        }
        let program = lower::lower(&checked, &input.project.name, sources);
        if selection.list {
            let named = |name| TestResult { name, ..TestResult::default() };
            let titles = blocks::titles(&tests).into_iter().filter(|t| selection.running.wants(t));
            tested.reports.push(Report {
                name: program.project.clone(),
                environment: program.environment.clone(),
                tests: titles.map(named).collect(),
                ..Report::default()
            });
            continue;
        }
        let always_firing = files.iter().flat_map(|f| blocks::always_firing(f.tree)).collect();
        let world = blocks::World {
            rules: render::rule_files(&program),
            program: &program,
            expander: check::expand::Expander::new(
                sources,
                &all.lets,
                settings.prometheus,
                settings.features,
            ),
            metrics: check::metrics(&checking, &all),
            version: settings.prometheus,
            features: settings.features,
            always_firing,
            receivers: all.receivers.iter().map(|r| r.name.text.clone()).collect(),
        };
        if selection.record {
            let recorded = blocks::record(&world, &tests).into_iter();
            tested.recordings.extend(recorded.map(|r| (environment.map(str::to_string), r)));
            continue;
        }
        if selection.export {
            match blocks::export(&world, &tests) {
                Ok(files) => tested.exported.extend(files),
                Err(found) => diagnostics.extend(found),
            }
        }
        let (report, coverage) = blocks::run(&world, &tests, &selection.running);
        tested.coverage.merge(coverage);
        let stop = selection.running.fail_fast && !report.passed();
        if !tests.is_empty() || !report.passed() {
            tested.reports.push(report);
        }
        if stop {
            break;
        }
    }
    diagnostics.retain(Diagnostic::is_error);
    diagnostic::sort(&mut diagnostics);
    tested.diagnostics = diagnostics;
    tested
}
