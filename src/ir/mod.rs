//! The inert, fully resolved program: what one environment of one project says, with no names left to resolve.
//!
//! `lower` makes it, `render` turns it into documents, `tester` and `diff` read it. It holds no syntax and calls
//! nothing.

use std::collections::BTreeMap;

use crate::alertmanager::config::{Config, Receiver};
use crate::alertmanager::simulation::Endpoint;
use crate::check::types::LabelSet;
use crate::promql::ast::BinaryOp;
use crate::source::Span;

/// Milliseconds, as Prometheus counts time.
pub type Millis = i64;

/// One project in one environment.
#[derive(Debug, Clone, Default)]
pub struct Program {
    /// The project's name: the directory of its output tree.
    pub project: String,
    /// The environment, or none when the project declares none.
    pub environment: Option<String>,
    /// Labels that Prometheus adds to every alert it sends.
    pub external_labels: BTreeMap<String, String>,
    /// The declared severities, highest first.
    pub severities: Vec<String>,
    /// Rules, one entry per source file that declares any, in the order of the files' names.
    pub files: Vec<RuleFile>,
    /// Who is told, when the project declares routes.
    pub alertmanager: Option<Config>,
    /// Who is called, one after the other, for what takes each route, numbered as in the tree of routes.
    pub escalations: Vec<Option<String>>,
    /// Canary analyses, in the order of their names.
    pub analyses: Vec<Analysis>,
    /// For each integration of `alertmanager`, the receiver of the source that declares it: one of the configuration
    /// may hold several of the source.
    pub owners: BTreeMap<Endpoint, String>,
    /// Service level objectives; their rules are among the others.
    pub objectives: Vec<Objective>,
    /// The receivers as they are declared; one of the configuration may hold several of them.
    pub receivers: Vec<Receiver>,
    /// For a receiver of the configuration, those of the source that it holds.
    pub holds: BTreeMap<String, Vec<String>>,
}

/// The rules of one source file.
#[derive(Debug, Clone)]
pub struct RuleFile {
    /// The source file, relative to the project, with `/` between its parts.
    pub source: String,
    /// The name of the output file without its extension.
    pub stem: String,
    /// Groups in the order of the source.
    pub groups: Vec<Group>,
}

impl RuleFile {
    /// The first character of the source; [`Span::NONE`] when it has no rules.
    pub fn start(&self) -> Span {
        let rule = self.groups.iter().flat_map(|g| &g.rules).next();
        rule.map_or(Span::NONE, |rule| match rule {
            Rule::Alert(alert) => Span::new(alert.origin.span.file, 0, 0),
            Rule::Record(record) => Span::new(record.span.file, 0, 0),
        })
    }
}

/// A rule group. Absent values are Prometheus' defaults.
#[derive(Debug, Clone)]
pub struct Group {
    /// Unique within its file.
    pub name: String,
    /// Evaluation interval.
    pub interval: Option<Millis>,
    /// How far in the past the rules are evaluated.
    pub query_offset: Option<Millis>,
    /// The most alerts or series a rule may give; zero is no limit.
    pub limit: Option<u64>,
    /// Labels for every rule of the group.
    pub labels: BTreeMap<String, String>,
    /// Rules in the order of evaluation.
    pub rules: Vec<Rule>,
}

/// One rule.
#[derive(Debug, Clone)]
pub enum Rule {
    /// An alerting rule.
    Alert(AlertRule),
    /// A recording rule.
    Record(RecordRule),
}

/// An alerting rule. Levels of one alert are rules of one name.
#[derive(Debug, Clone)]
pub struct AlertRule {
    /// `alertname`.
    pub name: String,
    /// PromQL, laid out as its author did.
    pub expr: String,
    /// How long the condition must hold.
    pub hold: Option<Millis>,
    /// How long the alert goes on once the condition has ended.
    pub keep_firing_for: Option<Millis>,
    /// Labels; values may be Go templates.
    pub labels: BTreeMap<String, String>,
    /// Annotations in the order in which they are written; values may be Go templates.
    pub annotations: Vec<(String, String)>,
    /// The labels of its expression's result, to which its own are added.
    pub result: LabelSet,
    /// Where it comes from.
    pub origin: Origin,
}

/// A recording rule.
#[derive(Debug, Clone)]
pub struct RecordRule {
    /// The metric it writes.
    pub record: String,
    /// PromQL, laid out as its author did.
    pub expr: String,
    /// Labels, verbatim.
    pub labels: BTreeMap<String, String>,
    /// Its declaration.
    pub span: Span,
}

/// A service level objective, as people speak of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Objective {
    /// Its name, which its alerts bear.
    pub name: String,
    /// What is promised: `99.9% over 30d`.
    pub promise: String,
    /// The share that may be bad.
    pub budget: f64,
    /// What is measured, by the name of its part: `errors`, `total`.
    pub measures: Vec<(String, String)>,
    /// For each severity how fast the budget must burn: `14.4x over 1h and 5m`.
    pub burns: Vec<(String, Vec<String>)>,
    /// The least traffic at which its alerts fire.
    pub min_traffic: Option<String>,
}

/// What an alerting rule was made from.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The alert or slo that the author wrote.
    pub declared: String,
    /// Its declaration's name in the source.
    pub span: Span,
    /// Which part of it.
    pub part: Part,
    /// The severity, when it has one.
    pub severity: Option<String>,
}

/// The part of a declaration that became a rule.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// A plain `expr`.
    Condition,
    /// A level of a `value`.
    Level {
        /// PromQL of the value.
        signal: String,
        /// The first whose scope matches a result counts.
        thresholds: Vec<Threshold>,
    },
    /// `no_data`.
    NoData,
    /// A burn-rate alert of an slo.
    Burn,
}

/// One threshold of a level.
#[derive(Debug, Clone, PartialEq)]
pub struct Threshold {
    /// The matchers in whose scope it counts, as written; empty for all.
    pub scope: String,
    /// Where the alarm begins.
    pub start: Bound,
    /// Where it ends, if not there.
    pub until: Option<Bound>,
}

/// A comparison with a number.
#[derive(Debug, Clone, PartialEq)]
pub struct Bound {
    /// How the value is compared.
    pub op: BinaryOp,
    /// With what, in the unit of the value.
    pub value: f64,
    /// The number as a person reads it, `90%`.
    pub shown: String,
}

/// A canary analysis: the thresholds of alerts, asked about a new version.
#[derive(Debug, Clone)]
pub struct Analysis {
    /// The name of its AnalysisTemplate.
    pub name: String,
    /// The namespace, if one is given.
    pub namespace: Option<String>,
    /// Arguments and their values unless the rollout gives others.
    pub args: Vec<(String, Option<String>)>,
    /// What is measured.
    pub measures: Vec<Measure>,
    /// Where it is declared.
    pub span: Span,
}

/// A metric of an analysis.
#[derive(Debug, Clone)]
pub struct Measure {
    /// Its name.
    pub name: String,
    /// The address of Prometheus.
    pub address: String,
    /// PromQL, arguments in it as `{{args.NAME}}`.
    pub query: String,
    /// A good measurement, in expr's language: the negation of the alert's condition.
    pub success: String,
    /// A bad measurement: the alert's condition.
    pub failure: String,
    /// Between measurements.
    pub interval: Option<Millis>,
    /// Before the first one.
    pub initial_delay: Option<Millis>,
    /// How many.
    pub count: Option<u64>,
    /// How many may be bad.
    pub failure_limit: Option<u64>,
    /// How many may tell nothing.
    pub inconclusive_limit: Option<u64>,
    /// How many queries may fail one after the other.
    pub consecutive_error_limit: Option<u64>,
}

impl Program {
    /// Every rule with its group and file, in the order of evaluation.
    pub fn rules(&self) -> impl Iterator<Item = (&RuleFile, &Group, &Rule)> {
        self.files
            .iter()
            .flat_map(|f| f.groups.iter().flat_map(move |g| g.rules.iter().map(move |r| (f, g, r))))
    }

    /// Every alerting rule.
    pub fn alerts(&self) -> impl Iterator<Item = &AlertRule> {
        self.rules().filter_map(|(_, _, rule)| match rule {
            Rule::Alert(alert) => Some(alert),
            Rule::Record(_) => None,
        })
    }
}
