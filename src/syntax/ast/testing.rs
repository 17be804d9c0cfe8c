//! Tests: series over time, and claims about what fires and who is told.

use crate::source::Span;

use super::{
    Block, Date, Labels, Matchers, Name, Promql, Property, Quantity, Selector, Sign, Text, Value, Word,
};

/// `test "TITLE" { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct Test {
    /// What it shows; parameters of `each` interpolate.
    pub title: Text,
    /// Its steps.
    pub body: Block<Step>,
    /// The whole item.
    pub span: Span,
}

/// A step of a test; its keyword is the first: `each`, `series`, `at`, …
pub type Step = Property<StepKind>;

/// What a step is.
#[derive(Debug, Clone, PartialEq)]
pub enum StepKind {
    /// `each (a, b) in (1, 2), (3, 4)`
    Each(Each),
    /// `environment staging`
    Environment(Name),
    /// `external_labels {cluster="eu"}`: in place of the environment's.
    ExternalLabels(Labels),
    /// `start 2026-01-10T21:30:00Z`
    Start(Date),
    /// `interval 30s`: of the scrapes.
    Interval(Value),
    /// `series SELECTOR = …` or `series SELECTOR observes …`
    Series(Series),
    /// `at 10m firing …`
    Claim(Box<Claim>),
}

/// `each (a, b) in (1, 2), (3, 4)`: the test runs once a row.
#[derive(Debug, Clone, PartialEq)]
pub struct Each {
    /// The parameters.
    pub params: Vec<Word>,
    /// The rows.
    pub rows: Vec<Row>,
}

/// `(81, "warning")`
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// One for each parameter.
    pub cells: Vec<Cell>,
    /// Parentheses included.
    pub span: Span,
}

/// What a parameter is bound to.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// `9/s`
    Quantity(Quantity),
    /// `"warning"`
    Text(Text),
    /// `pagerduty`
    Name(Name),
}

impl Cell {
    /// Where.
    pub fn span(&self) -> Span {
        match self {
            Cell::Quantity(q) => q.span,
            Cell::Text(t) => t.span,
            Cell::Name(n) => n.span,
        }
    }
}

/// `series up{job="node"} = 1 for 5m, 0`
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Which series.
    pub selector: Selector,
    /// What it holds; `None` if it could not be read.
    pub data: Option<SeriesData>,
}

/// What a series holds.
#[derive(Debug, Clone, PartialEq)]
pub enum SeriesData {
    /// `= …`: one shape after the other.
    Shapes {
        /// The `=`.
        equals: Span,
        /// In order.
        shapes: Vec<Shape>,
    },
    /// `observes …`: what a histogram is given, one rate after the other.
    Observes {
        /// The keyword.
        keyword: Span,
        /// In order.
        observed: Vec<Observed>,
    },
}

/// A stretch of a series.
#[derive(Debug, Clone, PartialEq)]
pub struct Shape {
    /// What it does.
    pub kind: ShapeKind,
    /// `for 5m`: the keyword and how long.
    pub duration: Option<(Span, Value)>,
    /// The whole shape.
    pub span: Span,
}

/// What a stretch of a series does.
#[derive(Debug, Clone, PartialEq)]
pub enum ShapeKind {
    /// `"0+10x60 _x5 stale"`: promtool's notation.
    Notation(Text),
    /// `missing`: no samples.
    Missing,
    /// `stale`: a staleness marker, then no samples.
    Stale,
    /// `85`
    Constant(Value),
    /// `0 to 100 over 10m`
    Ramp {
        /// First value.
        from: Value,
        /// Last value.
        to: Value,
        /// How long.
        over: Value,
    },
    /// `100 + 5/s`, `+5/s`, `-1/s`: a line. A plain `-5` is the constant, `+5` a step at each scrape.
    Slope {
        /// Where it starts; the value before, or 0, if absent.
        from: Option<Value>,
        /// Up or down.
        sign: Sign,
        /// How steep.
        step: Value,
    },
}

/// `18/s of 150ms + 2/s of 1.5s for 20m`
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// Summed.
    pub observations: Vec<Observation>,
    /// `for 20m`: the keyword and how long.
    pub duration: Option<(Span, Value)>,
    /// All of it.
    pub span: Span,
}

/// `18/s of 150ms`
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    /// How often.
    pub rate: Value,
    /// What is observed.
    pub value: Value,
}

/// `at 10m firing X`: a moment and what holds then.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    /// When.
    pub moment: Moment,
    /// What.
    pub kind: ClaimKind,
    /// Further lines: `summary "…"`, `title =~ "…"`.
    pub said: Vec<Said>,
}

/// When a claim holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Moment {
    /// Which form.
    pub kind: MomentKind,
    /// All of it.
    pub span: Span,
}

/// Which form of [`Moment`].
#[derive(Debug, Clone, PartialEq)]
pub enum MomentKind {
    /// `at 10m`
    At(Value),
    /// `within 10m`: some time up to then.
    Within(Value),
    /// `from 6m to 7m45s`: throughout.
    From(Value, Value),
    /// `never`, `never from 30m to 8h`
    Never(Option<(Value, Value)>),
}

/// What is claimed.
#[derive(Debug, Clone, PartialEq)]
pub enum ClaimKind {
    /// `no alerts`
    NoAlerts(Span),
    /// `firing only X{…}, Y`
    State {
        /// `inactive`, `pending`, `firing`, or a parameter.
        state: Name,
        /// `only`: and no other.
        only: Option<Span>,
        /// Which alerts.
        alerts: Vec<AlertRef>,
    },
    /// `notified a, b resolved 3 times of only X{…}`
    Notified {
        /// The keyword.
        keyword: Span,
        /// Who.
        receivers: Vec<Name>,
        /// `resolved`
        resolved: Option<Span>,
        /// How often; at least once if absent.
        often: Option<Often>,
        /// `only`: and of no others.
        only: Option<Span>,
        /// Of which alerts; any if empty.
        alerts: Vec<AlertRef>,
    },
    /// `value PROMQL = 1.5s`
    Value {
        /// The keyword.
        keyword: Span,
        /// The query.
        expr: Promql,
        /// Its result.
        expected: Vec<Expected>,
    },
}

/// `once`, `3 times`
#[derive(Debug, Clone, PartialEq)]
pub struct Often {
    /// How many times; absent for `once`.
    pub times: Option<Value>,
    /// The word `once` or `times`.
    pub word: Span,
}

/// `X{severity="critical"}`
#[derive(Debug, Clone, PartialEq)]
pub struct AlertRef {
    /// The alert.
    pub name: Name,
    /// Labels it must have.
    pub matchers: Option<Matchers>,
}

/// One element of a query's result.
#[derive(Debug, Clone, PartialEq)]
pub struct Expected {
    /// Its labels; not given, there is one element.
    pub labels: Option<Labels>,
    /// Its value.
    pub value: ExpectedValue,
}

/// The value of an [`Expected`].
#[derive(Debug, Clone, PartialEq)]
pub enum ExpectedValue {
    /// `1.5s`
    Value(Value),
    /// `nothing`: no element.
    Nothing(Span),
}

/// `summary "…"` or `title =~ "…"`: an annotation, or a field of the message.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    /// Which.
    pub key: Word,
    /// The `=~`, if it is a pattern.
    pub regex: Option<Span>,
    /// The text or pattern.
    pub value: Text,
}
