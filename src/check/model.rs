//! The checked program: what the source says, with every name found and every quantity in its signal's unit.

use std::collections::BTreeMap;

use super::expand::Expanded;
use super::inherit::Inherited;
use super::routing::Routing;
use super::types::{self, LabelSet, Unit};
use crate::source::Span;
use crate::syntax::ast::{Comparison, Matchers, Name, Record, Slo};

/// Milliseconds, as Prometheus counts time.
pub type Millis = i64;

/// One project in one environment.
#[derive(Debug, Default)]
pub struct Checked<'a> {
    /// The environment, or none.
    pub environment: Option<String>,
    /// Labels that Prometheus adds when it sends.
    pub external_labels: BTreeMap<String, String>,
    /// Highest first.
    pub severities: Vec<String>,
    /// Files with rules.
    pub files: Vec<CheckedFile<'a>>,
    /// Who is told, when the project has a route.
    pub routing: Option<Routing>,
}

/// The rules of one file.
#[derive(Debug)]
pub struct CheckedFile<'a> {
    /// Relative to the project.
    pub path: &'a str,
    /// In the order of the source.
    pub groups: Vec<CheckedGroup<'a>>,
}

/// A group of rules.
#[derive(Debug)]
pub struct CheckedGroup<'a> {
    /// Unique within its file.
    pub name: String,
    /// Evaluation interval.
    pub interval: Option<Millis>,
    /// How far in the past the rules are evaluated.
    pub query_offset: Option<Millis>,
    /// The most alerts or series a rule may give.
    pub limit: Option<u64>,
    /// In the order of evaluation.
    pub rules: Vec<CheckedRule<'a>>,
}

/// One rule of the source; an alert may become several rules of Prometheus.
#[derive(Debug)]
pub enum CheckedRule<'a> {
    /// An alert.
    Alert(Box<CheckedAlert<'a>>),
    /// A recording rule.
    Record(Box<CheckedRecord<'a>>),
    /// A service level objective, not yet looked into.
    Slo(&'a Slo),
}

/// An alert.
#[derive(Debug)]
pub struct CheckedAlert<'a> {
    /// Its name.
    pub name: &'a Name,
    /// What holds for it, inherited or its own.
    pub properties: Inherited<'a>,
    /// When it fires.
    pub body: Body<'a>,
    /// The labels of the expression's result.
    pub result: LabelSet,
    /// The unit of the expression's result.
    pub unit: Option<Unit>,
    /// The alert for missing data.
    pub no_data: Option<CheckedNoData>,
}

/// When an alert fires.
#[derive(Debug)]
pub enum Body<'a> {
    /// When the condition has results.
    Condition {
        /// The condition.
        expr: Expanded<'a>,
        /// The severity, if the alert has one.
        severity: Option<String>,
        /// How long it must hold, and how long it goes on.
        holds: Holds,
    },
    /// When the signal passes a level.
    Levels {
        /// The signal.
        signal: Expanded<'a>,
        /// One for each severity that has levels, highest first.
        levels: Vec<CheckedLevel<'a>>,
    },
}

/// Waiting times.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Holds {
    /// `for`
    pub hold: Option<Millis>,
    /// `keep_firing_for`
    pub keep_firing_for: Option<Millis>,
}

/// All lines of one severity.
#[derive(Debug)]
pub struct CheckedLevel<'a> {
    /// The severity.
    pub severity: String,
    /// Where it is first named.
    pub span: Span,
    /// The first that matches counts.
    pub lines: Vec<Line<'a>>,
    /// Waiting times.
    pub holds: Holds,
}

/// One line of a level.
#[derive(Debug, Clone)]
pub struct Line<'a> {
    /// For which results it counts.
    pub scope: Option<&'a Matchers>,
    /// How the signal is compared.
    pub op: Comparison,
    /// With what.
    pub threshold: Threshold,
    /// Where the alarm ends.
    pub until: Option<(Comparison, Threshold)>,
    /// The whole line up to its threshold.
    pub span: Span,
}

impl Line<'_> {
    /// The line as the type analysis knows limits.
    pub fn limit(&self) -> types::Limit<'_> {
        let op = match self.op {
            Comparison::Greater => types::Comparison::Gt,
            Comparison::GreaterEqual => types::Comparison::Ge,
            Comparison::Less => types::Comparison::Lt,
            Comparison::LessEqual => types::Comparison::Le,
            Comparison::Equal => types::Comparison::Eq,
            Comparison::NotEqual => types::Comparison::Ne,
        };
        let Threshold { number, value, shown, span } = &self.threshold;
        // Written as it is emitted: without a unit.
        let bare = span.len() == number.len();
        types::Limit { op, value: *value, shown, bare, span: *span }
    }
}

/// A threshold in its signal's unit.
#[derive(Debug, Clone, PartialEq)]
pub struct Threshold {
    /// As PromQL.
    pub number: String,
    /// To compare with others.
    pub value: f64,
    /// As a person reads it.
    pub shown: String,
    /// Where it is written.
    pub span: Span,
}

/// The alert for missing data.
#[derive(Debug, Clone)]
pub struct CheckedNoData {
    /// Its severity.
    pub severity: String,
    /// Waiting times.
    pub holds: Holds,
    /// Where it is asked for.
    pub span: Span,
}

/// A recording rule.
#[derive(Debug)]
pub struct CheckedRecord<'a> {
    /// The declaration.
    pub record: &'a Record,
    /// What it records.
    pub expr: Expanded<'a>,
    /// The labels of the result, before its own are added.
    pub result: LabelSet,
    /// The unit of the result.
    pub unit: Option<Unit>,
}
