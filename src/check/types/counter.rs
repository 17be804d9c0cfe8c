//! Functions that are made for counters, and those that are made for gauges.

use super::histogram::per_second;
use super::range::Range;
use super::unit::Unit;
use super::walk::Walker;
use super::{Sort, Type, UnitOf};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::types as codes;
use crate::promql::ast::{AggregateOp, Call, Expr, ExprKind};
use crate::source::Span;

impl Walker<'_> {
    /// `rate`, `irate` and `increase`: of counters only, and before any aggregation.
    pub(super) fn counter_function(&mut self, call: &Call, vector: &Expr, ty: &mut Type) {
        let name = call.function.name;
        if let Some((op, op_span)) = aggregated(vector) {
            let certain = matches!(ty.sort, Sort::Counter | Sort::Buckets { .. });
            if !matches!(ty.sort, Sort::Derived | Sort::Gauge) {
                let mut finding = Diagnostic::new(
                    &codes::RATE_OF_AGGREGATE,
                    call.name_span,
                    format!("`{name}` of `{}`: a reset of one series is no longer seen", op.as_str()),
                )
                .also(op_span, "aggregated here, before the rate")
                .help(format!("aggregate what the rate gives: `{}({name}(…))`", op.as_str()));
                if !certain {
                    finding.severity = crate::diagnostic::Severity::Warning;
                }
                self.report(finding);
            }
        } else if ty.sort == Sort::Gauge {
            let mut finding = Diagnostic::new(
                &codes::RATE_OF_GAUGE,
                call.name_span,
                format!("`{name}` of the gauge {}", ty.describe()),
            )
            .label("takes every fall of the value for a reset to zero");
            finding = declared_here(finding, ty);
            let instead = match name {
                "increase" => "delta",
                "irate" => "idelta",
                _ => "deriv",
            };
            self.report(finding.fix(format!("use `{instead}`"), call.name_span, instead));
        } else if ty.sort == Sort::Quantile {
            let finding = Diagnostic::new(
                &codes::RATE_OF_GAUGE,
                call.name_span,
                format!("`{name}` of a quantile ({})", ty.describe()),
            )
            .label("takes every fall of the value for a reset to zero");
            self.report(declared_here(finding, ty).help("a quantile is a gauge: compare it as it is"));
        }
        if name != "increase" {
            ty.unit = per_second(std::mem::replace(&mut ty.unit, UnitOf::Unknown));
        } else if ty.known_unit().is_some_and(Unit::is_timestamp) {
            ty.unit = UnitOf::Unknown;
        }
        let counter = match ty.sort {
            Sort::Counter => {
                ty.source.as_ref().is_some_and(|s| s.declared.is_some() || s.metric.ends_with("_total"))
            }
            Sort::Buckets { .. } => true,
            _ => false,
        };
        ty.range = if counter { Range::NON_NEGATIVE } else { Range::ANY };
        ty.sort = match ty.sort {
            Sort::Buckets { .. } => Sort::Buckets { rated: true },
            Sort::Native { .. } => Sort::Native { rated: true },
            _ => Sort::Derived,
        };
        ty.always = false;
    }

    /// `delta`, `deriv`, `predict_linear` and their like: of gauges only.
    pub(super) fn gauge_function(&mut self, call: &Call, vector: &Expr, ty: &mut Type) {
        let name = call.function.name;
        if matches!(ty.sort, Sort::Counter | Sort::Buckets { .. }) && aggregated(vector).is_none() {
            let finding = Diagnostic::new(
                &codes::SLOPE_OF_COUNTER,
                call.name_span,
                format!("`{name}` of the counter {}", ty.describe()),
            )
            .label("a restart of the process looks like a fall");
            let finding = declared_here(finding, ty);
            self.report(match name {
                "delta" => finding.fix("use `increase`", call.name_span, "increase"),
                "idelta" => finding.help("use `irate`, or `increase` over a short range"),
                "deriv" => finding.fix("use `rate`", call.name_span, "rate"),
                _ => {
                    finding.help("take it of a subquery over the rate: `predict_linear(rate(…[5m])[1h:], …)`")
                }
            });
        }
        let timestamp = ty.known_unit().is_some_and(Unit::is_timestamp);
        ty.unit = match (name, std::mem::replace(&mut ty.unit, UnitOf::Unknown)) {
            (_, _) if timestamp => UnitOf::Unknown,
            ("deriv", unit) => per_second(unit),
            (_, unit) => unit,
        };
        ty.range = Range::ANY;
        ty.sort = Sort::Derived;
        ty.always = false;
    }
}

/// The aggregation that a subquery runs over.
fn aggregated(expr: &Expr) -> Option<(AggregateOp, Span)> {
    let ExprKind::Subquery(subquery) = &expr.unwrap_parens().kind else { return None };
    match &subquery.expr.unwrap_parens().kind {
        ExprKind::Aggregate(a)
            if matches!(a.op, AggregateOp::Sum | AggregateOp::Avg | AggregateOp::Min | AggregateOp::Max) =>
        {
            Some((a.op, a.op_span))
        }
        _ => None,
    }
}

fn declared_here(finding: Diagnostic, ty: &Type) -> Diagnostic {
    match ty.source.as_ref().and_then(|s| s.declared.map(|span| (span, &s.metric))) {
        Some((span, metric)) => finding.also(span, format!("`{metric}` is declared here")),
        None => finding,
    }
}
