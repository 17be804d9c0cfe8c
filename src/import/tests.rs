//! promtool's unit tests as `test` blocks.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::gostd::strconv::quote;
use crate::promql::duration::Duration;
use crate::promql::parser::parse_metric;
use crate::source::glob;
use crate::source::{FileId, Loader, Span};
use crate::tester::alerts::Expected;
use crate::tester::promtool::file::{self, AlertCase, ExprCase, Test};
use crate::yaml::Node;

use super::rules::core;
use super::text;

/// A test of a file.
#[derive(Debug, Clone)]
pub struct TestSource {
    /// Where it stands.
    pub span: Span,
    /// Its title, each once.
    pub title: String,
    test: Test,
}

/// How a test's claims are said. One whose verdict would change is said in the next way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Say {
    /// `firing only`: these alerts and no other.
    Only,
    /// `firing`: these alerts; of others nothing is said.
    Firing,
    /// Not at all.
    Nothing,
}

impl Say {
    /// The next way.
    pub fn next(self) -> Say {
        match self {
            Say::Only => Say::Firing,
            Say::Firing | Say::Nothing => Say::Nothing,
        }
    }
}

/// The tests of a file, each with a title of its own beside those `taken`.
pub(super) fn read(root: &Node, stem: &str, taken: &mut BTreeMap<String, usize>) -> Vec<TestSource> {
    let (file, _) = file::read(root, Path::new("/"));
    let several = file.tests.len() > 1;
    let tests = file.tests.into_iter().enumerate().map(|(number, test)| {
        let named = test.name.clone().filter(|n| !n.is_empty());
        let title = named.unwrap_or_else(|| match several {
            true => format!("{stem} {}", number + 1),
            false => stem.to_string(),
        });
        // In a title a `$name` would be a parameter.
        let title = title.replace('$', "");
        let count = taken.entry(title.clone()).or_insert(0);
        *count += 1;
        let title = if *count > 1 { format!("{title} ({count})") } else { title };
        TestSource { span: test.span, title, test }
    });
    tests.collect()
}

/// The rule files that a test file names, as far as they are there.
pub fn rule_files(loader: &dyn Loader, root: &Node, path: &Path) -> Vec<PathBuf> {
    let (file, _) = file::read(root, path);
    let found = file.rule_files.iter().filter_map(|(pattern, _)| glob(loader, &file.dir, pattern).ok());
    found.flatten().collect()
}

/// The `test` blocks, with the place of each in the text.
pub(super) fn source(tests: &[&TestSource], say: &[Say]) -> (String, Vec<(std::ops::Range<usize>, usize)>) {
    let mut out = String::new();
    let mut places = Vec::new();
    for (index, (source, say)) in
        tests.iter().zip(say).enumerate().filter(|(_, (_, say))| **say != Say::Nothing)
    {
        let Some(text) = block(source, *say) else { continue };
        if !out.is_empty() {
            out.push('\n');
        }
        let start = out.len();
        out.push_str(&text);
        places.push((start..out.len(), index));
    }
    (out, places)
}

fn block(source: &TestSource, say: Say) -> Option<String> {
    let test = &source.test;
    let mut out = format!("test {} {{\n", quote(&source.title));
    if test.start != 0 {
        let start = jiff::Timestamp::from_millisecond(test.start).ok()?;
        out.push_str(&format!("  start {start}\n"));
    }
    if !test.external_labels.is_empty() {
        if test.external_labels.iter().any(|(_, value)| has_parameter(value)) {
            return None;
        }
        let labels = test.external_labels.iter().map(|(n, v)| format!("{}={}", text::label(n), quote(v)));
        out.push_str(&format!("  external_labels {{{}}}\n", labels.collect::<Vec<_>>().join(", ")));
    }
    if test.interval != 60_000 {
        out.push_str(&format!("  interval {}\n", Duration::from_millis(test.interval)));
    }
    if !test.series.is_empty() {
        out.push('\n');
    }
    for series in &test.series {
        let values: Vec<&str> = series.values.split_whitespace().collect();
        out.push_str(&format!("  series {} = {}\n", series.series.trim(), quote(&values.join(" "))));
    }
    out.push('\n');
    let mut claims: Vec<(i64, String)> = Vec::new();
    for case in &test.alerts {
        claims.push((case.eval_time, alert(case, say)?));
    }
    for case in &test.exprs {
        claims.push((case.eval_time, value(case)?));
    }
    claims.sort_by_key(|(at, _)| *at);
    claims.iter().for_each(|(_, claim)| out.push_str(claim));
    out.push_str("}\n");
    Some(out)
}

fn alert(case: &AlertCase, say: Say) -> Option<String> {
    let at = Duration::from_millis(case.eval_time);
    let name = text::name(&case.alertname);
    if case.expected.is_empty() {
        return Some(format!("  never from {at} to {at} firing {name}\n"));
    }
    let reference = |alert: &Expected| {
        let labels = alert.exact.labels.iter().filter(|(n, _)| *n != "alertname");
        let labels = labels.map(|(n, v)| format!("{}={}", text::label(n), quote(v)));
        let patterns = alert.label_patterns.iter();
        let patterns = patterns.map(|(n, p)| format!("{}=~{}", text::label(n), quote(&p.text)));
        let labels: Vec<String> = labels.chain(patterns).collect();
        if labels.is_empty() { name.clone() } else { format!("{name}{{{}}}", labels.join(", ")) }
    };
    let all = case.expected.iter().flat_map(|a| a.exact.labels.values().chain(a.exact.annotations.values()));
    let patterns = case.expected.iter().flat_map(|a| a.label_patterns.iter().chain(&a.annotation_patterns));
    if all.chain(patterns.map(|(_, p)| &p.text)).any(|t| has_parameter(t)) {
        return None;
    }
    let references: Vec<String> = case.expected.iter().map(reference).collect();
    let mut out = String::new();
    let only = say == Say::Only;
    let told =
        case.expected.iter().any(|a| !a.exact.annotations.is_empty() || !a.annotation_patterns.is_empty());
    if only && (case.expected.len() > 1 || !told) {
        out.push_str(&format!("  at {at} firing only {}\n", references.join(", ")));
    }
    if told || !only {
        for (alert, reference) in case.expected.iter().zip(&references) {
            let word = if only && case.expected.len() == 1 { "firing only" } else { "firing" };
            out.push_str(&format!("  at {at} {word} {reference}\n"));
            let exact = alert.exact.annotations.iter().map(|(key, value)| (key, "", value));
            let patterns = alert.annotation_patterns.iter().map(|(key, p)| (key, "=~ ", &p.text));
            for (key, matches, value) in exact.chain(patterns) {
                // In a claim these two words are the annotations `runbook_url` and `dashboard_url`.
                if matches!(key.as_str(), "runbook" | "dashboard") {
                    continue;
                }
                if !text::is_word(key) {
                    return None;
                }
                out.push_str(&format!("    {key} {matches}{}\n", quote(value)));
            }
        }
    }
    Some(out)
}

/// True for a text in which a test would see a parameter.
fn has_parameter(text: &str) -> bool {
    text.match_indices('$').any(|(at, _)| {
        text.get(at + 1..)
            .is_some_and(|r| r.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || c == '{'))
    })
}

fn value(case: &ExprCase) -> Option<String> {
    let at = Duration::from_millis(case.eval_time);
    let expr = core(&case.expr).text;
    if expr.contains('#') || has_parameter(&expr) {
        return None;
    }
    let expr = expr.split('\n').map(str::trim).collect::<Vec<_>>().join(" ");
    let mut samples = Vec::new();
    for sample in &case.samples {
        if sample.histogram.is_some() || !sample.value.is_finite() {
            return None;
        }
        let (labels, _, found) = parse_metric(&sample.labels, true, FileId::NONE, 0);
        if !found.is_empty() {
            return None;
        }
        let labels: Vec<String> =
            labels.iter().map(|(n, v)| format!("{}={}", text::label(n), quote(v))).collect();
        let labels = if labels.is_empty() { String::new() } else { format!("{{{}}} ", labels.join(", ")) };
        samples.push(format!("{labels}{}", sample.value));
    }
    let samples = if samples.is_empty() { "nothing".to_string() } else { samples.join(", ") };
    Some(format!("  at {at} value {expr} = {samples}\n"))
}
