//! From alert to person: receivers, routes, intervals, inhibition, policies, environments.

use crate::source::Span;

use super::{
    Block, Clock, Date, HoldKind, Item, Labels, Matchers, Name, Operator, Property, Quantity, Text, Value,
    Word,
};

/// `global { … }`: Alertmanager's global section.
#[derive(Debug, Clone, PartialEq)]
pub struct Global {
    /// The fields.
    pub body: Block<Field>,
    /// The whole item.
    pub span: Span,
}

/// `receiver NAME { slack { … } }`
#[derive(Debug, Clone, PartialEq)]
pub struct Receiver {
    /// The name.
    pub name: Name,
    /// `escalation NAME`, before all integrations.
    pub escalation: Option<Name>,
    /// Its integrations.
    pub body: Block<Integration>,
    /// The whole item.
    pub span: Span,
}

/// `slack { channel "#x" }`
#[derive(Debug, Clone, PartialEq)]
pub struct Integration {
    /// `slack`, `pagerduty`, `email`, …
    pub kind: Word,
    /// Its fields.
    pub fields: Block<Field>,
    /// Kind and fields.
    pub span: Span,
}

/// `channel "#x"`
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// The key; a string where the key is free (headers, pagerduty's details).
    pub key: Name,
    /// The value.
    pub value: FieldValue,
    /// Key and value.
    pub span: Span,
}

/// The value of a [`Field`].
#[derive(Debug, Clone, PartialEq)]
pub enum FieldValue {
    /// `"text"`
    Text(Text),
    /// `5m`, `10`
    Quantity(Quantity),
    /// `true` or `false`
    Bool(bool, Span),
    /// `{ key value … }`
    Fields(Block<Field>),
    /// `[ value, … ]`, with the span of the brackets and all between.
    List(Vec<FieldValue>, Span),
}

impl FieldValue {
    /// Where.
    pub fn span(&self) -> Span {
        match self {
            FieldValue::Text(t) => t.span,
            FieldValue::Quantity(q) => q.span,
            FieldValue::Bool(_, span) | FieldValue::List(_, span) => *span,
            FieldValue::Fields(block) => block.span(),
        }
    }
}

/// `route -> …`: the root of the tree.
#[derive(Debug, Clone, PartialEq)]
pub struct Route {
    /// The keyword.
    pub keyword: Span,
    /// Receivers, settings and children.
    pub branch: Branch,
    /// The whole item.
    pub span: Span,
}

/// `-> a, b { … }`; either part may be missing.
#[derive(Debug, Clone, PartialEq)]
pub struct Branch {
    /// The `->`, if there is one.
    pub arrow: Option<Span>,
    /// The receivers; without an arrow those of the parent.
    pub receivers: Vec<Name>,
    /// Settings and children.
    pub body: Option<Block<RouteEntry>>,
}

/// A setting or a child of a route.
pub type RouteEntry = Property<RouteEntryKind>;

/// Which entry of a route, and its value.
#[derive(Debug, Clone, PartialEq)]
pub enum RouteEntryKind {
    /// `group_by alertname, app`
    GroupBy(GroupBy),
    /// `group_wait 30s`
    GroupWait(Value),
    /// `group_interval 5m`
    GroupInterval(Value),
    /// `repeat_interval 4h`
    RepeatInterval(Value),
    /// `mute_time_intervals weekends`
    MuteTimeIntervals(Vec<Name>),
    /// `active_time_intervals office-hours`
    ActiveTimeIntervals(Vec<Name>),
    /// `escalation NAME`
    Escalation(Name),
    /// `continue`
    Continue,
    /// `when {…} -> …`
    When(When),
}

/// What a route groups by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupBy {
    /// `...`: every label.
    All(Span),
    /// These labels.
    Labels(Vec<Name>),
}

/// A child route.
#[derive(Debug, Clone, PartialEq)]
pub struct When {
    /// Which alerts.
    pub matchers: Matchers,
    /// Where they go.
    pub branch: Branch,
}

/// `time_interval NAME { SPANS in "ZONE" }`
#[derive(Debug, Clone, PartialEq)]
pub struct TimeInterval {
    /// The name.
    pub name: Name,
    /// The spans; a moment in any of them is in the interval.
    pub body: Block<IntervalSpan>,
    /// The whole item.
    pub span: Span,
}

/// `monday:friday 09:00-17:00`: all its parts must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntervalSpan {
    /// The parts.
    pub parts: Vec<IntervalPart>,
    /// `in "Europe/London"`: the keyword and the IANA name of the time zone. It holds for the spans before it too, back
    /// to the zone before.
    pub zone: Option<(Span, Text)>,
    /// The whole span.
    pub span: Span,
}

impl IntervalPart {
    /// Where it stands.
    pub fn span(&self) -> Span {
        match self {
            IntervalPart::Times { from, to } => from.span.to(to.span),
            IntervalPart::Weekdays { span, .. }
            | IntervalPart::Months { span, .. }
            | IntervalPart::Days { span, .. }
            | IntervalPart::Years { span, .. } => *span,
        }
    }
}

impl IntervalSpan {
    /// Where its last part ends, before the zone.
    pub fn parts_end(&self) -> u32 {
        self.parts.last().map_or(self.span.start, |part| part.span().end)
    }
}

/// One condition on a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IntervalPart {
    /// `monday:friday`, 0 = Sunday; both ends included.
    Weekdays {
        /// First day.
        from: u8,
        /// Last day.
        to: u8,
        /// Where.
        span: Span,
    },
    /// `09:00-17:00`; an end before its start lies on the next day.
    Times {
        /// From this minute on.
        from: Clock,
        /// Up to, not including, this minute.
        to: Clock,
    },
    /// `december`, `june:august`, 1 = January; both ends included.
    Months {
        /// First month.
        from: u8,
        /// Last month.
        to: u8,
        /// Where.
        span: Span,
    },
    /// `days 24:31`, `days -1`: days of the month, negative ones from its end; both ends included.
    Days {
        /// First day.
        from: i32,
        /// Last day.
        to: i32,
        /// Where, keyword included.
        span: Span,
    },
    /// `years 2026:2027`; both ends included.
    Years {
        /// First year.
        from: i32,
        /// Last year.
        to: i32,
        /// Where, keyword included.
        span: Span,
    },
}

/// `inhibit {target} by {source} equal label, …`
#[derive(Debug, Clone, PartialEq)]
pub struct Inhibit {
    /// Which alerts are silenced.
    pub target: Matchers,
    /// While which alerts fire; `None` if it could not be read.
    pub source: Option<Matchers>,
    /// Labels that must be equal in both.
    pub equal: Vec<Name>,
    /// The whole item.
    pub span: Span,
}

/// `require alert{…} reaches …` or `require alert{…} has …`
#[derive(Debug, Clone, PartialEq)]
pub struct Require {
    /// Of which alerts; all if absent.
    pub matchers: Option<Matchers>,
    /// What is required; `None` if it could not be read.
    pub policy: Option<Policy>,
    /// The whole item.
    pub span: Span,
}

/// What a [`Require`] requires.
#[derive(Debug, Clone, PartialEq)]
pub enum Policy {
    /// These receivers are told, at any minute of the week.
    Reaches(Vec<Name>),
    /// The alert has these.
    Has(Vec<Need>),
}

/// What an alert must have.
#[derive(Debug, Clone, PartialEq)]
pub enum Need {
    /// An annotation or property: `summary`.
    Property(Word),
    /// `label team`
    Label {
        /// The keyword.
        keyword: Span,
        /// The label.
        name: Name,
    },
    /// `for >= 1m`
    Hold {
        /// Which waiting time.
        kind: HoldKind,
        /// The keyword.
        keyword: Span,
        /// How it is compared.
        op: Operator,
        /// With what.
        duration: Value,
    },
}

/// `environment NAME { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct Environment {
    /// The name.
    pub name: Name,
    /// The changes.
    pub body: Block<Change>,
    /// The whole item.
    pub span: Span,
}

/// `override { … }`: changes to what a package brings.
#[derive(Debug, Clone, PartialEq)]
pub struct Override {
    /// The changes.
    pub body: Block<Change>,
    /// The whole item.
    pub span: Span,
}

/// A change in an environment or override.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// `external_labels {env="prod"}`
    ExternalLabels {
        /// The keyword.
        keyword: Span,
        /// The labels.
        labels: Labels,
    },
    /// `disable alert NAME until DATE "reason"`
    Disable(Disable),
    /// Replaces or adds by name; an alert changes the properties that it gives.
    Item(Item),
}

/// `disable KIND NAME until DATE "reason"`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disable {
    /// What kind of thing.
    pub kind: DisableKind,
    /// Which.
    pub name: Name,
    /// The day from which it is back.
    pub until: Option<Date>,
    /// Why; `None` if it could not be read.
    pub reason: Option<Text>,
    /// The whole change.
    pub span: Span,
}

/// What can be disabled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DisableKind {
    /// `alert`
    Alert,
    /// `group`
    Group,
    /// `slo`
    Slo,
    /// `record`
    Record,
}

impl DisableKind {
    /// As written.
    pub fn as_str(self) -> &'static str {
        match self {
            DisableKind::Alert => "alert",
            DisableKind::Group => "group",
            DisableKind::Slo => "slo",
            DisableKind::Record => "record",
        }
    }
}
