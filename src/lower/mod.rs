//! Checked program to IR: levels, hysteresis and missing data become plain PromQL, interpolations Go templates.

mod alert;
mod analysis;
mod expr;
mod slo;

use crate::check::model::{Checked, CheckedRule};
use crate::ir::{Group, Program, RecordRule, Rule, RuleFile};
use crate::source::Sources;

/// The resolved program of a project in one environment. Rules that could not be checked are left out.
pub fn lower(checked: &Checked<'_>, project: &str, sources: &Sources) -> Program {
    let objectives = slo::Objectives::new(checked, project);
    let files = checked.files.iter().map(|file| RuleFile {
        source: file.path.to_string(),
        stem: stem(file.path),
        groups: file
            .groups
            .iter()
            .map(|group| Group {
                name: group.name.clone(),
                interval: group.interval,
                query_offset: group.query_offset,
                limit: group.limit,
                labels: std::collections::BTreeMap::new(),
                rules: group.rules.iter().flat_map(|r| rules(r, checked, &objectives, sources)).collect(),
            })
            .filter(|group| !group.rules.is_empty())
            .collect(),
    });
    Program {
        project: project.to_string(),
        environment: checked.environment.clone(),
        external_labels: checked.external_labels.clone(),
        severities: checked.severities.clone(),
        files: files.filter(|f| !f.groups.is_empty()).collect(),
        alertmanager: checked.routing.as_ref().map(|r| r.config.clone()),
        escalations: checked.routing.as_ref().map(|r| r.escalations.clone()).unwrap_or_default(),
        analyses: analysis::lower(&checked.analyses),
        owners: checked.routing.as_ref().map(|r| r.owners.clone()).unwrap_or_default(),
        objectives: slo::objectives(checked),
        receivers: checked.routing.as_ref().map(|r| r.declared.clone()).unwrap_or_default(),
        holds: checked.routing.as_ref().map(|r| r.holds.clone()).unwrap_or_default(),
    }
}

fn rules(
    rule: &CheckedRule<'_>,
    checked: &Checked<'_>,
    objectives: &slo::Objectives,
    sources: &Sources,
) -> Vec<Rule> {
    match rule {
        CheckedRule::Alert(alert) => {
            alert::lower(alert, checked, sources).into_iter().map(Rule::Alert).collect()
        }
        CheckedRule::Record(record) => vec![Rule::Record(RecordRule {
            record: record.record.name.text.clone(),
            expr: record.expr.text.clone(),
            labels: record
                .record
                .labels
                .iter()
                .flat_map(|l| &l.items)
                .map(|l| (l.name.text.clone(), l.value.value.clone()))
                .collect(),
            span: record.record.span,
        })],
        CheckedRule::Slo(slo) => slo::lower(slo, checked, objectives),
    }
}

/// The output's name: the source's without its extension, directories joined by `-`.
fn stem(path: &str) -> String {
    path.strip_suffix(".alert").unwrap_or(path).replace('/', "-")
}
