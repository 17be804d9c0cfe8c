//! Embedded PromQL: where it starts and ends, and what can go wrong at its end.

use crate::diagnostic::{Diagnostic, codes, nearest};
use crate::promql::ast::{Expr, ExprKind};
use crate::promql::parser::{Options, parse_prefix};
use crate::syntax::ast::Promql;

use super::{ITEMS, Parser, Peek};

/// Words that join two expressions.
const JOINTS: &[&str] = &["and", "or", "unless", "atan2", "offset", "by", "without"];

impl Parser<'_> {
    /// An expression. It ends where PromQL's grammar cannot go on, and before a word of ours that opens a line where
    /// PromQL needs an operand.
    ///
    /// A single `=` ends it where the language goes on with one (`assign_ends`), else it is a misspelt `==`.
    pub(super) fn promql(&mut self, what: &str, assign_ends: bool) -> Promql {
        if self.at_own_word() || matches!(self.peek(), Peek::End | Peek::Mark("}" | "=" | ":" | ",")) {
            let _: Option<()> = self.expected(what);
            let span = self.span(self.last, self.last);
            return Promql { expr: Expr { kind: ExprKind::Error, span }, span };
        }
        let start = self.pos;
        let (words, levels, severities) = (self.words, self.levels, self.severities.as_slice());
        let ours = |word: &str| {
            words.contains(&word) || ITEMS.contains(&word) || (levels && severities.iter().any(|s| s == word))
        };
        let options = Options {
            version: self.version,
            features: self.features,
            params: true,
            lets: true,
            stop_word: Some(&ours),
            assign_ends,
        };
        let (expr, end, found) = parse_prefix(self.text, start, self.file, &options);
        self.lost |= found.iter().any(Diagnostic::is_error) && end <= start;
        for diagnostic in found {
            self.report(diagnostic);
        }
        self.resume(end.max(start));
        Promql { expr, span: self.since(start) }
    }

    /// An expression that is a property's value, and the judgement of what stands behind it.
    pub(super) fn property_promql(&mut self) -> Promql {
        let mut promql = self.promql("a PromQL expression", false);
        self.after_expression();
        promql.span = self.since(promql.span.start as usize);
        promql
    }

    /// Reports what stands behind an expression on its line and is no property.
    pub(super) fn after_expression(&mut self) {
        if self.lost || self.ends_property() {
            return;
        }
        match self.peek() {
            Peek::Mark(")" | "]") => {
                self.unmatched_closer();
                self.lost = true;
            }
            Peek::Mark("=") => self.single_equals(),
            Peek::Mark(mark @ ("&" | "|")) => {
                let joint = if mark == "&" { "and" } else { "or" };
                let doubled = self.rest().starts_with(&mark.repeat(2));
                let span = self.span(self.pos, self.pos + if doubled { 2 } else { 1 });
                self.report(
                    Diagnostic::new(
                        &codes::syntax::UNEXPECTED_TOKEN,
                        span,
                        format!("PromQL writes `{joint}`"),
                    )
                    .label("no operator of PromQL")
                    .fix(format!("write `{joint}`"), span, joint),
                );
                self.lost = true;
            }
            Peek::Word(word) => {
                let span = self.token_span();
                let found = format!("`{}` cannot follow this expression", super::parts::shortened(word));
                let mut diagnostic = Diagnostic::new(&codes::syntax::UNEXPECTED_TOKEN, span, found);
                let joint = if word.len() > 40 { None } else { nearest(word, JOINTS.iter().copied()) };
                let property = nearest(word.get(..40).unwrap_or(word), self.words.iter().copied());
                diagnostic = match (joint, property) {
                    (Some(meant), _) | (None, Some(meant)) => diagnostic
                        .label(format!("did you mean `{meant}`?"))
                        .fix(format!("write `{meant}`"), span, meant),
                    _ => diagnostic.label("expected an operator or the next line"),
                };
                self.report(diagnostic);
                self.lost = true;
            }
            _ => {
                let _: Option<()> = self.expected("an operator or the end of the expression");
            }
        }
    }

    fn single_equals(&mut self) {
        let span = self.take(1);
        self.report(
            Diagnostic::new(&codes::syntax::SINGLE_EQUALS, span, "PromQL compares with `==`")
                .label("`=` matches labels, in braces")
                .fix("write `==`", span, "=="),
        );
        // What it is compared with belongs to the expression too.
        self.promql("what it is compared with", false);
        self.after_expression();
    }
}
