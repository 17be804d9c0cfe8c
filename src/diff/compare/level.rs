//! One level before and after: what differs, and whether it fires and clears sooner or later.

use std::collections::BTreeMap;

use crate::diff::change::{Aspect, Field};
use crate::diff::facts::{AlertFacts, Canonical, Condition, GroupFacts, one_line};
use crate::ir::{Bound, Millis, Threshold};
use crate::promql::ast::BinaryOp;
use crate::promql::duration::Duration;

/// Effects on when an alarm begins and ends.
#[derive(Debug, Default)]
struct Effects {
    /// What makes it begin later (true) or sooner.
    begins: Vec<(bool, &'static str)>,
    /// The same for its end.
    ends: Vec<(bool, &'static str)>,
    others: Vec<String>,
}

impl Effects {
    fn words(self) -> Vec<String> {
        let mut words = Vec::new();
        for (verb, causes) in [("fires", &self.begins), ("clears", &self.ends)] {
            let of = |later: bool| -> Vec<&str> {
                let mut found: Vec<&str> =
                    causes.iter().filter(|(l, _)| *l == later).map(|(_, why)| *why).collect();
                found.dedup();
                found
            };
            let (later, sooner) = (of(true), of(false));
            match (!later.is_empty(), !sooner.is_empty()) {
                (true, true) => words.push(format!(
                    "{verb} later by the {}, sooner by the {}",
                    later.join(" and "),
                    sooner.join(" and ")
                )),
                (true, false) => words.push(format!("{verb} later")),
                (false, true) => words.push(format!("{verb} sooner")),
                (false, false) => {}
            }
        }
        words.extend(self.others);
        words
    }
}

/// A time as people write it; none for zero.
pub(super) fn time(ms: Millis) -> Option<String> {
    (ms != 0).then(|| Duration::from_millis(ms).to_string())
}

pub(in crate::diff) fn bound(bound: &Bound) -> String {
    format!("{} {}", bound.op.as_str(), bound.shown)
}

/// Up for `>`, down for `<`.
fn upward(op: BinaryOp) -> Option<bool> {
    match op {
        BinaryOp::Gt | BinaryOp::Ge => Some(true),
        BinaryOp::Lt | BinaryOp::Le => Some(false),
        _ => None,
    }
}

/// What differs between two rules of one level but for labels and texts, and what that means.
pub(super) fn compare(before: &AlertFacts, after: &AlertFacts) -> (Vec<Field>, Vec<String>) {
    let mut fields = Vec::new();
    let mut effects = Effects::default();
    condition(before, after, &mut fields, &mut effects);
    if before.hold != after.hold {
        fields.push(Field::new(Aspect::Hold, time(before.hold), time(after.hold)));
        let later = after.hold > before.hold;
        effects.begins.push((later, if later { "longer hold" } else { "shorter hold" }));
    }
    if before.keep_firing_for != after.keep_firing_for {
        let aspect = Aspect::KeepFiring;
        fields.push(Field::new(aspect, time(before.keep_firing_for), time(after.keep_firing_for)));
        let later = after.keep_firing_for > before.keep_firing_for;
        effects.ends.push((later, "`keep_firing_for`"));
    }
    if before.severity != after.severity {
        fields.push(Field::new(Aspect::Severity, before.severity.clone(), after.severity.clone()));
    }
    super::records::moved(&before.group, &after.group, &mut fields);
    (fields, effects.words())
}

/// Settings of the groups that change what their rules do.
pub(super) fn group(before: &GroupFacts, after: &GroupFacts, fields: &mut Vec<Field>) {
    if before.interval != after.interval {
        let text = |g: &GroupFacts| g.interval.and_then(time);
        fields.push(Field::new(Aspect::Interval, text(before), text(after)));
    }
    if before.query_offset != after.query_offset {
        let aspect = Aspect::QueryOffset;
        fields.push(Field::new(aspect, time(before.query_offset), time(after.query_offset)));
    }
    if before.limit != after.limit {
        let text = |n: u64| (n != 0).then(|| n.to_string());
        fields.push(Field::new(Aspect::Limit, text(before.limit), text(after.limit)));
    }
}

/// True when both expressions mean the same.
pub(super) fn same_expr(before: &str, after: &str) -> bool {
    before == after || Canonical::new(before) == Canonical::new(after)
}

fn condition(before: &AlertFacts, after: &AlertFacts, fields: &mut Vec<Field>, effects: &mut Effects) {
    // The name stands in the expression of a hysteresis, and is no difference by itself.
    let known = (&before.condition, &after.condition);
    let same = match known {
        (Some(a), Some(b)) => same_bounds(a, b) && same_expr(&a.signal, &b.signal),
        _ => same_expr(&before.expr, &after.expr),
    };
    if same {
        return;
    }
    let expression = |fields: &mut Vec<Field>, a: &str, b: &str| {
        fields.push(Field::new(Aspect::Expression, Some(one_line(a)), Some(one_line(b))));
    };
    let (Some(a), Some(b)) = (before.thresholds(), after.thresholds()) else {
        expression(fields, &before.expr, &after.expr);
        return;
    };
    if !same_expr(&a.signal, &b.signal) {
        expression(fields, &a.signal, &b.signal);
    }
    thresholds(&a, &b, fields, effects);
}

/// True when the thresholds are the same, however they are spelt.
pub(super) fn same_bounds(a: &Condition, b: &Condition) -> bool {
    let same = |a: &Bound, b: &Bound| a.op == b.op && a.value.to_bits() == b.value.to_bits();
    let same_end = |a: &Option<Bound>, b: &Option<Bound>| match (a, b) {
        (None, None) => true,
        (Some(a), Some(b)) => same(a, b),
        _ => false,
    };
    a.thresholds.len() == b.thresholds.len()
        && a.thresholds
            .iter()
            .zip(&b.thresholds)
            .all(|(a, b)| scope(a) == scope(b) && same(&a.start, &b.start) && same_end(&a.until, &b.until))
}

/// The matchers of a scope in one order.
fn scope(threshold: &Threshold) -> String {
    if !threshold.scope.contains(',') {
        return threshold.scope.clone();
    }
    // As a selector, so that commas within values don't count.
    Canonical::new(&format!("{{{}}}", threshold.scope)).key()
}

fn braces(scope: &str) -> String {
    if scope.is_empty() { String::new() } else { format!("{{{scope}}}") }
}

fn thresholds(a: &Condition, b: &Condition, fields: &mut Vec<Field>, effects: &mut Effects) {
    let of_before: BTreeMap<String, &Threshold> = a.thresholds.iter().map(|t| (scope(t), t)).collect();
    let of_after: BTreeMap<String, &Threshold> = b.thresholds.iter().map(|t| (scope(t), t)).collect();
    let before = fields.len();
    for old in &a.thresholds {
        match of_after.get(&scope(old)) {
            Some(new) => one(old, new, fields, effects),
            None => {
                let aspect = Aspect::Threshold;
                fields.push(Field::of(aspect, &braces(&old.scope), Some(bound(&old.start)), None));
            }
        }
    }
    for new in b.thresholds.iter().filter(|t| !of_before.contains_key(&scope(t))) {
        fields.push(Field::of(Aspect::Threshold, &braces(&new.scope), None, Some(bound(&new.start))));
    }
    let order = |c: &Condition| c.thresholds.iter().map(scope).collect::<Vec<_>>();
    if fields.len() == before && order(a) != order(b) {
        effects.others.push("the thresholds are tried in another order".to_string());
        let shown = |c: &Condition| {
            let lines: Vec<String> =
                c.thresholds.iter().map(|t| format!("{} {}", braces(&t.scope), bound(&t.start))).collect();
            Some(lines.join(", "))
        };
        fields.push(Field::new(Aspect::Threshold, shown(a), shown(b)));
    }
}

fn one(old: &Threshold, new: &Threshold, fields: &mut Vec<Field>, effects: &mut Effects) {
    let scope = braces(&new.scope);
    let same = |a: &Bound, b: &Bound| a.op == b.op && a.value.to_bits() == b.value.to_bits();
    let (was, is) = (upward(old.start.op), upward(new.start.op));
    if !same(&old.start, &new.start) {
        let aspect = Aspect::Threshold;
        fields.push(Field::of(aspect, &scope, Some(bound(&old.start)), Some(bound(&new.start))));
        match (was, is) {
            (Some(up), Some(now_up)) if up == now_up => {
                let harder = harder(&old.start, &new.start, up);
                effects.begins.push((harder, "threshold"));
                // Without a hysteresis the threshold is where it ends, too.
                if old.until.is_none() && new.until.is_none() {
                    effects.ends.push((!harder, "threshold"));
                }
            }
            (Some(_), Some(_)) => effects.others.push("fires on the other side".to_string()),
            _ => effects.others.push("fires on other values".to_string()),
        }
    }
    let same_end = match (&old.until, &new.until) {
        (None, None) => true,
        (Some(a), Some(b)) => same(a, b),
        _ => false,
    };
    if same_end {
        return;
    }
    fields.push(Field::of(
        Aspect::Until,
        &scope,
        old.until.as_ref().map(bound),
        new.until.as_ref().map(bound),
    ));
    // An alarm of `> 90%` ends at or below 90 % when no other end is given.
    if let (Some(up), Some(now_up)) = (was, is)
        && up == now_up
    {
        let end = |t: &Threshold| t.until.as_ref().map_or(t.start.value, |u| u.value);
        let (a, b) = (end(old), end(new));
        let later = if up { b < a } else { b > a };
        if a.to_bits() != b.to_bits() {
            effects.ends.push((later, "`until`"));
        }
    }
}

/// Whether the new bound is harder to reach.
fn harder(old: &Bound, new: &Bound, up: bool) -> bool {
    if old.value == new.value {
        return matches!(new.op, BinaryOp::Gt | BinaryOp::Lt);
    }
    if up { new.value > old.value } else { new.value < old.value }
}
