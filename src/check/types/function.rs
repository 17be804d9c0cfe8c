//! Calls of PromQL's functions (Prometheus promql/functions.go).

use super::aggregate::count_unit;
use super::labels::{Cause, Values};
use super::range::Range;
use super::rewrite::label_join;
use super::unit::Unit;
use super::walk::Walker;
use super::{Basis, Sort, Type, UnitOf};
use crate::promql::ast::{Call, ExprKind};
use crate::promql::types::ValueType;
use crate::source::Span;

impl Walker<'_> {
    pub(super) fn call(&mut self, call: &Call, span: Span) -> Type {
        let mut args: Vec<Type> = call.args.iter().map(|a| self.expr(a)).collect();
        // The argument that carries the series.
        let main = (0..args.len())
            .find(|i| matches!(call.function.arg_type(*i), Some(ValueType::Vector | ValueType::Matrix)));
        let Some(at) = main else { return self.without_vector(call, &args, span) };
        let Some(vector) = call.args.get(at) else { return Type::unknown(call.function.returns, span) };
        let constant = |i: usize| args.get(i).and_then(|a: &Type| a.range.constant());
        let (first, second, third) = (constant(0), constant(1), constant(2));
        let bounds = (args.get(1).map(|a| a.range), args.get(2).map(|a| a.range));
        let mut ty = args.swap_remove(at);
        let keeps_name = matches!(
            call.function.name,
            "last_over_time"
                | "first_over_time"
                | "sort"
                | "sort_desc"
                | "sort_by_label"
                | "sort_by_label_desc"
                | "label_replace"
                | "label_join"
                | "info"
        );
        ty.value = call.function.returns;
        if !keeps_name {
            ty.drop_name(span);
        }
        match call.function.name {
            "rate" | "irate" | "increase" => self.counter_function(call, vector, &mut ty),
            "delta" | "idelta" | "deriv" | "predict_linear" | "double_exponential_smoothing" => {
                self.gauge_function(call, vector, &mut ty);
            }
            "histogram_quantile" => {
                self.phi(call.args.first(), first);
                return self.quantile_of(call, vector, ty, span);
            }
            "histogram_quantiles" => {
                let mut ty = self.quantile_of(call, vector, ty, span);
                if let Some(ExprKind::String(label)) = call.args.get(1).map(|a| &a.kind) {
                    ty.labels.insert(&label.value, true, Values::Any, Cause::Rewrite, span);
                }
                return ty;
            }
            "histogram_fraction" => return self.quantile_of(call, vector, ty, span),
            "histogram_count" | "histogram_sum" | "histogram_avg" | "histogram_stddev"
            | "histogram_stdvar" => {
                return self.native_part(call, ty, span);
            }
            "absent" | "absent_over_time" => return self.absent(call, vector, &ty, span),
            "label_replace" => self.label_replace(call, &mut ty, span),
            "label_join" => label_join(call, &mut ty, span),
            "info" => ty.labels = ty.labels.opened(Cause::Info, call.name_span),
            "scalar" => {
                ty = Type { sort: ty.sort, source: ty.source, ..Type::scalar(ty.range, ty.unit, span) };
                ty.range.nan = true;
            }
            "clamp" => clamp(&mut ty, bounds.0, bounds.1, (second, third)),
            "clamp_min" => ty.range = at_least(ty.range, bounds.0),
            "clamp_max" => ty.range = at_most(ty.range, bounds.0),
            "round" if second.is_none_or(|to| to > 0.0) => round(&mut ty, second.unwrap_or(1.0)),
            "quantile_over_time" => {
                self.phi(call.args.first(), first);
                if !first.is_some_and(|p| (0.0..=1.0).contains(&p)) {
                    ty.range = Range::ANY;
                }
                ty.always = false;
            }
            name => elementwise(name, &mut ty),
        }
        if ty.sort == Sort::Counter
            && call.function.returns == ValueType::Vector
            && !keeps_value(call.function.name)
        {
            ty.sort = Sort::Derived;
        }
        ty
    }

    /// `time()`, `vector(1)`, `pi()`, `hour()` and others that take no series.
    fn without_vector(&mut self, call: &Call, args: &[Type], span: Span) -> Type {
        let name = call.function.name;
        let unit = match name {
            "time" | "start" | "end" => UnitOf::Known(Unit::timestamp(), Basis { firm: true, source: None }),
            "step" | "range" => UnitOf::Known(Unit::seconds(), Basis { firm: true, source: None }),
            "vector" | "max_of" | "min_of" => args.first().map_or(UnitOf::Unknown, |a| a.unit.clone()),
            _ => UnitOf::Number,
        };
        let range = match (name, args) {
            ("vector", [arg]) => arg.range,
            ("time" | "start" | "end" | "step" | "range", _) => Range::NON_NEGATIVE,
            ("pi", _) => Range::exactly(std::f64::consts::PI),
            _ => calendar(name).unwrap_or(Range::ANY),
        };
        Type { value: call.function.returns, ..Type::scalar(range, unit, span) }
    }
}

/// Functions whose result is a counter if their argument is.
fn keeps_value(name: &str) -> bool {
    matches!(
        name,
        "last_over_time"
            | "first_over_time"
            | "max_over_time"
            | "min_over_time"
            | "avg_over_time"
            | "sort"
            | "sort_desc"
            | "sort_by_label"
            | "sort_by_label_desc"
            | "label_replace"
            | "label_join"
            | "info"
            | "abs"
            | "ceil"
            | "floor"
            | "round"
    )
}

/// Functions of one vector that look at no other series: range, unit and sort.
fn elementwise(name: &str, ty: &mut Type) {
    let any = Range::ANY;
    let seconds = UnitOf::Known(Unit::timestamp(), Basis { firm: true, source: None });
    let unit = std::mem::replace(&mut ty.unit, UnitOf::Unknown);
    let over_time = name.ends_with("_over_time");
    (ty.range, ty.unit) = match name {
        "abs" => (abs(ty.range), unit),
        "ceil" => (ty.range.map(f64::ceil), unit),
        "floor" => (ty.range.map(f64::floor), unit),
        "sgn" => (Range { nan: ty.range.nan, ..Range::new(-1.0, 1.0) }, UnitOf::Number),
        "sqrt" => (Range { nan: true, ..Range::NON_NEGATIVE }, UnitOf::Unknown),
        "exp" => (Range { nan: ty.range.nan, ..Range::NON_NEGATIVE }, UnitOf::Unknown),
        "sort" | "sort_desc" | "sort_by_label" | "sort_by_label_desc" | "round" => (ty.range, unit),
        "min_over_time" | "max_over_time" | "avg_over_time" | "last_over_time" | "first_over_time" => {
            (ty.range, unit)
        }
        "sum_over_time" => (ty.range.summed(), unit),
        "stddev_over_time" | "mad_over_time" => (Range { nan: true, ..Range::NON_NEGATIVE }, unit),
        "stdvar_over_time" => (Range { nan: true, ..Range::NON_NEGATIVE }, UnitOf::Unknown),
        "count_over_time" => (Range::new(1.0, f64::INFINITY), count_unit()),
        "present_over_time" => (Range::exactly(1.0), UnitOf::Number),
        "changes" | "resets" => (Range::NON_NEGATIVE, count_unit()),
        "timestamp" | "start_timestamp" => (any, seconds),
        _ if name.starts_with("ts_of_") => (any, seconds),
        "max_of" | "min_of" => (any, unit),
        _ => match calendar(name) {
            Some(range) => (range, UnitOf::Number),
            None => (any, UnitOf::Unknown),
        },
    };
    if over_time || matches!(name, "changes" | "resets") {
        ty.always = false;
    }
    let sort_stays = keeps_value(name) || ty.sort == Sort::Quantile && over_time;
    if !sort_stays {
        ty.sort = if ty.sort == Sort::Unknown { Sort::Unknown } else { Sort::Derived };
        ty.observed = None;
    }
    if matches!(name, "count_over_time" | "present_over_time" | "changes" | "resets")
        || calendar(name).is_some()
    {
        ty.sort = Sort::Derived;
        ty.source = None;
    }
}

/// What the functions of calendar and clock can give.
fn calendar(name: &str) -> Option<Range> {
    Some(match name {
        "minute" => Range::new(0.0, 59.0),
        "hour" => Range::new(0.0, 23.0),
        "day_of_week" => Range::new(0.0, 6.0),
        "day_of_month" => Range::new(1.0, 31.0),
        "days_in_month" => Range::new(28.0, 31.0),
        "day_of_year" => Range::new(1.0, 366.0),
        "month" => Range::new(1.0, 12.0),
        "year" => Range { nan: false, ..Range::ANY },
        _ => return None,
    })
}

fn abs(range: Range) -> Range {
    let hi = range.lo.abs().max(range.hi.abs());
    let lo = if range.lo <= 0.0 && range.hi >= 0.0 { 0.0 } else { range.lo.abs().min(range.hi.abs()) };
    Range { lo, hi, nan: range.nan }
}

fn round(ty: &mut Type, to: f64) {
    // Half of a step either way, and a little for the arithmetic.
    let slack = to * 0.500_001;
    let wide = Range { lo: ty.range.lo - slack, hi: ty.range.hi + slack, nan: ty.range.nan };
    ty.range = if ty.range.lo >= 0.0 { Range { lo: wide.lo.max(0.0), ..wide } } else { wide };
    if ty.range.constant().is_none() && to == 1.0 {
        ty.range = ty.range.map(f64::round);
    }
}

fn at_least(range: Range, bound: Option<Range>) -> Range {
    let bound = bound.unwrap_or(Range::ANY);
    let nan = range.nan || bound.nan;
    Range { lo: range.lo.max(bound.lo), hi: range.hi.max(bound.hi), nan }
}

fn at_most(range: Range, bound: Option<Range>) -> Range {
    let bound = bound.unwrap_or(Range::ANY);
    let nan = range.nan || bound.nan;
    Range { lo: range.lo.min(bound.lo), hi: range.hi.min(bound.hi), nan }
}

fn clamp(ty: &mut Type, min: Option<Range>, max: Option<Range>, constants: (Option<f64>, Option<f64>)) {
    ty.range = at_most(at_least(ty.range, min), max);
    match constants {
        (Some(min), Some(max)) if min <= max => {}
        _ => ty.always = false,
    }
}
