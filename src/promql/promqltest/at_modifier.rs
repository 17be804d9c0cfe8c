//! The same expression bound to a time: what it yields must not depend on when it is evaluated.

use crate::promql::ast::{At, AtKind, Expr, ExprKind};

/// Functions whose results depend on the time of evaluation even if their arguments do not.
///
/// Source: Prometheus promql/functions.go AtModifierUnsafeFunctions.
const UNSAFE: [&str; 15] = [
    "day_of_month",
    "day_of_week",
    "day_of_year",
    "days_in_month",
    "end",
    "hour",
    "minute",
    "month",
    "predict_linear",
    "range",
    "start",
    "step",
    "time",
    "timestamp",
    "year",
];

/// The expression with `@ t` (milliseconds) at every selector that has no `@` of its own; None if a function forbids it.
///
/// Source: Prometheus promql/promqltest/test.go atModifierTestCases.
pub(super) fn pinned(expr: &Expr, t: i64) -> Option<Expr> {
    let mut pinned = expr.clone();
    pin(&mut pinned, t).then_some(pinned)
}

/// The times at which an expression that is bound to `t` is evaluated again.
pub(super) fn other_times(t: i64) -> Vec<i64> {
    if t == 0 { vec![-1000, 0, 1000] } else { vec![-10 * t, 0, t / 5, t, 10 * t] }
}

fn pin(expr: &mut Expr, t: i64) -> bool {
    let at = At { kind: AtKind::Timestamp(t), span: expr.span };
    match &mut expr.kind {
        ExprKind::VectorSelector(selector) => {
            selector.modifiers.at.get_or_insert(at);
            true
        }
        ExprKind::MatrixSelector(matrix) => {
            matrix.modifiers.at.get_or_insert(at);
            true
        }
        // Whatever is inside of a subquery that is bound to a time is evaluated at the same steps each time.
        ExprKind::Subquery(subquery) => {
            subquery.modifiers.at.get_or_insert(at);
            true
        }
        ExprKind::Call(call) if UNSAFE.contains(&call.function.name) => false,
        _ => expr.children_mut().into_iter().all(|child| pin(child, t)),
    }
}
