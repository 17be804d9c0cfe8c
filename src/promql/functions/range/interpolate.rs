//! Values between two samples: what smoothed and anchored selectors put at the ends of their range.

use crate::promql::annotation::{Annotation, HistogramOperation};
use crate::promql::histogram::{FloatHistogram, IncompatibleSchemas};
use crate::source::Span;

/// The value at `t` on the line through two points. A counter that fell is taken to have begun again from zero.
///
/// Source: Prometheus promql/functions.go `interpolate`.
pub(crate) fn interpolate_floats([(t1, mut y1), (t2, y2)]: [(i64, f64); 2], t: i64, counter: bool) -> f64 {
    if counter && y2 < y1 {
        y1 = 0.0;
    }
    y1 + (y2 - y1) * (t - t1) as f64 / (t2 - t1) as f64
}

/// As [`interpolate_floats`], for histograms.
///
/// Source: Prometheus promql/functions.go `interpolateHistograms`.
pub(crate) fn interpolate_histograms(
    [(t1, h1), (t2, h2)]: [(i64, &FloatHistogram); 2],
    t: i64,
    counter: bool,
    span: Span,
    note: &mut dyn FnMut(Annotation),
) -> Result<FloatHistogram, IncompatibleSchemas> {
    if t == t1 {
        return Ok(h1.clone());
    }
    let mut result = h2.clone();
    if t == t2 {
        return Ok(result);
    }
    let fraction = (t - t1) as f64 / (t2 - t1) as f64;
    if counter && h2.is_reset_since(h1) {
        result.multiply(fraction);
        return Ok(result);
    }
    if result.subtract(h1)?.custom_bounds_reconciled {
        note(Annotation::mismatched_custom_buckets(span, HistogramOperation::Sub));
    }
    result.multiply(fraction);
    if result.add(h1)?.custom_bounds_reconciled {
        note(Annotation::mismatched_custom_buckets(span, HistogramOperation::Add));
    }
    Ok(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_that_fell_begin_at_zero() {
        assert_eq!(interpolate_floats([(0, 10.0), (100, 20.0)], 50, true), 15.0);
        assert_eq!(interpolate_floats([(0, 10.0), (100, 4.0)], 50, true), 2.0);
        assert_eq!(interpolate_floats([(0, 10.0), (100, 4.0)], 50, false), 7.0);
    }
}
