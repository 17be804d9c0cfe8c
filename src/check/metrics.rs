//! Metric declarations as the type analysis knows them.

use super::declare::Declarations;
use super::slo::recorded;
use super::types::{Buckets, Env, Kind, Metric, Quantity, Unit};
use super::values::Values;
use crate::diagnostic::codes::alerts;
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::syntax::ast;

/// Everything that is declared of metrics.
pub(super) fn declare(all: &Declarations<'_>, _values: Values<'_>, out: &mut Vec<Diagnostic>) -> Env {
    let mut env = Env::new();
    // What is declared of these names goes before.
    if let Some(slo) = all.slo() {
        recorded::metrics(slo.name.span).for_each(|metric| drop(env.declare(metric)));
    }
    for (name, metric) in &all.metrics {
        let told = one(metric, out);
        if !all.contested.contains(name) {
            env.declare(told);
        }
    }
    env
}

fn one(metric: &ast::Metric, out: &mut Vec<Diagnostic>) -> Metric {
    let kind = match metric.kind {
        Some((ast::MetricKind::Counter, _)) => Kind::Counter,
        Some((ast::MetricKind::Gauge, _)) => Kind::Gauge,
        Some((ast::MetricKind::Histogram, _)) => Kind::Histogram,
        Some((ast::MetricKind::Summary, _)) => Kind::Summary,
        None => Kind::Unknown,
    };
    let unit = metric.unit.as_ref().map(|word| Unit::from_word(&word.text));
    let buckets = match &metric.buckets {
        None => Buckets::Unknown,
        Some(ast::Buckets::Native(_)) => Buckets::Native,
        Some(ast::Buckets::Bounds { bounds, .. }) => {
            Buckets::Classic(self::bounds(bounds, unit.as_ref(), out))
        }
    };
    if let (Some(b), false) = (&metric.buckets, kind == Kind::Histogram) {
        let span = match b {
            ast::Buckets::Native(span) => *span,
            ast::Buckets::Bounds { keyword, .. } => *keyword,
        };
        out.push(
            Diagnostic::new(
                &alerts::BUCKETS_WITHOUT_HISTOGRAM,
                span,
                format!("a {} has no buckets", kind.as_str()),
            )
            .label("only a histogram has them"),
        );
    }
    let labels = metric.labels.as_ref().map(|l| l.items.iter().map(|n| n.text.clone()).collect());
    Metric { name: metric.name.text.clone(), kind, unit, labels, buckets, span: metric.name.span }
}

/// The bounds in the metric's unit; they ascend.
fn bounds(
    written: &[ast::Quantity],
    unit: Option<&Unit>,
    out: &mut Vec<Diagnostic>,
) -> Vec<super::types::Constant> {
    let mut bounds: Vec<(super::types::Constant, crate::source::Span)> = Vec::new();
    for bound in written {
        let quantity = match Quantity::new(&bound.number, &bound.unit) {
            Ok(q) => q,
            Err(e) => {
                let mut d = Diagnostic::new(&alerts::INVALID_QUANTITY, bound.span, e.to_string())
                    .label("not a bound");
                d.help.extend(did_you_mean(&bound.unit, ["s", "ms", "B", "KiB", "MiB", "GiB"]));
                out.push(d);
                continue;
            }
        };
        let Ok(value) = quantity.in_unit(unit) else {
            let unit = unit.map(ToString::to_string).unwrap_or_default();
            out.push(
                Diagnostic::new(
                    &alerts::INVALID_QUANTITY,
                    bound.span,
                    format!("`{}` is no bound of a histogram of {unit}", quantity.text()),
                )
                .label(format!("not in {unit}")),
            );
            continue;
        };
        if let Some((last, span)) = bounds.last()
            && last.to_f64() >= value.to_f64()
        {
            out.push(
                Diagnostic::new(&alerts::INVALID_QUANTITY, bound.span, "buckets ascend")
                    .label("not above the one before")
                    .also(*span, "the one before"),
            );
            continue;
        }
        bounds.push((value, bound.span));
    }
    bounds.into_iter().map(|(value, _)| value).collect()
}
