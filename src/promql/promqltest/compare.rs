//! Results against expectations, with the tolerance of Prometheus' own runner.

use crate::promql::histogram::{Buckets, FloatHistogram};
use crate::promql::labels::Labels;
use crate::promql::value::{Point, RangeSeries, Sample, Value, is_stale_nan};

use super::script::{Eval, Grid, When};

/// The relative error that values may have.
const TOLERANCE: f64 = 1e-6;

/// A series that is expected, or a number or text.
pub(super) enum Wanted {
    Scalar(f64),
    String(String),
    Series(Vec<WantedSeries>),
}

pub(super) struct WantedSeries {
    pub(super) labels: Labels,
    /// One for each step; None where there must be no sample.
    pub(super) points: Vec<Option<WantedPoint>>,
}

pub(super) struct WantedPoint {
    pub(super) point: Point,
    /// Whether the notation of a histogram names its counter reset hint: only then it is compared.
    pub(super) hint_given: bool,
}

/// Says what is different, or nothing.
///
/// Source: Prometheus promql/promqltest/test.go compareResult.
pub(super) fn compare(eval: &Eval, wanted: &Wanted, value: &Value) -> Result<(), String> {
    match (value, wanted) {
        (Value::Scalar(got), Wanted::Scalar(expected)) if almost_equal(*expected, *got) => Ok(()),
        (Value::Scalar(got), Wanted::Scalar(expected)) => Err(format!("expected {expected}, got {got}")),
        (Value::String(got), Wanted::String(expected)) if got == expected => Ok(()),
        (Value::String(got), Wanted::String(expected)) => Err(format!("expected {expected:?}, got {got:?}")),
        (Value::Vector(samples), Wanted::Series(series)) => compare_vector(eval, series, samples),
        (Value::Matrix(got), Wanted::Series(series)) => compare_matrix(eval, series, got),
        (got, Wanted::Scalar(expected)) => Err(format!("expected the scalar {expected}, got {}", kind(got))),
        (got, Wanted::String(expected)) => {
            Err(format!("expected the string {expected:?}, got {}", kind(got)))
        }
        (got, Wanted::Series(_)) => Err(format!("expected series, got {}", kind(got))),
    }
}

fn kind(value: &Value) -> String {
    match value {
        Value::Scalar(value) => format!("the scalar {value}"),
        Value::String(value) => format!("the string {value:?}"),
        Value::Vector(samples) => format!("a vector of {} samples", samples.len()),
        Value::Matrix(series) => format!("a matrix of {} series", series.len()),
    }
}

fn compare_vector(eval: &Eval, wanted: &[WantedSeries], samples: &[Sample]) -> Result<(), String> {
    for (position, sample) in samples.iter().enumerate() {
        let Some(at) = wanted.iter().position(|series| series.labels == sample.labels) else {
            return Err(format!("unexpected {} {}", sample.labels, show(&sample.point)));
        };
        if eval.ordered && at != position {
            return Err(format!("expected {} at position {}, not {}", sample.labels, at + 1, position + 1));
        }
        let expected = wanted.get(at).and_then(|series| series.points.first()).and_then(Option::as_ref);
        compare_point(&sample.labels, expected, &sample.point)?;
    }
    let missing = wanted.iter().find(|series| !samples.iter().any(|sample| sample.labels == series.labels));
    missing.map_or(Ok(()), |series| Err(format!("expected {}, which is not there", series.labels)))
}

fn compare_matrix(eval: &Eval, wanted: &[WantedSeries], got: &[RangeSeries]) -> Result<(), String> {
    let grid = match (eval.at, eval.range_vector) {
        (_, Some(grid)) | (When::Range(grid), None) => grid,
        (When::Instant(t), None) => Grid { start: t, end: t, step: 1 },
    };
    if eval.ordered {
        return Err("`expect ordered` is for instant vectors".to_string());
    }
    if !got.is_sorted_by(|a, b| a.labels <= b.labels) {
        return Err("the matrix is not sorted by labels".to_string());
    }
    for series in got {
        let Some(expected) = wanted.iter().find(|wanted| wanted.labels == series.labels) else {
            return Err(format!("unexpected {} {}", series.labels, show_points(&series.points)));
        };
        let points = expected.points.iter().enumerate();
        let steps =
            points.map(|(i, point)| (grid.start + grid.step * i64::try_from(i).unwrap_or(0), point.as_ref()));
        let expected: Vec<_> = steps.filter_map(|(t, point)| Some((t, point?))).collect();
        if expected.iter().any(|(t, _)| *t > grid.end) {
            return Err(format!("{} has more values than the range has steps", series.labels));
        }
        let got_times = series.points.iter().map(|(t, _)| *t);
        if !got_times.eq(expected.iter().map(|(t, _)| *t)) {
            let times: Vec<_> = expected.iter().map(|(t, _)| *t).collect();
            return Err(format!(
                "expected {} at {times:?}, got {}",
                series.labels,
                show_points(&series.points)
            ));
        }
        for ((t, point), (_, expected)) in series.points.iter().zip(&expected) {
            compare_point(&series.labels, Some(expected), point).map_err(|e| format!("at {t} ms: {e}"))?;
        }
    }
    let missing = wanted.iter().find(|wanted| !got.iter().any(|series| series.labels == wanted.labels));
    missing.map_or(Ok(()), |series| Err(format!("expected {}, which is not there", series.labels)))
}

fn compare_point(labels: &Labels, expected: Option<&WantedPoint>, got: &Point) -> Result<(), String> {
    let Some(expected) = expected else {
        return Err(format!("expected no sample of {labels}, got {}", show(got)));
    };
    let same = match (&expected.point, got) {
        (Point::Float(a), Point::Float(b)) => almost_equal(*a, *b),
        (Point::Histogram(a), Point::Histogram(b)) => same_histogram(a, b, expected.hint_given),
        _ => false,
    };
    if same {
        Ok(())
    } else {
        Err(format!("expected {} for {labels}, got {}", show(&expected.point), show(got)))
    }
}

fn show(point: &Point) -> String {
    match point {
        Point::Float(value) => value.to_string(),
        Point::Histogram(histogram) => histogram.test_expression(),
    }
}

fn show_points(points: &[(i64, Point)]) -> String {
    let points: Vec<String> = points.iter().map(|(t, point)| format!("{}@{t}", show(point))).collect();
    points.join(" ")
}

fn same_histogram(expected: &FloatHistogram, got: &FloatHistogram, hint_given: bool) -> bool {
    let (mut expected, mut got) = (expected.clone(), got.clone());
    expected.compact();
    got.compact();
    let same_buckets = |a: &Buckets, b: &Buckets| {
        a.len() == b.len() && a.iter().zip(b.iter()).all(|((i, x), (j, y))| i == j && almost_equal(x, y))
    };
    expected.schema == got.schema
        && almost_equal(expected.count, got.count)
        && almost_equal(expected.sum, got.sum)
        && (!expected.uses_custom_buckets() || expected.custom_values == got.custom_values)
        && expected.zero_threshold == got.zero_threshold
        && almost_equal(expected.zero_count, got.zero_count)
        && same_buckets(&expected.negative, &got.negative)
        && same_buckets(&expected.positive, &got.positive)
        && (!hint_given || expected.counter_reset_hint == got.counter_reset_hint)
}

/// Source: Prometheus util/almost/almost.go.
fn almost_equal(a: f64, b: f64) -> bool {
    if is_stale_nan(a) || is_stale_nan(b) {
        return is_stale_nan(a) && is_stale_nan(b);
    }
    crate::promql::histogram::almost_equal(a, b, TOLERANCE)
}
