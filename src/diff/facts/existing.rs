//! The facts of YAML files: rule files, PrometheusRule manifests, Alertmanager configurations.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::{AlertFacts, Facts, GroupFacts, RecordFacts, RoutingFacts};
use crate::alertmanager::config::Config;
use crate::alertmanager::matcher::Mode;
use crate::alertmanager::read_config;
use crate::check::types::{Env, LabelSet, analyse};
use crate::diagnostic::Diagnostic;
use crate::existing::{Kind, kind_of};
use crate::prometheus::{Duration, Rule, RuleGroup, Target, read_manifest, read_rule_file};
use crate::source::{FileId, Span};
use crate::yaml::{self, Node, StringMap};

/// What YAML says: a file, or the files of a program together.
#[derive(Debug, Clone, Default)]
pub struct Existing {
    /// The groups, to be evaluated.
    pub groups: Vec<RuleGroup>,
    /// Where the groups of each name stand.
    names: HashMap<String, Vec<usize>>,
    /// Configurations of Alertmanager; one program has one.
    pub configs: Vec<Config>,
    /// What is wrong with it.
    pub diagnostics: Vec<Diagnostic>,
}

impl Existing {
    /// What a file says; none for a file of another kind.
    pub fn read(file: FileId, text: &str) -> Option<Existing> {
        let mut found = Existing::default();
        let mut known = false;
        for document in yaml::read(file, text) {
            let Some(root) = document.root.filter(|r| !r.is_null()) else { continue };
            let Some(kind) = kind_of(&root) else { continue };
            match kind {
                Kind::RuleFile => {
                    let read = read_rule_file(&root, text, Target::widest());
                    found.add_groups(read.model.groups);
                    found.diagnostics.extend(read.diagnostics);
                }
                Kind::Manifest => found.manifests(&root, text),
                Kind::AlertmanagerConfig => {
                    let read = read_config(&root, text, Mode::default());
                    found.diagnostics.extend(read.diagnostics);
                    found.add_configs(vec![read.model]);
                }
                Kind::TestFile => continue,
            }
            known = true;
            found.diagnostics.extend(document.diagnostics);
        }
        known.then_some(found)
    }

    /// Adds what another file says. A group that both hold, as the manifest of a rule file does, counts once.
    pub fn add(&mut self, other: Existing) {
        self.add_groups(other.groups);
        self.add_configs(other.configs);
        self.diagnostics.extend(other.diagnostics);
    }

    /// As facts.
    pub fn facts(&self) -> Facts {
        let mut facts = Facts::default();
        for group in &self.groups {
            add(group, &mut facts);
        }
        facts.routing = self.configs.first().map(|config| RoutingFacts {
            receivers: config.receivers.clone(),
            config: config.clone(),
            holds: BTreeMap::new(),
            declared: false,
        });
        facts
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
                self.add_groups(found.model.spec.groups);
                self.diagnostics.extend(found.diagnostics);
            }
            _ => {}
        }
    }

    fn add_configs(&mut self, configs: Vec<Config>) {
        self.configs.extend(configs.into_iter().filter(|c| !self.configs.contains(c)).collect::<Vec<_>>());
    }

    fn add_groups(&mut self, groups: Vec<RuleGroup>) {
        for group in groups {
            let of_name = self.names.entry(group.name.clone()).or_default();
            if !of_name.iter().any(|at| self.groups.get(*at) == Some(&group)) {
                of_name.push(self.groups.len());
                self.groups.push(group);
            }
        }
    }
}

/// The programs of files, each with the directory in which it stands (`""` for the topmost): all files are one program,
/// unless what two directories hold can't be one, since each has a configuration or they differ in a group of one name.
/// Then each directory is a program with all that is below it.
pub fn programs(files: Vec<(String, Existing)>) -> Vec<(String, Existing)> {
    let all: Vec<usize> = (0..files.len()).collect();
    let chosen = split("", all, &files);
    let mut files: Vec<Option<Existing>> = files.into_iter().map(|(_, file)| Some(file)).collect();
    let program = |(dir, numbers): (String, Vec<usize>)| {
        let mut whole = Existing::default();
        let own = numbers.into_iter().filter_map(|n| files.get_mut(n).and_then(Option::take));
        own.for_each(|file| whole.add(file));
        (dir, whole)
    };
    chosen.into_iter().map(program).collect()
}

/// Directories with the numbers of the files of their programs.
fn split(dir: &str, numbers: Vec<usize>, files: &[(String, Existing)]) -> Vec<(String, Vec<usize>)> {
    // The files of this directory, and those of each below it.
    let mut parts: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for number in &numbers {
        let path = files.get(*number).map_or("", |(path, _)| path.as_str());
        let below = path.strip_prefix(dir).unwrap_or(path).trim_start_matches('/');
        let part = match below.split('/').next().unwrap_or("") {
            "" => dir.to_string(),
            first if dir.is_empty() => first.to_string(),
            first => format!("{dir}/{first}"),
        };
        parts.entry(part).or_default().push(*number);
    }
    let all: Vec<Vec<&Existing>> = parts
        .values()
        .map(|numbers| numbers.iter().filter_map(|n| files.get(*n)).map(|(_, file)| file).collect())
        .collect();
    let configured = all.iter().filter(|files| files.iter().any(|f| !f.configs.is_empty())).count();
    let mut known: HashMap<&str, (usize, &RuleGroup)> = HashMap::new();
    let mut differ = false;
    for (part, files) in all.iter().enumerate() {
        for group in files.iter().flat_map(|f| &f.groups) {
            let (other, first) = *known.entry(&group.name).or_insert((part, group));
            differ |= other != part && first != group;
        }
    }
    let mut found = Vec::new();
    let mut several = configured > 1 || differ;
    for (part, numbers) in parts {
        let own = if part == dir { vec![(part, numbers)] } else { split(&part, numbers, files) };
        several |= own.len() > 1;
        found.extend(own);
    }
    if several { found } else { vec![(dir.to_string(), numbers)] }
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
