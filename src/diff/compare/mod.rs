//! Two programs compared.

pub(super) mod alerts;
mod level;
pub(super) use level::bound;
pub(super) mod objectives;
mod records;
pub(super) mod routing;
pub(super) mod spans;

use std::collections::BTreeMap;

use super::change::{Change, Kind};
use super::facts::Facts;
use super::reach;

/// What differs between two programs of one environment: alerts first, in the order of their names.
pub fn compare(before: &Facts, after: &Facts, paging: &[String]) -> Vec<Change> {
    let pairs = alerts::pairs(&before.alerts, &after.alerts);
    let mut told = reach::compare(&pairs, before, after, paging);
    let mut changes = Vec::new();
    for pair in &pairs {
        let who = told.remove(pair.after).unwrap_or_default();
        let change = alerts::compare(pair);
        let change = match (change, who.is_empty()) {
            (None, true) => continue,
            (Some(change), _) => change,
            (None, false) => Change::new(Kind::Alert, pair.after, super::change::Verdict::Changed),
        };
        changes.push(Change { told: who, ..change });
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
    changes.extend(routing::compare(before.routing.as_ref(), after.routing.as_ref()));
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
