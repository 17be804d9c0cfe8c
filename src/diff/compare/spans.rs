//! Time intervals in words.

use serde_json::Value;

use crate::alertmanager::time_interval::NamedIntervals;

/// Each span of an interval: `monday:friday 09:00-17:00 in Europe/London`.
pub(in crate::diff) fn words(named: &NamedIntervals) -> Vec<String> {
    named.time_intervals.iter().map(|span| one(&serde_json::to_value(span).unwrap_or_default())).collect()
}

fn one(span: &Value) -> String {
    let list = |key: &str| -> Vec<String> {
        let items = span.get(key).and_then(Value::as_array);
        items.into_iter().flatten().map(text).collect()
    };
    let mut words = Vec::new();
    for (key, before) in
        [("weekdays", ""), ("months", ""), ("days_of_month", "days "), ("years", "years "), ("times", "")]
    {
        let items = list(key);
        if !items.is_empty() {
            words.push(format!("{before}{}", items.join(",")));
        }
    }
    if words.is_empty() {
        words.push("always".to_string());
    }
    if let Some(zone) = span.get("location").and_then(Value::as_str) {
        words.push(format!("in {zone}"));
    }
    words.join(" ")
}

fn text(value: &Value) -> String {
    let time = |key: &str| value.get(key).and_then(Value::as_str);
    match (value.as_str(), time("start_time"), time("end_time")) {
        (Some(text), _, _) => text.to_string(),
        (None, Some(start), Some(end)) => format!("{start}-{end}"),
        _ => value.to_string(),
    }
}
