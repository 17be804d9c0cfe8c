//! Zero buckets of different widths brought to one width, so that histograms can be added.

use super::{Buckets, Count, Histogram, bound};

impl<C: Count> Histogram<C> {
    /// Widens the zero bucket of this histogram to include the other's, and says what the other's zero count becomes when its zero bucket is widened
    /// as much. A threshold inside of a populated bucket of either moves to that bucket's outer bound.
    ///
    /// Source: Prometheus FloatHistogram.reconcileZeroBuckets.
    pub(super) fn reconcile_zero_buckets(&mut self, other: &Self) -> C {
        let (mut other_count, mut other_threshold) = (other.zero_count, other.zero_threshold);
        // A NaN threshold is equal to nothing; it cannot be reconciled.
        while other_threshold < self.zero_threshold || self.zero_threshold < other_threshold {
            if self.zero_threshold > other_threshold {
                (other_count, other_threshold) = other.zero_count_for_larger_threshold(self.zero_threshold);
            }
            if other_threshold > self.zero_threshold {
                (self.zero_count, self.zero_threshold) =
                    self.zero_count_for_larger_threshold(other_threshold);
                self.drop_buckets_in_zero_bucket();
            }
        }
        other_count
    }

    /// What the zero count would be with a larger threshold; and that threshold, moved outwards if it lies inside of a populated bucket.
    ///
    /// Source: Prometheus FloatHistogram.zeroCountForLargerThreshold.
    pub(super) fn zero_count_for_larger_threshold(&self, threshold: f64) -> (C, f64) {
        if threshold <= self.zero_threshold {
            return (self.zero_count, self.zero_threshold);
        }
        let mut threshold = threshold;
        loop {
            let positive = self.take_up_to(self.zero_count, &self.positive, threshold);
            let negative = self.take_up_to(positive.0, &self.negative, positive.1);
            if negative.1 == positive.1 {
                return negative;
            }
            // The negative buckets moved the threshold: which positive ones are below it has to be found anew.
            threshold = negative.1;
        }
    }

    /// Adds the buckets that begin below the threshold to a zero count.
    fn take_up_to(&self, zero_count: C, buckets: &Buckets<C>, threshold: f64) -> (C, f64) {
        let mut sum = zero_count;
        for (index, count) in buckets.iter() {
            if bound(index.saturating_sub(1), self.schema, &[]) >= threshold {
                break;
            }
            sum = sum.plus(count);
            let upper = bound(index, self.schema, &[]);
            if upper > threshold {
                return (sum, if count.float() == 0.0 { threshold } else { upper });
            }
        }
        (sum, threshold)
    }

    /// Source: Prometheus FloatHistogram.trimBucketsInZeroBucket.
    fn drop_buckets_in_zero_bucket(&mut self) {
        let (schema, threshold) = (self.schema, self.zero_threshold);
        for buckets in [&mut self.positive, &mut self.negative] {
            buckets.retain(|index, count| {
                bound(index.saturating_sub(1), schema, &[]) >= threshold && !count.is_zero()
            });
        }
    }
}
