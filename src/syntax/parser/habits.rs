//! Notations that people bring along, mostly from YAML. Each is understood, and reported with its repair.

use crate::diagnostic::{Diagnostic, Fix, codes};
use crate::source::Span;
use crate::syntax::ast::{Comparison, Operator};

use super::{Parser, Peek};

impl Parser<'_> {
    /// Takes the dash of a YAML list before a word: `- alert: X`.
    pub(super) fn dash(&mut self) -> Option<Span> {
        let mut ahead = self.ahead();
        if !self.opens_line || !ahead.at_mark(&["-"]) {
            return None;
        }
        ahead.pos += 1;
        ahead.trivia();
        matches!(ahead.peek(), Peek::Word(_)).then(|| self.take(1))
    }

    /// Takes a colon right behind the keyword just read, and reports it and the dash before the keyword.
    pub(super) fn colon(&mut self, dash: Option<Span>, keyword: Span) {
        let colon = (self.peek() == Peek::Mark(":") && self.pos == self.last).then(|| self.take(1));
        let Some(first) = dash.or(colon) else { return };
        let word = self.text.get(keyword.range()).unwrap_or_default();
        let written = match (dash, colon) {
            (Some(_), Some(_)) => format!("- {word}:"),
            (Some(_), None) => format!("- {word}"),
            _ => format!("{word}:"),
        };
        let edits = dash
            .map(|d| (self.span(d.start as usize, keyword.start as usize), String::new()))
            .into_iter()
            .chain(colon.map(|c| (c, String::new())))
            .collect();
        let mut diagnostic =
            Diagnostic::new(&codes::syntax::YAML_HABIT, first, format!("`{written}` is YAML's notation"))
                .label(format!("expected `{word}` alone"));
        diagnostic.fix = Some(Box::new(Fix { message: format!("write `{word}`"), edits }));
        self.report(diagnostic);
    }

    /// Takes `->`, or the `=>` that was meant to be one.
    pub(super) fn arrow(&mut self) -> Option<Span> {
        match self.peek() {
            Peek::Mark("->") => Some(self.take(2)),
            Peek::Mark("=>") => {
                let span = self.take(2);
                self.report(
                    Diagnostic::new(&codes::syntax::UNEXPECTED_TOKEN, span, "a route's arrow is `->`").fix(
                        "write `->`",
                        span,
                        "->",
                    ),
                );
                Some(span)
            }
            _ => None,
        }
    }

    /// Takes `=>`, `=<` and `=` where a comparison is meant.
    pub(super) fn mistaken_operator(&mut self) -> Option<Operator> {
        let rest = self.rest();
        let (length, op) = if rest.starts_with("=>") {
            (2, Comparison::GreaterEqual)
        } else if rest.starts_with("=<") {
            (2, Comparison::LessEqual)
        } else if rest.starts_with('=') {
            (1, Comparison::Equal)
        } else {
            return None;
        };
        let written = rest.get(..length).unwrap_or_default();
        let code = if length == 1 { &codes::syntax::SINGLE_EQUALS } else { &codes::syntax::UNEXPECTED_TOKEN };
        let message = format!("the comparison is written `{}`, not `{written}`", op.as_str());
        let span = self.take(length);
        self.report(Diagnostic::new(code, span, message).fix(
            format!("write `{}`", op.as_str()),
            span,
            op.as_str(),
        ));
        Some(Operator { op, span })
    }

    /// `names` in brackets, as YAML writes lists.
    pub(super) fn bracketed<T>(&mut self, list: impl FnOnce(&mut Self) -> Vec<T>) -> Vec<T> {
        if self.peek() != Peek::Mark("[") {
            return list(self);
        }
        let open = self.take(1);
        let items = list(self);
        let close = (self.peek() == Peek::Mark("]")).then(|| self.take(1));
        let mut diagnostic = Diagnostic::new(
            &codes::syntax::YAML_HABIT,
            self.since(open.start as usize),
            "no brackets stand around a list",
        )
        .label("names are separated by commas alone");
        diagnostic.fix = Some(Box::new(Fix {
            message: "remove the brackets".to_string(),
            edits: [Some(open), close].into_iter().flatten().map(|s| (s, String::new())).collect(),
        }));
        self.report(diagnostic);
        items
    }
}
