//! Samples of a histogram from what it observes: `18/s of 150ms + 2/s of 1.5s for 20m`.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::series::in_unit;
use super::{Case, Clock, World, invalid};
use crate::check::types::{Buckets, Kind};
use crate::diagnostic::Diagnostic;
use crate::gostd::strconv::format_value;
use crate::prometheus::rules::Millis;
use crate::promql::features::Version;
use crate::promql::histogram::{FloatHistogram, bound};
use crate::promql::labels::{BUCKET_LABEL, Labels, METRIC_NAME};
use crate::promql::storage::Storage;
use crate::promql::value::Point;
use crate::source::Span;
use crate::syntax::ast::Observed;

/// What is observed in a stretch of time.
struct Part {
    from: Millis,
    to: Millis,
    /// Observations in a millisecond, and the value of each.
    observations: Vec<(f64, f64)>,
}

/// The resolution of native histograms: a bucket is 2^(1/8) = 9 % wide, as client libraries choose it for a growth factor
/// of 1.1.
const SCHEMA: i32 = 3;
/// What client libraries take for zero: 2^-128.
const ZERO: f64 = 2.938735877055719e-39;

/// Fills `_bucket`, `_sum` and `_count` of a declared histogram, or the native one.
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
    if matches!(metric.buckets, Buckets::Unknown) {
        found.push(
            invalid(span, format!("`{name}` has no buckets to fill"))
                .help("declare them: `buckets 100ms, 500ms, 1s`, or `native`"),
        );
        return;
    }
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
    let bounds = match &metric.buckets {
        Buckets::Classic(bounds) => bounds,
        _ => {
            let id = storage.series_id(labels);
            for t in grid.iter() {
                storage.append(id, *t, Point::Histogram(Arc::new(native(&parts, t - clock.start))));
            }
            return;
        }
    };
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

/// The native histogram of everything observed up to a time.
fn native(parts: &[Part], t: Millis) -> FloatHistogram {
    let mut histogram = FloatHistogram { schema: SCHEMA, zero_threshold: ZERO, ..FloatHistogram::default() };
    let (mut positive, mut negative): (BTreeMap<i32, f64>, BTreeMap<i32, f64>) = Default::default();
    for part in parts {
        let elapsed = (t.min(part.to) - part.from).max(0) as f64;
        for (rate, value) in &part.observations {
            let count = elapsed * rate;
            histogram.count += count;
            histogram.sum += count * value;
            if value.abs() <= ZERO {
                histogram.zero_count += count;
            } else {
                let side = if *value > 0.0 { &mut positive } else { &mut negative };
                *side.entry(bucket(value.abs())).or_default() += count;
            }
        }
    }
    for (side, counts) in [(&mut histogram.positive, positive), (&mut histogram.negative, negative)] {
        counts
            .into_iter()
            .filter(|(_, count)| *count > 0.0)
            .for_each(|(index, count)| side.push(index, count));
    }
    histogram
}

/// The bucket of a positive value: the first whose upper bound is not below it.
fn bucket(value: f64) -> i32 {
    let mut index = (value.log2() * f64::from(1 << SCHEMA)).ceil() as i32;
    // The logarithm may be off by a rounding.
    while bound(index, SCHEMA, &[]) < value {
        index += 1;
    }
    while bound(index - 1, SCHEMA, &[]) >= value {
        index -= 1;
    }
    index
}

/// `le` as Prometheus stores it: since 3.0 whole numbers have a `.0`.
fn le(bound: f64, version: Version) -> String {
    let text = format_value(bound);
    let whole = bound.is_finite() && !text.contains(['.', 'e']);
    if whole && version >= Version::new(3, 0) { format!("{text}.0") } else { text }
}
