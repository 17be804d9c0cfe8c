//! `offset`, `@`, `anchored` and `smoothed`.

use super::state::Parser;
use crate::diagnostic::{Diagnostic, codes::promql as codes};
use crate::promql::ast::{At, AtKind, Expr, ExprKind, Modifiers, Offset};
use crate::promql::features::{Feature, Version};
use crate::promql::lexer::{Keyword, TokenKind};
use crate::source::Span;

/// The modifiers of an expression, if it can have any.
fn modifiers(expr: &mut Expr) -> Option<&mut Modifiers> {
    match &mut expr.kind {
        ExprKind::VectorSelector(v) => Some(&mut v.modifiers),
        ExprKind::MatrixSelector(m) => Some(&mut m.modifiers),
        ExprKind::Subquery(s) => Some(&mut s.modifiers),
        ExprKind::Param(p) => Some(&mut p.modifiers),
        _ => None,
    }
}

impl Parser<'_> {
    pub(super) fn offset_modifier(&mut self, expr: &mut Expr) {
        let keyword = self.bump();
        let duration = self.offset_duration();
        let span = self.span_from(keyword.start);
        let Some(modifiers) = modifiers(expr) else { return self.misplaced(expr, "offset", span) };
        // A second offset after one of 0 is accepted, as Prometheus does.
        match &modifiers.offset {
            Some(first) if first.duration.literal_ms() != Some(0) => {
                let diagnostic = self.twice("offset", span, first.span);
                self.report(diagnostic);
            }
            _ => modifiers.offset = Some(Offset { duration, span }),
        }
        expr.span = expr.span.to(span);
    }

    pub(super) fn at_modifier(&mut self, expr: &mut Expr) {
        let at = self.bump();
        let Some(kind) = self.at_moment() else { return };
        let span = self.span_from(at.start);
        let Some(modifiers) = modifiers(expr) else { return self.misplaced(expr, "@", span) };
        if let Some(first) = &modifiers.at {
            let diagnostic = self.twice("@", span, first.span);
            self.report(diagnostic);
        } else {
            modifiers.at = Some(At { kind, span });
        }
        expr.span = expr.span.to(span);
    }

    fn at_moment(&mut self) -> Option<AtKind> {
        let sign = matches!(self.tok.kind, TokenKind::Add | TokenKind::Sub).then(|| self.bump());
        match self.tok.kind {
            TokenKind::Number | TokenKind::Duration | TokenKind::BadNumber => {
                let token = self.tok;
                let mut seconds = self.number_at();
                if sign.is_some_and(|s| s.kind == TokenKind::Sub) {
                    seconds = -seconds;
                }
                if !seconds.is_finite() || seconds.abs() >= i64::MAX as f64 {
                    let span = self.span_from(token.start);
                    let diagnostic = self.diagnostic(&codes::NUMBER, span, "this moment is out of range");
                    self.report(diagnostic.label("expected Unix time in seconds"));
                }
                Some(AtKind::Timestamp((seconds * 1000.0).round() as i64))
            }
            TokenKind::Keyword(k @ (Keyword::Start | Keyword::End))
                if sign.is_none() && self.paren_follows() =>
            {
                self.bump();
                let open = self.open();
                self.close(open, TokenKind::RightParen, "`)`");
                Some(if k == Keyword::Start { AtKind::Start } else { AtKind::End })
            }
            _ => {
                let diagnostic = self.unexpected("a Unix time in seconds, `start()` or `end()` behind `@`");
                self.fail(diagnostic);
                None
            }
        }
    }

    pub(super) fn extended_modifier(&mut self, expr: &mut Expr) {
        let keyword = self.bump();
        let name = self.source(keyword).to_ascii_lowercase();
        let span = self.token_span(keyword);
        self.require_feature(Feature::ExtendedRangeSelectors, span, &format!("`{name}`"));
        let anchored = name == "anchored";
        let subquery = matches!(expr.kind, ExprKind::Subquery(_));
        let Some(modifiers) = modifiers(expr).filter(|_| !subquery) else {
            return self.misplaced(expr, &name, span);
        };
        let (own, other) = if anchored {
            (&mut modifiers.anchored, modifiers.smoothed)
        } else {
            (&mut modifiers.smoothed, modifiers.anchored)
        };
        *own = Some(span);
        if let Some(other) = other {
            let diagnostic = self
                .diagnostic(&codes::MODIFIER, span, "`anchored` and `smoothed` exclude each other")
                .label("one of them is enough")
                .also(other, "the other one");
            self.report(diagnostic);
        }
        expr.span = expr.span.to(span);
    }

    fn twice(&self, name: &str, span: Span, first: Span) -> Diagnostic {
        self.diagnostic(&codes::MODIFIER, span, format!("`{name}` is given twice"))
            .label("the second one")
            .also(first, "the first one")
            .fix("remove the second one", span, "")
    }

    fn misplaced(&mut self, expr: &Expr, name: &str, span: Span) {
        if matches!(expr.kind, ExprKind::Error) {
            return;
        }
        let mut diagnostic = self
            .diagnostic(
                &codes::MODIFIER,
                span,
                format!("`{name}` belongs to a selector, a range or a subquery"),
            )
            .label("not behind this expression")
            .also(expr.span, "a computed value");
        diagnostic.help.push(match &expr.kind {
            ExprKind::Call(c) if c.args.iter().any(|a| matches!(a.kind, ExprKind::MatrixSelector(_))) => {
                format!("write it behind the range: `{}(x[5m] {name} …)`", c.function.name)
            }
            ExprKind::Subquery(_) => format!("`{name}` has no meaning for a subquery"),
            _ => format!("write it behind each selector: `x {name} …`"),
        });
        self.report(diagnostic);
    }

    /// What the target must be for a negative offset or `@`: both are older than the oldest target.
    pub(super) fn require_number_duration(&mut self, span: Span) {
        self.require_version(Version::new(2, 54), span, "a number in place of a duration");
    }
}
