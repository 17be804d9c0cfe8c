//! Types of PromQL expressions: the kind, unit, labels and range of every value an expression can have.
//!
//! A pure analysis: [`analyse`] takes a tree and an [`Env`] of declared metrics, and gives the [`Type`] of every
//! part and what is wrong with it. Typing is gradual: what nobody declared is unknown, refined by Prometheus'
//! naming conventions, and an unknown agrees with everything.
//!
//! | file | job |
//! |---|---|
//! | `decimal`, `unit`, `quantity`, `humanizer` | units, and the numbers people write with them |
//! | `env`, `convention` | what is known of a metric by its declaration, or by its name |
//! | `labels`, `range` | the two lattices: label sets and intervals of values |
//! | `walk` | one pass over the tree; its cases: `selector`, `aggregate` |
//! | `function` | calls, with `counter`, `histogram`, `rewrite` |
//! | `operator` | binary operators, with `unit_flow`, `unit_check`, `comparison`, `matching` |
//! | `threshold` | a signal and the limit of one of its levels |
//! | `condition` | whether an alert can fire at all, or can't but fire |

mod aggregate;
mod comparison;
mod condition;
mod convention;
mod counter;
mod decimal;
mod env;
mod function;
mod histogram;
mod humanizer;
mod labels;
mod matching;
mod operator;
mod quantity;
mod range;
mod regexp;
mod rewrite;
mod same;
mod selector;
mod threshold;
mod unit;
mod unit_check;
mod unit_flow;
mod walk;

use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::promql::types::ValueType;
use crate::source::Span;

pub use condition::{Firing, check_condition, firing, is_constant};
pub use decimal::{Constant, Decimal, Scale};
pub use env::{Buckets, Env, Kind, Metric};
pub use humanizer::Humanizer;
pub use labels::{Cause, LabelSet, Presence, Reason, Values};
pub use quantity::{ConversionError, Quantity, QuantityError};
pub use range::{Comparison, Range, Truth};
pub use threshold::{Limit, check_limit};
pub use unit::Unit;
pub use walk::analyse;

/// What is known of an expression.
#[derive(Debug, Clone)]
pub struct Type {
    /// Scalar, vector, range vector or string.
    pub value: ValueType,
    /// What kind of number its samples are.
    pub sort: Sort,
    /// Their unit.
    pub unit: UnitOf,
    /// Their labels.
    pub labels: LabelSet,
    /// Their values.
    pub range: Range,
    /// True when there surely is no sample, whatever the data.
    pub empty: bool,
    /// True when there surely is a sample, whatever the data.
    pub always: bool,
    /// The metric it comes from, when it is one.
    pub source: Option<Arc<Source>>,
    /// For histograms, their buckets and quantiles: what was observed.
    pub observed: Option<Arc<Observed>>,
}

/// What kind of number a sample is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// Not known.
    Unknown,
    /// Grows until it is reset: useful only through `rate` and its like.
    Counter,
    /// Goes up and down, as declared.
    Gauge,
    /// Cumulative counts of classic buckets; `rated` once `rate` or `increase` was taken.
    Buckets {
        /// Over a window, not since the process started.
        rated: bool,
    },
    /// Native histograms.
    Native {
        /// Over a window, not since the process started.
        rated: bool,
    },
    /// A quantile: it can't be added or averaged.
    Quantile,
    /// Computed from others.
    Derived,
}

/// What is known of a unit.
#[derive(Debug, Clone, PartialEq)]
pub enum UnitOf {
    /// Nothing: agrees with everything.
    Unknown,
    /// A bare number: adopts the unit of its other side.
    Number,
    /// A unit, and how it is known.
    Known(Unit, Basis),
}

/// How a unit is known.
#[derive(Debug, Clone, PartialEq)]
pub struct Basis {
    /// False when it only follows from a naming convention: then a mismatch is a warning.
    pub firm: bool,
    /// The metric that has this unit, or from whose unit it follows.
    pub source: Option<Arc<Source>>,
}

/// A metric that is read.
#[derive(Debug, PartialEq, Eq)]
pub struct Source {
    /// Its name.
    pub metric: Arc<str>,
    /// Where it is read.
    pub span: Span,
    /// Where it is declared, if it is.
    pub declared: Option<Span>,
}

/// What a histogram observes.
#[derive(Debug, PartialEq)]
pub struct Observed {
    /// The unit of one observation.
    pub unit: UnitOf,
    /// The histogram's declared buckets.
    pub buckets: Buckets,
    /// The declaration, if there is one.
    pub declared: Option<Span>,
}

impl Type {
    /// The unit, when it is known.
    pub fn known_unit(&self) -> Option<&Unit> {
        match &self.unit {
            UnitOf::Known(unit, _) => Some(unit),
            _ => None,
        }
    }

    /// How this unit's values are printed.
    pub fn humanizer(&self) -> Humanizer {
        Humanizer::of(self.known_unit())
    }

    /// Nothing is known but the type of value.
    pub fn unknown(value: ValueType, span: Span) -> Type {
        Type {
            value,
            sort: Sort::Unknown,
            unit: UnitOf::Unknown,
            labels: LabelSet::open(span),
            range: Range::ANY,
            empty: false,
            always: false,
            source: None,
            observed: None,
        }
    }

    /// A scalar in this range.
    pub fn scalar(range: Range, unit: UnitOf, span: Span) -> Type {
        Type {
            value: ValueType::Scalar,
            sort: Sort::Derived,
            unit,
            labels: LabelSet::none(Cause::NoLabels, span),
            range,
            empty: false,
            always: true,
            source: None,
            observed: None,
        }
    }
}

/// The result of [`analyse`].
#[derive(Debug)]
pub struct Analysis {
    /// The whole expression's type.
    pub ty: Type,
    /// The type of every part, by its place; parts before what holds them.
    pub parts: Vec<(Span, Type)>,
    /// What is wrong.
    pub diagnostics: Vec<Diagnostic>,
}

impl Analysis {
    /// The innermost part that holds a byte of a file, for an editor's hover.
    pub fn at(&self, file: crate::source::FileId, offset: usize) -> Option<&(Span, Type)> {
        self.parts.iter().find(|(span, _)| span.file == file && span.touches(offset))
    }
}
