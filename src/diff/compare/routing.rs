//! Receivers, routes, inhibitions and time intervals before and after.

use std::collections::{BTreeMap, BTreeSet};

use super::alerts::maps;
use crate::alertmanager::config::{
    Config, GroupBy, InhibitRule, IntegrationConfig, Receiver, Route, Setting, Settings,
};
use crate::alertmanager::matcher::Matcher;
use crate::alertmanager::route::{RouteNode, RouteTree};
use crate::diff::change::{Aspect, Change, Kind, Part, Verdict};
use crate::diff::facts::RoutingFacts;
use crate::promql::duration::Duration;

/// Settings by their name, as text.
type Fields = BTreeMap<String, String>;

/// Receivers of both sides by their names: those of the source where both have one, else those of the configurations.
fn receivers_of(
    before: Option<&RoutingFacts>,
    after: Option<&RoutingFacts>,
) -> [BTreeMap<String, Fields>; 2] {
    let generated = [before, after].into_iter().flatten().all(|r| r.declared);
    [before, after].map(|side| {
        let list = side.map(|r| if generated { &r.receivers } else { &r.config.receivers });
        list.into_iter().flatten().map(|r| (r.name.clone(), receiver(r))).collect()
    })
}

/// The new names of receivers by their old ones.
pub(super) fn renamed_receivers(
    before: Option<&RoutingFacts>,
    after: Option<&RoutingFacts>,
) -> BTreeMap<String, String> {
    let [old, new] = receivers_of(before, after);
    let renamed = renames(&old, &new).into_iter();
    renamed.map(|(old, new)| (old.to_string(), new.to_string())).collect()
}

/// What differs in receivers.
pub(super) fn receivers(
    before: Option<&RoutingFacts>,
    after: Option<&RoutingFacts>,
    changes: &mut Vec<Change>,
) {
    let [old, new] = receivers_of(before, after);
    named(Kind::Receiver, &old, &new, true, changes);
}

/// What differs in who is told how, but for the receivers.
pub(super) fn compare(
    (before, after): (Option<&RoutingFacts>, Option<&RoutingFacts>),
    changes: &mut Vec<Change>,
) {
    let empty = Config::default();
    let old = before.map_or(&empty, |r| &r.config);
    let new = after.map_or(&empty, |r| &r.config);
    let generated = [before, after].into_iter().flatten().all(|r| r.declared);
    routes((before, after), (old, new), changes);
    let inhibitions = |c: &Config| -> BTreeMap<String, Fields> {
        let rules = inhibitions(c, generated).into_iter();
        rules.map(|(name, rule)| (name, inhibition(rule).1)).collect()
    };
    named(Kind::Inhibition, &inhibitions(old), &inhibitions(new), false, changes);
    let intervals = |c: &Config| -> BTreeMap<String, Fields> {
        let fields = |spans: Vec<String>| BTreeMap::from([("times".to_string(), spans.join("; "))]);
        c.time_intervals.iter().map(|t| (t.name.clone(), fields(super::spans::words(t)))).collect()
    };
    named(Kind::Interval, &intervals(old), &intervals(new), true, changes);
    let global = |c: &Config| {
        let mut fields = Fields::new();
        flatten("", &c.global, &mut fields);
        fields
    };
    let of = |fields: Fields| BTreeMap::from([("global".to_string(), fields)]);
    named(Kind::Setting, &of(global(old)), &of(global(new)), false, changes);
}

/// Things with a name and settings: new, gone, renamed (all settings are the same), changed.
pub(super) fn named(
    kind: Kind,
    old: &BTreeMap<String, Fields>,
    new: &BTreeMap<String, Fields>,
    with_renames: bool,
    out: &mut Vec<Change>,
) {
    let come = || new.iter().filter(|(n, _)| !old.contains_key(*n));
    let renamed = if with_renames { renames(old, new) } else { BTreeMap::new() };
    for (name, fields) in old {
        if let Some(to) = renamed.get(name) {
            let mut change = Change::new(kind, to.as_str(), Verdict::Renamed);
            change.renamed_from = Some(name.clone());
            out.push(change);
            continue;
        }
        let verdict = if new.contains_key(name) { Verdict::Changed } else { Verdict::Removed };
        let none = Fields::new();
        let after = new.get(name).unwrap_or(&none);
        out.extend(fields_change(kind, name, verdict, fields, after));
    }
    for (name, fields) in come().filter(|(n, _)| !renamed.values().any(|r| r == n)) {
        out.extend(fields_change(kind, name, Verdict::Added, &Fields::new(), fields));
    }
}

/// Old names with the new ones of what has the same settings: only what there is one of on both sides is recognised.
fn renames<'a>(
    old: &'a BTreeMap<String, Fields>,
    new: &'a BTreeMap<String, Fields>,
) -> BTreeMap<&'a String, &'a String> {
    let gone = || old.iter().filter(|(n, _)| !new.contains_key(*n));
    let come = || new.iter().filter(|(n, _)| !old.contains_key(*n));
    let mut renamed = BTreeMap::new();
    for (name, fields) in gone().filter(|(_, f)| !f.is_empty()) {
        let alike: Vec<&String> = come().filter(|(_, f)| *f == fields).map(|(n, _)| n).collect();
        if let [to] = alike.as_slice()
            && gone().filter(|(_, f)| *f == fields).count() == 1
        {
            renamed.insert(name, *to);
        }
    }
    renamed
}

fn fields_change(kind: Kind, name: &str, verdict: Verdict, old: &Fields, new: &Fields) -> Option<Change> {
    let mut fields = Vec::new();
    maps(old, new, |_| Aspect::Setting, &mut fields);
    if verdict == Verdict::Changed && fields.is_empty() {
        return None;
    }
    let mut change = Change::new(kind, name, verdict);
    if !fields.is_empty() {
        change.parts.push(Part { level: None, verdict, fields, effects: Vec::new() });
    }
    Some(change)
}

/// The settings of a receiver, each with its integration's name before it.
pub(in crate::diff) fn receiver(receiver: &Receiver) -> Fields {
    let mut fields = Fields::new();
    for (index, one) in receiver.indexed() {
        let IntegrationConfig { integration, settings } = one;
        let name = match index {
            0 => integration.name.to_string(),
            n => format!("{} {}", integration.name, n + 1),
        };
        // An integration without settings is there, too.
        if settings.is_empty() {
            fields.insert(name.clone(), "yes".to_string());
        }
        flatten(&format!("{name} "), settings, &mut fields);
    }
    fields
}

fn flatten(prefix: &str, settings: &Settings, out: &mut Fields) {
    for (name, value) in settings.iter() {
        match value {
            Setting::Map(inner) => flatten(&format!("{prefix}{name}."), inner, out),
            other => drop(out.insert(format!("{prefix}{name}"), shown(other))),
        }
    }
}

fn shown(setting: &Setting) -> String {
    match setting {
        Setting::Null => "null".to_string(),
        Setting::Bool(b) => b.to_string(),
        Setting::Int(n) => n.to_string(),
        Setting::Float(n) => n.to_string(),
        Setting::Text(text) => text.clone(),
        // Two secrets can be told apart, and neither can be read.
        Setting::Secret(secret) => {
            format!("<secret {:08x}>", xxhash_rust::xxh64::xxh64(secret.reveal().as_bytes(), 0) as u32)
        }
        Setting::List(items) => items.iter().map(shown).collect::<Vec<_>>().join(", "),
        Setting::Map(inner) => {
            let pairs = inner.iter().map(|(n, v)| format!("{n}={}", shown(v)));
            pairs.collect::<Vec<_>>().join(" ")
        }
    }
}

pub(in crate::diff) fn matchers(list: &[Matcher]) -> String {
    let texts: Vec<String> = list.iter().map(Matcher::to_config).collect();
    format!("{{{}}}", texts.join(", "))
}

/// The inhibitions of a configuration by their names; with `generated` without those between levels.
pub(in crate::diff) fn inhibitions(config: &Config, generated: bool) -> BTreeMap<String, &InhibitRule> {
    let mut written: Vec<&InhibitRule> =
        config.inhibit_rules.iter().filter(|r| !(generated && is_between_levels(r))).collect();
    written.sort_by_cached_key(|rule| inhibition(rule).1);
    let mut found = BTreeMap::new();
    for rule in written {
        insert(&mut found, &inhibition(rule).0, rule);
    }
    found
}

/// Inserts under a name, or under one with a number where the name is taken.
fn insert<V>(map: &mut BTreeMap<String, V>, name: &str, value: V) {
    let mut key = name.to_string();
    let mut number = 1;
    while map.contains_key(&key) {
        number += 1;
        key = format!("{name} ({number})");
    }
    map.insert(key, value);
}

/// An inhibition by whom it silences while whom fires.
pub(in crate::diff) fn inhibition(rule: &InhibitRule) -> (String, Fields) {
    let name = format!("{} while {} fires", matchers(&rule.target_matchers), matchers(&rule.source_matchers));
    let mut equal = rule.equal.clone();
    equal.sort();
    (name, BTreeMap::from([("equal".to_string(), equal.join(", "))]))
}

/// True for the inhibition by which a level silences a lower one of its alert: it follows from the levels.
pub(in crate::diff) fn is_between_levels(rule: &InhibitRule) -> bool {
    let severity = |list: &[Matcher]| matches!(list, [one] if one.name() == "severity");
    severity(&rule.source_matchers)
        && severity(&rule.target_matchers)
        && rule.equal.iter().any(|l| l == "alertname")
}

/// A route with what it inherits, by the matchers on the way to it.
struct Placed<'a> {
    own: &'a Route,
    node: &'a RouteNode,
    /// Its number in the tree.
    number: usize,
    name: String,
}

fn placed<'a>(root: &'a Route, tree: &'a RouteTree) -> BTreeMap<String, Placed<'a>> {
    fn walk<'a>(route: &'a Route, path: &str, out: &mut Vec<(String, &'a Route)>) {
        out.push((path.to_string(), route));
        for child in &route.routes {
            let below = if path == "the root" { String::new() } else { format!("{path} ") };
            walk(child, &format!("{below}{}", matchers(&child.matchers)), out);
        }
    }
    let mut routes = Vec::new();
    walk(root, "the root", &mut routes);
    let mut found = BTreeMap::new();
    for ((name, own), (number_in_tree, node)) in routes.into_iter().zip(tree.iter()) {
        let mut key = name.clone();
        let mut number = 1;
        while found.contains_key(&key) {
            number += 1;
            key = format!("{name} ({number})");
        }
        found.insert(key.clone(), Placed { own, node, number: number_in_tree, name: key });
    }
    found
}

fn routes(
    sides: (Option<&RoutingFacts>, Option<&RoutingFacts>),
    configs: (&Config, &Config),
    out: &mut Vec<Change>,
) {
    let trees = (RouteTree::new(configs.0), RouteTree::new(configs.1));
    let none = BTreeMap::new();
    let (a, b) = (placed(&configs.0.route, &trees.0), placed(&configs.1.route, &trees.1));
    let (a, b) = (if sides.0.is_some() { &a } else { &none }, if sides.1.is_some() { &b } else { &none });
    let names: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
    for name in names {
        let (old, new) = (a.get(name), b.get(name));
        let verdict = match (old, new) {
            (None, _) => Verdict::Added,
            (_, None) => Verdict::Removed,
            _ => Verdict::Changed,
        };
        let fields = |place: Option<&Placed<'_>>, facts: Option<&RoutingFacts>| {
            place.map(|p| settings(p.node, facts)).unwrap_or_default()
        };
        let (mut was, mut is) = (fields(old, sides.0), fields(new, sides.1));
        let keep: BTreeSet<&str> = match (old, new) {
            // What both inherit changed above.
            (Some(old), Some(new)) => own(old.own).union(&own(new.own)).copied().collect(),
            (Some(one), None) | (None, Some(one)) => own(one.own),
            (None, None) => BTreeSet::new(),
        };
        was.retain(|name, _| keep.contains(name.as_str()));
        is.retain(|name, _| keep.contains(name.as_str()));
        let shown = old.or(new).map_or(name.as_str(), |p| p.name.as_str());
        out.extend(fields_change(Kind::Route, shown, verdict, &was, &is));
    }
}

/// Every route by the matchers on the way to it, with the settings that it does not inherit.
pub(in crate::diff) fn route_fields(facts: &RoutingFacts) -> Vec<(String, Fields)> {
    let tree = RouteTree::new(&facts.config);
    let mut found: Vec<(usize, String, Fields)> = Vec::new();
    for (name, place) in placed(&facts.config.route, &tree) {
        let mut fields = settings(place.node, Some(facts));
        let keep = own(place.own);
        fields.retain(|name, _| keep.contains(name.as_str()));
        found.push((place.number, name, fields));
    }
    found.sort();
    found.into_iter().map(|(_, name, fields)| (name, fields)).collect()
}

/// The settings that a route does not inherit.
fn own(route: &Route) -> BTreeSet<&'static str> {
    let mut names = BTreeSet::from(["continue", "muted during", "active during"]);
    let given = [
        ("tells", route.receiver.is_some()),
        ("group_by", route.group_by.is_some()),
        ("group_wait", route.group_wait.is_some()),
        ("group_interval", route.group_interval.is_some()),
        ("repeat_interval", route.repeat_interval.is_some()),
    ];
    names.extend(given.into_iter().filter(|(_, g)| *g).map(|(n, _)| n));
    names
}

fn settings(node: &RouteNode, facts: Option<&RoutingFacts>) -> Fields {
    let names = facts.map_or_else(|| vec![node.receiver.as_str()], |f| f.names(&node.receiver));
    let group_by = match &node.group_by {
        GroupBy::All => "...".to_string(),
        GroupBy::Labels(labels) => {
            let mut labels = labels.clone();
            labels.sort();
            labels.join(", ")
        }
    };
    let time = |ms: i64| Duration::from_millis(ms).to_string();
    let all = [
        ("tells", names.join(", ")),
        ("group_by", group_by),
        ("group_wait", time(node.group_wait)),
        ("group_interval", time(node.group_interval)),
        ("repeat_interval", time(node.repeat_interval)),
        ("continue", if node.continues { "yes".to_string() } else { String::new() }),
        ("muted during", node.mute_time_intervals.join(", ")),
        ("active during", node.active_time_intervals.join(", ")),
    ];
    all.into_iter().filter(|(_, v)| !v.is_empty()).map(|(n, v)| (n.to_string(), v)).collect()
}
