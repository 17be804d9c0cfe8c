//! From classic histograms to native ones with custom buckets.

use super::{Buckets, CUSTOM_SCHEMA, ClassicBucket, FloatHistogram, InvalidHistogram};

impl FloatHistogram {
    /// The native histogram with custom buckets ("NHCB") of a classic one. Without a count, the last bucket's is taken; a missing bucket for +Inf is
    /// added.
    ///
    /// Errors if a count is negative or falls with rising bounds, or if the last bucket's count is not the count of the histogram.
    ///
    /// Source: Prometheus util/convertnhcb.
    pub fn from_classic(
        mut buckets: Vec<ClassicBucket>,
        count: Option<f64>,
        sum: f64,
    ) -> Result<Self, InvalidHistogram> {
        buckets.sort_by(|a, b| a.upper_bound.total_cmp(&b.upper_bound));
        buckets.dedup_by(|next, kept| next.upper_bound == kept.upper_bound);
        if buckets.iter().any(|bucket| bucket.upper_bound.is_nan()) {
            return Err(InvalidHistogram::new("bucket boundary must not be NaN"));
        }
        if buckets.iter().any(|bucket| bucket.count < 0.0) {
            return Err(InvalidHistogram::new("bucket count must be non-negative"));
        }
        if count.is_some_and(|count| count < 0.0) {
            return Err(InvalidHistogram::new("count must be non-negative"));
        }
        let count = count.or(buckets.last().map(|last| last.count)).unwrap_or(0.0);
        if buckets.last().is_none_or(|last| last.upper_bound != f64::INFINITY) {
            buckets.push(ClassicBucket { upper_bound: f64::INFINITY, count });
        }
        if !buckets.is_sorted_by(|a, b| a.count <= b.count) {
            return Err(InvalidHistogram::new("count is not cumulative"));
        }
        if buckets.last().is_some_and(|last| last.count != count) {
            return Err(InvalidHistogram::new("count mismatch"));
        }
        let mut before = 0.0;
        let counts = buckets
            .iter()
            .map(|bucket| bucket.count - std::mem::replace(&mut before, bucket.count))
            .collect();
        let mut histogram = Self {
            schema: CUSTOM_SCHEMA,
            count,
            sum,
            positive: Buckets::contiguous(0, counts),
            custom_values: buckets
                .iter()
                .map(|bucket| bucket.upper_bound)
                .filter(|bound| *bound != f64::INFINITY)
                .collect(),
            ..Self::default()
        };
        histogram.compact();
        histogram.validate()?;
        Ok(histogram)
    }
}
