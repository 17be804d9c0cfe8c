//! Quantiles and fractions of classic histograms: one series per bucket, with cumulative counts.

/// Relative differences between the counts of neighbouring buckets below this are taken for rounding errors.
const SMALL_DELTA: f64 = 1e-12;

/// A bucket of a classic histogram.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClassicBucket {
    /// The label `le`.
    pub upper_bound: f64,
    /// Observations up to the bound.
    pub count: f64,
}

/// Where the counts of a classic histogram fell with rising bounds, which they must not, and by how much.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ForcedMonotonicity {
    /// The lowest bound that was raised.
    pub min_bound: f64,
    /// The highest bound that was raised.
    pub max_bound: f64,
    /// The largest difference.
    pub max_difference: f64,
}

/// Sorts buckets by their bound and joins those of equal bound, whose counts add up.
pub fn sort_and_join(buckets: &mut Vec<ClassicBucket>) {
    buckets.sort_by(|a, b| a.upper_bound.partial_cmp(&b.upper_bound).unwrap_or(std::cmp::Ordering::Equal));
    buckets.dedup_by(|next, kept| {
        let same = next.upper_bound == kept.upper_bound;
        if same {
            kept.count += next.count;
        }
        same
    });
}

/// The quantile `q` of a classic histogram, by linear interpolation within a bucket.
///
/// The buckets have been through [`sort_and_join`]; counts that fall are raised in place. NaN without a bucket for +Inf, with less than two buckets or
/// without observations; ±Inf for a `q` outside of [0, 1].
///
/// Source: Prometheus promql/quantile.go BucketQuantile.
pub fn classic_quantile(q: f64, buckets: &mut [ClassicBucket]) -> (f64, Option<ForcedMonotonicity>) {
    if q.is_nan() {
        return (f64::NAN, None);
    }
    if !(0.0..=1.0).contains(&q) {
        return (f64::INFINITY.copysign(q), None);
    }
    if buckets.last().is_none_or(|last| last.upper_bound != f64::INFINITY) {
        return (f64::NAN, None);
    }
    let forced = make_monotonic(buckets);
    (interpolate(q, buckets), forced)
}

fn interpolate(q: f64, buckets: &[ClassicBucket]) -> f64 {
    let [finite @ .., infinite] = buckets else { return f64::NAN };
    let Some(highest) = finite.last() else { return f64::NAN };
    if infinite.count == 0.0 {
        return f64::NAN;
    }
    let rank = q * infinite.count;
    let reaches = |bucket: &ClassicBucket| bucket.count >= rank;
    let position = finite.partition_point(|bucket| !reaches(bucket));
    let Some(bucket) = finite.get(position) else { return highest.upper_bound };
    let before = position.checked_sub(1).and_then(|i| finite.get(i));
    match before {
        None if bucket.upper_bound <= 0.0 => bucket.upper_bound,
        None => bucket.upper_bound * (rank / bucket.count),
        Some(before) => {
            let width = bucket.upper_bound - before.upper_bound;
            before.upper_bound + width * ((rank - before.count) / (bucket.count - before.count))
        }
    }
}

/// Source: Prometheus ensureMonotonicAndIgnoreSmallDeltas.
fn make_monotonic(buckets: &mut [ClassicBucket]) -> Option<ForcedMonotonicity> {
    let mut forced: Option<ForcedMonotonicity> = None;
    let [first, rest @ ..] = buckets else { return None };
    let mut previous = first.count;
    for bucket in rest {
        let count = bucket.count;
        if count == previous {
            continue;
        }
        if almost_equal(previous, count, SMALL_DELTA) {
            bucket.count = previous;
        } else if count < previous {
            bucket.count = previous;
            let forced = forced.get_or_insert(ForcedMonotonicity {
                min_bound: bucket.upper_bound,
                max_bound: bucket.upper_bound,
                max_difference: 0.0,
            });
            forced.min_bound = forced.min_bound.min(bucket.upper_bound);
            forced.max_bound = forced.max_bound.max(bucket.upper_bound);
            forced.max_difference = forced.max_difference.max(previous - count);
        } else {
            previous = count;
        }
    }
    forced
}

/// Whether two numbers are equal but for a relative error. NaN equals NaN.
///
/// Source: Prometheus util/almost/almost.go, without its case for stale markers.
pub fn almost_equal(a: f64, b: f64, tolerance: f64) -> bool {
    if a.is_nan() && b.is_nan() || a == b {
        return true;
    }
    let (sum, difference) = (a.abs() + b.abs(), (a - b).abs());
    if a == 0.0 || b == 0.0 || sum < f64::MIN_POSITIVE {
        return difference < tolerance * f64::MIN_POSITIVE;
    }
    difference / sum.min(f64::MAX) < tolerance
}

/// The fraction of observations between `lower` and `upper`.
///
/// The buckets have been through [`sort_and_join`]. NaN without a bucket for +Inf, without observations, or for a NaN bound.
///
/// Source: Prometheus promql/quantile.go BucketFraction.
pub fn classic_fraction(lower: f64, upper: f64, buckets: &[ClassicBucket]) -> f64 {
    let (Some(first), Some(last)) = (buckets.first(), buckets.last()) else { return f64::NAN };
    if last.upper_bound != f64::INFINITY || last.count == 0.0 || lower.is_nan() || upper.is_nan() {
        return f64::NAN;
    }
    if lower >= upper {
        return 0.0;
    }
    // A first bucket with a positive bound is taken to begin at zero.
    let lowest = if first.upper_bound <= 0.0 { f64::NEG_INFINITY } else { 0.0 };
    let below = |value: f64| {
        let (mut start, mut rank) = (lowest, 0.0);
        for bucket in buckets {
            if start >= value {
                return rank;
            }
            if bucket.upper_bound > value {
                // Nothing can be said of where in an endless bucket its observations lie.
                return if start == f64::NEG_INFINITY {
                    bucket.count
                } else {
                    rank + (bucket.count - rank) * (value - start) / (bucket.upper_bound - start)
                };
            }
            (start, rank) = (bucket.upper_bound, bucket.count);
        }
        last.count
    };
    let capped = |rank: f64| if rank > last.count { last.count } else { rank };
    (capped(below(upper)) - capped(below(lower))) / last.count
}
