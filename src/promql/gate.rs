//! The independent gate: what is emitted must be accepted by promql-parser too, another implementation of PromQL.

use super::ast::{BinaryOp, DurationExpr, DurationKind, Expr, ExprKind, Modifiers};
use super::features::Features;
use super::parser::{Options, parse};
use crate::source::FileId;

/// Asks promql-parser whether a text is PromQL; the error is what it says, or what our own parser says.
///
/// Exempt is what Prometheus 3.14 has and promql-parser 0.11 lacks: `</` and `>/`, `anchored` and `smoothed`,
/// arithmetic on durations (`[1h + 5m]`, `offset step()`), and matchers of `info()` that match the empty string.
pub fn gate(text: &str) -> Result<(), String> {
    let options = Options { features: Features::all(), ..Options::default() };
    let (expr, diagnostics) = parse(text, FileId::NONE, 0, &options);
    if let Some(error) = diagnostics.iter().find(|d| d.is_error()) {
        return Err(error.message.clone());
    }
    let mut exempt = false;
    expr.walk(&mut |e| exempt |= is_exempt(e));
    if exempt {
        return Ok(());
    }
    promql_parser::parser::parse(text).map(drop)
}

fn is_exempt(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Binary(b) => matches!(b.op, BinaryOp::TrimUpper | BinaryOp::TrimLower),
        ExprKind::VectorSelector(v) => modifiers(&v.modifiers),
        ExprKind::MatrixSelector(m) => arithmetic(&m.range) || modifiers(&m.modifiers),
        ExprKind::Subquery(s) => {
            arithmetic(&s.range) || s.step.as_ref().is_some_and(arithmetic) || modifiers(&s.modifiers)
        }
        ExprKind::Call(c) => c.function.name == "info" && c.args.len() > 1,
        _ => false,
    }
}

fn modifiers(m: &Modifiers) -> bool {
    m.anchored.is_some() || m.smoothed.is_some() || m.offset.as_ref().is_some_and(|o| arithmetic(&o.duration))
}

fn arithmetic(d: &DurationExpr) -> bool {
    !matches!(d.kind, DurationKind::Number(_))
}
