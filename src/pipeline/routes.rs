//! Who is told: the Alertmanager configurations of a project or of a file, and every way of an alert through them.

use super::{ProjectSources, check as check_project, checking, parse, to_check};
use crate::alertmanager::config::Config;
use crate::alertmanager::matcher::{Matcher, Mode};
use crate::alertmanager::read_config;
use crate::alertmanager::route::RouteTree;
use crate::alertmanager::ways::{self, Ways};
use crate::alertmanager::worlds::{Arriving, Known};
use crate::check::{self, routing::senders};
use crate::diagnostic::{self, Diagnostic};
use crate::existing::{self, Kind};
use crate::prometheus::{Rule, RuleFile, Target, read_manifest, read_rule_file};
use crate::source::{FileId, Sources};
use crate::yaml;

/// A configuration, and where it comes from.
#[derive(Debug, Clone)]
pub struct Routed {
    /// The project, with its environment if it has some, or the file.
    pub name: String,
    /// The configuration.
    pub config: Config,
    /// Who is called, one after the other, for what takes each route; of a file nothing is known.
    pub escalations: Vec<Option<String>>,
}

/// The configurations of a project, one for each chosen environment (none chosen: all); errors leave none.
pub fn routed(
    sources: &Sources,
    input: &ProjectSources<'_>,
    environments: &[String],
) -> (Vec<Routed>, Vec<Diagnostic>) {
    let checked = check_project(sources, input);
    let mut found = Vec::new();
    for program in checked.programs {
        if is_chosen(program.environment.as_deref(), environments)
            && let Some(config) = program.alertmanager
        {
            let name = titled(&input.project.name, program.environment.as_deref());
            found.push(Routed { name, config, escalations: program.escalations });
        }
    }
    (found, errors(checked.diagnostics))
}

/// The configuration in a YAML file; errors leave none.
pub fn routed_file(sources: &Sources, file: FileId) -> (Option<Routed>, Vec<Diagnostic>) {
    let Some(source) = sources.get(file) else { return (None, Vec::new()) };
    let options = existing::Options { kind: Some(Kind::AlertmanagerConfig), ..existing::Options::default() };
    let found = errors(existing::check(file, source.text(), &options).diagnostics);
    if !found.is_empty() {
        return (None, found);
    }
    let root = yaml::read(file, source.text()).into_iter().next().and_then(|d| d.root);
    let config = root.map(|root| read_config(&root, source.text(), Mode::default()).model);
    (config.map(|config| Routed { name: source.name().to_string(), config, escalations: Vec::new() }), found)
}

fn errors(mut found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    found.retain(Diagnostic::is_error);
    diagnostic::sort(&mut found);
    found
}

fn is_chosen(environment: Option<&str>, chosen: &[String]) -> bool {
    chosen.is_empty() || environment.is_some_and(|e| chosen.iter().any(|c| c == e))
}

fn titled(project: &str, environment: Option<&str>) -> String {
    environment.map_or_else(|| project.to_string(), |e| format!("{project} ({e})"))
}

/// An alert as one of its rules sends it, with every way that it can take.
#[derive(Debug, Clone)]
pub struct Explained {
    /// `alertname`
    pub name: String,
    /// Its severity, when that is known.
    pub severity: Option<String>,
    /// Every way through the tree.
    pub ways: Ways,
    /// The inhibition rules that can silence it.
    pub silenced_by: Vec<Silencer>,
}

/// An inhibition rule that can silence an alert.
#[derive(Debug, Clone)]
pub struct Silencer {
    /// What the source alert is like.
    pub source: Vec<Matcher>,
    /// The labels in which both agree.
    pub equal: Vec<String>,
    /// The alerts that can be its source, as far as they are known.
    pub alerts: Vec<String>,
}

/// The alerts of a configuration, each explained.
#[derive(Debug, Clone)]
pub struct Explanation {
    /// The configuration.
    pub routed: Routed,
    /// The alerts of that name.
    pub alerts: Vec<Explained>,
    /// The names of all alerts, for suggestions.
    pub known: Vec<String>,
}

/// Every way of the alerts of a name, or of one with `NoData` behind it, in each chosen environment of a project; without a
/// name, of all alerts.
pub fn explain(
    sources: &Sources,
    input: &ProjectSources<'_>,
    name: Option<&str>,
    environments: &[String],
) -> (Vec<Explanation>, Vec<Diagnostic>) {
    let (trees, mut diagnostics) = parse(sources, input);
    let files = to_check(&trees);
    let checking = checking(sources, input, &files);
    let mut all: Vec<Option<&str>> = check::environment_names(&files).into_iter().map(Some).collect();
    if all.is_empty() {
        all.push(None);
    }
    let mut explanations = Vec::new();
    for environment in all.into_iter().filter(|e| is_chosen(*e, environments)) {
        let declarations = check::declarations(&checking, environment, &mut diagnostics);
        let (checked, found) = check::check(&checking, &declarations, environment);
        diagnostics.extend(found);
        let Some(routing) = &checked.routing else { continue };
        let senders = senders(&checked);
        let arriving: Vec<(String, Option<String>, &check::routing::Sender<'_>)> =
            senders.iter().map(|s| (s.name.clone(), s.severity.map(str::to_string), s)).collect();
        let wanted = |sender: &check::routing::Sender<'_>| {
            name.is_none_or(|name| sender.name == name || sender.alert.name.text == name)
        };
        explanations.push(explained(
            Routed {
                name: titled(&input.project.name, environment),
                config: routing.config.clone(),
                escalations: routing.escalations.clone(),
            },
            &arriving,
            wanted,
        ));
    }
    let diagnostics = errors(diagnostics);
    if !diagnostics.is_empty() {
        explanations.clear();
    }
    (explanations, diagnostics)
}

/// An alert of an existing rule: its own labels are known when they hold no template, all others may be anything.
struct Existing {
    name: String,
    labels: Vec<(String, String)>,
}

impl Arriving for Existing {
    fn known(&self, label: &str) -> Known {
        if label == "alertname" {
            return Known::value(self.name.clone());
        }
        match self.labels.iter().find(|(name, _)| name == label) {
            Some((_, value)) if !value.contains("{{") => Known::value(value.clone()),
            _ => Known::nothing(),
        }
    }
}

/// Every way of the alerts of a name, or of all, through an existing configuration. Without rules nothing is known of
/// its other labels.
pub fn explain_file(
    sources: &Sources,
    routed: Routed,
    rules: &[FileId],
    name: Option<&str>,
) -> (Explanation, Vec<Diagnostic>) {
    let mut alerts = Vec::new();
    let mut diagnostics = Vec::new();
    for file in rules {
        let Some(source) = sources.get(*file) else { continue };
        for document in yaml::read(*file, source.text()) {
            diagnostics.extend(document.diagnostics);
            let Some(root) = document.root else { continue };
            let files: Vec<RuleFile> = match existing::kind_of(&root) {
                Some(Kind::Manifest) => {
                    let read = read_manifest(&root, source.text(), Target::default());
                    diagnostics.extend(read.diagnostics);
                    vec![RuleFile { groups: read.model.spec.groups }]
                }
                _ => {
                    let read = read_rule_file(&root, source.text(), Target::default());
                    diagnostics.extend(read.diagnostics);
                    vec![read.model]
                }
            };
            for group in files.iter().flat_map(|f| &f.groups) {
                for rule in &group.rules {
                    let Rule::Alerting(alert) = rule else { continue };
                    let labels = group.labels.iter().filter(|(n, _)| alert.labels.get(n).is_none());
                    let labels = labels.chain(alert.labels.iter());
                    alerts.push(Existing {
                        name: alert.alert.clone(),
                        labels: labels.map(|(n, v)| (n.to_string(), v.to_string())).collect(),
                    });
                }
            }
        }
    }
    let diagnostics = errors(diagnostics);
    if let (true, Some(name)) = (rules.is_empty(), name) {
        alerts.push(Existing { name: name.to_string(), labels: Vec::new() });
    }
    let arriving: Vec<(String, Option<String>, &Existing)> = alerts
        .iter()
        .map(|alert| {
            let severity = alert.labels.iter().find(|(n, v)| n == "severity" && !v.contains("{{"));
            (alert.name.clone(), severity.map(|(_, v)| v.clone()), alert)
        })
        .collect();
    (explained(routed, &arriving, |alert| name.is_none_or(|name| alert.name == name)), diagnostics)
}

/// Explains the wanted alerts; the others may be sources of inhibitions.
fn explained<A: Arriving>(
    routed: Routed,
    all: &[(String, Option<String>, &A)],
    wanted: impl Fn(&A) -> bool,
) -> Explanation {
    let tree = RouteTree::new(&routed.config);
    let shown = |(name, severity, _): &(String, Option<String>, &A)| match severity {
        Some(severity) => format!("{name} ({severity})"),
        None => name.clone(),
    };
    let mut alerts = Vec::new();
    // Of one alone the sources of inhibitions are not known.
    let is_alone = all.len() == 1;
    for (name, severity, alert) in all.iter().filter(|(.., alert)| wanted(alert)) {
        let silencers = ways::inhibitions(&routed.config, *alert).into_iter().filter_map(|(_, rule)| {
            let mut sources: Vec<String> = all
                .iter()
                // An alert does not silence itself.
                .filter(|(.., source)| !std::ptr::eq(*source, *alert))
                .filter(|(.., source)| ways::can_have(*source, &rule.source_matchers))
                // Where both must share their name, no other can be the source.
                .filter(|(source, ..)| !rule.equal.iter().any(|l| l == "alertname") || source == name)
                .map(shown)
                .collect();
            sources.dedup();
            // A rule that none of the known alerts sets off says nothing here, unless nothing is known.
            (!sources.is_empty() || is_alone).then(|| Silencer {
                source: rule.source_matchers.clone(),
                equal: rule.equal.clone(),
                alerts: sources,
            })
        });
        alerts.push(Explained {
            name: name.clone(),
            severity: severity.clone(),
            ways: ways::ways(&routed.config, &tree, *alert),
            silenced_by: silencers.collect(),
        });
    }
    let mut known: Vec<String> = all.iter().map(|(name, ..)| name.clone()).collect();
    known.dedup();
    Explanation { routed, alerts, known }
}
