//! What alerts have in common, said once: labels, annotations, waiting times, severities, the base of runbooks.

use std::collections::BTreeMap;

use crate::prometheus::{AlertingRule, Rule, RuleGroup};
use crate::promql::duration::Duration;
use crate::yaml::StringMap;

use super::layout::WIDTH;
use super::text::{self, Idiom, quoted};

/// What reaches an alert without being written in it.
#[derive(Debug, Clone, Default)]
pub(super) struct Shared {
    /// Labels of all alerts.
    pub(super) labels: StringMap,
    /// Annotations of all alerts.
    pub(super) annotations: StringMap,
    /// The usual `for`.
    pub(super) hold: Option<Duration>,
    /// The usual severity.
    pub(super) severity: Option<String>,
    /// What runbooks are resolved against.
    pub(super) runbook: Option<Runbook>,
    /// The declared severities, highest first.
    pub(super) severities: Vec<String>,
}

/// The runbook of alerts that do not say their own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Runbook {
    /// A directory under which each alert names its page.
    Base(String),
    /// The text around the alert's name.
    ByName(String, String),
}

fn alerts(groups: &[RuleGroup]) -> impl Iterator<Item = &AlertingRule> {
    groups.iter().flat_map(|g| &g.rules).filter_map(|r| match r {
        Rule::Alerting(a) => Some(a),
        Rule::Recording(_) => None,
    })
}

impl Shared {
    /// What all files have in common.
    pub(super) fn of_project(files: &[&[RuleGroup]]) -> Shared {
        let all: Vec<&AlertingRule> = files.iter().flat_map(|f| alerts(f)).collect();
        let mut shared = Shared { severities: severities(&all), ..Shared::default() };
        if all.len() > 2 {
            shared.labels = common(&all, |a| &a.labels);
            shared.annotations = common(&all, |a| &a.annotations);
            shared.runbook = runbook(&all);
        }
        shared
    }

    /// What the alerts of a file have in common beyond what the project's have.
    pub(super) fn of_file(&self, groups: &[RuleGroup]) -> Shared {
        let all: Vec<&AlertingRule> = alerts(groups).collect();
        let mut own = Shared { severities: self.severities.clone(), ..Shared::default() };
        if all.len() < 3 {
            return own;
        }
        let further = |mine: StringMap, project: &StringMap| -> StringMap {
            mine.iter().filter(|(n, _)| project.get(n).is_none()).collect()
        };
        own.labels = further(common(&all, |a| &a.labels), &self.labels);
        own.annotations = further(common(&all, |a| &a.annotations), &self.annotations);
        own.runbook = if self.runbook.is_none() { runbook(&all) } else { None };
        own.hold = usual(all.iter().map(|a| a.hold.filter(|d| d.millis() != 0)));
        let plain =
            |a: &&AlertingRule| a.labels.get("severity").filter(|s| !s.is_empty()).map(str::to_string);
        if all.iter().all(|a| plain(a).is_some()) {
            let told = all.iter().filter(|a| !a.labels.get("severity").is_some_and(|s| s.contains("{{")));
            own.severity = usual(told.map(plain));
        }
        own
    }

    /// Both together, as an alert of the file inherits them.
    pub(super) fn with(&self, file: &Shared) -> Shared {
        let join = |a: &StringMap, b: &StringMap| -> StringMap { a.iter().chain(b.iter()).collect() };
        Shared {
            labels: join(&self.labels, &file.labels),
            annotations: join(&self.annotations, &file.annotations),
            hold: file.hold,
            severity: file.severity.clone(),
            runbook: self.runbook.clone().or_else(|| file.runbook.clone()),
            severities: self.severities.clone(),
        }
    }

    /// True when a level may have that severity.
    pub(super) fn levels(&self, severity: &str) -> bool {
        self.severities.iter().any(|s| s == severity)
    }

    /// A runbook as its alert writes it; none when it need not.
    pub(super) fn relative<'t>(&self, alert: &str, url: &'t str) -> Option<&'t str> {
        match &self.runbook {
            Some(Runbook::ByName(before, after)) => {
                let named = url.strip_prefix(before.as_str()).and_then(|r| r.strip_suffix(after.as_str()));
                (named != Some(alert)).then_some(url)
            }
            Some(Runbook::Base(base)) => Some(url.strip_prefix(base.as_str()).unwrap_or(url)),
            None => Some(url),
        }
    }

    /// `project { … }` or `defaults { … }`; empty when there is nothing to say.
    pub(super) fn block(&self, keyword: &str) -> String {
        let mut lines = Vec::new();
        let set = |key: &str, map: &StringMap| {
            let entries: Vec<String> =
                map.iter().map(|(n, v)| format!("{}={}", text::label(n), quoted(v, Idiom::NONE))).collect();
            format!("  {key} {{{}}}", entries.join(", "))
        };
        if let Some(hold) = self.hold {
            lines.push(format!("  for {hold}"));
        }
        if let Some(severity) = &self.severity {
            lines.push(format!("  severity {}", text::name(severity)));
        }
        if !self.labels.is_empty() {
            lines.push(set("labels", &self.labels));
        }
        let keyed = [("summary", "summary"), ("description", "description"), ("dashboard_url", "dashboard")];
        for (name, key) in keyed {
            if let Some(value) = self.annotations.get(name) {
                lines.push(format!("  {key} {}", quoted(value, Idiom::NONE)));
            }
        }
        let rest: StringMap =
            self.annotations.iter().filter(|(n, _)| !keyed.iter().any(|(k, _)| k == n)).collect();
        if !rest.is_empty() {
            lines.push(set("annotations", &rest));
        }
        match &self.runbook {
            Some(Runbook::Base(base)) => lines.push(format!("  runbook {}", quoted(base, Idiom::NONE))),
            Some(Runbook::ByName(before, after)) => {
                let [before, after] = [before, after].map(|t| quoted(t, Idiom::NONE));
                let [before, after] = [before, after].map(|t| t.trim_matches('"').to_string());
                lines.push(format!("  runbook \"{before}{{alertname}}{after}\""));
            }
            None => {}
        }
        let inside: Vec<&str> = lines.iter().map(|line| line.trim_start()).collect();
        let line = format!("{keyword} {{ {} }}\n", inside.join("  "));
        match lines.len() {
            0 => String::new(),
            _ if line.chars().count() <= WIDTH => line,
            _ => format!("{keyword} {{\n{}\n}}\n", lines.join("\n")),
        }
    }
}

/// Names that every alert has with the same value; severities and runbooks have words of their own.
fn common(all: &[&AlertingRule], map: impl Fn(&AlertingRule) -> &StringMap) -> StringMap {
    let Some((first, rest)) = all.split_first() else { return StringMap::new() };
    map(first)
        .iter()
        .filter(|(name, value)| {
            !matches!(*name, "severity" | "runbook_url")
                && !value.is_empty()
                && !value.contains(['{', '\n'])
                && rest.iter().all(|a| map(a).get(name) == Some(value))
        })
        .collect()
}

/// The value that most have, when saying it once saves lines even if all others must then say theirs.
fn usual<T: Ord + Clone>(values: impl Iterator<Item = Option<T>>) -> Option<T> {
    let mut counts: BTreeMap<T, usize> = BTreeMap::new();
    let mut without = 0;
    for value in values {
        match value {
            Some(value) => *counts.entry(value).or_default() += 1,
            None => without += 1,
        }
    }
    let (value, count) = counts.into_iter().max_by_key(|(_, count)| *count)?;
    (count > without + 1).then_some(value)
}

/// What the runbooks of alerts have in common, when every alert has one.
fn runbook(all: &[&AlertingRule]) -> Option<Runbook> {
    let urls: Option<Vec<(&str, &str)>> =
        all.iter().map(|a| Some((a.alert.as_str(), a.annotations.get("runbook_url")?))).collect();
    let urls = urls?;
    let (alert, first) = *urls.first()?;
    if !first.starts_with("http") || urls.iter().any(|(_, u)| u.contains(['{', '}'])) {
        return None;
    }
    if let Some(at) = first.rfind(alert) {
        let (before, after) = (&first[..at], &first[at + alert.len()..]);
        let by_name = |(name, url): &&(&str, &str)| {
            url.strip_prefix(before).and_then(|r| r.strip_suffix(after)) == Some(*name)
        };
        if urls.iter().filter(by_name).count() * 3 > urls.len() * 2 {
            return Some(Runbook::ByName(before.to_string(), after.to_string()));
        }
    }
    let mut end = first.rfind('/')? + 1;
    for (_, url) in &urls {
        let same = first.bytes().zip(url.bytes()).take_while(|(a, b)| a == b).count();
        end = end.min(first.get(..same)?.rfind('/')? + 1);
    }
    let base = &first[..end];
    // A base of a scheme and a host at least.
    (base.matches('/').count() > 3).then(|| Runbook::Base(base.to_string()))
}

/// Every plain severity, the usual ones in their usual order, highest first.
fn severities(all: &[&AlertingRule]) -> Vec<String> {
    const ORDER: [&str; 24] = [
        "emergency",
        "disaster",
        "critical",
        "crit",
        "page",
        "pageteam",
        "p0",
        "sev0",
        "p1",
        "sev1",
        "error",
        "high",
        "major",
        "p2",
        "sev2",
        "warning",
        "warn",
        "medium",
        "minor",
        "p3",
        "ticket",
        "task",
        "low",
        "p4",
    ];
    let mut found: Vec<String> = Vec::new();
    for severity in all.iter().filter_map(|a| a.labels.get("severity")) {
        if !severity.is_empty() && !severity.contains("{{") && !found.iter().any(|f| f == severity) {
            found.push(severity.to_string());
        }
    }
    let rank = |s: &String| ORDER.iter().position(|o| o.eq_ignore_ascii_case(s)).unwrap_or(ORDER.len());
    found.sort_by_key(rank);
    found
}
