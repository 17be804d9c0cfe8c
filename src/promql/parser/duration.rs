//! Ranges, steps and offsets, and arithmetic on them.

use super::state::Parser;
use crate::diagnostic::codes::promql as codes;
use crate::promql::ast::{DurationExpr, DurationKind, DurationOp, NumberLiteral};
use crate::promql::features::{Feature, Version};
use crate::promql::lexer::{Keyword, TokenKind};
use crate::source::Span;

/// The longest duration in seconds: 2^63 nanoseconds.
const MAX_SECONDS: f64 = 9_223_372_036.854_776;

impl Parser<'_> {
    /// A duration expression in brackets or parentheses.
    pub(super) fn duration(&mut self, expected: &str) -> DurationExpr {
        self.duration_above(1, expected)
    }

    /// The duration behind `offset`. Unless it starts with `(`, operators behind it belong to the whole expression
    /// (grammar rule offset_duration_expr).
    pub(super) fn offset_duration(&mut self) -> DurationExpr {
        let expected = "a duration behind `offset`, such as `5m`";
        if self.at(TokenKind::LeftParen) {
            return self.duration(expected);
        }
        self.duration_atom(expected)
    }

    fn duration_above(&mut self, min: u8, expected: &str) -> DurationExpr {
        if !self.enter() {
            return self.missing_duration();
        }
        let mut lhs = if matches!(self.tok.kind, TokenKind::Add | TokenKind::Sub) {
            self.signed_duration(expected, true)
        } else {
            self.duration_atom(expected)
        };
        let mut links = 0;
        while let Some((op, precedence)) = duration_op(self.tok.kind) {
            if precedence < min || self.panicking {
                break;
            }
            let op_token = self.bump();
            let right = if op == DurationOp::Pow { precedence } else { precedence + 1 };
            let rhs = self.duration_above(right, "a duration");
            let span = lhs.span.to(rhs.span);
            self.duration_feature(span);
            if matches!(op, DurationOp::Div | DurationOp::Mod)
                && matches!(rhs.kind, DurationKind::Number(n) if n.value == 0.0)
            {
                let diagnostic =
                    self.diagnostic(&codes::NUMBER, self.token_span(op_token), "division by zero");
                self.report(diagnostic.also(rhs.span, "this is 0"));
            }
            links += 1;
            self.grow(links);
            lhs = DurationExpr { kind: DurationKind::Binary(op, Box::new(lhs), Box::new(rhs)), span };
        }
        self.leave();
        lhs
    }

    /// A sign and what it applies to; `^` binds tighter, except behind `offset`.
    fn signed_duration(&mut self, expected: &str, powers: bool) -> DurationExpr {
        if !self.enter() {
            return self.missing_duration();
        }
        let sign = self.bump();
        let operand = if powers { self.duration_above(6, expected) } else { self.duration_atom(expected) };
        self.leave();
        let span = self.token_span(sign).to(operand.span);
        let negative = sign.kind == TokenKind::Sub;
        let kind = match operand.kind {
            DurationKind::Number(n) => {
                DurationKind::Number(NumberLiteral { value: if negative { -n.value } else { n.value }, ..n })
            }
            DurationKind::Paren(inner) if matches!(inner.kind, DurationKind::Number(_)) => match inner.kind {
                DurationKind::Number(n) if negative => {
                    DurationKind::Number(NumberLiteral { value: -n.value, ..n })
                }
                kind => kind,
            },
            kind if negative => DurationKind::Neg(Box::new(DurationExpr { kind, span: operand.span })),
            kind => kind,
        };
        DurationExpr { kind, span }
    }

    fn duration_atom(&mut self, expected: &str) -> DurationExpr {
        let start = self.tok.start;
        match self.tok.kind {
            TokenKind::Add | TokenKind::Sub => self.signed_duration(expected, false),
            TokenKind::Number | TokenKind::Duration | TokenKind::BadNumber => {
                let duration = self.tok.kind == TokenKind::Duration;
                let value = self.number_at();
                let span = self.span_from(start);
                if !duration {
                    self.require_number_duration(span);
                }
                if value.abs() > MAX_SECONDS {
                    let diagnostic = self.diagnostic(&codes::NUMBER, span, "this duration is out of range");
                    self.report(diagnostic.label("durations end at 292 years"));
                }
                DurationExpr { kind: DurationKind::Number(NumberLiteral { value, duration }), span }
            }
            TokenKind::LeftParen => {
                let open = self.open();
                let inner = self.duration_above(1, "a duration");
                self.close(open, TokenKind::RightParen, "`)`");
                let span = self.span_from(start);
                self.duration_feature(span);
                DurationExpr { kind: DurationKind::Paren(Box::new(inner)), span }
            }
            TokenKind::Keyword(k @ (Keyword::Step | Keyword::Range)) if self.paren_follows() => {
                self.bump();
                let open = self.open();
                self.close(open, TokenKind::RightParen, "`)`");
                let span = self.span_from(start);
                self.duration_feature(span);
                let kind = if k == Keyword::Step { DurationKind::Step } else { DurationKind::Range };
                DurationExpr { kind, span }
            }
            TokenKind::Keyword(k @ (Keyword::MinOf | Keyword::MaxOf)) if self.paren_follows() => {
                self.min_max(k)
            }
            TokenKind::Param if self.options.params => {
                let token = self.bump();
                let name = self.source(token).trim_start_matches('$').to_string();
                DurationExpr { kind: DurationKind::Param(name), span: self.token_span(token) }
            }
            _ => {
                let diagnostic = self.unexpected(expected);
                self.fail(diagnostic);
                self.missing_duration()
            }
        }
    }

    fn min_max(&mut self, keyword: Keyword) -> DurationExpr {
        let start = self.tok.start;
        self.bump();
        let open = self.open();
        let a = Box::new(self.duration_above(1, "a duration"));
        if !self.panicking && self.eat(TokenKind::Comma).is_none() {
            let diagnostic = self.unexpected("`,` and a second duration");
            self.fail(diagnostic);
        }
        let b = if self.panicking { self.missing_duration() } else { self.duration_above(1, "a duration") };
        self.close(open, TokenKind::RightParen, "`)`");
        let span = self.span_from(start);
        self.require_version(Version::new(3, 13), span, "`min_of` and `max_of`");
        self.duration_feature(span);
        let b = Box::new(b);
        let kind =
            if keyword == Keyword::MinOf { DurationKind::MinOf(a, b) } else { DurationKind::MaxOf(a, b) };
        DurationExpr { kind, span }
    }

    /// Arithmetic on durations is stable since 3.14 and behind a flag before.
    fn duration_feature(&mut self, span: Span) {
        let told =
            self.diagnostics.last().is_some_and(|d| d.code == &codes::FEATURE || d.code == &codes::VERSION);
        if self.options.version < Version::new(3, 14) && !told {
            self.require_feature(Feature::DurationExpressions, span, "arithmetic on durations");
        }
    }

    fn missing_duration(&self) -> DurationExpr {
        DurationExpr { kind: DurationKind::Error, span: self.gap() }
    }
}

fn duration_op(kind: TokenKind) -> Option<(DurationOp, u8)> {
    Some(match kind {
        TokenKind::Add => (DurationOp::Add, 4),
        TokenKind::Sub => (DurationOp::Sub, 4),
        TokenKind::Mul => (DurationOp::Mul, 5),
        TokenKind::Div => (DurationOp::Div, 5),
        TokenKind::Mod => (DurationOp::Mod, 5),
        TokenKind::Pow => (DurationOp::Pow, 6),
        _ => return None,
    })
}
