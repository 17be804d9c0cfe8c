//! The checked program: what the source says, with every name found and every quantity in its signal's unit.

use std::collections::BTreeMap;

use super::expand::Expanded;
use super::inherit::Inherited;
use super::routing::Routing;
use super::types::{self, Constant, LabelSet, Unit};
use crate::promql::ast::Expr;
use crate::source::Span;
use crate::syntax::ast::{Comparison, Matchers, Name, Record};

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
    /// Canary analyses.
    pub analyses: Vec<CheckedAnalysis>,
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
    /// A service level objective.
    Slo(Box<CheckedSlo<'a>>),
}

impl<'a> CheckedRule<'a> {
    /// What it sends: an alert, or the alerts of an objective.
    pub fn alert(&self) -> Option<&CheckedAlert<'a>> {
        match self {
            CheckedRule::Alert(alert) => Some(alert),
            CheckedRule::Slo(slo) => Some(&slo.alert),
            CheckedRule::Record(_) => None,
        }
    }
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
    /// When an error budget burns too fast.
    Burns {
        /// `page` and `ticket`, the higher first.
        tiers: Vec<Tier>,
        /// Waiting times.
        holds: Holds,
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

/// A service level objective.
#[derive(Debug)]
pub struct CheckedSlo<'a> {
    /// Its alerts: they bear its name.
    pub alert: CheckedAlert<'a>,
    /// What is promised.
    pub objective: Objective,
    /// What is measured.
    pub indicator: Indicator,
    /// The alerts are silent while fewer events than this come, in the unit of `total`.
    pub min_traffic: Option<Constant>,
    /// What has to be there: the expression whose metrics `no_data` watches.
    pub watched: Expr,
}

/// What an slo promises.
#[derive(Debug, Clone)]
pub struct Objective {
    /// The share that is good: 0.999.
    pub target: Constant,
    /// The share that may be bad: 0.001.
    pub budget: Constant,
    /// The target as written.
    pub shown: String,
    /// Over how long.
    pub period: Millis,
}

impl Objective {
    /// The period in days, as people speak of it, where it is whole days.
    pub fn over(&self) -> String {
        const DAY: Millis = 86_400_000;
        match self.period % DAY {
            0 => format!("{}d", self.period / DAY),
            _ => crate::promql::duration::Duration::from_millis(self.period).to_string(),
        }
    }
}

/// What an slo measures, with a query for each window that it is measured in, the shortest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Indicator {
    /// Bad or good events, and all events.
    Events {
        /// Which are counted beside all.
        counted: Counted,
        /// The queries.
        windows: Vec<(Millis, EventQuery)>,
    },
    /// Observations of a native histogram: `sum(rate(h[5m]))`, and the bound in its unit.
    Native {
        /// The bound.
        bound: String,
        /// The queries.
        windows: Vec<(Millis, String)>,
    },
    /// What is true (1) or false (0) at a moment.
    Signal {
        /// The expression to record; none when a metric is such a signal already.
        recorded: Option<String>,
        /// The metric's selector; empty when the expression is recorded.
        selector: String,
        /// The windows.
        windows: Vec<Millis>,
    },
}

impl Indicator {
    /// The windows that it is measured in.
    pub fn windows(&self) -> Vec<Millis> {
        match self {
            Indicator::Events { windows, .. } => windows.iter().map(|(w, _)| *w).collect(),
            Indicator::Native { windows, .. } => windows.iter().map(|(w, _)| *w).collect(),
            Indicator::Signal { windows, .. } => windows.clone(),
        }
    }
}

/// Which events are counted beside all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// The bad ones. Where there are none, there may be no series.
    Errors,
    /// The good ones. Where there are none, there may be no series.
    Good,
    /// The good ones, which have a series whenever all of them have: buckets.
    Fast,
}

/// The queries of one window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventQuery {
    /// The events that are counted.
    pub counted: Operand,
    /// All of them.
    pub total: Operand,
}

/// PromQL that stands in a larger expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operand {
    /// The text.
    pub text: String,
    /// True when an operator is its outermost part: it needs parentheses beside another.
    pub is_operation: bool,
}

/// `page` or `ticket`.
#[derive(Debug, Clone)]
pub struct Tier {
    /// The severity of its alert.
    pub severity: String,
    /// Where it is named.
    pub span: Span,
    /// Any of these makes it fire.
    pub burns: Vec<Burn>,
}

/// A budget that is spent this much too fast in both of two windows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Burn {
    /// The window that decides.
    pub long: Millis,
    /// The window that tells that it still goes on.
    pub short: Millis,
    /// How many times faster than the budget allows.
    pub factor: Constant,
}

/// A canary analysis.
#[derive(Debug, Clone)]
pub struct CheckedAnalysis {
    /// The name of its AnalysisTemplate.
    pub name: String,
    /// The namespace, if one is given.
    pub namespace: Option<String>,
    /// Arguments and their values unless the rollout gives others.
    pub args: Vec<(String, Option<String>)>,
    /// What is measured.
    pub metrics: Vec<CheckedMeasure>,
    /// Where it is named.
    pub span: Span,
}

/// A metric of an analysis.
#[derive(Debug, Clone)]
pub struct CheckedMeasure {
    /// Its name.
    pub name: String,
    /// The address of Prometheus.
    pub address: String,
    /// The alert's value.
    pub query: String,
    /// The comparison with which the alert fires.
    pub op: Comparison,
    /// With what, as PromQL.
    pub number: String,
    /// How often it is measured, and how often it may fail.
    pub limits: Limits,
}

/// How a metric of an analysis is measured. Absent values are Argo Rollouts' defaults.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits {
    /// Between measurements.
    pub interval: Option<Millis>,
    /// Before the first one.
    pub initial_delay: Option<Millis>,
    /// How many.
    pub count: Option<u64>,
    /// How many may fail.
    pub failure_limit: Option<u64>,
    /// How many may tell nothing.
    pub inconclusive_limit: Option<u64>,
    /// How many queries may fail one after the other.
    pub consecutive_error_limit: Option<u64>,
}
