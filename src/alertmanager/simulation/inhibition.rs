//! Which alert inhibits which (inhibit/inhibit.go).

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Semantics;
use super::alert::{Alert, AlertStore};
use crate::alertmanager::config::InhibitRule;
use crate::alertmanager::route::{Labels, matches};

/// How often 0.33 drops resolved sources from its index, in milliseconds.
const FORGET_EVERY: i64 = 15 * 60_000;

/// An alert that inhibits another, and by which rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inhibition {
    /// The number of the rule in the configuration, from 0.
    pub rule: usize,
    /// The labels of the source.
    pub source: Arc<Labels>,
}

/// The rules of a configuration and, for 0.33, what its index holds.
#[derive(Debug, Clone)]
pub struct Inhibitor {
    rules: Vec<InhibitRule>,
    /// Of each rule; empty with documented semantics.
    indexes: Vec<Index>,
    next_forgetting: i64,
}

/// The sources of a rule as 0.30.0 to 0.34.0 find them: for each combination of `equal` values only one.
#[derive(Debug, Clone, Default)]
struct Index {
    sources: BTreeMap<Arc<Labels>, Alert>,
    by_equal: BTreeMap<Vec<String>, Arc<Labels>>,
}

impl Inhibitor {
    /// The inhibitor of a configuration that is loaded at `start`.
    pub fn new(rules: &[InhibitRule], semantics: Semantics, start: i64) -> Inhibitor {
        let indexes = match semantics {
            Semantics::Documented => Vec::new(),
            Semantics::V0_33 => vec![Index::default(); rules.len()],
        };
        Inhibitor { rules: rules.to_vec(), indexes, next_forgetting: start + FORGET_EVERY }
    }

    /// Takes note of an alert that was posted.
    pub fn update(&mut self, alert: &Alert, now: i64) {
        self.forget(now);
        for (rule, index) in self.rules.iter().zip(&mut self.indexes) {
            if matches(&rule.source_matchers, &alert.labels) {
                index.update(equal_values(rule, &alert.labels), alert);
            }
        }
    }

    /// What inhibits an alert at a time; the first rule that does counts.
    pub fn inhibits(&mut self, target: &Labels, alerts: &AlertStore, now: i64) -> Option<Inhibition> {
        self.forget(now);
        self.rules.iter().enumerate().find_map(|(number, rule)| {
            if !matches(&rule.target_matchers, target) {
                return None;
            }
            let two_sided = matches(&rule.source_matchers, target);
            let inhibits = |source: &&Alert| {
                !source.is_resolved(now)
                    && matches(&rule.source_matchers, &source.labels)
                    && !(two_sided && matches(&rule.target_matchers, &source.labels))
                    && rule.equal.iter().all(|name| value(&source.labels, name) == value(target, name))
            };
            let source = match self.indexes.get(number) {
                None => alerts.iter().find(inhibits),
                Some(index) => index.source(&equal_values(rule, target)).filter(inhibits),
            };
            source.map(|source| Inhibition { rule: number, source: source.labels.clone() })
        })
    }

    /// Drops the resolved sources of the index, when it was time to, and with each the entry of its values.
    fn forget(&mut self, now: i64) {
        if now < self.next_forgetting {
            return;
        }
        let last = now - (now - self.next_forgetting) % FORGET_EVERY;
        self.next_forgetting = last + FORGET_EVERY;
        for (rule, index) in self.rules.iter().zip(&mut self.indexes) {
            let Index { sources, by_equal } = index;
            sources.retain(|labels, alert| {
                let resolved = alert.is_resolved(last);
                if resolved {
                    by_equal.remove(&equal_values(rule, labels));
                }
                !resolved
            });
        }
    }
}

impl Index {
    /// Keeps of two sources with the same values the one that ends later, of two that end together the newer.
    fn update(&mut self, equal: Vec<String>, alert: &Alert) {
        self.sources.insert(alert.labels.clone(), alert.clone());
        let keeps = self.source(&equal).is_some_and(|kept| kept.ends_at > alert.ends_at);
        if !keeps {
            self.by_equal.insert(equal, alert.labels.clone());
        }
    }

    fn source(&self, equal: &[String]) -> Option<&Alert> {
        self.sources.get(self.by_equal.get(equal)?)
    }
}

fn value<'l>(labels: &'l Labels, name: &str) -> &'l str {
    labels.get(name).map_or("", String::as_str)
}

fn equal_values(rule: &InhibitRule, labels: &Labels) -> Vec<String> {
    rule.equal.iter().map(|name| value(labels, name).to_string()).collect()
}
