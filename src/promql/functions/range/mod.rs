//! Functions of a range of samples, one window at a time: the definition of each. The fast paths for series of
//! numbers stand in `kernels` and yield the same bits.

pub(crate) mod changes;
mod extended;
mod histograms;
pub(crate) mod interpolate;
pub(crate) mod kernels;
mod over_time;
mod rate;
mod rate_histogram;
pub(crate) mod regression;

pub(crate) use extended::extend_floats;

use crate::promql::annotation::Annotation;
use crate::promql::error::EvalError;
use crate::promql::labels::Labels;
use crate::promql::plan::Edges;
use crate::promql::storage::HistogramSample;
use crate::promql::value::Point;
use crate::source::Span;

/// Functions of a range vector that look at one series' samples within the range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RangeFunction {
    AvgOverTime,
    Changes,
    CountOverTime,
    Delta,
    Deriv,
    DoubleExponentialSmoothing,
    FirstOverTime,
    Idelta,
    Increase,
    Irate,
    LastOverTime,
    MadOverTime,
    MaxOverTime,
    MinOverTime,
    PredictLinear,
    PresentOverTime,
    QuantileOverTime,
    Rate,
    Resets,
    StddevOverTime,
    StdvarOverTime,
    SumOverTime,
    TsOfFirstOverTime,
    TsOfLastOverTime,
    TsOfMaxOverTime,
    TsOfMinOverTime,
}

impl RangeFunction {
    /// The function of that name.
    pub(crate) fn find(name: &str) -> Option<RangeFunction> {
        use RangeFunction::*;
        Some(match name {
            "avg_over_time" => AvgOverTime,
            "changes" => Changes,
            "count_over_time" => CountOverTime,
            "delta" => Delta,
            "deriv" => Deriv,
            "double_exponential_smoothing" | "holt_winters" => DoubleExponentialSmoothing,
            "first_over_time" => FirstOverTime,
            "idelta" => Idelta,
            "increase" => Increase,
            "irate" => Irate,
            "last_over_time" => LastOverTime,
            "mad_over_time" => MadOverTime,
            "max_over_time" => MaxOverTime,
            "min_over_time" => MinOverTime,
            "predict_linear" => PredictLinear,
            "present_over_time" => PresentOverTime,
            "quantile_over_time" => QuantileOverTime,
            "rate" => Rate,
            "resets" => Resets,
            "stddev_over_time" => StddevOverTime,
            "stdvar_over_time" => StdvarOverTime,
            "sum_over_time" => SumOverTime,
            "ts_of_first_over_time" => TsOfFirstOverTime,
            "ts_of_last_over_time" => TsOfLastOverTime,
            "ts_of_max_over_time" => TsOfMaxOverTime,
            "ts_of_min_over_time" => TsOfMinOverTime,
            _ => return None,
        })
    }

    /// True for those that act like an offset and keep the metric's name.
    ///
    /// Source: Prometheus promql/engine.go, `dropName`.
    pub(crate) fn keeps_name(self) -> bool {
        matches!(self, RangeFunction::LastOverTime | RangeFunction::FirstOverTime)
    }

    /// True for those that make use of start timestamps.
    pub(crate) fn uses_starts(self) -> bool {
        use RangeFunction::{Increase, Irate, Rate, Resets};
        matches!(self, Rate | Irate | Increase | Resets)
    }

    /// True for those whose input should be a counter.
    pub(crate) fn expects_counter(self) -> bool {
        matches!(self, RangeFunction::Rate | RangeFunction::Increase)
    }

    /// True for those that can deal with samples outside of the range.
    pub(crate) fn accepts(self, edges: Edges) -> bool {
        use RangeFunction::{Changes, Delta, Increase, Rate, Resets};
        match edges {
            Edges::Plain => true,
            Edges::Anchored => matches!(self, Rate | Increase | Delta | Changes | Resets),
            Edges::Smoothed => matches!(self, Rate | Increase | Delta),
        }
    }
}

/// The samples of one series that one step sees, and what functions need to know around them.
#[derive(Debug)]
pub(crate) struct Window<'a> {
    pub(crate) times: &'a [i64],
    pub(crate) values: &'a [f64],
    /// Since when each number counts; empty when start timestamps are not in use.
    pub(crate) starts: &'a [i64],
    pub(crate) histograms: &'a [HistogramSample],
    /// True when the histograms' start timestamps are in use.
    pub(crate) use_starts: bool,
    /// The range, without what anchored and smoothed selectors see beyond it.
    pub(crate) range_start: i64,
    pub(crate) range_end: i64,
    /// The evaluation time.
    pub(crate) time: i64,
    /// The length of the range in seconds.
    pub(crate) range_seconds: f64,
    pub(crate) edges: Edges,
    /// The scalar arguments, in their order.
    pub(crate) params: [f64; 2],
}

/// What remarks need to know of a call.
pub(crate) struct Notes<'a> {
    pub(crate) labels: &'a Labels,
    /// The place of the range vector.
    pub(crate) span: Span,
    /// The place of the first argument.
    pub(crate) first_arg: Span,
    pub(crate) add: &'a dyn Fn(Annotation),
}

impl Notes<'_> {
    fn metric(&self) -> &str {
        self.labels.metric_name()
    }

    fn mixed_floats_histograms(&self) {
        (self.add)(Annotation::mixed_floats_histograms(self.first_arg, self.metric()));
    }

    fn mixed_exponential_custom(&self) {
        (self.add)(Annotation::mixed_exponential_custom(self.first_arg, self.metric()));
    }

    fn histograms_ignored(&self) {
        (self.add)(Annotation::histogram_ignored_in_mixed_range(self.first_arg, self.metric()));
    }
}

/// The function's value for a window that holds at least one sample.
///
/// Source: Prometheus promql/functions.go.
pub(crate) fn evaluate(
    function: RangeFunction,
    w: &Window<'_>,
    notes: &Notes<'_>,
) -> Result<Option<Point>, EvalError> {
    use RangeFunction::*;
    Ok(match function {
        Rate => rate::extrapolated(w, notes, true, true),
        Increase => rate::extrapolated(w, notes, true, false),
        Delta => rate::extrapolated(w, notes, false, false),
        Irate => rate::instant(w, notes, true),
        Idelta => rate::instant(w, notes, false),
        Changes => changes::changes(w).map(Point::Float),
        Resets => changes::resets(w).map(Point::Float),
        Deriv | PredictLinear => regression::evaluate(function, w, notes),
        DoubleExponentialSmoothing => return over_time::double_exponential_smoothing(w, notes),
        SumOverTime => over_time::sum(w, notes),
        AvgOverTime => over_time::avg(w, notes),
        CountOverTime => Some(Point::Float((w.values.len() + w.histograms.len()) as f64)),
        PresentOverTime => Some(Point::Float(1.0)),
        FirstOverTime => over_time::first(w),
        LastOverTime => over_time::last(w),
        TsOfFirstOverTime => over_time::time_of_first(w),
        TsOfLastOverTime => over_time::time_of_last(w),
        MaxOverTime | MinOverTime | TsOfMaxOverTime | TsOfMinOverTime => {
            over_time::extreme(function, w, notes)
        }
        StddevOverTime => over_time::variance(w, notes).map(|v| Point::Float(v.sqrt())),
        StdvarOverTime => over_time::variance(w, notes).map(Point::Float),
        QuantileOverTime => over_time::quantile_over_time(w, notes),
        MadOverTime => over_time::mad(w, notes),
    })
}
