//! Existing YAML as a project: rule files, PrometheusRule manifests, Alertmanager configurations.
//!
//! `read` takes files apart, `write` makes sources of them, `compare` holds what the sources give against what was
//! read. Each rule is written in the most telling [`Form`] that says the same: the pipeline tries, compares, and asks
//! for a surer form of what differs.

mod alert;
mod comments;
mod compare;
pub mod exposition;
mod layout;
mod lets;
mod level;
pub mod metrics;
mod read;
mod routing;
mod rules;
mod secrets;
mod shared;
mod tests;
mod text;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::alertmanager::config::Config;
use crate::diagnostic::{Diagnostic, codes};
use crate::project::{Manifest, Settings, Target};
use crate::prometheus::{Rule, RuleGroup};
use crate::source::{FileId, Span};
use crate::yaml::StringMap;

pub use compare::{At, Differences, config as compare_config, groups as compare_groups};
pub use metrics::{Known, Metrics};
pub use read::{ConfigSource, Read, RuleSource, read};
pub use rules::{Form, Unit};
pub use secrets::LeftOut;
pub use tests::{Say, TestSource, rule_files};

use lets::Lets;
use rules::Writer;
use shared::Shared;

/// A file to import.
#[derive(Debug, Clone)]
pub struct Input {
    /// The file.
    pub file: FileId,
    /// The name of the source to be made of it, without extension.
    pub stem: String,
    /// Where it is, for the rule files that a test names.
    pub path: PathBuf,
}

/// How sources are written.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Only the YAML's own words: no levels, no defaults, no declarations.
    pub literal: bool,
    /// Expressions that return with another series become lets.
    pub lets: bool,
    /// What is known of metrics beyond what their names tell.
    pub metrics: Metrics,
}

/// A source file.
#[derive(Debug, Clone, Default)]
pub struct Written {
    /// Relative to the project.
    pub path: String,
    /// Its text.
    pub text: String,
    /// Which of the files of rules it was made of.
    pub rules: Option<usize>,
    /// Where each rule stands in it.
    pub units: Vec<Unit>,
    /// Where each test stands in it, by its number among all tests.
    pub tests: Vec<(std::ops::Range<usize>, usize)>,
}

/// A project that was made of YAML.
#[derive(Debug, Clone, Default)]
pub struct Project {
    /// Its sources.
    pub files: Vec<Written>,
    /// The configuration that they must give, its secrets left out.
    pub config: Option<Config>,
    /// The secrets that were left out.
    pub secrets: Vec<LeftOut>,
    /// What alertc.toml says.
    pub settings: Settings,
}

/// The forms that every rule is tried in first.
pub fn first_forms(read: &Read, options: &Options) -> Vec<Vec<Vec<Form>>> {
    let form = if options.literal { Form::Literal } else { Form::Full };
    read.rules.iter().map(|f| f.groups.iter().map(|g| vec![form; g.rules.len()]).collect()).collect()
}

/// Writes the sources. `forms` holds a form for each rule of each group of each file.
pub fn write(read: &Read, forms: &[Vec<Vec<Form>>], options: &Options) -> Project {
    let mut project = Project { settings: settings(read), ..Project::default() };
    let mut names = BTreeSet::new();
    let groups: Vec<&[RuleGroup]> = read.rules.iter().map(|r| r.groups.as_slice()).collect();
    let mut shared = Shared::of_project(&groups);
    if options.literal {
        shared = Shared { severities: shared.severities, ..Shared::default() };
    }
    let mut head = String::new();
    let usual = crate::syntax::DEFAULT_SEVERITIES;
    if shared.severities.iter().any(|s| !usual.contains(&s.as_str())) {
        let names: Vec<String> = shared.severities.iter().map(|s| severity(s)).collect();
        head.push_str(&format!("severity {}\n", names.join(", ")));
    }
    head.push_str(&shared.block("project"));
    let expressions = read.rules.iter().flat_map(|r| &r.groups).flat_map(|g| &g.rules).map(Rule::expr);
    let lets = if options.lets && !options.literal { Lets::find(expressions) } else { Lets::default() };
    head.push_str(&lets.source());
    let alone = read.rules.len() == 1;
    for (index, source) in read.rules.iter().enumerate() {
        let own = if options.literal { Shared::default() } else { shared.of_file(&source.groups) };
        let all = shared.with(&own);
        let empty = Vec::new();
        let mut writer = Writer {
            out: String::new(),
            units: Vec::new(),
            shared: &all,
            comments: &source.comments,
            forms: forms.get(index).unwrap_or(&empty),
            lets: &lets,
            merge: read.config.is_none(),
        };
        let top = if alone { std::mem::take(&mut head) } else { String::new() };
        let opening = source.comments.at(&comments::Place::Head);
        opening.iter().for_each(|comment| writer.out.push_str(&format!("{comment}\n")));
        if !opening.is_empty() {
            writer.out.push('\n');
        }
        for part in [top, own.block("defaults")].iter().filter(|p| !p.is_empty()) {
            writer.out.push_str(part);
            writer.out.push('\n');
        }
        for (number, group) in source.groups.iter().enumerate().filter(|(_, g)| !g.rules.is_empty()) {
            if !writer.out.is_empty() && !writer.out.ends_with("\n\n") {
                writer.out.push('\n');
            }
            writer.group(number, group, &source.stem);
        }
        for comment in source.comments.at(&comments::Place::End) {
            writer.out.push_str(comment);
            writer.out.push('\n');
        }
        let path = free_path(&mut names, &source.stem);
        project.files.push(Written {
            path,
            text: writer.out,
            rules: Some(index),
            units: writer.units,
            tests: Vec::new(),
        });
    }
    let mut further = |name: &str, text: String| {
        if !text.is_empty() {
            let path = free_path(&mut names, name);
            project.files.push(Written { path, text, ..Written::default() });
        }
    };
    further("project", head);
    if !options.literal {
        further("metrics", metrics::source(&declared(read, &options.metrics)));
    }
    if let Some(source) = &read.config {
        let mut config = source.config.clone();
        project.secrets = secrets::take_out(&mut config);
        further("alertmanager", routing::source(&config, source.comments.clone()));
        project.config = Some(config);
    }
    project
}

/// A severity where it is declared.
fn severity(name: &str) -> String {
    if text::is_word(name) { name.to_string() } else { crate::gostd::strconv::quote(name) }
}

/// Adds the tests to a project. `say` holds a way for each test, in the order of the files.
pub fn write_tests(project: &mut Project, read: &Read, say: &[Say]) {
    let tests: Vec<&TestSource> = read.tests.iter().collect();
    let (text, places) = tests::source(&tests, say);
    project.files.retain(|f| f.tests.is_empty());
    if !text.is_empty() {
        let mut names: BTreeSet<String> =
            project.files.iter().map(|f| f.path.trim_end_matches(".alert").to_string()).collect();
        let path = free_path(&mut names, "tests");
        project.files.push(Written { path, text, tests: places, ..Written::default() });
    }
}

/// The metrics that the rules read, as far as something tells what they are.
fn declared(read: &Read, given: &Metrics) -> Metrics {
    let all = || read.rules.iter().flat_map(|r| &r.groups).flat_map(|g| &g.rules);
    let recorded: BTreeSet<&str> =
        all().filter(|r| matches!(r, Rule::Recording(_))).map(Rule::name).collect();
    let mut metrics = metrics::used(all().map(Rule::expr), &recorded);
    let series = metrics::series(all().map(Rule::expr));
    let read = |name: &str, known: &Known| known.series(name).iter().any(|s| series.contains(s));
    metrics.extend(given.iter().filter(|(n, k)| read(n, k)).map(|(n, k)| (n.clone(), k.clone())));
    metrics
}

fn free_path(taken: &mut BTreeSet<String>, stem: &str) -> String {
    let clean: String = stem
        .chars()
        .map(|c| if c.is_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '-' })
        .collect();
    let clean = clean.trim_matches(['.', '-']);
    let clean = if clean.is_empty() { "rules" } else { clean };
    let mut free = clean.to_string();
    let mut next = 2;
    while !taken.insert(free.clone()) {
        free = format!("{clean}-{next}");
        next += 1;
    }
    format!("{free}.alert")
}

/// What alertc.toml must say for the output to be of the kinds that were read.
fn settings(read: &Read) -> Settings {
    let mut settings = Settings {
        prometheus: read.target.version,
        features: read.target.features,
        targets: BTreeSet::new(),
        ..Settings::default()
    };
    let manifests: Vec<_> = read.rules.iter().filter_map(|r| r.metadata.as_ref()).collect();
    if read.rules.len() > manifests.len() {
        settings.targets.insert(Target::Prometheus);
    }
    if let Some((first, rest)) = manifests.split_first() {
        settings.targets.insert(Target::PrometheusRule);
        let namespace =
            first.namespace.clone().filter(|n| rest.iter().all(|m| m.namespace.as_ref() == Some(n)));
        let common = |map: fn(&crate::prometheus::Metadata) -> &StringMap| -> BTreeMap<String, String> {
            let of_first = map(first).iter().filter(|(n, v)| rest.iter().all(|m| map(m).get(n) == Some(*v)));
            of_first.map(|(n, v)| (n.to_string(), v.to_string())).collect()
        };
        settings.manifest =
            Manifest { namespace, labels: common(|m| &m.labels), annotations: common(|m| &m.annotations) };
    }
    if read.config.is_some() || settings.targets.is_empty() {
        settings.targets.insert(Target::Alertmanager);
    }
    settings
}

/// What manifests say of themselves and the project's own will not.
pub fn manifest_notes(read: &Read, settings: &Settings) -> Vec<Diagnostic> {
    let mut notes = Vec::new();
    let mut note = |file: FileId, message: String, help: &str| {
        let at = Span::new(file, 0, 0);
        notes.push(Diagnostic::new(&codes::import::NOT_CARRIED_OVER, at, message).help(help.to_string()));
    };
    let manifests = read.rules.iter().filter_map(|r| Some((r.file, r.metadata.as_ref()?)));
    for (number, (file, metadata)) in manifests.enumerate() {
        if number == 0 {
            let help = "delete the old manifests when the new ones are applied, or every rule runs twice";
            note(file, "manifests get new names, made of the project's and the source's".to_string(), help);
        }
        let lost = |what: &str, given: &StringMap, kept: &BTreeMap<String, String>| {
            let own: Vec<&str> = given
                .iter()
                .filter(|(n, v)| kept.get(*n).map(String::as_str) != Some(v))
                .map(|(n, _)| n)
                .collect();
            (!own.is_empty())
                .then(|| format!("the {what} {} of manifest `{}`", own.join(", "), metadata.name))
        };
        let namespace =
            metadata.namespace.as_ref().filter(|n| settings.manifest.namespace.as_ref() != Some(n));
        let all = [
            namespace.map(|n| format!("the namespace `{n}` of manifest `{}`", metadata.name)),
            lost("labels", &metadata.labels, &settings.manifest.labels),
            lost("annotations", &metadata.annotations, &settings.manifest.annotations),
        ];
        for what in all.into_iter().flatten() {
            let help = "manifests of one project share them: import what differs into a project of its own";
            note(file, format!("{what} can't be said for one manifest alone"), help);
        }
    }
    notes
}

/// The name of a source file made of `file`.
pub fn stem(name: &str) -> String {
    let base = name.rsplit('/').next().unwrap_or(name);
    let known = [".yml", ".yaml", ".json", ".rules", ".rule", ".tmpl"];
    let mut stem = base;
    while let Some(shorter) = known.iter().find_map(|e| stem.strip_suffix(e)).filter(|s| !s.is_empty()) {
        stem = shorter;
    }
    if stem == "<stdin>" || stem == "-" { "rules".to_string() } else { stem.to_string() }
}

/// Which file a path of the project was made of, for messages.
pub fn origin(read: &Read, written: &Written) -> Option<FileId> {
    written.rules.and_then(|i| read.rules.get(i)).map(|r| r.file)
}
