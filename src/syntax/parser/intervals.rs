//! Time intervals: spans of weekdays, times, months, days and years.

use crate::alertmanager::time_interval::{MONTHS, WEEKDAYS};
use crate::diagnostic::{Diagnostic, codes, nearest};
use crate::source::Span;
use crate::syntax::ast::{Clock, IntervalPart, IntervalSpan, TimeInterval};
use crate::syntax::tokens;

use super::parts::shortened;
use super::{Parser, Peek};

const PART: &str = "a weekday, a time such as `09:00-17:00`, a month, `days` or `years`";

impl Parser<'_> {
    /// `time_interval NAME { … }`, behind the keyword.
    pub(super) fn time_interval(&mut self, start: usize) -> Option<TimeInterval> {
        let name = self.name("the interval's name")?;
        let body = self.block(&["in"], |p| {
            let start = p.pos;
            let mut parts = Vec::new();
            while !p.lost && !matches!(p.peek(), Peek::End | Peek::Mark("}" | ",") | Peek::Word("in")) {
                parts.extend(p.interval_part());
            }
            let span = p.since(start);
            if parts.is_empty() && !p.lost {
                return p.expected(PART);
            }
            let keyword = if p.lost { None } else { p.accept_word("in") };
            let zone = keyword.and_then(|keyword| {
                p.text("a time zone such as \"Europe/London\"").map(|text| (keyword, text))
            });
            if !p.lost {
                p.accept(",");
            }
            Some(IntervalSpan { parts, zone, span })
        })?;
        Some(TimeInterval { name, body, span: self.since(start) })
    }

    fn interval_part(&mut self) -> Option<IntervalPart> {
        let start = self.pos;
        match self.peek() {
            Peek::Word("days") => {
                self.take(4);
                let (from, to) = self.integers("a day of the month: 1 to 31, or -1 for the last", |d| {
                    (1..=31).contains(&d.abs())
                })?;
                Some(IntervalPart::Days { from, to, span: self.since(start) })
            }
            Peek::Word("years") => {
                self.take(5);
                let (from, to) = self.integers("a year such as 2026", |y| (1970..=9999).contains(&y))?;
                Some(IntervalPart::Years { from, to, span: self.since(start) })
            }
            Peek::Word(word) => {
                let month = named(word, &MONTHS).is_some() && named(word, &WEEKDAYS).is_none();
                let names: &[&str] = if month { &MONTHS } else { &WEEKDAYS };
                let from = self.calendar_name(names)?;
                let to = match self.accept(":") {
                    Some(_) => self.calendar_name(names)?,
                    None => from,
                };
                let span = self.since(start);
                Some(match month {
                    true => IntervalPart::Months { from: from + 1, to: to + 1, span },
                    false => IntervalPart::Weekdays { from, to, span },
                })
            }
            Peek::Number => {
                let from = self.clock()?;
                if self.accept("-").is_none() {
                    return self.expected("`-` and the time it ends");
                }
                let to = self.clock()?;
                Some(IntervalPart::Times { from, to })
            }
            _ => self.expected(PART),
        }
    }

    /// The index of a weekday or month, or of the one that was meant.
    fn calendar_name(&mut self, names: &[&'static str]) -> Option<u8> {
        let Peek::Word(word) = self.peek() else { return self.expected("its last day or month") };
        let span = self.take(word.len());
        if let Some(index) = names.iter().position(|n| *n == word) {
            return u8::try_from(index).ok();
        }
        let meant = named(word, names);
        let diagnostic = Diagnostic::new(
            &codes::syntax::INVALID_INTERVAL,
            span,
            format!("`{}` is no part of a time interval", shortened(word)),
        );
        let diagnostic = match meant.and_then(|i| names.get(usize::from(i))) {
            Some(name) => diagnostic.label(format!("did you mean `{name}`?")).fix(
                format!("write `{name}`"),
                span,
                *name,
            ),
            None => diagnostic.label(format!("expected {PART}")),
        };
        self.report(diagnostic);
        self.lost |= meant.is_none();
        meant
    }

    fn clock(&mut self) -> Option<Clock> {
        if let Ok((rest, minutes)) = tokens::clock(self.rest()) {
            let length = self.rest().len() - rest.len();
            return Some(Clock { minutes, span: self.take(length) });
        }
        if self.peek() == Peek::End || self.opens_line {
            return self.expected("a time such as `17:00`");
        }
        let length = self
            .rest()
            .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, ':' | '.')))
            .unwrap_or(self.rest().len())
            .max(self.rest().chars().next().map_or(0, char::len_utf8));
        self.invalid(length, "expected a time from `00:00` to `24:00`")
    }

    /// `a` or `a:b`.
    fn integers(&mut self, what: &str, valid: impl Fn(i32) -> bool) -> Option<(i32, i32)> {
        let from = self.integer(what, &valid)?;
        let to = match self.accept(":") {
            Some(_) => self.integer(what, &valid)?,
            None => from,
        };
        Some((from, to))
    }

    fn integer(&mut self, what: &str, valid: &impl Fn(i32) -> bool) -> Option<i32> {
        match tokens::integer(self.rest()) {
            Ok((rest, number)) => {
                let length = self.rest().len() - rest.len();
                if valid(number) {
                    self.take(length);
                    return Some(number);
                }
                self.invalid(length, &format!("expected {what}"))
            }
            Err(_) => self.expected(what),
        }
    }

    fn invalid<T>(&mut self, length: usize, expected: &str) -> Option<T> {
        let span: Span = self.span(self.pos, self.pos + length);
        let text = shortened(self.text.get(span.range()).unwrap_or(""));
        self.take(span.len());
        self.lost = true;
        self.report(
            Diagnostic::new(
                &codes::syntax::INVALID_INTERVAL,
                span,
                format!("`{text}` is no part of a time interval"),
            )
            .label(expected),
        );
        None
    }
}

/// The index of the name that `word` is, shortens or resembles.
fn named(word: &str, names: &[&'static str]) -> Option<u8> {
    let lower = word.to_ascii_lowercase();
    let index = names
        .iter()
        .position(|n| *n == lower)
        .or_else(|| names.iter().position(|n| lower.len() >= 3 && n.starts_with(&lower)))
        .or_else(|| {
            if word.len() > 20 {
                return None;
            }
            let near = nearest(word, names.iter().copied())?;
            names.iter().position(|n| *n == near)
        })?;
    u8::try_from(index).ok()
}
