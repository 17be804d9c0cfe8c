//! Selectors: names, matchers, and the modifiers behind them.

use super::{DurationExpr, Expr, ExprKind, Label};
use crate::source::Span;

/// `metric{label="value"}`, with its modifiers.
#[derive(Debug, Clone, PartialEq)]
pub struct VectorSelector {
    /// The name written before the braces. A name in the braces (`{"m"}`) is a matcher.
    pub name: Option<MetricName>,
    /// What stands in the braces, in the order written. Does not repeat [`VectorSelector::name`].
    pub matchers: Vec<Matcher>,
    /// From `{` to `}`, if written.
    pub braces: Option<Span>,
    /// Offset, `@`, `anchored`, `smoothed`.
    pub modifiers: Modifiers,
}

/// A metric's name before the braces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetricName {
    /// The name.
    pub name: String,
    /// Where it stands.
    pub span: Span,
}

impl VectorSelector {
    /// The metric's name when exactly one is selected: written before the braces, quoted in them, or as `__name__="…"`.
    pub fn metric_name(&self) -> Option<&str> {
        match &self.name {
            Some(name) => Some(&name.name),
            None => self
                .matchers
                .iter()
                .find(|m| m.label.name == super::METRIC_NAME && m.op == MatchOp::Equal && !m.bare_param)
                .map(|m| m.value.as_str()),
        }
    }
}

/// `label="value"`, or `"metric"` alone in braces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matcher {
    /// The label; `__name__` (with the span of the string) for a metric's name quoted in braces.
    pub label: Label,
    /// The operator.
    pub op: MatchOp,
    /// The value, unquoted; with `$`, for a bare `$name`.
    pub value: String,
    /// Where the value stands, quotes included.
    pub value_span: Span,
    /// The whole matcher.
    pub span: Span,
    /// How it was written.
    pub form: MatcherForm,
    /// True for `label=$name` without quotes, in the alert language only.
    pub bare_param: bool,
}

/// How a matcher was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MatcherForm {
    /// `label="value"`
    Plain,
    /// `"label"="value"`
    QuotedLabel,
    /// `"metric"`
    QuotedMetric,
}

/// A matcher's operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MatchOp {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `=~`: the whole value matches, `.` matches newlines.
    Regexp,
    /// `!~`
    NotRegexp,
}

impl MatchOp {
    /// As written.
    pub fn as_str(self) -> &'static str {
        match self {
            MatchOp::Equal => "=",
            MatchOp::NotEqual => "!=",
            MatchOp::Regexp => "=~",
            MatchOp::NotRegexp => "!~",
        }
    }

    /// `=~` or `!~`.
    pub fn is_regexp(self) -> bool {
        matches!(self, MatchOp::Regexp | MatchOp::NotRegexp)
    }
}

impl Matcher {
    /// The parameters in the value: name without `$`, and its range of bytes in [`Matcher::value`], `$` included.
    pub fn params(&self) -> Vec<(&str, std::ops::Range<usize>)> {
        params_in(&self.value)
    }
}

/// Finds `$name` and `${name}` in a matcher's value: the name, and its range of bytes with `$` and braces.
///
/// A name is `[A-Za-z_][A-Za-z0-9_]*`; any other `$` is text (the end of a regular expression, mostly).
pub fn params_in(text: &str) -> Vec<(&str, std::ops::Range<usize>)> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|t| t.find('$')).map(|i| i + from) {
        let rest = &text[at + 1..];
        let (rest, braces) = rest.strip_prefix('{').map_or((rest, false), |r| (r, true));
        let len = rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
        let name = &rest[..len];
        let closed = !braces || rest[len..].starts_with('}');
        from = at + 1;
        if closed && name.bytes().next().is_some_and(|b| !b.is_ascii_digit()) {
            from = at + 1 + len + if braces { 2 } else { 0 };
            found.push((name, at..from));
        }
    }
    found
}

/// What can stand behind a selector, a range, a subquery or a `$name`, in any order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Modifiers {
    /// `offset 5m`.
    pub offset: Option<Offset>,
    /// `@ 1600000000`, `@ start()`.
    pub at: Option<At>,
    /// `anchored`, behind `promql-extended-range-selectors`.
    pub anchored: Option<Span>,
    /// `smoothed`, behind `promql-extended-range-selectors`.
    pub smoothed: Option<Span>,
}

impl Modifiers {
    /// True when none is written.
    pub fn is_empty(&self) -> bool {
        self.offset.is_none() && self.at.is_none() && self.anchored.is_none() && self.smoothed.is_none()
    }
}

/// `offset 5m`; negative looks ahead.
#[derive(Debug, Clone, PartialEq)]
pub struct Offset {
    /// How far back.
    pub duration: DurationExpr,
    /// From the keyword to the end of the duration.
    pub span: Span,
}

/// `@ …`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct At {
    /// When.
    pub kind: AtKind,
    /// From `@` to the end.
    pub span: Span,
}

/// The moment of an `@` modifier.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum AtKind {
    /// Unix time in milliseconds.
    Timestamp(i64),
    /// `start()`: the first moment of the query.
    Start,
    /// `end()`: the last moment of the query.
    End,
}

/// `metric{…}[5m]`.
#[derive(Debug, Clone, PartialEq)]
pub struct MatrixSelector {
    /// A [`ExprKind::VectorSelector`] without modifiers, or in the alert language a [`ExprKind::Param`].
    pub selector: Expr,
    /// What stands in the brackets.
    pub range: DurationExpr,
    /// From `[` to `]`.
    pub brackets: Span,
    /// All modifiers: those behind the brackets, and `anchored` or `smoothed` before them.
    pub modifiers: Modifiers,
}

impl MatrixSelector {
    /// The selector before the brackets; none for a `$name`.
    pub fn vector(&self) -> Option<&VectorSelector> {
        match &self.selector.kind {
            ExprKind::VectorSelector(v) => Some(v),
            _ => None,
        }
    }
}

/// `expr[1h:5m]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Subquery {
    /// What is evaluated at each step.
    pub expr: Expr,
    /// How far back.
    pub range: DurationExpr,
    /// The step; without one it is the default evaluation interval.
    pub step: Option<DurationExpr>,
    /// From `[` to `]`.
    pub brackets: Span,
    /// Behind the brackets.
    pub modifiers: Modifiers,
}

#[cfg(test)]
mod tests {
    use super::params_in;

    #[test]
    fn params_are_grafana_variables_and_a_regexp_end_is_none() {
        let names = |t| params_in(t).into_iter().map(|(n, r)| (n, r.start, r.end)).collect::<Vec<_>>();
        assert_eq!(names("$app-${env}|x$"), [("app", 0, 4), ("env", 5, 11)]);
        assert!(names("5..$|(a$|b$)|$1|${x|$").is_empty());
        assert_eq!(names("$$x"), [("x", 1, 3)]);
    }
}
