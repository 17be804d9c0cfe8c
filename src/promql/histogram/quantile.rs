//! Quantiles of native histograms.

use super::{Bucket, FloatHistogram};
use crate::gostd::math::{exp2, log2};

/// What NaN among the observations did to a result.
///
/// NaN counts as an observation but is in no bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NanEffect {
    /// The quantile lies among the NaN, so the result is NaN.
    Result,
    /// The result is skewed towards higher values.
    Skew,
}

/// The quantile `q` of the observations, estimated by interpolation within a bucket: on a linear scale in custom buckets and the zero bucket, on a
/// logarithmic one elsewhere. NaN without observations, ±Inf for a `q` outside of [0, 1].
///
/// Source: Prometheus promql/quantile.go HistogramQuantile.
pub fn quantile(q: f64, histogram: &FloatHistogram) -> (f64, Option<NanEffect>) {
    if q < 0.0 {
        return (f64::NEG_INFINITY, None);
    }
    if q > 1.0 {
        return (f64::INFINITY, None);
    }
    if histogram.count == 0.0 || q.is_nan() {
        return (f64::NAN, None);
    }
    // NaN observations can only be told by a NaN sum; they are above all buckets, so count from below.
    let may_have_nan = histogram.sum.is_nan();
    if may_have_nan || q < 0.5 {
        from_below(q * histogram.count, histogram, may_have_nan)
    } else {
        (from_above((1.0 - q) * histogram.count, histogram), None)
    }
}

fn from_above(rank: f64, histogram: &FloatHistogram) -> f64 {
    let (bucket, count) = find(histogram.all_buckets().rev(), rank);
    match settle(bucket, count, rank, histogram) {
        Place::At(value) | Place::Beyond(value) => value,
        Place::Inside(bucket, count) => interpolate(&bucket, count - rank, histogram),
    }
}

fn from_below(rank: f64, histogram: &FloatHistogram, may_have_nan: bool) -> (f64, Option<NanEffect>) {
    let mut buckets = histogram.all_buckets();
    let (bucket, count) = find(&mut buckets, rank);
    match settle(bucket, count, rank, histogram) {
        Place::At(value) => (value, None),
        Place::Beyond(_) if may_have_nan => (f64::NAN, Some(NanEffect::Result)),
        Place::Beyond(value) => (value, None),
        Place::Inside(bucket, count) => {
            let rank = rank - (count - bucket.count);
            let (mut bucket, mut in_buckets) = (bucket, count);
            if may_have_nan {
                for next in buckets {
                    in_buckets += next.count;
                    // Prometheus interpolates in the last bucket here, whichever the rank lies in.
                    bucket = next;
                }
            }
            let skewed = may_have_nan && in_buckets < histogram.count;
            (interpolate(&bucket, rank, histogram), skewed.then_some(NanEffect::Skew))
        }
    }
}

const NO_BUCKET: Bucket =
    Bucket { lower: 0.0, upper: 0.0, lower_inclusive: false, upper_inclusive: false, count: 0.0 };

/// The bucket in which the rank lies, or the last one, and the count up to and with it.
fn find(buckets: impl Iterator<Item = Bucket>, rank: f64) -> (Bucket, f64) {
    let mut found = NO_BUCKET;
    let mut count = 0.0;
    for bucket in buckets {
        found = bucket;
        if bucket.count == 0.0 {
            continue;
        }
        count += bucket.count;
        if count >= rank {
            break;
        }
    }
    (found, count)
}

/// Where a quantile is.
enum Place {
    /// It is this value.
    At(f64),
    /// It is inside of this bucket; with it the count is this.
    Inside(Bucket, f64),
    /// It is beyond the last bucket, which ends at this value.
    Beyond(f64),
}

/// Bounds the first and last buckets where nature or the layout leaves them open.
fn settle(mut bucket: Bucket, count: f64, rank: f64, histogram: &FloatHistogram) -> Place {
    if histogram.uses_custom_buckets() {
        if bucket.lower == f64::NEG_INFINITY {
            if bucket.upper <= 0.0 {
                return Place::At(bucket.upper);
            }
            bucket.lower = 0.0;
        } else if bucket.upper == f64::INFINITY {
            return Place::At(bucket.lower);
        }
    } else if bucket.lower < 0.0 && bucket.upper > 0.0 {
        (bucket.lower, bucket.upper) = histogram.natural_zero_bounds(bucket.lower, bucket.upper);
    }
    // Rounding can bring the buckets above the total.
    let count = count.min(histogram.count);
    if count < rank { Place::Beyond(bucket.upper) } else { Place::Inside(bucket, count) }
}

/// The value `rank` observations into the bucket.
fn interpolate(bucket: &Bucket, rank: f64, histogram: &FloatHistogram) -> f64 {
    let fraction = rank / bucket.count;
    if histogram.uses_custom_buckets() || (bucket.lower <= 0.0 && bucket.upper >= 0.0) {
        return bucket.lower + (bucket.upper - bucket.lower) * fraction;
    }
    let (lower, upper) = (log2(bucket.lower.abs()), log2(bucket.upper.abs()));
    if bucket.lower > 0.0 {
        exp2(lower + (upper - lower) * fraction)
    } else {
        -exp2(upper + (lower - upper) * (1.0 - fraction))
    }
}

impl FloatHistogram {
    /// The bounds of the zero bucket: it ends at 0 on the side where there is no bucket at all while there is one on the other side.
    pub(super) fn natural_zero_bounds(&self, lower: f64, upper: f64) -> (f64, f64) {
        match (self.negative.is_empty(), self.positive.is_empty()) {
            (true, false) => (0.0, upper),
            (false, true) => (lower, 0.0),
            _ => (lower, upper),
        }
    }
}
