//! Declarations: severities, defaults, metrics, lets.

use crate::source::Span;

use super::{Block, Labels, Name, Promql, Property, Quantity, Text, Value, Word};

/// `severity critical, warning, info`: highest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Severities {
    /// The names.
    pub names: Vec<Word>,
    /// The whole item.
    pub span: Span,
}

/// `project { … }` or `defaults { … }`.
#[derive(Debug, Clone, PartialEq)]
pub struct Defaults {
    /// The keyword.
    pub keyword: Span,
    /// The settings.
    pub body: Block<Setting>,
    /// The whole item.
    pub span: Span,
}

/// A property that project, defaults, group, alert and slo share.
pub type Setting = Property<SettingKind>;

/// What a [`Setting`] sets.
#[derive(Debug, Clone, PartialEq)]
pub enum SettingKind {
    /// `for 5m`
    For(Value),
    /// `keep_firing_for 10m`
    KeepFiringFor(Value),
    /// `severity critical`
    Severity(Name),
    /// `labels {team="web"}`; an empty text removes an inherited label.
    Labels(Labels),
    /// `annotations {dashboard_uid="x"}`
    Annotations(Labels),
    /// `summary "…"` and the like.
    Text(TextKey, Text),
}

/// The annotations that have a keyword of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TextKey {
    /// `summary`
    Summary,
    /// `description`
    Description,
    /// `runbook`: becomes `runbook_url`.
    Runbook,
    /// `dashboard`: becomes `dashboard_url`.
    Dashboard,
}

impl TextKey {
    /// As written.
    pub fn as_str(self) -> &'static str {
        match self {
            TextKey::Summary => "summary",
            TextKey::Description => "description",
            TextKey::Runbook => "runbook",
            TextKey::Dashboard => "dashboard",
        }
    }
}

/// `metric NAME KIND UNIT? {labels}? buckets …?`
#[derive(Debug, Clone, PartialEq)]
pub struct Metric {
    /// The series' name; of a histogram without `_bucket`.
    pub name: Name,
    /// The kind; `None` if it could not be read.
    pub kind: Option<(MetricKind, Span)>,
    /// The unit of a sample: `seconds`, `bytes`, `connections`.
    pub unit: Option<Word>,
    /// The labels that a series has beside those the scrape adds.
    pub labels: Option<Block<Name>>,
    /// A histogram's buckets.
    pub buckets: Option<Buckets>,
    /// The whole item.
    pub span: Span,
}

/// What kind of metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MetricKind {
    /// Only goes up, but for resets.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Counts in buckets, classic or native.
    Histogram,
    /// Quantiles computed by the client.
    Summary,
}

impl MetricKind {
    /// As written.
    pub fn as_str(self) -> &'static str {
        match self {
            MetricKind::Counter => "counter",
            MetricKind::Gauge => "gauge",
            MetricKind::Histogram => "histogram",
            MetricKind::Summary => "summary",
        }
    }
}

/// How a histogram is cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Buckets {
    /// `buckets 50ms, 200ms, 1s`: upper bounds, `+Inf` left out.
    Bounds {
        /// The keyword.
        keyword: Span,
        /// The bounds as written.
        bounds: Vec<Quantity>,
    },
    /// `native`
    Native(Span),
}

/// `let NAME = …` or `let NAME(a, b) = …`
#[derive(Debug, Clone, PartialEq)]
pub struct Let {
    /// The name, without `$`.
    pub name: Word,
    /// The parameters, if there are parentheses.
    pub params: Option<Vec<Word>>,
    /// What it stands for; `None` if it could not be read.
    pub value: Option<LetValue>,
    /// The whole item.
    pub span: Span,
}

/// What a let stands for.
#[derive(Debug, Clone, PartialEq)]
pub enum LetValue {
    /// A quantity that PromQL cannot write: `90%`, `2GiB`, `10/s`.
    Quantity(Quantity),
    /// An expression; a lone number, duration or string too.
    Promql(Promql),
}
