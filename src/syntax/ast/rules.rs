//! Alerts, recording rules, groups and service level objectives.

use crate::source::Span;

use super::{
    Block, Date, Hold, Labels, Matchers, Name, Operator, Promql, Property, Quantity, Selector, Setting,
    SettingKind, Text, Value, Word,
};

/// `group NAME { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// The name.
    pub name: Name,
    /// Settings, alerts and recording rules.
    pub body: Block<GroupEntry>,
    /// The whole item.
    pub span: Span,
}

/// What can stand in a group.
#[derive(Debug, Clone, PartialEq)]
pub enum GroupEntry {
    /// How the group runs.
    Group(GroupSetting),
    /// A default for its alerts.
    Setting(Setting),
    /// An alert.
    Alert(Alert),
    /// A recording rule.
    Record(Record),
    /// A service level objective.
    Slo(Slo),
}

/// How a group runs.
pub type GroupSetting = Property<GroupSettingKind>;

/// Which group setting, and its value.
#[derive(Debug, Clone, PartialEq)]
pub enum GroupSettingKind {
    /// `interval 30s`
    Interval(Value),
    /// `query_offset 1m`
    QueryOffset(Value),
    /// `limit 100`
    Limit(Value),
}

/// `alert NAME { … }`; inside an environment, changes to an alert of that name.
#[derive(Debug, Clone, PartialEq)]
pub struct Alert {
    /// The keyword.
    pub keyword: Span,
    /// The name.
    pub name: Name,
    /// The properties.
    pub body: Block<Property<AlertProperty>>,
    /// The whole item.
    pub span: Span,
}

/// A property of an alert.
#[derive(Debug, Clone, PartialEq)]
pub enum AlertProperty {
    /// `expr PROMQL`: a condition.
    Expr(Promql),
    /// `value PROMQL`: a signal that levels compare.
    Value(Promql),
    /// `critical > 90% …`
    Level(Level),
    /// What alerts share with their defaults.
    Setting(SettingKind),
    /// `no_data warning for 10m`
    NoData(NoData),
    /// `allow CODE "reason"`
    Allow(Allow),
}

/// `SEVERITY {matchers}? OP THRESHOLD (until OP THRESHOLD)? (for …)? (keep_firing_for …)?`
#[derive(Debug, Clone, PartialEq)]
pub struct Level {
    /// The severity.
    pub severity: Word,
    /// For which results this threshold counts; all if absent.
    pub matchers: Option<Matchers>,
    /// How the signal is compared.
    pub op: Operator,
    /// With what.
    pub threshold: Value,
    /// Hysteresis: where the alarm ends.
    pub until: Option<Until>,
    /// In the author's order.
    pub holds: Vec<Hold>,
}

/// `until < 80%`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Until {
    /// The keyword.
    pub keyword: Span,
    /// How the signal is compared.
    pub op: Operator,
    /// With what.
    pub threshold: Value,
}

/// `no_data SEVERITY for 10m`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoData {
    /// The severity.
    pub severity: Name,
    /// In the author's order.
    pub holds: Vec<Hold>,
}

/// `allow CODE until DATE "reason"`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allow {
    /// The diagnostic's code.
    pub code: Name,
    /// The day from which the finding counts again.
    pub until: Option<Date>,
    /// Why; `None` if it could not be read.
    pub reason: Option<Text>,
}

/// `record NAME {labels}? = PROMQL`
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// The keyword.
    pub keyword: Span,
    /// The series' name.
    pub name: Name,
    /// Labels to add.
    pub labels: Option<Labels>,
    /// The expression.
    pub expr: Promql,
    /// The whole item.
    pub span: Span,
}

/// `slo NAME { … }`; inside an environment, changes to an slo of that name.
#[derive(Debug, Clone, PartialEq)]
pub struct Slo {
    /// The keyword.
    pub keyword: Span,
    /// The name, which its alerts bear.
    pub name: Name,
    /// The properties.
    pub body: Block<Property<SloProperty>>,
    /// The whole item.
    pub span: Span,
}

/// A property of an slo.
#[derive(Debug, Clone, PartialEq)]
pub enum SloProperty {
    /// `objective 99.9% over 30d`
    Objective {
        /// The share that must be good.
        target: Quantity,
        /// The window; `None` if it could not be read.
        window: Option<Value>,
    },
    /// `errors PROMQL`
    Errors(Promql),
    /// `good PROMQL`
    Good(Promql),
    /// `total PROMQL`
    Total(Promql),
    /// `latency SELECTOR < 500ms`
    Latency {
        /// The histogram.
        selector: Selector,
        /// What is fast enough; `None` if it could not be read.
        bound: Option<Quantity>,
        /// `by (gateway)`: an objective for each value of these labels.
        by: Vec<Name>,
    },
    /// `signal PROMQL`: what is true or false at every moment.
    Signal(Promql),
    /// `min_traffic 1/s`
    MinTraffic(Value),
    /// `page SEVERITY`
    Page(Name),
    /// `ticket SEVERITY`
    Ticket(Name),
    /// `no_data SEVERITY for 10m`
    NoData(NoData),
    /// `allow CODE "reason"`
    Allow(Allow),
    /// What its alerts share with their defaults.
    Setting(SettingKind),
}
