//! Severities, defaults, metrics, lets.

use crate::diagnostic::{Diagnostic, codes, nearest};
use crate::source::Span;
use crate::syntax::ast::{
    Block, Buckets, Defaults, Let, LetValue, Metric, MetricKind, Name, Property, Setting, SettingKind,
    Severities, TextKey, Word,
};
use crate::syntax::keywords::{METRIC_KINDS, SHARED};
use crate::syntax::tokens;

use super::parts::one_of;
use super::{Parser, Peek};

impl Parser<'_> {
    /// `severity critical, warning`, behind the keyword.
    pub(super) fn severities(&mut self, start: usize) -> Option<Severities> {
        let names = self.list(|p| match p.peek() {
            Peek::Quote => p.text("the name of a severity").map(|t| Word { text: t.value, span: t.span }),
            _ => p.word("the name of a severity"),
        });
        Some(Severities { names, span: self.since(start) })
    }

    /// `project { … }` and `defaults { … }`, behind the keyword.
    pub(super) fn defaults(&mut self, keyword: Span) -> Option<Defaults> {
        let body = self.block(SHARED, |p| {
            let start = p.pos;
            let dash = p.dash();
            let (word, keyword) = p.keyword("a default", SHARED)?;
            p.colon(dash, keyword);
            let kind = p.setting(word)?;
            Some(Setting { keyword, kind, span: p.since(start) })
        })?;
        self.once(&body.items, |_| true);
        Some(Defaults { keyword, body, span: self.since(keyword.start as usize) })
    }

    /// What a shared property sets, behind its keyword.
    pub(super) fn setting(&mut self, keyword: &str) -> Option<SettingKind> {
        let key = match keyword {
            "for" => return self.duration().map(SettingKind::For),
            "keep_firing_for" => return self.duration().map(SettingKind::KeepFiringFor),
            "severity" => return self.name("a severity").map(SettingKind::Severity),
            "labels" => return self.labels("labels in braces").map(SettingKind::Labels),
            "annotations" => return self.labels("annotations in braces").map(SettingKind::Annotations),
            "summary" => TextKey::Summary,
            "description" => TextKey::Description,
            "runbook" => TextKey::Runbook,
            _ => TextKey::Dashboard,
        };
        self.text("a string").map(|text| SettingKind::Text(key, text))
    }

    /// Reports properties that are given twice, of those that `counts` picks.
    pub(super) fn once<T>(&mut self, properties: &[Property<T>], counts: impl Fn(&T) -> bool) {
        for (i, property) in properties.iter().enumerate().filter(|(_, p)| counts(&p.kind)) {
            let word = self.text.get(property.keyword.range()).unwrap_or("");
            let same = |p: &&Property<T>| counts(&p.kind) && self.text.get(p.keyword.range()) == Some(word);
            let Some(first) = properties.get(..i).and_then(|before| before.iter().find(same)) else {
                continue;
            };
            let diagnostic = Diagnostic::new(
                &codes::syntax::DUPLICATE_PROPERTY,
                property.keyword,
                format!("`{word}` is given twice"),
            )
            .label("again here")
            .also(first.keyword, "first here")
            .fix("remove this one", property.span, "");
            self.report(diagnostic);
        }
    }

    /// `metric NAME KIND UNIT? {labels}? buckets …?`, behind the keyword.
    pub(super) fn metric(&mut self, start: usize) -> Option<Metric> {
        let name = self.series_name("the name of a metric")?;
        let mut metric = Metric {
            name,
            kind: self.metric_kind(),
            unit: None,
            labels: None,
            buckets: None,
            span: self.since(start),
        };
        if let Peek::Word(word) = self.peek()
            && metric.kind.is_some()
            && !matches!(word, "buckets" | "native")
            && !self.at_own_word()
        {
            metric.unit = self.metric_unit();
        }
        if !self.lost && self.peek() == Peek::Mark("{") {
            metric.labels = self.label_names();
        }
        if !self.lost
            && let Some(keyword) = self.accept_word("buckets")
        {
            let bounds = self.list(|p| p.quantity("a bucket's upper bound, such as `500ms`"));
            metric.buckets = Some(Buckets::Bounds { keyword, bounds });
        } else if !self.lost
            && let Some(native) = self.accept_word("native")
        {
            metric.buckets = Some(Buckets::Native(native));
        }
        metric.span = self.since(start);
        if !self.lost && !self.opens_line && self.peek() != Peek::End && self.peek() != Peek::Mark("}") {
            let _: Option<()> = self.expected("labels in braces, `buckets`, `native` or the next line");
        }
        Some(metric)
    }

    fn metric_kind(&mut self) -> Option<(MetricKind, Span)> {
        let Peek::Word(word) = self.peek() else { return self.expected(&one_of(METRIC_KINDS)) };
        if self.at_own_word() {
            return self.expected(&one_of(METRIC_KINDS));
        }
        let exact = METRIC_KINDS.contains(&word);
        let meant = if exact { Some(word) } else { nearest(word, METRIC_KINDS.iter().copied()) };
        let span = self.take(word.len());
        if !exact {
            let diagnostic = Diagnostic::new(
                &codes::syntax::UNKNOWN_KEYWORD,
                span,
                format!("`{word}` is not a kind of metric"),
            );
            self.report(match meant {
                Some(meant) => diagnostic.label(format!("did you mean `{meant}`?")).fix(
                    format!("write `{meant}`"),
                    span,
                    meant,
                ),
                None => diagnostic.label(format!("expected {}", one_of(METRIC_KINDS))),
            });
        }
        let kind = match meant? {
            "counter" => MetricKind::Counter,
            "gauge" => MetricKind::Gauge,
            "histogram" => MetricKind::Histogram,
            _ => MetricKind::Summary,
        };
        Some((kind, span))
    }

    /// A unit as a word, perhaps per second: `bytes`, `bytes/s`.
    fn metric_unit(&mut self) -> Option<Word> {
        let (rest, _) = tokens::unit(self.rest()).ok()?;
        let length = self.rest().len() - rest.len();
        let text = self.rest().get(..length)?.to_string();
        Some(Word { text, span: self.take(length) })
    }

    fn label_names(&mut self) -> Option<Block<Name>> {
        self.braces("label names in braces", |p| {
            let name = p.label_or_word("a label's name")?;
            if let Peek::Mark("=") = p.peek() {
                return p.expected("`,` or `}`: a metric's labels have names only");
            }
            Some(name)
        })
    }

    /// `let NAME(params)? = …`, behind the keyword.
    pub(super) fn let_item(&mut self, start: usize) -> Option<Let> {
        if let Peek::Param = self.peek() {
            let span = self.token_span();
            let dollar = self.span(span.start as usize, span.start as usize + 1);
            self.report(
                Diagnostic::new(&codes::syntax::UNEXPECTED_TOKEN, span, "a let is named without `$`")
                    .label("`$` stands where the name is used")
                    .fix("remove the `$`", dollar, ""),
            );
            self.take(1);
        }
        let name = self.word("a name")?;
        let mut item = Let { name, params: None, value: None, span: self.since(start) };
        if let Some(open) = self.accept("(") {
            let mut params = Vec::new();
            if self.peek() != Peek::Mark(")") {
                params = self.list(|p| match p.peek() {
                    Peek::Param => p.param().map(|q| Word { text: q.name, span: q.span }),
                    _ => p.word("the name of a parameter"),
                });
            }
            item.params = Some(params);
            if !self.lost && self.accept(")").is_none() {
                self.unclosed_parenthesis(open);
            }
        }
        if self.lost || self.accept("=").is_none() {
            if !self.lost {
                let _: Option<()> = self.expected("`=`");
            }
            item.span = self.since(start);
            return Some(item);
        }
        item.value = match self.let_quantity() {
            true => self.quantity("a quantity").map(LetValue::Quantity),
            false => Some(LetValue::Promql(self.promql("a PromQL expression or a quantity", false))),
        };
        item.span = self.since(start);
        self.after_expression();
        Some(item)
    }

    /// True in front of a quantity that PromQL cannot write and nothing behind it on its line.
    fn let_quantity(&self) -> bool {
        let Ok((rest, (_, unit))) = tokens::quantity(self.rest()) else { return false };
        let mut ahead = self.ahead();
        ahead.pos += self.rest().len() - rest.len();
        let ends = ahead.trivia()
            || match ahead.peek() {
                Peek::End | Peek::Mark("}") => true,
                Peek::Word(word) => self.words.contains(&word),
                _ => false,
            };
        let promql = matches!(unit, "" | "ms" | "s" | "m" | "h" | "d" | "w" | "y")
            || unit.contains(|c: char| c.is_ascii_digit());
        let per = unit.split_once('/').is_none_or(|(_, per)| matches!(per, "s" | "m" | "h" | "d"));
        ends && !promql && per
    }

    pub(super) fn unclosed_parenthesis(&mut self, open: Span) {
        self.lost = true;
        let at = self.span(self.last, self.last);
        self.report(
            Diagnostic::new(&codes::syntax::UNCLOSED_BLOCK, open, "this `(` is never closed")
                .label("opened here")
                .also(at, "expected `,` or `)`")
                .fix("close it with `)`", at, ")"),
        );
    }
}
