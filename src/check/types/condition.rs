//! Whether an alert's condition is one: alerts that can't fire, can't but fire, or fire whenever there is data.

use super::{Analysis, Type};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::types as codes;
use crate::promql::ast::{Aggregate, BinaryOp, Expr, ExprKind};
use crate::promql::types::ValueType;
use crate::source::Span;

/// When an alert fires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Firing {
    /// Never, whatever the data.
    Never,
    /// Always, as a dead man's switch is meant to: a constant and nothing else.
    Watchdog,
    /// Always, whatever the data; the part that makes it so.
    Always(Span),
    /// Whenever there is data: no part of it is a condition.
    WhilePresent,
    /// Whenever there is data: its comparison gives 0 or 1 in place of a filter.
    Bool {
        /// Where the operator stands.
        op: Span,
        /// Where `bool` stands.
        span: Span,
    },
    /// When its condition holds.
    Conditional,
}

/// True for `vector(1)` and a number: the expression of a dead man's switch.
pub fn is_constant(expr: &Expr) -> bool {
    match &expr.unwrap_parens().kind {
        ExprKind::Call(call) => call.function.name == "vector",
        ExprKind::Number(_) => true,
        _ => false,
    }
}

/// When an alert with this expression fires.
pub fn firing(expr: &Expr, ty: &Type) -> Firing {
    if ty.empty {
        return Firing::Never;
    }
    if ty.always || ty.value == ValueType::Scalar {
        return if is_constant(expr) { Firing::Watchdog } else { Firing::Always(always_part(expr)) };
    }
    match condition(expr, 0) {
        Condition::Yes => Firing::Conditional,
        Condition::Bool(op, span) => Firing::Bool { op, span },
        Condition::No => Firing::WhilePresent,
    }
}

/// What is wrong with an alert's expression as a condition. An expression that never gives a result has been
/// reported by [`super::analyse`] where that is decided.
pub fn check_condition(expr: &Expr, analysis: &Analysis) -> Vec<Diagnostic> {
    match firing(expr, &analysis.ty) {
        Firing::Always(span) => vec![
            Diagnostic::new(&codes::ALWAYS_FIRES, span, "this alert always fires")
                .label("has a result whatever the data")
                .help("compare behind it: `(… or vector(0)) > 5`"),
        ],
        Firing::Bool { op, span } => vec![
            Diagnostic::new(
                &codes::BOOL_CONDITION,
                span,
                "`bool` makes this alert fire whether the comparison holds or not",
            )
            .label("gives 0 where it does not hold, and an alert fires for any result")
            .fix("leave out `bool`", op.at_end().to(span), ""),
        ],
        Firing::WhilePresent => vec![
            Diagnostic::new(&codes::NO_CONDITION, expr.span, "this alert has no condition")
                .label("fires for every series there is, whatever its value")
                .help("compare it with a limit: `… > 0`"),
        ],
        Firing::Never | Firing::Watchdog | Firing::Conditional => Vec::new(),
    }
}

enum Condition {
    Yes,
    No,
    /// Where the operator and its `bool` stand.
    Bool(Span, Span),
}

impl Condition {
    fn either(self, other: impl FnOnce() -> Condition) -> Condition {
        match self {
            Condition::Yes => Condition::Yes,
            Condition::Bool(op, span) => match other() {
                Condition::Yes => Condition::Yes,
                _ => Condition::Bool(op, span),
            },
            Condition::No => other(),
        }
    }
}

/// Looks for something that lets only some samples through. Unknown parts count as conditions.
fn condition(expr: &Expr, depth: u32) -> Condition {
    if depth > 100 {
        return Condition::Yes;
    }
    let inside = |e: &Expr| condition(e, depth + 1);
    match &expr.unwrap_parens().kind {
        ExprKind::Number(_) | ExprKind::String(_) => Condition::No,
        ExprKind::Param(_) | ExprKind::LetCall(_) | ExprKind::Error => Condition::Yes,
        // Prometheus' own series of alerts is there only while they are pending or firing.
        ExprKind::VectorSelector(s) => match s.metric_name() {
            Some("ALERTS" | "ALERTS_FOR_STATE") | None => Condition::Yes,
            // `…_status{state="error"}` is there only in that state.
            Some(_) if s.matchers.iter().any(|m| tells_state(&m.label.name)) => Condition::Yes,
            Some(_) => Condition::No,
        },
        ExprKind::MatrixSelector(_) => Condition::No,
        ExprKind::Subquery(s) => inside(&s.expr),
        ExprKind::Call(call) => match call.function.name {
            "absent" | "absent_over_time" => Condition::Yes,
            _ => call.args.iter().fold(Condition::No, |found, arg| found.either(|| inside(arg))),
        },
        ExprKind::Aggregate(a) => {
            let Aggregate { expr, .. } = &**a;
            inside(expr)
        }
        ExprKind::Unary(_, e) | ExprKind::Paren(e) => inside(e),
        ExprKind::Binary(b) => match b.op {
            BinaryOp::And | BinaryOp::Unless => Condition::Yes,
            // Both branches need one.
            BinaryOp::Or => match (inside(&b.lhs), inside(&b.rhs)) {
                (Condition::Yes, other) | (other, Condition::Yes) => other,
                (first, _) => first,
            },
            op if op.is_comparison() => match b.return_bool {
                None => Condition::Yes,
                Some(span) => {
                    inside(&b.lhs).either(|| inside(&b.rhs)).either(|| Condition::Bool(b.op_span, span))
                }
            },
            _ => inside(&b.lhs).either(|| inside(&b.rhs)),
        },
    }
}

/// True for labels that tell what something is like, not which one it is.
fn tells_state(label: &str) -> bool {
    const WHICH: &[&str] = &[
        "__name__",
        "job",
        "instance",
        "namespace",
        "cluster",
        "service",
        "app",
        "env",
        "environment",
        "region",
    ];
    !WHICH.contains(&label)
}

/// The branch of an `or` that is always there.
fn always_part(expr: &Expr) -> Span {
    match &expr.unwrap_parens().kind {
        ExprKind::Binary(b) if b.op == BinaryOp::Or => match &b.rhs.unwrap_parens().kind {
            ExprKind::Binary(_) => always_part(&b.rhs),
            _ => b.rhs.span,
        },
        _ => expr.span,
    }
}
