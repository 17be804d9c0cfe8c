//! What came of an evaluation: alerts over time, their texts, and the storage with what was recorded.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::expand::Context;
use super::{Millis, RuleInfo, RuleSet};
use crate::promql::labels::Labels;
use crate::promql::storage::Storage;
use crate::promql::value::Point;

/// The state of an alert at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Its condition does not hold.
    Inactive,
    /// Its condition holds, but not yet for long enough.
    Pending,
    /// It fires.
    Firing,
}

impl State {
    /// `inactive`, `pending` or `firing`.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Inactive => "inactive",
            State::Pending => "pending",
            State::Firing => "firing",
        }
    }
}

/// One alert from when its condition began to hold until it ended. If it comes again, that is another one.
#[derive(Debug, Clone)]
pub struct Alert {
    /// Its labels, `alertname` among them; without external labels.
    pub labels: Labels,
    /// When its condition began to hold.
    pub active_at: Millis,
    /// When it began to fire; none if it never did.
    pub fired_at: Option<Millis>,
    /// When it was over (resolved, if it fired); none if it goes on at the last evaluation.
    pub ended_at: Option<Millis>,
    /// The values of its expression, by step.
    seen: Vec<(u32, Point)>,
    /// The labels of the result, with the steps from which on they are these.
    results: Vec<(u32, Labels)>,
}

impl Alert {
    pub(super) fn new(labels: Labels, active_at: Millis) -> Alert {
        Alert { labels, active_at, fired_at: None, ended_at: None, seen: Vec::new(), results: Vec::new() }
    }

    pub(super) fn see(&mut self, step: usize, point: Point, result: &Labels) {
        let step = u32::try_from(step).unwrap_or(u32::MAX);
        self.seen.push((step, point));
        if self.results.last().is_none_or(|(_, last)| last != result) {
            self.results.push((step, result.clone()));
        }
    }

    /// The state at a time that was evaluated.
    pub fn state(&self, at: Millis) -> State {
        if at < self.active_at || self.ended_at.is_some_and(|end| at >= end) {
            State::Inactive
        } else if self.fired_at.is_some_and(|fired| at >= fired) {
            State::Firing
        } else {
            State::Pending
        }
    }

    /// The last value at or before a step, and the labels of the result it came from.
    fn last_seen(&self, step: usize) -> Option<(usize, &Point, &Labels)> {
        let at = self.seen.partition_point(|(s, _)| *s as usize <= step);
        let (seen, point) = self.seen.get(at.checked_sub(1)?)?;
        let at = self.results.partition_point(|(s, _)| s <= seen);
        let (_, labels) = self.results.get(at.checked_sub(1)?)?;
        Some((*seen as usize, point, labels))
    }
}

/// Why an evaluation ended before its last time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleError {
    /// The number of the time at which it happened.
    pub step: usize,
    /// The number of the rule.
    pub rule: usize,
    /// Prometheus' words.
    pub message: String,
}

/// What came of an evaluation.
pub struct Timeline<'a> {
    pub(super) set: &'a RuleSet,
    pub(super) times: Arc<[Millis]>,
    pub(super) storage: Storage,
    pub(super) context: Context,
    /// Of how many times each group takes the first.
    pub(super) every: Vec<usize>,
    pub(super) alerts: Vec<Vec<Alert>>,
    pub(super) errors: Vec<RuleError>,
}

impl<'a> Timeline<'a> {
    /// The times of evaluation, ascending.
    pub fn times(&self) -> &Arc<[Millis]> {
        &self.times
    }

    /// The number of the last evaluation at or before a time.
    pub fn step_at(&self, t: Millis) -> Option<usize> {
        self.times.partition_point(|s| *s <= t).checked_sub(1)
    }

    /// The samples, what the rules wrote among them.
    pub fn storage(&self) -> &Storage {
        &self.storage
    }

    /// The errors of the first time at which there were any; from that time on nothing is known.
    pub fn errors(&self) -> &[RuleError] {
        &self.errors
    }

    /// True when texts were left unexpanded since the templates took too many steps together.
    pub fn has_unexpanded_texts(&self) -> bool {
        self.context.budget.is_spent()
    }

    /// The rule of a number.
    pub fn rule(&self, number: usize) -> Option<RuleInfo<'a>> {
        self.set.rules.get(number).map(|r| self.set.info(r))
    }

    /// Every alerting rule, by its number, with its alerts.
    pub fn rules(&self) -> impl Iterator<Item = (usize, RuleInfo<'a>, &[Alert])> {
        let numbered = self.set.rules.iter().zip(&self.alerts).enumerate();
        numbered
            .filter(|(_, (r, _))| r.alert.is_some())
            .map(|(i, (r, a))| (i, self.set.info(r), a.as_slice()))
    }

    /// The expressions of the rules that record a metric of that name.
    pub fn recorded_by(&self, name: &str) -> impl Iterator<Item = &'a str> {
        let named = self.set.rules.iter().filter(move |r| r.alert.is_none() && r.name == name);
        named.map(|r| r.expr.as_str())
    }

    /// Of how many times the group of a rule takes the first.
    pub(super) fn stride(&self, rule: usize) -> usize {
        let group = self.set.rules.get(rule).map_or(0, |r| r.group);
        self.every.get(group).copied().unwrap_or(1).max(1)
    }

    /// The value that an alert had last at a step.
    pub fn value(&self, alert: &Alert, step: usize) -> Option<Point> {
        alert.last_seen(step).map(|(_, point, _)| point.clone())
    }

    /// The annotations of an alert of the rule of that number at a step at which it is active. They are of the last
    /// step at which its condition held.
    pub fn annotations(&self, rule: usize, alert: &Alert, step: usize) -> BTreeMap<String, String> {
        let texts = self.set.rules.get(rule).and_then(|r| r.alert.as_ref()).map(|a| a.annotations.as_slice());
        let (Some(texts), Some((seen, point, result))) = (texts, alert.last_seen(step)) else {
            return BTreeMap::new();
        };
        let data = self.context.data(result, point);
        let at = self.times.get(seen).copied().unwrap_or(0);
        let expanded = self.context.expand(texts, &data, at, &self.storage);
        expanded.into_iter().map(|(name, text)| (name.to_string(), text)).collect()
    }
}
