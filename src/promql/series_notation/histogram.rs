//! Native histograms in series notation: `{{schema:1 sum:3.5 count:4 buckets:[1 2 1] offset:-1}}`.

use super::{Cursor, Parsed, SeriesItem, StepSign, is_space};
use crate::diagnostic::nearest;
use crate::promql::histogram::CounterResetHint;

/// A native histogram as it was written. Nothing is derived: `count` is not the sum of the buckets.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct HistogramLiteral {
    /// `schema`: the resolution; -53 for custom bounds. Its range is not checked here.
    pub schema: i32,
    /// `sum`
    pub sum: f64,
    /// `count`
    pub count: f64,
    /// `z_bucket`: observations in the zero bucket.
    pub zero_count: f64,
    /// `z_bucket_w`: the width of the zero bucket.
    pub zero_threshold: f64,
    /// `buckets`: absolute counts of adjacent buckets, the first of them at [`HistogramLiteral::offset`].
    pub buckets: Vec<f64>,
    /// `offset`
    pub offset: i32,
    /// `n_buckets`: the same for negative observations.
    pub negative_buckets: Vec<f64>,
    /// `n_offset`
    pub negative_offset: i32,
    /// `custom_values`: the upper bounds of custom buckets.
    pub custom_values: Vec<f64>,
    /// `counter_reset_hint`, if written.
    pub counter_reset_hint: Option<CounterResetHint>,
}

const KEYS: [&str; 11] = [
    "schema",
    "sum",
    "count",
    "z_bucket",
    "z_bucket_w",
    "custom_values",
    "buckets",
    "offset",
    "n_buckets",
    "n_offset",
    "counter_reset_hint",
];

impl Cursor<'_> {
    /// The rest of an item whose `{{` is read.
    pub(super) fn histograms(&mut self) -> Parsed<SeriesItem> {
        let start = self.at;
        let first = Box::new(self.histogram()?);
        let sign = match self.rest().bytes().next() {
            Some(b'+') => StepSign::Add,
            Some(b'-') => StepSign::Sub,
            Some(b'x') => {
                self.at += 1;
                return Ok(SeriesItem::Histograms { first, step: None, repeat: self.count()? });
            }
            _ => return Ok(SeriesItem::Histograms { first, step: None, repeat: 0 }),
        };
        self.at += 1;
        if !self.eat("{{") {
            return Err(self.expected("a histogram, `{{…}}`,"));
        }
        let step = self.histogram()?;
        if !self.eat("x") {
            return Err(self.expected("`x` and how often the step is made"));
        }
        let repeat = self.count()?;
        if repeat > 0 && first.schema > step.schema {
            let message = format!(
                "a histogram of schema {} cannot step by one of schema {}",
                first.schema, step.schema
            );
            return Err(self.error(start, self.at, message));
        }
        Ok(SeriesItem::Histograms { first, step: Some((sign, Box::new(step))), repeat })
    }

    /// A histogram whose `{{` is read.
    fn histogram(&mut self) -> Parsed<HistogramLiteral> {
        let mut histogram = HistogramLiteral::default();
        let mut seen: Vec<&str> = Vec::new();
        let open = self.at;
        let spaced = self.skip_spaces();
        if self.eat("}}") {
            return Ok(histogram);
        }
        if spaced {
            let diagnostic = self.error(open, self.at, "no space may stand behind `{{`");
            let span = diagnostic.primary.span;
            return Err(Box::new(diagnostic.fix("remove the space", span, "")));
        }
        loop {
            let key = self.key()?;
            if seen.contains(&key) {
                return Err(self.error(
                    self.at - key.len() - 1,
                    self.at - 1,
                    format!("`{key}` is given twice"),
                ));
            }
            seen.push(key);
            self.value(key, &mut histogram)?;
            let spaced = self.skip_spaces();
            if self.eat("}}") {
                return Ok(histogram);
            }
            if self.rest().is_empty() {
                let diagnostic = self.error(open - 2, open, "this histogram is never closed");
                return Err(Box::new(diagnostic.label("no `}}` follows")));
            }
            if !spaced {
                return Err(self.expected("a space or `}}`"));
            }
        }
    }

    /// A key and its colon.
    fn key(&mut self) -> Parsed<&'static str> {
        let length = self.rest().bytes().take_while(|b| b.is_ascii_alphabetic() || *b == b'_').count();
        let word = self.rest().get(..length).unwrap_or("");
        if word.is_empty() {
            return Err(self.expected("a part of a histogram, such as `sum:5`,"));
        }
        let Some(key) = KEYS.iter().find(|k| k.eq_ignore_ascii_case(word)) else {
            let diagnostic = self
                .error(self.at, self.at + length, format!("a histogram has no `{word}`"))
                .help(format!("it has {}", KEYS.join(", ")));
            return Err(Box::new(match nearest(word, KEYS) {
                Some(near) => {
                    let span = diagnostic.primary.span;
                    diagnostic.fix(format!("write `{near}`"), span, near)
                }
                None => diagnostic,
            }));
        };
        self.at += length;
        if !self.eat(":") {
            return Err(self.expected("`:`"));
        }
        Ok(key)
    }

    fn value(&mut self, key: &str, h: &mut HistogramLiteral) -> Parsed<()> {
        match key {
            "schema" => h.schema = self.int()?,
            "offset" => h.offset = self.int()?,
            "n_offset" => h.negative_offset = self.int()?,
            "sum" => h.sum = self.minus_number()?,
            "count" => h.count = self.minus_number()?,
            "z_bucket" => h.zero_count = self.minus_number()?,
            "z_bucket_w" => h.zero_threshold = self.number("a number without a sign")?,
            "buckets" => h.buckets = self.list()?,
            "n_buckets" => h.negative_buckets = self.list()?,
            "custom_values" => h.custom_values = self.list()?,
            _ => h.counter_reset_hint = Some(self.hint()?),
        }
        Ok(())
    }

    fn int(&mut self) -> Parsed<i32> {
        let start = self.at;
        let negative = self.eat("-");
        let value = i64::try_from(self.count()?).unwrap_or(i64::MAX);
        let value = if negative { -value } else { value };
        i32::try_from(value).map_err(|_| self.error(start, self.at, "this number is out of range"))
    }

    fn minus_number(&mut self) -> Parsed<f64> {
        let negative = self.eat("-");
        let value = self.number("a number")?;
        Ok(if negative { -value } else { value })
    }

    fn list(&mut self) -> Parsed<Vec<f64>> {
        if !self.eat("[") {
            return Err(self.expected("a list of numbers in `[` and `]`"));
        }
        let mut values = vec![self.minus_number()?];
        loop {
            let spaced = self.skip_spaces();
            if self.eat("]") {
                return Ok(values);
            }
            if !spaced {
                return Err(self.expected("a space or `]`"));
            }
            values.push(self.minus_number()?);
        }
    }

    fn hint(&mut self) -> Parsed<CounterResetHint> {
        let rest = self.rest();
        let word = rest.get(..rest.find(|c| is_space(c) || c == '}').unwrap_or(rest.len())).unwrap_or("");
        let hint = match word.to_ascii_lowercase().as_str() {
            "unknown" => CounterResetHint::Unknown,
            "reset" => CounterResetHint::Reset,
            "not_reset" => CounterResetHint::NotReset,
            "gauge" => CounterResetHint::Gauge,
            _ => {
                let diagnostic =
                    self.error(self.at, self.at + word.len(), format!("`{word}` is no counter reset hint"));
                return Err(Box::new(
                    diagnostic.label("expected `unknown`, `reset`, `not_reset` or `gauge`"),
                ));
            }
        };
        self.at += word.len();
        Ok(hint)
    }
}
