//! A test file out of YAML, strict as promtool reads it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::super::alerts::{Expected, Pattern};
use crate::diagnostic::codes::tester::INVALID_TEST;
use crate::diagnostic::{Diagnostic, codes};
use crate::gostd::regexp::{Anchor, Regexp};
use crate::gostd::strconv::parse_float;
use crate::prometheus::rules::Millis;
use crate::promql::duration::Duration;
use crate::source::Span;
use crate::yaml::{Decoder, Node, StringMap};

/// A test file.
#[derive(Debug, Clone, Default)]
pub(crate) struct TestFile {
    /// The directory to which its paths are relative.
    pub(crate) dir: PathBuf,
    pub(crate) rule_files: Vec<(String, Span)>,
    pub(crate) evaluation_interval: Millis,
    pub(crate) group_eval_order: Vec<String>,
    pub(crate) fuzzy_compare: bool,
    pub(crate) tests: Vec<Test>,
}

/// A test: series, and what is asserted of them.
#[derive(Debug, Clone)]
pub(crate) struct Test {
    pub(crate) name: Option<String>,
    pub(crate) span: Span,
    pub(crate) interval: Millis,
    /// Milliseconds since 1970.
    pub(crate) start: Millis,
    pub(crate) series: Vec<Series>,
    pub(crate) alerts: Vec<AlertCase>,
    pub(crate) exprs: Vec<ExprCase>,
    pub(crate) external_labels: StringMap,
    pub(crate) external_url: String,
}

/// A series of input.
#[derive(Debug, Clone)]
pub(crate) struct Series {
    pub(crate) series: String,
    pub(crate) values: String,
    pub(crate) span: Span,
}

/// Which alerts fire at a time.
#[derive(Debug, Clone)]
pub(crate) struct AlertCase {
    pub(crate) eval_time: Millis,
    pub(crate) alertname: String,
    pub(crate) expected: Vec<Expected>,
    /// Where the alert is named.
    pub(crate) span: Span,
}

/// What an expression gives at a time.
#[derive(Debug, Clone)]
pub(crate) struct ExprCase {
    pub(crate) expr: String,
    pub(crate) eval_time: Millis,
    pub(crate) samples: Vec<ExpectedSample>,
    pub(crate) span: Span,
}

/// One element of an expected result.
#[derive(Debug, Clone, Default)]
pub(crate) struct ExpectedSample {
    pub(crate) labels: String,
    pub(crate) value: f64,
    pub(crate) histogram: Option<String>,
    pub(crate) span: Option<Span>,
}

const FILE: [&str; 5] = ["rule_files", "evaluation_interval", "group_eval_order", "tests", "fuzzy_compare"];
const TEST: [&str; 8] = [
    "interval",
    "input_series",
    "alert_rule_test",
    "promql_expr_test",
    "external_labels",
    "external_url",
    "name",
    "start_timestamp",
];

/// Reads a test file.
pub(crate) fn read(root: &Node, path: &Path) -> (TestFile, Vec<Diagnostic>) {
    let mut decoder = Decoder::new();
    let dir = path.parent().unwrap_or(Path::new("/")).to_path_buf();
    let mut file = TestFile { dir, evaluation_interval: 60_000, ..TestFile::default() };
    let mut tests = &[][..];
    for entry in decoder.mapping(root, "a test file").map_or(&[][..], |m| &m.entries) {
        let value = &entry.value;
        match entry.name() {
            "rule_files" => {
                for node in decoder.sequence(value, "`rule_files`") {
                    if let Some(text) = decoder.text(node, "a rule file") {
                        file.rule_files.push((text.to_string(), node.span));
                    }
                }
            }
            "evaluation_interval" => {
                if let Some(ms) = duration(value, "`evaluation_interval`", &mut decoder).filter(|ms| *ms > 0)
                {
                    file.evaluation_interval = ms;
                }
            }
            "group_eval_order" => {
                for node in decoder.sequence(value, "`group_eval_order`") {
                    let Some(name) = decoder.text(node, "the name of a group") else { continue };
                    if file.group_eval_order.iter().any(|n| n == name) {
                        let message = format!("the group `{name}` stands twice in the order of evaluation");
                        decoder.report(Diagnostic::new(&INVALID_TEST, node.span, message).label("again"));
                    }
                    file.group_eval_order.push(name.to_string());
                }
            }
            "fuzzy_compare" => {
                file.fuzzy_compare = decoder.boolean(value, "`fuzzy_compare`").unwrap_or(false);
            }
            "tests" => tests = decoder.sequence(value, "`tests`"),
            _ => decoder.unknown_field(entry, "a test file", FILE),
        }
    }
    let interval = file.evaluation_interval;
    file.tests = tests.iter().map(|node| test(node, interval, &mut decoder)).collect();
    (file, decoder.diagnostics)
}

fn test(node: &Node, interval: Millis, decoder: &mut Decoder) -> Test {
    let mut test = Test {
        name: None,
        span: node.span,
        interval,
        start: 0,
        series: Vec::new(),
        alerts: Vec::new(),
        exprs: Vec::new(),
        external_labels: StringMap::new(),
        external_url: String::new(),
    };
    for entry in decoder.mapping(node, "a test").map_or(&[][..], |m| &m.entries) {
        let value = &entry.value;
        match entry.name() {
            "interval" => {
                if let Some(ms) = duration(value, "`interval`", decoder).filter(|ms| *ms > 0) {
                    test.interval = ms;
                }
            }
            "input_series" => {
                for node in decoder.sequence(value, "`input_series`") {
                    test.series.extend(series(node, decoder));
                }
            }
            "alert_rule_test" => {
                for node in decoder.sequence(value, "`alert_rule_test`") {
                    test.alerts.extend(alert_case(node, decoder));
                }
            }
            "promql_expr_test" => {
                for node in decoder.sequence(value, "`promql_expr_test`") {
                    test.exprs.push(expr_case(node, decoder));
                }
            }
            "external_labels" => test.external_labels = decoder.string_map(value, "`external_labels`"),
            "external_url" => {
                test.external_url = decoder.text(value, "`external_url`").unwrap_or("").to_string();
            }
            "name" => {
                test.name = decoder.text(value, "`name`").map(str::to_string);
                test.span = value.span;
            }
            "start_timestamp" => {
                if let Some(start) = timestamp(value, decoder) {
                    test.start = start;
                }
            }
            _ => decoder.unknown_field(entry, "a test", TEST),
        }
    }
    test
}

fn duration(node: &Node, what: &str, decoder: &mut Decoder) -> Option<Millis> {
    if node.is_null() {
        return None;
    }
    let text = decoder.text(node, what)?;
    match text.parse::<Duration>() {
        Ok(duration) => Some(duration.millis()),
        Err(error) => {
            let message = format!("{what} is no duration: {error}");
            decoder.report(
                Diagnostic::new(&codes::rules::INVALID_DURATION, node.span, message)
                    .help("write whole numbers with units from large to small: `30s`, `5m`, `1h30m`, `7d`"),
            );
            None
        }
    }
}

/// Unix seconds or RFC 3339. The year 1 counts as not given.
fn timestamp(node: &Node, decoder: &mut Decoder) -> Option<Millis> {
    let text = decoder.text(node, "`start_timestamp`")?;
    if let Ok(seconds) = parse_float(text)
        && seconds.abs() < 9e12
    {
        return Some((seconds * 1000.0).round() as i64);
    }
    match text.parse::<jiff::Timestamp>() {
        Ok(at) if at.as_second() == -62_135_596_800 => None,
        Ok(at) => Some(at.as_millisecond()),
        Err(_) => {
            let message = format!("`{text}` is no time");
            decoder.report(
                Diagnostic::new(&INVALID_TEST, node.span, message)
                    .label("expected Unix seconds or RFC 3339")
                    .help("write `1767225600` or `2026-01-01T00:00:00Z`"),
            );
            None
        }
    }
}

fn series(node: &Node, decoder: &mut Decoder) -> Option<Series> {
    let mut series = Series { series: String::new(), values: String::new(), span: node.span };
    for entry in &decoder.mapping(node, "a series")?.entries {
        match entry.name() {
            "series" => series.series = decoder.text(&entry.value, "`series`")?.to_string(),
            "values" => {
                series.values = decoder.text(&entry.value, "`values`").unwrap_or("").to_string();
                series.span = entry.value.span;
            }
            _ => decoder.unknown_field(entry, "a series", ["series", "values"]),
        }
    }
    Some(series)
}

fn strings(node: &Node, what: &str, decoder: &mut Decoder) -> BTreeMap<String, String> {
    decoder.string_map(node, what).iter().map(|(k, v)| (k.to_string(), v.to_string())).collect()
}

fn alert_case(node: &Node, decoder: &mut Decoder) -> Option<AlertCase> {
    let mut case = AlertCase {
        eval_time: 0,
        alertname: String::new(),
        expected: Vec::new(),
        span: node.span.at_start(),
    };
    for entry in &decoder.mapping(node, "an alert test")?.entries {
        let value = &entry.value;
        match entry.name() {
            "eval_time" => case.eval_time = duration(value, "`eval_time`", decoder).unwrap_or(0),
            "alertname" => {
                case.alertname = decoder.text(value, "`alertname`").unwrap_or("").to_string();
                case.span = value.span;
            }
            "exp_alerts" => {
                for node in decoder.sequence(value, "`exp_alerts`") {
                    case.expected.push(expected(node, decoder));
                }
            }
            _ => decoder.unknown_field(entry, "an alert test", ["eval_time", "alertname", "exp_alerts"]),
        }
    }
    for alert in &mut case.expected {
        alert.exact.labels.insert("alertname".to_string(), case.alertname.clone());
    }
    Some(case)
}

/// promtool knows the first two fields. The others are ours: promtool refuses a file that has them, so that nobody takes
/// a looser test for one that promtool has passed.
const EXPECTED: [&str; 5] =
    ["exp_labels", "exp_annotations", "partial", "exp_label_patterns", "exp_annotation_patterns"];

fn expected(node: &Node, decoder: &mut Decoder) -> Expected {
    let mut alert = Expected::default();
    for entry in decoder.mapping(node, "an expected alert").map_or(&[][..], |m| &m.entries) {
        let value = &entry.value;
        match entry.name() {
            "exp_labels" => alert.exact.labels = strings(value, "`exp_labels`", decoder),
            "exp_annotations" => alert.exact.annotations = strings(value, "`exp_annotations`", decoder),
            "partial" => alert.partial = decoder.boolean(value, "`partial`").unwrap_or(false),
            "exp_label_patterns" => alert.label_patterns = patterns(value, entry.name(), decoder),
            "exp_annotation_patterns" => alert.annotation_patterns = patterns(value, entry.name(), decoder),
            _ => decoder.unknown_field(entry, "an expected alert", EXPECTED),
        }
    }
    alert
}

/// Regular expressions by name, anchored as Prometheus' matchers are.
fn patterns(node: &Node, what: &str, decoder: &mut Decoder) -> Vec<(String, Pattern)> {
    let mut patterns = Vec::new();
    for (name, text) in strings(node, &format!("`{what}`"), decoder) {
        match Regexp::new(&text, Anchor::Prometheus) {
            Ok(regexp) => patterns.push((name, Pattern { text, regexp })),
            Err(error) => {
                let message = format!("the pattern of `{name}` can't be read: {error}");
                decoder.report(Diagnostic::new(&INVALID_TEST, node.span, message));
            }
        }
    }
    patterns
}

fn expr_case(node: &Node, decoder: &mut Decoder) -> ExprCase {
    let mut case =
        ExprCase { expr: String::new(), eval_time: 0, samples: Vec::new(), span: node.span.at_start() };
    for entry in decoder.mapping(node, "an expression test").map_or(&[][..], |m| &m.entries) {
        let value = &entry.value;
        match entry.name() {
            "expr" => {
                case.expr = decoder.text(value, "`expr`").unwrap_or("").to_string();
                case.span = value.span;
            }
            "eval_time" => case.eval_time = duration(value, "`eval_time`", decoder).unwrap_or(0),
            "exp_samples" => {
                for node in decoder.sequence(value, "`exp_samples`") {
                    case.samples.push(sample(node, decoder));
                }
            }
            _ => decoder.unknown_field(entry, "an expression test", ["expr", "eval_time", "exp_samples"]),
        }
    }
    case
}

fn sample(node: &Node, decoder: &mut Decoder) -> ExpectedSample {
    let mut sample = ExpectedSample { span: Some(node.span), ..ExpectedSample::default() };
    for entry in decoder.mapping(node, "an expected sample").map_or(&[][..], |m| &m.entries) {
        let value = &entry.value;
        match entry.name() {
            "labels" => sample.labels = decoder.text(value, "`labels`").unwrap_or("").to_string(),
            "value" => sample.value = decoder.float(value, "`value`").unwrap_or(0.0),
            "histogram" => {
                sample.histogram =
                    decoder.text(value, "`histogram`").filter(|t| !t.is_empty()).map(str::to_string);
            }
            _ => decoder.unknown_field(entry, "an expected sample", ["labels", "value", "histogram"]),
        }
    }
    sample
}
