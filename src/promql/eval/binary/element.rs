//! A binary operation between two samples, of which either may be a histogram.

use std::sync::Arc;

use crate::promql::annotation::{Annotation, HistogramOperation};
use crate::promql::ast::BinaryOp;
use crate::promql::eval::scalar::{arithmetic, compare};
use crate::promql::histogram::{CounterResetHint, FloatHistogram, Keep};
use crate::promql::value::Point;
use crate::source::Span;

/// What is to be computed.
pub(crate) struct Operands<'a> {
    pub(crate) op: BinaryOp,
    pub(crate) lhs: &'a Point,
    pub(crate) rhs: &'a Point,
    pub(crate) span: Span,
}

/// What comes out.
pub(crate) struct Element {
    pub(crate) value: Point,
    /// False when a comparison does not hold.
    pub(crate) keep: bool,
}

/// The result, or None (with a remark) when the operator is not defined for such operands.
///
/// Source: Prometheus promql/engine.go `vectorElemBinop`.
pub(crate) fn element(operands: &Operands<'_>, note: &dyn Fn(Annotation)) -> Option<Element> {
    let op = operands.op;
    let histogram = |h: FloatHistogram| Some(Element { value: Point::Histogram(Arc::new(h)), keep: true });
    let incompatible = |left: &str, right: &str| {
        note(Annotation::incompatible_types(operands.span, left, op.as_str(), right));
        None
    };
    match (operands.lhs, operands.rhs) {
        (Point::Float(a), Point::Float(b)) => {
            if op.is_comparison() {
                Some(Element { value: Point::Float(*a), keep: compare(op, *a, *b) })
            } else if matches!(op, BinaryOp::TrimLower | BinaryOp::TrimUpper) {
                incompatible("float", "float")
            } else {
                Some(Element { value: Point::Float(arithmetic(op, *a, *b)), keep: true })
            }
        }
        (Point::Float(factor), Point::Histogram(h)) => match op {
            BinaryOp::Mul => histogram(changed(h, |h| h.multiply(*factor))),
            _ => incompatible("float", "histogram"),
        },
        (Point::Histogram(h), Point::Float(v)) => match op {
            BinaryOp::Mul => histogram(changed(h, |h| h.multiply(*v))),
            BinaryOp::Div => histogram(changed(h, |h| h.divide(*v))),
            BinaryOp::TrimUpper | BinaryOp::TrimLower => {
                let keep = if op == BinaryOp::TrimUpper { Keep::Below } else { Keep::Above };
                let mut trimmed = (**h).clone();
                trimmed.trim(*v, keep);
                histogram(trimmed)
            }
            _ => incompatible("histogram", "float"),
        },
        (Point::Histogram(a), Point::Histogram(b)) => match op {
            BinaryOp::Add | BinaryOp::Sub => combined(operands, a, b, note).and_then(histogram),
            BinaryOp::Eq | BinaryOp::Ne => {
                let keep = a.same_data(b) == (op == BinaryOp::Eq);
                Some(Element { value: operands.lhs.clone(), keep })
            }
            _ => incompatible("histogram", "histogram"),
        },
    }
}

/// A compacted copy after a change.
fn changed(h: &FloatHistogram, change: impl Fn(&mut FloatHistogram)) -> FloatHistogram {
    let mut h = h.clone();
    change(&mut h);
    h.compact();
    h
}

fn combined(
    operands: &Operands<'_>,
    a: &FloatHistogram,
    b: &FloatHistogram,
    note: &dyn Fn(Annotation),
) -> Option<FloatHistogram> {
    let mut result = a.clone();
    let subtract = operands.op == BinaryOp::Sub;
    let added = if subtract { result.subtract(b) } else { result.add(b) };
    let Ok(added) = added else {
        note(Annotation::incompatible_bucket_layout(operands.span, operands.op.as_str()));
        return None;
    };
    // A collision leaves no result, as in Prometheus, where its remark travels as an error.
    let operation = if subtract { HistogramOperation::Sub } else { HistogramOperation::Add };
    if subtract {
        result.counter_reset_hint = CounterResetHint::Gauge;
    }
    if added.counter_reset_collision {
        note(Annotation::counter_reset_collision(operands.span, operation));
        return None;
    }
    if added.custom_bounds_reconciled {
        note(Annotation::mismatched_custom_buckets(operands.span, operation));
    }
    result.compact();
    Some(result)
}
