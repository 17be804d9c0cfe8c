//! Samples of a classic histogram from what it observes: `18/s of 150ms + 2/s of 1.5s for 20m`.

use std::sync::Arc;

use super::series::in_unit;
use super::{Case, Clock, World, invalid};
use crate::check::types::{Buckets, Kind};
use crate::diagnostic::Diagnostic;
use crate::gostd::strconv::format_value;
use crate::prometheus::rules::Millis;
use crate::promql::features::Version;
use crate::promql::labels::{BUCKET_LABEL, Labels, METRIC_NAME};
use crate::promql::storage::Storage;
use crate::source::Span;
use crate::syntax::ast::Observed;

/// What is observed in a stretch of time.
struct Part {
    from: Millis,
    to: Millis,
    /// Observations in a millisecond, and the value of each.
    observations: Vec<(f64, f64)>,
}

/// Fills `_bucket`, `_sum` and `_count` of a declared histogram.
#[allow(clippy::too_many_arguments, reason = "a step of loading a test")]
pub(super) fn load(
    world: &World<'_>,
    case: &Case<'_>,
    labels: &Labels,
    span: Span,
    observed: &[Observed],
    grid: &Arc<[Millis]>,
    clock: &Clock,
    storage: &mut Storage,
    found: &mut Vec<Diagnostic>,
) {
    let name = labels.metric_name();
    let metric = world.metrics.metric(name).filter(|m| m.kind == Kind::Histogram);
    let Some(metric) = metric else {
        found.push(
            invalid(span, format!("`{name}` is not declared as a histogram")).help(format!(
                "declare it: `metric {name} histogram seconds {{…}} buckets 100ms, 500ms, 1s`"
            )),
        );
        return;
    };
    let Buckets::Classic(bounds) = &metric.buckets else {
        let (what, help) = match metric.buckets {
            Buckets::Native => (
                "is a native histogram, which `observes` does not fill yet",
                "give its samples as `= \"{{…}}\"`",
            ),
            _ => ("has no buckets to fill", "declare them: `buckets 100ms, 500ms, 1s`"),
        };
        found.push(invalid(span, format!("`{name}` {what}")).help(help));
        return;
    };
    let mut parts = Vec::new();
    let mut from = 0;
    for part in observed {
        let length = part.duration.as_ref().and_then(|(_, d)| case.bindings.duration(d, found));
        let to = length.map_or(Millis::MAX, |l| from + l);
        let mut observations = Vec::new();
        for observation in &part.observations {
            let rate = case.bindings.quantity(&observation.rate, found);
            let value = case.bindings.quantity(&observation.value, found);
            let (Some(rate), Some(value)) = (rate, value) else { return };
            match in_unit(&value, metric.unit.as_ref()) {
                Ok(value) => {
                    let per_second = rate.base_value().map_or(0.0, crate::check::types::Constant::to_f64);
                    observations.push((per_second / 1000.0, value));
                }
                Err(error) => {
                    found.push(invalid(observation.value.span(), error));
                    return;
                }
            }
        }
        parts.push(Part { from, to, observations });
        from = to;
        if to == Millis::MAX {
            break;
        }
    }
    // The sum over all parts of what `of` makes of an observation.
    let total = |of: &dyn Fn(f64) -> f64| -> Vec<f64> {
        let at = |t: Millis| {
            let elapsed = |p: &Part| (t.min(p.to) - p.from).max(0) as f64;
            let part = |p: &Part| {
                elapsed(p) * p.observations.iter().map(|(rate, value)| rate * of(*value)).sum::<f64>()
            };
            parts.iter().map(part).sum()
        };
        grid.iter().map(|t| at(t - clock.start)).collect()
    };
    let mut add = |labels: &Labels, values: Vec<f64>| {
        let id = storage.series_id(labels);
        storage.append_floats(id, grid, values);
    };
    let series = |suffix: &str| labels.with(METRIC_NAME, &format!("{name}{suffix}"));
    for bound in bounds.iter().map(|b| b.to_f64()).chain([f64::INFINITY]) {
        let values = total(&|v| if v <= bound { 1.0 } else { 0.0 });
        add(&series("_bucket").with(BUCKET_LABEL, &le(bound, world.version)), values);
    }
    add(&series("_sum"), total(&|v| v));
    add(&series("_count"), total(&|_| 1.0));
}

/// `le` as Prometheus stores it: since 3.0 whole numbers have a `.0`.
fn le(bound: f64, version: Version) -> String {
    let text = format_value(bound);
    let whole = bound.is_finite() && !text.contains(['.', 'e']);
    if whole && version >= Version::new(3, 0) { format!("{text}.0") } else { text }
}
