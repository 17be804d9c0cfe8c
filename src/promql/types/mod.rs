//! The types of PromQL's values.

mod check;

pub(in crate::promql) use check::check;

use super::ast::{Expr, ExprKind};

/// What an expression gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ValueType {
    /// One number at each moment.
    Scalar,
    /// An instant vector: a number per series at each moment.
    Vector,
    /// A range vector: the samples of a window per series.
    Matrix,
    /// Text.
    String,
    /// Not known here: `$name`, the call of a let, or something that did not parse.
    Any,
}

impl ValueType {
    /// As Prometheus' documentation names it (promql/parser/value.go DocumentedType).
    pub fn documented(self) -> &'static str {
        match self {
            ValueType::Scalar => "scalar",
            ValueType::Vector => "instant vector",
            ValueType::Matrix => "range vector",
            ValueType::String => "string",
            ValueType::Any => "unknown",
        }
    }

    /// True when a value of this type, as far as it is known, is one of type `other`.
    pub fn fits(self, other: ValueType) -> bool {
        self == other || self == ValueType::Any || other == ValueType::Any
    }
}

impl Expr {
    /// The type of the expression's value.
    pub fn value_type(&self) -> ValueType {
        let mut expr = self;
        loop {
            return match &expr.kind {
                ExprKind::Number(_) => ValueType::Scalar,
                ExprKind::String(_) => ValueType::String,
                ExprKind::VectorSelector(_) | ExprKind::Aggregate(_) => ValueType::Vector,
                ExprKind::MatrixSelector(_) | ExprKind::Subquery(_) => ValueType::Matrix,
                ExprKind::Call(c) => c.function.returns,
                ExprKind::Binary(b) => match (b.lhs.value_type(), b.rhs.value_type()) {
                    (ValueType::Scalar, ValueType::Scalar) => ValueType::Scalar,
                    (ValueType::Any, ValueType::Any | ValueType::Scalar)
                    | (ValueType::Scalar, ValueType::Any)
                        if !b.op.is_set() =>
                    {
                        ValueType::Any
                    }
                    _ => ValueType::Vector,
                },
                ExprKind::Unary(_, e) | ExprKind::Paren(e) => {
                    expr = e;
                    continue;
                }
                ExprKind::Param(_) | ExprKind::LetCall(_) | ExprKind::Error => ValueType::Any,
            };
        }
    }
}
