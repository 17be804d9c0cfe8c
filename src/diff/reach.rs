//! Who is told of an alert before and after: label sets that routes can tell apart, sent through both trees.

use std::collections::{BTreeMap, BTreeSet};

use super::change::Told;
use super::compare::alerts::Pair;
use super::facts::{AlertFacts, Facts, RoutingFacts};
use crate::alertmanager::config::Route;
use crate::alertmanager::matcher::Matcher;
use crate::alertmanager::route::Labels as World;
use crate::alertmanager::route::RouteTree;
use crate::alertmanager::worlds::{Arriving, Known, Worlds, matchers};
use crate::check::routing::world;
use crate::gostd::strconv::quote;

/// A receiver of the author with when it is told, and whether it pages.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Listener {
    shown: String,
    pages: bool,
}

/// Who hears of an alert, and by which routes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Outcome {
    listeners: Vec<Listener>,
    routes: String,
}

/// What one side does with the alerts that its rules send.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sending<'a> {
    /// Who is told, where routes are given.
    pub(super) routing: Option<&'a RoutingFacts>,
    /// Labels that Prometheus adds.
    pub(super) external_labels: &'a BTreeMap<String, String>,
    /// Receivers that page; empty: those with an integration that wakes people up.
    pub(super) paging: &'a [String],
}

impl<'a> Sending<'a> {
    /// As a program says it.
    pub(super) fn new(facts: &'a Facts, paging: &'a [String]) -> Sending<'a> {
        Sending { routing: facts.routing.as_ref(), external_labels: &facts.external_labels, paging }
    }
}

/// An alert as its rule sends it.
pub(super) struct Sent<'a> {
    rule: &'a AlertFacts,
    /// `alertname`, and labels of the rule and of Prometheus with a fixed value.
    fixed: BTreeMap<String, String>,
}

impl<'a> Sent<'a> {
    pub(super) fn new(rule: &'a AlertFacts, external: &BTreeMap<String, String>) -> Sent<'a> {
        let added = external.iter().filter(|(label, _)| !rule.result.get(label).is_possible());
        let mut fixed: BTreeMap<String, String> = added.map(|(n, v)| (n.clone(), v.clone())).collect();
        for (label, value) in rule.all_labels() {
            if is_template(&value) {
                fixed.remove(&label);
            } else {
                fixed.insert(label, value);
            }
        }
        fixed.insert("alertname".to_string(), rule.name.clone());
        Sent { rule, fixed }
    }
}

fn is_template(value: &str) -> bool {
    value.contains("{{")
}

impl Arriving for Sent<'_> {
    fn known(&self, label: &str) -> Known {
        let own = match label {
            "severity" => self.rule.severity.as_ref(),
            _ => self.rule.labels.get(label),
        };
        match self.fixed.get(label) {
            Some(value) => Known::value(value.clone()),
            None if own.is_some_and(|v| is_template(v)) => Known::nothing(),
            None => world::known(&self.rule.result, label),
        }
    }
}

/// The outcomes for label sets that differ in labels whose value the rule does not fix.
type Outcomes = BTreeMap<World, Outcome>;

/// One side's routes.
struct Tree<'a> {
    side: Sending<'a>,
    tree: Option<(&'a RoutingFacts, RouteTree)>,
    /// What routes are called, by their number.
    names: Vec<String>,
    known: BTreeMap<World, Outcome>,
}

impl<'a> Tree<'a> {
    fn new(side: Sending<'a>) -> Tree<'a> {
        let tree = side.routing.map(|r| (r, RouteTree::new(&r.config)));
        let names = side.routing.iter().flat_map(|r| route_names(&r.config.route)).collect();
        Tree { side, tree, names, known: BTreeMap::new() }
    }

    fn outcome(&mut self, world: &World) -> Outcome {
        if let Some(known) = self.known.get(world) {
            return known.clone();
        }
        let mut found = BTreeSet::new();
        let mut routes = Vec::new();
        if let Some((routing, tree)) = &self.tree {
            for number in tree.matching(world) {
                let Some(node) = tree.get(number) else { continue };
                routes.extend(self.names.get(number).map(String::as_str));
                let mut when = String::new();
                if !node.active_time_intervals.is_empty() {
                    when.push_str(&format!(" (only during {})", node.active_time_intervals.join(", ")));
                }
                if !node.mute_time_intervals.is_empty() {
                    when.push_str(&format!(" (not during {})", node.mute_time_intervals.join(", ")));
                }
                for name in routing.names(&node.receiver) {
                    if !routing.is_silent(name) {
                        let pages = routing.pages(name, self.side.paging);
                        found.insert(Listener { shown: format!("{name}{when}"), pages });
                    }
                }
            }
        }
        let found = Outcome { listeners: found.into_iter().collect(), routes: routes.join(" and ") };
        self.known.insert(world.clone(), found.clone());
        found
    }

    fn outcomes(&mut self, rule: &AlertFacts, worlds: &mut Worlds<'_>) -> Outcomes {
        let arriving = Sent::new(rule, self.side.external_labels);
        let (found, _) = worlds.of(&arriving);
        let mut outcomes = Outcomes::new();
        for world in found.iter() {
            let open: World = world
                .iter()
                .filter(|(name, value)| !arriving.fixed.contains_key(*name) && !value.is_empty())
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect();
            outcomes.insert(open, self.outcome(world));
        }
        outcomes
    }
}

/// Who is told differently, by the alert's name after the change.
pub(super) fn compare<'a>(
    pairs: &[Pair<'a>],
    before: Sending<'_>,
    after: Sending<'_>,
) -> BTreeMap<&'a str, Vec<Told>> {
    let mut found = BTreeMap::new();
    let routes = before.routing.into_iter().chain(after.routing);
    let all: Vec<&Matcher> = routes.flat_map(|r| matchers(&r.config.route)).collect();
    if before.routing.is_none() && after.routing.is_none() {
        return found;
    }
    let same_routes = same_routing(before, after) && before.external_labels == after.external_labels;
    let mut worlds = Worlds::new(&all);
    let (mut old, mut new) = (Tree::new(before), Tree::new(after));
    for pair in pairs {
        let mut told = Vec::new();
        for (a, b) in &pair.levels {
            if let (Some(a), Some(b)) = (a, b)
                && same_routes
                && same_labels(a, b)
            {
                continue;
            }
            let was = a.map(|a| old.outcomes(a, &mut worlds));
            let is = b.map(|b| new.outcomes(b, &mut worlds));
            let level = b.or(*a).and_then(|r| r.severity.clone());
            told.extend(differences(level.as_deref(), was.as_ref(), is.as_ref()));
        }
        if !told.is_empty() {
            found.insert(pair.after, told);
        }
    }
    found
}

/// True when both send alike; what receivers are called in the source is looked at, too.
fn same_routing(before: Sending<'_>, after: Sending<'_>) -> bool {
    match (before.routing, after.routing) {
        (Some(a), Some(b)) => a.config == b.config && a.holds == b.holds && a.receivers == b.receivers,
        _ => false,
    }
}

/// True when two rules send the same labels.
pub(super) fn same_labels(a: &AlertFacts, b: &AlertFacts) -> bool {
    let known = |r: &AlertFacts| -> Vec<(String, String)> {
        r.result.listed().map(|(n, p)| (n.to_string(), presence(p))).collect()
    };
    a.name == b.name
        && a.severity == b.severity
        && a.labels == b.labels
        && a.result.is_closed() == b.result.is_closed()
        && known(a) == known(b)
}

/// What is known of a label, but for where it comes from.
fn presence(presence: crate::check::types::Presence<'_>) -> String {
    use crate::check::types::Presence;
    match presence {
        Presence::Surely(values) => format!("surely {values:?}"),
        Presence::Possibly(values) => format!("possibly {values:?}"),
        Presence::Never(_) => String::new(),
    }
}

fn differences(level: Option<&str>, was: Option<&Outcomes>, is: Option<&Outcomes>) -> Vec<Told> {
    let mut pairs: Vec<(&World, Sides<'_>)> = Vec::new();
    match (was, is) {
        (None, None) => {}
        // Who hears of an alert that is new, or does not hear any more of one that is gone.
        (Some(one), None) => pairs.extend(one.iter().map(|(w, o)| (w, (Some(o), None)))),
        (None, Some(one)) => pairs.extend(one.iter().map(|(w, o)| (w, (None, Some(o))))),
        (Some(was), Some(is)) => {
            // A label that only one side knows: all that the other may be is compared with it.
            for (world, new) in is {
                let others: BTreeSet<&Outcome> = match was.get(world) {
                    Some(old) => BTreeSet::from([old]),
                    None => was.iter().filter(|(w, _)| agree(w, world)).map(|(_, o)| o).collect(),
                };
                pairs.extend(others.into_iter().map(|old| (world, (Some(old), Some(new)))));
            }
            for (world, old) in was.iter().filter(|(w, _)| !is.contains_key(*w)) {
                let others: BTreeSet<&Outcome> =
                    is.iter().filter(|(w, _)| agree(w, world)).map(|(_, o)| o).collect();
                pairs.extend(others.into_iter().map(|new| (world, (Some(old), Some(new)))));
            }
        }
    }
    groups(pairs.into_iter()).into_iter().filter_map(|(when, sides)| told(level, when, sides)).collect()
}

/// True when no label that both have differs.
fn agree(a: &World, b: &World) -> bool {
    a.iter().all(|(name, value)| b.get(name).is_none_or(|v| v == value))
}

type Sides<'a> = (Option<&'a Outcome>, Option<&'a Outcome>);

/// The label sets of each outcome, in words; none when there is one outcome only.
fn groups<'a>(all: impl Iterator<Item = (&'a World, Sides<'a>)>) -> Vec<(String, Sides<'a>)> {
    let mut by_outcome: BTreeMap<Sides<'a>, Vec<&World>> = BTreeMap::new();
    for (world, sides) in all {
        by_outcome.entry(sides).or_default().push(world);
    }
    let alone = by_outcome.len() == 1;
    let mut found = Vec::new();
    for (sides, worlds) in by_outcome {
        let mut whens: Vec<String> = worlds.iter().map(|w| when(w)).collect();
        whens.sort();
        whens.dedup();
        let text = match whens.len() {
            _ if alone => String::new(),
            n if n > MANY => format!("{} and {} more", whens[..MANY].join(" or "), n - MANY),
            _ => whens.join(" or "),
        };
        found.push((text, sides));
    }
    found
}

/// More label sets than these are counted.
const MANY: usize = 3;

fn when(world: &World) -> String {
    if world.is_empty() {
        return "other labels".to_string();
    }
    let pairs: Vec<String> = world.iter().map(|(n, v)| format!("{n}={}", quote(v))).collect();
    format!("{{{}}}", pairs.join(", "))
}

fn told(level: Option<&str>, when: String, (before, after): Sides<'_>) -> Option<Told> {
    let listeners = |o: Option<&Outcome>| o.map(|o| o.listeners.clone());
    let (was, is) = (listeners(before), listeners(after));
    if was == is {
        return None;
    }
    let names = |l: &Vec<Listener>| l.iter().map(|l| l.shown.clone()).collect::<Vec<_>>();
    let pages = |l: &Option<Vec<Listener>>| l.iter().flatten().any(|l| l.pages);
    let hears = |l: &Option<Vec<Listener>>| l.iter().flatten().next().is_some();
    let silenced = pages(&was) && !pages(&is) || after.is_some() && hears(&was) && !hears(&is);
    let route = match (before, after) {
        (Some(a), Some(b)) if a.routes != b.routes => b.routes.clone(),
        _ => String::new(),
    };
    Some(Told {
        level: level.map(str::to_string),
        when,
        before: was.as_ref().map(names),
        after: is.as_ref().map(names),
        route,
        silenced,
    })
}

/// What each route is called: its matchers, behind those of its parents.
fn route_names(root: &Route) -> Vec<String> {
    fn walk(route: &Route, path: &str, out: &mut Vec<String>) {
        let name = if out.is_empty() {
            "the root route".to_string()
        } else {
            format!("{path}{}", super::compare::routing::matchers(&route.matchers))
        };
        let below = if out.is_empty() { String::new() } else { format!("{name} ") };
        out.push(name);
        for child in &route.routes {
            walk(child, &below, out);
        }
    }
    let mut names = Vec::new();
    walk(root, "", &mut names);
    names
}
