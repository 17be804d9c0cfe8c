//! The series of a test, as samples.

use std::collections::HashMap;
use std::sync::Arc;

use super::super::budget;
use super::file::{Series, Test};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::tester::{INVALID_TEST, SERIES_ENDED, TEST_BUDGET};
use crate::prometheus::rules::Millis;
use crate::promql::duration::Duration;
use crate::promql::labels::Labels;
use crate::promql::series_notation::{SeriesItem, parse_series};
use crate::promql::storage::Storage;
use crate::promql::value::{Point, is_stale_nan};
use crate::source::FileId;

/// The storage of a test with the samples up to `end` (milliseconds since 1970); `asserted` is the time of its last
/// assertion.
pub(super) fn load(test: &Test, end: Millis, asserted: Millis, found: &mut Vec<Diagnostic>) -> Storage {
    let mut by_labels: HashMap<Labels, (usize, Vec<SeriesItem>)> = HashMap::new();
    let mut order: Vec<Labels> = Vec::new();
    for (number, series) in test.series.iter().enumerate() {
        for line in lines(series) {
            let (labels, items, diagnostics) = parse_series(&line, FileId::NONE, 0);
            for diagnostic in &diagnostics {
                found.push(series_error(series, &line, diagnostic));
            }
            let labels = Labels::new(labels);
            if diagnostics.is_empty() && labels.is_empty() {
                found.push(Diagnostic::new(&INVALID_TEST, series.span, "a series needs a name or a label"));
            }
            // The last definition of a series replaces the one before.
            if by_labels.insert(labels.clone(), (number, items)).is_none() {
                order.push(labels);
            }
        }
    }
    let mut storage = Storage::new();
    if found.iter().any(Diagnostic::is_error) {
        return storage;
    }
    let slots = u64::try_from((end - test.start) / test.interval.max(1) + 1).unwrap_or(0);
    let mut grids: HashMap<usize, Arc<[Millis]>> = HashMap::new();
    let (mut samples, mut ended) = (0u64, Vec::new());
    for labels in &order {
        let Some((number, items)) = by_labels.get(labels) else { continue };
        let length = items.iter().map(SeriesItem::len).fold(0, u64::saturating_add);
        samples = samples.saturating_add(length.min(slots));
        if samples > budget::SAMPLES {
            let message = format!("the test has more than {} samples", budget::SAMPLES);
            let span = test.series.get(*number).map_or(test.span, |s| s.span);
            found.push(
                Diagnostic::new(&TEST_BUDGET, span, message)
                    .help("give fewer samples, or a longer `interval` between them"),
            );
            return Storage::new();
        }
        if ends_early(items, length, test, asserted) {
            ended.push((*number, length));
        }
        if let Err(error) = add(labels, items, slots, test, &mut grids, &mut storage) {
            let span = test.series.get(*number).map_or(test.span, |s| s.span);
            found.push(Diagnostic::new(&INVALID_TEST, span, error));
        }
    }
    if let Some((first, length)) = ended.first()
        && let Some(series) = test.series.get(*first)
    {
        let last = i64::try_from(length.saturating_sub(1)).unwrap_or(i64::MAX).saturating_mul(test.interval);
        let text = |ms: Millis| Duration::from_millis(ms).to_string();
        let more = if ended.len() > 1 { format!(" (and {} more)", ended.len() - 1) } else { String::new() };
        let message = format!(
            "`{}`{more} ends at {}, the test asserts at {}",
            series.series,
            text(last),
            text(asserted)
        );
        found.push(Diagnostic::new(&SERIES_ENDED, series.span, message).help(
            "give values up to the last assertion, or end the series with `stale` if it is meant to end",
        ));
    }
    storage
}

/// The values end without saying so, before the last assertion.
fn ends_early(items: &[SeriesItem], length: u64, test: &Test, asserted: Millis) -> bool {
    let said = match items.last() {
        Some(SeriesItem::Missing { .. }) | None => true,
        Some(SeriesItem::Floats { first, .. }) => is_stale_nan(*first),
        Some(SeriesItem::Histograms { .. }) => false,
    };
    let end = i64::try_from(length).unwrap_or(i64::MAX).saturating_mul(test.interval);
    !said && end <= asserted
}

fn add(
    labels: &Labels,
    items: &[SeriesItem],
    slots: u64,
    test: &Test,
    grids: &mut HashMap<usize, Arc<[Millis]>>,
    storage: &mut Storage,
) -> Result<(), String> {
    let id = storage.series_id(labels);
    let at = |i: usize| test.start + i64::try_from(i).unwrap_or(0) * test.interval;
    let mut slot = 0usize;
    let mut floats: Vec<f64> = Vec::new();
    let mut plain = true;
    'items: for item in items {
        if let SeriesItem::Missing { count } = item {
            if *count > 0 {
                plain = flush(id, &mut floats, plain, &at, storage);
            }
            slot = slot.saturating_add(usize::try_from(*count).unwrap_or(usize::MAX));
            continue;
        }
        for point in item.points() {
            if slot as u64 >= slots {
                break 'items;
            }
            match point.map_err(|e| e.to_string())? {
                Some(Point::Float(v)) if plain => floats.push(v),
                Some(point) => {
                    plain = flush(id, &mut floats, plain, &at, storage);
                    storage.append(id, at(slot), point);
                }
                None => plain = flush(id, &mut floats, plain, &at, storage),
            }
            slot += 1;
        }
    }
    if plain && !floats.is_empty() {
        let grid = grids.entry(floats.len()).or_insert_with(|| (0..floats.len()).map(at).collect());
        storage.append_floats(id, grid, floats);
    }
    Ok(())
}

/// Writes what stood together so far; from here on samples go one by one.
fn flush(
    id: crate::promql::storage::SeriesId,
    floats: &mut Vec<f64>,
    plain: bool,
    at: &dyn Fn(usize) -> Millis,
    storage: &mut Storage,
) -> bool {
    if plain {
        for (i, v) in std::mem::take(floats).into_iter().enumerate() {
            storage.append(id, at(i), Point::Float(v));
        }
    }
    false
}

/// promtool puts series and values into a script of lines: comments and line breaks count.
fn lines(series: &Series) -> Vec<String> {
    let text = format!("{} {}", series.series, series.values);
    text.lines()
        .map(str::trim)
        .take_while(|l| !l.is_empty())
        .filter(|l| !l.starts_with('#'))
        .map(str::to_string)
        .collect()
}

fn series_error(series: &Series, line: &str, error: &Diagnostic) -> Diagnostic {
    let before = line.get(..error.primary.span.start as usize).unwrap_or(line);
    let column = before.chars().count();
    let mut text = line.to_string();
    let mut column = column;
    // A long series is shown around the place.
    if column > 60 {
        text = format!("…{}", line.chars().skip(column - 40).take(80).collect::<String>());
        column = 41;
    } else if text.chars().count() > 100 {
        text = format!("{}…", text.chars().take(99).collect::<String>());
    }
    let mut diagnostic =
        Diagnostic::new(error.code, series.span, format!("the series can't be read: {}", error.message))
            .note(format!("{text}\n{}^ {}", " ".repeat(column), error.primary.text));
    diagnostic.help.clone_from(&error.help);
    diagnostic
}
