//! Canary analyses: which alerts decide about a new version.

use crate::source::Span;

use super::{Block, Matchers, Name, Property, Text, Value, Word};

/// `analysis NAME { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct Analysis {
    /// The keyword.
    pub keyword: Span,
    /// The name of the AnalysisTemplate.
    pub name: Name,
    /// Settings and metrics.
    pub body: Block<AnalysisEntry>,
    /// The whole item.
    pub span: Span,
}

/// What can stand in an analysis.
#[derive(Debug, Clone, PartialEq)]
pub enum AnalysisEntry {
    /// How it runs.
    Setting(Property<AnalysisSetting>),
    /// What is measured.
    Metric(AnalysisMetric),
}

/// How an analysis, or one of its metrics, runs.
#[derive(Debug, Clone, PartialEq)]
pub enum AnalysisSetting {
    /// `prometheus "http://…"`
    Prometheus(Text),
    /// `namespace "shop"`
    Namespace(Text),
    /// `args hash, track="canary"`
    Args(Vec<AnalysisArg>),
    /// `interval 30s`
    Interval(Value),
    /// `initial_delay 1m`
    InitialDelay(Value),
    /// `count 5`
    Count(Value),
    /// `failure_limit 1`
    FailureLimit(Value),
    /// `inconclusive_limit 1`
    InconclusiveLimit(Value),
    /// `consecutive_error_limit 1`
    ConsecutiveErrorLimit(Value),
}

/// An argument, which the rollout gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnalysisArg {
    /// The name, without `$`.
    pub name: Word,
    /// The value unless the rollout gives one.
    pub value: Option<Text>,
}

/// `metric NAME from ALERT SEVERITY where {…} { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct AnalysisMetric {
    /// The keyword.
    pub keyword: Span,
    /// The metric's name.
    pub name: Name,
    /// The alert whose threshold decides.
    pub alert: Name,
    /// Which level of it.
    pub severity: Option<Word>,
    /// Matchers for every selector of the alert's value.
    pub matchers: Option<Matchers>,
    /// Settings of this metric alone.
    pub body: Option<Block<Property<AnalysisSetting>>>,
    /// The whole metric.
    pub span: Span,
}
