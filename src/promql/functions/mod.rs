//! PromQL's functions, by family: what each computes, apart from how the engine walks over series and steps.

pub(crate) mod date;
pub(crate) mod math;
pub(crate) mod natural_order;
pub(crate) mod quantile;
pub(crate) mod range;

use super::plan::Type;

use date::DatePart;
use math::MapFunction;
use range::RangeFunction;

/// A function of PromQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Function {
    /// A number to a number, for every sample; further arguments are scalars.
    Map(MapFunction),
    /// A range of samples to one.
    Range(RangeFunction),
    AbsentOverTime,
    Date(DatePart),
    Histogram(HistogramFunction),
    Absent,
    Scalar,
    Vector,
    Time,
    Pi,
    MaxOf,
    MinOf,
    Timestamp,
    StartTimestamp,
    Sort {
        descending: bool,
    },
    SortByLabel {
        descending: bool,
    },
    LabelReplace,
    LabelJoin,
    Info,
    /// `start()`, `end()`, `range()`, `step()`.
    Query(QueryPart),
}

/// What an expression can ask about the query itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum QueryPart {
    Start,
    End,
    Range,
    Step,
}

/// Functions of histograms, native or classic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HistogramFunction {
    Count,
    Sum,
    Avg,
    Stddev,
    Stdvar,
    Fraction,
    Quantile,
    Quantiles,
}

impl Function {
    /// The function of that name.
    pub(crate) fn find(name: &str) -> Option<Function> {
        Some(match name {
            "absent" => Function::Absent,
            "absent_over_time" => Function::AbsentOverTime,
            "scalar" => Function::Scalar,
            "vector" => Function::Vector,
            "time" => Function::Time,
            "pi" => Function::Pi,
            "max_of" => Function::MaxOf,
            "min_of" => Function::MinOf,
            "timestamp" => Function::Timestamp,
            "start_timestamp" => Function::StartTimestamp,
            "sort" => Function::Sort { descending: false },
            "sort_desc" => Function::Sort { descending: true },
            "sort_by_label" => Function::SortByLabel { descending: false },
            "sort_by_label_desc" => Function::SortByLabel { descending: true },
            "label_replace" => Function::LabelReplace,
            "label_join" => Function::LabelJoin,
            "info" => Function::Info,
            "start" => Function::Query(QueryPart::Start),
            "end" => Function::Query(QueryPart::End),
            "range" => Function::Query(QueryPart::Range),
            "step" => Function::Query(QueryPart::Step),
            "histogram_count" => Function::Histogram(HistogramFunction::Count),
            "histogram_sum" => Function::Histogram(HistogramFunction::Sum),
            "histogram_avg" => Function::Histogram(HistogramFunction::Avg),
            "histogram_stddev" => Function::Histogram(HistogramFunction::Stddev),
            "histogram_stdvar" => Function::Histogram(HistogramFunction::Stdvar),
            "histogram_fraction" => Function::Histogram(HistogramFunction::Fraction),
            "histogram_quantile" => Function::Histogram(HistogramFunction::Quantile),
            "histogram_quantiles" => Function::Histogram(HistogramFunction::Quantiles),
            _ => {
                return MapFunction::find(name)
                    .map(Function::Map)
                    .or_else(|| RangeFunction::find(name).map(Function::Range))
                    .or_else(|| DatePart::find(name).map(Function::Date));
            }
        })
    }

    /// The type of its result.
    pub(crate) fn result(self) -> Type {
        match self {
            Function::Scalar
            | Function::Time
            | Function::Pi
            | Function::MaxOf
            | Function::MinOf
            | Function::Query(_) => Type::Scalar,
            _ => Type::Vector,
        }
    }

    /// True when it asks about the query itself.
    pub(crate) fn needs_query(self) -> bool {
        matches!(self, Function::Query(_))
    }
}
