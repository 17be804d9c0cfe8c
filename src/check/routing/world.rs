//! What is known of the labels of an alert as it arrives at Alertmanager, and the label sets that it may have as far as
//! routes can tell them apart.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::alertmanager::config::Route;
use crate::alertmanager::matcher::{Matcher, Op};
use crate::check::model::{Checked, CheckedAlert};
use crate::check::types::{Presence, Values};
use crate::syntax::ast::PartKind;

/// An alert of one severity on its way: labels whose value is known, and what is known of the others.
#[derive(Debug)]
pub(super) struct Arriving<'m> {
    alert: &'m CheckedAlert<'m>,
    /// `alertname`, `severity`, labels of the rule and of Prometheus with a fixed value.
    fixed: BTreeMap<String, String>,
    /// Labels of the rule whose value is a template.
    templated: BTreeSet<String>,
}

/// More label sets than this are not tried: what is left is taken as unknown.
const MAX_WORLDS: usize = 4096;

/// A label set, as far as it matters.
pub(super) type World = BTreeMap<String, String>;

impl<'m> Arriving<'m> {
    /// An alert as one of its rules sends it.
    pub(super) fn new(
        alert: &'m CheckedAlert<'m>,
        name: &str,
        severity: Option<&str>,
        checked: &Checked<'_>,
    ) -> Arriving<'m> {
        let mut fixed = BTreeMap::new();
        let mut templated = BTreeSet::new();
        for (label, value) in &checked.external_labels {
            if !alert.result.get(label).is_possible() {
                fixed.insert(label.clone(), value.clone());
            }
        }
        for (label, text) in &alert.properties.labels {
            if text.value.parts().iter().all(|p| matches!(p.kind, PartKind::Literal | PartKind::Param)) {
                fixed.insert((*label).to_string(), text.value.value.clone());
            } else {
                templated.insert((*label).to_string());
            }
        }
        fixed.insert("alertname".to_string(), name.to_string());
        if let Some(severity) = severity {
            fixed.insert("severity".to_string(), severity.to_string());
        }
        Arriving { alert, fixed, templated }
    }

    /// Every label set that the matchers can tell apart; exhaustive unless the second is false.
    pub(super) fn worlds(&self, matchers: &[&Matcher]) -> (Vec<World>, bool) {
        let mut worlds = Worlds::new(matchers);
        let (found, complete) = worlds.of(self);
        (found.to_vec(), complete)
    }

    /// The values of a label that differ in what matches them; an absent label is the empty text.
    fn values(&self, label: &str, matchers: &[&Matcher]) -> Vec<String> {
        if let Some(value) = self.fixed.get(label) {
            return vec![value.clone()];
        }
        let (known, may_miss) = if self.templated.contains(label) {
            (&Values::Any, true)
        } else {
            match self.alert.result.get(label) {
                Presence::Surely(values) => (values, false),
                Presence::Possibly(values) => (values, true),
                Presence::Never(_) => return vec![String::new()],
            }
        };
        let mut candidates: Vec<String> = match known {
            Values::OneOf(values) => values.iter().map(ToString::to_string).collect(),
            Values::Any | Values::Matches(_) => {
                let mut samples: Vec<String> = matchers.iter().flat_map(|m| samples(m)).collect();
                samples.push("other".to_string());
                if let Values::Matches(pattern) = known
                    && let Ok(matcher) = Matcher::new(label, Op::Match, pattern.to_string())
                {
                    samples.extend(self::samples(&matcher));
                    samples.retain(|s| matcher.matches(s));
                }
                samples
            }
        };
        if may_miss {
            candidates.push(String::new());
        }
        // One value for each way to match.
        let mut seen = BTreeSet::new();
        candidates.retain(|c| seen.insert(matchers.iter().map(|m| m.matches(c)).collect::<Vec<_>>()));
        candidates
    }
}

/// Label sets, and whether they are all there can be.
type Found = (Arc<[World]>, bool);

/// The label sets that a set of matchers can tell apart, for one alert after the other. Alerts that the matchers see
/// alike share them.
pub(super) struct Worlds<'m> {
    labels: BTreeMap<&'m str, Vec<&'m Matcher>>,
    /// For each label and way to be matched, the first value seen.
    representatives: BTreeMap<(&'m str, Vec<bool>), String>,
    known: BTreeMap<Vec<Vec<String>>, Found>,
}

impl<'m> Worlds<'m> {
    /// Label sets for these matchers.
    pub(super) fn new(matchers: &[&'m Matcher]) -> Worlds<'m> {
        let mut labels: BTreeMap<&str, Vec<&Matcher>> = BTreeMap::new();
        for matcher in matchers {
            labels.entry(matcher.name()).or_default().push(matcher);
        }
        Worlds { labels, representatives: BTreeMap::new(), known: BTreeMap::new() }
    }

    /// The label sets of an alert; exhaustive unless the second is false.
    pub(super) fn of(&mut self, alert: &Arriving<'_>) -> Found {
        let mut key = Vec::with_capacity(self.labels.len());
        for (label, matchers) in &self.labels {
            let values = alert.values(label, matchers).into_iter().map(|value| {
                let how = matchers.iter().map(|m| m.matches(&value)).collect();
                self.representatives.entry((label, how)).or_insert(value).clone()
            });
            key.push(values.collect::<Vec<_>>());
        }
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        let mut worlds = vec![World::new()];
        let mut complete = true;
        for (label, values) in self.labels.keys().zip(&key) {
            if worlds.len() * values.len() > MAX_WORLDS {
                complete = false;
                break;
            }
            worlds = worlds
                .into_iter()
                .flat_map(|world| {
                    values.iter().map(move |value| {
                        let mut world = world.clone();
                        world.insert((*label).to_string(), value.clone());
                        world
                    })
                })
                .collect();
        }
        let found: Found = (worlds.into(), complete);
        self.known.insert(key, found.clone());
        found
    }
}

/// Values that a matcher may be about.
fn samples(matcher: &Matcher) -> Vec<String> {
    match matcher.op() {
        Op::Equal | Op::NotEqual => vec![matcher.value().to_string()],
        Op::Match | Op::NotMatch => alternatives(matcher.value()),
    }
}

/// A text for each alternative of a simple pattern: `a|b.*` gives `a` and `b`.
fn alternatives(pattern: &str) -> Vec<String> {
    let inner = pattern.strip_prefix("(?:").and_then(|p| p.strip_suffix(')')).unwrap_or(pattern);
    let plain = |part: &str| {
        let text = part.trim_matches(['^', '$', '(', ')']);
        text.replace("\\.", "\u{0}")
            .replace(".*", "")
            .replace(".+", "x")
            .replace('.', "x")
            .replace('\u{0}', ".")
    };
    inner.split('|').map(plain).collect()
}

/// Whether all matchers hold in a world; a label that is not in it is empty.
pub(super) fn matches(matchers: &[Matcher], world: &World) -> bool {
    matchers.iter().all(|m| m.matches(world.get(m.name()).map_or("", String::as_str)))
}

/// Every matcher of a tree of routes.
pub(super) fn matchers(route: &Route) -> Vec<&Matcher> {
    let mut all: Vec<&Matcher> = route.matchers.iter().collect();
    for child in &route.routes {
        all.extend(matchers(child));
    }
    all
}
