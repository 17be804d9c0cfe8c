//! A program as facts, as text: one stable file to be committed, so that a pull request shows what changes.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::change::Told;
use super::compare::{self, alerts, routing, spans};
use super::facts::{AlertFacts, Facts, parse};
use super::reach::{self, Sending};
use crate::gostd::strconv::quote;
use crate::promql::duration::Duration;

/// How the file begins, and how it is known.
pub const MARKER: &str = "# What alertc found";

/// What is said of one thing, by its heading.
type Blocks = Vec<(String, String)>;

/// The programs of one project, one for each of its environments. The first is told in full, the others where they
/// differ from it.
pub fn snapshot(project: &str, programs: &[&Facts], paging: &[String]) -> String {
    let mut out = format!(
        "{MARKER} in {project}: every alert, and whom it tells. Made by `alertc snapshot` for reviews.\n"
    );
    let mut first: Option<(&Facts, Blocks)> = None;
    for facts in programs {
        let blocks = blocks(facts, paging);
        let name = facts.environment.as_deref();
        match &first {
            None => {
                if let Some(name) = name {
                    let _ = write!(out, "\nenvironment {name}\n");
                }
                for (heading, text) in &blocks {
                    let _ = write!(out, "\n{heading}\n{text}");
                }
                first = Some((facts, blocks));
            }
            Some((other, known)) => {
                let like = other.environment.as_deref().unwrap_or("the first");
                let _ = write!(out, "\nenvironment {}, where it is not as {like}\n", name.unwrap_or("none"));
                for (heading, text) in blocks.iter().filter(|b| !known.contains(b)) {
                    let _ = write!(out, "\n{heading}\n{text}");
                }
                for (heading, _) in known.iter().filter(|(h, _)| !blocks.iter().any(|(b, _)| b == h)) {
                    let _ = write!(out, "\nno {heading}\n");
                }
            }
        }
    }
    out
}

fn blocks(facts: &Facts, paging: &[String]) -> Blocks {
    let mut blocks = Blocks::new();
    if !facts.external_labels.is_empty() {
        blocks.push(("external labels".to_string(), table(&facts.external_labels)));
    }
    let nothing = Facts::default();
    let pairs = alerts::pairs(&[], &facts.alerts);
    let told = reach::compare(&pairs, Sending::new(&nothing, paging), Sending::new(facts, paging));
    for pair in &pairs {
        let rules: Vec<&AlertFacts> = pair.levels.iter().filter_map(|(_, rule)| *rule).collect();
        let told = told.get(pair.after).map_or(&[][..], Vec::as_slice);
        blocks.push((format!("alert {}", pair.after), alert(&rules, told, facts.routing.is_some())));
    }
    for objective in &facts.objectives {
        blocks.push((format!("slo {}", objective.name), table(&compare::objectives::fields(objective))));
    }
    let mut records: Blocks = facts
        .records
        .iter()
        .filter(|r| !r.of_objective)
        .map(|r| {
            let mut text = row("expr", &canonical(&r.expr));
            if !r.labels.is_empty() {
                text.push_str(&row("labels", &pairs_of(&r.labels)));
            }
            text.push_str(&group(&r.group));
            (format!("record {}", r.record), text)
        })
        .collect();
    records.sort();
    blocks.extend(records);
    if let Some(found) = &facts.routing {
        for receiver in &found.receivers {
            let fields = routing::receiver(receiver);
            let pages = if found.pages(&receiver.name, paging) { row("pages", "yes") } else { String::new() };
            blocks.push((format!("receiver {}", receiver.name), format!("{pages}{}", table(&fields))));
        }
        for (name, fields) in routing::route_fields(found) {
            blocks.push((format!("route {name}"), table(&fields)));
        }
        for rule in &found.config.inhibit_rules {
            let (name, fields) = routing::inhibition(rule);
            blocks.push((format!("inhibit {name}"), table(&fields)));
        }
        for interval in &found.config.time_intervals {
            let rows: String = spans::words(interval).iter().map(|s| format!("  {s}\n")).collect();
            blocks.push((format!("time_interval {}", interval.name), rows));
        }
    }
    blocks
}

/// One of the maps of a rule.
type MapOf<'f> = &'f dyn Fn(&AlertFacts) -> &BTreeMap<String, String>;

fn alert(rules: &[&AlertFacts], told: &[Told], routed: bool) -> String {
    let mut out = String::new();
    let common = |of: &dyn Fn(&AlertFacts) -> String| -> Option<String> {
        let first = of(rules.first()?);
        rules.iter().all(|r| of(r) == first).then_some(first)
    };
    let watched = |r: &AlertFacts| match &r.condition {
        Some(condition) => ("value", canonical(&condition.signal)),
        None => ("expr", canonical(&r.expr)),
    };
    let one_signal = common(&|r| format!("{:?}", watched(r)));
    if let (Some(_), Some(rule)) = (&one_signal, rules.first()) {
        let (key, text) = watched(rule);
        out.push_str(&row(key, &text));
    }
    for rule in rules {
        let level = rule.severity.as_deref().unwrap_or("fires");
        out.push_str(&row(level, &says(rule)));
        if one_signal.is_none() {
            let (key, text) = watched(rule);
            let _ = writeln!(out, "    {key} {text}");
        }
        let heard = told.iter().filter(|t| t.level == rule.severity);
        let mut any = false;
        for told in heard {
            let _ = writeln!(out, "    {}", super::words::told(told));
            any = true;
        }
        if !any && routed {
            out.push_str("    tells nobody\n");
        }
    }
    let maps: [(&str, MapOf<'_>); 2] = [("labels", &|r| &r.labels), ("annotations", &|r| &r.annotations)];
    for (what, of) in maps {
        let same = rules.first().is_some_and(|first| rules.iter().all(|r| of(r) == of(first)));
        for rule in rules.iter().take(if same { 1 } else { usize::MAX }) {
            let level = if same { "" } else { rule.severity.as_deref().unwrap_or("") };
            let space = if level.is_empty() { "" } else { " " };
            if what == "labels" {
                if !of(rule).is_empty() {
                    out.push_str(&row(&format!("{level}{space}labels"), &pairs_of(of(rule))));
                }
                continue;
            }
            for (name, text) in of(rule) {
                out.push_str(&row(&format!("{level}{space}{name}"), &quote(text)));
            }
        }
    }
    if let Some(rule) = rules.first() {
        out.push_str(&group(&rule.group));
    }
    out
}

/// When a level fires, but for its signal.
fn says(rule: &AlertFacts) -> String {
    let mut words = Vec::new();
    for threshold in rule.condition.iter().flat_map(|c| &c.thresholds) {
        let scope =
            if threshold.scope.is_empty() { String::new() } else { format!("{{{}}} ", threshold.scope) };
        let until =
            threshold.until.as_ref().map(|u| format!(" until {}", compare::bound(u))).unwrap_or_default();
        words.push(format!("{scope}{}{until}", compare::bound(&threshold.start)));
    }
    let mut text = words.join(", ");
    for (key, ms) in [("for", rule.hold), ("keep_firing_for", rule.keep_firing_for)] {
        if ms != 0 {
            let space = if text.is_empty() { "" } else { " " };
            let _ = write!(text, "{space}{key} {}", Duration::from_millis(ms));
        }
    }
    if text.is_empty() { "at once".to_string() } else { text }
}

fn group(group: &super::facts::GroupFacts) -> String {
    let mut words = Vec::new();
    words.extend(group.interval.map(|ms| format!("every {}", Duration::from_millis(ms))));
    if group.query_offset != 0 {
        words.push(format!("query_offset {}", Duration::from_millis(group.query_offset)));
    }
    if group.limit != 0 {
        words.push(format!("limit {}", group.limit));
    }
    if words.is_empty() { String::new() } else { row("evaluated", &words.join(", ")) }
}

/// An expression as Prometheus prints it: the same however it is laid out.
fn canonical(expr: &str) -> String {
    parse(expr).map_or_else(|| super::facts::one_line(expr), |e| e.to_string())
}

fn row(key: &str, value: &str) -> String {
    format!("  {key} {value}\n")
}

fn table(fields: &BTreeMap<String, String>) -> String {
    fields.iter().map(|(key, value)| row(key, &value.replace('\n', "\\n"))).collect()
}

fn pairs_of(labels: &BTreeMap<String, String>) -> String {
    labels.iter().map(|(n, v)| format!("{n}={}", quote(v))).collect::<Vec<_>>().join(", ")
}
