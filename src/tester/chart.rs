//! A failing assertion in pictures: the signal's course, its threshold, and the state of the alert beneath.

use std::collections::BTreeMap;

use crate::gostd::strconv::format_value;
use crate::prometheus::rules::{Alert, Millis, RuleInfo, State, Timeline};
use crate::promql::ast::{BinaryOp, Expr, ExprKind};
use crate::promql::duration::Duration;
use crate::promql::engine::{Options, Prepared, Visibility};
use crate::promql::labels::Labels;
use crate::promql::parser;
use crate::source::FileId;

/// The most columns of a picture.
const WIDTH: usize = 60;
/// The most series that are drawn.
const SERIES: usize = 4;
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// What an alert watches: `signal > threshold`.
struct Signal<'a> {
    text: &'a str,
    /// The comparison and the number that it is compared with.
    threshold: Option<(BinaryOp, f64)>,
}

/// Pictures of rules: their signals and states over the run, with a mark at `at`.
pub(super) fn of_rules(
    timeline: &Timeline<'_>,
    at: Millis,
    wanted: impl Fn(&RuleInfo<'_>) -> bool,
) -> Vec<String> {
    let mut lines = Vec::new();
    let rules: Vec<_> = timeline.rules().filter(|(_, r, _)| wanted(r)).collect();
    for (_, rule, alerts) in rules.iter().take(SERIES) {
        let grid = Grid::new(timeline.times(), at);
        let severity = rule.labels.get("severity").map_or(String::new(), |s| format!("{{severity={s:?}}}"));
        let hold =
            if rule.hold > 0 { format!(" for {}", Duration::from_millis(rule.hold)) } else { String::new() };
        lines.push(format!("{}{severity}{hold}", rule.name));
        lines.extend(signal_lines(timeline, rule.expr, &grid));
        if alerts.is_empty() {
            lines.push(format!("  {}  inactive all the time", grid.bar(|_| '·')));
        }
        lines.extend(state_lines(alerts.iter(), &grid).into_iter().map(|line| format!("  {line}")));
        lines.push(format!("  {}", grid.axis()));
    }
    if !lines.is_empty() {
        lines.push(format!("  {STATES}"));
    }
    lines
}

/// What the states of alerts are drawn as.
pub(super) const STATES: &str = "· inactive  ░ pending  █ firing";

/// The states of alerts, those of the same labels on one line.
pub(super) fn state_lines<'a>(alerts: impl IntoIterator<Item = &'a Alert>, grid: &Grid) -> Vec<String> {
    let mut sets: BTreeMap<&Labels, Vec<&Alert>> = BTreeMap::new();
    for alert in alerts {
        sets.entry(&alert.labels).or_default().push(alert);
    }
    let mut lines = Vec::new();
    for (labels, alerts) in sets.iter().take(SERIES) {
        let state = |t: Millis| match alerts.iter().map(|a| a.state(t)).max() {
            Some(State::Firing) => '█',
            Some(State::Pending) => '░',
            _ => '·',
        };
        lines.push(format!("{}  {labels}", grid.bar(state)));
    }
    if sets.len() > SERIES {
        lines.push(format!("… and {} more", sets.len() - SERIES));
    }
    lines
}

/// The values of an expression around a time.
pub(super) fn of_expr(timeline: &Timeline<'_>, expr: &str, at: Millis) -> Vec<String> {
    let grid = Grid::new(timeline.times(), at);
    let mut lines = signal_lines(timeline, expr, &grid);
    if !lines.is_empty() {
        lines.push(format!("  {}", grid.axis()));
    }
    lines.iter().map(|l| l.strip_prefix("  ").unwrap_or(l).to_string()).collect()
}

/// The evaluations that are drawn, one a column.
pub(super) struct Grid {
    times: std::sync::Arc<[Millis]>,
    start: Millis,
    /// The column of the time that is asked for.
    mark: usize,
}

impl Grid {
    /// As many columns as fit, with one for `at`.
    pub(super) fn new(times: &[Millis], at: Millis) -> Grid {
        let start = times.first().copied().unwrap_or(0);
        let stride = times.len().div_ceil(WIDTH).max(1);
        let mut drawn: Vec<Millis> = times.iter().copied().step_by(stride).collect();
        let place = times.iter().rposition(|t| *t <= at).unwrap_or(0) / stride;
        // The very time that is asked for has its column.
        if let (Some(slot), Some(t)) = (drawn.get_mut(place), times.iter().rev().find(|t| **t <= at)) {
            *slot = *t;
        }
        Grid { times: drawn.into(), start, mark: place }
    }

    /// What each column's time is drawn as.
    pub(super) fn bar(&self, of: impl Fn(Millis) -> char) -> String {
        self.times.iter().map(|t| of(*t)).collect()
    }

    /// The column in which a time falls.
    pub(super) fn column(&self, at: Millis) -> usize {
        self.times.partition_point(|t| *t <= at).saturating_sub(1)
    }

    /// How many columns there are.
    pub(super) fn width(&self) -> usize {
        self.times.len()
    }

    /// The time that is asked for under its column, and the end.
    pub(super) fn axis(&self) -> String {
        let since = |t: Millis| Duration::from_millis((t - self.start).max(0)).to_string();
        let at = self.times.get(self.mark).copied().unwrap_or(self.start);
        let end = self.times.last().copied().unwrap_or(self.start);
        let mut axis = format!("{}^ {}", " ".repeat(self.mark), since(at));
        let width = self.times.len();
        if axis.chars().count() + 4 < width && end > at {
            axis.push_str(&" ".repeat(width - axis.chars().count() - since(end).len().min(3)));
            axis.push_str(&since(end));
        }
        axis
    }
}

fn signal_lines(timeline: &Timeline<'_>, expr: &str, grid: &Grid) -> Vec<String> {
    let (tree, diagnostics) = parser::parse(
        expr,
        FileId::NONE,
        0,
        &parser::Options { features: crate::promql::features::Features::all(), ..parser::Options::default() },
    );
    if !diagnostics.is_empty() {
        return Vec::new();
    }
    let signal = signal(&tree, expr);
    let (shown, _) = parser::parse(
        signal.text,
        FileId::NONE,
        0,
        &parser::Options { features: crate::promql::features::Features::all(), ..parser::Options::default() },
    );
    let Ok(prepared) = Prepared::new(&shown) else { return Vec::new() };
    let options = Options { visibility: Visibility::UpToInstant, ..Options::default() };
    let steps = prepared.instants(timeline.storage(), &options, &grid.times).steps;
    let text = signal.text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = if text.chars().count() > 90 {
        format!("{}…", text.chars().take(89).collect::<String>())
    } else {
        text
    };
    let threshold =
        signal.threshold.map_or(String::new(), |(op, t)| format!(" {} {}", op.as_str(), format_value(t)));
    let mut lines = vec![format!("  {text}{threshold}")];
    if steps.series.iter().all(|s| !s.column.any_present()) {
        lines.push(format!("  {}  no value", grid.bar(|_| ' ')));
        return lines;
    }
    for series in steps.series.iter().take(SERIES) {
        let values: Vec<Option<f64>> = (0..grid.times.len()).map(|i| series.column.float(i)).collect();
        let at = match values.get(grid.mark).copied().flatten() {
            Some(v) => format_value(v),
            None if series.column.is_present(grid.mark) => "a histogram".to_string(),
            None => "no value".to_string(),
        };
        lines.push(format!(
            "  {}  {at} {}",
            sparkline(&values, signal.threshold.map(|(_, t)| t)),
            series.labels
        ));
    }
    if steps.series.len() > SERIES {
        lines.push(format!("  … and {} more series", steps.series.len() - SERIES));
    }
    lines
}

/// The side of a comparison with a number that is no number; of `a and b`, `a unless b` and `a or b` it is a's.
fn signal<'a>(expr: &'a Expr, text: &'a str) -> Signal<'a> {
    let slice = |e: &Expr| text.get(e.span.range()).unwrap_or(text);
    match &expr.kind {
        ExprKind::Paren(inner) => signal(inner, text),
        ExprKind::Binary(binary) => {
            if matches!(binary.op, BinaryOp::And | BinaryOp::Or | BinaryOp::Unless) {
                return signal(&binary.lhs, text);
            }
            match number(&binary.rhs) {
                Some(threshold) if binary.op.is_comparison() => {
                    Signal { text: slice(&binary.lhs), threshold: Some((binary.op, threshold)) }
                }
                _ if binary.op.is_comparison() && number(&binary.lhs).is_none() => {
                    Signal { text: slice(&binary.lhs), threshold: None }
                }
                _ => Signal { text: slice(expr), threshold: None },
            }
        }
        _ => Signal { text: slice(expr), threshold: None },
    }
}

fn number(expr: &Expr) -> Option<f64> {
    match &expr.kind {
        ExprKind::Number(n) => Some(n.value),
        ExprKind::Paren(inner) => number(inner),
        ExprKind::Unary(crate::promql::ast::UnaryOp::Minus, inner) => number(inner).map(|v| -v),
        _ => None,
    }
}

/// Values as bars between their lowest and highest, the threshold among them; gaps are blank.
fn sparkline(values: &[Option<f64>], threshold: Option<f64>) -> String {
    let finite = values.iter().flatten().copied().chain(threshold).filter(|v| v.is_finite());
    let (low, high) = finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
    let bar = |v: f64| {
        if v.is_nan() {
            return '?';
        }
        let share = if high > low { (v - low) / (high - low) } else { 0.0 };
        let level = (share.clamp(0.0, 1.0) * 7.0).round() as usize;
        BARS.get(level).copied().unwrap_or('█')
    };
    values.iter().map(|v| v.map_or(' ', bar)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_become_bars() {
        assert_eq!(sparkline(&[Some(0.0), None, Some(5.0), Some(10.0)], Some(5.0)), "▁ ▅█");
        assert_eq!(sparkline(&[Some(1.0), Some(f64::NAN)], None), "▁?");
    }
}
