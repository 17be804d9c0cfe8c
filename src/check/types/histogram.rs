//! `histogram_quantile` and the other functions of histograms.

use super::aggregate::count_unit;
use super::env::Buckets;
use super::labels::{Cause, Presence};
use super::range::Range;
use super::unit::Unit;
use super::walk::Walker;
use super::{Basis, Observed, Sort, Type, UnitOf};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::types as codes;
use crate::promql::ast::{Aggregate, Call, Expr, ExprKind, GroupingKind};
use crate::source::Span;

impl Walker<'_> {
    /// `histogram_quantile(φ, buckets)` and `histogram_fraction(lower, upper, buckets)`.
    pub(super) fn quantile_of(&mut self, call: &Call, vector: &Expr, mut ty: Type, span: Span) -> Type {
        self.histogram_argument(call, vector, &ty);
        let observed = ty.observed.take();
        let bounds = quantile_range(observed.as_deref(), call.args.first());
        ty.labels.remove("le", Cause::Histogram, call.name_span);
        ty.drop_name(span);
        if call.function.name == "histogram_fraction" {
            ty.unit = UnitOf::Known(Unit::ratio(), Basis { firm: true, source: ty.source.clone() });
            ty.range = Range { nan: true, ..Range::new(0.0, 1.0) };
            ty.sort = Sort::Derived;
        } else {
            ty.unit = observed.as_ref().map_or(UnitOf::Unknown, |o| o.unit.clone());
            ty.range = bounds;
            ty.sort = Sort::Quantile;
            ty.observed = observed;
        }
        ty
    }

    /// `histogram_sum`, `histogram_avg` and the others of native histograms.
    pub(super) fn native_part(&mut self, call: &Call, mut ty: Type, span: Span) -> Type {
        if let Sort::Buckets { .. } = ty.sort {
            let finding = Diagnostic::new(
                &codes::QUANTILE_OF_NON_HISTOGRAM,
                call.name_span,
                format!("`{}` takes native histograms", call.function.name),
            )
            .also(call.parens, format!("{} is a bucket of a classic histogram", ty.describe()))
            .help("divide `_sum` by `_count`, or take `histogram_quantile`");
            self.report(finding);
        }
        let rated = matches!(ty.sort, Sort::Native { rated: true });
        let observed = ty.observed.take().map_or(UnitOf::Unknown, |o| o.unit.clone());
        (ty.unit, ty.range) = match call.function.name {
            "histogram_count" if !rated => (count_unit(), Range::NON_NEGATIVE),
            "histogram_count" => (per_second(count_unit()), Range::NON_NEGATIVE),
            "histogram_sum" if rated => (per_second(observed), Range::ANY),
            "histogram_stddev" => (observed, Range { nan: true, ..Range::NON_NEGATIVE }),
            "histogram_stdvar" => (UnitOf::Unknown, Range { nan: true, ..Range::NON_NEGATIVE }),
            _ => (observed, Range::ANY),
        };
        // `rate` and `increase` of native histograms can't be told apart by unit here.
        if rated && matches!(call.function.name, "histogram_count" | "histogram_sum") {
            ty.unit = UnitOf::Unknown;
        }
        ty.sort = Sort::Derived;
        ty.drop_name(span);
        ty
    }

    fn histogram_argument(&mut self, call: &Call, vector: &Expr, ty: &Type) {
        let name = call.function.name;
        // What was rated or computed is judged by the metric it came from.
        let origin = ty.source.as_ref().filter(|_| ty.sort == Sort::Derived);
        let sort = origin.map_or(ty.sort, |s| self.env.series(&s.metric, s.span).sort);
        let wrong = match sort {
            Sort::Gauge => "a gauge",
            Sort::Counter => "a counter",
            Sort::Quantile => "a quantile already",
            _ => "",
        };
        if !wrong.is_empty() {
            let mut finding = Diagnostic::new(
                &codes::QUANTILE_OF_NON_HISTOGRAM,
                vector.span,
                format!("`{name}` takes the buckets of a histogram"),
            )
            .label(format!("{} is {wrong}", ty.describe()));
            if let Some(source) = &ty.source {
                if let Some(base) =
                    source.metric.strip_suffix("_count").or(source.metric.strip_suffix("_sum"))
                {
                    finding = finding.help(format!("read `{base}_bucket`"));
                }
                if let Some(span) = source.declared {
                    finding = finding.also(span, "declared here");
                }
            }
            self.report(finding);
            return;
        }
        let Sort::Buckets { rated } = ty.sort else { return };
        // VictoriaMetrics' own buckets are told apart by `vmrange`.
        let victoria = ty.labels.names().any(|l| l == "vmrange");
        if let (Presence::Never(reason), false) = (ty.labels.get("le"), victoria) {
            let mut finding = Diagnostic::new(
                &codes::QUANTILE_WITHOUT_LE,
                vector.span,
                format!("`{name}` needs the label `le`, which {} has lost here", ty.describe()),
            )
            .label("without `le` there are no buckets, and no result");
            finding = match add_le(vector) {
                Some((message, span, text)) => {
                    finding.also(reason.span, reason.absence()).fix(message, span, text)
                }
                None => finding.also(reason.span, reason.absence()),
            };
            self.report(finding);
        } else if !rated {
            let finding = Diagnostic::new(
                &codes::QUANTILE_WITHOUT_RATE,
                vector.span,
                format!("a quantile of all that {} has counted since the process started", ty.describe()),
            )
            .label("buckets only grow: what happens now hardly moves this")
            .help("take the rate of the buckets first: `rate(…[5m])`");
            self.report(finding);
        }
    }
}

/// A quantile of classic buckets is never above the last bound (Prometheus promql/quantile.go BucketQuantile).
fn quantile_range(observed: Option<&Observed>, phi: Option<&Expr>) -> Range {
    let valid = match phi.map(|p| &p.unwrap_parens().kind) {
        Some(ExprKind::Number(phi)) => (0.0..=1.0).contains(&phi.value),
        _ => false,
    };
    let Some(Buckets::Classic(bounds)) = observed.map(|o| &o.buckets).filter(|_| valid) else {
        return Range::ANY;
    };
    let (Some(first), Some(last)) = (bounds.first(), bounds.last()) else { return Range::ANY };
    Range { lo: first.to_f64().min(0.0), hi: last.to_f64(), nan: true }
}

/// The edit that makes an aggregation keep `le`.
fn add_le(expr: &Expr) -> Option<(&'static str, Span, String)> {
    let ExprKind::Aggregate(aggregate) = &expr.unwrap_parens().kind else { return None };
    let Aggregate { grouping, op_span, .. } = &**aggregate;
    match grouping {
        None => Some(("keep `le`", op_span.at_end(), " by (le) ".to_string())),
        Some(g) if g.kind == GroupingKind::By => match g.labels.last() {
            Some(last) => Some(("keep `le`", last.span.at_end(), ", le".to_string())),
            None => Some(("keep `le`", g.span, "by (le)".to_string())),
        },
        Some(_) => None,
    }
}

pub(super) fn per_second(unit: UnitOf) -> UnitOf {
    match unit {
        UnitOf::Known(unit, basis) => match unit.per_second() {
            Some(unit) => UnitOf::Known(unit, basis),
            None => UnitOf::Unknown,
        },
        other => other,
    }
}
