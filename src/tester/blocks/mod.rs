//! The language's `test` blocks: series drawn as shapes, and claims about what is pending, fires, and says.
//!
//! `bind` puts a row of `each` into a test, `series` makes samples of shapes (`observe` of observations), `claims`
//! judges, `notified` with an Alertmanager in virtual time. What runs are the very rules and the configuration that
//! `render` emits.

mod absolute;
mod bind;
mod claims;
mod coverage;
mod export;
mod notified;
mod observe;
mod record;
mod series;

use std::sync::Arc;

use super::chart::Pen;
use super::{Report, Running, TestResult, budget, unexpanded};
use crate::alertmanager::simulation::Semantics;
use crate::check::expand::Expander;
use crate::check::types::Env;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::names::UNKNOWN_ENVIRONMENT;
use crate::diagnostic::codes::tester::{INVALID_TEST, RULE_FAILED, TEST_BUDGET};
use crate::gotemplate::alertmanager::Templates;
use crate::ir::Program;
use crate::prometheus::rules::{Millis, Options, RuleSet};
use crate::prometheus::{RuleFile, RuleGroup};
use crate::promql::duration::Duration;
use crate::promql::features::{Features, Version};
use crate::source::Span;
use crate::syntax::ast::{
    AlertProperty, File, GroupEntry, Item, MomentKind, NameKind, StepKind, Test, Value,
};
use crate::yaml::StringMap;

use bind::Bindings;

pub use claims::reads_any;
pub use coverage::{Coverage, Covered, CoveredRule};
pub use export::{Exported, export};
pub use notified::simulate;
pub use record::{Recording, record};

/// How far apart samples and evaluations are unless a test or a group says otherwise: Prometheus' default.
const MINUTE: Millis = 60_000;

/// One environment of a project, ready to be tested.
pub struct World<'a> {
    /// Its rules.
    pub program: &'a Program,
    /// The rules as they are emitted.
    pub rules: Vec<RuleFile>,
    /// Puts lets into the expressions of claims.
    pub expander: Expander<'a>,
    /// Units and buckets.
    pub metrics: Env,
    /// The Prometheus that will run the rules.
    pub version: Version,
    /// Its feature flags.
    pub features: Features,
    /// How the Alertmanager that is told behaves.
    pub semantics: Semantics,
    /// Alerts that always fire and are meant to.
    pub always_firing: Vec<String>,
    /// The receivers that it declares.
    pub receivers: Vec<String>,
    /// The template files of its Alertmanager configuration; none when it has some that are not known.
    pub templates: Option<Templates>,
    /// Tests that name no environment are run here.
    pub is_default: bool,
}

/// The alerts of a file that are declared to fire always.
pub fn always_firing(file: &File) -> impl Iterator<Item = String> + '_ {
    let alerts = file.items.iter().flat_map(|item| match item {
        Item::Alert(alert) => vec![alert],
        Item::Group(group) => {
            let alerts = group.body.items.iter();
            alerts.filter_map(|e| if let GroupEntry::Alert(a) = e { Some(a) } else { None }).collect()
        }
        _ => Vec::new(),
    });
    let allowed = |property: &AlertProperty| matches!(property, AlertProperty::Allow(a) if a.code.text == "always-firing");
    alerts.filter(move |a| a.body.items.iter().any(|p| allowed(&p.kind))).map(|a| a.name.text.clone())
}

/// A test in one row of its `each`.
struct Case<'a> {
    test: &'a Test,
    bindings: Bindings<'a>,
    name: String,
}

/// The environment that a test asks for, perhaps through a parameter.
struct Asked {
    text: String,
    is_param: bool,
}

impl Case<'_> {
    /// Where the environment is named that the test asks for, and its name.
    fn environment(&self) -> Option<(Span, Asked)> {
        self.test.body.items.iter().find_map(|step| match &step.kind {
            StepKind::Environment(name) => {
                let is_param = name.kind == NameKind::Param;
                Some((name.span, Asked { text: self.bindings.name(name), is_param }))
            }
            _ => None,
        })
    }

    fn belongs_to(&self, world: &World<'_>) -> bool {
        match self.environment() {
            Some((_, name)) => world.program.environment.as_ref() == Some(&name.text),
            None => world.is_default,
        }
    }
}

/// The tests of an environment by title, one for each row of `each`.
pub fn titles(world: &World<'_>, tests: &[&Test]) -> Vec<(String, Span)> {
    cases(world, tests).map(|c| (c.name, c.test.title.span)).collect()
}

/// Findings for tests whose parameter stands for an environment that is not declared; `check` sees the plain names.
pub fn unknown_environments(tests: &[&Test], declared: &[&str]) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (span, name) in tests.iter().flat_map(|t| rows(t)).filter_map(|case| case.environment()) {
        if declared.contains(&name.text.as_str()) || !name.is_param {
            continue;
        }
        let message = format!("there is no environment `{}`", name.text);
        let help = format!("declared: {}", declared.join(", "));
        found.push(Diagnostic::new(&UNKNOWN_ENVIRONMENT, span, message).label("not declared").help(help));
    }
    found
}

fn cases<'t, 'a: 't>(world: &'t World<'a>, tests: &'t [&'a Test]) -> impl Iterator<Item = Case<'a>> + 't {
    tests.iter().flat_map(|t| rows(t)).filter(|case| case.belongs_to(world))
}

/// A test in each of its rows.
fn rows(test: &Test) -> Vec<Case<'_>> {
    let case = |bindings| Case { test, name: Bindings::text(&bindings, &test.title), bindings };
    let each =
        test.body.items.iter().find_map(|s| if let StepKind::Each(e) = &s.kind { Some(e) } else { None });
    match each {
        Some(each) => each.rows.iter().map(|row| case(Bindings::new(each, row))).collect(),
        None => vec![case(Bindings::default())],
    }
}

/// Runs tests in parallel.
pub fn run<'a>(world: &World<'a>, tests: &[&'a Test], running: &Running<'_>) -> (Report, Coverage) {
    let mut report = Report {
        name: world.program.project.clone(),
        environment: world.program.environment.clone(),
        ..Report::default()
    };
    let mut coverage = Coverage::new(&report.name, &world.rules, &world.always_firing);
    let options = Options { version: world.version, features: world.features, ..Options::default() };
    let groups: Vec<_> = world.rules.iter().flat_map(|f| &f.groups).collect();
    let set = match RuleSet::new(groups.iter().copied(), &options) {
        Ok(set) => set,
        Err(found) => {
            report.findings.extend(found);
            return (report, coverage);
        }
    };
    let base = grid(world.rules.iter().flat_map(|f| &f.groups));
    let wanted: Vec<Case<'a>> = cases(world, tests).filter(|c| running.wants(&c.name)).collect();
    let results: Vec<(TestResult, Vec<Covered>)> = running.all(
        &wanted,
        |case| case.name.clone(),
        |case| one(world, case, &set, base, running.columns),
        |(result, _)| result,
    );
    report.not_run = wanted.len() - results.len();
    for (result, covered) in results {
        coverage.add(&report.name, covered);
        report.tests.push(result);
    }
    (report, coverage)
}

/// How far apart evaluations are, so that every group can run at its own interval.
pub fn grid<'g>(groups: impl IntoIterator<Item = &'g RuleGroup>) -> Millis {
    let intervals = groups.into_iter().map(|g| g.interval.map_or(MINUTE, Duration::millis));
    intervals.filter(|i| *i > 0).fold(MINUTE, gcd).max(1_000)
}

fn gcd(a: Millis, b: Millis) -> Millis {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// When a test runs.
struct Clock {
    start: Millis,
    /// Between samples.
    interval: Millis,
    /// When it ends, from its start.
    end: Millis,
    /// The latest time that a claim names.
    claimed: Millis,
}

fn one<'a>(
    world: &World<'a>,
    case: &Case<'a>,
    set: &RuleSet,
    base: Millis,
    columns: usize,
) -> (TestResult, Vec<Covered>) {
    let claims = || {
        let steps = case.test.body.items.iter();
        steps.filter_map(|s| if let StepKind::Claim(c) = &s.kind { Some((s.span, c)) } else { None })
    };
    let mut result = TestResult {
        name: case.name.clone(),
        span: case.test.title.span,
        assertions: claims().count(),
        findings: Vec::new(),
    };
    let found = &mut result.findings;
    let Some(clock) = clock(case, found) else { return (result, Vec::new()) };
    if clock.end / base.min(clock.interval) > budget::STEPS {
        let message =
            format!("the test runs for {}, too long for its interval", Duration::from_millis(clock.end));
        found.push(
            Diagnostic::new(&TEST_BUDGET, case.test.title.span, message)
                .help("set a longer `interval`, or claim earlier"),
        );
        return (result, Vec::new());
    }
    let storage = series::load(world, case, &clock, found);
    if found.iter().any(Diagnostic::is_error) {
        return (result, Vec::new());
    }
    let given = storage.iter().map(|s| s.labels().metric_name().to_string()).collect();
    let times: Arc<[Millis]> = (0..=clock.end / base).map(|i| clock.start + i * base).collect();
    let options = Options {
        version: world.version,
        features: world.features,
        evaluation_interval: base,
        external_labels: external_labels(world, case),
        group_intervals: true,
        ..Options::default()
    };
    let timeline = set.evaluate(storage, &times, &options);
    if let Some(error) = timeline.errors().first() {
        let rule = timeline.rule(error.rule);
        let at = times.get(error.step).map_or(0, |t| t - clock.start);
        let name = rule.map_or("", |r| r.name);
        let message = format!("the rule `{name}` fails at {}: {}", Duration::from_millis(at), error.message);
        found.push(
            Diagnostic::new(&RULE_FAILED, case.test.title.span, message)
                .note(format!("its expression is {}", rule.map_or("", |r| r.expr))),
        );
        return (result, Vec::new());
    }
    let unasked = claims::unasked(world, &timeline, &given);
    let told = match notified::Told::of(world, case, &clock, &timeline, &unasked) {
        Ok(told) => told,
        Err(finding) => {
            found.push(finding);
            return (result, Vec::new());
        }
    };
    let (unasked, pen) = (&unasked, Pen::new(columns));
    let judge = claims::Judge { world, case, clock: &clock, timeline: &timeline, unasked, told, pen };
    let mut covered = Vec::new();
    for (span, claim) in claims() {
        found.extend(judge.claim(span, claim, &mut covered));
    }
    found.extend(unexpanded(&timeline, case.test.title.span));
    if !case.bindings.is_empty() {
        // The same claim stands for every row.
        for finding in found.iter_mut().filter(|f| f.is_error()) {
            finding.notes.insert(0, format!("in the test {:?}", case.name));
        }
    }
    (result, covered)
}

/// The external labels of a test: its own, else those of the environment.
fn external_labels(world: &World<'_>, case: &Case<'_>) -> StringMap {
    let own = case.test.body.items.iter().find_map(|step| match &step.kind {
        StepKind::ExternalLabels(labels) => Some(labels),
        _ => None,
    });
    match own {
        Some(labels) => {
            labels.items.iter().map(|l| (l.name.text.clone(), case.bindings.text(&l.value))).collect()
        }
        None => world.program.external_labels.iter().collect(),
    }
}

/// When the test starts, how often it scrapes, and when it ends: with its last claim or shape.
fn clock(case: &Case<'_>, found: &mut Vec<Diagnostic>) -> Option<Clock> {
    let mut clock = Clock { start: 0, interval: MINUTE, end: 0, claimed: 0 };
    let before = found.len();
    for step in &case.test.body.items {
        match &step.kind {
            StepKind::Start(date) => match parse_date(&date.text) {
                Some(start) => clock.start = start,
                None => found.push(invalid(date.span, format!("`{}` is no time", date.text))),
            },
            StepKind::Interval(value) => match case.bindings.duration(value, found) {
                Some(0) => found.push(invalid(value.span(), "samples can't be 0 seconds apart".to_string())),
                Some(interval) => clock.interval = interval,
                None => {}
            },
            _ => {}
        }
    }
    for step in &case.test.body.items {
        let end = match &step.kind {
            StepKind::Claim(claim) => {
                let last: Option<&Value> = match &claim.moment.kind {
                    MomentKind::At(t) | MomentKind::Within(t) => Some(t),
                    MomentKind::From(_, to) => Some(to),
                    MomentKind::Never(stretch) => stretch.as_ref().map(|(_, to)| to),
                };
                let last = last.and_then(|t| case.bindings.duration(t, found));
                if let MomentKind::From(from, _) | MomentKind::Never(Some((from, _))) = &claim.moment.kind
                    && case.bindings.duration(from, &mut Vec::new()) > last
                {
                    let message = "the stretch of time ends before it begins";
                    found.push(invalid(claim.moment.span, message).help("write the earlier time first"));
                }
                clock.claimed = clock.claimed.max(last.unwrap_or(0));
                last
            }
            StepKind::Series(series) => Some(series::length(case, series, clock.interval, found)),
            _ => None,
        };
        clock.end = clock.end.max(end.unwrap_or(0));
    }
    (found.len() == before).then_some(clock)
}

fn parse_date(text: &str) -> Option<Millis> {
    let text = if text.len() == 10 { format!("{text}T00:00:00Z") } else { text.to_string() };
    text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_millisecond)
}

fn invalid(span: Span, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(&INVALID_TEST, span, message)
}
