//! What files hold: rules, a configuration, tests; each with its place and its comments.

use std::collections::BTreeMap;

use crate::alertmanager::config::Config;
use crate::alertmanager::matcher::Mode;
use crate::alertmanager::read_config;
use crate::diagnostic::{Diagnostic, Severity, codes};
use crate::existing::{self, Kind};
use crate::prometheus::{GroupPlaces, Metadata, RuleGroup, Target, decode_manifest, decode_rule_file};
use crate::promql::features::{Feature, Features, Version};
use crate::source::{FileId, Sources, Span};
use crate::yaml::{self, Mapping, Node};

use super::Input;
use super::comments::{Comments, ConfigComments};
use super::compare::flattened;
use super::tests::{self, TestSource};

/// The rules of a file, or of one manifest in it.
#[derive(Debug, Clone)]
pub struct RuleSource {
    /// Where they come from.
    pub file: FileId,
    /// The name of the source that is made of them, without extension.
    pub stem: String,
    /// The groups, their labels written on each rule.
    pub groups: Vec<RuleGroup>,
    /// Where groups and rules stand.
    pub places: Vec<GroupPlaces>,
    /// What the manifest says of itself.
    pub metadata: Option<Metadata>,
    pub(super) comments: Comments,
}

/// A configuration.
#[derive(Debug, Clone)]
pub struct ConfigSource {
    /// Where it comes from.
    pub file: FileId,
    /// What it says.
    pub config: Config,
    pub(super) comments: ConfigComments,
}

/// Everything that was read.
#[derive(Debug, Clone, Default)]
pub struct Read {
    /// Rules, in the order of the files.
    pub rules: Vec<RuleSource>,
    /// The configuration, if there is one.
    pub config: Option<ConfigSource>,
    /// promtool's tests, in the order of their files.
    pub tests: Vec<TestSource>,
    /// The files that they stand in.
    pub test_files: Vec<Input>,
    /// What is wrong, and what is not taken over.
    pub diagnostics: Vec<Diagnostic>,
    /// The Prometheus that takes all expressions.
    pub target: Target,
}

/// Reads files of any kind.
pub fn read(sources: &Sources, files: &[Input]) -> Read {
    let mut read = Read::default();
    let mut titles = BTreeMap::new();
    for input in files {
        let Input { file, stem, .. } = input;
        let Some(source) = sources.get(*file) else { continue };
        let text = source.text();
        let options = existing::Options { target: Target::widest(), ..existing::Options::default() };
        let checked = existing::check(*file, text, &options);
        // What alertc only warns of is told of the new sources.
        let errors = checked
            .diagnostics
            .into_iter()
            .filter(|d| d.severity == Severity::Error || d.code.name == codes::yaml::IGNORED_DOCUMENT.name);
        let before = read.diagnostics.len();
        read.diagnostics.extend(errors);
        if read.diagnostics[before..].iter().any(Diagnostic::is_error) {
            continue;
        }
        let documents = yaml::read(*file, text);
        let mut roots = documents.iter().filter_map(|d| d.root.as_ref()).filter(|r| !r.is_null());
        match checked.kind {
            Some(Kind::Manifest) => roots.for_each(|r| manifests(r, *file, text, stem, &mut read)),
            Some(Kind::RuleFile) => {
                if let Some(root) = roots.next() {
                    let found = decode_rule_file(root, text);
                    let nodes = groups_node(root.as_mapping());
                    read.add(*file, text, root, nodes, stem, (found.model.groups, found.places, None));
                }
            }
            Some(Kind::AlertmanagerConfig) => {
                if let Some(root) = roots.next() {
                    read.configuration(*file, text, root);
                }
            }
            Some(Kind::TestFile) => {
                if let Some(root) = roots.next() {
                    read.tests.extend(tests::read(root, stem, &mut titles));
                    read.test_files.push(input.clone());
                }
            }
            None => {}
        }
    }
    read.target = target(&read.rules);
    read
}

fn groups_node(mapping: Option<&Mapping>) -> &[Node] {
    mapping.and_then(|m| m.get("groups")).and_then(Node::as_sequence).unwrap_or_default()
}

fn manifests(root: &Node, file: FileId, text: &str, stem: &str, read: &mut Read) {
    let Some(top) = root.as_mapping() else { return };
    match top.get("kind").and_then(Node::as_text).unwrap_or("") {
        "List" => {
            for item in top.get("items").and_then(Node::as_sequence).unwrap_or_default() {
                manifests(item, file, text, stem, read);
            }
        }
        kind @ ("PrometheusRule" | "AlertingRule") => {
            if kind == "AlertingRule" {
                read.diagnostics.push(
                    Diagnostic::new(
                        &codes::import::NOT_CARRIED_OVER,
                        root.span.at_start(),
                        "this AlertingRule becomes a PrometheusRule",
                    )
                    .note("OpenShift makes a PrometheusRule of it too"),
                );
            }
            let found = decode_manifest(root, text);
            let model = found.model;
            let nodes = groups_node(top.get("spec").and_then(Node::as_mapping));
            // Several manifests of one file are told apart by their own names.
            let first = !read.rules.iter().any(|r| r.file == file);
            let stem = if first { stem.to_string() } else { model.metadata.name.clone() };
            let rules = (model.spec.groups, found.places, Some(model.metadata));
            read.add(file, text, root, nodes, &stem, rules);
        }
        kind => read.diagnostics.push(
            Diagnostic::new(
                &codes::import::NOT_CARRIED_OVER,
                root.span.at_start(),
                format!("this {} is no business of alertc's", if kind.is_empty() { "object" } else { kind }),
            )
            .label("left out")
            .help("keep it where it is"),
        ),
    }
}

impl Read {
    fn add(
        &mut self,
        file: FileId,
        text: &str,
        root: &Node,
        nodes: &[Node],
        stem: &str,
        (groups, places, metadata): (Vec<RuleGroup>, Vec<GroupPlaces>, Option<Metadata>),
    ) {
        for (group, place) in groups.iter().zip(&places) {
            self.note_group(group, place.name);
        }
        let comments = Comments::read(text, root, nodes);
        let groups = groups.iter().map(flattened).collect();
        let mut free = stem.to_string();
        let mut next = 2;
        while self.rules.iter().any(|r| r.stem == free) {
            free = format!("{stem}-{next}");
            next += 1;
        }
        self.rules.push(RuleSource { file, stem: free, groups, places, metadata, comments });
    }

    /// What a group says that sources do not, or say otherwise.
    fn note_group(&mut self, group: &RuleGroup, at: Span) {
        let mut note = |message: String, help: &str| {
            let found = Diagnostic::new(&codes::import::NOT_CARRIED_OVER, at, message);
            self.diagnostics.push(found.help(help));
        };
        if !group.labels.is_empty() {
            note(
                format!("the labels of group `{}` are written on each of its rules", group.name),
                "Prometheus does the same when it loads the group",
            );
        }
        if let Some(strategy) = &group.partial_response_strategy {
            note(
                format!("`partial_response_strategy: {strategy}` of group `{}` is left out", group.name),
                "only Thanos' ruler reads it; alertc writes rules for Prometheus",
            );
        }
        if group.rules.is_empty() {
            note(format!("group `{}` has no rules and is left out", group.name), "it does nothing");
        }
    }

    fn configuration(&mut self, file: FileId, text: &str, root: &Node) {
        if let Some(first) = &self.config {
            let found = Diagnostic::new(
                &codes::import::IMPORT_CONFLICT,
                root.span.at_start(),
                "a project has one Alertmanager configuration",
            )
            .label("a second one")
            .also(Span::new(first.file, 0, 0), "the first one")
            .help("import each with its own rules, into a directory of its own");
            self.diagnostics.push(found);
            return;
        }
        let config = read_config(root, text, Mode::default()).model;
        let mut note = |at: Span, message: String| {
            self.diagnostics.push(Diagnostic::new(&codes::import::NOT_CARRIED_OVER, at, message));
        };
        let at = root.span.at_start();
        for rule in config.inhibit_rules.iter().filter(|r| r.name.is_some()) {
            let name = rule.name.as_deref().unwrap_or_default();
            note(at, format!("the name `{name}` of an inhibition is left out: it changes nothing"));
        }
        for receiver in config.receivers.iter().filter(|r| !r.labels.is_empty()) {
            note(
                at,
                format!(
                    "the labels of receiver `{}` are left out: routing does not read them",
                    receiver.name
                ),
            );
        }
        let comments = ConfigComments::read(text, root);
        self.config = Some(ConfigSource { file, config, comments });
    }
}

/// The oldest Prometheus, of those that a project is likely to have, that takes every expression.
fn target(rules: &[RuleSource]) -> Target {
    use crate::promql::parser::{Options, parse};
    let version = crate::project::Settings::default().prometheus;
    let experimental = Features::none().with(Feature::ExperimentalFunctions);
    let candidates = [
        Target { version, features: Features::none() },
        Target { version, features: experimental },
        Target { version: Version::LATEST, features: Features::none() },
        Target { version: Version::LATEST, features: experimental },
    ];
    let takes = |target: &&Target| {
        let options = Options { version: target.version, features: target.features, ..Options::default() };
        let all = rules.iter().flat_map(|r| &r.groups).flat_map(|g| &g.rules);
        all.into_iter()
            .all(|r| !parse(r.expr(), FileId::NONE, 0, &options).1.iter().any(Diagnostic::is_error))
    };
    candidates.iter().find(takes).copied().unwrap_or(Target::widest())
}
