//! The facts of a project's program.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{AlertFacts, Condition, Facts, GroupFacts, RecordFacts, RoutingFacts};
use crate::check::slo::SLO_LABEL;
use crate::check::types::{Env, analyse};
use crate::ir::{AlertRule, Part, Program, Rule};

/// What a program says.
pub fn of_program(program: &Program) -> Facts {
    let mut facts = Facts {
        project: program.project.clone(),
        environment: program.environment.clone(),
        external_labels: program.external_labels.clone(),
        severities: program.severities.clone(),
        objectives: program.objectives.clone(),
        routing: program.alertmanager.as_ref().map(|config| RoutingFacts {
            config: config.clone(),
            receivers: program.receivers.clone(),
            holds: program.holds.clone(),
            declared: true,
        }),
        ..Facts::default()
    };
    for group in program.files.iter().flat_map(|f| &f.groups) {
        let settings = Arc::new(GroupFacts {
            name: group.name.clone(),
            interval: group.interval,
            query_offset: group.query_offset.unwrap_or(0),
            limit: group.limit.unwrap_or(0),
        });
        for rule in &group.rules {
            match rule {
                Rule::Alert(rule) => facts.alerts.push(alert(rule, &group.labels, &settings)),
                Rule::Record(rule) => facts.records.push(RecordFacts {
                    record: rule.record.clone(),
                    expr: rule.expr.clone(),
                    of_objective: rule.labels.contains_key(SLO_LABEL),
                    labels: with(&group.labels, &rule.labels),
                    group: Arc::clone(&settings),
                }),
            }
        }
    }
    facts
}

fn with(group: &BTreeMap<String, String>, own: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut labels = group.clone();
    labels.extend(own.clone());
    labels
}

fn alert(rule: &AlertRule, group_labels: &BTreeMap<String, String>, group: &Arc<GroupFacts>) -> AlertFacts {
    let mut labels = with(group_labels, &rule.labels);
    let condition = match &rule.origin.part {
        Part::Level { signal, thresholds } => {
            Some(Condition { signal: signal.clone(), thresholds: thresholds.clone() })
        }
        // How fast which budget burns is told of the objective.
        Part::Burn => Some(Condition {
            signal: format!("the error budget of {} burns", rule.name),
            thresholds: Vec::new(),
        }),
        _ => None,
    };
    // What is missing has other labels than what is there.
    let result = match &rule.origin.part {
        Part::NoData => super::condition::parse(&rule.expr).map(|e| analyse(&e, &Env::new()).ty.labels),
        _ => None,
    };
    AlertFacts {
        name: rule.name.clone(),
        severity: labels.remove("severity"),
        expr: rule.expr.clone(),
        condition,
        hold: rule.hold.unwrap_or(0),
        keep_firing_for: rule.keep_firing_for.unwrap_or(0),
        labels,
        annotations: rule.annotations.iter().cloned().collect(),
        result: result.unwrap_or_else(|| rule.result.clone()),
        group: Arc::clone(group),
    }
}
