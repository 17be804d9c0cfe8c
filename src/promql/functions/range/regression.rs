//! `deriv` and `predict_linear`: a straight line through the samples by least squares.

use super::{Notes, RangeFunction, Window};
use crate::promql::kahan::KahanSum;
use crate::promql::value::Point;

/// Source: Prometheus promql/functions.go `funcDeriv`, `funcPredictLinear`.
pub(super) fn evaluate(function: RangeFunction, w: &Window<'_>, notes: &Notes<'_>) -> Option<Point> {
    if !w.histograms.is_empty() && !w.values.is_empty() {
        notes.histograms_ignored();
    }
    if w.values.len() < 2 {
        return None;
    }
    let predict = function == RangeFunction::PredictLinear;
    let origin = if predict { w.time } else { w.times[0] };
    let (slope, intercept) = linear_regression(w.times, w.values, origin);
    Some(Point::Float(if predict { slope * w.params[0] + intercept } else { slope }))
}

/// Slope (per second) and value at `origin`.
///
/// Source: Prometheus promql/functions.go `linearRegression`.
pub(super) fn linear_regression(times: &[i64], values: &[f64], origin: i64) -> (f64, f64) {
    let first = values[0];
    if values.iter().all(|v| *v == first) {
        return constant(first);
    }
    let mut sums = Sums::default();
    for (t, y) in times.iter().zip(values) {
        let x = (t - origin) as f64 / 1e3;
        sums.x.add(x);
        sums.y.add(*y);
        sums.xy.add(x * y);
        sums.xx.add(x * x);
    }
    sums.line(values.len() as f64)
}

/// The line through equal values. (A single NaN compares unequal to itself and never gets here with others.)
pub(super) fn constant(value: f64) -> (f64, f64) {
    if value.is_infinite() { (f64::NAN, f64::NAN) } else { (0.0, value) }
}

/// The sums a regression needs.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sums {
    pub(super) x: KahanSum,
    pub(super) y: KahanSum,
    pub(super) xy: KahanSum,
    pub(super) xx: KahanSum,
}

impl Sums {
    /// Slope and intercept for `n` points.
    pub(super) fn line(&self, n: f64) -> (f64, f64) {
        let (x, y, xy, xx) = (self.x.value(), self.y.value(), self.xy.value(), self.xx.value());
        let covariance = xy - x * y / n;
        let variance = xx - x * x / n;
        let slope = covariance / variance;
        (slope, y / n - slope * x / n)
    }
}
