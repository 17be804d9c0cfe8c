//! Histogram arithmetic that says what it had to put right.

use super::Notes;
use crate::promql::annotation::{Annotation, HistogramOperation};
use crate::promql::histogram::FloatHistogram;

/// Adds `other`; false, with a remark, when that is impossible.
pub(super) fn add_noting(h: &mut FloatHistogram, other: &FloatHistogram, notes: &Notes<'_>) -> bool {
    match h.add(other) {
        Ok(added) => {
            if added.custom_bounds_reconciled {
                reconciled(notes, HistogramOperation::Add);
            }
            true
        }
        Err(_) => {
            notes.mixed_exponential_custom();
            false
        }
    }
}

/// Subtracts `other`; false, with a remark, when that is impossible.
pub(super) fn subtract_noting(h: &mut FloatHistogram, other: &FloatHistogram, notes: &Notes<'_>) -> bool {
    match h.subtract(other) {
        Ok(added) => {
            if added.custom_bounds_reconciled {
                reconciled(notes, HistogramOperation::Sub);
            }
            true
        }
        Err(_) => {
            notes.mixed_exponential_custom();
            false
        }
    }
}

/// Says that custom bounds differed.
pub(super) fn reconciled(notes: &Notes<'_>, operation: HistogramOperation) {
    (notes.add)(Annotation::mismatched_custom_buckets(notes.first_arg, operation));
}
