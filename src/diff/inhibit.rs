//! Which alerts inhibitions can silence, before and after.

use std::collections::{BTreeMap, BTreeSet};

use super::change::{Inhibited, Inhibits};
use super::compare::alerts::Pair;
use super::compare::routing::{inhibitions, matchers};
use super::facts::AlertFacts;
use super::reach::{Sending, Sent, same_labels};
use crate::alertmanager::config::InhibitRule;
use crate::alertmanager::matcher::Matcher;
use crate::alertmanager::route::matches;
use crate::alertmanager::worlds::{Arriving, Values, Worlds};

/// What differs.
#[derive(Debug, Default)]
pub(super) struct Found<'a> {
    /// Of inhibitions that are new, gone or changed, by their names.
    pub(super) rules: BTreeMap<String, Inhibits>,
    /// Of alerts whose own change makes the difference, by their names after it.
    pub(super) alerts: BTreeMap<&'a str, Vec<Inhibited>>,
}

/// The values of the labels in which source and target must agree; none where it is not known.
type Agreeing = Vec<Option<String>>;

/// An inhibition with the alerts of its side.
struct Inhibition<'a> {
    rule: &'a InhibitRule,
    side: Sending<'a>,
    /// Alerts that can be its source.
    sources: BTreeMap<Agreeing, Vec<&'a AlertFacts>>,
    /// Whether sources of these values can silence a target of those.
    known: BTreeMap<Agreeing, Vec<Agreeing>>,
    targets: Worlds<'a>,
}

impl<'a> Inhibition<'a> {
    fn new(rule: &'a InhibitRule, side: Sending<'a>, alerts: &'a [AlertFacts]) -> Inhibition<'a> {
        let mut worlds = worlds(&rule.source_matchers);
        let mut sources: BTreeMap<Agreeing, Vec<&AlertFacts>> = BTreeMap::new();
        for alert in alerts {
            let sent = Sent::new(alert, side.external_labels);
            if can_have(&mut worlds, &sent, &rule.source_matchers) {
                sources.entry(agreeing(rule, &sent)).or_default().push(alert);
            }
        }
        let targets = self::worlds(&rule.target_matchers);
        Inhibition { rule, side, sources, known: BTreeMap::new(), targets }
    }

    /// True when some other alert can silence this one.
    fn can_silence(&mut self, alert: &AlertFacts) -> bool {
        let sent = Sent::new(alert, self.side.external_labels);
        if !can_have(&mut self.targets, &sent, &self.rule.target_matchers) {
            return false;
        }
        let own = agreeing(self.rule, &sent);
        let sources = &self.sources;
        let fit = self.known.entry(own).or_insert_with_key(|own| {
            let agree =
                |other: &&Agreeing| own.iter().zip(*other).all(|(a, b)| a.is_none() || b.is_none() || a == b);
            // Of two alerts one is not the target.
            sources.keys().filter(agree).take(2).cloned().collect()
        });
        let fitting = fit.iter().filter_map(|key| sources.get(key)).flatten();
        fitting.into_iter().any(|source| !std::ptr::eq(*source, alert))
    }

    /// The names of its sources.
    fn source_names(&self) -> BTreeSet<&'a str> {
        self.sources.values().flatten().map(|a| a.name.as_str()).collect()
    }
}

fn worlds(matchers: &[Matcher]) -> Worlds<'_> {
    Worlds::new(&matchers.iter().collect::<Vec<_>>())
}

fn can_have(worlds: &mut Worlds<'_>, alert: &Sent<'_>, matchers: &[Matcher]) -> bool {
    let (found, complete) = worlds.of(alert);
    !complete || found.iter().any(|world| matches(matchers, world))
}

fn agreeing(rule: &InhibitRule, alert: &Sent<'_>) -> Agreeing {
    let value = |label: &String| {
        let known = alert.known(label);
        match (known.values, known.may_miss) {
            (Values::OneOf(values), false) if values.len() == 1 => values.into_iter().next(),
            (Values::OneOf(values), true) if values.is_empty() => Some(String::new()),
            _ => None,
        }
    };
    rule.equal.iter().map(value).collect()
}

/// A level by the number of its pair, and its own in it.
type Levels = BTreeSet<(usize, usize)>;

/// An inhibition that is not the same on both sides, with the levels that it can silence on each.
struct Changed<'a> {
    name: &'a str,
    old: Option<(&'a InhibitRule, Levels)>,
    new: Option<(&'a InhibitRule, Levels)>,
    sources: BTreeSet<&'a str>,
}

/// One side: what it sends, and its alerts.
pub(super) type Side<'a> = (Sending<'a>, &'a [AlertFacts]);

/// What differs between the inhibitions of two sides. `generated`: both are programs, whose inhibitions between the
/// levels of an alert follow from the levels.
pub(super) fn compare<'a>(
    pairs: &[Pair<'a>],
    before: Side<'_>,
    after: Side<'_>,
    generated: bool,
) -> Found<'a> {
    let mut found = Found::default();
    let [old, new] = [before.0, after.0]
        .map(|side| side.routing.map(|r| inhibitions(&r.config, generated)).unwrap_or_default());
    let same_labels_added = before.0.external_labels == after.0.external_labels;
    let stays = |(a, b): &(Option<&AlertFacts>, Option<&AlertFacts>)| match (a, b) {
        (Some(a), Some(b)) => same_labels(a, b),
        _ => false,
    };
    let all_stay = same_labels_added && pairs.iter().flat_map(|p| &p.levels).all(stays);
    let mut changed: Vec<Changed<'_>> = Vec::new();
    let all: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    for name in all {
        let (rule_before, rule_after) = (old.get(name), new.get(name));
        let kept = rule_before.map(|r| sorted(&r.equal)) == rule_after.map(|r| sorted(&r.equal));
        if kept && all_stay {
            continue;
        }
        let mut was = rule_before.map(|rule| Inhibition::new(rule, before.0, before.1));
        let mut is = rule_after.map(|rule| Inhibition::new(rule, after.0, after.1));
        if kept {
            let (Some(was), Some(is)) = (&mut was, &mut is) else { continue };
            let same_sources = was.sources.is_empty() == is.sources.is_empty();
            for pair in pairs {
                for (a, b) in &pair.levels {
                    let (Some(a), Some(b)) = (a, b) else { continue };
                    if same_sources && same_labels_added && same_labels(a, b) {
                        continue;
                    }
                    let (could, can) = (was.can_silence(a), is.can_silence(b));
                    if could != can {
                        let by = matchers(&is.rule.source_matchers);
                        let inhibited = Inhibited { level: b.severity.clone(), by, gained: can };
                        found.alerts.entry(pair.after).or_default().push(inhibited);
                    }
                }
            }
            continue;
        }
        let sources = is.as_ref().or(was.as_ref()).map(Inhibition::source_names).unwrap_or_default();
        changed.push(Changed {
            name,
            old: was.map(|mut i| (i.rule, levels(pairs, |a, _| a.is_some_and(|a| i.can_silence(a))))),
            new: is.map(|mut i| (i.rule, levels(pairs, |_, b| b.is_some_and(|b| i.can_silence(b))))),
            sources,
        });
    }
    // An inhibition that is written otherwise is one that goes and one that comes: what both do stays as it is.
    let same = |a: &InhibitRule, b: &InhibitRule| {
        a.source_matchers == b.source_matchers && sorted(&a.equal) == sorted(&b.equal)
    };
    for change in &changed {
        let mut gained = change.new.as_ref().map(|(_, levels)| levels.clone()).unwrap_or_default();
        let mut lost = change.old.as_ref().map(|(_, levels)| levels.clone()).unwrap_or_default();
        for other in &changed {
            let (mine, its) = (std::ptr::eq(change, other), (&other.old, &other.new));
            if let (Some((rule, _)), Some((old, levels))) = (&change.new, its.0)
                && (mine || same(rule, old))
            {
                gained.retain(|l| !levels.contains(l));
            }
            if let (Some((rule, _)), Some((new, levels))) = (&change.old, its.1)
                && (mine || same(rule, new))
            {
                lost.retain(|l| !levels.contains(l));
            }
        }
        let none = change.new.as_ref().is_some_and(|(_, levels)| levels.is_empty());
        let rule = change.new.as_ref().or(change.old.as_ref()).map(|(rule, _)| *rule);
        let Some(rule) = rule else { continue };
        let is_named = |list: &[Matcher], label: &str| list.iter().any(|m| m.name() == label);
        let by_level = !is_named(&rule.target_matchers, "severity");
        found.rules.insert(
            change.name.to_string(),
            Inhibits {
                gained: names(pairs, &gained, by_level),
                lost: names(pairs, &lost, by_level),
                // The name of the inhibition says it where it names the alert.
                sources: match is_named(&rule.source_matchers, "alertname") {
                    true => Vec::new(),
                    false => change.sources.iter().map(ToString::to_string).collect(),
                },
                useless: none,
            },
        );
    }
    found
}

fn sorted(labels: &[String]) -> Vec<&String> {
    let mut labels: Vec<&String> = labels.iter().collect();
    labels.sort();
    labels
}

/// The levels that are chosen, before or after.
fn levels<'a>(
    pairs: &[Pair<'a>],
    mut choose: impl FnMut(Option<&'a AlertFacts>, Option<&'a AlertFacts>) -> bool,
) -> Levels {
    let mut found = Levels::new();
    for (pair_number, pair) in pairs.iter().enumerate() {
        for (number, (a, b)) in pair.levels.iter().enumerate() {
            if choose(*a, *b) {
                found.insert((pair_number, number));
            }
        }
    }
    found
}

/// What the chosen levels that are still there are called; with their severity where it is not the whole alert.
fn names(pairs: &[Pair<'_>], chosen: &Levels, by_level: bool) -> Vec<String> {
    let mut found = Vec::new();
    for (number, pair) in pairs.iter().enumerate() {
        let there = || pair.levels.iter().enumerate().filter_map(|(at, (_, b))| Some((at, (*b)?)));
        let of_it: Vec<&AlertFacts> =
            there().filter(|(at, _)| chosen.contains(&(number, *at))).map(|(_, b)| b).collect();
        if of_it.is_empty() {
            continue;
        }
        if !by_level || of_it.len() == there().count() {
            found.push(pair.after.to_string());
            continue;
        }
        let levels: Vec<&str> = of_it.iter().filter_map(|b| b.severity.as_deref()).collect();
        found.push(format!("{} ({})", pair.after, levels.join(", ")));
    }
    found
}
