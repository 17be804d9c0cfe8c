//! Lines of series: labels and values.

use super::compare::{WantedPoint, WantedSeries};
use crate::promql::labels::Labels;
use crate::promql::series_notation::{SeriesItem, parse_series};
use crate::source::FileId;

/// The most values of one line, so that a repeat count cannot exhaust the memory.
const LIMIT: u64 = 10_000_000;

/// Reads a line such as `metric{label="value"} 1 2 3+1x5`.
pub(super) fn parse(text: &str) -> Result<WantedSeries, String> {
    let (labels, items, diagnostics) = parse_series(text, FileId::NONE, 0);
    if let Some(diagnostic) = diagnostics.first() {
        return Err(diagnostic.message.clone());
    }
    if items.iter().map(SeriesItem::len).fold(0, u64::saturating_add) > LIMIT {
        return Err(format!("more than {LIMIT} values"));
    }
    let mut points = Vec::new();
    for item in &items {
        for point in item.points() {
            let point = point.map_err(|e| e.to_string())?;
            points.push(point.map(|point| WantedPoint { point, hint_given: item.has_hint() }));
        }
    }
    Ok(WantedSeries { labels: Labels::new(labels), points })
}
