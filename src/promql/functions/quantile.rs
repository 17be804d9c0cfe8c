//! Quantiles of numbers.

use std::cmp::Ordering;

/// The quantile `q` of `values`, which it sorts: NaN without values or for a NaN `q`, ±Inf for a `q` outside of
/// 0 … 1, else interpolated between the two nearest.
///
/// Source: Prometheus promql/quantile.go `quantile`.
pub(crate) fn quantile(q: f64, values: &mut [f64]) -> f64 {
    values.sort_unstable_by(|a, b| by_value(*a, *b));
    quantile_of_sorted(q, values)
}

/// The order of values: NaN first, then by size, -0 before +0.
pub(crate) fn by_value(a: f64, b: f64) -> Ordering {
    match (a.is_nan(), b.is_nan()) {
        (false, false) => a.total_cmp(&b),
        (a, b) => b.cmp(&a),
    }
}

/// As [`quantile`], of values in the order of [`by_value`].
pub(crate) fn quantile_of_sorted(q: f64, values: &[f64]) -> f64 {
    if values.is_empty() || q.is_nan() {
        return f64::NAN;
    }
    if q < 0.0 {
        return f64::NEG_INFINITY;
    }
    if q > 1.0 {
        return f64::INFINITY;
    }
    let last = values.len() - 1;
    let rank = q * last as f64;
    let lower = (rank.floor().max(0.0) as usize).min(last);
    let upper = (lower + 1).min(last);
    let weight = rank - rank.floor();
    values[lower] * (1.0 - weight) + values[upper] * weight
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_interpolate_between_neighbours() {
        assert_eq!(quantile(0.5, &mut [3.0, 1.0]), 2.0);
        assert!(quantile(0.0, &mut [3.0, 1.0, f64::NAN]).is_nan());
        assert_eq!(quantile(1.0, &mut [3.0, 1.0, f64::NAN]), 3.0);
        assert_eq!(quantile(1.1, &mut [3.0]), f64::INFINITY);
        assert!(quantile(0.5, &mut []).is_nan());
    }
}
