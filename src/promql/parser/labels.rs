//! Lists of labels: of `by`, `without`, `on`, `ignoring`, `group_left`, `group_right`.

use super::state::Parser;
use crate::diagnostic::{Fix, codes::promql as codes};
use crate::promql::ast::Label;
use crate::promql::features::Version;
use crate::promql::lexer::{Keyword, Token, TokenKind};

impl Parser<'_> {
    /// A list in parentheses behind `keyword`, which is consumed.
    pub(super) fn label_list(&mut self, keyword: Token) -> Vec<Label> {
        if !self.at(TokenKind::LeftParen) {
            return self.labels_without_parens(keyword);
        }
        let open = self.open();
        let mut labels = Vec::new();
        while !self.at(TokenKind::RightParen) && !self.panicking {
            match self.label() {
                Some(label) => labels.push(label),
                None => {
                    let diagnostic =
                        self.unexpected("a label").also(self.token_span(open), "in this list of labels");
                    self.fail(diagnostic);
                    if self.resync() {
                        self.eat(TokenKind::Comma);
                        continue;
                    }
                    break;
                }
            }
            if self.eat(TokenKind::Comma).is_some() || self.at(TokenKind::RightParen) {
                continue;
            }
            if matches!(self.tok.kind, TokenKind::Word | TokenKind::String) {
                let diagnostic = self
                    .diagnostic(&codes::SYNTAX, self.gap(), "a comma is missing between two labels")
                    .label("expected `,`")
                    .fix("add the comma", self.gap(), ",");
                self.report(diagnostic);
                continue;
            }
            break;
        }
        self.close(open, TokenKind::RightParen, "`,` or `)`");
        labels
    }

    /// `by job`: reports the missing parentheses and takes the words.
    fn labels_without_parens(&mut self, keyword: Token) -> Vec<Label> {
        let name = self.source(keyword).to_string();
        let plain = matches!(self.tok.kind, TokenKind::Word | TokenKind::String) && !self.stops_here();
        if !plain {
            let diagnostic = self
                .unexpected(&format!("the labels of `{name}` in parentheses"))
                .help(format!("write `{name} (label, …)`"));
            self.fail(diagnostic);
            return Vec::new();
        }
        let start = self.tok.start;
        let mut labels = Vec::new();
        while let Some(label) = self.label() {
            labels.push(label);
            let more = self.at(TokenKind::Comma)
                && self.brackets == 0
                && !self.rest_after(self.tok).starts_with(|c: char| !c.is_ascii_alphabetic());
            if !more {
                break;
            }
            self.bump();
        }
        let span = self.span_from(start);
        let mut diagnostic = self
            .diagnostic(&codes::SYNTAX, span, format!("the labels of `{name}` stand in parentheses"))
            .label("expected `(`");
        diagnostic.fix = Some(Box::new(Fix {
            message: "add the parentheses".to_string(),
            edits: vec![(span.at_start(), "(".to_string()), (span.at_end(), ")".to_string())],
        }));
        self.report(diagnostic);
        labels
    }

    /// Consumes a label, if there is one (grammar rule grouping_label).
    fn label(&mut self) -> Option<Label> {
        let token = self.tok;
        let span = self.token_span(token);
        let name = match token.kind {
            TokenKind::Word | TokenKind::ColonWord => self.source(token).to_string(),
            TokenKind::Keyword(k) if k != Keyword::Without => self.source(token).to_string(),
            TokenKind::String | TokenKind::OpenString => {
                self.require_version(Version::new(2, 55), span, "a quoted label");
                let name = self.string_value();
                if name.is_empty() {
                    let diagnostic = self.diagnostic(&codes::MATCHER, span, "a label's name cannot be empty");
                    self.report(diagnostic);
                }
                return Some(Label { name, span });
            }
            _ => return None,
        };
        self.bump();
        Some(Label { name, span })
    }
}
