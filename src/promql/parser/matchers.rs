//! Label matchers in braces.

use super::state::Parser;
use crate::diagnostic::codes::promql as codes;
use crate::gostd::regexp::check_syntax;
use crate::gostd::strconv::quote;
use crate::promql::ast::{Label, METRIC_NAME, MatchOp, Matcher, MatcherForm};
use crate::promql::features::Version;
use crate::promql::lexer::{Token, TokenKind};
use crate::source::Span;

impl Parser<'_> {
    /// Matchers in braces; the current token is `{`.
    pub(super) fn matchers(&mut self) -> (Vec<Matcher>, Span) {
        let open = self.open();
        let mut matchers = Vec::new();
        while !self.at(TokenKind::RightBrace) && !self.panicking {
            match self.tok.kind {
                TokenKind::Word => matchers.extend(self.matcher()),
                TokenKind::String | TokenKind::OpenString => matchers.extend(self.quoted_matcher()),
                TokenKind::End | TokenKind::LeftBrace => break,
                _ => {
                    let diagnostic =
                        self.unexpected("a label or `}`").also(self.token_span(open), "in these matchers");
                    self.fail(diagnostic);
                }
            }
            if self.panicking || self.eat(TokenKind::Comma).is_some() || self.at(TokenKind::RightBrace) {
                continue;
            }
            if matches!(self.tok.kind, TokenKind::Word | TokenKind::String) {
                self.missing_comma();
                continue;
            }
            break;
        }
        if self.panicking {
            self.skip_braces();
        }
        self.close(open, TokenKind::RightBrace, "`,` or `}`");
        (matchers, self.span_from(open.start))
    }

    /// After an error in braces: on to the `}`, if it is on the same line.
    fn skip_braces(&mut self) {
        let line = self.text.get(self.tok.start..).and_then(|t| t.split('\n').next()).unwrap_or("");
        if let Some(at) = line.find('}')
            && !line.get(..at).is_some_and(|t| t.contains(['{', '(']))
        {
            let at = self.tok.start + at;
            self.tok = Token { kind: TokenKind::RightBrace, start: at, end: at + 1 };
            self.panicking = false;
        }
    }

    fn missing_comma(&mut self) {
        let word = self.source(self.tok);
        let mut diagnostic = self
            .diagnostic(&codes::MATCHER, self.gap(), "a comma is missing between two matchers")
            .label("expected `,` or `}`")
            .fix("add the comma", self.gap(), ",");
        if word == "or" {
            let span = self.token_span(self.tok);
            diagnostic = self
                .diagnostic(&codes::MATCHER, span, "Prometheus has no `or` between matchers")
                .label("VictoriaMetrics has")
                .help("write two selectors, `a{…} or a{…}`, or one regular expression, `label=~\"x|y\"`");
            self.bump();
        }
        self.report(diagnostic);
    }

    /// `"metric"` or `"label"="value"`.
    fn quoted_matcher(&mut self) -> Option<Matcher> {
        let token = self.tok;
        let span = self.token_span(token);
        let name = self.string_value();
        if self.panicking {
            return None;
        }
        if name.bytes().any(|b| !b.is_ascii_alphanumeric() && b != b'_' && b != b':') {
            self.require_version(Version::new(3, 0), span, "a name outside of [a-zA-Z0-9_:]");
        }
        let label = Label { name, span };
        if matches!(
            self.tok.kind,
            TokenKind::Comma | TokenKind::RightBrace | TokenKind::Word | TokenKind::String
        ) {
            return Some(Matcher {
                label: Label { name: METRIC_NAME.to_string(), span },
                op: MatchOp::Equal,
                value: label.name,
                value_span: span,
                span,
                form: MatcherForm::QuotedMetric,
                bare_param: false,
            });
        }
        self.matcher_value(label, token.start, MatcherForm::QuotedLabel)
    }

    fn matcher(&mut self) -> Option<Matcher> {
        let token = self.bump();
        let label = Label { name: self.source(token).to_string(), span: self.token_span(token) };
        self.matcher_value(label, token.start, MatcherForm::Plain)
    }

    /// The operator and the value.
    fn matcher_value(&mut self, label: Label, start: usize, form: MatcherForm) -> Option<Matcher> {
        let op = match self.tok.kind {
            TokenKind::Assign => MatchOp::Equal,
            TokenKind::Ne => MatchOp::NotEqual,
            TokenKind::Match => MatchOp::Regexp,
            TokenKind::NotMatch => MatchOp::NotRegexp,
            TokenKind::Eq | TokenKind::Colon => {
                let span = self.token_span(self.tok);
                let written = self.source(self.tok);
                let diagnostic = self
                    .diagnostic(
                        &codes::MATCHER,
                        span,
                        format!("a matcher compares with `=`, not with `{written}`"),
                    )
                    .label("expected `=`, `!=`, `=~` or `!~`")
                    .fix("write `=`", span, "=");
                self.report(diagnostic);
                MatchOp::Equal
            }
            _ => {
                let diagnostic = self.unexpected("`=`, `!=`, `=~` or `!~` and a string");
                self.fail(diagnostic);
                return None;
            }
        };
        self.bump();
        let value_token = self.tok;
        let value_span = self.token_span(value_token);
        let mut bare_param = false;
        let value = match value_token.kind {
            TokenKind::String | TokenKind::OpenString => self.string_value(),
            TokenKind::Param if self.options.params => {
                self.bump();
                bare_param = true;
                self.source(value_token).to_string()
            }
            TokenKind::Word | TokenKind::Number | TokenKind::Duration | TokenKind::BadNumber => {
                self.unquoted_value(op)
            }
            _ => {
                let diagnostic = self.unexpected("a string");
                self.fail(diagnostic);
                return None;
            }
        };
        let matcher = Matcher { label, op, value, value_span, span: self.span_from(start), form, bare_param };
        if op.is_regexp() && (!self.options.params || matcher.params().is_empty()) {
            self.check_regexp(&matcher);
        }
        Some(matcher)
    }

    /// `job=api`: reports the missing quotes and takes the text up to the next `,` or `}`.
    fn unquoted_value(&mut self, op: MatchOp) -> String {
        let start = self.tok.start;
        while !matches!(self.tok.kind, TokenKind::Comma | TokenKind::RightBrace | TokenKind::End) {
            let line_ends = self.text.get(self.prev_end..self.tok.start).is_some_and(|t| t.contains('\n'));
            let next_matcher =
                self.tok.kind == TokenKind::Word && self.rest_after(self.tok).starts_with(['=', '!']);
            if (line_ends || next_matcher) && self.tok.start != start {
                break;
            }
            self.bump();
        }
        let span = self.span_from(start);
        let text = self.text.get(start..self.prev_end).unwrap_or("").to_string();
        let diagnostic = self
            .diagnostic(
                &codes::MATCHER,
                span,
                format!("the value behind `{}` is a string in quotes", op.as_str()),
            )
            .label("expected a string")
            .fix("add the quotes", span, quote(&text));
        self.report(diagnostic);
        text
    }

    fn check_regexp(&mut self, matcher: &Matcher) {
        let Err(error) = check_syntax(&matcher.value) else { return };
        // Escapes shift the text: the part is pointed at only where the string shows it as it is.
        let inside = self.inside_string(matcher);
        let span = match inside {
            Some(start) => {
                let at = start + error.offset;
                let end = (at + error.part.len()).min(matcher.value_span.end as usize - 1).max(at);
                Span { start: at as u32, end: end as u32, ..matcher.value_span }
            }
            None => matcher.value_span,
        };
        let span = if span.is_empty() { matcher.value_span } else { span };
        let diagnostic = self
            .diagnostic(&codes::REGEXP, span, format!("this regular expression is wrong: {}", error.reason))
            .label(format!("`{}`", error.part))
            .note("the syntax is RE2's: no look-around and no back-references");
        self.report(diagnostic);
    }

    /// Where the text of a matcher's value starts, if it stands in the source as it is.
    fn inside_string(&self, matcher: &Matcher) -> Option<usize> {
        let start = matcher.value_span.start as usize + 1;
        (matcher.value_span.len() == matcher.value.len() + 2).then_some(start)
    }
}
