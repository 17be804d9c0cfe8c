//! The facts of YAML files: rule files, PrometheusRule manifests, Alertmanager configurations.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{AlertFacts, Facts, GroupFacts, RecordFacts, RoutingFacts};
use crate::alertmanager::matcher::Mode;
use crate::alertmanager::read_config;
use crate::check::types::{Env, LabelSet, analyse};
use crate::diagnostic::Diagnostic;
use crate::existing::{Kind, kind_of};
use crate::prometheus::{Duration, Rule, RuleGroup, Target, read_manifest, read_rule_file};
use crate::source::{FileId, Span};
use crate::yaml::{self, Node, StringMap};

/// What YAML files say together.
#[derive(Debug, Default)]
pub struct Existing {
    /// As facts.
    pub facts: Facts,
    /// The groups, to be evaluated.
    pub groups: Vec<RuleGroup>,
    /// What is wrong with the files.
    pub diagnostics: Vec<Diagnostic>,
}

impl Existing {
    /// Adds what a file says; false for a file of another kind. A group that another file holds too, as the manifest
    /// of a rule file does, counts once.
    pub fn add(&mut self, file: FileId, text: &str) -> bool {
        let mut known = false;
        for document in yaml::read(file, text) {
            let Some(root) = document.root.filter(|r| !r.is_null()) else { continue };
            let Some(kind) = kind_of(&root) else { continue };
            match kind {
                Kind::RuleFile => {
                    let found = read_rule_file(&root, text, Target::widest());
                    self.groups(found.model.groups);
                    self.diagnostics.extend(found.diagnostics);
                }
                Kind::Manifest => self.manifests(&root, text),
                Kind::AlertmanagerConfig => {
                    let found = read_config(&root, text, Mode::default());
                    self.diagnostics.extend(found.diagnostics);
                    self.facts.routing = Some(RoutingFacts {
                        receivers: found.model.receivers.clone(),
                        config: found.model,
                        holds: BTreeMap::new(),
                        declared: false,
                    });
                }
                Kind::TestFile => continue,
            }
            known = true;
            self.diagnostics.extend(document.diagnostics);
        }
        known
    }

    fn manifests(&mut self, root: &Node, text: &str) {
        let top = root.as_mapping();
        match top.and_then(|m| m.get("kind")).and_then(Node::as_text).unwrap_or("") {
            "List" => {
                for item in top.and_then(|m| m.get("items")).and_then(Node::as_sequence).unwrap_or_default() {
                    self.manifests(item, text);
                }
            }
            "PrometheusRule" => {
                let found = read_manifest(root, text, Target::widest());
                self.groups(found.model.spec.groups);
                self.diagnostics.extend(found.diagnostics);
            }
            _ => {}
        }
    }

    fn groups(&mut self, groups: Vec<RuleGroup>) {
        for group in groups {
            if !self.groups.contains(&group) {
                add(&group, &mut self.facts);
                self.groups.push(group);
            }
        }
    }
}

fn add(group: &RuleGroup, facts: &mut Facts) {
    let settings = Arc::new(GroupFacts {
        name: group.name.clone(),
        interval: group.interval.map(Duration::millis),
        query_offset: group.query_offset.map_or(0, Duration::millis),
        limit: group.limit.and_then(|l| u64::try_from(l).ok()).unwrap_or(0),
    });
    let labels = |own: &StringMap| -> BTreeMap<String, String> {
        let pairs = group.labels.iter().chain(own.iter());
        pairs.map(|(n, v)| (n.to_string(), v.to_string())).collect()
    };
    for rule in &group.rules {
        match rule {
            Rule::Alerting(rule) => {
                let mut labels = labels(&rule.labels);
                let annotations = rule.annotations.iter();
                facts.alerts.push(AlertFacts {
                    name: rule.alert.clone(),
                    severity: labels.remove("severity"),
                    result: super::condition::parse(&rule.expr)
                        .map_or_else(|| LabelSet::open(Span::NONE), |e| analyse(&e, &Env::new()).ty.labels),
                    expr: rule.expr.clone(),
                    condition: None,
                    hold: rule.hold.map_or(0, Duration::millis),
                    keep_firing_for: rule.keep_firing_for.map_or(0, Duration::millis),
                    labels,
                    annotations: annotations.map(|(n, v)| (n.to_string(), v.to_string())).collect(),
                    group: Arc::clone(&settings),
                });
            }
            Rule::Recording(rule) => facts.records.push(RecordFacts {
                record: rule.record.clone(),
                expr: rule.expr.clone(),
                labels: labels(&rule.labels),
                of_objective: false,
                group: Arc::clone(&settings),
            }),
        }
    }
}
