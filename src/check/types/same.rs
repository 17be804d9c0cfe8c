//! Whether two expressions read the same: equal but for spans, parentheses and layout.

use crate::promql::ast::{Expr, ExprKind, Label, MatchOp, Matcher, Modifiers, VectorSelector};

/// How deep the comparison looks; deeper trees are taken as different.
const MAX_DEPTH: u32 = 60;

/// True when both give the same result at every moment.
pub(super) fn same(a: &Expr, b: &Expr) -> bool {
    related(a, b, &|x, y| matchers_same(&x.matchers, &y.matchers), 0)
}

/// True when `part` reads as `whole` does, but its selectors may have further matchers.
pub(super) fn is_part_of(part: &Expr, whole: &Expr) -> bool {
    related(part, whole, &|x, y| y.matchers.iter().all(|m| x.matchers.iter().any(|n| matcher_same(m, n))), 0)
}

type Matchers<'a> = &'a dyn Fn(&VectorSelector, &VectorSelector) -> bool;

fn related(a: &Expr, b: &Expr, matchers: Matchers<'_>, depth: u32) -> bool {
    if depth > MAX_DEPTH {
        return false;
    }
    let both = |x: &Expr, y: &Expr| related(x, y, matchers, depth + 1);
    let all = |x: &[Expr], y: &[Expr]| x.len() == y.len() && x.iter().zip(y).all(|(x, y)| both(x, y));
    match (&a.unwrap_parens().kind, &b.unwrap_parens().kind) {
        (ExprKind::Number(x), ExprKind::Number(y)) => x.value.to_bits() == y.value.to_bits(),
        (ExprKind::String(x), ExprKind::String(y)) => x.value == y.value,
        (ExprKind::VectorSelector(x), ExprKind::VectorSelector(y)) => {
            x.metric_name() == y.metric_name() && plain(&x.modifiers) && plain(&y.modifiers) && matchers(x, y)
        }
        (ExprKind::MatrixSelector(x), ExprKind::MatrixSelector(y)) => {
            let range = x.range.literal_ms();
            range.is_some()
                && range == y.range.literal_ms()
                && plain(&x.modifiers)
                && plain(&y.modifiers)
                && both(&x.selector, &y.selector)
        }
        (ExprKind::Call(x), ExprKind::Call(y)) => x.function.name == y.function.name && all(&x.args, &y.args),
        (ExprKind::Aggregate(x), ExprKind::Aggregate(y)) => {
            let grouping = match (&x.grouping, &y.grouping) {
                (None, None) => true,
                (Some(x), Some(y)) => x.kind == y.kind && names(&x.labels) == names(&y.labels),
                _ => false,
            };
            let param = match (&x.param, &y.param) {
                (None, None) => true,
                (Some(x), Some(y)) => both(x, y),
                _ => false,
            };
            x.op == y.op && grouping && param && both(&x.expr, &y.expr)
        }
        (ExprKind::Binary(x), ExprKind::Binary(y)) => {
            x.op == y.op
                && x.return_bool.is_some() == y.return_bool.is_some()
                && x.matching.card == y.matching.card
                && x.matching.on == y.matching.on
                && x.matching.fill.span.is_none()
                && y.matching.fill.span.is_none()
                && names(&x.matching.labels) == names(&y.matching.labels)
                && names(&x.matching.include) == names(&y.matching.include)
                && both(&x.lhs, &y.lhs)
                && both(&x.rhs, &y.rhs)
        }
        (ExprKind::Unary(x, a), ExprKind::Unary(y, b)) => x == y && both(a, b),
        _ => false,
    }
}

/// Without modifiers: two moments are two values.
fn plain(modifiers: &Modifiers) -> bool {
    modifiers.is_empty()
}

fn names(labels: &[Label]) -> Vec<&str> {
    let mut names: Vec<&str> = labels.iter().map(|l| l.name.as_str()).collect();
    names.sort_unstable();
    names
}

fn matcher_same(a: &Matcher, b: &Matcher) -> bool {
    (a.label.name.as_str(), a.op, a.value.as_str()) == (b.label.name.as_str(), b.op, b.value.as_str())
}

fn matchers_same(a: &[Matcher], b: &[Matcher]) -> bool {
    let without_name =
        |m: &&Matcher| !(m.label.name == crate::promql::ast::METRIC_NAME && m.op == MatchOp::Equal);
    let (a, b): (Vec<_>, Vec<_>) =
        (a.iter().filter(without_name).collect(), b.iter().filter(without_name).collect());
    a.len() == b.len() && a.iter().all(|m| b.iter().any(|n| matcher_same(m, n)))
}
