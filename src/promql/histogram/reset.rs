//! Counter resets.

use super::add::shared_bounds;
use super::{CounterResetHint, FloatHistogram, bounds};

impl FloatHistogram {
    /// Whether a counter was reset between an earlier histogram and this one: some count became smaller, or a bucket with observations is gone.
    ///
    /// The hint answers at once if it says "reset" or "not reset". A finer resolution or a narrower zero bucket than before can only come with a
    /// reset; a coarser or wider one is compared after bringing the earlier histogram to it.
    ///
    /// Source: Prometheus FloatHistogram.DetectReset.
    pub fn is_reset_since(&self, previous: &Self) -> bool {
        match self.counter_reset_hint {
            CounterResetHint::Reset => return true,
            CounterResetHint::NotReset => return false,
            // Gauges have no resets, but who applies a counter's function to one gets a counter's treatment.
            CounterResetHint::Unknown | CounterResetHint::Gauge => {}
        }
        if self.count < previous.count {
            return true;
        }
        if self.uses_custom_buckets() {
            if !previous.uses_custom_buckets() {
                return true;
            }
            if self.custom_values != previous.custom_values {
                return self.has_smaller_shared_bucket(previous);
            }
        }
        if self.schema > previous.schema || self.zero_threshold < previous.zero_threshold {
            return true;
        }
        let (previous_zero_count, threshold) = previous.zero_count_for_larger_threshold(self.zero_threshold);
        if threshold != self.zero_threshold || self.zero_count < previous_zero_count {
            return true;
        }
        self.has_smaller_bucket(previous)
    }

    pub(super) fn has_smaller_bucket(&self, previous: &Self) -> bool {
        let steps = self.schema.abs_diff(previous.schema);
        let in_zero_bucket = |index: i32| {
            !self.uses_custom_buckets()
                && self.zero_threshold != 0.0
                && bounds::exponential_bound(index, self.schema) <= self.zero_threshold
        };
        for (current, previous) in
            [(&self.positive, &previous.positive), (&self.negative, &previous.negative)]
        {
            let reduced;
            let previous = if steps == 0 {
                previous
            } else {
                reduced = previous.reduced(steps);
                &reduced
            };
            let mut current = current.iter().peekable();
            for (index, before) in previous.iter().filter(|(index, _)| !in_zero_bucket(*index)) {
                while current.next_if(|(i, _)| *i < index).is_some() {}
                let smaller = match current.peek() {
                    Some((i, now)) if *i == index => *now < before,
                    _ => before != 0.0,
                };
                if smaller {
                    return true;
                }
            }
        }
        false
    }

    /// For custom buckets with different bounds: compares what lies between the bounds that both have.
    ///
    /// Source: Prometheus FloatHistogram.detectResetWithMismatchedCustomBounds.
    fn has_smaller_shared_bucket(&self, previous: &Self) -> bool {
        let shared = shared_bounds(&self.custom_values, &previous.custom_values);
        let sorted = |histogram: &Self| {
            let mut counts = vec![0.0; shared.len() + 1];
            histogram.sort_into_bounds(&shared, &mut counts, |count| count);
            counts
        };
        sorted(self).iter().zip(sorted(previous)).any(|(now, before)| *now < before)
    }
}
