//! When an alert fires, as two programs can be compared: a signal and its thresholds where there are any, else the
//! whole expression.

use crate::gostd::strconv::format_value;
use crate::ir::{Bound, Threshold};
use crate::promql::ast::{BinaryOp, Expr, ExprKind, UnaryOp};
use crate::promql::features::Features;
use crate::promql::parser::{self, Options};
use crate::source::FileId;

/// An expression in its canonical form.
#[derive(Debug, Clone, PartialEq)]
pub struct Canonical(Option<Expr>, String);

impl Canonical {
    /// Parses an expression; a text that is none stands for itself.
    pub fn new(text: &str) -> Canonical {
        match parse(text) {
            Some(tree) => Canonical::of(&tree),
            None => Canonical(None, text.to_string()),
        }
    }

    fn of(tree: &Expr) -> Canonical {
        Canonical(Some(tree.canonical()), String::new())
    }

    /// A text that is the same for the same expressions, for looking up.
    pub fn key(&self) -> String {
        format!("{:?}{}", self.0, self.1)
    }
}

/// The tree of an expression of any Prometheus; none when it has errors.
pub fn parse(text: &str) -> Option<Expr> {
    let options = Options { features: Features::all(), ..Options::default() };
    let (tree, found) = parser::parse(text, FileId::NONE, 0, &options);
    found.is_empty().then_some(tree)
}

/// An expression on one line, as it is shown: spaces and line breaks as one space.
pub fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A signal and the thresholds at which it raises an alarm.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// PromQL.
    pub signal: String,
    /// The first whose scope matches counts.
    pub thresholds: Vec<Threshold>,
}

impl Condition {
    /// The comparison with a number that an expression is; none for any other.
    pub fn read(text: &str) -> Option<Condition> {
        let tree = parse(text)?;
        let ExprKind::Binary(binary) = &tree.unwrap_parens().kind else { return None };
        if !binary.op.is_comparison() || binary.return_bool.is_some() {
            return None;
        }
        let (side, op, value) = match (number(&binary.lhs), number(&binary.rhs)) {
            (None, Some(value)) => (&binary.lhs, binary.op, value),
            (Some(value), None) => (&binary.rhs, mirrored(binary.op), value),
            _ => return None,
        };
        let signal = text.get(side.unwrap_parens().span.range())?.to_string();
        let start = Bound { op, value, shown: format_value(value) };
        Some(Condition { signal, thresholds: vec![Threshold { scope: String::new(), start, until: None }] })
    }
}

fn number(expr: &Expr) -> Option<f64> {
    match &expr.kind {
        ExprKind::Number(n) => Some(n.value),
        ExprKind::Paren(inner) => number(inner),
        ExprKind::Unary(UnaryOp::Minus, inner) => number(inner).map(|v| -v),
        _ => None,
    }
}

/// `1 < x` is `x > 1`.
fn mirrored(op: BinaryOp) -> BinaryOp {
    match op {
        BinaryOp::Gt => BinaryOp::Lt,
        BinaryOp::Ge => BinaryOp::Le,
        BinaryOp::Lt => BinaryOp::Gt,
        BinaryOp::Le => BinaryOp::Ge,
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comparisons_with_a_number_have_a_signal() {
        let read = |text: &str| {
            Condition::read(text).map(|c| {
                let start = &c.thresholds.first().expect("one").start;
                (c.signal, format!("{} {}", start.op.as_str(), start.shown))
            })
        };
        assert_eq!(read("(a / b) > 0.9"), Some(("a / b".into(), "> 0.9".into())));
        assert_eq!(read("0 == up{job=\"x\"}"), Some(("up{job=\"x\"}".into(), "== 0".into())));
        assert_eq!(read("5 < (a)"), Some(("a".into(), "> 5".into())));
        assert_eq!(read("a > b"), None);
        assert_eq!(read("a > bool 1"), None);
        assert_eq!(read("a > 1 and b"), None);
    }
}
