//! Series of a `load` command, brought into a storage.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::script::{Line, Load, ScriptError};
use super::start_times;
use crate::gostd::strconv::parse_float;
use crate::promql::histogram::{ClassicBucket, FloatHistogram};
use crate::promql::labels::{BUCKET_LABEL, Labels, METRIC_NAME};
use crate::promql::storage::Storage;
use crate::promql::value::Point;

/// A sample to load.
struct Loaded {
    t: i64,
    start: Option<i64>,
    point: Point,
}

/// Adds all series of a command; of two lines with the same labels the last counts.
///
/// Source: Prometheus promql/promqltest/test.go parseLoad and loadCmd.
pub(super) fn load(storage: &mut Storage, load: &Load) -> Result<(), ScriptError> {
    let mut series: Vec<(Labels, Vec<Loaded>)> = Vec::new();
    let mut pending: Option<(&Line, Labels, Vec<Option<i64>>)> = None;
    for line in &load.lines {
        let at_line = |message: String| ScriptError::new(line.number, message);
        if let Some((metric, sequence)) = start_times::split(&line.text) {
            let labels = super::series::parse(&format!("{metric} _")).map_err(at_line)?.labels;
            let offsets = start_times::parse(sequence).map_err(at_line)?;
            if let Some((line, ..)) = pending.replace((line, labels, offsets)) {
                return Err(ScriptError::new(
                    line.number,
                    "start timestamps without a series in the next line",
                ));
            }
            continue;
        }
        let parsed = super::series::parse(&line.text).map_err(at_line)?;
        let offsets = match pending.take() {
            None => Vec::new(),
            Some((line, labels, offsets))
                if labels != parsed.labels || offsets.len() != parsed.points.len() =>
            {
                let message = "start timestamps of another series or of another length than the next line";
                return Err(ScriptError::new(line.number, message));
            }
            Some((_, _, offsets)) => offsets,
        };
        let mut samples = Vec::new();
        for (i, point) in parsed.points.into_iter().enumerate() {
            let t = load.step.saturating_mul(i64::try_from(i).unwrap_or(i64::MAX));
            let Some(point) = point else { continue };
            if let Point::Histogram(histogram) = &point.point {
                histogram.validate().map_err(|e| at_line(e.to_string()))?;
            }
            let start = offsets.get(i).copied().flatten().map(|offset| t + offset);
            samples.push(Loaded { t, start, point: point.point });
        }
        series.retain(|(labels, _)| *labels != parsed.labels);
        series.push((parsed.labels, samples));
    }
    if let Some((line, ..)) = pending {
        return Err(ScriptError::new(line.number, "start timestamps without a series in the next line"));
    }
    let custom = if load.with_nhcb { custom_histograms(&series) } else { Ok(Vec::new()) };
    let custom = custom.map_err(|e| ScriptError::new(load.lines.first().map_or(0, |line| line.number), e))?;
    for (labels, samples) in series.into_iter().chain(custom) {
        let id = storage.series_id(&labels);
        for sample in samples {
            match sample.start {
                Some(start) => storage.append_with_start(id, sample.t, start, sample.point),
                None => storage.append(id, sample.t, sample.point),
            }
        }
    }
    Ok(())
}

/// What the series of one classic histogram say at one time.
#[derive(Default)]
struct Classic {
    buckets: Vec<ClassicBucket>,
    count: Option<f64>,
    sum: f64,
}

/// Native histograms with custom buckets for all classic ones.
///
/// Source: Prometheus promql/promqltest/test.go appendCustomHistogram.
fn custom_histograms(series: &[(Labels, Vec<Loaded>)]) -> Result<Vec<(Labels, Vec<Loaded>)>, String> {
    let mut classic: BTreeMap<Labels, BTreeMap<i64, Classic>> = BTreeMap::new();
    for (labels, samples) in series {
        let name = labels.metric_name();
        let suffix = ["_bucket", "_count", "_sum"].into_iter().find_map(|s| Some((s, name.strip_suffix(s)?)));
        let Some((suffix, base)) = suffix else { continue };
        let bound = parse_float(labels.get(BUCKET_LABEL)).ok().filter(|bound| !bound.is_nan());
        if suffix == "_bucket" && bound.is_none() {
            continue;
        }
        let times = classic.entry(labels.with(METRIC_NAME, base).with(BUCKET_LABEL, "")).or_default();
        for sample in samples {
            let Point::Float(value) = sample.point else { continue };
            let histogram = times.entry(sample.t).or_default();
            match (suffix, bound) {
                ("_bucket", Some(upper_bound)) => {
                    histogram.buckets.push(ClassicBucket { upper_bound, count: value });
                }
                ("_count", _) => histogram.count = Some(value),
                _ => histogram.sum = value,
            }
        }
    }
    let convert = |(labels, times): (Labels, BTreeMap<i64, Classic>)| {
        let samples = times.into_iter().map(|(t, classic)| {
            let histogram = FloatHistogram::from_classic(classic.buckets, classic.count, classic.sum);
            let histogram = histogram.map_err(|e| format!("{labels}: {e}"))?;
            Ok(Loaded { t, start: None, point: Point::Histogram(Arc::new(histogram)) })
        });
        let samples = samples.collect::<Result<Vec<_>, String>>()?;
        Ok((labels, samples))
    };
    classic.into_iter().map(convert).collect()
}
