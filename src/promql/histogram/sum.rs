//! Sums and means of many histograms, with compensated summation.

use super::{Added, Count, FloatHistogram, Histogram, IncompatibleSchemas};
use crate::promql::kahan::KahanSum;

impl Histogram<KahanSum> {
    /// Sums with their compensation put in.
    pub fn total(&self) -> FloatHistogram {
        self.map(KahanSum::value)
    }
}

impl From<&FloatHistogram> for Histogram<KahanSum> {
    fn from(histogram: &FloatHistogram) -> Self {
        histogram.map(KahanSum::from_float)
    }
}

/// The sum of histograms: what `sum` and `sum_over_time` compute.
///
/// Source: Prometheus promql/engine.go aggregation and functions.go funcSumOverTime.
#[derive(Debug, Clone)]
pub struct HistogramSum(Histogram<KahanSum>);

impl HistogramSum {
    /// The sum of one histogram.
    pub fn new(first: &FloatHistogram) -> Self {
        Self(first.into())
    }

    /// Adds one more. Errors if exponential and custom buckets meet.
    pub fn add(&mut self, histogram: &FloatHistogram) -> Result<Added, IncompatibleSchemas> {
        self.0.add(&histogram.into())
    }

    /// The sum. It may have empty buckets.
    pub fn finish(&self) -> FloatHistogram {
        self.0.total()
    }
}

/// The mean of histograms: what `avg` and `avg_over_time` compute. It sums first and divides last, and goes over to an incremental mean when the sum
/// would overflow.
///
/// Source: Prometheus promql/engine.go aggregation and functions.go funcAvgOverTime.
#[derive(Debug, Clone)]
pub struct HistogramMean {
    /// The sum, or the mean if `incremental`.
    value: Histogram<KahanSum>,
    number: f64,
    incremental: bool,
}

impl HistogramMean {
    /// The mean of one histogram.
    pub fn new(first: &FloatHistogram) -> Self {
        Self { value: first.into(), number: 1.0, incremental: false }
    }

    /// Takes in one more. Errors if exponential and custom buckets meet.
    pub fn add(&mut self, histogram: &FloatHistogram) -> Result<Added, IncompatibleSchemas> {
        self.number += 1.0;
        if !self.incremental {
            let mut sum = self.value.clone();
            let added = sum.add(&histogram.into())?;
            if !sum.has_overflow() {
                self.value = sum;
                return Ok(added);
            }
            self.incremental = true;
            self.value.divide(self.number - 1.0);
        }
        self.value.multiply((self.number - 1.0) / self.number);
        let mut share = histogram.clone();
        share.divide(self.number);
        self.value.add(&(&share).into())
    }

    /// The mean. It may have empty buckets.
    pub fn finish(&self) -> FloatHistogram {
        let mut value = self.value.clone();
        if !self.incremental {
            value.divide(self.number);
        }
        value.total()
    }
}
