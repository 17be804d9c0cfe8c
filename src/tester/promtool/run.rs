//! One test: evaluates the rules over its series and judges what is asserted.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration as StdDuration;

use super::super::alerts::{self, Shown};
use super::super::chart::Pen;
use super::super::hints::too_far_apart;
use super::super::{budget, unexpanded};
use super::compare;
use super::file::{AlertCase, ExprCase, Test, TestFile};
use super::input;
use crate::diagnostic::codes::tester::{
    INVALID_TEST, RULE_FAILED, TEST_BUDGET, TEST_FAILED, UNTESTED_ALERT_NAME,
};
use crate::diagnostic::{self, Diagnostic, nearest};
use crate::prometheus::rules::{Millis, Options, RuleSet, State, Timeline};
use crate::promql::duration::Duration;
use crate::promql::engine::{self, Prepared};
use crate::promql::features::Features;
use crate::promql::parser;
use crate::source::FileId;

/// Runs a test; what is wrong, shown in so many columns.
pub(super) fn test(file: &TestFile, test: &Test, set: &RuleSet, columns: usize) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    if let Some(case) = test.alerts.iter().find(|a| a.alertname.is_empty()) {
        found.push(
            Diagnostic::new(&INVALID_TEST, case.span, "an alert test without `alertname`")
                .help("say which alert: `alertname: InstanceDown`"),
        );
        return found;
    }
    let times = test.alerts.iter().map(|a| a.eval_time).chain(test.exprs.iter().map(|e| e.eval_time));
    let asserted = times.max().unwrap_or(0);
    let interval = file.evaluation_interval;
    if asserted / interval > budget::STEPS {
        let message = format!(
            "the test asks for {} evaluations of each rule, more than {}",
            asserted / interval + 1,
            budget::STEPS
        );
        found.push(
            Diagnostic::new(&TEST_BUDGET, test.span, message)
                .help("set a longer `evaluation_interval`, or assert at an earlier time"),
        );
        return found;
    }
    let times: Arc<[Millis]> = (0..=asserted / interval).map(|i| test.start + i * interval).collect();
    let end = times.last().copied().unwrap_or(test.start);
    let storage = input::load(test, end, asserted, &mut found);
    if found.iter().any(Diagnostic::is_error) {
        return found;
    }
    unknown_names(test, set, &mut found);
    let options = Options {
        evaluation_interval: interval,
        external_labels: test.external_labels.clone(),
        external_url: test.external_url.clone(),
        ..Options::default()
    };
    let timeline = set.evaluate(storage, &times, &options);
    let pen = Pen::new(columns);
    let failed_at = timeline.errors().first().map_or(usize::MAX, |e| e.step);
    for case in &test.alerts {
        let step = usize::try_from(case.eval_time / interval).unwrap_or(0);
        if step < failed_at {
            found.extend(alert(case, step, test, &timeline, &pen));
        }
    }
    for error in timeline.errors() {
        let rule = timeline.rule(error.rule);
        let at = times.get(error.step).map_or(0, |t| t - test.start);
        let name = rule.map_or("", |r| r.name);
        let message = format!("the rule `{name}` fails at {}: {}", Duration::from_millis(at), error.message);
        found.push(
            Diagnostic::new(&RULE_FAILED, test.span, message)
                .note(format!("its expression is {}", rule.map_or("", |r| r.expr)))
                .note("the test ends there; nothing later is checked"),
        );
    }
    if timeline.errors().is_empty() {
        for case in &test.exprs {
            found.extend(expr(case, file, test, &timeline, &pen));
        }
    }
    found.extend(unexpanded(&timeline, test.span));
    diagnostic::sort(&mut found);
    found
}

fn unknown_names(test: &Test, set: &RuleSet, found: &mut Vec<Diagnostic>) {
    let mut told: Vec<&str> = Vec::new();
    for case in &test.alerts {
        let known = || set.rules().filter(|r| r.is_alert).map(|r| r.name);
        if told.contains(&case.alertname.as_str()) || known().any(|n| n == case.alertname) {
            continue;
        }
        told.push(&case.alertname);
        let message = format!("no rule has the alert `{}`", case.alertname);
        let mut diagnostic = Diagnostic::new(&UNTESTED_ALERT_NAME, case.span, message).label("no such alert");
        if let Some(near) = nearest(&case.alertname, known()) {
            diagnostic = diagnostic.fix(format!("write `{near}`"), case.span, near);
        }
        found.push(diagnostic);
    }
}

/// Compares the alerts that fire with those that should.
fn alert(
    case: &AlertCase,
    step: usize,
    test: &Test,
    timeline: &Timeline<'_>,
    pen: &Pen,
) -> Option<Diagnostic> {
    let at = timeline.times().get(step).copied()?;
    let mut actual = Vec::new();
    for (number, _, alerts) in timeline.rules().filter(|(_, r, _)| r.name == case.alertname) {
        for alert in alerts.iter().filter(|a| a.state(at) == State::Firing) {
            let labels: BTreeMap<String, String> =
                alert.labels.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
            actual.push(Shown { labels, annotations: timeline.annotations(number, alert, step) });
        }
    }
    let (wanted, got) = (case.expected.len(), actual.len());
    let lines = alerts::difference(&case.expected, actual)?;
    let message = match (wanted, got) {
        (_, 0) => format!("`{}` does not fire at {}", case.alertname, Duration::from_millis(case.eval_time)),
        (0, _) => format!("`{}` fires at {}", case.alertname, Duration::from_millis(case.eval_time)),
        _ => format!(
            "`{}` fires at {} with other labels or annotations",
            case.alertname,
            Duration::from_millis(case.eval_time)
        ),
    };
    let mut diagnostic = Diagnostic::new(&TEST_FAILED, case.span, message).note(lines.join("\n"));
    if got == 0 {
        let mut rules =
            timeline.rules().filter(|(_, r, alerts)| r.name == case.alertname && alerts.is_empty());
        let hint = rules.find_map(|(_, rule, _)| too_far_apart(timeline, rule.expr, test.interval));
        diagnostic.help.extend(hint);
    }
    Some(diagnostic.picture(pen.rules(timeline, at, |r| r.name == case.alertname)))
}

/// Evaluates an expression over all that is there in the end, and compares.
fn expr(
    case: &ExprCase,
    file: &TestFile,
    test: &Test,
    timeline: &Timeline<'_>,
    pen: &Pen,
) -> Vec<Diagnostic> {
    let options = parser::Options { features: Features::all(), ..parser::Options::default() };
    let (tree, diagnostics) = parser::parse(&case.expr, FileId::NONE, 0, &options);
    if let Some(found) = diagnostics.first() {
        let message = format!("the expression can't be read: {}", found.message);
        return vec![Diagnostic::new(&INVALID_TEST, case.span, message)];
    }
    let mut found = Vec::new();
    let wanted = compare::wanted(case, &mut found);
    if !found.is_empty() {
        return found;
    }
    let at = test.start + case.eval_time;
    let step = StdDuration::from_millis(u64::try_from(file.evaluation_interval).unwrap_or(60_000));
    let engine = engine::Options { default_subquery_step: step, ..engine::Options::default() };
    let result = Prepared::new(&tree)
        .and_then(|p| p.instant(timeline.storage(), &engine, at))
        .map_err(|e| e.message)
        .and_then(|output| compare::samples(output.value));
    let time = Duration::from_millis(case.eval_time);
    let got = match result {
        Ok(got) => got,
        Err(message) => {
            let message = format!("the expression fails at {time}: {message}");
            return vec![Diagnostic::new(&TEST_FAILED, case.span, message)];
        }
    };
    let Some(lines) = compare::difference(&wanted, &got, file.fuzzy_compare) else { return Vec::new() };
    let message = format!("the expression gives something else at {time}");
    let mut diagnostic = Diagnostic::new(&TEST_FAILED, case.span, message).note(lines.join("\n"));
    if !file.fuzzy_compare && compare::difference(&wanted, &got, true).is_none() {
        diagnostic = diagnostic.help(
            "the numbers differ by one rounding: with `fuzzy_compare: true` in the file they are the same",
        );
    }
    if got.is_empty() {
        diagnostic.help.extend(too_far_apart(timeline, &case.expr, test.interval));
    }
    vec![diagnostic.picture(pen.expr(timeline, &case.expr, at))]
}
