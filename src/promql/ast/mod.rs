//! The syntax tree of PromQL: what was written, with the place of everything.
//!
//! It is the tree of Prometheus 3.14 (promql/parser/ast.go), with spans, and with what the alert language adds:
//! [`ExprKind::Param`] and [`ExprKind::LetCall`]. The engine meets neither, nor [`ExprKind::Error`]: a tree that
//! was parsed without errors and without [`params`](crate::promql::ast::Param) holds none of them.

mod canonical;
mod duration;
mod operator;
mod selector;
mod visit;

pub use duration::{DurationExpr, DurationKind, DurationOp};
pub use operator::{
    Aggregate, AggregateOp, Binary, BinaryOp, Cardinality, Fill, Grouping, GroupingKind, UnaryOp,
    VectorMatching,
};
pub use selector::{
    At, AtKind, MatchOp, Matcher, MatcherForm, MatrixSelector, MetricName, Modifiers, Offset, Subquery,
    VectorSelector, params_in,
};

use super::signatures::Function;
use crate::source::Span;

/// The label that holds a metric's name.
pub const METRIC_NAME: &str = "__name__";

/// An expression and where it stands.
///
/// The span runs from the first to the last token of the expression, modifiers included, brackets included.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it stands.
    pub span: Span,
}

/// What an expression is.
#[derive(Debug, Clone, PartialEq)]
pub enum ExprKind {
    /// `1`, `0x1f`, `Inf`, `5m`.
    Number(NumberLiteral),
    /// `"text"`.
    String(StringLiteral),
    /// `metric{label="value"} offset 5m`.
    VectorSelector(Box<VectorSelector>),
    /// `metric{label="value"}[5m] offset 5m`.
    MatrixSelector(Box<MatrixSelector>),
    /// `expr[1h:5m]`.
    Subquery(Box<Subquery>),
    /// `rate(…)`.
    Call(Box<Call>),
    /// `sum by (job) (…)`.
    Aggregate(Box<Aggregate>),
    /// `a / on (job) b`.
    Binary(Box<Binary>),
    /// `-a`; a sign before a number literal is part of the literal.
    Unary(UnaryOp, Box<Expr>),
    /// `(a)`.
    Paren(Box<Expr>),
    /// `$name`, in the alert language only: a number, a range or a whole vector.
    Param(Box<Param>),
    /// `p95(x)`, in the alert language only: a name that no PromQL function has.
    LetCall(Box<LetCall>),
    /// Something is missing or not understood here; an error diagnostic tells what.
    Error,
}

/// A number as it was written.
#[derive(Debug, Clone, Copy)]
pub struct NumberLiteral {
    /// The value; seconds when it was written as a duration. A sign directly before the literal is folded in.
    pub value: f64,
    /// True when it was written as a duration (`5m`).
    pub duration: bool,
}

impl PartialEq for NumberLiteral {
    /// Equal bits, so that NaN equals itself.
    fn eq(&self, other: &NumberLiteral) -> bool {
        self.value.to_bits() == other.value.to_bits() && self.duration == other.duration
    }
}

/// A string as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StringLiteral {
    /// The text, unquoted. Bytes that are no UTF-8 (`"\xff"`) became U+FFFD.
    pub value: String,
    /// The quote it was written with: `"`, `'` or a backtick.
    pub quote: char,
    /// In Go's quotes, with escapes, when its bytes are no UTF-8.
    pub not_utf8: Option<String>,
}

/// A label's name in a list or a matcher.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The name, unquoted.
    pub name: String,
    /// Where it stands, quotes included.
    pub span: Span,
}

/// The call of a PromQL function.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// The function's entry in the table.
    pub function: &'static Function,
    /// Where its name stands.
    pub name_span: Span,
    /// From `(` to `)`.
    pub parens: Span,
    /// The arguments.
    pub args: Vec<Expr>,
}

/// `$name`, possibly with modifiers (`$of offset 5m`).
#[derive(Debug, Clone, PartialEq)]
pub struct Param {
    /// The name without `$`.
    pub name: String,
    /// `$name` itself, without modifiers.
    pub name_span: Span,
    /// Offset, `@` and the like behind it.
    pub modifiers: Modifiers,
}

/// The call of a let of the alert language.
#[derive(Debug, Clone, PartialEq)]
pub struct LetCall {
    /// The let's name.
    pub name: Label,
    /// From `(` to `)`.
    pub parens: Span,
    /// The arguments.
    pub args: Vec<Expr>,
}

impl Expr {
    /// The expression inside any number of parentheses.
    pub fn unwrap_parens(&self) -> &Expr {
        let mut expr = self;
        while let ExprKind::Paren(inner) = &expr.kind {
            expr = inner;
        }
        expr
    }
}
