//! The syntax tree of one `.alert` file: what the author wrote, in the author's order, every part with its [`Span`].
//!
//! Nothing is resolved here. A quantity is its number and its unit as written, a severity is a word, a threshold is
//! not yet in its signal's unit. A tree exists for every text: what could not be read is left out (an optional field
//! is `None`, a list lacks the element) and was reported when it was parsed.
//!
//! Comments and blank lines are not in the tree. They stand beside it, in [`crate::syntax::Parsed`].

mod analysis;
mod declarations;
mod escalation;
mod parts;
mod quantity;
mod routing;
mod rules;
mod testing;
mod text;

use crate::source::Span;

pub use analysis::{Analysis, AnalysisArg, AnalysisEntry, AnalysisMetric, AnalysisSetting};
pub use declarations::{
    Buckets, Defaults, Let, LetValue, Metric, MetricKind, Setting, SettingKind, Severities, TextKey,
};
pub use escalation::{Escalation, EscalationEntry};
pub use parts::{
    Block, Clock, Comparison, Date, Hold, HoldKind, Label, Labels, MatchOp, Matcher, MatcherValue, Matchers,
    Name, NameKind, Operator, Param, Promql, Property, Selector, Sign, Value, Word,
};
pub use quantity::Quantity;
pub use routing::{
    Branch, Change, Disable, DisableKind, Environment, Field, FieldValue, Global, GroupBy, Inhibit,
    Integration, IntervalPart, IntervalSpan, Need, Override, Policy, Receiver, Require, Route, RouteEntry,
    RouteEntryKind, TimeInterval, When,
};
pub use rules::{
    Alert, AlertProperty, Allow, Group, GroupEntry, GroupSetting, GroupSettingKind, Level, NoData, Record,
    Slo, SloProperty, Until,
};
pub use testing::{
    AlertRef, Cell, Claim, ClaimKind, Each, Expected, ExpectedValue, Moment, MomentKind, Observation,
    Observed, Often, Row, Said, Series, SeriesData, Shape, ShapeKind, Step, StepKind, Test,
};
pub use text::{Part, PartKind, Quote, Text};

/// One file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct File {
    /// Its items, in order.
    pub items: Vec<Item>,
}

/// What can stand at the top of a file.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// `severity critical, warning`
    Severity(Severities),
    /// `project { … }`: for the whole project.
    Project(Defaults),
    /// `defaults { … }`: for this file.
    Defaults(Defaults),
    /// `metric NAME KIND …`
    Metric(Metric),
    /// `let NAME = …`
    Let(Let),
    /// `group NAME { … }`
    Group(Group),
    /// `alert NAME { … }`
    Alert(Alert),
    /// `record NAME = …`
    Record(Record),
    /// `slo NAME { … }`
    Slo(Slo),
    /// `analysis NAME { … }`
    Analysis(Analysis),
    /// `global { … }`
    Global(Global),
    /// `receiver NAME { … }`
    Receiver(Receiver),
    /// `escalation NAME { … }`
    Escalation(Escalation),
    /// `route -> …`
    Route(Route),
    /// `time_interval NAME { … }`
    TimeInterval(TimeInterval),
    /// `inhibit {…} by {…}`
    Inhibit(Inhibit),
    /// `require alert …`
    Require(Require),
    /// `environment NAME { … }`
    Environment(Environment),
    /// `override { … }`
    Override(Override),
    /// `test "…" { … }`
    Test(Test),
}

impl Item {
    /// The whole item, from its keyword to its last token.
    pub fn span(&self) -> Span {
        match self {
            Item::Severity(i) => i.span,
            Item::Project(i) | Item::Defaults(i) => i.span,
            Item::Metric(i) => i.span,
            Item::Let(i) => i.span,
            Item::Group(i) => i.span,
            Item::Alert(i) => i.span,
            Item::Record(i) => i.span,
            Item::Slo(i) => i.span,
            Item::Analysis(i) => i.span,
            Item::Global(i) => i.span,
            Item::Receiver(i) => i.span,
            Item::Escalation(i) => i.span,
            Item::Route(i) => i.span,
            Item::TimeInterval(i) => i.span,
            Item::Inhibit(i) => i.span,
            Item::Require(i) => i.span,
            Item::Environment(i) => i.span,
            Item::Override(i) => i.span,
            Item::Test(i) => i.span,
        }
    }

    /// The item's keyword, as it is written.
    pub fn keyword(&self) -> &'static str {
        match self {
            Item::Severity(_) => "severity",
            Item::Project(_) => "project",
            Item::Defaults(_) => "defaults",
            Item::Metric(_) => "metric",
            Item::Let(_) => "let",
            Item::Group(_) => "group",
            Item::Alert(_) => "alert",
            Item::Record(_) => "record",
            Item::Slo(_) => "slo",
            Item::Analysis(_) => "analysis",
            Item::Global(_) => "global",
            Item::Receiver(_) => "receiver",
            Item::Escalation(_) => "escalation",
            Item::Route(_) => "route",
            Item::TimeInterval(_) => "time_interval",
            Item::Inhibit(_) => "inhibit",
            Item::Require(_) => "require",
            Item::Environment(_) => "environment",
            Item::Override(_) => "override",
            Item::Test(_) => "test",
        }
    }
}
