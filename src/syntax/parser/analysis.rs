//! Canary analyses.

use crate::source::Span;
use crate::syntax::ast::{
    Analysis, AnalysisArg, AnalysisEntry, AnalysisMetric, AnalysisSetting, Property, Word,
};
use crate::syntax::keywords::{ANALYSIS, ANALYSIS_METRIC};

use super::{Parser, Peek};

impl Parser<'_> {
    /// `analysis NAME { … }`, behind the keyword.
    pub(super) fn analysis(&mut self, keyword: Span) -> Option<Analysis> {
        let name = self.name("the analysis' name")?;
        let body = self.block(ANALYSIS, Parser::analysis_entry)?;
        let settings: Vec<Property<()>> = body
            .items
            .iter()
            .filter_map(|e| match e {
                AnalysisEntry::Setting(s) => Some(Property { keyword: s.keyword, kind: (), span: s.span }),
                AnalysisEntry::Metric(_) => None,
            })
            .collect();
        self.once(&settings, |()| true);
        Some(Analysis { keyword, name, body, span: self.since(keyword.start as usize) })
    }

    fn analysis_entry(&mut self) -> Option<AnalysisEntry> {
        let start = self.pos;
        let dash = self.dash();
        let (word, keyword) = self.keyword("a setting of an analysis or a metric", ANALYSIS)?;
        self.colon(dash, keyword);
        if word == "metric" {
            return self.analysis_metric(keyword).map(AnalysisEntry::Metric);
        }
        let kind = self.analysis_setting(word)?;
        Some(AnalysisEntry::Setting(Property { keyword, kind, span: self.since(start) }))
    }

    fn analysis_setting(&mut self, word: &str) -> Option<AnalysisSetting> {
        Some(match word {
            "prometheus" => AnalysisSetting::Prometheus(self.text("the address, as a string")?),
            "namespace" => AnalysisSetting::Namespace(self.text("a namespace, as a string")?),
            "args" => AnalysisSetting::Args(self.list(Parser::analysis_arg)),
            "interval" => AnalysisSetting::Interval(self.duration()?),
            "initial_delay" => AnalysisSetting::InitialDelay(self.duration()?),
            "count" => AnalysisSetting::Count(self.value("a number")?),
            "failure_limit" => AnalysisSetting::FailureLimit(self.value("a number")?),
            "inconclusive_limit" => AnalysisSetting::InconclusiveLimit(self.value("a number")?),
            _ => AnalysisSetting::ConsecutiveErrorLimit(self.value("a number")?),
        })
    }

    /// `NAME` or `NAME="value"`
    fn analysis_arg(&mut self) -> Option<AnalysisArg> {
        let name = self.word("an argument's name")?;
        let value = match self.accept("=") {
            Some(_) => Some(self.text("the value unless the rollout gives one, as a string")?),
            None => None,
        };
        Some(AnalysisArg { name, value })
    }

    /// `NAME from ALERT SEVERITY where {…} { … }`, behind the keyword.
    fn analysis_metric(&mut self, keyword: Span) -> Option<AnalysisMetric> {
        let name = self.name("the metric's name")?;
        if self.accept_word("from").is_none() {
            return self.expected("`from` and an alert");
        }
        let alert = self.name("an alert")?;
        let mut severity = None;
        if let Peek::Word(word) = self.peek()
            && !self.opens_line
            && word != "where"
            && !ANALYSIS.contains(&word)
        {
            let text = word.to_string();
            severity = Some(Word { span: self.take(text.len()), text });
        }
        let mut matchers = None;
        if !self.opens_line && self.accept_word("where").is_some() {
            matchers = Some(self.matchers("matchers")?);
        }
        let mut body = None;
        if !self.opens_line && self.peek() == Peek::Mark("{") {
            let block = self.block(ANALYSIS_METRIC, |p| {
                let start = p.pos;
                let (word, keyword) = p.keyword("a setting of a metric", ANALYSIS_METRIC)?;
                p.colon(None, keyword);
                let kind = p.analysis_setting(word)?;
                Some(Property { keyword, kind, span: p.since(start) })
            })?;
            self.once(&block.items, |_| true);
            body = Some(block);
        }
        let span = self.since(keyword.start as usize);
        Some(AnalysisMetric { keyword, name, alert, severity, matchers, body, span })
    }
}
