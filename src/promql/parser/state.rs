//! The parser's state: the current token, where it stands, and what was found wrong so far.

use crate::diagnostic::{Code, Diagnostic, codes::promql as codes};
use crate::promql::ast::{Expr, ExprKind};
use crate::promql::features::{Feature, Version};
use crate::promql::lexer::{Keyword, Mode, Token, TokenKind, skip_blank, token};
use crate::source::{FileId, Span};

use super::{MAX_HEIGHT, MAX_NESTING, Options, cut};

pub(in crate::promql) struct Parser<'a> {
    pub(super) text: &'a str,
    file: FileId,
    base: usize,
    pub(super) options: &'a Options<'a>,
    /// The current token, not yet consumed.
    pub(super) tok: Token,
    /// The end of the last consumed token.
    pub(super) prev_end: usize,
    /// How the token behind the current one is read.
    pub(super) mode: Mode,
    /// How many brackets are open.
    pub(super) brackets: usize,
    nesting: usize,
    /// The height of the tree parsed last.
    pub(super) height: usize,
    /// True after a syntax error, until the parser stands at a known place again: no error is told twice.
    pub(super) panicking: bool,
    /// Where the first syntax error inside brackets is.
    pub(super) bracket_error: Option<usize>,
    pub(in crate::promql) diagnostics: Vec<Diagnostic>,
}

impl<'a> Parser<'a> {
    pub(in crate::promql) fn new(
        text: &'a str,
        start: usize,
        file: FileId,
        base: usize,
        options: &'a Options<'a>,
    ) -> Parser<'a> {
        Parser {
            text,
            file,
            base,
            options,
            tok: token(text, start, Mode::Expression),
            prev_end: start.min(text.len()),
            mode: Mode::Expression,
            brackets: 0,
            nesting: 0,
            height: 0,
            panicking: false,
            bracket_error: None,
            diagnostics: Vec::new(),
        }
    }

    /// Consumes the current token.
    pub(super) fn bump(&mut self) -> Token {
        let current = self.tok;
        if current.kind != TokenKind::End {
            self.prev_end = current.end;
            self.tok = token(self.text, current.end, self.mode);
        }
        current
    }

    /// Consumes the current token if it is of this kind.
    pub(super) fn eat(&mut self, kind: TokenKind) -> Option<Token> {
        (self.tok.kind == kind).then(|| self.bump())
    }

    pub(super) fn at(&self, kind: TokenKind) -> bool {
        self.tok.kind == kind
    }

    pub(super) fn at_text(&self) -> bool {
        !self.at(TokenKind::End)
    }

    pub(super) fn at_keyword(&self, keyword: Keyword) -> bool {
        self.tok.kind == TokenKind::Keyword(keyword)
    }

    /// The end of the last consumed token.
    pub(super) fn end(&self) -> usize {
        self.prev_end
    }

    pub(super) fn source(&self, token: Token) -> &'a str {
        self.text.get(token.start..token.end).unwrap_or("")
    }

    /// True when the token behind the current one starts with `(`.
    pub(super) fn paren_follows(&self) -> bool {
        self.rest_after(self.tok).starts_with('(')
    }

    /// The text behind a token, past spaces and comments.
    pub(super) fn rest_after(&self, token: Token) -> &'a str {
        self.text.get(skip_blank(self.text, token.end)..).unwrap_or("")
    }

    /// True when the current token is the first of its line.
    pub(super) fn opens_line(&self) -> bool {
        opens_line(self.text, self.tok.start)
    }

    /// True when the current token is a word of the outer language that ends the expression.
    pub(super) fn stops_here(&self) -> bool {
        let (Some(stop_word), 0) = (self.options.stop_word, self.brackets) else { return false };
        let word = matches!(self.tok.kind, TokenKind::Word | TokenKind::Keyword(_));
        let opens = word
            && self.opens_line()
            && stop_word(self.source(self.tok))
            && !self.paren_follows()
            && !self.grouping_follows(self.tok);
        opens || cut::opens_property(self.text, self.tok, stop_word)
    }

    /// True when `by` or `without` stands behind a token.
    pub(super) fn grouping_follows(&self, token_before: Token) -> bool {
        let next = token(self.text, token_before.end, Mode::Expression);
        matches!(next.kind, TokenKind::Keyword(Keyword::By | Keyword::Without))
    }

    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, self.base + start, self.base + end.max(start))
    }

    pub(super) fn token_span(&self, token: Token) -> Span {
        self.span(token.start, token.end)
    }

    /// From `start` to the last consumed token.
    pub(super) fn span_from(&self, start: usize) -> Span {
        self.span(start, self.prev_end)
    }

    /// The place right behind the last consumed token.
    pub(super) fn gap(&self) -> Span {
        self.span(self.prev_end, self.prev_end)
    }

    pub(super) fn diagnostic(&self, code: Code, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(code, span, message)
    }

    /// A finding after which parsing goes on as if nothing was wrong.
    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        if !self.panicking {
            self.diagnostics.push(diagnostic);
        }
    }

    /// A finding after which the parser does not know where it stands.
    pub(super) fn fail(&mut self, diagnostic: Diagnostic) {
        if self.brackets > 0 && self.bracket_error.is_none() {
            self.bracket_error = Some(self.tok.start);
        }
        self.report(diagnostic);
        self.panicking = true;
    }

    /// An expression that is missing at the current place.
    pub(super) fn missing(&self) -> Expr {
        Expr { kind: ExprKind::Error, span: self.gap() }
    }

    /// Skips to a `,` or the closing bracket of the current level; true when there is one.
    pub(super) fn resync(&mut self) -> bool {
        self.mode = Mode::Expression;
        // The current token may have been read in other brackets.
        self.tok = token(self.text, self.tok.start, self.mode);
        let embedded = self.options.stop_word;
        let mut open = 0_usize;
        loop {
            match self.tok.kind {
                TokenKind::End => return false,
                TokenKind::Comma if open == 0 => break,
                TokenKind::RightParen if open == 0 => break,
                TokenKind::RightParen => open -= 1,
                TokenKind::LeftParen => open += 1,
                TokenKind::RightBrace | TokenKind::Arrow if embedded.is_some() => return false,
                TokenKind::LeftBrace if embedded.is_some() => {
                    // Matchers: over them at once, since a lone `}` ends the expression.
                    let rest = self.text.get(self.tok.start..).unwrap_or("");
                    let line = rest.split('\n').next().unwrap_or("");
                    let Some(close) = line.find('}') else { return false };
                    self.tok.end = self.tok.start + close + 1;
                }
                TokenKind::Word | TokenKind::Keyword(_)
                    if embedded.is_some_and(|stop| stop(self.source(self.tok))) && self.opens_line() =>
                {
                    return false;
                }
                _ => {}
            }
            self.bump();
        }
        self.panicking = false;
        true
    }

    /// Enters a level of nesting; false when there are too many, and then parsing is over.
    pub(super) fn enter(&mut self) -> bool {
        self.nesting += 1;
        if self.nesting > MAX_NESTING {
            self.too_deep();
            return false;
        }
        true
    }

    pub(super) fn leave(&mut self) {
        self.nesting -= 1;
    }

    /// Notes that the tree parsed last is one higher than the highest of its parts.
    pub(super) fn grow(&mut self, parts: usize) {
        self.height = parts + 1;
        if self.height > MAX_HEIGHT {
            self.too_deep();
        }
    }

    fn too_deep(&mut self) {
        if self.at_text() {
            let message = "this expression nests too deeply".to_string();
            let diagnostic = self
                .diagnostic(&codes::TOO_DEEP, self.token_span(self.tok), message)
                .label("parsing stops here")
                .note(format!(
                    "the limits are {MAX_NESTING} brackets and signs, and {MAX_HEIGHT} operators in a row"
                ))
                .help("split it into recording rules");
            self.report(diagnostic);
        }
        self.panicking = true;
        // Nothing more is read.
        self.prev_end = self.text.len();
        self.tok = Token { kind: TokenKind::End, start: self.text.len(), end: self.text.len() };
    }

    /// Refuses what the target version lacks.
    pub(super) fn require_version(&mut self, since: Version, span: Span, what: &str) {
        let target = self.options.version;
        if target < since {
            let diagnostic = self
                .diagnostic(
                    &codes::VERSION,
                    span,
                    format!("{what} needs Prometheus {since}, the target is {target}"),
                )
                .help(format!("write it with older means, or set the target version to {since} or later"));
            self.report(diagnostic);
        }
    }

    /// Refuses what a feature flag would enable.
    pub(super) fn require_feature(&mut self, feature: Feature, span: Span, what: &str) {
        self.require_version(feature.since(), span, what);
        if self.options.version >= feature.since() && !self.options.features.has(feature) {
            let diagnostic = self
                .diagnostic(&codes::FEATURE, span, format!("{what} is experimental"))
                .label("not enabled")
                .help(format!("enable the feature `{}`, in the project and in Prometheus", feature.flag()));
            self.report(diagnostic);
        }
    }
}

/// True when only spaces stand before `at` on its line.
pub(super) fn opens_line(text: &str, at: usize) -> bool {
    let before = text.as_bytes().get(..at).unwrap_or(&[]);
    before.iter().rev().find(|b| !matches!(b, b' ' | b'\t' | b'\r')).is_none_or(|b| *b == b'\n')
}
