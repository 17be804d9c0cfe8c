//! The small parts that items are made of: words, names, quantities, labels, matchers, expressions.

use crate::promql::ast::Expr;
use crate::source::Span;

use super::{Quantity, Text};

/// A word: letters, digits and `_`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// As written.
    pub text: String,
    /// Where.
    pub span: Span,
}

/// How a [`Name`] is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameKind {
    /// Bare: `slack-critical`, `k8s.rules`.
    Plain,
    /// As a string: `"on call"`.
    Quoted,
    /// As a parameter of a test: `$who`.
    Param,
}

/// A name of an alert, receiver, label, …: bare, as a string, or in tests as a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// The name itself: without quotes, escapes decoded, a parameter without its `$`.
    pub text: String,
    /// How it is written.
    pub kind: NameKind,
    /// Where, quotes and `$` included.
    pub span: Span,
}

/// `$name`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Param {
    /// Without the `$`.
    pub name: String,
    /// Where, `$` included.
    pub span: Span,
}

/// A quantity, or the parameter that stands for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// `500ms`
    Quantity(Quantity),
    /// `$limit`
    Param(Param),
}

impl Value {
    /// Where.
    pub fn span(&self) -> Span {
        match self {
            Value::Quantity(q) => q.span,
            Value::Param(p) => p.span,
        }
    }
}

/// `+` or `-`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// `+`
    Plus,
    /// `-`
    Minus,
}

/// An RFC 3339 date or date-time, as written and not yet looked at: `2027-01-31`, `2026-01-10T21:30:00Z`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Date {
    /// As written.
    pub text: String,
    /// Where.
    pub span: Span,
}

/// A time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    /// Minutes since midnight, 0 to 1440 (`24:00`).
    pub minutes: u16,
    /// Where.
    pub span: Span,
}

/// A comparison between a signal and a bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Comparison {
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
}

impl Comparison {
    /// As written.
    pub fn as_str(self) -> &'static str {
        match self {
            Comparison::Greater => ">",
            Comparison::GreaterEqual => ">=",
            Comparison::Less => "<",
            Comparison::LessEqual => "<=",
            Comparison::Equal => "==",
            Comparison::NotEqual => "!=",
        }
    }
}

/// A comparison and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operator {
    /// Which.
    pub op: Comparison,
    /// Where.
    pub span: Span,
}

/// Braces and what stands between them.
#[derive(Debug, Clone, PartialEq)]
pub struct Block<T> {
    /// The `{`.
    pub open: Span,
    /// In the author's order.
    pub items: Vec<T>,
    /// The `}`; empty, where it was expected, if it is missing.
    pub close: Span,
}

impl<T> Block<T> {
    /// From `{` to `}`.
    pub fn span(&self) -> Span {
        self.open.to(self.close)
    }
}

/// One `label="text"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The label.
    pub name: Name,
    /// The `=`.
    pub equals: Span,
    /// Its text, with interpolations.
    pub value: Text,
}

/// `{app="shop", team="web"}`: labels or annotations to set.
pub type Labels = Block<Label>;

/// How a matcher compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MatchOp {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `=~`
    Regex,
    /// `!~`
    NotRegex,
}

impl MatchOp {
    /// As written.
    pub fn as_str(self) -> &'static str {
        match self {
            MatchOp::Equal => "=",
            MatchOp::NotEqual => "!=",
            MatchOp::Regex => "=~",
            MatchOp::NotRegex => "!~",
        }
    }
}

/// What a matcher compares with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MatcherValue {
    /// `"text"`, in which `$name` and `${name}` are parameters.
    Text(Text),
    /// A whole value: `$name`.
    Param(Param),
}

impl MatcherValue {
    /// Where.
    pub fn span(&self) -> Span {
        match self {
            MatcherValue::Text(t) => t.span,
            MatcherValue::Param(p) => p.span,
        }
    }
}

/// One `label=~"pattern"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matcher {
    /// The label.
    pub name: Name,
    /// How.
    pub op: MatchOp,
    /// Where the operator stands.
    pub op_span: Span,
    /// With what.
    pub value: MatcherValue,
}

impl Matcher {
    /// The whole matcher.
    pub fn span(&self) -> Span {
        self.name.span.to(self.value.span())
    }
}

/// `{severity="critical", team=~"a|b"}`.
pub type Matchers = Block<Matcher>;

/// A series or a set of series, named outside an expression: `up{job="node"}`, `{"my.metric"}`.
#[derive(Debug, Clone, PartialEq)]
pub struct Selector {
    /// The metric's name: bare or a string before the braces, or a lone string inside them.
    pub name: Option<Name>,
    /// The matchers, if there are braces.
    pub matchers: Option<Matchers>,
    /// The whole selector.
    pub span: Span,
}

/// An embedded PromQL expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Promql {
    /// The tree, with spans in the same file. What could not be read is `ExprKind::Error` in it, and was reported.
    pub expr: Expr,
    /// The author's text, from the first token to the last.
    pub span: Span,
}

/// Which waiting time a [`Hold`] gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HoldKind {
    /// `for`
    For,
    /// `keep_firing_for`
    KeepFiringFor,
}

impl HoldKind {
    /// As written.
    pub fn as_str(self) -> &'static str {
        match self {
            HoldKind::For => "for",
            HoldKind::KeepFiringFor => "keep_firing_for",
        }
    }
}

/// `for 5m` or `keep_firing_for 10m`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// Which.
    pub kind: HoldKind,
    /// The keyword.
    pub keyword: Span,
    /// How long.
    pub duration: Value,
}

/// A keyword and what it gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Property<T> {
    /// The keyword; of a level its severity.
    pub keyword: Span,
    /// What it gives.
    pub kind: T,
    /// The whole property.
    pub span: Span,
}
