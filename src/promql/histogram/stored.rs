//! What a store of samples makes of counter reset hints.

use super::{CounterResetHint, FloatHistogram};
use crate::promql::value::is_stale_nan;

impl FloatHistogram {
    /// The hint that Prometheus' storage gives back for this histogram when it was appended right after `previous`, as stored: "not reset" if it fits
    /// into the same chunk, else "unknown". Gauges stay gauges; other hints are not kept.
    ///
    /// Source: Prometheus tsdb/chunkenc/float_histogram.go appendable, histogram_meta.go counterResetHint.
    pub fn hint_when_stored(&self, previous: Option<&Self>) -> CounterResetHint {
        if self.counter_reset_hint == CounterResetHint::Gauge {
            return CounterResetHint::Gauge;
        }
        match previous {
            Some(previous) if self.continues(previous) => CounterResetHint::NotReset,
            _ => CounterResetHint::Unknown,
        }
    }

    fn continues(&self, previous: &Self) -> bool {
        if previous.counter_reset_hint == CounterResetHint::Gauge
            || self.counter_reset_hint == CounterResetHint::Reset
        {
            return false;
        }
        if is_stale_nan(self.sum) {
            return true;
        }
        if is_stale_nan(previous.sum)
            || self.count < previous.count
            || self.schema != previous.schema
            || self.zero_threshold != previous.zero_threshold
            || (self.uses_custom_buckets() && self.custom_values != previous.custom_values)
            || self.zero_count < previous.zero_count
        {
            return false;
        }
        !self.has_smaller_bucket(previous)
    }
}
