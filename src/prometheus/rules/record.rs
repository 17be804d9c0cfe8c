//! Recording rules.

use std::collections::HashMap;

use super::RuleState;
use super::prepare::Rule;
use super::write::{Batch, Failure, earlier};
use crate::promql::labels::{LabelsBuilder, METRIC_NAME};
use crate::promql::storage::{SeriesId, Storage};
use crate::promql::value::{Column, ColumnSeries};

const SAME_LABELS: &str = "vector contains metrics with the same labelset after applying rule labels";

/// Writes the results under the rule's name and labels.
///
/// Source: Prometheus rules/recording.go `Eval`.
pub(super) fn write(
    rule: &Rule,
    state: &mut RuleState,
    batch: &Batch<'_>,
    series: Vec<ColumnSeries>,
    storage: &mut Storage,
) -> Result<(), Failure> {
    let mut failure = None;
    let mut columns: Vec<(SeriesId, Column)> = Vec::with_capacity(series.len());
    let mut places: HashMap<SeriesId, usize> = HashMap::new();
    for ColumnSeries { labels, column } in series {
        let mut builder = LabelsBuilder::from(&labels);
        builder.set(METRIC_NAME, &rule.name);
        for (name, value) in rule.labels.iter() {
            builder.set(name, value);
        }
        let id = storage.series_id(&builder.labels());
        match places.get(&id).and_then(|at| columns.get_mut(*at)) {
            Some((_, there)) => {
                if let Some(step) = there.merge(&column) {
                    failure = earlier(failure, (step, SAME_LABELS.to_string()));
                }
            }
            None => {
                places.insert(id, columns.len());
                columns.push((id, column));
            }
        }
    }
    let limit = batch.group.limit;
    if limit > 0 && columns.len() > limit {
        for step in 0..batch.times.len() {
            let count = columns.iter().filter(|(_, c)| c.is_present(step)).count();
            if count > limit {
                let message = format!("exceeded limit of {limit} with {count} series");
                failure = earlier(failure, (step, message));
                break;
            }
        }
    }
    match (failure, state.written.add(batch, columns, storage)) {
        (None, result) => result,
        (Some(failure), result) => Err(result.err().filter(|e| e.0 < failure.0).unwrap_or(failure)),
    }
}
