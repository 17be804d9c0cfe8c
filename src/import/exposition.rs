//! Metrics out of an exposition (Prometheus' text format, OpenMetrics) or an answer of `/api/v1/metadata`.

use std::collections::{BTreeMap, BTreeSet};

use super::metrics::{Known, Metrics};
use crate::promql::parser::parse_metric;
use crate::source::FileId;

/// Labels that scraping adds to every series, and that tell parts of histograms and summaries apart.
const NOT_OWN: [&str; 5] = ["__name__", "instance", "job", "le", "quantile"];
/// A histogram with more bounds than this is declared without them.
const MAX_BUCKETS: usize = 40;

/// Reads either form.
///
/// # Errors
/// What is wrong with a text that is neither, with its line.
pub fn read(text: &str) -> Result<Metrics, String> {
    if text.trim_start().starts_with('{') { metadata(text) } else { exposition(text) }
}

/// The answer of Prometheus' `/api/v1/metadata`: `{"status":"success","data":{"NAME":[{"type":…,"unit":…}]}}`.
fn metadata(text: &str) -> Result<Metrics, String> {
    let answer: serde_json::Value = serde_json::from_str(text).map_err(|e| format!("no JSON: {e}"))?;
    let data = answer.get("data").and_then(|d| d.as_object());
    let data = data.ok_or("no answer of /api/v1/metadata: it has no `data` with metrics")?;
    let mut metrics = Metrics::new();
    for (name, all) in data {
        let first = all.get(0);
        let field = |key: &str| first.and_then(|f| f.get(key)).and_then(|v| v.as_str()).unwrap_or("");
        if let Some(kind) = kind(field("type")) {
            metrics.insert(name.clone(), Known { unit: unit(name, field("unit")), ..known(kind) });
        }
    }
    Ok(metrics)
}

fn known(kind: &'static str) -> Known {
    Known { kind, unit: None, labels: None, buckets: Vec::new() }
}

fn kind(word: &str) -> Option<&'static str> {
    ["counter", "gauge", "histogram", "summary"].into_iter().find(|k| *k == word)
}

/// The unit that is said, or that the name ends in.
fn unit(name: &str, said: &str) -> Option<String> {
    let said = Some(said).filter(|u| super::text::is_word(u)).map(str::to_string);
    said.or_else(|| super::metrics::unit_of(name.strip_suffix("_total").unwrap_or(name)))
}

fn exposition(text: &str) -> Result<Metrics, String> {
    let mut kinds: BTreeMap<String, &'static str> = BTreeMap::new();
    let mut units: BTreeMap<String, String> = BTreeMap::new();
    let mut labels: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut bounds: BTreeMap<String, Vec<(f64, String)>> = BTreeMap::new();
    for (number, line) in text.lines().enumerate().map(|(n, l)| (n + 1, l.trim())) {
        if let Some(comment) = line.strip_prefix('#') {
            let words: Vec<&str> = comment.split_whitespace().collect();
            match words.as_slice() {
                ["TYPE", name, word] => {
                    if let Some(kind) = kind(word) {
                        kinds.insert((*name).trim_matches('"').to_string(), kind);
                    }
                }
                ["UNIT", name, unit] => {
                    drop(units.insert((*name).trim_matches('"').to_string(), (*unit).to_string()));
                }
                _ => {}
            }
            continue;
        }
        if line.is_empty() {
            continue;
        }
        let (found, end, problems) = parse_metric(line, false, FileId::NONE, 0);
        let value = line.get(end..).and_then(|r| r.split_whitespace().next());
        let is_number = value.is_some_and(|v| crate::gostd::strconv::parse_float(v).is_ok());
        if !problems.is_empty() || found.is_empty() || !is_number {
            return Err(format!(
                "line {number} is no sample: `{}`",
                line.chars().take(80).collect::<String>()
            ));
        }
        let get = |name: &str| found.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str());
        let name = get("__name__").unwrap_or("");
        let family = family(name, &kinds);
        let own = labels.entry(family.clone()).or_default();
        own.extend(found.iter().map(|(n, _)| n.clone()).filter(|n| !NOT_OWN.contains(&n.as_str())));
        if let Some(le) = get("le").filter(|le| name.ends_with("_bucket") && *le != "+Inf")
            && let Ok(bound) = crate::gostd::strconv::parse_float(le)
        {
            let all = bounds.entry(family).or_default();
            if !all.iter().any(|(b, _)| *b == bound) {
                all.push((bound, le.strip_suffix(".0").unwrap_or(le).to_string()));
            }
        }
    }
    let mut metrics = Metrics::new();
    for (family, kind) in kinds {
        // OpenMetrics names a counter without the suffix that its samples have.
        let total = format!("{family}_total");
        let name = if kind == "counter" && labels.contains_key(&total) { total } else { family.clone() };
        let mut buckets = bounds.remove(&family).unwrap_or_default();
        buckets.sort_by(|a, b| a.0.total_cmp(&b.0));
        let buckets = if buckets.len() > MAX_BUCKETS { Vec::new() } else { buckets };
        let unit = unit(&name, units.get(&family).map_or("", String::as_str));
        let labels = labels.get(&name).or_else(|| labels.get(&family)).cloned();
        let buckets = buckets.into_iter().map(|(_, b)| b).collect();
        metrics.insert(name, Known { kind, unit, labels, buckets });
    }
    Ok(metrics)
}

/// The family of a series: without `_bucket`, `_count`, `_sum` when those belong to a histogram or summary.
fn family(name: &str, kinds: &BTreeMap<String, &'static str>) -> String {
    let stem = ["_bucket", "_count", "_sum"].iter().find_map(|s| name.strip_suffix(s));
    let composed = |stem: &&str| matches!(kinds.get(*stem), Some(&"histogram" | &"summary"));
    stem.filter(composed).unwrap_or(name).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::metrics::source;

    #[test]
    fn expositions_and_metadata_declare_metrics() {
        let text = "# HELP http_requests_total Requests.\n# TYPE http_requests_total counter\nhttp_requests_total{code=\"200\",instance=\"a\"} 3 1700000000\n# TYPE lag_seconds histogram\nlag_seconds_bucket{shard=\"1\",le=\"0.5\"} 1\nlag_seconds_bucket{shard=\"1\",le=\"2.0\"} 1\nlag_seconds_bucket{le=\"+Inf\"} 2\nlag_seconds_sum 1.5\nlag_seconds_count 2\n# TYPE odd untyped\nodd 1\n# TYPE jobs counter\n# UNIT jobs items\njobs_total 4\n# EOF\n";
        let expected = "metric http_requests_total counter {code}\nmetric jobs_total counter items\nmetric lag_seconds histogram seconds {shard}\n       buckets 0.5s, 2s\n";
        assert_eq!(source(&read(text).expect("an exposition")), expected);
        let json = r#"{"status":"success","data":{"mem_bytes":[{"type":"gauge","help":"x","unit":""}],"x":[{"type":"unknown"}]}}"#;
        assert_eq!(source(&read(json).expect("metadata")), "metric mem_bytes gauge bytes\n");
        assert_eq!(read("a b c").expect_err("no sample"), "line 1 is no sample: `a b c`");
        assert!(read("{\"data\": 1}").is_err());
    }
}
