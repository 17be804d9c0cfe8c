//! Braces around labels and matchers, and series, which end in them.

use crate::diagnostic::{Diagnostic, codes};
use crate::source::Span;
use crate::syntax::ast::{
    Block, Label, Labels, MatchOp, Matcher, MatcherValue, Matchers, Name, NameKind, Quote, Selector, Text,
};
use crate::syntax::tokens;

use super::{Parser, Peek};

impl Parser<'_> {
    /// `{label="text", …}`
    pub(super) fn labels(&mut self, what: &str) -> Option<Labels> {
        self.braces(what, |p| {
            let name = p.label_name("a label and its text, such as `team=\"web\"`")?;
            let equals = match p.peek() {
                Peek::Mark("=") => p.take(1),
                Peek::Mark(":") => {
                    let colon = p.take(1);
                    let gap = p.span(colon.start as usize, if p.opens_line { p.last } else { p.pos });
                    p.report(
                        Diagnostic::new(&codes::syntax::YAML_HABIT, colon, "a label is set with `=`")
                            .label("a colon is YAML's notation")
                            .fix("write `=`", gap, "="),
                    );
                    colon
                }
                Peek::Mark(mark @ ("=~" | "!=" | "!~" | "==")) => {
                    let span = p.take(mark.len());
                    p.report(
                        Diagnostic::new(
                            &codes::syntax::UNEXPECTED_TOKEN,
                            span,
                            format!("a label is set with `=`, not `{mark}`"),
                        )
                        .label("this sets a label; nothing is matched here")
                        .fix("write `=`", span, "="),
                    );
                    span
                }
                _ => return p.expected("`=` and the label's text"),
            };
            let value = p.label_text("the label's text in quotes")?;
            Some(Label { name, equals, value })
        })
    }

    /// `{label="text", label=~"pattern", …}`
    pub(super) fn matchers(&mut self, what: &str) -> Option<Matchers> {
        self.braces(what, Parser::matcher)
    }

    fn matcher(&mut self) -> Option<Matcher> {
        let name = self.label_name("a matcher such as `severity=\"critical\"`")?;
        self.matcher_of(name)
    }

    fn matcher_of(&mut self, name: Name) -> Option<Matcher> {
        let (op, op_span) = match tokens::match_op(self.rest()) {
            Ok((rest, op)) => {
                let length = self.rest().len() - rest.len();
                (op, self.take(length))
            }
            Err(_) => match self.peek() {
                Peek::Mark(mark @ ("==" | ":")) => {
                    let span = self.take(mark.len());
                    self.report(
                        Diagnostic::new(
                            &codes::syntax::UNEXPECTED_TOKEN,
                            span,
                            format!("a matcher compares with `=`, not `{mark}`"),
                        )
                        .fix("write `=`", span, "="),
                    );
                    (MatchOp::Equal, span)
                }
                _ => return self.expected("one of `=`, `!=`, `=~`, `!~`"),
            },
        };
        let value = match self.peek() {
            Peek::Param => MatcherValue::Param(self.param()?),
            _ => MatcherValue::Text(self.label_text("the text to match, in quotes")?),
        };
        Some(Matcher { name, op, op_span, value })
    }

    /// A label's name, inside braces where a line may open with any word.
    fn label_name(&mut self, what: &str) -> Option<Name> {
        match self.peek() {
            Peek::Word(word) => {
                Some(Name { text: word.to_string(), kind: NameKind::Plain, span: self.take(word.len()) })
            }
            Peek::Quote => self.name(what),
            _ => self.expected(what),
        }
    }

    /// The text of a label or matcher: one word without quotes is taken for it, and reported.
    fn label_text(&mut self, what: &str) -> Option<Text> {
        if !matches!(self.peek(), Peek::Word(_) | Peek::Number) || self.opens_line {
            return match self.peek() {
                Peek::Quote | Peek::Other('“' | '„' | '”') => self.text(what),
                _ => self.expected(what),
            };
        }
        let span = self.skip_token();
        let value = self.text.get(span.range()).unwrap_or("").to_string();
        self.report(
            Diagnostic::new(&codes::syntax::UNEXPECTED_TOKEN, span, format!("expected {what}"))
                .label("a string stands in quotes")
                .fix("put it in quotes", span, format!("\"{value}\"")),
        );
        Some(Text { value, quote: Quote::Double, span, map: vec![(0, span.start)] })
    }

    /// A series: `up{job="node"}`, `"my.metric"{…}`, `{"my.metric", …}`.
    pub(super) fn selector(&mut self, what: &str) -> Option<Selector> {
        let start = self.pos;
        let mut name = None;
        if self.peek() != Peek::Mark("{") {
            name = Some(self.series_name(what)?);
        }
        let mut matchers = None;
        if self.peek() == Peek::Mark("{") && !self.opens_line {
            matchers = self.braces(what, |p| {
                if p.peek() == Peek::Quote {
                    let quoted = p.name("a label or the metric's name")?;
                    if let Peek::Mark("," | "}") = p.peek() {
                        name = Some(quoted);
                        return None;
                    }
                    return p.matcher_of(quoted);
                }
                p.matcher()
            });
        }
        Some(Selector { name, matchers, span: self.since(start) })
    }

    /// Braces around entries with commas between them.
    pub(super) fn braces<T>(
        &mut self,
        what: &str,
        mut one: impl FnMut(&mut Self) -> Option<T>,
    ) -> Option<Block<T>> {
        let Some(open) = self.accept("{") else { return self.expected(what) };
        let mut items = Vec::new();
        loop {
            if let Some(close) = self.accept("}") {
                return Some(Block { open, items, close });
            }
            if self.peek() == Peek::End || self.braces_end() {
                break;
            }
            let start = self.pos;
            self.lost = false;
            items.extend(one(self));
            if self.lost && !self.skip_to_comma(start) {
                break;
            }
            self.lost = false;
            if self.accept(",").is_none() && self.peek() != Peek::Mark("}") {
                if self.opens_line || !matches!(self.peek(), Peek::Word(_) | Peek::Quote) {
                    break;
                }
                if self.pos == self.last
                    && self.text.get(..self.last).is_some_and(|t| t.ends_with(['"', '\'']))
                {
                    return Some(self.misquoted(open, items));
                }
                let at = self.span(self.last, self.last);
                self.report(
                    Diagnostic::new(&codes::syntax::UNEXPECTED_TOKEN, at, "expected `,` or `}`").fix(
                        "separate the two with a comma",
                        at,
                        ",",
                    ),
                );
            }
        }
        self.unclosed_braces(open);
        Some(Block { open, items, close: self.span(self.last, self.last) })
    }

    fn unclosed_braces(&mut self, open: Span) {
        let at = self.span(self.last, self.last);
        // A string that ran to the line's end has taken the brace with it, and was reported.
        let swallowed = self.diagnostics.last().is_some_and(|d| {
            d.code == &codes::syntax::UNTERMINATED_STRING && d.primary.span.start >= open.start
        });
        if swallowed {
            self.lost = false;
            return;
        }
        self.lost = !self.opens_line;
        self.report(
            Diagnostic::new(&codes::syntax::UNCLOSED_BLOCK, open, "this `{` is never closed")
                .label("opened here")
                .also(at, "expected `,` or `}`")
                .fix("close it with `}`", at, "}"),
        );
    }

    /// True where braces cannot go on: an item starts, or a line opens with a word of ours that is no label here.
    fn braces_end(&self) -> bool {
        let mut ahead = self.ahead();
        self.at_own_word() && {
            ahead.word();
            !ahead.at_mark(&["=", "==", "=~", "!=", "!~", ":", ",", "}"])
        }
    }

    /// `"web, tier="gold"}`: a word right behind a string shows that a quote is missing. What is left of the line
    /// can't be told apart.
    fn misquoted<T>(&mut self, open: Span, items: Vec<T>) -> Block<T> {
        let word = self.token_span();
        self.report(
            Diagnostic::new(&codes::syntax::UNTERMINATED_STRING, word, "a string before this is not closed")
                .label("this would stand between strings")
                .help("see that every text in this line has its two quotes"),
        );
        while !self.opens_line && self.peek() != Peek::End {
            self.skip_token();
        }
        self.lost = false;
        Block { open, items, close: self.span(self.last, self.last) }
    }

    /// Skips a broken entry in braces; false if the braces end before a comma or `}`.
    fn skip_to_comma(&mut self, start: usize) -> bool {
        let mut first = self.pos == start;
        loop {
            match self.peek() {
                Peek::Mark("," | "}") => return true,
                Peek::End | Peek::Mark("{") => return false,
                _ if self.opens_line && (!first || self.braces_end()) => return false,
                _ => {}
            }
            first = false;
            self.skip_token();
        }
    }
}
