//! `changes` and `resets`: counts of what happens between neighbouring samples.

use super::Window;
use super::rate::is_start_reset;
use crate::promql::histogram::FloatHistogram;
use crate::promql::plan::Edges;

/// A sample of either kind.
struct Sample<'a> {
    t: i64,
    start: i64,
    value: Value<'a>,
}

enum Value<'a> {
    Float(f64),
    Histogram(&'a FloatHistogram),
}

/// How often the value changed.
///
/// Source: Prometheus promql/functions.go `funcChanges`.
pub(super) fn changes(w: &Window<'_>) -> Option<f64> {
    count(w, |before, now| match (&before.value, &now.value) {
        (Value::Float(a), Value::Float(b)) => is_change(*a, *b),
        (Value::Histogram(a), Value::Histogram(b)) => !a.same_data(b),
        _ => true,
    })
}

/// True unless the numbers are equal or both NaN.
#[inline(always)]
pub(super) fn is_change(a: f64, b: f64) -> bool {
    a != b && !(a.is_nan() && b.is_nan())
}

/// How often the counter was reset.
///
/// Source: Prometheus promql/functions.go `funcResets`.
pub(super) fn resets(w: &Window<'_>) -> Option<f64> {
    count(w, |before, now| {
        let start_reset = || is_start_reset(before.start, before.t, now.start, now.t);
        match (&before.value, &now.value) {
            (Value::Float(a), Value::Float(b)) => b < a || start_reset(),
            (Value::Histogram(a), Value::Histogram(b)) => start_reset() || b.is_reset_since(a),
            _ => true,
        }
    })
}

fn count(w: &Window<'_>, happens: impl Fn(&Sample<'_>, &Sample<'_>) -> bool) -> Option<f64> {
    let mut samples: Vec<Sample<'_>> = Vec::with_capacity(w.values.len() + w.histograms.len());
    for (i, (t, v)) in w.times.iter().zip(w.values).enumerate() {
        let start = w.starts.get(i).copied().unwrap_or(0);
        samples.push(Sample { t: *t, start, value: Value::Float(*v) });
    }
    for sample in w.histograms {
        let start = if w.use_starts { sample.start } else { 0 };
        samples.push(Sample { t: sample.t, start, value: Value::Histogram(&sample.h) });
    }
    samples.sort_by_key(|s| s.t);
    let mut from = 0;
    if w.edges == Edges::Anchored {
        // The anchor is the last sample at or before the start of the range.
        let after = samples.partition_point(|s| s.t <= w.range_start);
        if after == samples.len() {
            return None;
        }
        from = after.saturating_sub(1);
    }
    let pairs = samples[from..].windows(2);
    Some(pairs.filter(|pair| matches!(pair, [before, now] if happens(before, now))).count() as f64)
}
