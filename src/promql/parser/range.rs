//! `[5m]` and `[1h:5m]`.

use super::state::Parser;
use crate::diagnostic::codes::promql as codes;
use crate::promql::ast::{
    Call, DurationExpr, DurationKind, Expr, ExprKind, MatrixSelector, Modifiers, Subquery, VectorSelector,
};
use crate::promql::lexer::TokenKind;
use crate::promql::types::ValueType;
use crate::source::Span;

impl Parser<'_> {
    /// A range or a subquery behind `expr`; the current token is `[`.
    pub(super) fn range(&mut self, expr: Expr) -> Expr {
        let open = self.open();
        if let Some(at) = self.text.get(open.end..self.tok.start).and_then(|t| t.find('#')) {
            // Prometheus' lexer looks for a duration here and knows no comments.
            let span = self.span(open.end + at, open.end + at + 1);
            let diagnostic = self.diagnostic(&codes::SYNTAX, span, "no comment may stand right behind `[`");
            self.report(diagnostic.label("expected a duration"));
        }
        let range = self.positive_duration("the length of a range, such as `5m`");
        if self.panicking || !self.at(TokenKind::Colon) {
            self.skip_brackets();
            self.close(open, TokenKind::RightBracket, "`]`, or `:` and the step of a subquery");
            return self.matrix(expr, range, self.span_from(open.start));
        }
        self.bump();
        let step = (!self.at(TokenKind::RightBracket))
            .then(|| self.positive_duration("the step of the subquery, such as `1m`, or `]`"));
        self.skip_brackets();
        self.close(open, TokenKind::RightBracket, "`]`");
        let brackets = self.span_from(open.start);
        let span = expr.span.to(brackets);
        self.grow(self.height);
        let subquery = Subquery { expr, range, step, brackets, modifiers: Modifiers::default() };
        Expr { kind: ExprKind::Subquery(Box::new(subquery)), span }
    }

    /// After an error in brackets: on to the `]`, if it is on the same line.
    fn skip_brackets(&mut self) {
        if !self.panicking || !self.at_text() {
            return;
        }
        let line = self.text.get(self.tok.start..).and_then(|t| t.split('\n').next()).unwrap_or("");
        if let Some(at) = line.find(']')
            && !line.get(..at).is_some_and(|t| t.contains(['[', '{']))
        {
            let at = self.tok.start + at;
            self.tok = crate::promql::lexer::Token { kind: TokenKind::RightBracket, start: at, end: at + 1 };
            self.panicking = false;
        }
    }

    fn matrix(&mut self, mut selector: Expr, range: DurationExpr, brackets: Span) -> Expr {
        let span = selector.span.to(brackets);
        let mut modifiers = Modifiers::default();
        match &mut selector.kind {
            ExprKind::VectorSelector(v) => {
                modifiers = std::mem::take(&mut v.modifiers);
                self.before_range(&mut modifiers, brackets);
                selector.span = selector_span(v, selector.span);
            }
            ExprKind::Param(p) => {
                modifiers = std::mem::take(&mut p.modifiers);
                self.before_range(&mut modifiers, brackets);
                selector.span = p.name_span;
            }
            ExprKind::Error => {}
            _ => {
                self.range_of_computed(&selector, brackets);
                if let Some(call) = range_into_call(&mut selector, &range, brackets) {
                    return call;
                }
            }
        }
        let matrix = MatrixSelector { selector, range, brackets, modifiers };
        Expr { kind: ExprKind::MatrixSelector(Box::new(matrix)), span }
    }

    /// `x offset 5m [5m]`: the modifier stands behind the range.
    fn before_range(&mut self, modifiers: &mut Modifiers, brackets: Span) {
        let found =
            [("offset", modifiers.offset.take().map(|o| o.span)), ("@", modifiers.at.take().map(|a| a.span))];
        for (name, span) in found {
            let Some(span) = span else { continue };
            let diagnostic = self
                .diagnostic(
                    &codes::MODIFIER,
                    span,
                    format!("`{name}` stands behind the range, not before it"),
                )
                .label("move it")
                .also(brackets, "behind this range");
            self.report(diagnostic);
        }
    }

    fn range_of_computed(&mut self, expr: &Expr, brackets: Span) {
        let text = self.text_of(brackets);
        let mut diagnostic = self
            .diagnostic(&codes::MODIFIER, brackets, "a range belongs to a selector")
            .also(expr.span, "a computed value");
        diagnostic = match &expr.kind {
            ExprKind::MatrixSelector(m) => self
                .diagnostic(&codes::MODIFIER, brackets, "this selector has a range already")
                .label("a second range")
                .also(m.brackets, "the first one")
                .fix("remove the second one", brackets, ""),
            ExprKind::Subquery(s) => diagnostic.also(s.brackets, "this is a range already"),
            ExprKind::Call(c) if lacks_range(c) => {
                let mut moved = diagnostic.label("move it into the call");
                moved.fix = Some(Box::new(crate::diagnostic::Fix {
                    message: format!("write the range behind the argument of `{}`", c.function.name),
                    edits: vec![
                        (c.args.last().map_or(expr.span, |a| a.span).at_end(), text.clone()),
                        (brackets, String::new()),
                    ],
                }));
                moved
            }
            _ => {
                let subquery = format!("{}:]", text.trim_end_matches(']'));
                diagnostic.label("only a subquery can look back over a computed value").fix(
                    format!("write a subquery, `{subquery}`"),
                    brackets,
                    subquery,
                )
            }
        };
        self.report(diagnostic);
    }

    fn text_of(&self, span: Span) -> String {
        let base = self.span(0, 0).start;
        let range = (span.start - base) as usize..(span.end - base) as usize;
        self.text.get(range).unwrap_or("").to_string()
    }

    /// A duration that must be positive where its value is known.
    fn positive_duration(&mut self, expected: &str) -> DurationExpr {
        let duration = self.duration(expected);
        if let DurationKind::Number(n) = duration.kind
            && n.value <= 0.0
        {
            let diagnostic =
                self.diagnostic(&codes::NUMBER, duration.span, "this duration must be greater than 0");
            self.report(diagnostic);
        }
        duration
    }
}

/// The span of a selector without its modifiers.
fn selector_span(selector: &VectorSelector, whole: Span) -> Span {
    match (&selector.name, selector.braces) {
        (Some(name), Some(braces)) => name.span.to(braces),
        (Some(name), None) => name.span,
        (None, Some(braces)) => braces,
        (None, None) => whole,
    }
}

/// True for `rate(x)`: a function of one range is called with a selector.
fn lacks_range(call: &Call) -> bool {
    matches!(call.function.args, [ValueType::Matrix])
        && matches!(call.args.as_slice(), [a] if matches!(a.kind, ExprKind::VectorSelector(_)))
}

/// `rate(x)[5m]` as it was meant, `rate(x[5m])`, so that the mistake is told once.
fn range_into_call(expr: &mut Expr, range: &DurationExpr, brackets: Span) -> Option<Expr> {
    let ExprKind::Call(call) = &mut expr.kind else { return None };
    if !lacks_range(call) {
        return None;
    }
    let selector = call.args.pop()?;
    let span = selector.span;
    let matrix = MatrixSelector { selector, range: range.clone(), brackets, modifiers: Modifiers::default() };
    call.args.push(Expr { kind: ExprKind::MatrixSelector(Box::new(matrix)), span });
    Some(expr.clone())
}
