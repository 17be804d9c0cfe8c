//! Embedded PromQL: where it starts and ends, and what can go wrong at its end.

use crate::diagnostic::{Diagnostic, codes, nearest};
use crate::promql::ast::{Expr, ExprKind};
use crate::syntax::ast::Promql;

use super::{Parser, Peek};

/// Words that join two expressions.
const JOINTS: &[&str] = &["and", "or", "unless", "atan2", "offset", "by", "without"];

impl Parser<'_> {
    /// An expression. It ends where PromQL's grammar cannot go on, and before a word of ours that opens a line where
    /// PromQL needs an operand.
    pub(super) fn promql(&mut self, what: &str) -> Promql {
        if self.at_own_word() || matches!(self.peek(), Peek::End | Peek::Mark("}" | "=" | ":" | ",")) {
            let _: Option<()> = self.expected(what);
            let span = self.span(self.last, self.last);
            return Promql { expr: Expr { kind: ExprKind::Error, span }, span };
        }
        let start = self.pos;
        let end = stub(self);
        self.resume(end);
        let span = self.since(start);
        Promql { expr: Expr { kind: ExprKind::Error, span }, span }
    }

    /// An expression that is a property's value, and the judgement of what stands behind it.
    pub(super) fn property_promql(&mut self) -> Promql {
        let mut promql = self.promql("a PromQL expression");
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
        self.promql("what it is compared with");
        self.after_expression();
    }
}

fn stub(p: &Parser<'_>) -> usize {
    let mut ahead = p.ahead();
    let mut depth = 0usize;
    let mut last = ahead.pos;
    let mut operand = false;
    loop {
        let before = ahead.pos;
        let newline = ahead.trivia() && before != p.pos;
        match ahead.peek() {
            Peek::End => return last,
            Peek::Mark("(" | "[" | "{") => {
                depth += 1;
                ahead.pos += 1;
                operand = false;
            }
            Peek::Mark(")" | "]" | "}") => {
                if depth == 0 {
                    return last;
                }
                depth -= 1;
                ahead.pos += 1;
                operand = true;
            }
            Peek::Mark("->") => return last,
            Peek::Mark("=" | ",") if depth == 0 => return last,
            Peek::Mark(m) => {
                ahead.pos += m.len();
                operand = false;
            }
            Peek::Quote => {
                ahead.pos += super::cursor::quoted_length(ahead.rest());
                operand = true;
            }
            Peek::Number => {
                let (r, _) =
                    crate::syntax::tokens::quantity(ahead.rest()).unwrap_or((&ahead.rest()[1..], ("", "")));
                ahead.pos += ahead.rest().len() - r.len();
                operand = true;
            }
            Peek::Param => {
                ahead.pos += 1;
            }
            Peek::Other(c) => ahead.pos += c.len_utf8(),
            Peek::Word(w) => {
                let joint = [
                    "and",
                    "or",
                    "unless",
                    "by",
                    "without",
                    "on",
                    "ignoring",
                    "bool",
                    "offset",
                    "group_left",
                    "group_right",
                ]
                .contains(&w);
                if depth == 0 && operand && !joint {
                    let _ = newline;
                    return last;
                }
                let n = crate::syntax::tokens::series_name(ahead.rest()).map(|(_, n)| n.len()).unwrap_or(1);
                ahead.pos += n;
                operand = !joint;
                if joint {
                    let mut a = ahead;
                    a.trivia();
                    if a.at_mark(&["("]) {
                        a.pos += 1;
                    }
                }
            }
        }
        last = ahead.pos;
    }
}
