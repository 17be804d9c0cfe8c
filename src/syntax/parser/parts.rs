//! The small parts: keywords, words, names, strings, quantities, labels and matchers.

use crate::diagnostic::{Diagnostic, codes, nearest};
use crate::source::Span;
use crate::syntax::ast::{
    Date, Hold, HoldKind, Name, NameKind, Operator, Param, Quantity, Quote, Text, Value, Word,
};
use crate::syntax::keywords::{homes, synonym};
use crate::syntax::{strings, tokens};

use super::{Parser, Peek};

/// Longer words are no typing mistakes.
const MAX_TYPO: usize = 40;

impl<'s> Parser<'s> {
    /// Reports that `what` was expected, and is lost.
    pub(super) fn expected<T>(&mut self, what: &str) -> Option<T> {
        self.lost = true;
        let (span, found) = if self.opens_line || self.peek() == Peek::End {
            let end = if self.peek() == Peek::End { "the end of the file" } else { "the end of the line" };
            (self.span(self.last, self.last), end.to_string())
        } else {
            (self.token_span(), self.found())
        };
        self.report(
            Diagnostic::new(&codes::syntax::UNEXPECTED_TOKEN, span, format!("expected {what}"))
                .label(format!("found {found}")),
        );
        None
    }

    /// The next token's span.
    pub(super) fn token_span(&self) -> Span {
        let length = match self.peek() {
            Peek::Word(word) => word.len(),
            Peek::Number => {
                tokens::quantity(self.rest()).map_or(1, |(rest, _)| self.rest().len() - rest.len())
            }
            Peek::Quote => super::cursor::quoted_length(self.rest()),
            Peek::Param => tokens::param(self.rest()).map_or(1, |(_, word)| word.len() + 1),
            Peek::Mark(mark) => mark.len(),
            Peek::Other(c) => c.len_utf8(),
            Peek::End => 0,
        };
        self.span(self.pos, self.pos + length)
    }

    /// The next token as messages show it.
    pub(super) fn found(&self) -> String {
        match self.peek() {
            Peek::End => "the end of the file".to_string(),
            Peek::Quote => "a string".to_string(),
            _ => format!("`{}`", shortened(self.text.get(self.token_span().range()).unwrap_or(""))),
        }
    }

    pub(super) fn accept(&mut self, mark: &str) -> Option<Span> {
        (self.peek() == Peek::Mark(mark)).then(|| self.take(mark.len()))
    }

    pub(super) fn accept_word(&mut self, word: &str) -> Option<Span> {
        (self.peek() == Peek::Word(word)).then(|| self.take(word.len()))
    }

    /// One of the keywords `words`, or the one that was meant. `what` starts with it: "a property of an alert".
    pub(super) fn keyword(&mut self, what: &str, words: &[&'static str]) -> Option<(&'static str, Span)> {
        let Peek::Word(word) = self.peek() else { return self.expected(what) };
        if let Some(keyword) = words.iter().find(|k| **k == word) {
            return Some((keyword, self.take(word.len())));
        }
        if self.at_own_word() && !words.is_empty() && self.words != words {
            return self.expected(what);
        }
        let span = self.token_span();
        let homes = homes(word);
        if !homes.is_empty() {
            self.lost = true;
            self.take(word.len());
            self.report(
                Diagnostic::new(&codes::syntax::MISPLACED_ITEM, span, format!("`{word}` cannot stand here"))
                    .label(format!("expected {what}"))
                    .help(format!("it belongs in {}", homes.join(", "))),
            );
            return None;
        }
        let meant = synonym(word)
            .filter(|s| words.contains(s))
            .or_else(|| if word.len() > MAX_TYPO { None } else { nearest(word, words.iter().copied()) });
        let mut diagnostic = Diagnostic::new(
            &codes::syntax::UNKNOWN_KEYWORD,
            span,
            format!("`{}` is not {what}", shortened(word)),
        );
        diagnostic = match meant {
            Some(meant) => diagnostic.label(format!("did you mean `{meant}`?")).fix(
                format!("write `{meant}`"),
                span,
                meant,
            ),
            None => diagnostic.label("not a keyword").help(format!("expected {}", one_of(words))),
        };
        self.report(diagnostic);
        let keyword = meant.and_then(|m| words.iter().find(|k| **k == m));
        self.lost |= keyword.is_none();
        let span = self.take(word.len());
        keyword.map(|k| (*k, span))
    }

    /// A word that names something.
    pub(super) fn word(&mut self, what: &str) -> Option<Word> {
        match self.peek() {
            Peek::Word(word) if !self.at_own_word() => {
                Some(Word { text: word.to_string(), span: self.take(word.len()) })
            }
            _ => self.expected(what),
        }
    }

    /// A name: bare, a string, or a parameter.
    pub(super) fn name(&mut self, what: &str) -> Option<Name> {
        self.name_of(what, tokens::name)
    }

    /// The name of a series.
    pub(super) fn series_name(&mut self, what: &str) -> Option<Name> {
        if self.peek() == Peek::Mark(":") {
            let (_, name) = tokens::series_name(self.rest()).ok()?;
            return Some(Name { text: name.to_string(), kind: NameKind::Plain, span: self.take(name.len()) });
        }
        self.name_of(what, tokens::series_name)
    }

    fn name_of(&mut self, what: &str, token: fn(&str) -> nom::IResult<&str, &str>) -> Option<Name> {
        match self.peek() {
            Peek::Word(_) if !self.at_own_word() => {
                let (_, text) = token(self.rest()).ok()?;
                let text = text.to_string();
                if self
                    .rest()
                    .get(text.len()..)
                    .is_some_and(|r| r.starts_with(|c: char| !c.is_ascii() && c.is_alphabetic()))
                {
                    return self.foreign_name();
                }
                let span = self.take(text.len());
                Some(Name { text, kind: NameKind::Plain, span })
            }
            Peek::Quote => {
                let text = self.text(what)?;
                Some(Name { text: text.value, kind: NameKind::Quoted, span: text.span })
            }
            Peek::Param => {
                let param = self.param()?;
                Some(Name { text: param.name, kind: NameKind::Param, span: param.span })
            }
            Peek::Other(_) if !self.opens_line => self.foreign_name(),
            _ => self.expected(what),
        }
    }

    /// A name that must stand in quotes.
    fn foreign_name(&mut self) -> Option<Name> {
        let rest = self.rest();
        let ends = |c: char| !(c.is_ascii_alphanumeric() || "_-.".contains(c) || !c.is_ascii());
        let text = rest.get(..rest.find(ends).unwrap_or(rest.len()))?.to_string();
        let span = self.take(text.len());
        self.report(
            Diagnostic::new(&codes::syntax::UNEXPECTED_TOKEN, span, "this name must stand in quotes")
                .label("a bare name has ASCII letters, digits and `_`, joined by `.`, `:` or `-`")
                .fix("write it as a string", span, format!("\"{text}\"")),
        );
        Some(Name { text, kind: NameKind::Quoted, span })
    }

    /// `$name`.
    pub(super) fn param(&mut self) -> Option<Param> {
        let (_, name) = tokens::param(self.rest()).ok()?;
        Some(Param { name: name.to_string(), span: self.take(name.len() + 1) })
    }

    /// Several of something, separated by commas.
    pub(super) fn list<T>(&mut self, mut one: impl FnMut(&mut Self) -> Option<T>) -> Vec<T> {
        let mut all = Vec::new();
        loop {
            all.extend(one(self));
            if self.lost || self.accept(",").is_none() {
                return all;
            }
        }
    }

    /// A string. Text without quotes up to the end of the line is taken for one, and reported.
    pub(super) fn text(&mut self, what: &str) -> Option<Text> {
        if self.peek() == Peek::Quote {
            let scanned = strings::scan(self.file, self.cursor.text, self.pos)?;
            for problem in scanned.problems {
                self.report(problem);
            }
            self.take(scanned.text.span.len());
            return Some(scanned.text);
        }
        if let Peek::Other(open @ ('“' | '„' | '”' | '‘' | '’' | '«')) = self.peek() {
            return self.typographic(open);
        }
        if self.opens_line || !matches!(self.peek(), Peek::Word(_) | Peek::Number | Peek::Other(_)) {
            return self.expected(what);
        }
        let rest = self.rest();
        let line = rest.split('\n').next().unwrap_or("");
        let end = line.find(" #").unwrap_or(line.len());
        let bare = line.get(..end).unwrap_or("").trim_end().trim_end_matches('}').trim_end();
        let span = self.take(bare.len());
        self.report(
            Diagnostic::new(&codes::syntax::UNEXPECTED_TOKEN, span, format!("expected {what}"))
                .label("a string stands in quotes")
                .fix("put it in quotes", span, quoted(bare)),
        );
        Some(Text { value: bare.to_string(), quote: Quote::Double, span, map: vec![(0, span.start)] })
    }

    /// A string in quotes that a word processor made.
    fn typographic(&mut self, open: char) -> Option<Text> {
        let rest = self.rest();
        let line = rest.split('\n').next().unwrap_or("");
        let inner = line.get(open.len_utf8()..)?;
        let length = inner.find(['”', '“', '’', '»', '"']).unwrap_or(inner.len());
        let close = inner.get(length..).and_then(|t| t.chars().next()).map_or(0, char::len_utf8);
        let value = inner.get(..length)?.to_string();
        let span = self.take(open.len_utf8() + length + close);
        self.report(
            Diagnostic::new(&codes::syntax::UNEXPECTED_TOKEN, span, "strings stand in straight quotes")
                .label(format!("`{open}` is no quote of the language"))
                .fix("write straight quotes", span, quoted(&value)),
        );
        let from = span.start + open.len_utf8() as u32;
        Some(Text { value, quote: Quote::Double, span, map: vec![(0, from)] })
    }

    /// A number and its unit.
    pub(super) fn quantity(&mut self, what: &str) -> Option<Quantity> {
        let Ok((rest, (number, unit))) = tokens::quantity(self.rest()) else { return self.expected(what) };
        let length = self.rest().len() - rest.len();
        let (number, mut unit) = (number.to_string(), unit.to_string());
        let mut span = self.take(length);
        if unit.is_empty()
            && !self.opens_line
            && let Some(apart) = self.unit_apart()
        {
            let gap = self.span(self.last, self.pos);
            let unit_span = self.take(apart.len());
            unit = apart.to_string();
            span = span.to(unit_span);
            self.report(
                Diagnostic::new(
                    &codes::syntax::SPACE_IN_QUANTITY,
                    span,
                    "no space stands between number and unit",
                )
                .label(format!("expected `{number}{unit}`"))
                .fix("remove the space", gap, ""),
            );
        }
        Some(Quantity { number, unit, span })
    }

    /// A unit behind a space: `%`, or a word that can be nothing else.
    fn unit_apart(&self) -> Option<&'s str> {
        const UNITS: &[&str] = &[
            "ms", "s", "m", "h", "d", "w", "y", "B", "kB", "MB", "GB", "TB", "KiB", "MiB", "GiB", "TiB",
            "seconds", "minutes", "hours", "days", "bytes", "percent",
        ];
        match self.peek() {
            Peek::Mark("%") => Some("%"),
            Peek::Word(word) => UNITS.contains(&word).then_some(word),
            _ => None,
        }
    }

    /// A quantity or a parameter.
    pub(super) fn value(&mut self, what: &str) -> Option<Value> {
        if self.peek() == Peek::Param {
            return self.param().map(Value::Param);
        }
        self.quantity(what).map(Value::Quantity)
    }

    /// A duration or a parameter. A quantity that is no duration is reported and kept.
    pub(super) fn duration(&mut self) -> Option<Value> {
        let value = self.value("a duration such as `5m`")?;
        if let Value::Quantity(quantity) = &value
            && quantity.duration_ms().is_none_or(|ms| ms < 0)
        {
            let written = format!("{}{}", quantity.number, quantity.unit);
            let mut diagnostic = Diagnostic::new(
                &codes::syntax::NOT_A_DURATION,
                quantity.span,
                format!("`{}` is no duration", shortened(&written)),
            )
            .label("expected whole numbers with `y w d h m s ms`, such as `5m` or `1h30m`");
            if let Some(meant) = written_duration(quantity) {
                diagnostic = diagnostic.fix(format!("write `{meant}`"), quantity.span, meant);
            }
            self.report(diagnostic);
        }
        Some(value)
    }

    /// `for …` and `keep_firing_for …` behind something, on its line: one that opens a line is the alert's own.
    pub(super) fn holds(&mut self) -> Vec<Hold> {
        let mut holds = Vec::new();
        while !self.opens_line && !self.lost {
            let kind = match self.peek() {
                Peek::Word("for") => HoldKind::For,
                Peek::Word("keep_firing_for") => HoldKind::KeepFiringFor,
                _ => break,
            };
            let keyword = self.take(kind.as_str().len());
            holds.extend(self.duration().map(|duration| Hold { kind, keyword, duration }));
        }
        holds
    }

    /// A date or date-time.
    pub(super) fn date(&mut self) -> Option<Date> {
        match tokens::date(self.rest()) {
            Ok((_, date)) => Some(Date { text: date.to_string(), span: self.take(date.len()) }),
            Err(_) => self.expected("a date such as `2027-01-31` or `2027-01-31T21:30:00Z`"),
        }
    }

    /// A comparison.
    pub(super) fn operator(&mut self, what: &str) -> Option<Operator> {
        if let Ok((rest, op)) = tokens::comparison(self.rest()) {
            let length = self.rest().len() - rest.len();
            return Some(Operator { op, span: self.take(length) });
        }
        match self.mistaken_operator() {
            Some(operator) => Some(operator),
            None => self.expected(what),
        }
    }
}

/// `text` as a string.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// `1h30m` for `1.5h` and `5m` for `5minutes`, when it can be written so.
fn written_duration(quantity: &Quantity) -> Option<String> {
    let unit = match quantity.unit.as_str() {
        "sec" | "secs" | "second" | "seconds" | "s" => 1000.0,
        "min" | "mins" | "minute" | "minutes" | "m" => 60_000.0,
        "hour" | "hours" | "hr" | "hrs" | "h" => 3_600_000.0,
        "day" | "days" | "d" => 86_400_000.0,
        "week" | "weeks" | "w" => 604_800_000.0,
        _ => return None,
    };
    let total = quantity.number().filter(|n| *n > 0.0)? * unit;
    if total.fract() != 0.0 || total > 1e12 {
        return None;
    }
    let mut left = total as u64;
    let mut written = String::new();
    for (name, size) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)] {
        if left >= size {
            written.push_str(&format!("{}{name}", left / size));
            left %= size;
        }
    }
    Some(written)
}

/// The start of a long text.
pub(super) fn shortened(text: &str) -> String {
    const MAX: usize = 40;
    let line = text.split('\n').next().unwrap_or("");
    if line.len() == text.len() && text.len() <= MAX {
        return text.to_string();
    }
    let short: String = line.chars().take(MAX).collect();
    format!("{short}…")
}

/// "`a`, `b` or `c`"
pub(super) fn one_of(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|w| format!("`{w}`")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        Some((last, _)) => last.clone(),
        None => String::new(),
    }
}
