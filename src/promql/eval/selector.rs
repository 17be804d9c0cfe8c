//! Instant vector selectors: the newest sample of each series that is not too old.

use std::borrow::Cow;
use std::sync::Arc;

use super::window::{Bound, Pointer, WindowCache, Windows};
use super::{Evaluator, Row, Sink};
use crate::promql::annotation::Annotation;
use crate::promql::error::EvalError;
use crate::promql::functions::range::interpolate::{interpolate_floats, interpolate_histograms};
use crate::promql::histogram::CounterResetHint;
use crate::promql::plan::{At, Edges, Node, Selector};
use crate::promql::storage::{HistogramSample, Series};
use crate::promql::value::{Column, Point};
use crate::source::Span;

/// What of a sample goes into the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Take {
    /// Its value.
    Value,
    /// Its timestamp in seconds.
    Time,
    /// Since when it counts, in seconds.
    Start,
}

impl Evaluator<'_> {
    /// The time a selector looks at from each step: `@` in place of the step, less the offset.
    pub(crate) fn reference_times(&self, at: At, offset: i64) -> impl Iterator<Item = i64> + '_ {
        (0..self.steps.len()).map(move |step| {
            let t = match at {
                At::Step => self.steps[step],
                At::Time(t) => t,
                At::Start => self.query_span(step).0,
                At::End => self.query_span(step).1,
            };
            t.saturating_sub(offset)
        })
    }

    pub(super) fn stream_selector(
        &self,
        node: &Node,
        selector: &Selector,
        sink: &mut Sink<'_>,
    ) -> Result<(), EvalError> {
        self.stream_samples(node.span, selector, Take::Value, sink)
    }

    /// Hands over a row for each series that a selector finds.
    pub(crate) fn stream_samples(
        &self,
        span: Span,
        selector: &Selector,
        take: Take,
        sink: &mut Sink<'_>,
    ) -> Result<(), EvalError> {
        let found = self.storage.select(&selector.matchers);
        if found.is_empty() {
            return Ok(());
        }
        let offset = self.duration(&selector.offset)?;
        let smoothed = selector.edges == Edges::Smoothed && take == Take::Value;
        let bounds = self.lookback_bounds(selector.at, offset, smoothed);
        let mut cache = WindowCache::default();
        let mut row = Row::default();
        for id in found {
            self.check_time(span)?;
            let series = self.storage.series(id);
            row.column.reset(self.steps.len());
            if smoothed {
                self.smooth(span, series, &bounds, &mut row.column);
            } else if series.histograms().is_empty() {
                let (windows, _) = cache.get(series.times(), true, &bounds);
                fill_floats(series, &windows, &bounds, take, &mut row.column);
            } else {
                fill_mixed(series, &bounds, take, selector.explicit_hints, &mut row.column);
            }
            let points = row.column.present();
            if points > 0 {
                self.charge(span, points)?;
                row.labels = series.labels().clone();
                row.drop_name = false;
                sink(&mut row)?;
            }
        }
        Ok(())
    }

    fn lookback_bounds(&self, at: At, offset: i64, smoothed: bool) -> Vec<Bound> {
        let lookback = self.options.lookback_ms();
        let closed = i64::from(self.options.has_closed_windows());
        let ahead = if smoothed { lookback } else { 0 };
        self.reference_times(at, offset)
            .enumerate()
            .map(|(step, t)| Bound {
                after: t.saturating_sub(lookback).saturating_sub(closed),
                until: t.saturating_add(ahead).min(self.horizon(step)),
                range_start: t.saturating_sub(lookback),
                range_end: t,
            })
            .collect()
    }

    /// Interpolates between the samples around each step.
    ///
    /// Source: Prometheus promql/engine.go `smoothSeries`.
    fn smooth(&self, span: Span, series: &Series, bounds: &[Bound], column: &mut Column) {
        let metric = || series.labels().metric_name();
        for (step, bound) in bounds.iter().enumerate() {
            let floats = slice(series.times(), bound);
            let histograms = histogram_slice(series.histograms(), bound);
            let t = bound.range_end;
            if !histograms.is_empty() {
                if floats.0 < floats.1 {
                    self.note(Annotation::mixed_floats_histograms(span, metric()));
                } else if let Some(h) = self.smooth_histogram(span, metric(), histograms, t) {
                    column.set(step, h);
                }
                continue;
            }
            let times = &series.times()[floats.0..floats.1];
            let values = &series.values()[floats.0..floats.1];
            let next = times.partition_point(|x| *x < t);
            let value = match (next.checked_sub(1), times.get(next)) {
                (_, Some(x)) if *x == t => values[next],
                (Some(last), Some(_)) => {
                    let points = [(times[last], values[last]), (times[next], values[next])];
                    interpolate_floats(points, t, false)
                }
                (Some(last), None) => values[last],
                (None, _) => continue,
            };
            column.set(step, Point::Float(value));
        }
    }

    fn smooth_histogram(
        &self,
        span: Span,
        metric: &str,
        histograms: &[HistogramSample],
        t: i64,
    ) -> Option<Point> {
        let next = histograms.partition_point(|h| h.t < t);
        match (next.checked_sub(1).map(|i| &histograms[i]), histograms.get(next)) {
            (_, Some(exact)) if exact.t == t => Some(Point::Histogram(exact.h.clone())),
            (Some(last), Some(next)) => {
                if last.h.uses_custom_buckets() != next.h.uses_custom_buckets() {
                    self.note(Annotation::mixed_exponential_custom(span, metric));
                    return None;
                }
                let gauge = CounterResetHint::Gauge;
                let counter = last.h.counter_reset_hint != gauge || next.h.counter_reset_hint != gauge;
                let note = &mut |annotation| self.note(annotation);
                let points = [(last.t, &*last.h), (next.t, &*next.h)];
                match interpolate_histograms(points, t, counter, span, note) {
                    Ok(h) => Some(Point::Histogram(Arc::new(h))),
                    Err(_) => {
                        self.note(Annotation::mixed_exponential_custom(span, metric));
                        None
                    }
                }
            }
            (Some(last), None) => {
                let mut h = (*last.h).clone();
                h.counter_reset_hint = CounterResetHint::Unknown;
                Some(Point::Histogram(Arc::new(h)))
            }
            (None, _) => None,
        }
    }
}

/// The indexes of the timestamps within a bound.
pub(crate) fn slice(times: &[i64], bound: &Bound) -> (usize, usize) {
    let from = times.partition_point(|t| *t <= bound.after);
    let to = times.partition_point(|t| *t <= bound.until);
    (from, to.max(from))
}

/// The histograms within a bound.
pub(crate) fn histogram_slice<'h>(histograms: &'h [HistogramSample], bound: &Bound) -> &'h [HistogramSample] {
    let from = histograms.partition_point(|h| h.t <= bound.after);
    let to = histograms.partition_point(|h| h.t <= bound.until);
    &histograms[from..to.max(from)]
}

/// The histograms with "reset" or "not reset" where their hint says nothing and there is one before to compare with.
///
/// Source: Prometheus promql/histogram_stats_iterator.go.
pub(crate) fn with_explicit_hints(histograms: &[HistogramSample]) -> Cow<'_, [HistogramSample]> {
    let mut explicit = Cow::Borrowed(histograms);
    for (i, pair) in histograms.windows(2).enumerate() {
        let [before, sample] = pair else { continue };
        if sample.h.counter_reset_hint == CounterResetHint::Unknown {
            let reset = sample.h.is_reset_since(&before.h);
            let hint = if reset { CounterResetHint::Reset } else { CounterResetHint::NotReset };
            Arc::make_mut(&mut explicit.to_mut()[i + 1].h).counter_reset_hint = hint;
        }
    }
    explicit
}

/// A series of numbers: the last sample of each window, unless a stale marker is newer.
fn fill_floats(series: &Series, windows: &Windows, bounds: &[Bound], take: Take, column: &mut Column) {
    let (times, values) = (series.times(), series.values());
    let cells = column.cells.iter_mut().zip(windows.from.iter().zip(&windows.to));
    match take {
        Take::Value => {
            for (cell, (from, to)) in cells {
                if to > from {
                    *cell = values[*to as usize - 1];
                }
            }
        }
        Take::Time => {
            for (cell, (from, to)) in cells {
                if to > from {
                    *cell = times[*to as usize - 1] as f64 / 1000.0;
                }
            }
        }
        Take::Start => {
            for (cell, (from, to)) in cells {
                if to > from {
                    let start = series.starts().get(*to as usize - 1).copied().unwrap_or(0);
                    *cell = start as f64 / 1000.0;
                }
            }
        }
    }
    if series.stale().is_empty() {
        return;
    }
    let stale = series.stale();
    let mut pointer = bounds.first().map(|b| Pointer::at(stale, b.until));
    for (step, bound) in bounds.iter().enumerate() {
        let Some(pointer) = &mut pointer else { return };
        pointer.advance(stale, bound.until);
        let (from, to) = windows.at(step);
        if to > from && pointer.index > 0 && stale[pointer.index - 1] > times[to - 1] {
            column.cells[step] = crate::promql::value::ABSENT;
        }
    }
}

/// A series that has histograms too: the newest of both kinds.
fn fill_mixed(series: &Series, bounds: &[Bound], take: Take, explicit_hints: bool, column: &mut Column) {
    for (step, bound) in bounds.iter().enumerate() {
        let (from, to) = slice(series.times(), bound);
        let float = (to > from).then(|| to - 1);
        let histograms = histogram_slice(series.histograms(), bound);
        let histogram = histograms.last();
        let float_time = float.map(|i| series.times()[i]);
        let time = float_time.max(histogram.map(|h| h.t));
        let stale = series.stale();
        let ended = stale.partition_point(|t| *t <= bound.until).checked_sub(1).map(|i| stale[i]);
        let Some(time) = time.filter(|t| ended.is_none_or(|e| e < *t)) else { continue };
        let newest = histogram.filter(|h| h.t == time);
        let point = match (take, newest, float) {
            (Take::Time, ..) => Point::Float(time as f64 / 1000.0),
            (Take::Start, Some(h), _) => Point::Float(h.start as f64 / 1000.0),
            (Take::Start, None, Some(i)) => {
                Point::Float(series.starts().get(i).copied().unwrap_or(0) as f64 / 1000.0)
            }
            (Take::Value, Some(_), _) if explicit_hints => {
                let from = histograms.len().saturating_sub(2);
                match with_explicit_hints(&histograms[from..]).last() {
                    Some(h) => Point::Histogram(h.h.clone()),
                    None => continue,
                }
            }
            (Take::Value, Some(h), _) => Point::Histogram(h.h.clone()),
            (Take::Value, None, Some(i)) => Point::Float(series.values()[i]),
            (_, None, None) => continue,
        };
        column.set(step, point);
    }
}
