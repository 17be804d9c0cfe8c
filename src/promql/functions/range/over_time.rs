//! The `*_over_time` functions and `double_exponential_smoothing`.

use std::sync::Arc;

use super::histograms::reconciled;
use super::{Notes, RangeFunction, Window};
use crate::promql::annotation::{Annotation, HistogramOperation};
use crate::promql::error::EvalError;
use crate::promql::functions::quantile::quantile;
use crate::promql::histogram::{
    Added, CounterResetHint, FloatHistogram, HistogramMean, HistogramSum, IncompatibleSchemas,
};
use crate::promql::kahan::{KahanMean, KahanSum};
use crate::promql::value::Point;

/// Source: Prometheus promql/functions.go `funcSumOverTime`.
pub(super) fn sum(w: &Window<'_>, notes: &Notes<'_>) -> Option<Point> {
    if !w.histograms.is_empty() {
        return fold_histograms(w, notes, HistogramSum::new, HistogramSum::add, HistogramSum::finish);
    }
    Some(Point::Float(sum_of(w.values)))
}

/// The compensated sum; an infinite one has no compensation.
#[inline]
pub(super) fn sum_of(values: &[f64]) -> f64 {
    let mut sum = KahanSum::default();
    for v in values {
        sum.add(*v);
    }
    if sum.sum.is_infinite() { sum.sum } else { sum.value() }
}

/// Source: Prometheus promql/functions.go `funcAvgOverTime`.
pub(super) fn avg(w: &Window<'_>, notes: &Notes<'_>) -> Option<Point> {
    if !w.histograms.is_empty() {
        return fold_histograms(w, notes, HistogramMean::new, HistogramMean::add, HistogramMean::finish);
    }
    avg_of(w.values).map(Point::Float)
}

/// The compensated mean.
#[inline]
pub(super) fn avg_of(values: &[f64]) -> Option<f64> {
    let (first, rest) = values.split_first()?;
    let mut mean = KahanMean::new(*first);
    for v in rest {
        mean.add(*v);
    }
    Some(mean.value())
}

/// Adds up histograms one by one.
fn fold_histograms<T>(
    w: &Window<'_>,
    notes: &Notes<'_>,
    start: impl Fn(&FloatHistogram) -> T,
    add: impl Fn(&mut T, &FloatHistogram) -> Result<Added, IncompatibleSchemas>,
    finish: impl Fn(&T) -> FloatHistogram,
) -> Option<Point> {
    if !w.values.is_empty() {
        notes.mixed_floats_histograms();
        return None;
    }
    let (first, rest) = w.histograms.split_first()?;
    let mut total = start(&first.h);
    let mut bounds_differ = false;
    for sample in rest {
        match add(&mut total, &sample.h) {
            Ok(added) => bounds_differ |= added.custom_bounds_reconciled,
            Err(_) => {
                notes.mixed_exponential_custom();
                return None;
            }
        }
    }
    let has = |hint| w.histograms.iter().any(|s| s.h.counter_reset_hint == hint);
    if has(CounterResetHint::Reset) && has(CounterResetHint::NotReset) {
        (notes.add)(Annotation::counter_reset_collision(notes.first_arg, HistogramOperation::Aggregation));
    }
    if bounds_differ {
        reconciled(notes, HistogramOperation::Aggregation);
    }
    Some(Point::Histogram(Arc::new(finish(&total))))
}

/// Source: Prometheus promql/functions.go `funcFirstOverTime`.
pub(super) fn first(w: &Window<'_>) -> Option<Point> {
    match (w.times.first(), w.histograms.first()) {
        (Some(t), Some(h)) if *t >= h.t => Some(Point::Histogram(h.h.clone())),
        (None, Some(h)) => Some(Point::Histogram(h.h.clone())),
        _ => w.values.first().map(|v| Point::Float(*v)),
    }
}

/// Source: Prometheus promql/functions.go `funcLastOverTime`.
pub(super) fn last(w: &Window<'_>) -> Option<Point> {
    match (w.times.last(), w.histograms.last()) {
        (Some(t), Some(h)) if *t <= h.t => Some(Point::Histogram(h.h.clone())),
        (None, Some(h)) => Some(Point::Histogram(h.h.clone())),
        _ => w.values.last().map(|v| Point::Float(*v)),
    }
}

/// The time of the first sample, in seconds.
pub(super) fn time_of_first(w: &Window<'_>) -> Option<Point> {
    let times = w.times.first().copied().into_iter().chain(w.histograms.first().map(|h| h.t));
    times.min().map(|t| Point::Float(t as f64 / 1000.0))
}

/// The time of the last sample, in seconds.
pub(super) fn time_of_last(w: &Window<'_>) -> Option<Point> {
    let times = w.times.last().copied().into_iter().chain(w.histograms.last().map(|h| h.t));
    times.max().map(|t| Point::Float(t as f64 / 1000.0))
}

/// Only numbers count; says so when histograms are left out. False when there are no numbers.
fn numbers_only(w: &Window<'_>, notes: &Notes<'_>) -> bool {
    if w.values.is_empty() {
        return false;
    }
    if !w.histograms.is_empty() {
        notes.histograms_ignored();
    }
    true
}

/// Smallest or largest number, or the time of the last such in seconds.
///
/// Source: Prometheus promql/functions.go `compareOverTime`.
pub(super) fn extreme(function: RangeFunction, w: &Window<'_>, notes: &Notes<'_>) -> Option<Point> {
    use RangeFunction::{MaxOverTime, MinOverTime, TsOfMaxOverTime};
    if !numbers_only(w, notes) {
        return None;
    }
    let better = |v: f64, best: f64| {
        best.is_nan()
            || match function {
                MaxOverTime => v > best,
                MinOverTime => v < best,
                TsOfMaxOverTime => v >= best,
                _ => v <= best,
            }
    };
    let mut best = (*w.values.first()?, *w.times.first()?);
    for (v, t) in w.values.iter().zip(w.times) {
        if better(*v, best.0) {
            best = (*v, *t);
        }
    }
    let of_value = matches!(function, MaxOverTime | MinOverTime);
    Some(Point::Float(if of_value { best.0 } else { best.1 as f64 / 1000.0 }))
}

/// Source: Prometheus promql/functions.go `varianceOverTime`.
pub(super) fn variance(w: &Window<'_>, notes: &Notes<'_>) -> Option<f64> {
    numbers_only(w, notes).then(|| variance_of(w.values))
}

/// Welford's method with compensated mean and sum of squares.
pub(super) fn variance_of(values: &[f64]) -> f64 {
    let mut count = 0.0;
    let mut mean = KahanSum::default();
    let mut squares = KahanSum::default();
    for v in values {
        count += 1.0;
        let delta = v - mean.value();
        mean.add(delta / count);
        squares.add(delta * (v - mean.value()));
    }
    squares.value() / count
}

/// Source: Prometheus promql/functions.go `funcQuantileOverTime`.
pub(super) fn quantile_over_time(w: &Window<'_>, notes: &Notes<'_>) -> Option<Point> {
    if w.values.is_empty() {
        return None;
    }
    let q = w.params[0];
    if !(0.0..=1.0).contains(&q) {
        (notes.add)(Annotation::invalid_quantile(notes.first_arg, q));
    }
    numbers_only(w, notes);
    Some(Point::Float(quantile(q, &mut w.values.to_vec())))
}

/// The median of the distances from the median.
///
/// Source: Prometheus promql/functions.go `funcMadOverTime`.
pub(super) fn mad(w: &Window<'_>, notes: &Notes<'_>) -> Option<Point> {
    if !numbers_only(w, notes) {
        return None;
    }
    if w.values.iter().any(|v| v.is_nan()) {
        return Some(Point::Float(f64::NAN));
    }
    let mut values = w.values.to_vec();
    let median = quantile(0.5, &mut values);
    for v in &mut values {
        *v = (*v - median).abs();
    }
    Some(Point::Float(quantile(0.5, &mut values)))
}

/// Source: Prometheus promql/functions.go `funcDoubleExponentialSmoothing`.
pub(super) fn double_exponential_smoothing(
    w: &Window<'_>,
    notes: &Notes<'_>,
) -> Result<Option<Point>, EvalError> {
    let [smoothing, trend] = w.params;
    for (name, factor, sign) in [("smoothing", smoothing, "sf"), ("trend", trend, "tf")] {
        if factor <= 0.0 || factor >= 1.0 {
            let got = crate::gostd::strconv::format_float(factor, 'f', Some(6));
            let message = format!("invalid {name} factor. Expected: 0 < {sign} < 1, got: {got}");
            return Err(EvalError::execution(notes.span, message));
        }
    }
    let mixed = !w.histograms.is_empty() && !w.values.is_empty();
    if mixed {
        notes.histograms_ignored();
    }
    let [first, second, ..] = w.values else { return Ok(None) };
    let mut before = 0.0;
    let mut smoothed = *first;
    let mut slope = second - first;
    for (i, v) in w.values.iter().enumerate().skip(1) {
        let scaled = smoothing * v;
        if i > 1 {
            slope = trend * (smoothed - before) + (1.0 - trend) * slope;
        }
        let estimate = (1.0 - smoothing) * (smoothed + slope);
        (before, smoothed) = (smoothed, scaled + estimate);
    }
    Ok(Some(Point::Float(smoothed)))
}
