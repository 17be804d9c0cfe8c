//! Results of expressions beside expected samples.

use super::file::{ExpectedSample, ExprCase};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::tester::INVALID_TEST;
use crate::gostd::strconv::format_value;
use crate::promql::histogram::{CounterResetHint, FloatHistogram};
use crate::promql::labels::{Labels, METRIC_NAME};
use crate::promql::parser::parse_metric;
use crate::promql::series_notation::parse_values;
use crate::promql::value::{Point, Sample, Value};
use crate::source::FileId;

/// An expected sample, read.
pub(super) struct Wanted {
    labels: Labels,
    value: WantedValue,
}

enum WantedValue {
    Float(f64),
    Histogram { histogram: Box<FloatHistogram>, hint_given: bool },
}

/// The expected samples of a case.
pub(super) fn wanted(case: &ExprCase, found: &mut Vec<Diagnostic>) -> Vec<Wanted> {
    let mut wanted = Vec::new();
    for sample in &case.samples {
        match read(sample) {
            Ok(sample) => wanted.push(sample),
            Err(message) => {
                found.push(Diagnostic::new(&INVALID_TEST, sample.span.unwrap_or(case.span), message));
            }
        }
    }
    wanted.sort_by(|a, b| a.labels.cmp(&b.labels));
    wanted
}

fn read(sample: &ExpectedSample) -> Result<Wanted, String> {
    let (labels, _, diagnostics) = parse_metric(&sample.labels, true, FileId::NONE, 0);
    if let Some(found) = diagnostics.first() {
        return Err(format!("the labels `{}` can't be read: {}", sample.labels, found.message));
    }
    let value = match &sample.histogram {
        None => WantedValue::Float(sample.value),
        Some(text) => {
            let (items, diagnostics) = parse_values(text, FileId::NONE, 0);
            if let Some(found) = diagnostics.first() {
                return Err(format!("the histogram can't be read: {}", found.message));
            }
            let item = items.first().ok_or("the histogram is empty")?;
            match item.points().next() {
                Some(Ok(Some(Point::Histogram(histogram)))) => WantedValue::Histogram {
                    histogram: Box::new((*histogram).clone()),
                    hint_given: item.has_hint(),
                },
                _ => return Err("expected a histogram in `{{ }}`".to_string()),
            }
        }
    };
    Ok(Wanted { labels: Labels::new(labels), value })
}

impl Wanted {
    fn text(&self) -> String {
        let value = match &self.value {
            WantedValue::Float(v) => format_value(*v),
            WantedValue::Histogram { histogram, .. } => histogram.test_expression(),
        };
        format!("{} {value}", metric(&self.labels))
    }

    fn accepts(&self, sample: &Sample, fuzzy: bool) -> bool {
        if self.labels != sample.labels {
            return false;
        }
        match (&self.value, &sample.point) {
            (WantedValue::Float(wanted), Point::Float(got)) => {
                wanted == got || (fuzzy && (wanted.next_up() == *got || wanted.next_down() == *got))
            }
            (WantedValue::Histogram { histogram, hint_given }, Point::Histogram(got)) => {
                let mut got = (**got).clone();
                let mut wanted = (**histogram).clone();
                if !hint_given {
                    // Hints change with the storage's chunks: a test that names none does not mean any.
                    got.counter_reset_hint = CounterResetHint::Unknown;
                    wanted.counter_reset_hint = CounterResetHint::Unknown;
                }
                got.test_expression() == wanted.test_expression()
            }
            _ => false,
        }
    }
}

/// A metric as people write it: the name before the braces.
pub(super) fn metric(labels: &Labels) -> String {
    let name = labels.get(METRIC_NAME);
    let rest = labels.with(METRIC_NAME, "");
    match (name, rest.is_empty()) {
        (name, true) if !name.is_empty() => name.to_string(),
        (name, _) => format!("{name}{rest}"),
    }
}

fn shown(sample: &Sample) -> String {
    let value = match &sample.point {
        Point::Float(v) => format_value(*v),
        Point::Histogram(h) => h.test_expression(),
    };
    format!("{} {value}", metric(&sample.labels))
}

/// The samples of a result, by labels; a scalar is one without.
pub(super) fn samples(value: Value) -> Result<Vec<Sample>, String> {
    match value {
        Value::Vector(mut samples) => {
            samples.sort_by(|a, b| a.labels.cmp(&b.labels));
            Ok(samples)
        }
        Value::Scalar(v) => Ok(vec![Sample { labels: Labels::EMPTY, point: Point::Float(v) }]),
        Value::String(_) | Value::Matrix(_) => Err("rule result is not a vector or scalar".to_string()),
    }
}

/// Nothing when the result is what is expected; otherwise what differs, line by line.
pub(super) fn difference(wanted: &[Wanted], got: &[Sample], fuzzy: bool) -> Option<Vec<String>> {
    let same = wanted.len() == got.len() && wanted.iter().zip(got).all(|(w, g)| w.accepts(g, fuzzy));
    if same {
        return None;
    }
    let mut rest: Vec<&Sample> = got.iter().collect();
    let mut missing = Vec::new();
    for wanted in wanted {
        match rest.iter().position(|g| wanted.accepts(g, fuzzy)) {
            Some(at) => {
                rest.remove(at);
            }
            None => missing.push(wanted),
        }
    }
    let mut lines = Vec::new();
    for wanted in missing {
        lines.push(format!("expected  {}", wanted.text()));
        match rest.iter().position(|g| g.labels == wanted.labels) {
            Some(at) => lines.push(format!("actual    {}", shown(rest.remove(at)))),
            None => lines.push("actual    (none)".to_string()),
        }
    }
    lines.extend(rest.iter().map(|g| format!("unexpected  {}", shown(g))));
    if let Some(first) = lines.first()
        && lines.iter().any(|l| l.ends_with("NaN"))
        && first.ends_with("NaN")
    {
        lines.push("NaN equals nothing, itself included: as in promtool it can't be expected".to_string());
    }
    Some(lines)
}
