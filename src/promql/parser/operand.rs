//! Operands: literals, selectors, calls, parentheses; and what may stand behind them.

use super::state::Parser;
use crate::diagnostic::codes::promql as codes;
use crate::gostd::strconv::{Unquoted, quote as go_quote, unquote, unquote_char};
use crate::promql::ast::{
    Expr, ExprKind, MetricName, Modifiers, NumberLiteral, Param, StringLiteral, VectorSelector,
};
use crate::promql::features::Version;
use crate::promql::lexer::{Keyword, Mode, Token, TokenKind, number_value};

impl Parser<'_> {
    /// True when the current token can begin an operand, or is a failed attempt at one.
    pub(super) fn starts_operand(&self) -> bool {
        use TokenKind::*;
        match self.tok.kind {
            Number | Duration | BadNumber | String | OpenString | LeftParen | LeftBrace | Add | Sub
            | ColonWord => true,
            Word | Keyword(_) => !self.stops_here() && !self.is_misplaced_keyword(),
            Param | Unknown => self.source(self.tok).starts_with('$'),
            _ => false,
        }
    }

    fn is_misplaced_keyword(&self) -> bool {
        matches!(self.tok.kind, TokenKind::Keyword(k) if !k.can_name_metric())
    }

    /// An operand with everything that stands behind it.
    pub(super) fn operand(&mut self) -> Expr {
        self.height = 1;
        let mut expr = self.bare_operand();
        loop {
            if self.panicking {
                return expr;
            }
            match self.tok.kind {
                TokenKind::LeftBracket => expr = self.range(expr),
                TokenKind::At => self.at_modifier(&mut expr),
                TokenKind::Keyword(Keyword::Offset) => self.offset_modifier(&mut expr),
                TokenKind::Keyword(Keyword::Anchored | Keyword::Smoothed) => {
                    self.extended_modifier(&mut expr);
                }
                _ => return expr,
            }
        }
    }

    fn bare_operand(&mut self) -> Expr {
        match self.tok.kind {
            TokenKind::Number | TokenKind::Duration | TokenKind::BadNumber => self.number(),
            TokenKind::String | TokenKind::OpenString => self.string(),
            TokenKind::LeftParen => self.paren(),
            TokenKind::LeftBrace => self.selector(None),
            TokenKind::Param if self.options.params => self.param(),
            TokenKind::Word | TokenKind::ColonWord | TokenKind::Keyword(_) if self.starts_operand() => {
                self.word()
            }
            _ => {
                let diagnostic = self.unexpected_operand();
                self.fail(diagnostic);
                self.missing()
            }
        }
    }

    fn word(&mut self) -> Expr {
        let name = self.tok;
        match name.kind {
            TokenKind::Keyword(Keyword::Aggregate(op)) if self.begins_aggregation() => self.aggregate(op),
            TokenKind::Word | TokenKind::Keyword(_) if self.paren_follows() => self.call(),
            _ => {
                self.bump();
                self.selector(Some(name))
            }
        }
    }

    /// A selector whose name, if any, is consumed.
    pub(super) fn selector(&mut self, name: Option<Token>) -> Expr {
        let start = name.map_or(self.tok.start, |n| n.start);
        let name = name.map(|n| MetricName { name: self.source(n).to_string(), span: self.token_span(n) });
        let (matchers, braces) = match self.tok.kind {
            TokenKind::LeftBrace => {
                let (matchers, braces) = self.matchers();
                (matchers, Some(braces))
            }
            _ => (Vec::new(), None),
        };
        let selector = VectorSelector { name, matchers, braces, modifiers: Modifiers::default() };
        self.height = 1;
        Expr { kind: ExprKind::VectorSelector(Box::new(selector)), span: self.span_from(start) }
    }

    fn param(&mut self) -> Expr {
        let token = self.bump();
        let span = self.token_span(token);
        let name = self.source(token).trim_start_matches('$').to_string();
        Expr {
            kind: ExprKind::Param(Box::new(Param { name, name_span: span, modifiers: Modifiers::default() })),
            span,
        }
    }

    fn number(&mut self) -> Expr {
        let token = self.tok;
        let duration = token.kind == TokenKind::Duration;
        let value = self.number_at();
        let span = self.token_span(token);
        if duration {
            self.require_version(Version::new(2, 54), span, "a duration as a number");
        }
        Expr { kind: ExprKind::Number(NumberLiteral { value, duration }), span }
    }

    /// Consumes a number of whatever kind and gives its value; NaN after an error, which then fits everywhere.
    pub(super) fn number_at(&mut self) -> f64 {
        let token = self.tok;
        match number_value(self.source(token), token.kind) {
            Ok(value) => {
                self.bump();
                value
            }
            Err(reason) => {
                let diagnostic = self.bad_number(token, reason);
                self.report(diagnostic);
                self.bump();
                f64::NAN
            }
        }
    }

    fn string(&mut self) -> Expr {
        let token = self.tok;
        let quote = self.source(token).chars().next().unwrap_or('"');
        let source = self.source(token);
        let lossy = token.kind != TokenKind::OpenString
            && unquote(source).is_err()
            && escapes_are_known(source, quote);
        let not_utf8 = lossy.then(|| quote_bytes(&unquote_bytes(source, quote)));
        let value = self.string_value();
        let kind = ExprKind::String(StringLiteral { value, quote, not_utf8 });
        Expr { kind, span: self.token_span(token) }
    }

    /// Consumes a string and gives its text; as far as it could be read after an error.
    pub(super) fn string_value(&mut self) -> String {
        let token = self.tok;
        let source = self.source(token);
        if token.kind == TokenKind::OpenString {
            let quote = source.chars().next().unwrap_or('"');
            let opening = self.span(token.start, token.start + 1);
            let diagnostic = self
                .diagnostic(&codes::STRING, opening, "this string is never closed")
                .label(format!("no {quote} follows{}", if quote == '`' { "" } else { " on this line" }));
            // The rest of the line was taken for text: nothing behind it can be judged.
            self.fail(diagnostic);
            self.bump();
            return source.get(1..).unwrap_or("").to_string();
        }
        let quote = source.chars().next().unwrap_or('"');
        let value = match unquote(source) {
            Ok(value) => value,
            Err(_) if escapes_are_known(source, quote) => unquote_lossy(source, quote),
            Err(e) => {
                let at = token.start + e.offset;
                let text = self.text.get(at..token.end).unwrap_or("");
                let width = text.chars().take(2).map(char::len_utf8).sum::<usize>().min(token.end - at);
                let span = if e.offset == 0 { self.token_span(token) } else { self.span(at, at + width) };
                let mut diagnostic = self
                    .diagnostic(&codes::STRING, span, format!("wrong escape in a string: {}", e.reason))
                    .help("a backslash is written `\\\\`, or the string in backquotes: `…`");
                if text.starts_with('\\') {
                    diagnostic = diagnostic.fix("double the backslash", self.span(at, at + 1), "\\\\");
                }
                self.report(diagnostic);
                String::new()
            }
        };
        self.bump();
        value
    }

    fn paren(&mut self) -> Expr {
        let open = self.open();
        let inner = if self.at(TokenKind::RightParen) {
            let diagnostic = self
                .diagnostic(&codes::SYNTAX, self.token_span(self.tok), "nothing stands in the parentheses")
                .label("expected an expression");
            self.report(diagnostic);
            self.missing()
        } else {
            self.expression(1)
        };
        if self.panicking {
            self.resync();
        }
        self.close(open, TokenKind::RightParen, "an operator or `)`");
        let height = self.height;
        self.grow(height);
        Expr { kind: ExprKind::Paren(Box::new(inner)), span: self.span_from(open.start) }
    }

    /// Consumes an opening bracket.
    pub(super) fn open(&mut self) -> Token {
        self.brackets += 1;
        self.mode = match self.tok.kind {
            TokenKind::LeftBrace => Mode::Braces,
            TokenKind::LeftBracket => Mode::Brackets,
            _ => self.mode,
        };
        self.bump()
    }

    /// Consumes the closing bracket, or says what is wrong there.
    pub(super) fn close(&mut self, open: Token, kind: TokenKind, expected: &str) {
        if !self.panicking && !self.at(kind) {
            let other_bracket = kind != TokenKind::RightParen
                && matches!(
                    self.tok.kind,
                    TokenKind::RightParen | TokenKind::LeftBrace | TokenKind::LeftBracket
                );
            let diagnostic = if self.at_text() && !self.at(TokenKind::Arrow) && !other_bracket {
                self.unexpected(expected).also(self.token_span(open), "opened here")
            } else {
                self.unclosed(open)
            };
            self.fail(diagnostic);
            if kind == TokenKind::RightParen {
                self.resync();
            }
        }
        self.brackets -= 1;
        if self.at(kind) {
            self.mode = if kind == TokenKind::RightParen { self.mode } else { Mode::Expression };
            self.bump();
        }
    }
}

/// True when only the bytes that the escapes give are wrong: `"\xff"` is a string to Prometheus.
fn escapes_are_known(source: &str, quote: char) -> bool {
    let mut body = source.get(1..source.len() - 1).unwrap_or("");
    while !body.is_empty() {
        let Ok((_, width)) = unquote_char(body, quote) else { return false };
        body = body.get(width..).unwrap_or("");
    }
    true
}

/// The text of a string whose escapes are known, with U+FFFD for bytes that are no UTF-8.
fn unquote_lossy(source: &str, quote: char) -> String {
    String::from_utf8_lossy(&unquote_bytes(source, quote)).into_owned()
}

/// Go's `%q` of bytes that need not be UTF-8.
fn quote_bytes(bytes: &[u8]) -> String {
    let mut text = String::from("\"");
    for chunk in bytes.utf8_chunks() {
        let quoted = go_quote(chunk.valid());
        text.push_str(quoted.get(1..quoted.len() - 1).unwrap_or(""));
        text.extend(chunk.invalid().iter().map(|byte| format!("\\x{byte:02x}")));
    }
    text + "\""
}

/// The bytes of a string whose escapes are known.
fn unquote_bytes(source: &str, quote: char) -> Vec<u8> {
    let mut body = source.get(1..source.len() - 1).unwrap_or("");
    let mut bytes = Vec::new();
    while let Ok((c, width)) = unquote_char(body, quote) {
        match c {
            Unquoted::Byte(b) => bytes.push(b),
            Unquoted::Char(c) => bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
        body = body.get(width..).unwrap_or("");
    }
    bytes
}
