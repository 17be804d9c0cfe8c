//! Observations cut off at a value: the operators `</` and `>/`.

use super::{Bucket, Buckets, FloatHistogram};

/// Which observations stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// Those below the value: `histogram </ value`.
    Below,
    /// Those above the value: `histogram >/ value`.
    Above,
}

impl FloatHistogram {
    /// Drops the observations on one side of a value. A bucket around the value keeps the part that interpolation gives; count and sum are estimated
    /// anew from the buckets if anything was dropped.
    ///
    /// Source: Prometheus FloatHistogram.TrimBuckets.
    pub fn trim(&mut self, value: f64, keep: Keep) {
        let linear = self.uses_custom_buckets();
        let mut total = Kept { count: 0.0, sum: 0.0, changed: false };
        let positive: Vec<f64> =
            self.positive_buckets().map(|bucket| total.take(&bucket, value, keep, linear, 1.0)).collect();
        let negative: Vec<f64> =
            self.negative_buckets().map(|bucket| total.take(&bucket, value, keep, linear, -1.0)).collect();
        if self.zero_count > 0.0 {
            let populated = |buckets: &Buckets| buckets.counts().iter().any(|count| *count != 0.0);
            let (count, middle) =
                trim_zero_bucket(self, populated(&self.negative), populated(&self.positive), value, keep);
            total.changed |= count != self.zero_count;
            self.zero_count = count;
            total.sum += middle * count;
            total.count += count;
        }
        if !total.changed {
            return;
        }
        for (buckets, kept) in [(&mut self.positive, positive), (&mut self.negative, negative)] {
            for ((_, count), kept) in buckets.iter_mut().zip(kept) {
                *count = kept;
            }
        }
        self.count = total.count;
        self.sum = total.sum;
        self.compact();
    }
}

struct Kept {
    count: f64,
    sum: f64,
    changed: bool,
}

impl Kept {
    /// Takes in what stays of a bucket, and says how much of its count that is.
    fn take(&mut self, bucket: &Bucket, value: f64, keep: Keep, linear: bool, sign: f64) -> f64 {
        if bucket.count == 0.0 {
            return bucket.count;
        }
        let (whole, partly) = match keep {
            Keep::Below => (bucket.upper <= value, bucket.lower < value),
            Keep::Above => (bucket.lower >= value, bucket.upper > value),
        };
        let (count, middle) = if whole {
            (bucket.count, midpoint(bucket.lower, bucket.upper, linear, sign))
        } else if partly {
            trim_bucket(bucket, value, keep, linear, sign)
        } else {
            self.changed = true;
            return 0.0;
        };
        self.count += count;
        self.sum += middle * count;
        self.changed |= count != bucket.count;
        count
    }
}

/// What stays of a bucket around the value, and the middle of it.
fn trim_bucket(bucket: &Bucket, value: f64, keep: Keep, linear: bool, sign: f64) -> (f64, f64) {
    if bucket.lower == f64::NEG_INFINITY {
        return trim_bucket_from_infinity(bucket, value, keep);
    }
    if bucket.upper == f64::INFINITY {
        // Where in an endless bucket its observations lie is unknown: they stay if the value is within it and they may be above.
        return match keep {
            Keep::Above if value >= bucket.lower => (bucket.count, value),
            _ => (0.0, finite_or_zero(bucket.lower)),
        };
    }
    let below = if value <= bucket.lower {
        0.0
    } else if value >= bucket.upper {
        bucket.count
    } else {
        bucket.count * bucket.fraction_below(value, linear)
    };
    match keep {
        Keep::Below => (below, midpoint(bucket.lower, value, linear, sign)),
        Keep::Above => (bucket.count - below, midpoint(value, bucket.upper, linear, sign)),
    }
}

/// With a positive upper bound, which only custom buckets have here, the bucket is taken to begin at zero.
///
/// Source: Prometheus handleInfinityBuckets.
fn trim_bucket_from_infinity(bucket: &Bucket, value: f64, keep: Keep) -> (f64, f64) {
    let nothing = (0.0, finite_or_zero(bucket.upper));
    match keep {
        Keep::Below if value >= bucket.upper => (bucket.count, 0.0),
        Keep::Below if value > 0.0 && bucket.upper > 0.0 && bucket.upper.is_finite() => {
            (bucket.count * value / bucket.upper, value / 2.0)
        }
        Keep::Below if bucket.upper <= 0.0 => (bucket.count, value),
        Keep::Above if value <= bucket.lower => (bucket.count, 0.0),
        Keep::Above if value >= 0.0 && bucket.upper > value && bucket.upper.is_finite() => {
            (bucket.count * (1.0 - value / bucket.upper), (value + bucket.upper) / 2.0)
        }
        _ => nothing,
    }
}

fn finite_or_zero(x: f64) -> f64 {
    if x.is_infinite() { 0.0 } else { x }
}

/// Source: Prometheus computeZeroBucketTrim.
fn trim_zero_bucket(
    histogram: &FloatHistogram,
    has_negative: bool,
    has_positive: bool,
    value: f64,
    keep: Keep,
) -> (f64, f64) {
    let (mut lower, mut upper) = (-histogram.zero_threshold, histogram.zero_threshold);
    match (has_negative, has_positive) {
        (true, false) => upper = 0.0,
        (false, true) => lower = 0.0,
        _ => {}
    }
    let all = (histogram.zero_count, (lower + upper) / 2.0);
    let (fraction, middle) = match keep {
        Keep::Below if value <= lower => return (0.0, 0.0),
        Keep::Below if value >= upper => return all,
        Keep::Below => ((value - lower) / (upper - lower), (lower + value) / 2.0),
        Keep::Above if value <= lower => return all,
        Keep::Above if value >= upper => return (0.0, 0.0),
        Keep::Above => ((upper - value) / (upper - lower), (value + upper) / 2.0),
    };
    (histogram.zero_count * fraction, middle)
}

/// Where the observations of a bucket are taken to lie.
///
/// Source: Prometheus computeMidpoint.
fn midpoint(lower: f64, upper: f64, linear: bool, sign: f64) -> f64 {
    match (lower.is_infinite(), upper.is_infinite()) {
        (true, true) => 0.0,
        (true, false) if upper > 0.0 => upper / 2.0,
        (true, false) => upper,
        (false, true) => lower,
        (false, false) if linear => (lower + upper) / 2.0,
        (false, false) => sign * (lower * upper).abs().sqrt(),
    }
}
