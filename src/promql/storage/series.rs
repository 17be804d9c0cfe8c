//! One series: its numbers, histograms and stale markers, each by time.

use std::sync::Arc;

use crate::promql::histogram::FloatHistogram;
use crate::promql::labels::Labels;
use crate::promql::value::is_stale_nan;

/// A native histogram at a time.
#[derive(Debug, Clone)]
pub struct HistogramSample {
    /// Timestamp in milliseconds since 1970.
    pub t: i64,
    /// The histogram.
    pub h: Arc<FloatHistogram>,
    /// When counting began (milliseconds since 1970), 0 when unknown.
    pub start: i64,
}

/// Timestamps, shared by the series of one load as long as nothing is added to one of them.
#[derive(Debug, Clone)]
enum Times {
    Shared(Arc<[i64]>),
    Own(Vec<i64>),
}

impl Times {
    fn as_slice(&self) -> &[i64] {
        match self {
            Times::Shared(times) => times,
            Times::Own(times) => times,
        }
    }

    fn own(&mut self) -> &mut Vec<i64> {
        if let Times::Shared(times) = self {
            *self = Times::Own(times.to_vec());
        }
        match self {
            Times::Own(times) => times,
            Times::Shared(_) => unreachable!("made its own above"),
        }
    }
}

/// One series. Numbers, histograms and stale markers are kept apart, each sorted by time, so that the hot loops
/// run over dense arrays of numbers.
#[derive(Debug, Clone)]
pub struct Series {
    labels: Labels,
    times: Times,
    values: Vec<f64>,
    /// As long as `values`, or empty when no start is known.
    starts: Vec<i64>,
    histograms: Vec<HistogramSample>,
    stale: Vec<i64>,
}

impl Series {
    pub(super) fn new(labels: Labels) -> Series {
        Series {
            labels,
            times: Times::Own(Vec::new()),
            values: Vec::new(),
            starts: Vec::new(),
            histograms: Vec::new(),
            stale: Vec::new(),
        }
    }

    /// A series of histograms and numbers that were computed, such as a subquery's.
    pub(crate) fn computed(
        labels: Labels,
        times: Vec<i64>,
        values: Vec<f64>,
        histograms: Vec<HistogramSample>,
    ) -> Series {
        debug_assert_eq!(times.len(), values.len());
        Series { times: Times::Own(times), values, histograms, ..Series::new(labels) }
    }

    /// A series of numbers on a grid that it shares with others.
    pub(crate) fn computed_on(labels: Labels, times: Arc<[i64]>, values: Vec<f64>) -> Series {
        debug_assert_eq!(times.len(), values.len());
        Series { times: Times::Shared(times), values, ..Series::new(labels) }
    }

    /// The labels.
    pub fn labels(&self) -> &Labels {
        &self.labels
    }

    /// The times of the numbers, in milliseconds since 1970, ascending.
    pub fn times(&self) -> &[i64] {
        self.times.as_slice()
    }

    /// The numbers.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// Since when each number counts (0 = unknown); empty when nothing is known of any.
    pub fn starts(&self) -> &[i64] {
        &self.starts
    }

    /// The histograms, by time.
    pub fn histograms(&self) -> &[HistogramSample] {
        &self.histograms
    }

    /// The times of the stale markers, ascending.
    pub fn stale(&self) -> &[i64] {
        &self.stale
    }

    /// The newest timestamp of any sample or marker.
    pub fn max_time(&self) -> Option<i64> {
        let newest =
            [self.times().last().copied(), self.histograms.last().map(|h| h.t), self.stale.last().copied()];
        newest.into_iter().flatten().max()
    }

    pub(super) fn insert_float(&mut self, t: i64, value: f64, start: i64) {
        if is_stale_nan(value) {
            self.insert_stale(t);
            return;
        }
        self.remove_other(t, Kind::Float);
        if start != 0 && self.starts.is_empty() {
            self.starts = vec![0; self.values.len()];
        }
        let tracked = start != 0 || !self.starts.is_empty();
        match find(self.times.as_slice(), t) {
            Ok(at) => {
                self.values[at] = value;
                if tracked {
                    self.starts[at] = start;
                }
            }
            Err(at) => {
                self.times.own().insert(at, t);
                self.values.insert(at, value);
                if tracked {
                    self.starts.insert(at, start);
                }
            }
        }
    }

    pub(super) fn insert_histogram(&mut self, sample: HistogramSample) {
        if is_stale_nan(sample.h.sum) {
            self.insert_stale(sample.t);
            return;
        }
        self.remove_other(sample.t, Kind::Histogram);
        let at = self.histograms.partition_point(|h| h.t < sample.t);
        let sample = self.with_stored_hint(sample, at);
        match self.histograms.get_mut(at) {
            Some(there) if there.t == sample.t => *there = sample,
            _ => self.histograms.insert(at, sample),
        }
    }

    /// The sample with the counter reset hint that Prometheus' storage would give back. Where only the hint of an equal histogram is another, as
    /// in a constant series, the one before is shared.
    fn with_stored_hint(&self, mut sample: HistogramSample, at: usize) -> HistogramSample {
        let before = at.checked_sub(1).and_then(|i| self.histograms.get(i));
        // Anything else in between begins a new chunk.
        let before = before.filter(|before| {
            let between = |times: &[i64]| {
                times.partition_point(|t| *t < sample.t) > times.partition_point(|t| *t < before.t)
            };
            !between(self.times.as_slice()) && !between(&self.stale)
        });
        let hint = sample.h.hint_when_stored(before.map(|before| &*before.h));
        if hint == sample.h.counter_reset_hint {
            return sample;
        }
        match before.filter(|before| before.h.counter_reset_hint == hint && before.h.same_data(&sample.h)) {
            Some(before) => sample.h = Arc::clone(&before.h),
            None => Arc::make_mut(&mut sample.h).counter_reset_hint = hint,
        }
        sample
    }

    pub(super) fn insert_stale(&mut self, t: i64) {
        self.remove_other(t, Kind::Stale);
        if let Err(at) = find(&self.stale, t) {
            self.stale.insert(at, t);
        }
    }

    pub(super) fn extend_floats(&mut self, times: &Arc<[i64]>, values: Vec<f64>) {
        let plain = !values.iter().any(|v| is_stale_nan(*v));
        if plain && self.max_time().is_none() && times.len() == values.len() {
            self.times = Times::Shared(times.clone());
            self.values = values;
            return;
        }
        let newest = self.max_time();
        let behind = newest.is_none_or(|newest| times.first().is_some_and(|t| *t > newest));
        if plain && behind && self.starts.is_empty() && times.len() == values.len() {
            self.times.own().extend_from_slice(times);
            self.values.extend(values);
            return;
        }
        for (t, value) in times.iter().zip(values) {
            self.insert_float(*t, value, 0);
        }
    }

    /// A timestamp has one sample: takes away those of other kinds.
    fn remove_other(&mut self, t: i64, kind: Kind) {
        if self.max_time().is_none_or(|newest| t > newest) {
            return;
        }
        if kind != Kind::Float
            && let Ok(at) = find(self.times.as_slice(), t)
        {
            self.times.own().remove(at);
            self.values.remove(at);
            if !self.starts.is_empty() {
                self.starts.remove(at);
            }
        }
        if kind != Kind::Histogram {
            self.histograms.retain(|h| h.t != t);
        }
        if kind != Kind::Stale {
            self.stale.retain(|s| *s != t);
        }
    }
}

/// What a sample is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Float,
    Histogram,
    Stale,
}

/// Binary search that looks at the end first, where samples usually arrive.
fn find(times: &[i64], t: i64) -> Result<usize, usize> {
    match times.last() {
        Some(last) if *last >= t => times.binary_search(&t),
        _ => Err(times.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::promql::value::STALE_NAN_BITS;

    #[test]
    fn samples_may_come_in_any_order_and_the_last_one_wins() {
        let mut series = Series::new(Labels::EMPTY);
        for (t, v) in [(30, 3.0), (10, 1.0), (20, 2.0), (10, 9.0)] {
            series.insert_float(t, v, 0);
        }
        assert_eq!(series.times(), [10, 20, 30]);
        assert_eq!(series.values(), [9.0, 2.0, 3.0]);
        series.insert_stale(20);
        assert_eq!((series.times(), series.stale()), (&[10, 30][..], &[20][..]));
        series.insert_float(20, 4.0, 5);
        assert_eq!((series.values(), series.starts()), (&[9.0, 4.0, 3.0][..], &[0, 5, 0][..]));
        assert!(series.stale().is_empty());
    }

    #[test]
    fn a_grid_is_shared_until_a_series_grows() {
        let grid: Arc<[i64]> = Arc::from([0, 10]);
        let mut a = Series::new(Labels::EMPTY);
        let mut b = Series::new(Labels::EMPTY);
        a.extend_floats(&grid, vec![1.0, 2.0]);
        b.extend_floats(&grid, vec![3.0, f64::from_bits(STALE_NAN_BITS)]);
        assert!(std::ptr::eq(a.times(), &*grid));
        assert_eq!((b.times(), b.stale()), (&[0][..], &[10][..]));
        a.insert_float(20, 3.0, 0);
        assert_eq!(a.times(), [0, 10, 20]);
        assert_eq!(grid.len(), 2);
    }
}
