//! The change of a native histogram over a range, with counter resets mended.

use super::histograms::{add_noting, subtract_noting};
use super::rate::{is_start_reset, starts_overlap};
use super::{Notes, Window};
use crate::promql::annotation::Annotation;
use crate::promql::histogram::{CounterResetHint, FloatHistogram};

/// Last less first histogram, plus what each reset took away. At least two histograms must be in the window.
///
/// Source: Prometheus promql/functions.go `histogramRate`.
pub(super) fn change(w: &Window<'_>, notes: &Notes<'_>, counter: bool) -> Option<FloatHistogram> {
    let [first, second, ..] = w.histograms else { return None };
    let last = &w.histograms.last()?.h;
    let is_gauge = |h: &FloatHistogram| h.counter_reset_hint == CounterResetHint::Gauge;
    if counter && (is_gauge(&first.h) || is_gauge(last)) {
        (notes.add)(Annotation::histogram_not_counter(notes.first_arg, notes.metric()));
    }
    let start_reset = |i: usize| {
        let (before, now) = (&w.histograms[i - 1], &w.histograms[i]);
        w.use_starts && is_start_reset(before.start, before.t, now.start, now.t)
    };
    let nothing;
    let mut previous: &FloatHistogram = &first.h;
    if counter && (start_reset(1) || second.h.is_reset_since(previous)) {
        // The layout of the first does not matter: nothing of it is left.
        nothing = FloatHistogram {
            schema: second.h.schema,
            custom_values: second.h.custom_values.clone(),
            ..FloatHistogram::default()
        };
        previous = &nothing;
    }
    let custom = previous.uses_custom_buckets();
    if last.uses_custom_buckets() != custom {
        notes.mixed_exponential_custom();
        return None;
    }
    let mut schema = last.schema.min(previous.schema);
    if counter {
        for sample in &w.histograms[1..w.histograms.len() - 1] {
            if is_gauge(&sample.h) {
                (notes.add)(Annotation::histogram_not_counter(notes.first_arg, notes.metric()));
            }
            schema = schema.min(sample.h.schema);
            if sample.h.uses_custom_buckets() != custom {
                notes.mixed_exponential_custom();
                return None;
            }
        }
    }
    let mut result = (**last).clone();
    result.reduce_resolution(schema);
    if !subtract_noting(&mut result, previous, notes) {
        return None;
    }
    if counter {
        let mut overlaps = false;
        for (i, sample) in w.histograms.iter().enumerate().skip(1) {
            let before = &w.histograms[i - 1];
            overlaps |= w.use_starts && starts_overlap(before.start, before.t, sample.start);
            if (start_reset(i) || sample.h.is_reset_since(previous))
                && !add_noting(&mut result, previous, notes)
            {
                return None;
            }
            previous = &sample.h;
        }
        if overlaps {
            (notes.add)(Annotation::start_time_overlap(notes.first_arg, notes.metric()));
        }
    } else if !is_gauge(&first.h) || !is_gauge(last) {
        (notes.add)(Annotation::histogram_not_gauge(notes.first_arg, notes.metric()));
    }
    result.counter_reset_hint = CounterResetHint::Gauge;
    result.compact();
    Some(result)
}
