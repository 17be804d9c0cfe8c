//! Labels and annotations of alerts.

use std::collections::BTreeMap;
use std::sync::Arc;

use alertc::gostd::strconv::{parse_float, quote_to_ascii};
use alertc::gotemplate::prometheus::{AlertData, RuleTemplate, Sample, functions};
use alertc::gotemplate::{Environment, StringMap, Value};
use alertc::prometheus::rules::{Options, RuleSet};
use alertc::prometheus::{AlertingRule, Rule, RuleGroup};
use alertc::promql::features::Version;
use alertc::promql::labels::Labels;
use alertc::promql::series_notation::parse_series;
use alertc::promql::storage::Storage;
use alertc::promql::value::Point;
use alertc::source::FileId;
use serde::Deserialize;
use serde_yaml::Value as Yaml;

use super::{conformance, report, suite};

/// The promtool that gave the texts.
const VERSION: (u16, u16) = (3, 5);

#[derive(Deserialize)]
struct Case {
    id: String,
    template: String,
    #[serde(default)]
    labels: BTreeMap<String, String>,
    #[serde(default)]
    external_labels: BTreeMap<String, String>,
    #[serde(default)]
    external_url: String,
    value: Yaml,
    /// Series beside the alert's own, for `query`.
    #[serde(default)]
    extra_series: Vec<Extra>,
    #[serde(default)]
    query_results: BTreeMap<String, Vec<Series>>,
    expected: Option<String>,
    load_error: Option<String>,
    /// The Prometheus that is meant, if not the one of the whole file.
    version: Option<(u16, u16)>,
}

#[derive(Deserialize)]
struct Series {
    labels: BTreeMap<String, String>,
    value: f64,
}

#[derive(Deserialize)]
struct Extra {
    series: String,
    values: String,
}

fn float(yaml: &Yaml) -> f64 {
    match yaml {
        Yaml::String(s) => parse_float(s).unwrap(),
        other => other.as_f64().unwrap(),
    }
}

fn expand(case: &Case) -> String {
    let template = match RuleTemplate::parse("A", &case.template, functions(case.version.unwrap_or(VERSION)))
    {
        Ok(template) => template,
        Err(error) => return format!("load error: {error}"),
    };
    let query = |text: &str| match case.query_results.get(text) {
        Some(series) => Ok(series
            .iter()
            .map(|s| Sample { labels: StringMap::new(s.labels.clone()), value: Value::Float(s.value) })
            .collect()),
        None => Err(format!("the case has no result of {text}")),
    };
    let data = AlertData::new(
        StringMap::new(case.labels.clone()),
        StringMap::new(case.external_labels.clone()),
        &case.external_url,
        Value::Float(float(&case.value)),
    );
    template.expand(&data, &Environment { query: Some(&query), ..Environment::default() })
}

/// The text as a rule gives it that is evaluated over the case's series, `query` through the engine.
fn evaluate(case: &Case) -> String {
    let mut rule = AlertingRule { alert: "A".into(), expr: case.id.clone(), ..AlertingRule::default() };
    rule.annotations.insert("text", case.template.as_str());
    let group = RuleGroup { name: "g".into(), rules: vec![Rule::Alerting(rule)], ..RuleGroup::default() };
    let options = Options {
        version: Version::new(VERSION.0, VERSION.1),
        external_labels: case.external_labels.iter().collect(),
        external_url: case.external_url.clone(),
        ..Options::default()
    };
    let set = match RuleSet::new([&group], &options) {
        Ok(set) => set,
        Err(found) => return format!("load error: {}", found[0].message.trim_start_matches("text: ")),
    };
    let mut storage = Storage::new();
    let id = storage.series_id(&Labels::new(case.labels.iter().map(|(n, v)| (n.clone(), v.clone()))));
    storage.append(id, 0, Point::Float(float(&case.value)));
    for extra in &case.extra_series {
        let text = format!("{} {}", extra.series, extra.values);
        let (labels, items, diagnostics) = parse_series(&text, FileId::NONE, 0);
        assert!(diagnostics.is_empty(), "{text}: {diagnostics:?}");
        let id = storage.series_id(&Labels::new(labels));
        if let Some(point) = items[0].points().next().unwrap().unwrap() {
            storage.append(id, 0, point);
        }
    }
    let timeline = set.evaluate(storage, &Arc::from([0]), &options);
    let (number, _, alerts) = timeline.rules().next().unwrap();
    timeline.annotations(number, &alerts[0], 0)["text"].clone()
}

fn check(cases: &[Case]) {
    let mut failures = Vec::new();
    for case in cases {
        let got = if case.labels.get("__name__") == Some(&case.id) { evaluate(case) } else { expand(case) };
        let expected = match (&case.expected, &case.load_error) {
            (_, Some(error)) => format!("load error: {error}"),
            (Some(text), None) => text.clone(),
            (None, None) => panic!("{} expects nothing", case.id),
        };
        if got != expected {
            failures
                .push(format!("{} {}\n  expected {expected:?}\n       got {got:?}", case.id, case.template));
        }
    }
    report(&failures, cases.len());
}

/// The annotation of a text with one label `x`.
fn annotation(template: &str, x: &str) -> String {
    let template = match RuleTemplate::parse("A", template, functions(VERSION)) {
        Ok(template) => template,
        Err(error) => return error.to_string(),
    };
    let data = AlertData::new(StringMap::new([("x", x)]), StringMap::default(), "", Value::Float(1.0));
    template.expand(&data, &Environment::default())
}

#[test]
fn promtool_expands_the_same_texts() {
    let Some(text) = conformance("prometheus.yml") else { return };
    let file: BTreeMap<String, Yaml> = serde_yaml::from_str(&text).unwrap();
    let mut cases: Vec<Case> = Vec::new();
    for part in ["wild", "edge"] {
        cases.extend(serde_yaml::from_value::<Vec<Case>>(file[part].clone()).unwrap());
    }
    check(&cases);
}

#[test]
fn promtool_writes_titles_and_replaces_patterns_the_same_way() {
    let Some(text) = conformance("prometheus.yml") else { return };
    let file: BTreeMap<String, Yaml> = serde_yaml::from_str(&text).unwrap();
    let rows =
        |part: &str| serde_yaml::from_value::<Vec<BTreeMap<String, String>>>(file[part].clone()).unwrap();
    let (mut failures, mut total) = (Vec::new(), 0);
    let mut compare = |what: &str, got: &str, expected: &str| {
        total += 1;
        if got != expected {
            failures.push(format!("{what}\n  expected {expected:?}\n       got {got:?}"));
        }
    };
    for row in rows("title_function") {
        compare(&row["in"], &annotation("{{ title $labels.x }}", &row["in"]), &row["prometheus"]);
    }
    for row in rows("regex_replace") {
        let (pattern, text) = (quote_to_ascii(&row["pattern"]), quote_to_ascii(&row["text"]));
        let got = annotation(&format!("{{{{ reReplaceAll {pattern} \"<$0>\" {text} }}}}"), "");
        compare(&row["pattern"], &got, &row["go_replace_with_<$0>"]);
    }
    report(&failures, total);
}

#[test]
fn promtool_humanizes_the_same_way() {
    let Some(text) = conformance("humanize.tsv") else { return };
    let mut lines = text.lines();
    let functions: Vec<&str> = lines.next().unwrap().split('\t').skip(1).collect();
    let (mut failures, mut total) = (Vec::new(), 0);
    for line in lines {
        let mut cells = line.split('\t');
        let input = cells.next().unwrap().trim_matches('\'');
        for (function, expected) in functions.iter().zip(cells) {
            total += 1;
            let got = annotation(&format!("{{{{ {function} \"{input}\" }}}}"), "");
            let expected = expected.replace("\\\"", "\"");
            if got != expected {
                failures.push(format!("{function} {input}\n  expected {expected:?}\n       got {got:?}"));
            }
        }
    }
    report(&failures, total);
}

#[test]
fn our_own_cases() {
    check(&serde_yaml::from_str::<Vec<Case>>(&suite("prometheus.yml")).unwrap());
}
