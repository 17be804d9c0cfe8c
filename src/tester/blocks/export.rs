//! Tests as promtool's unit-test files, so that promtool can be asked whether it sees the same.
//!
//! promtool runs all groups at one interval and knows whole sets of firing alerts only. So what is exported is what
//! fires, with every label and annotation, at the times that claims are about, in the way promtool counts them;
//! pending alerts are asked for through `ALERTS`, values as expressions.
//!
//! promtool knows a start time since 3.9 only, so tests start at the epoch where the date has no part in them, and the
//! others stand in a file of their own.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;
use serde::Serialize;

use super::{Case, World, absolute, cases, clock, grid, series};
use crate::diagnostic::Diagnostic;
use crate::gostd::strconv::{format_value, quote};
use crate::prometheus::rules::{Millis, Options, RuleSet, State, Timeline};
use crate::promql::ast::Expr;
use crate::promql::duration::Duration;
use crate::promql::labels::{Labels, METRIC_NAME};
use crate::promql::parser;
use crate::promql::storage::{Series, Storage};
use crate::promql::value;
use crate::source::FileId;
use crate::syntax::ast::{ClaimKind, MomentKind, StepKind, Test, Value};
use crate::yaml::write;

/// A file to be written.
#[derive(Debug, Clone)]
pub struct Exported {
    /// Its path under the directory of the export.
    pub path: String,
    /// Its text.
    pub text: String,
}

#[derive(Serialize)]
struct File {
    rule_files: Vec<String>,
    evaluation_interval: Duration,
    fuzzy_compare: bool,
    tests: Vec<Group>,
}

#[derive(Serialize)]
struct Group {
    name: String,
    interval: Duration,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_timestamp: Option<i64>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    external_labels: BTreeMap<String, String>,
    input_series: Vec<Input>,
    alert_rule_test: Vec<AlertTest>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    promql_expr_test: Vec<ExprTest>,
}

#[derive(Serialize)]
struct Input {
    series: String,
    values: String,
}

#[derive(Serialize)]
struct AlertTest {
    eval_time: Duration,
    alertname: String,
    exp_alerts: Vec<Expected>,
}

#[derive(Serialize, PartialEq, Eq, PartialOrd, Ord)]
struct Expected {
    exp_labels: BTreeMap<String, String>,
    exp_annotations: BTreeMap<String, String>,
}

#[derive(Serialize)]
struct ExprTest {
    expr: String,
    eval_time: Duration,
    exp_samples: Vec<Sample>,
}

#[derive(Serialize)]
struct Sample {
    labels: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    histogram: Option<String>,
}

/// The tests of an environment, and the rules they test.
///
/// # Errors
/// Findings that keep a test from being run, or what can't be written as YAML.
pub fn export<'a>(world: &World<'a>, tests: &[&'a Test]) -> Result<Vec<Exported>, Vec<Diagnostic>> {
    let unwritable = |e: String| vec![super::invalid(crate::source::Span::NONE, e)];
    let set_options = Options { version: world.version, features: world.features, ..Options::default() };
    let set = RuleSet::new(world.rules.iter().flat_map(|f| &f.groups), &set_options)?;
    let environment = world.program.environment.as_ref().map_or(String::new(), |e| format!("-{e}"));
    let name = format!("{}{environment}", world.program.project);
    let mut files = Vec::new();
    let mut rule_files = Vec::new();
    for (ir, file) in world.program.files.iter().zip(&world.rules) {
        let path = format!("{name}.{}.rules.yml", ir.stem);
        files.push(Exported { path: path.clone(), text: write::to_string(file).map_err(unwritable)? });
        rule_files.push(path);
    }
    let base = grid(world.rules.iter().flat_map(|f| &f.groups));
    let parsing = parser::Options { version: world.version, features: world.features, ..Default::default() };
    let clock_matters = absolute::rules_read_the_clock(&world.rules, &parsing);
    let all: Vec<Case<'a>> = cases(world, tests).collect();
    let groups: Vec<Result<Group, Vec<Diagnostic>>> =
        all.par_iter().map(|case| group(world, case, &set, base, clock_matters)).collect();
    let tests = groups.into_iter().collect::<Result<Vec<_>, _>>()?;
    let (dated, tests): (Vec<_>, Vec<_>) = tests.into_iter().partition(|t| t.start_timestamp.is_some());
    let dated_path = format!("{name}.test.promtool-3.9.yml");
    for (path, tests) in [(format!("{name}.test.yml"), tests), (dated_path, dated)] {
        if tests.is_empty() {
            continue;
        }
        let comment = left_out(all.iter().filter(|c| tests.iter().any(|t| t.name == c.name)));
        let file = File {
            rule_files: rule_files.clone(),
            evaluation_interval: Duration::from_millis(base),
            fuzzy_compare: true,
            tests,
        };
        files.push(Exported { path, text: comment + &write::to_string(&file).map_err(unwritable)? });
    }
    Ok(files)
}

/// A comment with what promtool can't be asked.
fn left_out<'c, 'a: 'c>(cases: impl Iterator<Item = &'c Case<'a>>) -> String {
    let mut comment = String::new();
    for case in cases {
        let count = super::notified::claims(case.test).count();
        if count > 0 {
            let claims = if count == 1 { "claim" } else { "claims" };
            comment.push_str(&format!("#   {count} {claims} of {}\n", quote(&case.name)));
        }
    }
    if comment.is_empty() {
        return comment;
    }
    format!("# Left out: who is notified, which promtool does not know.\n{comment}")
}

fn group<'a>(
    world: &World<'a>,
    case: &Case<'a>,
    set: &RuleSet,
    base: Millis,
    clock_matters: bool,
) -> Result<Group, Vec<Diagnostic>> {
    let mut found = Vec::new();
    let Some(mut clock) = clock(case, &mut found) else { return Err(found) };
    if !clock_matters && !absolute::claims_read_the_clock(case.test) {
        clock.start = 0;
    }
    let storage = series::load(world, case, &clock, &mut found);
    if found.iter().any(Diagnostic::is_error) {
        return Err(found);
    }
    let input = inputs(&storage, clock.start, clock.interval);
    let times: Arc<[Millis]> = (0..=clock.end / base).map(|i| clock.start + i * base).collect();
    let options = Options {
        version: world.version,
        features: world.features,
        evaluation_interval: base,
        external_labels: super::external_labels(world, case),
        ..Options::default()
    };
    let timeline = set.evaluate(storage, &times, &options);
    let mut group = Group {
        name: case.name.clone(),
        interval: Duration::from_millis(clock.interval),
        start_timestamp: (clock.start != 0).then_some(clock.start / 1000),
        external_labels: options
            .external_labels
            .iter()
            .map(|(n, v)| (n.to_string(), v.to_string()))
            .collect(),
        input_series: input,
        alert_rule_test: Vec::new(),
        promql_expr_test: Vec::new(),
    };
    // What is asserted, once for each time and alert.
    let mut firing: BTreeMap<(usize, String), ()> = BTreeMap::new();
    let mut pending: BTreeMap<(usize, String), ()> = BTreeMap::new();
    let mut values: Vec<(usize, ExprTest)> = Vec::new();
    for step in &case.test.body.items {
        let StepKind::Claim(claim) = &step.kind else { continue };
        let at = |v: &Value| case.bindings.duration(v, &mut Vec::new()).unwrap_or(0);
        let offsets = match &claim.moment.kind {
            MomentKind::At(t) | MomentKind::Within(t) => vec![at(t)],
            MomentKind::From(from, to) | MomentKind::Never(Some((from, to))) => vec![at(from), at(to)],
            MomentKind::Never(None) => (0..=10).map(|i| clock.end / 10 * i).collect(),
        };
        let steps: Vec<usize> = offsets.iter().filter_map(|o| timeline.step_at(clock.start + o)).collect();
        match &claim.kind {
            ClaimKind::NoAlerts(_) => {
                let names: Vec<&str> = timeline.rules().map(|(_, r, _)| r.name).collect();
                for step in &steps {
                    firing.extend(names.iter().map(|n| ((*step, n.to_string()), ())));
                }
            }
            ClaimKind::State { state, alerts, .. } => {
                let state = case.bindings.name(state);
                for (step, alert) in steps.iter().flat_map(|s| alerts.iter().map(move |a| (*s, a))) {
                    let name = case.bindings.name(&alert.name);
                    if state != "firing" {
                        pending.insert((step, name.clone()), ());
                    }
                    firing.insert((step, name), ());
                }
            }
            ClaimKind::Value { expr, .. } => {
                let Some(expanded) = world.expander.expand(expr, &case.bindings.given(), &mut Vec::new())
                else {
                    continue;
                };
                for step in steps {
                    values.extend(
                        asked(world, &timeline, &expanded.text, &expanded.expr, step).map(|v| (step, v)),
                    );
                }
            }
            ClaimKind::Notified { .. } => {}
        }
    }
    let since = |step: usize| Duration::from_millis(times.get(step).map_or(0, |t| t - clock.start));
    for (step, name) in firing.into_keys() {
        let exp_alerts = expected(&timeline, &name, step);
        group.alert_rule_test.push(AlertTest { eval_time: since(step), alertname: name, exp_alerts });
    }
    for (step, name) in pending.into_keys() {
        // As stored: labels whose template came to nothing stand there as they are written.
        let text = format!("ALERTS{{alertname={}, alertstate=\"pending\"}}", quote(&name));
        let (expr, _) = parser::parse(&text, FileId::NONE, 0, &parser::Options::default());
        values.extend(asked(world, &timeline, &text, &expr, step).map(|v| (step, v)));
    }
    for (step, test) in values {
        group.promql_expr_test.push(ExprTest { eval_time: since(step), ..test });
    }
    Ok(group)
}

/// What an expression gives at a step; none where promtool can't be asked: NaN equals nothing there.
fn asked(
    world: &World<'_>,
    timeline: &Timeline<'_>,
    text: &str,
    expr: &Expr,
    step: usize,
) -> Option<ExprTest> {
    let samples = super::claims::evaluate(world, timeline, expr, step).ok()?;
    if samples.iter().any(|s| s.point.as_float().is_some_and(f64::is_nan)) {
        return None;
    }
    let sample = |s: &value::Sample| Sample {
        labels: metric(&s.labels, s.labels.metric_name()),
        value: s.point.as_float(),
        histogram: s.point.as_histogram().map(|h| h.test_expression()),
    };
    let exp_samples = samples.iter().map(sample).collect();
    Some(ExprTest { expr: text.to_string(), eval_time: Duration::from_millis(0), exp_samples })
}

fn expected(timeline: &Timeline<'_>, name: &str, step: usize) -> Vec<Expected> {
    let Some(t) = timeline.times().get(step) else { return Vec::new() };
    let mut alerts = Vec::new();
    for (rule, _, all) in timeline.rules().filter(|(_, r, _)| r.name == name) {
        for alert in all.iter().filter(|a| a.state(*t) == State::Firing) {
            let labels = alert.labels.iter().filter(|(n, _)| *n != "alertname");
            alerts.push(Expected {
                exp_labels: labels.map(|(n, v)| (n.to_string(), v.to_string())).collect(),
                exp_annotations: timeline.annotations(rule, alert, step),
            });
        }
    }
    alerts.sort();
    alerts
}

fn metric(labels: &Labels, name: &str) -> String {
    let rest = labels.with(METRIC_NAME, "");
    if rest.is_empty() { name.to_string() } else { format!("{name}{rest}") }
}

/// The series that were given, in promtool's notation.
fn inputs(storage: &Storage, start: Millis, interval: Millis) -> Vec<Input> {
    let input = |s: &Series| Input {
        series: metric(s.labels(), s.labels().metric_name()),
        values: notation(s, start, interval),
    };
    storage.iter().map(input).collect()
}

/// The samples of a series one after another, equal ones put together: `50x9 _x3 stale`.
fn notation(series: &Series, start: Millis, interval: Millis) -> String {
    let mut samples: BTreeMap<i64, String> = BTreeMap::new();
    let slot = |t: Millis| (t - start).div_euclid(interval.max(1));
    for (t, v) in series.times().iter().zip(series.values()) {
        samples.insert(slot(*t), format_value(*v));
    }
    samples.extend(series.histograms().iter().map(|h| (slot(h.t), h.h.test_expression())));
    samples.extend(series.stale().iter().map(|t| (slot(*t), "stale".to_string())));
    let mut items: Vec<(String, u64)> = Vec::new();
    let mut next = 0;
    for (slot, value) in samples {
        if slot > next {
            items.push(("_".to_string(), u64::try_from(slot - next).unwrap_or(0)));
        }
        next = slot + 1;
        match items.last_mut() {
            Some((last, count)) if *last == value => *count += 1,
            _ => items.push((value, 1)),
        }
    }
    let text = |(value, count): (String, u64)| match count {
        1 => value,
        n if value == "_" => format!("_x{n}"),
        // Words can't be repeated.
        n if value.starts_with(|c: char| c.is_ascii_alphabetic()) || value.ends_with("Inf") => {
            vec![value; usize::try_from(n).unwrap_or(0)].join(" ")
        }
        n => format!("{value}x{}", n - 1),
    };
    items.into_iter().map(text).collect::<Vec<_>>().join(" ")
}
