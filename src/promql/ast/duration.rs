//! Ranges, steps and offsets: a literal, or arithmetic on durations (stable since Prometheus 3.14).

use super::NumberLiteral;
use crate::source::Span;

/// A range, step or offset.
#[derive(Debug, Clone, PartialEq)]
pub struct DurationExpr {
    /// What it is.
    pub kind: DurationKind,
    /// Where it stands.
    pub span: Span,
}

/// What a duration is. All arithmetic is on seconds, in `f64`.
#[derive(Debug, Clone, PartialEq)]
pub enum DurationKind {
    /// `5m` or `300`, a sign folded in.
    Number(NumberLiteral),
    /// `step()`: the query's step; 0 in an instant query.
    Step,
    /// `range()`: the query's range; 0 in an instant query.
    Range,
    /// `-d`. (`+d` is `d`.)
    Neg(Box<DurationExpr>),
    /// `a + b` and the like.
    Binary(DurationOp, Box<DurationExpr>, Box<DurationExpr>),
    /// `min_of(a, b)`.
    MinOf(Box<DurationExpr>, Box<DurationExpr>),
    /// `max_of(a, b)`.
    MaxOf(Box<DurationExpr>, Box<DurationExpr>),
    /// `(d)`.
    Paren(Box<DurationExpr>),
    /// `$name`, in the alert language only; without `$`.
    Param(String),
    /// Missing or not understood; an error diagnostic tells what.
    Error,
}

/// An operator between durations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DurationOp {
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
    /// `%`
    Mod,
    /// `^`
    Pow,
}

impl DurationOp {
    /// As written.
    pub fn as_str(self) -> &'static str {
        match self {
            DurationOp::Add => "+",
            DurationOp::Sub => "-",
            DurationOp::Mul => "*",
            DurationOp::Div => "/",
            DurationOp::Mod => "%",
            DurationOp::Pow => "^",
        }
    }
}

impl DurationExpr {
    /// The duration in milliseconds when it is a literal (in parentheses or not).
    ///
    /// Seconds are rounded to nanoseconds and then cut to milliseconds, as Prometheus does
    /// (promql/parser/generated_parser.y matrix_selector, promql/engine.go durationMilliseconds).
    pub fn literal_ms(&self) -> Option<i64> {
        match &self.kind {
            DurationKind::Number(n) => Some(seconds_to_ms(n.value)),
            DurationKind::Paren(inner) => inner.literal_ms(),
            _ => None,
        }
    }
}

/// Seconds rounded to nanoseconds, then cut to milliseconds.
fn seconds_to_ms(seconds: f64) -> i64 {
    (seconds * 1e9).round() as i64 / 1_000_000
}
