//! `rate`, `increase`, `delta` and their instant kin.

use std::sync::Arc;

use super::histograms::{add_noting, subtract_noting};
use super::{Notes, Window, extended, rate_histogram};
use crate::promql::annotation::Annotation;
use crate::promql::histogram::{CounterResetHint, FloatHistogram};
use crate::promql::plan::Edges;
use crate::promql::value::Point;

/// The change over the range: what the samples show, stretched to the ends of the range where these are near
/// enough. `counter` mends resets and never goes below zero; `per_second` divides by the range.
///
/// Source: Prometheus promql/functions.go `extrapolatedRate`.
pub(super) fn extrapolated(
    w: &Window<'_>,
    notes: &Notes<'_>,
    counter: bool,
    per_second: bool,
) -> Option<Point> {
    if !w.histograms.is_empty() && !w.values.is_empty() {
        notes.mixed_floats_histograms();
        return None;
    }
    if w.edges != Edges::Plain {
        return if w.histograms.is_empty() {
            extended::floats(w, counter, per_second)
        } else {
            extended::histograms(w, notes, counter, per_second)
        };
    }
    if w.histograms.is_empty() {
        floats(w, notes, counter, per_second).map(Point::Float)
    } else {
        histograms(w, notes, counter, per_second).map(|h| Point::Histogram(Arc::new(h)))
    }
}

fn floats(w: &Window<'_>, notes: &Notes<'_>, counter: bool, per_second: bool) -> Option<f64> {
    let (first, last) = (*w.values.first()?, *w.values.last()?);
    let mut result = last - first;
    if counter {
        let mut overlaps = false;
        for i in 1..w.values.len() {
            let reset_by_start = match w.starts {
                [] => false,
                starts => {
                    overlaps |= starts_overlap(starts[i - 1], w.times[i - 1], starts[i]);
                    is_start_reset(starts[i - 1], w.times[i - 1], starts[i], w.times[i])
                }
            };
            if w.values[i] < w.values[i - 1] || reset_by_start {
                result += w.values[i - 1];
            }
        }
        if overlaps {
            (notes.add)(Annotation::start_time_overlap(notes.first_arg, notes.metric()));
        }
    }
    let mut span = SampledSpan::new(w, w.times[0], w.times[w.times.len() - 1], w.values.len());
    match w.starts.first().filter(|start| counter && span.begins_within(**start)) {
        Some(start) => {
            span.begin_at(*start);
            result += first;
        }
        None if w.values.len() == 1 => return None,
        None => {
            let zero = (counter && result > 0.0 && first >= 0.0).then(|| span.interval * (first / result));
            span.reach_for_start(zero);
        }
    }
    Some(result * span.factor(w, per_second))
}

fn histograms(w: &Window<'_>, notes: &Notes<'_>, counter: bool, per_second: bool) -> Option<FloatHistogram> {
    let samples = w.histograms;
    let (first, last) = (samples.first()?, samples.last()?);
    let mut result = match samples.len() {
        1 => None,
        _ => Some(rate_histogram::change(w, notes, counter)?),
    };
    let mut span = SampledSpan::new(w, first.t, last.t, samples.len());
    if w.use_starts && counter && span.begins_within(first.start) {
        span.begin_at(first.start);
        match &mut result {
            None => result = Some((*first.h).clone()),
            Some(result) => {
                if !add_noting(result, &first.h, notes) {
                    return None;
                }
            }
        }
    } else {
        let change = result.as_ref()?.count;
        let zero = (counter && change > 0.0 && first.h.count >= 0.0)
            .then(|| span.interval * (first.h.count / change));
        span.reach_for_start(zero);
    }
    let mut result = result?;
    result.multiply(span.factor(w, per_second));
    Some(result)
}

/// How far samples reach within their range, in seconds.
struct SampledSpan {
    range_start: i64,
    first: i64,
    last: i64,
    /// From the first sample to the last.
    interval: f64,
    to_start: f64,
    to_end: f64,
    /// Mean distance of the samples.
    average: f64,
}

impl SampledSpan {
    fn new(w: &Window<'_>, first: i64, last: i64, samples: usize) -> SampledSpan {
        let interval = (last - first) as f64 / 1000.0;
        SampledSpan {
            range_start: w.range_start,
            first,
            last,
            interval,
            to_start: (first - w.range_start) as f64 / 1000.0,
            to_end: (w.range_end - last) as f64 / 1000.0,
            average: if samples > 1 { interval / (samples - 1) as f64 } else { 0.0 },
        }
    }

    /// Distances from this on count as "the series does not cover the range".
    fn threshold(&self) -> f64 {
        self.average * 1.1
    }

    /// True when a start timestamp says that the counter began at zero within the range.
    fn begins_within(&self, start: i64) -> bool {
        start != 0 && start > self.range_start && start < self.first
    }

    /// The counter began at zero at `start`: no need to guess.
    fn begin_at(&mut self, start: i64) {
        self.to_start = 0.0;
        self.interval = (self.last - start) as f64 / 1000.0;
    }

    /// Stretches to the start of the range, but not beyond the time at which a counter must have been zero.
    fn reach_for_start(&mut self, zero: Option<f64>) {
        if self.to_start >= self.threshold() {
            self.to_start = self.average / 2.0;
        }
        if let Some(zero) = zero
            && zero < self.to_start
        {
            self.to_start = zero;
        }
    }

    fn factor(&self, w: &Window<'_>, per_second: bool) -> f64 {
        let to_end = if self.to_end >= self.threshold() { self.average / 2.0 } else { self.to_end };
        let mut factor = 1.0;
        if self.interval != 0.0 {
            factor = (self.interval + self.to_start + to_end) / self.interval;
        }
        if per_second { factor / w.range_seconds } else { factor }
    }
}

/// True when start timestamps say that a counter was reset between two samples.
///
/// Source: Prometheus promql/functions.go `isStartTimestampReset`.
pub(super) fn is_start_reset(previous_start: i64, previous: i64, start: i64, current: i64) -> bool {
    if start == 0 || start >= current || start < previous {
        return false;
    }
    if start > previous {
        return true;
    }
    // It points right at the sample before: a delta, unless that one's own start is unknown or invalid.
    previous_start <= previous && previous_start != 0 && previous_start != previous
}

/// True when a sample claims to count since before the sample in front of it.
///
/// Source: Prometheus promql/functions.go `checkStartTimeOverlap`.
pub(super) fn starts_overlap(previous_start: i64, previous: i64, start: i64) -> bool {
    start != 0 && start < previous && start != previous_start
}

/// One of the last two samples.
struct Last<'a> {
    t: i64,
    start: i64,
    value: Either<'a>,
}

enum Either<'a> {
    Float(f64),
    Histogram(&'a FloatHistogram),
}

/// The change between the last two samples of the range; per second for `irate`.
///
/// Source: Prometheus promql/functions.go `instantValue`.
pub(super) fn instant(w: &Window<'_>, notes: &Notes<'_>, rate: bool) -> Option<Point> {
    let mut last: Vec<Last<'_>> = Vec::with_capacity(4);
    for i in w.values.len().saturating_sub(2)..w.values.len() {
        let start = w.starts.get(i).copied().unwrap_or(0);
        last.push(Last { t: w.times[i], start, value: Either::Float(w.values[i]) });
    }
    for sample in &w.histograms[w.histograms.len().saturating_sub(2)..] {
        let start = if w.use_starts { sample.start } else { 0 };
        last.push(Last { t: sample.t, start, value: Either::Histogram(&sample.h) });
    }
    last.sort_by_key(|s| s.t);
    let [.., before, now] = last.as_slice() else { return None };
    let seconds = (now.t - before.t) as f64 / 1000.0;
    if seconds == 0.0 {
        return None;
    }
    let start_reset = || is_start_reset(before.start, before.t, now.start, now.t);
    match (&before.value, &now.value) {
        (Either::Float(a), Either::Float(b)) => {
            let reset = rate && (b < a || start_reset());
            let change = if reset { *b } else { b - a };
            Some(Point::Float(if rate { change / seconds } else { change }))
        }
        (Either::Histogram(a), Either::Histogram(b)) => {
            let gauges = [a, b].map(|h| h.counter_reset_hint == CounterResetHint::Gauge);
            if rate && gauges.contains(&true) {
                (notes.add)(Annotation::histogram_not_counter(notes.span, notes.metric()));
            }
            if !rate && gauges.contains(&false) {
                (notes.add)(Annotation::histogram_not_gauge(notes.span, notes.metric()));
            }
            let mut change = (*b).clone();
            if !(rate && (start_reset() || b.is_reset_since(a))) && !subtract_noting(&mut change, a, notes) {
                return None;
            }
            change.counter_reset_hint = CounterResetHint::Gauge;
            change.compact();
            if rate {
                change.divide(seconds);
            }
            Some(Point::Histogram(Arc::new(change)))
        }
        _ => {
            (notes.add)(Annotation::mixed_floats_histograms(notes.span, notes.metric()));
            None
        }
    }
}
