//! One pass over the tree, from the leaves up.

use super::labels::{Cause, LabelSet};
use super::range::Range;
use super::{Analysis, Basis, Env, Sort, Type, Unit, UnitOf};
use crate::diagnostic::Diagnostic;
use crate::promql::ast::{Expr, ExprKind, UnaryOp};
use crate::promql::types::ValueType;
use crate::source::Span;

/// How deep brackets may nest before a part is taken as unknown. A chain of operators is no nesting.
const MAX_DEPTH: u32 = 100;

/// Types an expression and says what is wrong with it.
///
/// Parameters have the type they are bound to in `env`; calls of lets are unknown, so expand them first.
pub fn analyse(expr: &Expr, env: &Env) -> Analysis {
    let mut walker = Walker { env, parts: Vec::new(), diagnostics: Vec::new(), depth: 0 };
    let ty = walker.expr(expr);
    Analysis { ty, parts: walker.parts, diagnostics: walker.diagnostics }
}

pub(super) struct Walker<'e> {
    pub(super) env: &'e Env,
    parts: Vec<(Span, Type)>,
    diagnostics: Vec<Diagnostic>,
    depth: u32,
}

impl Walker<'_> {
    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    pub(super) fn expr(&mut self, expr: &Expr) -> Type {
        if self.depth >= MAX_DEPTH {
            return Type::unknown(ValueType::Any, expr.span);
        }
        self.depth += 1;
        let ty = self.expr_at_depth(expr);
        self.depth -= 1;
        self.note(expr.span, &ty);
        ty
    }

    /// Remembers the type of a part.
    pub(super) fn note(&mut self, span: Span, ty: &Type) {
        self.parts.push((span, ty.clone()));
    }

    fn expr_at_depth(&mut self, expr: &Expr) -> Type {
        let span = expr.span;
        match &expr.kind {
            ExprKind::Number(number) => {
                let unit = match number.duration {
                    true => UnitOf::Known(Unit::seconds(), Basis { firm: true, source: None }),
                    false => UnitOf::Number,
                };
                Type::scalar(Range::exactly(number.value), unit, span)
            }
            ExprKind::String(_) => Type {
                value: ValueType::String,
                labels: LabelSet::none(Cause::NoLabels, span),
                ..Type::unknown(ValueType::String, span)
            },
            ExprKind::VectorSelector(selector) => self.selector(selector, span),
            ExprKind::MatrixSelector(matrix) => {
                Type { value: ValueType::Matrix, ..self.expr(&matrix.selector) }
            }
            ExprKind::Subquery(subquery) => Type { value: ValueType::Matrix, ..self.expr(&subquery.expr) },
            ExprKind::Call(call) => self.call(call, span),
            ExprKind::Aggregate(aggregate) => self.aggregate(aggregate, span),
            ExprKind::Binary(_) => self.operators(expr),
            ExprKind::Unary(UnaryOp::Plus, inner) => self.expr(inner),
            ExprKind::Unary(UnaryOp::Minus, inner) => {
                let mut ty = self.expr(inner);
                ty.range = ty.range.negate();
                ty.sort = Sort::Derived;
                ty.drop_name(span);
                ty
            }
            ExprKind::Paren(inner) => self.expr(inner),
            ExprKind::Param(param) => match self.env.param(&param.name) {
                Some(ty) => ty.clone(),
                None => Type::unknown(ValueType::Any, span),
            },
            ExprKind::LetCall(call) => {
                for arg in &call.args {
                    self.expr(arg);
                }
                Type::unknown(ValueType::Any, span)
            }
            ExprKind::Error => Type::unknown(ValueType::Any, span),
        }
    }
}

impl Type {
    /// A new value has no metric name.
    pub(super) fn drop_name(&mut self, span: Span) {
        self.labels.remove(crate::promql::ast::METRIC_NAME, Cause::NameDropped, span);
    }

    /// True for one number a moment, without labels.
    pub(super) fn is_scalar(&self) -> bool {
        self.value == ValueType::Scalar
    }

    /// `metric` in backticks, or what stands for it.
    pub(super) fn describe(&self) -> String {
        match &self.source {
            Some(source) => format!("`{}`", source.metric),
            None => "this".to_string(),
        }
    }
}
