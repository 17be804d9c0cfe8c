//! Mean and variance estimated from a histogram.

use super::FloatHistogram;
use crate::promql::kahan::KahanSum;

impl FloatHistogram {
    /// The mean of the observations: `histogram_avg`.
    pub fn mean(&self) -> f64 {
        self.sum / self.count
    }

    /// The variance of the observations, each taken to be in the middle of its bucket (the geometric mean of exponential bounds, 0 in the zero
    /// bucket, the arithmetic mean of custom bounds): `histogram_stdvar`.
    ///
    /// Source: Prometheus promql/functions.go histogramVariance.
    pub fn variance(&self) -> f64 {
        let mean = self.mean();
        let mut variance = KahanSum::default();
        for bucket in self.all_buckets().filter(|bucket| bucket.count != 0.0) {
            let middle = if self.uses_custom_buckets() {
                (bucket.upper + bucket.lower) / 2.0
            } else if bucket.lower <= 0.0 && bucket.upper >= 0.0 {
                0.0
            } else {
                (bucket.upper * bucket.lower).sqrt().copysign(bucket.upper)
            };
            let delta = middle - mean;
            variance.add(bucket.count * delta * delta);
        }
        variance.value() / self.count
    }
}
