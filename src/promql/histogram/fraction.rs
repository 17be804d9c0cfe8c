//! The fraction of a native histogram's observations between two values.

use super::{Bucket, FloatHistogram};

/// The fraction of observations between `lower` and `upper`, estimated as [`super::quantile`] does; and whether NaN observations, which are in no bucket,
/// lower it. NaN without observations or for a NaN bound.
///
/// Source: Prometheus promql/quantile.go HistogramFraction.
pub fn fraction(lower: f64, upper: f64, histogram: &FloatHistogram) -> (f64, bool) {
    if histogram.count == 0.0 || lower.is_nan() || upper.is_nan() {
        return (f64::NAN, false);
    }
    if lower >= upper {
        return (0.0, false);
    }
    let mut buckets = histogram.all_buckets();
    let mut ends = [End::new(lower), End::new(upper)];
    // Observations below the current bucket, and with it.
    let (mut below, mut count) = (0.0, 0.0);
    for mut bucket in buckets.by_ref() {
        count += bucket.count;
        let around_zero = bucket.lower <= 0.0 && bucket.upper >= 0.0;
        if around_zero {
            (bucket.lower, bucket.upper) = histogram.natural_zero_bounds(bucket.lower, bucket.upper);
        }
        for end in &mut ends {
            end.look_at(&bucket, below, histogram.uses_custom_buckets() || around_zero);
        }
        if ends.iter().all(|end| end.rank.is_some()) {
            break;
        }
        below += bucket.count;
    }
    let (total, has_nan) = if histogram.sum.is_nan() {
        let in_buckets = buckets.fold(count, |sum, bucket| sum + bucket.count);
        (in_buckets, in_buckets < histogram.count)
    } else {
        (histogram.count, false)
    };
    let [lower, upper] = ends.map(|end| match end.rank {
        Some(rank) if rank > total => total,
        Some(rank) => rank,
        None => total,
    });
    ((upper - lower) / histogram.count, has_nan)
}

/// One end of the interval and the number of observations below it, once known.
struct End {
    value: f64,
    rank: Option<f64>,
}

impl End {
    fn new(value: f64) -> Self {
        Self { value, rank: None }
    }

    fn look_at(&mut self, bucket: &Bucket, below: f64, linear: bool) {
        if self.rank.is_some() {
            return;
        }
        if bucket.lower >= self.value {
            self.rank = Some(below);
        } else if bucket.upper > self.value {
            self.rank = Some(if linear && bucket.lower == f64::NEG_INFINITY {
                // Nothing can be said of where in an endless bucket its observations lie.
                bucket.count
            } else {
                below + bucket.count * bucket.fraction_below(self.value, linear)
            });
        }
    }
}
