//! Native histograms: one sample that holds a whole distribution.
//!
//! A histogram has exponential buckets (schemas -4 to 8: each power of 2 is divided into 2^schema buckets, with a zero bucket around zero) or custom
//! ones (schema -53, "NHCB": bounds listed in `custom_values`, positive buckets only). The model is that of Prometheus'
//! `model/histogram.FloatHistogram`; see there for the specification that the documentation below refers to.

mod add;
mod bounds;
mod buckets;
mod classic;
mod convert;
mod count;
mod format;
mod fraction;
mod moments;
mod quantile;
mod reset;
mod stored;
mod sum;
mod trim;
mod validate;
mod zero_bucket;

use std::ops::RangeInclusive;
use std::sync::Arc;

pub use add::{Added, IncompatibleSchemas};
pub use bounds::bound;
pub use buckets::Buckets;
pub use classic::{
    ClassicBucket, ForcedMonotonicity, almost_equal, classic_fraction, classic_quantile, sort_and_join,
};
pub use count::Count;
pub use fraction::fraction;
pub use quantile::{NanEffect, quantile};
pub use sum::{HistogramMean, HistogramSum};
pub use trim::Keep;
pub use validate::InvalidHistogram;

/// The schema that stands for custom buckets.
pub const CUSTOM_SCHEMA: i32 = -53;
/// The schemas of exponential buckets.
pub const EXPONENTIAL_SCHEMAS: RangeInclusive<i32> = -4..=8;

/// What is known of counter resets between a histogram and the one before it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CounterResetHint {
    /// Nothing: it has to be found out by comparing.
    #[default]
    Unknown,
    /// The counter was reset before this histogram.
    Reset,
    /// The counter was not reset before this histogram.
    NotReset,
    /// Not a counter but a gauge, which has no resets.
    Gauge,
}

/// A native histogram whose counts are plain floats: what samples hold.
pub type FloatHistogram = Histogram<f64>;

/// A native histogram with counts of type `C`: `f64`, or [`KahanSum`](super::kahan::KahanSum) while many are summed.
#[derive(Debug, Clone, Default)]
pub struct Histogram<C: Count = f64> {
    /// What is known of counter resets.
    pub counter_reset_hint: CounterResetHint,
    /// The resolution of exponential buckets, or [`CUSTOM_SCHEMA`].
    pub schema: i32,
    /// Half of the width of the zero bucket: it holds the observations in [-threshold, threshold].
    pub zero_threshold: f64,
    /// Observations in the zero bucket.
    pub zero_count: C,
    /// Observations in all, including NaN, which is in no bucket.
    pub count: C,
    /// Sum of the observations. The stale marker here makes the whole histogram a stale marker.
    pub sum: C,
    /// The buckets above the zero bucket.
    pub positive: Buckets<C>,
    /// The buckets below the zero bucket; index and bounds as if they were positive.
    pub negative: Buckets<C>,
    /// The upper bounds of custom buckets, strictly rising; a last bound of +Inf is implied. Empty for exponential buckets.
    pub custom_values: Arc<[f64]>,
}

/// A bucket with its bounds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bucket {
    /// The lower bound.
    pub lower: f64,
    /// The upper bound.
    pub upper: f64,
    /// Whether the lower bound itself belongs to the bucket.
    pub lower_inclusive: bool,
    /// Whether the upper bound itself belongs to the bucket.
    pub upper_inclusive: bool,
    /// Observations in the bucket.
    pub count: f64,
}

impl<C: Count> Histogram<C> {
    /// Whether the buckets are custom ones.
    pub fn uses_custom_buckets(&self) -> bool {
        self.schema == CUSTOM_SCHEMA
    }

    /// The same layout with every count changed.
    pub fn map<D: Count>(&self, change: impl Fn(C) -> D) -> Histogram<D> {
        Histogram {
            counter_reset_hint: self.counter_reset_hint,
            schema: self.schema,
            zero_threshold: self.zero_threshold,
            zero_count: change(self.zero_count),
            count: change(self.count),
            sum: change(self.sum),
            positive: self.positive.map(&change),
            negative: self.negative.map(&change),
            custom_values: Arc::clone(&self.custom_values),
        }
    }

    /// Every count and the sum multiplied. A negative factor makes a gauge.
    ///
    /// Source: Prometheus FloatHistogram.Mul.
    pub fn multiply(&mut self, factor: f64) {
        self.scale(|count| count * factor, factor < 0.0);
    }

    /// Every count and the sum divided. A negative divisor makes a gauge; division by zero drops all buckets.
    ///
    /// Source: Prometheus FloatHistogram.Div.
    pub fn divide(&mut self, divisor: f64) {
        self.scale(|count| count / divisor, divisor < 0.0);
        if divisor == 0.0 {
            self.positive = Buckets::default();
            self.negative = Buckets::default();
        }
    }

    fn scale(&mut self, change: impl Fn(f64) -> f64, negative: bool) {
        // Custom buckets have no zero bucket, so 0 × Inf must not make NaN of it.
        if !self.uses_custom_buckets() {
            self.zero_count = self.zero_count.map(&change);
        }
        for count in [&mut self.count, &mut self.sum] {
            *count = count.map(&change);
        }
        for (_, count) in self.positive.iter_mut().chain(self.negative.iter_mut()) {
            *count = count.map(&change);
        }
        if negative {
            self.counter_reset_hint = CounterResetHint::Gauge;
        }
    }

    /// Drops the empty buckets.
    ///
    /// Source: Prometheus FloatHistogram.Compact with at most 0 empty buckets.
    pub fn compact(&mut self) {
        self.positive.compact();
        self.negative.compact();
    }

    /// Lowers the resolution of exponential buckets; a schema that is not lower changes nothing.
    ///
    /// Source: Prometheus FloatHistogram.ReduceResolution.
    pub fn reduce_resolution(&mut self, schema: i32) {
        if self.uses_custom_buckets() || schema == CUSTOM_SCHEMA || schema >= self.schema {
            return;
        }
        let steps = self.schema.abs_diff(schema);
        self.positive = self.positive.reduced(steps);
        self.negative = self.negative.reduced(steps);
        self.schema = schema;
    }

    /// Whether a count or the sum is infinite.
    ///
    /// Source: Prometheus FloatHistogram.HasOverflow.
    pub fn has_overflow(&self) -> bool {
        let totals = [self.zero_count, self.count, self.sum];
        let buckets = self.positive.counts().iter().chain(self.negative.counts());
        totals.iter().chain(buckets).any(|count| count.float().is_infinite())
            || self.custom_values.iter().any(|bound| bound.is_infinite())
    }
}

impl FloatHistogram {
    /// Whether both hold the same data to the bit, empty buckets included; the counter reset hint is not compared.
    ///
    /// Source: Prometheus FloatHistogram.Equals.
    pub fn same_data(&self, other: &Self) -> bool {
        let same = |a: f64, b: f64| a.to_bits() == b.to_bits();
        let same_buckets = |a: &Buckets, b: &Buckets| {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|((i, x), (j, y))| i == j && same(x, y))
        };
        self.schema == other.schema
            && same(self.count, other.count)
            && same(self.sum, other.sum)
            && (!self.uses_custom_buckets() || self.custom_values == other.custom_values)
            && self.zero_threshold == other.zero_threshold
            && same(self.zero_count, other.zero_count)
            && same_buckets(&self.negative, &other.negative)
            && same_buckets(&self.positive, &other.positive)
    }

    /// The zero bucket.
    pub fn zero_bucket(&self) -> Bucket {
        Bucket {
            lower: -self.zero_threshold,
            upper: self.zero_threshold,
            lower_inclusive: true,
            upper_inclusive: true,
            count: self.zero_count,
        }
    }

    /// The positive buckets, from zero upwards.
    pub fn positive_buckets(&self) -> impl DoubleEndedIterator<Item = Bucket> + '_ {
        self.positive.iter().map(|(index, count)| {
            let upper = bound(index, self.schema, &self.custom_values);
            let lower = bound(index.saturating_sub(1), self.schema, &self.custom_values);
            let (lower_inclusive, upper_inclusive) =
                if self.uses_custom_buckets() { (index == 0, true) } else { (lower < 0.0, upper > 0.0) };
            Bucket { lower, upper, lower_inclusive, upper_inclusive, count }
        })
    }

    /// The negative buckets, from zero downwards.
    pub fn negative_buckets(&self) -> impl DoubleEndedIterator<Item = Bucket> + '_ {
        self.negative.iter().map(|(index, count)| {
            let lower = -bound(index, self.schema, &[]);
            let upper = -bound(index.saturating_sub(1), self.schema, &[]);
            Bucket { lower, upper, lower_inclusive: lower < 0.0, upper_inclusive: upper > 0.0, count }
        })
    }

    /// All buckets in ascending order. A bucket that overlaps the zero bucket ends at its threshold; an empty zero bucket is left out.
    ///
    /// Source: Prometheus FloatHistogram.AllBucketIterator and AllReverseBucketIterator.
    pub fn all_buckets(&self) -> impl DoubleEndedIterator<Item = Bucket> + '_ {
        let threshold = self.zero_threshold;
        let zero = (self.zero_count > 0.0).then(|| self.zero_bucket());
        let negative = self.negative_buckets().rev().map(move |mut bucket| {
            if bucket.upper < 0.0 && bucket.upper > -threshold {
                bucket.upper = -threshold;
            }
            bucket
        });
        let positive = self.positive_buckets().map(move |mut bucket| {
            if bucket.lower > 0.0 && bucket.lower < threshold {
                bucket.lower = threshold;
            }
            bucket
        });
        negative.chain(zero).chain(positive)
    }
}

impl Bucket {
    /// Which fraction of the bucket's width lies below `value`, a number inside of its finite bounds.
    ///
    /// On a linear scale for custom buckets and the zero bucket, else on a logarithmic one.
    ///
    /// Source: Prometheus Bucket.FractionBelow.
    pub fn fraction_below(&self, value: f64, linear: bool) -> f64 {
        use crate::gostd::math::log2;
        if linear {
            return (value - self.lower) / (self.upper - self.lower);
        }
        let (lower, upper) = (log2(self.lower.abs()), log2(self.upper.abs()));
        let value_log = log2(value.abs());
        if value > 0.0 {
            (value_log - lower) / (upper - lower)
        } else {
            1.0 - (value_log - upper) / (lower - upper)
        }
    }
}

#[cfg(test)]
mod tests;
