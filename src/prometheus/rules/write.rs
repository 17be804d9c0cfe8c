//! What rules write: samples, and stale markers where their series end.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Group, Millis};
use crate::gostd::strconv::format_value;
use crate::promql::storage::{Series, SeriesId, Storage};
use crate::promql::value::{Column, Point};

/// The steps of one evaluation of a rule.
pub(super) struct Batch<'a> {
    /// The number of the first step.
    pub(super) first: usize,
    /// How many steps lie between two of them, plus one.
    pub(super) stride: usize,
    /// The times of the steps that were evaluated.
    pub(super) times: &'a [Millis],
    /// The times at which samples are written: earlier by the group's `query_offset`.
    pub(super) written_at: &'a Arc<[Millis]>,
    pub(super) group: &'a Group,
    /// How many steps were asked for.
    pub(super) whole: usize,
}

/// The series that a rule wrote at the last step so far.
#[derive(Debug, Default)]
pub(super) struct Written(BTreeMap<SeriesId, ()>);

/// The step, within the batch, at which something failed, and why.
pub(super) type Failure = (usize, String);

/// The earlier of two failures.
pub(super) fn earlier(a: Option<Failure>, b: Failure) -> Option<Failure> {
    match a {
        Some(a) if a.0 <= b.0 => Some(a),
        _ => Some(b),
    }
}

impl Written {
    /// Adds the series of one evaluation to the storage, each with its number.
    ///
    /// Source: Prometheus rules/group.go `Eval`.
    pub(super) fn add(
        &mut self,
        batch: &Batch<'_>,
        columns: Vec<(SeriesId, Column)>,
        storage: &mut Storage,
    ) -> Result<(), Failure> {
        let mut failure = None;
        let steps = batch.times.len();
        let previous = std::mem::take(&mut self.0);
        for (id, column) in columns {
            let was_present = previous.contains_key(&id);
            if steps > 0 && column.is_present(steps - 1) {
                self.0.insert(id, ());
            }
            let is_new = storage.series(id).max_time().is_none();
            if is_new && steps == batch.whole && column.len() == steps {
                storage.append_column(id, batch.written_at, &column);
            } else if let Err(found) = checked(id, batch, &column, was_present, storage) {
                failure = earlier(failure, found);
            }
        }
        if let (Some(t), Some(now)) = (batch.written_at.first(), batch.times.first()) {
            // Those of the last evaluation that are not among the new ones at all.
            for id in previous.keys().filter(|id| !self.0.contains_key(id)) {
                if clash(storage.series(*id), *t, *now).is_none() {
                    storage.append_stale(*id, *t);
                }
            }
        }
        failure.map_or(Ok(()), Err)
    }
}

/// Adds a column sample by sample; where the series has another sample already, that is an error, or for a stale
/// marker left alone.
fn checked(
    id: SeriesId,
    batch: &Batch<'_>,
    column: &Column,
    mut was_present: bool,
    storage: &mut Storage,
) -> Result<(), Failure> {
    for (step, (t, now)) in batch.written_at.iter().zip(batch.times).enumerate() {
        let found = clash(storage.series(id), *t, *now);
        match (column.get(step), found) {
            (Some(point), None) => storage.append(id, *t, point),
            (Some(point), Some(Clash::Same(there))) if there.as_ref() == Some(&point) => {}
            (Some(point), Some(Clash::Same(there))) => {
                return Err((step, duplicate(*t, there.as_ref(), &point)));
            }
            (Some(_), Some(Clash::Newer)) => return Err((step, "out of order sample".to_string())),
            (None, None) if was_present => storage.append_stale(id, *t),
            (None, _) => {}
        }
        was_present = column.is_present(step);
    }
    Ok(())
}

/// What stands in the way of a sample.
enum Clash {
    /// A sample, or a stale marker, at the same time.
    Same(Option<Point>),
    /// A newer sample.
    Newer,
}

/// What a series, as it is known at `now`, has at or after `t`.
fn clash(series: &Series, t: Millis, now: Millis) -> Option<Clash> {
    if series.max_time().is_none_or(|newest| newest < t) {
        return None;
    }
    let newer = |times: &[Millis]| {
        let after = times.partition_point(|s| *s <= t);
        times.get(after).is_some_and(|s| *s <= now)
    };
    if newer(series.times())
        || newer(series.stale())
        || series.histograms().iter().any(|h| h.t > t && h.t <= now)
    {
        return Some(Clash::Newer);
    }
    if let Ok(at) = series.times().binary_search(&t) {
        return Some(Clash::Same(series.values().get(at).map(|v| Point::Float(*v))));
    }
    if let Ok(at) = series.histograms().binary_search_by_key(&t, |h| h.t) {
        return Some(Clash::Same(series.histograms().get(at).map(|h| Point::Histogram(h.h.clone()))));
    }
    series.stale().binary_search(&t).is_ok().then_some(Clash::Same(None))
}

/// Source: Prometheus storage/interface.go `errDuplicateSampleForTimestamp`.
fn duplicate(t: Millis, there: Option<&Point>, new: &Point) -> String {
    let text = "duplicate sample for timestamp";
    let (Some(Point::Float(there)), Point::Float(new), true) = (there, new, t != 0) else {
        return text.to_string();
    };
    let (there, new) = (format_value(*there), format_value(*new));
    format!("{text} [{t}; overrides not allowed: existing {there}, new value {new}]")
}
