//! Binary operators: the chain of them, arithmetic and set operators.

use std::sync::Arc;

use super::env::Buckets;
use super::range::{Comparison, Range};
use super::same::{is_part_of, same};
use super::unit_check::Operands;
use super::walk::Walker;
use super::{Observed, Sort, Type, UnitOf};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::types as codes;
use crate::promql::ast::{Binary, BinaryOp, Expr, ExprKind};
use crate::promql::types::ValueType;
use crate::source::Span;

impl Walker<'_> {
    /// A chain of operators, from its innermost left operand outwards: long chains cost no stack.
    pub(super) fn operators(&mut self, expr: &Expr) -> Type {
        let mut spine = Vec::new();
        let mut inner = expr;
        while let ExprKind::Binary(binary) = &inner.kind {
            spine.push((inner.span, &**binary));
            inner = &binary.lhs;
        }
        let mut left = self.expr(inner);
        let outermost = spine.len();
        for (i, (span, binary)) in spine.into_iter().rev().enumerate() {
            let right = self.expr(&binary.rhs);
            left = self.operator(binary, &left, &right, span);
            if i + 1 < outermost {
                self.note(span, &left);
            }
        }
        left
    }

    fn operator(&mut self, b: &Binary, left: &Type, right: &Type, span: Span) -> Type {
        let o = Operands { op: b.op, op_span: b.op_span, lhs: &b.lhs, rhs: &b.rhs, left, right };
        let vectors = !left.is_scalar() && !right.is_scalar();
        let comparison = comparison(b.op);
        let unit = self.operator_unit(&o, b, comparison);
        if let Some(op) = comparison {
            self.percent_of_ratio(&o, op);
            if b.return_bool.is_none() {
                self.counter_compared(&o, op);
            }
        }
        let mut ty = if left.is_scalar() && !right.is_scalar() { right.clone() } else { left.clone() };
        ty.unit = unit;
        ty.value = match (left.value, right.value) {
            (ValueType::Scalar, ValueType::Scalar) => ValueType::Scalar,
            (ValueType::Any, _) | (_, ValueType::Any) if !vectors || !b.op.is_set() => ValueType::Any,
            _ => ValueType::Vector,
        };
        if vectors {
            ty.labels = self.matched_labels(b, left, right, span);
        } else if comparison.is_none() || b.return_bool.is_some() {
            ty.drop_name(span);
        }
        ty.empty = left.empty || right.empty;
        ty.always = !vectors && left.always && right.always;
        match (b.op, comparison) {
            (_, Some(op)) => self.compare(&o, op, b.return_bool.is_some(), &mut ty, span),
            (BinaryOp::And | BinaryOp::Or | BinaryOp::Unless, _) => self.set(b, &o, &mut ty),
            _ => arithmetic(&o, &mut ty),
        }
        ty
    }

    /// `and`, `or`, `unless`.
    fn set(&mut self, b: &Binary, o: &Operands<'_>, ty: &mut Type) {
        let default_matching = b.matching.labels_span.is_none();
        match b.op {
            BinaryOp::Or => {
                ty.empty = o.left.empty && o.right.empty;
                ty.always = o.left.always || o.right.always;
                ty.range = match (o.left.empty, o.right.empty) {
                    (true, false) => o.right.range,
                    (false, true) => o.left.range,
                    _ => o.left.range.join(o.right.range),
                };
                if o.left.sort != o.right.sort {
                    ty.sort = Sort::Derived;
                    ty.observed = None;
                } else if o.left.observed != o.right.observed {
                    ty.observed = either(o.left, o.right);
                }
            }
            BinaryOp::Unless => {
                ty.empty = o.left.empty;
                let nothing_left = (default_matching && same(o.lhs, o.rhs))
                    || (b.matching.on && b.matching.labels.is_empty() && o.right.always);
                if nothing_left && !ty.empty {
                    ty.empty = true;
                    let why =
                        if o.right.always { "this is always there" } else { "the same as the left side" };
                    let finding =
                        Diagnostic::new(&codes::ALWAYS_EMPTY, b.op_span, "this `unless` removes everything")
                            .label("never gives a result")
                            .also(b.rhs.span, why);
                    self.report(finding);
                }
                ty.always = false;
            }
            _ => {
                ty.always = false;
                if default_matching && !ty.empty && same(filtered(o.lhs), filtered(o.rhs)) {
                    ty.range = o.left.range.meet(o.right.range);
                    if ty.range.is_empty() {
                        ty.empty = true;
                        let finding = Diagnostic::new(
                            &codes::ALWAYS_EMPTY,
                            b.op_span,
                            "both conditions are never true at once",
                        )
                        .label("never gives a result")
                        .also(b.lhs.span, o.left.range.describe())
                        .also(b.rhs.span, o.right.range.describe());
                        self.report(finding);
                    }
                }
            }
        }
    }
}

/// What is observed where series of two histograms stand side by side: a bound is one if either has it.
fn either(left: &Type, right: &Type) -> Option<Arc<Observed>> {
    let (l, r) = (left.observed.as_ref()?, right.observed.as_ref()?);
    let known = |o: &Observed| if let UnitOf::Known(unit, _) = &o.unit { Some(unit.clone()) } else { None };
    let buckets = match (&l.buckets, &r.buckets) {
        (Buckets::Classic(one), Buckets::Classic(other)) if known(l) == known(r) => {
            let mut bounds: Vec<_> = one.iter().chain(other).cloned().collect();
            bounds.sort_by(|a, b| a.to_f64().total_cmp(&b.to_f64()));
            bounds.dedup();
            Buckets::Classic(bounds)
        }
        _ => Buckets::Unknown,
    };
    Some(Arc::new(Observed { unit: l.unit.clone(), buckets, declared: l.declared }))
}

fn arithmetic(o: &Operands<'_>, ty: &mut Type) {
    let (l, r) = (o.left.range, o.right.range);
    ty.range = match o.op {
        BinaryOp::Add => l.plus(r),
        // The difference of a thing with itself need not be exact: nothing is gained by knowing it.
        BinaryOp::Sub => l.minus(r),
        BinaryOp::Mul => l.times(r),
        BinaryOp::Div if l.is_non_negative() && is_part_of(o.lhs, o.rhs) => {
            // Sums in another order may differ in the last digits.
            Range { lo: 0.0, hi: 1.0 + 1e-9, nan: true }
        }
        BinaryOp::Div => l.over(r),
        BinaryOp::Pow if l.is_non_negative() => Range { nan: true, ..Range::NON_NEGATIVE },
        _ => Range::ANY,
    };
    // Two infinities may meet where values are unbounded.
    ty.sort = match (o.left.sort, o.right.sort) {
        (Sort::Counter, Sort::Counter) if o.op == BinaryOp::Add => Sort::Counter,
        (Sort::Unknown, _) | (_, Sort::Unknown) => Sort::Unknown,
        (sort @ (Sort::Buckets { .. } | Sort::Native { .. }), _) if o.right.is_scalar() => sort,
        (Sort::Quantile, Sort::Derived) if o.right.is_scalar() => Sort::Quantile,
        (Sort::Counter, Sort::Derived) if o.right.is_scalar() => Sort::Counter,
        _ => Sort::Derived,
    };
    if !matches!(ty.sort, Sort::Buckets { .. } | Sort::Native { .. }) {
        ty.observed = None;
    }
    if !(o.left.is_scalar() || o.right.is_scalar()) {
        ty.source = None;
    }
}

fn comparison(op: BinaryOp) -> Option<Comparison> {
    Some(match op {
        BinaryOp::Eq => Comparison::Eq,
        BinaryOp::Ne => Comparison::Ne,
        BinaryOp::Gt => Comparison::Gt,
        BinaryOp::Lt => Comparison::Lt,
        BinaryOp::Ge => Comparison::Ge,
        BinaryOp::Le => Comparison::Le,
        _ => return None,
    })
}

/// What a chain of filters by numbers filters.
fn filtered(expr: &Expr) -> &Expr {
    let mut expr = expr.unwrap_parens();
    while let ExprKind::Binary(b) = &expr.kind {
        if comparison(b.op).is_none() || b.return_bool.is_some() {
            break;
        }
        expr = match (b.lhs.value_type(), b.rhs.value_type()) {
            (ValueType::Vector, ValueType::Scalar) => b.lhs.unwrap_parens(),
            (ValueType::Scalar, ValueType::Vector) => b.rhs.unwrap_parens(),
            _ => break,
        };
    }
    expr
}
