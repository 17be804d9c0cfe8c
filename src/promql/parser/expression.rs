//! Operators between operands, by precedence climbing.

use super::state::Parser;
use crate::diagnostic::codes::promql as codes;
use crate::promql::ast::{Binary, BinaryOp, Expr, ExprKind, UnaryOp};
use crate::promql::features::Version;
use crate::promql::lexer::{Keyword, Token, TokenKind};

/// Only `^` binds tighter than a sign.
const BELOW_SIGN: u8 = 6;

impl Parser<'_> {
    /// A whole text.
    pub(super) fn whole(&mut self) -> Expr {
        if !self.at_text() {
            let diagnostic = self
                .diagnostic(&codes::SYNTAX, self.gap(), "no expression")
                .label("an expression was expected here");
            self.fail(diagnostic);
            return self.missing();
        }
        let expr = self.expression(1);
        if self.at_text() && !self.panicking {
            let diagnostic = self.unexpected_after_expression();
            self.fail(diagnostic);
        }
        expr
    }

    /// An expression whose operators bind at least as tightly as `min` ([`BinaryOp::precedence`]).
    pub(super) fn expression(&mut self, min: u8) -> Expr {
        if !self.enter() {
            return self.missing();
        }
        let mut lhs = self.signed();
        let mut height = self.height;
        while let Some((op, misspelt)) = self.binary_op() {
            if op.precedence() < min || self.panicking {
                break;
            }
            let op_token = self.operator_token(op, misspelt);
            if op == BinaryOp::Mod && self.percent_sign(&lhs, op_token) {
                continue;
            }
            let (return_bool, matching) = self.binary_modifiers(op, op_token);
            let next = op.precedence() + if op.is_right_associative() { 0 } else { 1 };
            let rhs = self.operand_of(op_token, next);
            let span = lhs.span.to(rhs.span);
            let op_span = self.token_span(op_token);
            if matches!(op, BinaryOp::TrimUpper | BinaryOp::TrimLower) {
                self.require_version(Version::new(3, 11), op_span, &format!("`{}`", op.as_str()));
            }
            let binary = Binary { op, op_span, lhs, rhs, return_bool, matching };
            lhs = Expr { kind: ExprKind::Binary(Box::new(binary)), span };
            self.grow(height.max(self.height));
            height = self.height;
        }
        self.height = height;
        self.leave();
        lhs
    }

    /// The right side of an operator.
    fn operand_of(&mut self, op: Token, min: u8) -> Expr {
        if self.panicking {
            return self.missing();
        }
        if !self.starts_operand() {
            let diagnostic = self.missing_operand(op);
            self.fail(diagnostic);
            return self.missing();
        }
        self.expression(min)
    }

    fn signed(&mut self) -> Expr {
        let op = match self.tok.kind {
            TokenKind::Add => UnaryOp::Plus,
            TokenKind::Sub => UnaryOp::Minus,
            _ => return self.operand(),
        };
        let sign = self.bump();
        let operand = self.operand_of(sign, BELOW_SIGN);
        let span = self.token_span(sign).to(operand.span);
        if let ExprKind::Number(mut n) = operand.kind {
            if op == UnaryOp::Minus {
                n.value = -n.value;
            }
            return Expr { kind: ExprKind::Number(n), span };
        }
        self.grow(self.height);
        Expr { kind: ExprKind::Unary(op, Box::new(operand)), span }
    }

    /// The operator at the current token, and how many bytes of it are written in another language's way.
    fn binary_op(&self) -> Option<(BinaryOp, Option<usize>)> {
        use BinaryOp::*;
        let next = |text: &str| self.text.get(self.tok.end..).is_some_and(|t| t.starts_with(text));
        Some(match self.tok.kind {
            TokenKind::Add => (Add, None),
            TokenKind::Sub => (Sub, None),
            TokenKind::Mul => (Mul, None),
            TokenKind::Div => (Div, None),
            TokenKind::Mod => (Mod, None),
            TokenKind::Pow => (Pow, None),
            TokenKind::Eq if next("=") => (Eq, Some(3)),
            TokenKind::Eq => (Eq, None),
            TokenKind::Ne if next("=") => (Ne, Some(3)),
            TokenKind::Ne => (Ne, None),
            TokenKind::Lt if next(">") => (Ne, Some(2)),
            TokenKind::Lt => (Lt, None),
            TokenKind::Le => (Le, None),
            TokenKind::Gt => (Gt, None),
            TokenKind::Ge => (Ge, None),
            TokenKind::TrimUpper => (TrimUpper, None),
            TokenKind::TrimLower => (TrimLower, None),
            TokenKind::Keyword(Keyword::Operator(op)) => (op, None),
            TokenKind::AndAnd => (And, Some(2)),
            TokenKind::OrOr => (Or, Some(2)),
            TokenKind::Assign if next(">") => (Ge, Some(2)),
            TokenKind::Assign if next("<") => (Le, Some(2)),
            TokenKind::Assign if !self.options.assign_ends || self.brackets > 0 => (Eq, Some(1)),
            _ => return None,
        })
    }

    /// Consumes an operator, and reports how it should have been written.
    fn operator_token(&mut self, op: BinaryOp, misspelt: Option<usize>) -> Token {
        let Some(length) = misspelt else { return self.bump() };
        self.tok.end = self.tok.start + length;
        let token = self.tok;
        let written = self.source(token);
        let span = self.token_span(token);
        let diagnostic = self
            .diagnostic(&codes::SYNTAX, span, format!("`{written}` is no operator of PromQL"))
            .label(format!("expected `{}`", op.as_str()))
            .fix(format!("write `{}`", op.as_str()), span, op.as_str());
        self.report(diagnostic);
        self.bump()
    }

    /// `80%`: a percentage, not a remainder, when no operand follows.
    fn percent_sign(&mut self, lhs: &Expr, op: Token) -> bool {
        let ExprKind::Number(n) = &lhs.kind else { return false };
        let attached = self.text.get(..op.start).is_some_and(|t| t.ends_with(|c: char| c.is_ascii_digit()));
        let outer_word = self.options.stop_word.is_some_and(|stop| stop(self.source(self.tok)));
        if !attached || self.starts_operand() && !outer_word {
            return false;
        }
        let value = crate::gostd::strconv::format_float(n.value / 100.0, 'f', None);
        let whole = lhs.span.to(self.token_span(op));
        let diagnostic = self
            .diagnostic(&codes::SYNTAX, whole, "PromQL has no percentages")
            .label("a plain number was expected")
            .help("a ratio is compared with a number between 0 and 1; in PromQL `%` is the remainder of a division")
            .fix(format!("write `{value}`"), whole, value);
        self.report(diagnostic);
        true
    }
}
