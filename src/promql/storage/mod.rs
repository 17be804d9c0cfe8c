//! Series in memory, as columns: what the engine evaluates over.

mod series;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use xxhash_rust::xxh64::xxh64;

use super::ast::MatchOp;
use super::labels::{Labels, METRIC_NAME, METRIC_TYPE, METRIC_UNIT};
use super::matcher::Matcher;
use super::value::{Column, Point, is_absent};

pub use series::{HistogramSample, Series};

/// The number of a series in its storage; numbers follow the order of creation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeriesId(u32);

/// A set of series. Samples may be added at any time, in any order; a sample at the timestamp of another
/// replaces it.
///
/// Where Prometheus' own order of series is accidental (ties of `topk`, `limitk`, the last bits of sums), the
/// order of creation decides here.
#[derive(Debug, Clone, Default)]
pub struct Storage {
    series: Vec<Series>,
    by_labels: HashMap<Labels, SeriesId>,
    by_name: HashMap<Box<str>, Vec<SeriesId>>,
    /// The labels that any series has, by [`pair_hash`].
    pairs: HashSet<u64>,
    /// True when a series has a type or a unit among its labels.
    has_metadata_labels: bool,
    /// The last end of timestamps that a column was given: most columns of a rule begin at the same step.
    tail: Option<Tail>,
}

/// Timestamps, and their end that some columns have.
#[derive(Debug, Clone)]
struct Tail {
    of: Arc<[i64]>,
    times: Arc<[i64]>,
}

/// A number for a label's name and value.
fn pair_hash(name: &str, value: &str) -> u64 {
    xxh64(value.as_bytes(), xxh64(name.as_bytes(), 0))
}

/// Matchers, with what can be said of them before any series is looked at.
#[derive(Debug, Clone)]
pub struct Wanted {
    matchers: Vec<Matcher>,
    /// The labels that a series has to have.
    pairs: Vec<u64>,
}

impl Wanted {
    /// Prepares matchers.
    pub fn new(matchers: Vec<Matcher>) -> Wanted {
        let needed = matchers.iter().filter(|m| m.op == MatchOp::Equal && !m.value.is_empty());
        let pairs = needed.map(|m| pair_hash(&m.name, &m.value)).collect();
        Wanted { matchers, pairs }
    }

    /// The matchers.
    pub fn matchers(&self) -> &[Matcher] {
        &self.matchers
    }
}

impl Storage {
    /// An empty storage.
    pub fn new() -> Storage {
        Storage::default()
    }

    /// The series with these labels, created if it is not there.
    pub fn series_id(&mut self, labels: &Labels) -> SeriesId {
        if let Some(id) = self.by_labels.get(labels) {
            return *id;
        }
        let id = SeriesId(u32::try_from(self.series.len()).unwrap_or(u32::MAX));
        self.series.push(Series::new(labels.clone()));
        self.has_metadata_labels |= labels.has(METRIC_TYPE) || labels.has(METRIC_UNIT);
        self.pairs.extend(labels.iter().map(|(name, value)| pair_hash(name, value)));
        self.by_labels.insert(labels.clone(), id);
        self.by_name.entry(labels.metric_name().into()).or_default().push(id);
        id
    }

    /// The series of a number that this storage gave out.
    pub fn series(&self, id: SeriesId) -> &Series {
        &self.series[id.0 as usize]
    }

    /// All series, in the order of creation.
    pub fn iter(&self) -> impl Iterator<Item = &Series> {
        self.series.iter()
    }

    /// Number of series.
    pub fn len(&self) -> usize {
        self.series.len()
    }

    /// True when there is no series.
    pub fn is_empty(&self) -> bool {
        self.series.is_empty()
    }

    /// Adds a sample at `t` (milliseconds since 1970).
    pub fn append(&mut self, id: SeriesId, t: i64, point: Point) {
        let series = &mut self.series[id.0 as usize];
        match point {
            Point::Float(v) => series.insert_float(t, v, 0),
            Point::Histogram(h) => series.insert_histogram(HistogramSample { t, h, start: 0 }),
        }
    }

    /// Adds a stale marker at `t`: the series ends there.
    pub fn append_stale(&mut self, id: SeriesId, t: i64) {
        self.series[id.0 as usize].insert_stale(t);
    }

    /// Adds a sample at `t` that says it counts since `start` (both in milliseconds since 1970).
    pub fn append_with_start(&mut self, id: SeriesId, t: i64, start: i64, point: Point) {
        let series = &mut self.series[id.0 as usize];
        match point {
            Point::Float(v) => series.insert_float(t, v, start),
            Point::Histogram(h) => series.insert_histogram(HistogramSample { t, h, start }),
        }
    }

    /// Adds one number for each timestamp of `times` (ascending). Series that are loaded with the same `Arc` share
    /// it, which saves memory and lets the engine compute windows once for all of them. Stale markers among the
    /// values count as such.
    pub fn append_floats(&mut self, id: SeriesId, times: &Arc<[i64]>, values: Vec<f64>) {
        self.series[id.0 as usize].extend_floats(times, values);
    }

    /// Adds the output of a recording rule that was evaluated at `times` (ascending), and a stale marker where the
    /// output ends.
    ///
    /// Source: Prometheus rules/group.go `Eval`.
    pub fn append_column(&mut self, id: SeriesId, times: &Arc<[i64]>, column: &Column) {
        if !column.has_histograms() && column.cells.iter().all(|c| !is_absent(*c)) {
            self.append_floats(id, times, column.cells.clone());
            return;
        }
        let first = column.cells.iter().position(|c| !is_absent(*c)).unwrap_or(column.cells.len());
        let present = column.cells.get(first..).unwrap_or(&[]);
        if !column.has_histograms() && present.iter().all(|c| !is_absent(*c)) {
            // Nothing at first, as of a rate, and from then on something at each step.
            let times = self.tail(times, first);
            self.append_floats(id, &times, present.to_vec());
            return;
        }
        let mut was_present = false;
        for (step, t) in times.iter().enumerate() {
            match column.get(step) {
                Some(point) => {
                    was_present = true;
                    self.append(id, *t, point);
                }
                None if was_present => {
                    was_present = false;
                    self.append_stale(id, *t);
                }
                None => {}
            }
        }
    }

    /// The timestamps from a place on, shared with the last that asked for the same.
    fn tail(&mut self, times: &Arc<[i64]>, first: usize) -> Arc<[i64]> {
        if let Some(tail) = &self.tail
            && Arc::ptr_eq(&tail.of, times)
            && tail.times.len() + first == times.len()
        {
            return tail.times.clone();
        }
        let tail = Tail { of: times.clone(), times: Arc::from(times.get(first..).unwrap_or(&[])) };
        self.tail.insert(tail).times.clone()
    }

    /// The series that all `matchers` accept, in the order of creation.
    pub fn select(&self, matchers: &[Matcher]) -> Vec<SeriesId> {
        let name = matchers.iter().find(|m| m.name == METRIC_NAME && m.op == MatchOp::Equal);
        let accepts = |id: &SeriesId| {
            let labels = self.series(*id).labels();
            matchers.iter().all(|m| m.matches(labels.get(&m.name)))
        };
        match name {
            Some(name) => {
                let named = self.by_name.get(name.value.as_str()).map_or(&[][..], Vec::as_slice);
                if matchers.len() == 1 {
                    return named.to_vec();
                }
                named.iter().copied().filter(accepts).collect()
            }
            None => {
                let all = 0..u32::try_from(self.series.len()).unwrap_or(u32::MAX);
                all.map(SeriesId).filter(accepts).collect()
            }
        }
    }

    /// True when a series exists that all matchers accept.
    pub fn has_any(&self, wanted: &Wanted) -> bool {
        if !wanted.pairs.iter().all(|pair| self.pairs.contains(pair)) {
            return false;
        }
        let matchers = &wanted.matchers;
        let accepts = |series: &Series| matchers.iter().all(|m| m.matches(series.labels().get(&m.name)));
        match matchers.iter().find(|m| m.name == METRIC_NAME && m.op == MatchOp::Equal) {
            Some(name) => {
                let named = self.by_name.get(name.value.as_str()).map_or(&[][..], Vec::as_slice);
                named.iter().any(|id| accepts(self.series(*id)))
            }
            None => self.series.iter().any(accepts),
        }
    }

    /// True when dropping a metric's name drops other labels too.
    pub(crate) fn has_metadata_labels(&self) -> bool {
        self.has_metadata_labels
    }

    /// The newest timestamp of any sample.
    pub fn max_time(&self) -> Option<i64> {
        self.series.iter().filter_map(Series::max_time).max()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str, job: &str) -> Labels {
        Labels::new([(METRIC_NAME, name), ("job", job)])
    }

    #[test]
    fn selection_is_by_name_and_in_the_order_of_creation() {
        let mut storage = Storage::new();
        let b = storage.series_id(&named("m", "b"));
        let a = storage.series_id(&named("m", "a"));
        let other = storage.series_id(&named("n", "a"));
        assert_eq!(storage.series_id(&named("m", "b")), b);
        let m = Matcher::new(METRIC_NAME, MatchOp::Equal, "m").unwrap();
        assert_eq!(storage.select(std::slice::from_ref(&m)), [b, a]);
        let job = Matcher::new("job", MatchOp::NotRegexp, "b.*").unwrap();
        assert_eq!(storage.select(&[m, job.clone()]), [a]);
        assert_eq!(storage.select(&[job]), [a, other]);
    }

    #[test]
    fn a_recording_rule_output_ends_with_a_stale_marker() {
        let mut storage = Storage::new();
        let id = storage.series_id(&named("m", "a"));
        let mut column = Column::absent(4);
        column.set(1, Point::Float(7.0));
        storage.append_column(id, &Arc::from([0, 60, 120, 180]), &column);
        let series = storage.series(id);
        assert_eq!((series.times(), series.values()), (&[60][..], &[7.0][..]));
        assert_eq!(series.stale(), [120]);
    }
}
