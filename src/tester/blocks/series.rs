//! Samples from shapes: `50 for 5m, 0 to 100 over 10m, +5/s`, and from promtool's notation.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Case, Clock, World, budget, invalid, observe};
use crate::check::types::{Quantity, Unit};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::tester::{SERIES_ENDED, TEST_BUDGET};
use crate::prometheus::rules::Millis;
use crate::promql::duration::Duration;
use crate::promql::labels::{Labels, LabelsBuilder, METRIC_NAME};
use crate::promql::series_notation::{SeriesItem, parse_values};
use crate::promql::storage::{SeriesId, Storage};
use crate::promql::value::{Point, STALE_NAN_BITS, is_stale_nan};
use crate::source::FileId;
use crate::syntax::ast::{MatchOp, Selector, Series, SeriesData, Shape, ShapeKind, Sign, StepKind, Value};

/// The samples of all series of a test.
pub(super) fn load(
    world: &World<'_>,
    case: &Case<'_>,
    clock: &Clock,
    found: &mut Vec<Diagnostic>,
) -> Storage {
    let mut storage = Storage::new();
    let slots = clock.end / clock.interval + 1;
    let all: Vec<&Series> = case
        .test
        .body
        .items
        .iter()
        .filter_map(|s| if let StepKind::Series(s) = &s.kind { Some(s) } else { None })
        .collect();
    let samples = u64::try_from(slots).unwrap_or(0).saturating_mul(all.len() as u64);
    if samples > budget::SAMPLES {
        let message = format!("the test has more than {} samples", budget::SAMPLES);
        found.push(
            Diagnostic::new(&TEST_BUDGET, case.test.title.span, message)
                .help("give a longer `interval`, or fewer series"),
        );
        return storage;
    }
    let grid: Arc<[Millis]> = (0..slots).map(|i| clock.start + i * clock.interval).collect();
    let mut seen: HashMap<Labels, ()> = HashMap::new();
    for series in all {
        let Some(labels) = labels(case, &series.selector, found) else { continue };
        if seen.insert(labels.clone(), ()).is_some() {
            found.push(
                invalid(series.selector.span, format!("the series {labels} is given twice"))
                    .help("put its shapes one after the other, separated by commas"),
            );
            continue;
        }
        match &series.data {
            Some(SeriesData::Shapes { shapes, .. }) => {
                let unit = world.metrics.metric_of_series(labels.metric_name()).and_then(|m| m.unit.clone());
                let unit = unit.filter(|_| {
                    !labels.metric_name().ends_with("_count") && !labels.metric_name().ends_with("_bucket")
                });
                let points = shapes_points(case, shapes, unit.as_ref(), clock.interval, slots, found);
                let end = length(case, series, clock.interval, &mut Vec::new());
                if ends_silently(shapes) && end < clock.claimed {
                    found.push(ended(series, end, clock.claimed));
                }
                let id = storage.series_id(&labels);
                write(&mut storage, id, &grid, points);
            }
            Some(SeriesData::Observes { observed, .. }) => {
                observe::load(
                    world,
                    case,
                    &labels,
                    series.selector.span,
                    observed,
                    &grid,
                    clock,
                    &mut storage,
                    found,
                );
            }
            None => {}
        }
    }
    storage
}

fn write(storage: &mut Storage, id: SeriesId, grid: &Arc<[Millis]>, points: Vec<Option<Point>>) {
    let floats: Option<Vec<f64>> = points.iter().map(|p| p.as_ref().and_then(Point::as_float)).collect();
    match floats {
        Some(floats) if floats.len() == grid.len() => storage.append_floats(id, grid, floats),
        _ => {
            for (t, point) in grid.iter().zip(points) {
                if let Some(point) = point {
                    storage.append(id, *t, point);
                }
            }
        }
    }
}

/// The labels that a selector spells out.
pub(super) fn labels(case: &Case<'_>, selector: &Selector, found: &mut Vec<Diagnostic>) -> Option<Labels> {
    let mut builder = LabelsBuilder::default();
    if let Some(name) = &selector.name {
        builder.set(METRIC_NAME, &case.bindings.name(name));
    }
    for matcher in selector.matchers.iter().flat_map(|m| &m.items) {
        if matcher.op != MatchOp::Equal {
            found.push(invalid(matcher.op_span, "a series has labels, not matchers").label("expected `=`"));
            return None;
        }
        builder.set(&matcher.name.text, &case.bindings.matcher(matcher));
    }
    let labels = builder.labels();
    if labels.is_empty() {
        found.push(invalid(selector.span, "a series needs a name"));
        return None;
    }
    Some(labels)
}

/// How long a series is drawn: the sum of its shapes, the last one without a length counting nothing.
pub(super) fn length(
    case: &Case<'_>,
    series: &Series,
    interval: Millis,
    found: &mut Vec<Diagnostic>,
) -> Millis {
    let mut sum: Millis = 0;
    match &series.data {
        Some(SeriesData::Shapes { shapes, .. }) => {
            for shape in shapes {
                let own = own_length(case, shape, interval, found);
                sum = sum.saturating_add(own.unwrap_or(0));
            }
        }
        Some(SeriesData::Observes { observed, .. }) => {
            for part in observed {
                let own = part.duration.as_ref().and_then(|(_, d)| case.bindings.duration(d, found));
                sum = sum.saturating_add(own.unwrap_or(0));
            }
        }
        None => {}
    }
    // Behind the last shape there is nothing to see.
    (sum - 1).max(0)
}

/// True when the last shape has a length, and is none of those that say what follows.
fn ends_silently(shapes: &[Shape]) -> bool {
    shapes.last().is_some_and(|last| match &last.kind {
        ShapeKind::Missing | ShapeKind::Stale => false,
        ShapeKind::Ramp { .. } => last.duration.is_some(),
        ShapeKind::Notation(text) => {
            // As in promtool's files: missing samples and stale markers end a series in so many words.
            let (items, _) = parse_values(&text.value, FileId::NONE, 0);
            match items.last() {
                Some(SeriesItem::Floats { first, .. }) => !is_stale_nan(*first),
                Some(SeriesItem::Histograms { .. }) => true,
                Some(SeriesItem::Missing { .. }) | None => false,
            }
        }
        _ => last.duration.is_some(),
    })
}

fn ended(series: &Series, end: Millis, claimed: Millis) -> Diagnostic {
    let message = format!(
        "the series ends at {}, a claim is about {}",
        Duration::from_millis(end + 1),
        Duration::from_millis(claimed)
    );
    Diagnostic::new(&SERIES_ENDED, series.selector.span, message)
        .label("nothing is known of it then")
        .help("leave out the length of its last shape, or end it in so many words: `, missing` or `, stale`")
}

fn own_length(
    case: &Case<'_>,
    shape: &Shape,
    interval: Millis,
    found: &mut Vec<Diagnostic>,
) -> Option<Millis> {
    if let Some((_, duration)) = &shape.duration {
        return case.bindings.duration(duration, found);
    }
    match &shape.kind {
        ShapeKind::Ramp { over, .. } => case.bindings.duration(over, found),
        ShapeKind::Notation(text) => {
            let (items, _) = parse_values(&case.bindings.text(text), FileId::NONE, 0);
            let count = items.iter().map(SeriesItem::len).fold(0, u64::saturating_add);
            Some(i64::try_from(count).unwrap_or(i64::MAX).saturating_mul(interval))
        }
        _ => None,
    }
}

/// One slot a scrape; none where there is no sample.
fn shapes_points(
    case: &Case<'_>,
    shapes: &[Shape],
    unit: Option<&Unit>,
    interval: Millis,
    slots: i64,
    found: &mut Vec<Diagnostic>,
) -> Vec<Option<Point>> {
    let slots = usize::try_from(slots).unwrap_or(0);
    let mut points: Vec<Option<Point>> = Vec::with_capacity(slots);
    // When the shape begins, and the value that the one before came to.
    let (mut from, mut value) = (0i64, 0.0f64);
    for (number, shape) in shapes.iter().enumerate() {
        let length = own_length(case, shape, interval, found);
        let end = match length {
            Some(length) => from.saturating_add(length),
            None if number + 1 == shapes.len() => Millis::MAX,
            None if matches!(shape.kind, ShapeKind::Stale) => from.saturating_add(interval),
            None => {
                found.push(
                    invalid(shape.span, "only the last shape of a series can do without a length")
                        .label("how long?")
                        .help("say it with `for`: `50 for 5m, 85`"),
                );
                return points;
            }
        };
        let number_of = |v: &Value, found: &mut Vec<Diagnostic>| {
            let quantity = case.bindings.quantity(v, found)?;
            in_unit(&quantity, unit).map_err(|e| found.push(invalid(v.span(), e))).ok()
        };
        let Some(course) = course(case, shape, value, unit, interval, number_of, found) else {
            return points;
        };
        if let Course::Points(given) = &course {
            points.extend(given.iter().take(slots.saturating_sub(points.len())).cloned());
            if let Some(Point::Float(last)) = given.iter().rev().flatten().next() {
                value = *last;
            }
            from = end;
            continue;
        }
        let mut first = true;
        while points.len() < slots {
            let t = i64::try_from(points.len()).unwrap_or(i64::MAX) * interval;
            if t >= end {
                break;
            }
            points.push(course.at(t - from, length, first));
            first = false;
        }
        value = course.end(length.unwrap_or(0)).unwrap_or(value);
        if end == Millis::MAX {
            break;
        }
        from = end;
    }
    // A ramp or a line of a given length that comes last stays where it is; other shapes are over.
    if let Some(shape) = shapes.last()
        && matches!(shape.kind, ShapeKind::Ramp { .. })
        && shape.duration.is_none()
    {
        points.resize(slots, Some(Point::Float(value)));
    }
    points
}

/// How a shape goes.
enum Course {
    Missing,
    Stale,
    Constant(f64),
    Ramp(f64, f64),
    /// Where it starts, and how much it rises in a millisecond.
    Line(f64, f64),
    Points(Vec<Option<Point>>),
}

impl Course {
    /// The sample so long after the shape began.
    fn at(&self, elapsed: Millis, length: Option<Millis>, first: bool) -> Option<Point> {
        let value = match self {
            Course::Missing | Course::Points(_) => return None,
            Course::Stale if first => f64::from_bits(STALE_NAN_BITS),
            Course::Stale => return None,
            Course::Constant(v) => *v,
            Course::Ramp(from, to) => match length {
                Some(length) if length > 0 && elapsed < length => {
                    from + (to - from) * (elapsed as f64 / length as f64)
                }
                _ => *to,
            },
            Course::Line(from, slope) => from + slope * elapsed as f64,
        };
        Some(Point::Float(value))
    }

    /// The value it has come to in the end.
    fn end(&self, length: Millis) -> Option<f64> {
        match self {
            Course::Constant(v) | Course::Ramp(_, v) => Some(*v),
            Course::Line(from, slope) => Some(from + slope * length as f64),
            Course::Missing | Course::Stale | Course::Points(_) => None,
        }
    }
}

fn course(
    case: &Case<'_>,
    shape: &Shape,
    before: f64,
    unit: Option<&Unit>,
    interval: Millis,
    number_of: impl Fn(&Value, &mut Vec<Diagnostic>) -> Option<f64>,
    found: &mut Vec<Diagnostic>,
) -> Option<Course> {
    Some(match &shape.kind {
        ShapeKind::Missing => Course::Missing,
        ShapeKind::Stale => Course::Stale,
        ShapeKind::Constant(v) => Course::Constant(number_of(v, found)?),
        ShapeKind::Ramp { from, to, .. } => Course::Ramp(number_of(from, found)?, number_of(to, found)?),
        ShapeKind::Slope { from, sign, step } => {
            let start = match from {
                Some(from) => number_of(from, found)?,
                None => before,
            };
            let text = case.bindings.value(step, found)?;
            let quantity = case.bindings.quantity(step, found)?;
            let slope = if text.contains('/') {
                let per_second = quantity.base_value().map_or(0.0, crate::check::types::Constant::to_f64);
                per_second / unit.map_or(1.0, |u| u.scale().to_f64()) / 1000.0
            } else {
                in_unit(&quantity, unit).map_err(|e| found.push(invalid(step.span(), e))).ok()?
                    / interval as f64
            };
            Course::Line(start, if *sign == Sign::Minus { -slope } else { slope })
        }
        ShapeKind::Notation(text) => {
            let (items, diagnostics) = parse_values(&case.bindings.text(text), FileId::NONE, 0);
            if let Some(error) = diagnostics.into_iter().next() {
                let place = text.source(error.primary.span.start as usize..error.primary.span.end as usize);
                let message = format!("the values can't be read: {}", error.message);
                found.push(Diagnostic::new(error.code, place, message));
                return None;
            }
            if items.iter().map(SeriesItem::len).fold(0, u64::saturating_add) > budget::SAMPLES {
                let message = format!("the series has more than {} samples", budget::SAMPLES);
                found.push(Diagnostic::new(&TEST_BUDGET, text.span, message));
                return None;
            }
            let points = items.iter().flat_map(SeriesItem::points).collect::<Result<Vec<_>, _>>();
            Course::Points(points.map_err(|e| found.push(invalid(text.span, e.to_string()))).ok()?)
        }
    })
}

/// The number that a series of this unit holds.
pub(super) fn in_unit(quantity: &Quantity, unit: Option<&Unit>) -> Result<f64, String> {
    quantity.in_unit(unit).map(crate::check::types::Constant::to_f64).map_err(|_| {
        let unit = unit.map(ToString::to_string).unwrap_or_default();
        format!("`{}` is no value of a series in {unit}", quantity.text())
    })
}
