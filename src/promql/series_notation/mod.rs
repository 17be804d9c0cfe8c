//! The notation of test series' values: `1+1x10 _x5 stale {{schema:0 sum:5 count:2 buckets:[1 1]}}x3`.
//!
//! Facts: Prometheus promql/parser/generated_parser.y series_values and lex.go lexValueSequence. A repetition stays
//! one item, so that `1+1x1000000000` costs nothing until someone asks for its samples.

mod histogram;
mod points;

pub use histogram::HistogramLiteral;

use super::lexer::{TokenKind, is_word_byte, number_value};
use super::parser::{MetricLabels, parse_metric};
use crate::diagnostic::{Diagnostic, codes::promql as codes};
use crate::source::{FileId, Span};

/// The bits of the NaN that marks a series as stale.
pub const STALE_NAN: u64 = 0x7ff0_0000_0000_0002;

/// A run of samples.
#[derive(Debug, Clone, PartialEq)]
pub enum SeriesItem {
    /// No samples for so many intervals: `_`, `_x5`.
    Missing {
        /// How many; `_x0` is none.
        count: u64,
    },
    /// Floats: `5`, `5x3`, `5+1x3`, `stale`.
    Floats {
        /// The first value; of the bits [`STALE_NAN`] for `stale`.
        first: f64,
        /// Added to get each next value, one after the other: not `first + i * step`, whose rounding differs.
        /// Without a step every value is the first, bit by bit.
        step: Option<f64>,
        /// How many follow the first: the run has one more sample.
        repeat: u64,
    },
    /// Native histograms: `{{…}}`, `{{…}}x3`, `{{…}}+{{…}}x3`.
    Histograms {
        /// The first one.
        first: Box<HistogramLiteral>,
        /// Added, or subtracted, to get each next one from the one before.
        step: Option<(StepSign, Box<HistogramLiteral>)>,
        /// How many follow the first: the run has one more sample.
        repeat: u64,
    },
}

/// Whether a step is added or subtracted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepSign {
    /// `+`
    Add,
    /// `-`
    Sub,
}

impl SeriesItem {
    /// How many intervals the run covers.
    pub fn len(&self) -> u64 {
        match self {
            SeriesItem::Missing { count } => *count,
            SeriesItem::Floats { repeat, .. } | SeriesItem::Histograms { repeat, .. } => {
                repeat.saturating_add(1)
            }
        }
    }

    /// True for `_x0`.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Parses values. `base_offset` is added to every span: the place of `text` in `file`.
///
/// Items that are wrong are left out; each has its error.
pub fn parse_values(text: &str, file: FileId, base_offset: usize) -> (Vec<SeriesItem>, Vec<Diagnostic>) {
    let mut cursor = Cursor { text, at: 0, file, base: base_offset, diagnostics: Vec::new() };
    let mut items = Vec::new();
    loop {
        cursor.skip_spaces();
        if cursor.rest().is_empty() {
            return (items, cursor.diagnostics);
        }
        let start = cursor.at;
        match cursor.item() {
            Ok(item) => items.push(item),
            Err(diagnostic) => {
                cursor.diagnostics.push(*diagnostic);
                cursor.skip_item(start);
            }
        }
    }
}

/// Parses `metric{label="value"} values` (Prometheus parser.ParseSeriesDesc).
pub fn parse_series(
    text: &str,
    file: FileId,
    base_offset: usize,
) -> (MetricLabels, Vec<SeriesItem>, Vec<Diagnostic>) {
    let (labels, end, mut diagnostics) = parse_metric(text, false, file, base_offset);
    if !diagnostics.is_empty() {
        return (labels, Vec::new(), diagnostics);
    }
    let rest = text.get(end..).unwrap_or("");
    if !rest.is_empty() && !rest.starts_with([' ', '\t', '\n', '\r']) {
        let span = Span::new(
            file,
            base_offset + end,
            base_offset + end + rest.chars().next().map_or(0, char::len_utf8),
        );
        diagnostics.push(Diagnostic::new(
            &codes::SERIES,
            span,
            "a space stands between a series and its values",
        ));
    }
    let (items, more) = parse_values(rest, file, base_offset + end);
    diagnostics.extend(more);
    (labels, items, diagnostics)
}

type Parsed<T> = Result<T, Box<Diagnostic>>;

/// The text and how far it is read.
struct Cursor<'a> {
    text: &'a str,
    at: usize,
    file: FileId,
    base: usize,
    diagnostics: Vec<Diagnostic>,
}

impl<'a> Cursor<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn eat(&mut self, prefix: &str) -> bool {
        let found = self.rest().starts_with(prefix);
        if found {
            self.at += prefix.len();
        }
        found
    }

    /// True when at least one space was there.
    fn skip_spaces(&mut self) -> bool {
        let spaces = self.rest().bytes().take_while(|b| matches!(b, b' ' | b'\t' | b'\n' | b'\r')).count();
        self.at += spaces;
        spaces > 0
    }

    /// On to the next item, past a histogram's spaces.
    fn skip_item(&mut self, start: usize) {
        let rest = self.text.get(start..).unwrap_or("");
        let length = match (rest.starts_with("{{"), rest.find("}}")) {
            (true, Some(close)) => {
                close + rest.get(close..).map_or(0, |r| r.find(is_space).unwrap_or(r.len()))
            }
            _ => rest.find(is_space).unwrap_or(rest.len()),
        };
        self.at = self.at.max(start + length);
        // What is left of the item the error was found in.
        let rest = self.rest();
        self.at += rest.find(is_space).unwrap_or(rest.len());
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, self.base + start, self.base + end)
    }

    fn error(&self, start: usize, end: usize, message: impl Into<String>) -> Box<Diagnostic> {
        Box::new(Diagnostic::new(&codes::SERIES, self.span(start, end), message))
    }

    /// "expected …, found …" at the current place.
    fn expected(&self, what: &str) -> Box<Diagnostic> {
        let next = self.rest().chars().next();
        let found = match next {
            None => "the end of the values".to_string(),
            Some(c) if is_space(c) => "a space".to_string(),
            Some(c) => format!("`{c}`"),
        };
        let end = self.at + next.map_or(0, char::len_utf8);
        let mut diagnostic = self.error(self.at, end, format!("expected {what}, found {found}"));
        diagnostic.primary.text = format!("expected {what}");
        diagnostic
    }

    fn item(&mut self) -> Parsed<SeriesItem> {
        let start = self.at;
        let item = if self.eat("{{") {
            self.histograms()?
        } else if self.eat("_") {
            SeriesItem::Missing { count: if self.eat("x") { self.count()? } else { 1 } }
        } else {
            self.floats()?
        };
        match self.rest().chars().next() {
            None => Ok(item),
            Some(c) if is_space(c) => Ok(item),
            Some(_) => {
                let mut diagnostic = self.expected("a space");
                if let SeriesItem::Floats { .. } = item {
                    diagnostic =
                        Box::new(diagnostic.also(self.span(start, self.at), "this item is complete"));
                }
                Err(diagnostic)
            }
        }
    }

    fn floats(&mut self) -> Parsed<SeriesItem> {
        let first = if self.rest().starts_with(|c: char| c.is_ascii_alphabetic()) {
            self.word()?
        } else {
            self.signed_number("a number, `_` or `stale`")?
        };
        let start = self.at;
        let step = match self.rest().bytes().next() {
            Some(b'+' | b'-') => Some(self.signed_number("a number")?),
            _ => None,
        };
        if self.eat("x") {
            return Ok(SeriesItem::Floats { first, step, repeat: self.count()? });
        }
        if step.is_some() {
            let mut diagnostic = self.expected("`x` and how often the step is made");
            diagnostic = Box::new(
                diagnostic
                    .also(self.span(start, self.at), "the step")
                    .help("`1+2x3` is the values 1, 3, 5 and 7"),
            );
            return Err(diagnostic);
        }
        Ok(SeriesItem::Floats { first, step: None, repeat: 0 })
    }

    /// `stale`, `Inf` or `NaN`.
    fn word(&mut self) -> Parsed<f64> {
        let length = self.rest().bytes().take_while(|b| is_word_byte(char::from(*b)) || *b == b':').count();
        let word = self.rest().get(..length).unwrap_or("");
        let start = self.at;
        self.at += length;
        match word {
            "stale" => Ok(f64::from_bits(STALE_NAN)),
            w if w.eq_ignore_ascii_case("inf") => Ok(f64::INFINITY),
            w if w.eq_ignore_ascii_case("nan") => Ok(f64::NAN),
            w => {
                let diagnostic = self.error(start, self.at, format!("`{w}` is no value"));
                let repeated =
                    w.find('x').is_some_and(|x| matches!(&w[..x], "stale" | "Inf" | "inf" | "NaN" | "nan"));
                Err(Box::new(if repeated {
                    diagnostic.label("cannot be repeated").help("write it as often as it is wanted")
                } else if w.eq_ignore_ascii_case("stale") {
                    let span = self.span(start, self.at);
                    diagnostic.label("in lower case").fix("write `stale`", span, "stale")
                } else {
                    diagnostic.label("expected a number, `_`, `stale` or `{{`")
                }))
            }
        }
    }

    fn signed_number(&mut self, what: &str) -> Parsed<f64> {
        let negative = match self.rest().bytes().next() {
            Some(b'-') => true,
            Some(b'+') => false,
            _ => return self.number(what),
        };
        self.at += 1;
        let value = self.number(what)?;
        Ok(if negative { -value } else { value })
    }

    /// An unsigned number; hexadecimal numbers and durations are none here.
    fn number(&mut self, what: &str) -> Parsed<f64> {
        let rest = self.rest();
        for word in ["inf", "nan"] {
            let found = rest.get(..3).is_some_and(|w| w.eq_ignore_ascii_case(word));
            if found && !rest[3..].starts_with(is_word_byte) {
                self.at += 3;
                return Ok(if word == "inf" { f64::INFINITY } else { f64::NAN });
            }
        }
        let mut exponent = false;
        let length = rest
            .bytes()
            .take_while(|b| {
                let sign = matches!(b, b'+' | b'-') && exponent;
                exponent = matches!(b, b'e' | b'E');
                b.is_ascii_digit() || matches!(b, b'.' | b'_') || exponent || sign
            })
            .count();
        let text = rest.get(..length).unwrap_or("");
        if !text.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
            return Err(self.expected(what));
        }
        let start = self.at;
        self.at += length;
        if self.rest().starts_with(|c: char| c.is_ascii_alphabetic() && c != 'x') {
            let unit = self.rest().bytes().take_while(u8::is_ascii_alphanumeric).count();
            self.at += unit;
            let written = self.text.get(start..self.at).unwrap_or("");
            let diagnostic = self.error(start, self.at, format!("`{written}` is no number"));
            return Err(Box::new(diagnostic.label("values are plain numbers, without units")));
        }
        number_value(text, TokenKind::Number).map_err(|reason| {
            Box::new(self.error(start, self.at, format!("`{text}` is no number")).label(reason))
        })
    }

    /// The digits behind `x`.
    fn count(&mut self) -> Parsed<u64> {
        let digits =
            self.rest().bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_' || *b == b'.').count();
        let text = self.rest().get(..digits).unwrap_or("");
        if text.is_empty() {
            return Err(self.expected("how often, in digits"));
        }
        let start = self.at;
        self.at += digits;
        let plain = text.bytes().all(|b| b.is_ascii_digit());
        text.parse().ok().filter(|_| plain).ok_or_else(|| {
            let diagnostic = self.error(start, self.at, format!("`{text}` is no number of repetitions"));
            Box::new(diagnostic.label("expected digits, up to 2^64 - 1"))
        })
    }
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}

#[cfg(test)]
mod tests;
