//! What was imported against what the new sources give.

use crate::alertmanager::config::{Config, GroupBy, Route};
use crate::alertmanager::time_interval::{NamedIntervals, TimeInterval, TimeRange};
use crate::prometheus::{AlertingRule, Duration, Rule, RuleGroup};
use crate::promql::features::Features;
use crate::promql::parser::{self, Options};
use crate::source::FileId;
use crate::yaml::StringMap;

use super::rules::core;
use super::text::same_template;

/// A rule by the numbers of its group and its own.
pub type At = (usize, usize);

/// How the rules of one file differ.
#[derive(Debug, Clone, Default)]
pub struct Differences {
    /// Rules that differ, and how.
    pub rules: Vec<(At, String)>,
    /// Groups that differ in another way.
    pub groups: Vec<(usize, String)>,
    /// How many expressions are the same to the byte.
    pub same_bytes: usize,
    /// How many differ in white space or in comments at their ends.
    pub same_layout: usize,
}

/// A group with its labels written on each of its rules, as Prometheus understands it.
pub(super) fn flattened(group: &RuleGroup) -> RuleGroup {
    let mut group = group.clone();
    let labels = std::mem::take(&mut group.labels);
    for rule in &mut group.rules {
        let own = match rule {
            Rule::Alerting(r) => &mut r.labels,
            Rule::Recording(r) => &mut r.labels,
        };
        for (name, value) in labels.iter().filter(|(n, _)| own.get(n).is_none()).collect::<Vec<_>>() {
            own.insert(name, value);
        }
    }
    group
}

/// Compares the groups that were read with those that come out. Groups without rules have no effect and are left out.
pub fn groups(wanted: &[RuleGroup], found: &[RuleGroup]) -> Differences {
    let mut all = Differences::default();
    let wanted: Vec<(usize, &RuleGroup)> =
        wanted.iter().enumerate().filter(|(_, g)| !g.rules.is_empty()).collect();
    for (place, (index, group)) in wanted.iter().enumerate() {
        let Some(other) = found.get(place) else {
            all.groups.push((*index, "is missing".to_string()));
            continue;
        };
        let millis = |d: Option<Duration>| d.map_or(0, Duration::millis);
        let settings = group.name == other.name
            && millis(group.interval) == millis(other.interval)
            && group.query_offset == other.query_offset
            && group.limit.unwrap_or(0) == other.limit.unwrap_or(0);
        if !settings {
            all.groups.push((*index, "has other settings".to_string()));
        }
        if group.rules.len() != other.rules.len() {
            all.groups
                .push((*index, format!("has {} rules in place of {}", other.rules.len(), group.rules.len())));
        }
        for (number, (a, b)) in group.rules.iter().zip(&other.rules).enumerate() {
            match rule(a, b) {
                Ok(true) => all.same_bytes += 1,
                Ok(false) => all.same_layout += 1,
                Err(why) => all.rules.push(((*index, number), why)),
            }
        }
    }
    if found.len() > wanted.len() {
        all.groups.push((0, "is followed by groups that were not there".to_string()));
    }
    all
}

/// How two rules differ; or whether their expressions are the same to the byte.
fn rule(wanted: &Rule, found: &Rule) -> Result<bool, String> {
    if wanted.name() != found.name() {
        return Err(format!("its name is `{}`", found.name()));
    }
    match (wanted, found) {
        (Rule::Alerting(a), Rule::Alerting(b)) => alert(a, b)?,
        (Rule::Recording(_), Rule::Recording(_)) => {}
        _ => return Err("its kind differs".to_string()),
    }
    same_map(wanted.labels(), found.labels(), "label")?;
    expression(wanted.expr(), found.expr())
}

fn alert(wanted: &AlertingRule, found: &AlertingRule) -> Result<(), String> {
    let millis = |d: Option<Duration>| d.map_or(0, Duration::millis);
    if millis(wanted.hold) != millis(found.hold) {
        return Err("its `for` differs".to_string());
    }
    if millis(wanted.keep_firing_for) != millis(found.keep_firing_for) {
        return Err("its `keep_firing_for` differs".to_string());
    }
    same_map(&wanted.annotations, &found.annotations, "annotation")
}

fn same_map(wanted: &StringMap, found: &StringMap, what: &str) -> Result<(), String> {
    for (name, value) in wanted.iter() {
        match found.get(name) {
            Some(other) if same_template(value, other) => {}
            Some(other) => return Err(format!("its {what} `{name}` becomes {other:?}")),
            None => return Err(format!("its {what} `{name}` is lost")),
        }
    }
    match found.iter().find(|(name, _)| wanted.get(name).is_none()) {
        Some((name, _)) => Err(format!("it gets a {what} `{name}`")),
        None => Ok(()),
    }
}

/// True when the texts are the same but for white space around them, false when only their layout differs.
fn expression(wanted: &str, found: &str) -> Result<bool, String> {
    if wanted.trim() == found {
        return Ok(true);
    }
    let layout = |text: &str| -> Vec<String> {
        text.lines().map(str::trim).filter(|l| !l.is_empty()).map(str::to_string).collect()
    };
    let options = Options { features: Features::all(), ..Options::default() };
    let parse = |text: &str| parser::parse(text, FileId::NONE, 0, &options).0.canonical();
    if layout(&core(wanted).text) == layout(found) && parse(wanted) == parse(found) {
        return Ok(false);
    }
    Err("its expression differs".to_string())
}

/// How two configurations differ; deprecated forms are read as what they mean already.
pub fn config(wanted: &Config, found: &Config) -> Result<(), String> {
    let sorted = |c: &Config| {
        let mut config = c.clone();
        config.receivers.sort_by(|a, b| a.name.cmp(&b.name));
        normal(&mut config.route);
        config.time_intervals.iter_mut().for_each(normal_interval);
        config
    };
    let (wanted, found) = (sorted(wanted), sorted(found));
    let parts = [
        ("global", wanted.global == found.global),
        ("templates", wanted.templates == found.templates),
        ("route", wanted.route == found.route),
        ("inhibit_rules", wanted.inhibit_rules == found.inhibit_rules),
        ("time_intervals", wanted.time_intervals == found.time_intervals),
        ("receivers", wanted.receivers == found.receivers),
        ("tracing", wanted.tracing == found.tracing),
        ("event_recorder", wanted.event_recorder == found.event_recorder),
    ];
    match parts.iter().find(|(_, same)| !same) {
        Some((part, _)) => Err((*part).to_string()),
        None => Ok(()),
    }
}

/// An interval without a zone is in UTC, one without limits always holds, and one with an empty list never does.
fn normal_interval(named: &mut NamedIntervals) {
    named.time_intervals.retain(TimeInterval::can_hold);
    for interval in &mut named.time_intervals {
        let location = interval.location.take().filter(|zone| zone != "UTC");
        if *interval == TimeInterval::default() {
            interval.times = Some(vec![TimeRange { start: 0, end: 24 * 60 }]);
        }
        interval.location = location;
    }
}

/// An empty `group_by` is none (Alertmanager dispatch/route.go).
fn normal(route: &mut Route) {
    if route.group_by == Some(GroupBy::Labels(Vec::new())) {
        route.group_by = None;
    }
    route.routes.iter_mut().for_each(normal);
}
