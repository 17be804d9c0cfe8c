//! Alerts of two programs: which is which, and in what they differ.

use std::collections::{BTreeMap, BTreeSet};

use super::level::{self, same_expr, time};
use crate::diff::change::{Aspect, Change, Field, Kind, Part, Verdict};
use crate::diff::facts::{AlertFacts, Canonical, one_line};

/// An alert's rules before and after, and which of them is which.
#[derive(Debug)]
pub(in crate::diff) struct Pair<'a> {
    pub(in crate::diff) before: &'a str,
    pub(in crate::diff) after: &'a str,
    /// Rules of one level.
    pub(in crate::diff) levels: Vec<(Option<&'a AlertFacts>, Option<&'a AlertFacts>)>,
}

type ByName<'a> = BTreeMap<&'a str, Vec<&'a AlertFacts>>;

fn by_name(alerts: &[AlertFacts]) -> ByName<'_> {
    let mut names: ByName<'_> = BTreeMap::new();
    for alert in alerts {
        names.entry(&alert.name).or_default().push(alert);
    }
    names
}

/// Every alert of either side, renamed ones recognised.
pub(in crate::diff) fn pairs<'a>(before: &'a [AlertFacts], after: &'a [AlertFacts]) -> Vec<Pair<'a>> {
    let (old, new) = (by_name(before), by_name(after));
    let renamed = renamed(&old, &new);
    let none = Vec::new();
    let mut pairs = Vec::new();
    for (name, rules) in &old {
        let to = renamed.get(name).copied();
        let others = to.or(new.contains_key(name).then_some(*name)).and_then(|n| new.get(n));
        let levels = levels(rules, others.unwrap_or(&none));
        pairs.push(Pair { before: name, after: to.unwrap_or(name), levels });
    }
    let taken: BTreeSet<&str> = renamed.values().copied().collect();
    for (name, rules) in &new {
        if !old.contains_key(name) && !taken.contains(name) {
            pairs.push(Pair { before: name, after: name, levels: levels(&none, rules) });
        }
    }
    pairs.sort_by_key(|p| p.after);
    pairs
}

/// Old names with the new ones of what has the same conditions; then of what has the same signals. Only what there is
/// one of on both sides is recognised.
fn renamed<'a>(old: &ByName<'a>, new: &ByName<'a>) -> BTreeMap<&'a str, &'a str> {
    let mut found = BTreeMap::new();
    let mut taken = BTreeSet::new();
    for exact in [true, false] {
        let gone = old.iter().filter(|(n, _)| !new.contains_key(*n) && !found.contains_key(*n));
        let come = new.iter().filter(|(n, _)| !old.contains_key(*n) && !taken.contains(*n));
        let gone = keyed(gone, exact);
        let come = keyed(come, exact);
        for (key, names) in &gone {
            if let ([from], Some([to])) = (names.as_slice(), come.get(key).map(Vec::as_slice)) {
                found.insert(*from, *to);
                taken.insert(*to);
            }
        }
    }
    found
}

/// Names by what their rules watch.
fn keyed<'a: 'b, 'b>(
    names: impl Iterator<Item = (&'b &'a str, &'b Vec<&'a AlertFacts>)>,
    exact: bool,
) -> BTreeMap<BTreeSet<String>, Vec<&'a str>> {
    let mut keys: BTreeMap<BTreeSet<String>, Vec<&'a str>> = BTreeMap::new();
    for (name, rules) in names {
        let key = rules.iter().map(|r| watched(r, exact)).collect();
        keys.entry(key).or_default().push(name);
    }
    keys
}

fn watched(rule: &AlertFacts, exact: bool) -> String {
    match rule.thresholds() {
        Some(condition) => {
            let signal = Canonical::new(&condition.signal).key();
            let bounds = |t: &crate::ir::Threshold| {
                let until = t.until.as_ref().map(|u| (u.op, u.value));
                format!("{} {:?} {:?} {until:?}", t.scope, t.start.op, t.start.value)
            };
            let bounds: Vec<String> = condition.thresholds.iter().filter(|_| exact).map(bounds).collect();
            format!("{signal} {bounds:?}")
        }
        None => Canonical::new(&rule.expr).key(),
    }
}

type Levels<'a> = Vec<(Option<&'a AlertFacts>, Option<&'a AlertFacts>)>;

/// Whether two rules are taken for one before and after.
type Alike<'f> = &'f dyn Fn(&AlertFacts, &AlertFacts) -> bool;

/// Which rule of an alert is which: first those that say the same, then those of one severity, then those of one
/// signal, and what is left of both in its order when there is one of each.
fn levels<'a>(before: &[&'a AlertFacts], after: &[&'a AlertFacts]) -> Levels<'a> {
    let mut old: Vec<Option<&'a AlertFacts>> = before.iter().copied().map(Some).collect();
    let mut new: Vec<Option<&'a AlertFacts>> = after.iter().copied().map(Some).collect();
    let mut found: Levels<'a> = Vec::new();
    let same_severity = |a: &AlertFacts, b: &AlertFacts| a.severity == b.severity;
    let rounds: [Alike<'_>; 4] = [
        &|a, b| same_severity(a, b) && a.expr == b.expr && a.labels == b.labels,
        &|a, b| same_severity(a, b) && (a.labels == b.labels || same_expr(&a.expr, &b.expr)),
        &same_severity,
        &|a, b| same_expr(&a.expr, &b.expr),
    ];
    for same in rounds {
        for slot in &mut old {
            let Some(a) = *slot else { continue };
            if let Some(other) = new.iter_mut().find(|b| b.is_some_and(|b| same(a, b))) {
                found.push((slot.take(), other.take()));
            }
        }
    }
    if let ([a], [b]) = (before, after)
        && found.is_empty()
    {
        return vec![(Some(a), Some(b))];
    }
    found.extend(old.into_iter().flatten().map(|a| (Some(a), None)));
    found.extend(new.into_iter().flatten().map(|b| (None, Some(b))));
    let place = |l: &(Option<&AlertFacts>, Option<&AlertFacts>)| {
        let rule = l.1.or(l.0);
        after.iter().position(|r| rule.is_some_and(|x| std::ptr::eq(*r, x)))
    };
    found.sort_by_key(|l| place(l).unwrap_or(usize::MAX));
    found
}

/// What differs between the rules of an alert; none when nothing does.
pub(super) fn compare(pair: &Pair<'_>) -> Option<Change> {
    let old = pair.levels.iter().any(|(a, _)| a.is_some());
    let new = pair.levels.iter().any(|(_, b)| b.is_some());
    let verdict = match (old, new) {
        (true, true) if pair.before != pair.after => Verdict::Renamed,
        (true, true) => Verdict::Changed,
        (false, _) => Verdict::Added,
        (true, false) => Verdict::Removed,
    };
    let mut change = Change::new(Kind::Alert, pair.after, verdict);
    change.renamed_from = (verdict == Verdict::Renamed).then(|| pair.before.to_string());
    for (before, after) in &pair.levels {
        change.parts.extend(match (before, after) {
            (Some(a), Some(b)) => changed(a, b),
            (Some(a), None) => Some(whole(a, Verdict::Removed)),
            (None, Some(b)) => Some(whole(b, Verdict::Added)),
            (None, None) => None,
        });
    }
    if verdict == Verdict::Changed && change.parts.is_empty() {
        return None;
    }
    if matches!(verdict, Verdict::Changed | Verdict::Renamed) {
        factor_out(&mut change, pair.levels.len());
    }
    Some(change)
}

fn changed(a: &AlertFacts, b: &AlertFacts) -> Option<Part> {
    let (mut fields, effects) = level::compare(a, b);
    maps(&a.labels, &b.labels, |_| Aspect::Label, &mut fields);
    maps(&a.annotations, &b.annotations, annotation, &mut fields);
    (!fields.is_empty()).then(|| Part {
        level: b.severity.clone(),
        verdict: Verdict::Changed,
        fields,
        effects,
    })
}

fn annotation(name: &str) -> Aspect {
    match name {
        "runbook_url" | "runbook" => Aspect::Runbook,
        _ => Aspect::Annotation,
    }
}

/// What differs between two maps of text.
pub(super) fn maps(
    a: &BTreeMap<String, String>,
    b: &BTreeMap<String, String>,
    aspect: impl Fn(&str) -> Aspect,
    fields: &mut Vec<Field>,
) {
    if a == b {
        return;
    }
    let names: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
    for name in names {
        let (before, after) = (a.get(name).cloned(), b.get(name).cloned());
        if before != after {
            fields.push(Field::of(aspect(name), name, before, after));
        }
    }
}

/// What a level that is new or gone says.
fn whole(rule: &AlertFacts, verdict: Verdict) -> Part {
    let mut fields = Vec::new();
    let mut add = |field: Field| fields.push(field);
    let side = |text: String| match verdict {
        Verdict::Removed => (Some(text), None),
        _ => (None, Some(text)),
    };
    let field = |aspect: Aspect, of: &str, text: String| {
        let (before, after) = side(text);
        Field::of(aspect, of, before, after)
    };
    match rule.thresholds() {
        Some(condition) => {
            add(field(Aspect::Expression, "", one_line(&condition.signal)));
            for t in &condition.thresholds {
                let scope = if t.scope.is_empty() { String::new() } else { format!("{{{}}}", t.scope) };
                add(field(Aspect::Threshold, &scope, level::bound(&t.start)));
                if let Some(until) = &t.until {
                    add(field(Aspect::Until, &scope, level::bound(until)));
                }
            }
        }
        None => add(field(Aspect::Expression, "", one_line(&rule.expr))),
    }
    for (aspect, ms) in [(Aspect::Hold, rule.hold), (Aspect::KeepFiring, rule.keep_firing_for)] {
        if let Some(text) = time(ms) {
            add(field(aspect, "", text));
        }
    }
    Part { level: rule.severity.clone(), verdict, fields, effects: Vec::new() }
}

/// Takes what differs in every level alike out of the levels: it is told once.
fn factor_out(change: &mut Change, levels: usize) {
    let whole = |p: &Part| p.verdict == Verdict::Changed;
    if let ([part], 1) = (change.parts.as_mut_slice(), levels)
        && part
            .fields
            .iter()
            .all(|f| matches!(f.aspect, Aspect::Label | Aspect::Annotation | Aspect::Runbook))
    {
        part.level = None;
    }
    if levels < 2 || change.parts.len() < levels || !change.parts.iter().all(whole) {
        return;
    }
    let Some(first) = change.parts.first() else { return };
    let in_all = |field: &Field| change.parts.iter().all(|p| p.fields.contains(field));
    let common: Vec<Field> = first.fields.iter().filter(|f| in_all(f)).cloned().collect();
    if common.is_empty() {
        return;
    }
    let same_effects = change.parts.iter().all(|p| p.effects == first.effects && p.fields == first.fields);
    let effects = if same_effects { first.effects.clone() } else { Vec::new() };
    for part in &mut change.parts {
        part.fields.retain(|f| !common.contains(f));
    }
    change.parts.retain(|p| !p.fields.is_empty());
    change.parts.push(Part { level: None, verdict: Verdict::Changed, fields: common, effects });
}
