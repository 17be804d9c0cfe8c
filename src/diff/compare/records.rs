//! Recording rules and groups before and after.

use std::collections::BTreeMap;

use super::alerts::maps;
use super::level::{group, same_expr};
use crate::diff::change::{Aspect, Change, Field, Kind, Part, Verdict};
use crate::diff::facts::{Canonical, Facts, GroupFacts, RecordFacts, one_line};

type ByName<'a> = BTreeMap<String, &'a RecordFacts>;

/// Rules by what they write: the metric, with labels where several write it.
fn by_name(records: &[RecordFacts]) -> ByName<'_> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for record in records {
        *counts.entry(&record.record).or_default() += 1;
    }
    let mut found = ByName::new();
    for record in records {
        let alone = counts.get(record.record.as_str()) == Some(&1);
        let labels: Vec<String> = record.labels.iter().map(|(n, v)| format!("{n}={v:?}")).collect();
        let name = if alone || labels.is_empty() {
            record.record.clone()
        } else {
            format!("{}{{{}}}", record.record, labels.join(", "))
        };
        let mut key = name.clone();
        let mut number = 1;
        while found.contains_key(&key) {
            number += 1;
            key = format!("{name} ({number})");
        }
        found.insert(key, record);
    }
    found
}

/// What differs between recording rules.
pub(super) fn compare(before: &[RecordFacts], after: &[RecordFacts], out: &mut Vec<Change>) {
    let (old, new) = (by_name(before), by_name(after));
    let key = |r: &RecordFacts| Canonical::new(&r.expr).key();
    let mut come: BTreeMap<String, Vec<&String>> = BTreeMap::new();
    for (name, record) in new.iter().filter(|(n, _)| !old.contains_key(*n)) {
        come.entry(key(record)).or_default().push(name);
    }
    let mut taken = Vec::new();
    for (name, record) in &old {
        let to = match new.contains_key(name) {
            true => Some(name),
            false => match come.get(&key(record)).map(Vec::as_slice) {
                Some([to]) if !taken.contains(to) => Some(*to),
                _ => None,
            },
        };
        let Some((to, other)) = to.and_then(|to| Some((to, new.get(to)?))) else {
            out.push(whole(name, record, Verdict::Removed));
            continue;
        };
        taken.push(to);
        let mut fields = Vec::new();
        if !same_expr(&record.expr, &other.expr) {
            let (a, b) = (one_line(&record.expr), one_line(&other.expr));
            fields.push(Field::new(Aspect::Expression, Some(a), Some(b)));
        }
        maps(&record.labels, &other.labels, |_| Aspect::Label, &mut fields);
        moved(&record.group, &other.group, &mut fields);
        let renamed = to != name;
        if fields.is_empty() && !renamed {
            continue;
        }
        let verdict = if renamed { Verdict::Renamed } else { Verdict::Changed };
        let mut change = Change::new(Kind::Record, to.as_str(), verdict);
        change.renamed_from = renamed.then(|| name.clone());
        if !fields.is_empty() {
            change.parts.push(Part { level: None, verdict: Verdict::Changed, fields, effects: Vec::new() });
        }
        out.push(change);
    }
    for (name, record) in new.iter().filter(|(n, _)| !old.contains_key(*n) && !taken.contains(n)) {
        out.push(whole(name, record, Verdict::Added));
    }
}

fn whole(name: &str, record: &RecordFacts, verdict: Verdict) -> Change {
    let text = Some(one_line(&record.expr));
    let (before, after) = if verdict == Verdict::Removed { (text, None) } else { (None, text) };
    let mut change = Change::new(Kind::Record, name, verdict);
    let fields = vec![Field::new(Aspect::Expression, before, after)];
    change.parts.push(Part { level: None, verdict, fields, effects: Vec::new() });
    change
}

/// What a rule's other group changes for it; what changed in the group itself is told of the group.
pub(super) fn moved(before: &GroupFacts, after: &GroupFacts, fields: &mut Vec<Field>) {
    if before.name != after.name {
        group(before, after, fields);
    }
}

/// Settings of groups that both sides have.
pub(super) fn groups(before: &Facts, after: &Facts, out: &mut Vec<Change>) {
    let all = |f: &Facts| -> BTreeMap<String, GroupFacts> {
        let of_alerts = f.alerts.iter().map(|a| &a.group);
        let groups = of_alerts.chain(f.records.iter().map(|r| &r.group));
        groups.map(|g| (g.name.clone(), (**g).clone())).collect()
    };
    let (old, new) = (all(before), all(after));
    for (name, was) in &old {
        let Some(is) = new.get(name) else { continue };
        let mut fields = Vec::new();
        group(was, is, &mut fields);
        if !fields.is_empty() {
            let mut change = Change::new(Kind::Group, name.as_str(), Verdict::Changed);
            change.parts.push(Part { level: None, verdict: Verdict::Changed, fields, effects: Vec::new() });
            out.push(change);
        }
    }
}
