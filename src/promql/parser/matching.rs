//! What stands between a binary operator and its right side: `bool`, `on`, `ignoring`, `group_left`, `fill`.

use super::state::Parser;
use crate::diagnostic::codes::promql as codes;
use crate::promql::ast::{BinaryOp, Cardinality, VectorMatching};
use crate::promql::features::Feature;
use crate::promql::lexer::{Keyword, Token, TokenKind};
use crate::source::Span;

impl Parser<'_> {
    /// The modifiers of an operator, in the order the grammar has them.
    pub(super) fn binary_modifiers(
        &mut self,
        op: BinaryOp,
        op_token: Token,
    ) -> (Option<Span>, VectorMatching) {
        let mut matching = VectorMatching::default();
        if op.is_set() {
            matching.card = Cardinality::ManyToMany;
        }
        let TokenKind::Keyword(_) = self.tok.kind else { return (None, matching) };
        let return_bool = self.at_keyword(Keyword::Bool).then(|| {
            let token = self.bump();
            self.token_span(token)
        });
        if self.at_keyword(Keyword::By) && self.paren_follows() {
            self.by_between_vectors();
        }
        if self.at_keyword(Keyword::On) || self.at_keyword(Keyword::Ignoring) {
            matching.on = self.at_keyword(Keyword::On);
            let keyword = self.bump();
            matching.labels = self.label_list(keyword);
            matching.labels_span = Some(self.span_from(keyword.start));
        }
        if self.at_keyword(Keyword::GroupLeft) || self.at_keyword(Keyword::GroupRight) {
            let many_left = self.at_keyword(Keyword::GroupLeft);
            matching.card = if many_left { Cardinality::ManyToOne } else { Cardinality::OneToMany };
            self.group(&mut matching, op_token);
        }
        while let TokenKind::Keyword(k @ (Keyword::Fill | Keyword::FillLeft | Keyword::FillRight)) =
            self.tok.kind
        {
            self.fill(k, &mut matching);
        }
        (return_bool, matching)
    }

    fn by_between_vectors(&mut self) {
        let span = self.token_span(self.tok);
        let diagnostic = self
            .diagnostic(&codes::MATCHING, span, "`by` groups an aggregation, it does not match two vectors")
            .label("expected `on`")
            .fix("write `on`", span, "on");
        self.report(diagnostic);
        self.tok.kind = TokenKind::Keyword(Keyword::On);
    }

    fn group(&mut self, matching: &mut VectorMatching, op_token: Token) {
        let keyword = self.bump();
        let name = self.source(keyword);
        if matching.labels_span.is_none() {
            let span = self.token_span(keyword);
            let diagnostic = self
                .diagnostic(
                    &codes::MATCHING,
                    span,
                    format!("`{name}` needs `on (…)` or `ignoring (…)` before it"),
                )
                .label("match on which labels?")
                .also(self.token_span(op_token), "between the sides of this operator")
                .help(format!(
                    "write `on (label) {name} …`, or `ignoring () {name} …` to match on all labels"
                ));
            self.report(diagnostic);
        }
        if self.at(TokenKind::LeftParen) {
            matching.include = self.label_list(keyword);
            if !self.panicking && !self.starts_operand() && !matching.include.is_empty() && self.at_text_end()
            {
                let span = self.span_from(keyword.start);
                let diagnostic = self
                    .diagnostic(
                        &codes::MATCHING,
                        span,
                        format!("the parentheses behind `{name}` hold labels, not the right side"),
                    )
                    .label(format!("read as the labels that `{name}` copies"))
                    .fix(
                        format!("write `{name} ()` before the right side"),
                        self.span(keyword.end, keyword.end),
                        " ()",
                    );
                self.fail(diagnostic);
            }
        }
        matching.group_span = Some(self.span_from(keyword.start));
    }

    fn at_text_end(&self) -> bool {
        matches!(self.tok.kind, TokenKind::End | TokenKind::RightParen)
    }

    fn fill(&mut self, keyword: Keyword, matching: &mut VectorMatching) {
        let token = self.bump();
        let name = self.source(token).to_string();
        let open = self.open();
        let negative = match self.tok.kind {
            TokenKind::Sub => self.bump().kind == TokenKind::Sub,
            TokenKind::Add => self.bump().kind == TokenKind::Sub,
            _ => false,
        };
        let number = matches!(self.tok.kind, TokenKind::Number | TokenKind::Duration | TokenKind::BadNumber);
        let mut value = 0.0;
        if number {
            value = self.number_at();
        } else {
            let diagnostic = self.unexpected("a number");
            self.fail(diagnostic);
        }
        if negative {
            value = -value;
        }
        self.close(open, TokenKind::RightParen, "`)`");
        let span = self.span_from(token.start);
        self.require_feature(Feature::FillModifiers, span, &format!("`{name}`"));
        let set = &mut matching.fill;
        let twice = match keyword {
            Keyword::Fill => set.left.is_some() || set.right.is_some(),
            Keyword::FillLeft => set.left.is_some(),
            _ => set.right.is_some(),
        };
        if keyword != Keyword::FillRight {
            set.left = Some(value);
        }
        if keyword != Keyword::FillLeft {
            set.right = Some(value);
        }
        set.span = Some(set.span.map_or(span, |s| s.to(span)));
        if twice {
            let diagnostic = self.diagnostic(&codes::MATCHING, span, "this side is filled twice");
            self.report(diagnostic.label("a second fill"));
        }
    }
}
