//! A failing assertion in pictures: the signal's course against its threshold, the state of the alert beneath, and the
//! selectors that found nothing.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diagnostic::{Line, Picture, Tone};
use crate::gostd::strconv::{format_float, format_value};
use crate::prometheus::rules::{Alert, Millis, RuleInfo, State, Timeline};
use crate::promql::ast::{BinaryOp, Expr, ExprKind, METRIC_NAME, UnaryOp};
use crate::promql::duration::Duration;
use crate::promql::engine::{Options, Prepared, Visibility};
use crate::promql::features::Features;
use crate::promql::labels::Labels;
use crate::promql::parser;
use crate::promql::value::Column;
use crate::source::FileId;
use crate::tester::hints::without_series;

/// Columns of a terminal of which nothing is known.
const USUAL: usize = 120;
/// Columns in front of a picture: the margin of an excerpt.
const MARGIN: usize = 16;
/// The most pictures of one test: where more fails, they would say the same.
const PICTURES: usize = 20;
/// The most series that are drawn.
const SERIES: usize = 4;
/// The most series of each condition where several decide.
const SERIES_OF_MANY: usize = 2;
/// The most conditions that are drawn.
const SIGNALS: usize = 4;
/// The most times at which a signal is looked at.
const LOOKS: usize = 20_000;
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// What an alert watches: `signal > threshold`.
struct Signal<'a> {
    /// How it is joined to what stands before it: `and on (queue)`.
    joint: String,
    text: &'a str,
    /// The comparison and the number that it is compared with.
    threshold: Option<(BinaryOp, f64)>,
}

/// Draws for the assertions of one test.
pub(super) struct Pen {
    columns: usize,
    /// How many more pictures it draws.
    left: Cell<usize>,
}

impl Pen {
    /// A pen for a terminal of so many columns; 0: a usual number.
    pub(super) fn new(columns: usize) -> Pen {
        Pen { columns, left: Cell::new(PICTURES) }
    }

    /// Pictures of rules: their signals and states over the run, with a mark at `at`.
    pub(super) fn rules(
        &self,
        timeline: &Timeline<'_>,
        at: Millis,
        wanted: impl Fn(&RuleInfo<'_>) -> bool,
    ) -> Picture {
        if self.is_empty() { Picture::default() } else { of_rules(timeline, at, wanted, self.columns) }
    }

    /// Where a picture of one's own is drawn, with a mark at `at`; none when enough is drawn.
    pub(super) fn grid(&self, timeline: &Timeline<'_>, at: Millis) -> Option<Grid> {
        (!self.is_empty()).then(|| Grid::new(timeline.times(), at, self.columns))
    }

    /// The values of an expression around a time.
    pub(super) fn expr(&self, timeline: &Timeline<'_>, expr: &str, at: Millis) -> Picture {
        if self.is_empty() { Picture::default() } else { of_expr(timeline, expr, at, self.columns) }
    }

    fn is_empty(&self) -> bool {
        let left = self.left.get();
        self.left.set(left.saturating_sub(1));
        left == 0
    }
}

fn of_rules(
    timeline: &Timeline<'_>,
    at: Millis,
    wanted: impl Fn(&RuleInfo<'_>) -> bool,
    columns: usize,
) -> Picture {
    let mut picture = Picture::default();
    let rules: Vec<_> = timeline.rules().filter(|(_, r, _)| wanted(r)).collect();
    let grid = Grid::new(timeline.times(), at, columns);
    for (_, rule, alerts) in rules.iter().take(SERIES) {
        let severity = rule.labels.get("severity").map_or(String::new(), |s| format!("{{severity={s:?}}}"));
        let hold =
            if rule.hold > 0 { format!(" for {}", Duration::from_millis(rule.hold)) } else { String::new() };
        picture.lines.push(Line::default().then(Tone::Strong, format!("{}{severity}{hold}", rule.name)).0);
        signals(&mut picture, timeline, rule.expr, &grid);
        if alerts.is_empty() {
            let bar: String = grid.columns().map(|_| '·').collect();
            picture
                .lines
                .push(Line::default().then(Tone::Faint, format!("  {bar}  inactive all the time")).0);
        }
        // What the rule itself says of every alert is known.
        let mut known: Vec<String> = rule.labels.iter().map(|(name, _)| name.to_string()).collect();
        known.push("alertname".to_string());
        states(&mut picture, alerts.iter(), &known, &grid);
        picture.lines.push(grid.axis().0);
    }
    if !picture.is_empty() {
        picture.lines.push(legend().then(Tone::Faint, grid.scale()).0);
    }
    picture
}

/// What the states of alerts are drawn as.
pub(super) fn legend() -> Line {
    Line::default()
        .then(Tone::Faint, "  · inactive  ")
        .then(Tone::Waiting, "░")
        .then(Tone::Faint, " pending  ")
        .then(Tone::Alarm, "█")
        .then(Tone::Faint, " firing")
}

fn of_expr(timeline: &Timeline<'_>, expr: &str, at: Millis, columns: usize) -> Picture {
    let mut picture = Picture::default();
    let grid = Grid::new(timeline.times(), at, columns);
    signals(&mut picture, timeline, expr, &grid);
    if !picture.is_empty() {
        picture.lines.push(grid.axis().then(Tone::Faint, grid.scale()).0);
    }
    flush_left(&mut picture);
    picture
}

/// Where there is no title above, nothing is indented.
pub(super) fn flush_left(picture: &mut Picture) {
    for first in picture.lines.iter_mut().filter_map(|l| l.first_mut()) {
        first.text = first.text.strip_prefix("  ").unwrap_or(&first.text).to_string();
    }
}

/// The evaluations, put together until they fit.
pub(super) struct Grid {
    /// The times that are looked at.
    times: Arc<[Millis]>,
    start: Millis,
    /// The number, among the times, of the one that is asked for.
    at: usize,
    /// How many columns there are.
    width: usize,
    /// Columns of text beside the picture.
    beside: usize,
}

impl Grid {
    fn new(times: &[Millis], at: Millis, columns: usize) -> Grid {
        let terminal = if columns == 0 { USUAL } else { columns };
        let columns = (terminal / 2).clamp(20, 200);
        let start = times.first().copied().unwrap_or(0);
        let asked = times.iter().rposition(|t| *t <= at).unwrap_or(0);
        let stride = times.len().div_ceil(LOOKS).max(1);
        // The time that is asked for is among those that are looked at.
        let times: Vec<Millis> = times.iter().copied().skip(asked % stride).step_by(stride).collect();
        let width = times.len().min(columns);
        let beside = terminal.saturating_sub(width + MARGIN).max(24);
        Grid { times: times.into(), start, at: asked / stride, width, beside }
    }

    /// The times of each column; the one with the time that is asked for has no other.
    fn columns(&self) -> impl Iterator<Item = std::ops::Range<usize>> + '_ {
        (0..self.width).map(move |i| {
            let range = i * self.times.len() / self.width..(i + 1) * self.times.len() / self.width;
            if range.contains(&self.at) { self.at..self.at + 1 } else { range }
        })
    }

    /// The column of the time of a number.
    fn column_of(&self, at: usize) -> usize {
        ((at + 1) * self.width).saturating_sub(1) / self.times.len().max(1)
    }

    /// The column in which a time falls.
    pub(super) fn column(&self, at: Millis) -> usize {
        self.column_of(self.times.partition_point(|t| *t <= at).saturating_sub(1))
    }

    /// How many columns there are.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    fn time(&self, at: usize) -> Millis {
        self.times.get(at).copied().unwrap_or(self.start)
    }

    fn since(&self, at: usize) -> String {
        Duration::from_millis((self.time(at) - self.start).max(0)).to_string()
    }

    /// The time that is asked for under its column, and the end.
    pub(super) fn axis(&self) -> Line {
        let mark = self.column_of(self.at);
        let text = format!("^ {}", self.since(self.at));
        let (used, width) = (mark + text.chars().count(), self.width);
        let mut line = Line::default().then(Tone::Plain, " ".repeat(mark + 2)).then(Tone::Strong, text);
        let end = self.since(self.times.len().saturating_sub(1));
        if used + 2 + end.len() <= width {
            line = line.then(Tone::Faint, format!("{}{end}", " ".repeat(width - used - end.len())));
        }
        line
    }

    /// What a column stands for, if it is more than one evaluation.
    pub(super) fn scale(&self) -> String {
        let per = self.times.len() / self.width.max(1);
        match (per, self.times.first(), self.times.get(per)) {
            (2.., Some(first), Some(next)) => {
                format!("   a column is about {}", Duration::from_millis(next - first))
            }
            _ => String::new(),
        }
    }
}

/// The states of alerts, those of the same labels on one line; the labels of `known` are left out.
pub(super) fn states<'a>(
    picture: &mut Picture,
    alerts: impl IntoIterator<Item = &'a Alert>,
    known: &[String],
    grid: &Grid,
) {
    let mut sets: BTreeMap<&Labels, Vec<&Alert>> = BTreeMap::new();
    for alert in alerts {
        sets.entry(&alert.labels).or_default().push(alert);
    }
    let mut shared = shared(sets.keys().copied());
    // Where alerts of several rules may stand, the name tells most.
    shared.retain(|name| name != "alertname");
    for (labels, of_set) in sets.iter().take(SERIES) {
        let column = |range: std::ops::Range<usize>| {
            let (first, last) = (grid.time(range.start), grid.time(range.end.saturating_sub(1)));
            let over = |since: Option<Millis>, alert: &Alert| {
                since.is_some_and(|s| s <= last) && alert.ended_at.is_none_or(|end| end > first)
            };
            let state = of_set.iter().map(|a| match () {
                () if over(a.fired_at, a) => State::Firing,
                () if over(Some(a.active_at), a) => State::Pending,
                () => State::Inactive,
            });
            match state.max() {
                Some(State::Firing) => (Tone::Alarm, '█'),
                Some(State::Pending) => (Tone::Waiting, '░'),
                _ => (Tone::Faint, '·'),
            }
        };
        let shown = cut(&braces(&labels.remove(known).remove(&shared)), grid.beside);
        let bar: Line = grid.columns().map(column).collect();
        picture
            .lines
            .push(Line::default().then(Tone::Plain, "  ").and(bar).then(Tone::Plain, format!("  {shown}")).0);
    }
    if sets.len() > SERIES {
        picture.text(format!("  … and {} more", sets.len() - SERIES));
    }
}

fn parse(text: &str) -> Option<Expr> {
    let options = parser::Options { features: Features::all(), ..parser::Options::default() };
    let (tree, diagnostics) = parser::parse(text, FileId::NONE, 0, &options);
    diagnostics.is_empty().then_some(tree)
}

/// The course of all that an expression watches, and its selectors that find nothing.
fn signals(picture: &mut Picture, timeline: &Timeline<'_>, expr: &str, grid: &Grid) {
    let Some(tree) = parse(expr) else { return };
    let mut watches = Vec::new();
    watched(&tree, expr, String::new(), &mut watches);
    let drawn = watches.len().min(SIGNALS);
    for watch in watches.iter().take(drawn) {
        signal(picture, timeline, watch, if drawn > 1 { SERIES_OF_MANY } else { SERIES }, grid);
    }
    if watches.len() > drawn {
        picture.text(format!("  … and {} more conditions", watches.len() - drawn));
    }
    for selector in without_series(&tree, timeline) {
        picture.text(format!("  {}", cut(&selector, grid.width + grid.beside)));
    }
}

/// The course of one signal: so many of its series at most.
fn signal(picture: &mut Picture, timeline: &Timeline<'_>, watch: &Signal<'_>, most: usize, grid: &Grid) {
    let Some(prepared) = parse(watch.text).and_then(|shown| Prepared::new(&shown).ok()) else { return };
    let options = Options { visibility: Visibility::UpToInstant, ..Options::default() };
    let steps = prepared.instants(timeline.storage(), &options, &grid.times).steps;
    let text = watch.text.split_whitespace().collect::<Vec<_>>().join(" ");
    let threshold =
        watch.threshold.map_or(String::new(), |(op, t)| format!(" {} {}", op.as_str(), format_value(t)));
    let joint = if watch.joint.is_empty() { String::new() } else { format!("{} ", watch.joint) };
    picture.text(format!("  {joint}{}{threshold}", cut(&text, grid.width + grid.beside)));
    if steps.series.iter().all(|s| !s.column.any_present()) {
        picture.text("  no value at any time");
        return;
    }
    // What the condition holds for is shown first.
    let meets = |v: f64| watch.threshold.is_some_and(|(op, t)| compare(op, v, t));
    let mut series: Vec<_> = steps.series.iter().collect();
    series.sort_by_key(|s| !(0..grid.times.len()).any(|i| s.column.float(i).is_some_and(meets)));
    let shared = shared(steps.series.iter().map(|s| &s.labels));
    for series in series.iter().take(most) {
        let line = spark(&series.column, watch.threshold, grid);
        let labels = series.labels.remove(&shared).with(METRIC_NAME, "");
        let beside = format!("{} {}", around(&series.column, grid), braces(&labels));
        picture.lines.push(
            Line::default()
                .then(Tone::Plain, "  ")
                .and(line)
                .then(Tone::Plain, format!("  {}", cut(&beside, grid.beside)))
                .0,
        );
    }
    if steps.series.len() > most {
        picture.text(format!("  … and {} more series", steps.series.len() - most));
    }
}

/// The labels that several sets have in common: they tell none from another.
fn shared<'l>(mut sets: impl Iterator<Item = &'l Labels>) -> Vec<String> {
    let Some(first) = sets.next() else { return Vec::new() };
    let mut shared: Vec<(&str, &str)> = first.iter().collect();
    let mut several = false;
    for set in sets {
        several = true;
        shared.retain(|(name, value)| set.get(name) == *value);
    }
    if several { shared.into_iter().map(|(name, _)| name.to_string()).collect() } else { Vec::new() }
}

/// The value at the time that is asked for, with its neighbours where they differ: `0.5 … 0.85 … 0.9`.
fn around(column: &Column, grid: &Grid) -> String {
    let text = |at: usize| match column.float(at) {
        Some(v) => rounded(v),
        None if column.is_present(at) => "a histogram".to_string(),
        None => "no value".to_string(),
    };
    let here = text(grid.at);
    let before = grid.at.checked_sub(1).map(text).filter(|t| *t != here);
    let after = Some(grid.at + 1).filter(|i| *i < grid.times.len()).map(text).filter(|t| *t != here);
    match (before, after) {
        (None, None) => here,
        (before, after) => {
            let before = before.map_or(String::new(), |b| format!("{b} before, "));
            let after = after.map_or(String::new(), |a| format!(", then {a}"));
            format!("{before}{here}{after}")
        }
    }
}

/// The sides of comparisons with a number that are no number: of each operand of `and`, `or` and `unless`.
fn watched<'a>(expr: &'a Expr, text: &'a str, joint: String, out: &mut Vec<Signal<'a>>) {
    let slice = |e: &Expr| text.get(e.span.range()).unwrap_or(text);
    let (shown, threshold) = match &expr.kind {
        ExprKind::Paren(inner) => return watched(inner, text, joint, out),
        ExprKind::Binary(binary) => {
            if matches!(binary.op, BinaryOp::And | BinaryOp::Or | BinaryOp::Unless) {
                watched(&binary.lhs, text, joint, out);
                // The operator with what it matches on, as it is written.
                let between = binary.lhs.span.range().end..binary.rhs.span.range().start;
                let joint: Vec<&str> =
                    text.get(between).unwrap_or(binary.op.as_str()).split_whitespace().collect();
                return watched(&binary.rhs, text, joint.join(" "), out);
            }
            match number(&binary.rhs) {
                Some(threshold) if binary.op.is_comparison() => {
                    (slice(&binary.lhs), Some((binary.op, threshold)))
                }
                _ if binary.op.is_comparison() && number(&binary.lhs).is_none() => (slice(&binary.lhs), None),
                _ => (slice(expr), None),
            }
        }
        _ => (slice(expr), None),
    };
    out.push(Signal { joint, text: shown, threshold });
}

fn number(expr: &Expr) -> Option<f64> {
    match &expr.kind {
        ExprKind::Number(n) => Some(n.value),
        ExprKind::Paren(inner) => number(inner),
        ExprKind::Unary(UnaryOp::Minus, inner) => number(inner).map(|v| -v),
        _ => None,
    }
}

fn compare(op: BinaryOp, value: f64, threshold: f64) -> bool {
    match op {
        BinaryOp::Gt => value > threshold,
        BinaryOp::Ge => value >= threshold,
        BinaryOp::Lt => value < threshold,
        BinaryOp::Le => value <= threshold,
        BinaryOp::Eq => value == threshold,
        BinaryOp::Ne => value != threshold,
        _ => false,
    }
}

/// Values as bars between their lowest and highest, the threshold among them; gaps are blank. Of the values of a
/// column the one is drawn that comes nearest to the condition.
fn spark(column: &Column, threshold: Option<(BinaryOp, f64)>, grid: &Grid) -> Line {
    let low_counts = matches!(threshold, Some((BinaryOp::Lt | BinaryOp::Le, _)));
    let meets = |v: f64| threshold.is_some_and(|(op, t)| compare(op, v, t));
    let values: Vec<Option<f64>> = grid
        .columns()
        .map(|range| {
            let values = || range.clone().filter_map(|i| column.float(i));
            values().find(|v| meets(*v)).map_or_else(
                || values().reduce(|a, b| if (b < a) == low_counts { b } else { a }),
                |first| {
                    let met = values().filter(|v| meets(*v));
                    Some(met.fold(first, |a, b| if low_counts { a.min(b) } else { a.max(b) }))
                },
            )
        })
        .collect();
    let finite = values.iter().flatten().copied().chain(threshold.map(|t| t.1)).filter(|v| v.is_finite());
    let (low, high) = finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
    let bar = |v: f64| {
        if v.is_nan() {
            return '?';
        }
        let share = if high > low { (v - low) / (high - low) } else { 0.0 };
        let level = (share.clamp(0.0, 1.0) * 7.0).round() as usize;
        BARS.get(level).copied().unwrap_or('█')
    };
    values
        .iter()
        .map(|v| match v {
            Some(v) if meets(*v) => (Tone::Alarm, bar(*v)),
            Some(v) => (Tone::Plain, bar(*v)),
            None => (Tone::Plain, ' '),
        })
        .collect()
}

fn braces(labels: &Labels) -> String {
    if labels.is_empty() { String::new() } else { labels.to_string() }
}

/// A number of which six digits tell enough.
fn rounded(value: f64) -> String {
    let exact = format_value(value);
    if exact.len() <= 9 { exact } else { format_float(value, 'g', Some(6)) }
}

/// Text that fits into so many columns.
fn cut(text: &str, columns: usize) -> String {
    if text.chars().count() <= columns {
        return text.to_string();
    }
    format!("{}…", text.chars().take(columns.saturating_sub(1)).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::promql::value::Point;

    fn drawn(
        values: &[Option<f64>],
        threshold: Option<(BinaryOp, f64)>,
        columns: usize,
        at: Millis,
    ) -> String {
        let times: Vec<Millis> = (0..values.len() as i64).map(|i| i * 60_000).collect();
        let mut column = Column::absent(values.len());
        for (i, value) in values.iter().enumerate() {
            if let Some(value) = value {
                column.set(i, Point::Float(*value));
            }
        }
        let grid = Grid::new(&times, at * 60_000, columns);
        let mut picture = Picture::default();
        picture.lines.push(spark(&column, threshold, &grid).0);
        picture.lines.push(grid.axis().then(Tone::Faint, grid.scale()).0);
        picture.plain()
    }

    #[test]
    fn values_become_bars() {
        let values = [Some(0.0), None, Some(5.0), Some(10.0), Some(f64::NAN)];
        assert_eq!(drawn(&values, Some((BinaryOp::Gt, 5.0)), 0, 3), "▁ ▅█?\n     ^ 3m");
    }

    /// One spike in a week of minutes is seen, and the time that is asked for is exact.
    #[test]
    fn a_long_run_is_compressed_and_loses_nothing_that_matters() {
        let mut values: Vec<Option<f64>> = vec![Some(1.0); 10_081];
        values[5_000] = Some(9.0);
        let over = Some((BinaryOp::Gt, 8.0));
        let text = drawn(&values, over, 40, 5_001);
        assert_eq!(text, "▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁\n           ^ 3d11h21m   a column is about 8h24m");
        let text = drawn(&values, over, 40, 5_000);
        assert_eq!(text, "▁▁▁▁▁▁▁▁▁█▁▁▁▁▁▁▁▁▁▁\n           ^ 3d11h20m   a column is about 8h24m");
        let text = drawn(&values, over, 40, 10_080);
        assert_eq!(text, "▁▁▁▁▁▁▁▁▁█▁▁▁▁▁▁▁▁▁▁\n                     ^ 1w   a column is about 8h24m");
        assert_eq!(drawn(&values[..21], None, 40, 20), "▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁\n                     ^ 20m");
    }
}
