//! Checks a project and runs its `test` blocks.

use super::simulate::add_templates;
use super::{ProjectSources, Trees, checking, parse, to_check};
use crate::alertmanager::config::Config;
use crate::alertmanager::simulation::Semantics;
use crate::check;
use crate::diagnostic::codes::templates::INVALID_TEMPLATE;
use crate::diagnostic::{self, Diagnostic};
use crate::gotemplate::alertmanager::Templates;
use crate::ir::Program;
use crate::lower;
use crate::prometheus::RuleFile;
use crate::render;
use crate::source::{FileId, Loader, Sources, Span, glob};
use crate::syntax::ast::{Item, Test};
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
    /// Only the tests of these files, if any are named.
    pub files: Option<&'a [FileId]>,
    /// Only name the tests.
    pub list: bool,
    /// Give the tests as files for promtool too.
    pub export: bool,
    /// Reads template files that the Alertmanager configuration names; without it what messages say is not known there.
    pub loader: Option<&'a dyn Loader>,
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
        if names.is_empty() { vec![None] } else { names.iter().copied().map(Some).collect() };
    let own = files.iter().filter(|f| !f.package).flat_map(|f| &f.tree.items);
    let own: Vec<_> = own.filter_map(|i| if let Item::Test(test) = i { Some(test) } else { None }).collect();
    diagnostics.extend(blocks::unknown_environments(&own, &names));
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
        let wanted = |t: &&Test| selection.files.is_none_or(|files| files.contains(&t.span.file));
        let tests: Vec<_> = all.tests.iter().map(|(_, t)| *t).filter(wanted).collect();
        if failed {
            continue;
        }
        let program = lower::lower(&checked, &input.project.name, sources);
        let rules = render::rule_files(&program);
        let templates =
            own_templates(&all, program.alertmanager.as_ref(), input, selection, &mut diagnostics);
        let own = world(&checking, &all, &program, rules, environment == first);
        let semantics = Semantics::of(settings.alertmanager);
        let world = blocks::World { templates, semantics, ..own };
        let titles = blocks::titles(&world, &tests).into_iter();
        let titles: Vec<_> = titles.filter(|(title, _)| selection.running.wants(title)).collect();
        if selection.list {
            let named = |(name, span)| TestResult { name, span, ..TestResult::default() };
            tested.reports.push(Report {
                name: program.project.clone(),
                environment: program.environment.clone(),
                tests: titles.into_iter().map(named).collect(),
                ..Report::default()
            });
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
        if !titles.is_empty() || !report.passed() {
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

/// The template files of a configuration, as far as they are in the project; none when one is not found.
fn own_templates(
    all: &check::Declarations<'_>,
    config: Option<&Config>,
    input: &ProjectSources<'_>,
    selection: &TestSelection<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Templates> {
    let mut templates = Templates::default();
    let patterns = config.map_or(&[][..], |c| &c.templates);
    if patterns.is_empty() {
        return Some(templates);
    }
    let loader = selection.loader?;
    let fields = all.global.iter().flat_map(|g| &g.body.items);
    let place = fields.filter(|f| f.key.text == "templates").map(|f| f.key.span).next().unwrap_or(Span::NONE);
    for pattern in patterns {
        // On Alertmanager's machine they stand elsewhere: the end of the path is theirs here, the longest that is.
        let parts: Vec<&str> = pattern.split('/').filter(|p| !matches!(*p, "" | "." | "..")).collect();
        let ends = (0..parts.len()).map(|from| parts[from..].join("/"));
        let found = ends
            .into_iter()
            .find(|end| glob(loader, &input.project.root, end).is_ok_and(|files| !files.is_empty()))?;
        if let Err(message) = add_templates(loader, &input.project.root, &found, &mut templates) {
            let message = format!("Alertmanager would not start: {message}");
            diagnostics.push(Diagnostic::new(&INVALID_TEMPLATE, place, message));
        }
    }
    Some(templates)
}

/// One environment, ready to be tested.
fn world<'a>(
    input: &check::Input<'a>,
    all: &'a check::Declarations<'a>,
    program: &'a Program,
    rules: Vec<RuleFile>,
    is_default: bool,
) -> blocks::World<'a> {
    blocks::World {
        rules,
        program,
        expander: check::expand::Expander::new(input.sources, &all.lets, input.version, input.features),
        metrics: check::metrics(input, all),
        version: input.version,
        features: input.features,
        semantics: Semantics::default(),
        templates: None,
        always_firing: input.files.iter().flat_map(|f| blocks::always_firing(f.tree)).collect(),
        receivers: all.receivers.iter().map(|r| r.name.text.clone()).collect(),
        is_default,
    }
}

/// The series of the `test` blocks of a project that has been checked, each with its environment.
pub(super) fn recordings(
    sources: &Sources,
    input: &ProjectSources<'_>,
    trees: &Trees,
    programs: &[Program],
) -> Vec<(Option<String>, Recording)> {
    let files = to_check(trees);
    if !files.iter().flat_map(|f| &f.tree.items).any(|item| matches!(item, Item::Test(_))) {
        return Vec::new();
    }
    let checking = checking(sources, input, &files);
    let names = check::environment_names(&files);
    let mut found = Vec::new();
    for program in programs.iter().filter(|p| p.project == input.project.name) {
        let environment = program.environment.as_deref();
        // What is wrong was told when it was checked.
        let all = check::declarations(&checking, environment, &mut Vec::new());
        let tests: Vec<_> = all.tests.iter().map(|(_, t)| *t).collect();
        let world = world(&checking, &all, program, Vec::new(), environment == names.first().copied());
        let recorded = blocks::record(&world, &tests).into_iter();
        found.extend(recorded.map(|r| (program.environment.clone(), r)));
    }
    found
}
