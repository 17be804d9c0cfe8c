//! `rate`, `increase` and `delta` of anchored and smoothed selectors, which know the value at both ends of the range.

use std::sync::Arc;

use super::histograms::{add_noting, subtract_noting};
use super::interpolate::{interpolate_floats, interpolate_histograms};
use super::{Notes, Window};
use crate::promql::annotation::Annotation;
use crate::promql::histogram::{CounterResetHint, FloatHistogram, IncompatibleSchemas};
use crate::promql::plan::Edges;
use crate::promql::storage::HistogramSample;
use crate::promql::value::Point;

/// Indexes of the first and last sample that matter: the one at or before the start of the range, and for smoothed
/// selectors the one at or after its end. None when all samples lie outside.
///
/// Source: Prometheus promql/functions.go `extendedRate`.
fn ends(w: &Window<'_>, len: usize, time: impl Fn(usize) -> i64) -> Option<(usize, usize)> {
    let mut last = len - 1;
    let first_after =
        |limit: usize, found: &dyn Fn(i64) -> bool| (0..limit).find(|i| found(time(*i))).unwrap_or(limit);
    let first = first_after(last, &|t| t > w.range_start).saturating_sub(1);
    let smoothed = w.edges == Edges::Smoothed;
    if smoothed {
        last = first_after(last, &|t| t >= w.range_end);
    }
    if time(last) <= w.range_start || (smoothed && time(first) > w.range_end) {
        return None;
    }
    Some((first, last))
}

/// For numbers; the window holds at least one.
///
/// Source: Prometheus promql/functions.go `extendedRate`.
pub(super) fn floats(w: &Window<'_>, counter: bool, per_second: bool) -> Option<Point> {
    let (first, last) = ends(w, w.times.len(), |i| w.times[i])?;
    let (left, right) = float_ends(w, (first, last), counter);
    let mut result = right - left;
    if counter {
        // The samples at the ends are in `left` and `right` already.
        let from = first + usize::from(w.times[first] <= w.range_start);
        let to = (last + 1) - usize::from(w.times[last] >= w.range_end);
        let mut correction = 0.0;
        let mut previous = left;
        for value in w.values.get(from..to).unwrap_or_default().iter().chain([&right]) {
            if *value < previous {
                correction += previous;
            }
            previous = *value;
        }
        result += correction;
    }
    if per_second {
        result /= w.range_seconds;
    }
    Some(Point::Float(result))
}

/// The values at both ends of the range.
fn float_ends(w: &Window<'_>, (first, last): (usize, usize), counter: bool) -> (f64, f64) {
    let point = |i: usize| (w.times[i], w.values[i]);
    let smoothed = w.edges == Edges::Smoothed;
    let left = if smoothed && w.times[first] < w.range_start && first + 1 < w.times.len() {
        interpolate_floats([point(first), point(first + 1)], w.range_start, counter)
    } else {
        w.values[first]
    };
    let right = if smoothed && last > 0 && w.times[last] > w.range_end {
        interpolate_floats([point(last - 1), point(last)], w.range_end, counter)
    } else {
        w.values[last]
    };
    (left, right)
}

/// For histograms; the window holds at least one.
///
/// Source: Prometheus promql/functions.go `extendedHistogramRate`.
pub(super) fn histograms(
    w: &Window<'_>,
    notes: &Notes<'_>,
    counter: bool,
    per_second: bool,
) -> Option<Point> {
    let samples = w.histograms;
    let (first, last) = ends(w, samples.len(), |i| samples[i].t)?;
    if !same_kind(&samples[first..=last], notes, counter) {
        return None;
    }
    let note = |result: Result<FloatHistogram, IncompatibleSchemas>| {
        result.map_err(|_| notes.mixed_exponential_custom()).ok()
    };
    let left = note(left_end(w, notes, first, counter))?;
    let right = note(right_end(w, notes, last, counter))?;
    let gauge = CounterResetHint::Gauge;
    if !counter && (left.counter_reset_hint != gauge || right.counter_reset_hint != gauge) {
        (notes.add)(Annotation::histogram_not_gauge(notes.first_arg, notes.metric()));
    }
    let mut result = right.clone();
    if !subtract_noting(&mut result, &left, notes) {
        return None;
    }
    if counter
        && let Some(correction) = correction(w, notes, (first, last), &left, &right)?
        && !add_noting(&mut result, &correction, notes)
    {
        return None;
    }
    if per_second {
        result.divide(w.range_seconds);
    }
    result.counter_reset_hint = gauge;
    result.compact();
    Some(Point::Histogram(Arc::new(result)))
}

/// Source: Prometheus promql/functions.go `validateHistogramRange`.
fn same_kind(samples: &[HistogramSample], notes: &Notes<'_>, counter: bool) -> bool {
    let custom = samples.first().is_some_and(|s| s.h.uses_custom_buckets());
    for sample in samples {
        if sample.h.uses_custom_buckets() != custom {
            notes.mixed_exponential_custom();
            return false;
        }
        if counter && sample.h.counter_reset_hint == CounterResetHint::Gauge {
            (notes.add)(Annotation::histogram_not_counter(notes.first_arg, notes.metric()));
        }
    }
    true
}

fn left_end(
    w: &Window<'_>,
    notes: &Notes<'_>,
    first: usize,
    counter: bool,
) -> Result<FloatHistogram, IncompatibleSchemas> {
    let sample = &w.histograms[first];
    if w.edges == Edges::Smoothed && sample.t < w.range_start {
        let next = &w.histograms[first + 1];
        let points = [(sample.t, &*sample.h), (next.t, &*next.h)];
        return interpolate_histograms(points, w.range_start, counter, notes.first_arg, &mut |a| {
            (notes.add)(a);
        });
    }
    Ok((*sample.h).clone())
}

fn right_end(
    w: &Window<'_>,
    notes: &Notes<'_>,
    last: usize,
    counter: bool,
) -> Result<FloatHistogram, IncompatibleSchemas> {
    let sample = &w.histograms[last];
    if w.edges == Edges::Smoothed && last > 0 && sample.t > w.range_end {
        let previous = &w.histograms[last - 1];
        let points = [(previous.t, &*previous.h), (sample.t, &*sample.h)];
        return interpolate_histograms(points, w.range_end, counter, notes.first_arg, &mut |a| {
            (notes.add)(a);
        });
    }
    Ok((*sample.h).clone())
}

/// What resets between the ends took away: nothing, a histogram, or None when histograms can't be combined.
///
/// Source: Prometheus promql/functions.go `correctForCounterResetsHistogram`.
#[allow(clippy::option_option, reason = "failure and 'no reset' differ")]
fn correction(
    w: &Window<'_>,
    notes: &Notes<'_>,
    (first, last): (usize, usize),
    left: &FloatHistogram,
    right: &FloatHistogram,
) -> Option<Option<FloatHistogram>> {
    let samples = w.histograms;
    // `left` stands for the first sample, `right` for the last.
    let mut from = first + 1;
    let mut previous = left;
    if w.edges == Edges::Smoothed
        && samples[first].t < w.range_start
        && samples.get(first + 1).is_some_and(|next| next.h.is_reset_since(&samples[first].h))
    {
        // The interpolation on the left went across this reset.
        previous = &samples[first + 1].h;
        from += 1;
    }
    if from > last {
        return Some(None);
    }
    let mut correction: Option<FloatHistogram> = None;
    for next in samples[from..last].iter().map(|s| &*s.h).chain([right]) {
        if next.is_reset_since(previous) {
            match &mut correction {
                None => correction = Some(previous.clone()),
                Some(correction) => {
                    if !add_noting(correction, previous, notes) {
                        return None;
                    }
                }
            }
        }
        previous = next;
    }
    Some(correction)
}

/// The samples within the range, with one at each end: the last one before it, or what interpolation gives.
///
/// Source: Prometheus promql/engine.go `extendFloats`.
pub(crate) fn extend_floats(
    times: &[i64],
    values: &[f64],
    range: (i64, i64),
    edges: Edges,
) -> Vec<(i64, f64)> {
    let (range_start, range_end) = range;
    let window = Window {
        times,
        values,
        starts: &[],
        histograms: &[],
        use_starts: false,
        range_start,
        range_end,
        time: range_end,
        range_seconds: 0.0,
        edges,
        params: [0.0; 2],
    };
    let mut last = times.len() - 1;
    let first = times[..last].partition_point(|t| *t <= range_start).saturating_sub(1);
    if edges == Edges::Smoothed {
        last = times[..last].partition_point(|t| *t < range_end);
    }
    if times[last] <= range_start {
        return Vec::new();
    }
    let (left, right) = float_ends(&window, (first, last), false);
    let from = first + usize::from(times[first] <= range_start);
    let to = (last + 1) - usize::from(times[last] >= range_end);
    let mut points = vec![(range_start, left)];
    let within = times.get(from..to).unwrap_or_default().iter().zip(values.get(from..to).unwrap_or_default());
    points.extend(within.map(|(t, v)| (*t, *v)));
    points.push((range_end, right));
    points
}
