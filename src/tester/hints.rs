//! Why a result is empty that should not be: what people stumble over when they write tests.

use std::collections::BTreeSet;

use crate::diagnostic::nearest;
use crate::gostd::strconv::quote;
use crate::prometheus::rules::{Millis, Timeline};
use crate::promql::ast::{Expr, ExprKind, METRIC_NAME, MatchOp, VectorSelector};
use crate::promql::duration::Duration;
use crate::promql::features::Features;
use crate::promql::labels::Labels;
use crate::promql::matcher::Matcher;
use crate::promql::parser;
use crate::promql::storage::Series;
use crate::source::FileId;

/// Functions that give nothing for a window with one sample.
const NEED_TWO: [&str; 7] = ["rate", "increase", "irate", "delta", "idelta", "deriv", "predict_linear"];
/// How many recording rules are looked through behind an expression.
const RULES: usize = 50;
/// The most values of a label that are named.
const VALUES: usize = 4;

/// Says so if a window, in an expression or in what is recorded for it, never holds two samples of a test whose samples
/// are `interval` apart.
pub(super) fn too_far_apart(timeline: &Timeline<'_>, expr: &str, interval: Millis) -> Option<String> {
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut waiting = vec![expr.to_string()];
    while let Some(text) = waiting.pop().filter(|_| seen.len() < RULES) {
        let options = parser::Options { features: Features::all(), ..parser::Options::default() };
        let (tree, _) = parser::parse(&text, FileId::NONE, 0, &options);
        if let Some((function, range)) = short_window(&tree, interval) {
            let (window, apart) = (Duration::from_millis(range), Duration::from_millis(interval));
            return Some(format!(
                "the samples of the test are {apart} apart, so `{function}` never sees two of them in {window}: \
                 give a shorter `interval`, or the rule a longer window"
            ));
        }
        tree.walk(&mut |e| {
            let ExprKind::VectorSelector(selector) = &e.kind else { return };
            let Some(name) = selector.name.as_ref().map(|n| n.name.to_string()) else { return };
            if seen.insert(name.clone()) {
                waiting.extend(timeline.recorded_by(&name).map(str::to_string));
            }
        });
    }
    None
}

/// The first call of a function that needs two samples over a window that holds one at most, and the window.
fn short_window(expr: &Expr, interval: Millis) -> Option<(&'static str, Millis)> {
    let mut found = None;
    expr.walk(&mut |e| {
        let ExprKind::Call(call) = &e.kind else { return };
        if found.is_some() || !NEED_TWO.contains(&call.function.name) {
            return;
        }
        let Some(ExprKind::MatrixSelector(matrix)) = call.args.first().map(|a| &a.kind) else { return };
        // Windows are open on the left: one as long as the interval holds one sample.
        found = matrix
            .range
            .literal_ms()
            .filter(|range| *range <= interval)
            .map(|range| (call.function.name, range));
    });
    found
}

/// Says of each selector for which there is no series at all what there is instead: another name, or other labels.
pub(super) fn without_series(expr: &Expr, timeline: &Timeline<'_>) -> Vec<String> {
    let mut none = Vec::new();
    expr.walk(&mut |e| {
        let ExprKind::VectorSelector(selector) = &e.kind else { return };
        let matchers = matchers(selector);
        if timeline.storage().select(&matchers).is_empty() {
            none.push(format!("no series matches {e}{}", instead(&matchers, timeline)));
        }
    });
    none.dedup();
    none
}

fn matchers(selector: &VectorSelector) -> Vec<Matcher> {
    let name = selector.name.as_ref().map(|n| Matcher::new(METRIC_NAME, MatchOp::Equal, &n.name));
    let others = selector.matchers.iter().map(|m| Matcher::new(&m.label.name, m.op, &m.value));
    name.into_iter().chain(others).flatten().collect()
}

/// What a selector may have meant: `: there is up_total`, or `: status is "200", "500"`.
fn instead(matchers: &[Matcher], timeline: &Timeline<'_>) -> String {
    let all = || timeline.storage().iter().map(Series::labels);
    let Some(name) = matchers.iter().find(|m| m.name == METRIC_NAME && m.op == MatchOp::Equal) else {
        return String::new();
    };
    let named: Vec<_> = all().filter(|l| l.metric_name() == name.value).collect();
    if named.is_empty() {
        let names: BTreeSet<&str> = all().map(Labels::metric_name).collect();
        return nearest(&name.value, names).map_or(String::new(), |near| format!(": there is {near}"));
    }
    // The labels that rule out every series, each alone.
    let mut wrong = matchers.iter().filter(|m| !named.iter().any(|l| m.matches(l.get(&m.name))));
    wrong.next().map_or(String::new(), |m| {
        let values: BTreeSet<&str> = named.iter().map(|l| l.get(&m.name)).collect();
        let shown: Vec<String> = values.iter().take(VALUES).map(|v| quote(v)).collect();
        let more = if values.len() > VALUES { ", …" } else { "" };
        format!(": {} is {}{more}", m.name, shown.join(", "))
    })
}
