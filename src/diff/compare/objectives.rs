//! Service level objectives before and after.

use std::collections::BTreeMap;

use super::routing::named;
use crate::diff::change::{Change, Kind};
use crate::diff::facts::{one_line, parse};
use crate::ir::Objective;

/// What differs between objectives, and whether their alerts fire sooner or later.
pub(super) fn compare(before: &[Objective], after: &[Objective], out: &mut Vec<Change>) {
    let table = |list: &[Objective]| -> BTreeMap<String, BTreeMap<String, String>> {
        list.iter().map(|o| (o.name.clone(), fields(o))).collect()
    };
    let mut changes = Vec::new();
    named(Kind::Slo, &table(before), &table(after), true, &mut changes);
    for change in &mut changes {
        let budget = |list: &[Objective]| list.iter().find(|o| o.name == change.name).map(|o| o.budget);
        if let (Some(was), Some(is), Some(part)) = (budget(before), budget(after), change.parts.first_mut())
            && was.to_bits() != is.to_bits()
        {
            let times = if is > was { is / was } else { was / is };
            let times = (times * 100.0).round() / 100.0;
            part.effects.push(match is > was {
                true => format!("fires later: its error budget is {times} times as large"),
                false => format!("fires sooner: its error budget is {times} times smaller"),
            });
        }
    }
    out.extend(changes);
}

/// An objective by its properties.
pub(in crate::diff) fn fields(objective: &Objective) -> BTreeMap<String, String> {
    let mut fields = BTreeMap::from([("objective".to_string(), objective.promise.clone())]);
    for (word, text) in &objective.measures {
        let printed = parse(text).map_or_else(|| one_line(text), |e| e.to_string());
        fields.insert(word.clone(), printed);
    }
    for (severity, burns) in &objective.burns {
        fields.insert(severity.clone(), burns.join(" or "));
    }
    if let Some(least) = &objective.min_traffic {
        fields.insert("min_traffic".to_string(), least.clone());
    }
    fields
}
