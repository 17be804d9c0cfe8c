//! Two programs compared.

pub(super) mod alerts;
mod level;
pub(super) use level::bound;
pub(super) mod objectives;
mod records;
pub(super) mod routing;
pub(super) mod spans;

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::change::{Change, Kind};
use super::facts::Facts;
use super::inhibit;
use super::reach::{self, Sending};

/// What differs between two programs of one environment: alerts first, in the order of their names.
pub fn compare(before: &Facts, after: &Facts, paging: &[String]) -> Vec<Change> {
    let pairs = alerts::pairs(&before.alerts, &after.alerts);
    let (mut old, mut new) =
        (before.routing.as_ref().map(Cow::Borrowed), after.routing.as_ref().map(Cow::Borrowed));
    if let (Some(a), Some(b)) = (&before.routing, &after.routing) {
        old = Some(a.called_like(b).map_or(Cow::Borrowed(a), Cow::Owned));
        new = Some(b.called_like(a).map_or(Cow::Borrowed(b), Cow::Owned));
    }
    // What a receiver is called is told once, of it: all else is compared under the new names.
    let renamed = routing::renamed_receivers(old.as_deref(), new.as_deref());
    let called_anew = old.as_deref().filter(|_| !renamed.is_empty()).map(|r| r.renamed(&renamed));
    let routing = (called_anew.as_ref().or(old.as_deref()), new.as_deref());
    // A receiver pages under its old name, too.
    let also = renamed.iter().filter(|(old, _)| paging.contains(old)).map(|(_, new)| new);
    let paged: Vec<String> = paging.iter().chain(also).cloned().collect();
    let a = Sending { routing: routing.0, ..Sending::new(before, &paged) };
    let b = Sending { routing: routing.1, ..Sending::new(after, paging) };
    let mut told = reach::compare(&pairs, a, b);
    let generated = [routing.0, routing.1].into_iter().flatten().all(|r| r.declared);
    let mut inhibited = inhibit::compare(&pairs, (a, &before.alerts), (b, &after.alerts), generated);
    let mut changes = Vec::new();
    for pair in &pairs {
        let who = told.remove(pair.after).unwrap_or_default();
        let silenced = inhibited.alerts.remove(pair.after).unwrap_or_default();
        let change = alerts::compare(pair);
        let change = match (change, who.is_empty() && silenced.is_empty()) {
            (None, true) => continue,
            (Some(change), _) => change,
            (None, false) => Change::new(Kind::Alert, pair.after, super::change::Verdict::Changed),
        };
        changes.push(Change { told: who, inhibited: silenced, ..change });
    }
    // YAML has the rules of objectives, and not the objectives.
    let is_yaml = |f: &Facts| f.project.is_empty() && !f.alerts.is_empty();
    let rules = is_yaml(before) || is_yaml(after);
    if !rules {
        objectives::compare(&before.objectives, &after.objectives, &mut changes);
    }
    let records =
        |f: &Facts| f.records.iter().filter(|r| rules || !r.of_objective).cloned().collect::<Vec<_>>();
    records::compare(&records(before), &records(after), &mut changes);
    records::groups(before, after, &mut changes);
    routing::receivers(old.as_deref(), new.as_deref(), &mut changes);
    let behind = changes.len();
    routing::compare(routing, &mut changes);
    for change in changes.iter_mut().skip(behind).filter(|c| c.kind == Kind::Inhibition) {
        change.inhibits = inhibited.rules.remove(&change.name);
    }
    let external = |f: &Facts| BTreeMap::from([("external labels".to_string(), f.external_labels.clone())]);
    routing::named(Kind::Setting, &external(before), &external(after), false, &mut changes);
    let severities = |f: &Facts| {
        let order = BTreeMap::from([("highest first".to_string(), f.severities.join(", "))]);
        BTreeMap::from([("severities".to_string(), order)])
    };
    if !before.severities.is_empty() && !after.severities.is_empty() {
        routing::named(Kind::Setting, &severities(before), &severities(after), false, &mut changes);
    }
    changes
}
