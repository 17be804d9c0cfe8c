//! The holes of an expression: where something else is to be written, and what stands around it.

use crate::promql::ast::{
    BinaryOp, DurationExpr, DurationKind, Expr, ExprKind, Matcher, Modifiers, UnaryOp, VectorSelector,
    params_in,
};
use crate::source::Span;

/// What stands around an expression, which tells whether it needs parentheses.
#[derive(Debug, Clone, Copy)]
pub(super) enum Context {
    /// Nothing that binds: the top, an argument, parentheses.
    Free,
    /// An operand.
    Operand { precedence: u8, right: bool },
    /// A range, offset or subquery follows.
    Postfix,
}

impl Context {
    pub(super) fn needs_parens(self, expr: &Expr) -> bool {
        let own = match &expr.kind {
            ExprKind::Binary(b) => b.op.precedence(),
            // A sign binds tighter than all but `^`.
            ExprKind::Unary(..) => 6,
            ExprKind::Number(n) if n.value.is_sign_negative() => 6,
            _ => return false,
        };
        match self {
            Context::Free => false,
            Context::Postfix => true,
            Context::Operand { precedence, right } => own < precedence || (own == precedence && right),
        }
    }
}

/// A place in an expression at which something else is written.
pub(super) enum Hole<'a> {
    /// `$name` or `p95(x)` as an operand.
    Expr(&'a Expr, Context),
    /// `$name` as a range, offset or step.
    Duration(&'a str, Span),
    /// A matcher's value with `$name` in it.
    Matcher(&'a Matcher),
}

/// The text that a hole replaces: of a `$name` with modifiers only the name.
pub(super) fn hole_span(expr: &Expr) -> Span {
    match &expr.kind {
        ExprKind::Param(p) => p.name_span,
        _ => expr.span,
    }
}

pub(super) fn holds_error(expr: &Expr) -> bool {
    let mut found = false;
    expr.walk(&mut |e| found |= matches!(e.kind, ExprKind::Error));
    found
}

pub(super) fn has_holes(expr: &Expr) -> bool {
    let mut holes = Vec::new();
    collect(expr, Context::Free, &mut holes);
    !holes.is_empty()
}

/// The holes of an expression in the order of the text.
pub(super) fn collect<'a>(expr: &'a Expr, context: Context, out: &mut Vec<Hole<'a>>) {
    match &expr.kind {
        ExprKind::Param(p) => {
            let context = if p.modifiers.is_empty() { context } else { Context::Postfix };
            out.push(Hole::Expr(expr, context));
            modifiers(&p.modifiers, out);
        }
        ExprKind::LetCall(_) => out.push(Hole::Expr(expr, context)),
        ExprKind::VectorSelector(v) => {
            matchers(v, out);
            modifiers(&v.modifiers, out);
        }
        ExprKind::MatrixSelector(m) => {
            collect(&m.selector, Context::Postfix, out);
            duration(&m.range, out);
            modifiers(&m.modifiers, out);
        }
        ExprKind::Subquery(s) => {
            collect(&s.expr, Context::Postfix, out);
            duration(&s.range, out);
            if let Some(step) = &s.step {
                duration(step, out);
            }
            modifiers(&s.modifiers, out);
        }
        ExprKind::Binary(b) => {
            let precedence = b.op.precedence();
            let power = b.op == BinaryOp::Pow;
            collect(&b.lhs, Context::Operand { precedence, right: power }, out);
            collect(&b.rhs, Context::Operand { precedence, right: !power }, out);
        }
        ExprKind::Unary(UnaryOp::Plus | UnaryOp::Minus, e) => {
            collect(e, Context::Operand { precedence: 6, right: false }, out);
        }
        _ => {
            for child in expr.children() {
                collect(child, Context::Free, out);
            }
        }
    }
}

fn matchers<'a>(selector: &'a VectorSelector, out: &mut Vec<Hole<'a>>) {
    for matcher in &selector.matchers {
        if matcher.bare_param || (matcher.value.contains('$') && !params_in(&matcher.value).is_empty()) {
            out.push(Hole::Matcher(matcher));
        }
    }
}

fn modifiers<'a>(modifiers: &'a Modifiers, out: &mut Vec<Hole<'a>>) {
    if let Some(offset) = &modifiers.offset {
        duration(&offset.duration, out);
    }
}

fn duration<'a>(expr: &'a DurationExpr, out: &mut Vec<Hole<'a>>) {
    match &expr.kind {
        DurationKind::Param(name) => out.push(Hole::Duration(name, expr.span)),
        DurationKind::Neg(e) | DurationKind::Paren(e) => duration(e, out),
        DurationKind::Binary(_, a, b) | DurationKind::MinOf(a, b) | DurationKind::MaxOf(a, b) => {
            duration(a, out);
            duration(b, out);
        }
        _ => {}
    }
}
