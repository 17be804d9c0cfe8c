//! Embedded PromQL: where it starts and ends, and what can go wrong at its end.

use crate::diagnostic::{Diagnostic, codes, nearest};
use crate::promql::ast::{Expr, ExprKind};
use crate::promql::parser::{Options, explain_trailing, parse_prefix};
use crate::syntax::ast::Promql;
use crate::syntax::keywords::ITEMS;

use super::{Parser, Peek};

impl Parser<'_> {
    /// An expression. It ends where PromQL's grammar cannot go on, and before a word of ours that opens a line where
    /// PromQL needs an operand. `assign_ends`: a `=` behind it is ours too.
    pub(super) fn promql(&mut self, what: &str, assign_ends: bool) -> Promql {
        // A recorded series' name may begin with a colon, or with a word of ours and a colon.
        let word = if let Peek::Word(word) = self.peek() { word.len() } else { 0 };
        let recorded = self.rest().get(word..).and_then(|rest| rest.strip_prefix(':'));
        let recorded = recorded.is_some_and(|r| r.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_'));
        let nothing = matches!(self.peek(), Peek::End | Peek::Mark("}" | ")" | "]" | "=" | ":" | ","));
        if !recorded && (self.at_own_word() || nothing) {
            let _: Option<()> = self.expected(what);
            let span = self.span(self.last, self.last);
            return Promql { expr: Expr { kind: ExprKind::Error, span }, span };
        }
        let start = self.pos;
        let (expr, end, findings) = self.with_promql_options(assign_ends, |p, options| {
            parse_prefix(p.cursor.text, start, p.cursor.file, options)
        });
        self.resume(end.max(start));
        let broken = findings.iter().any(Diagnostic::is_error);
        for finding in findings {
            self.report(finding);
        }
        let span = self.since(start);
        // What stands behind a broken expression was most likely part of it.
        self.lost |= broken && !self.ends_property();
        Promql { expr, span }
    }

    fn with_promql_options<T>(&self, assign_ends: bool, run: impl FnOnce(&Self, &Options<'_>) -> T) -> T {
        let stop_word = |word: &str| {
            self.words.contains(&word)
                || ITEMS.contains(&word)
                || (self.levels && self.severities.iter().any(|s| s == word))
        };
        let options = Options {
            version: self.version,
            features: self.features,
            params: true,
            lets: true,
            stop_word: Some(&stop_word),
            assign_ends,
        };
        run(self, &options)
    }

    /// An expression that is a property's value, and the judgement of what stands behind it.
    pub(super) fn property_promql(&mut self) -> Promql {
        let promql = self.promql("a PromQL expression", false);
        self.after_expression();
        promql
    }

    /// Reports what stands behind an expression on its line and is no property.
    pub(super) fn after_expression(&mut self) {
        if self.lost || self.ends_property() {
            return;
        }
        match self.peek() {
            Peek::Mark(")" | "]") => self.unmatched_closer(),
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
            }
            _ => self.trailing(),
        }
        self.lost = true;
    }

    /// What PromQL says of the text behind an expression, or the property that it resembles.
    fn trailing(&mut self) {
        let at = self.pos;
        let explained = self.with_promql_options(false, |p, options| {
            explain_trailing(p.cursor.text, at, p.cursor.file, options)
        });
        let property = match self.peek() {
            Peek::Word(word) if word.len() <= 40 => nearest(word, self.words.iter().copied()),
            _ => None,
        };
        match (explained, property) {
            (Some(finding), None) => self.report(finding),
            (Some(finding), Some(_)) if finding.fix.is_some() => self.report(finding),
            (_, Some(meant)) => {
                let span = self.token_span();
                let message = format!("{} cannot follow this expression", self.found());
                self.report(
                    Diagnostic::new(&codes::syntax::UNKNOWN_KEYWORD, span, message)
                        .label(format!("did you mean `{meant}`?"))
                        .fix(format!("write `{meant}`"), span, meant),
                );
            }
            (None, None) => {
                let _: Option<()> = self.expected("an operator or the end of the expression");
            }
        }
    }
}
