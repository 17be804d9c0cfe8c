//! What was rendered, read again: nothing is written that does not say what the model says.

use super::MARKER;
use super::template::{Kind, Override};
use crate::alertmanager::config::Config;
use crate::alertmanager::matcher::Mode;
use crate::alertmanager::read_config;
use crate::argo::{AnalysisTemplate, read_template};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::project::{READBACK_FAILED, TEMPLATE_CHANGES_OUTPUT};
use crate::prometheus::{PrometheusRule, RuleFile, RuleGroup, decode_manifest, decode_rule_file};
use crate::source::{FileId, Span};
use crate::yaml::{self, Node};

/// The model that a document must say.
pub(super) enum Model<'a> {
    Rules(&'a RuleFile),
    Manifest(&'a PrometheusRule),
    Alertmanager(&'a Config),
    Analysis(&'a AnalysisTemplate),
}

/// Reads the text again. The finding names the path, and the project's own template when there is one.
pub(super) fn check(
    path: &str,
    text: &str,
    model: &Model<'_>,
    template: Option<(&Override, Kind)>,
) -> Result<(), Diagnostic> {
    let Err(why) = compare(text, model) else { return Ok(()) };
    Err(match template {
        Some((given, kind)) => Diagnostic::new(
            &TEMPLATE_CHANGES_OUTPUT,
            Span::new(given.file, 0, 0),
            format!("with the project's own {}, {path} would not say what the sources say", kind.template()),
        )
        .note(why)
        .help("a template arranges the blocks it is given: each once, with `item(N)` or `block(N)`"),
        None => Diagnostic::new(
            &READBACK_FAILED,
            Span::NONE,
            format!("{path} would not read back as it was meant; nothing is written"),
        )
        .note(why)
        .help("this is a mistake in alertc: please report it with the source"),
    })
}

/// A model that can't be written as YAML.
pub(super) fn unwritable(source: &str, why: &str) -> Diagnostic {
    let words = format!("the rules of {source} can't be written as YAML");
    Diagnostic::new(&READBACK_FAILED, Span::NONE, words).note(why)
}

fn compare(text: &str, model: &Model<'_>) -> Result<(), String> {
    if !text.starts_with(MARKER) {
        return Err("it does not begin with `{{ header }}`".into());
    }
    let documents = yaml::read(FileId::NONE, text);
    let [document] = documents.as_slice() else {
        return Err(format!("it has {} YAML documents", documents.len()));
    };
    let root = document.root.as_ref();
    if let Some(first) = document.diagnostics.first() {
        return Err(format!("it is not valid YAML: {}", first.message));
    }
    let root = root.ok_or("it is empty")?;
    match model {
        Model::Rules(rules) => {
            let read = decode_rule_file(root, text);
            first_error(&read.diagnostics)?;
            groups(&read.model.groups, &rules.groups)
        }
        Model::Manifest(manifest) => self::manifest(root, text, manifest),
        Model::Alertmanager(config) => alertmanager(root, text, config),
        Model::Analysis(template) => {
            let read = read_template(root);
            first_error(&read.diagnostics)?;
            if read.model == **template { Ok(()) } else { Err("it differs".into()) }
        }
    }
}

/// Labels and annotations of the manifest itself may be added by a template; all else is as the model says.
fn manifest(root: &Node, text: &str, model: &PrometheusRule) -> Result<(), String> {
    let read = decode_manifest(root, text);
    first_error(&read.diagnostics)?;
    let (found, wanted) = (&read.model.metadata, &model.metadata);
    if found.name != wanted.name || found.namespace != wanted.namespace {
        return Err("its metadata has another name or namespace".into());
    }
    let maps = [(&found.labels, &wanted.labels), (&found.annotations, &wanted.annotations)];
    let lost = maps
        .iter()
        .find_map(|(found, wanted)| wanted.iter().find(|(name, value)| found.get(name) != Some(value)));
    if let Some((name, value)) = lost {
        return Err(format!("its metadata lacks `{name}: {value}`"));
    }
    groups(&read.model.spec.groups, &model.spec.groups)
}

fn alertmanager(root: &Node, text: &str, wanted: &Config) -> Result<(), String> {
    let read = read_config(root, text, Mode::default());
    first_error(&read.diagnostics)?;
    let found = &read.model;
    let parts = [
        ("global", found.global == wanted.global),
        ("templates", found.templates == wanted.templates),
        ("route", found.route == wanted.route),
        ("inhibit_rules", found.inhibit_rules == wanted.inhibit_rules),
        ("time_intervals", found.time_intervals == wanted.time_intervals),
        ("receivers", found.receivers == wanted.receivers),
    ];
    match parts.iter().find(|(_, same)| !same) {
        Some((part, _)) => Err(format!("its `{part}` differs")),
        None if found != wanted => Err("it differs".into()),
        None => Ok(()),
    }
}

fn first_error(diagnostics: &[Diagnostic]) -> Result<(), String> {
    match diagnostics.iter().find(|d| d.is_error()) {
        Some(error) => Err(format!("it would not be accepted: {}", error.message)),
        None => Ok(()),
    }
}

/// Equal, or the first difference in words.
fn groups(found: &[RuleGroup], wanted: &[RuleGroup]) -> Result<(), String> {
    if found == wanted {
        return Ok(());
    }
    if found.len() != wanted.len() {
        return Err(format!("it has {} groups in place of {}", found.len(), wanted.len()));
    }
    for (found, wanted) in found.iter().zip(wanted) {
        if found.rules.len() != wanted.rules.len() {
            let (n, m) = (found.rules.len(), wanted.rules.len());
            return Err(format!("group `{}` has {n} rules in place of {m}", wanted.name));
        }
        if let Some((_, rule)) = found.rules.iter().zip(&wanted.rules).find(|(a, b)| a != b) {
            return Err(format!("rule `{}` of group `{}` differs", rule.name(), wanted.name));
        }
        if found != wanted {
            return Err(format!("the settings of group `{}` differ", wanted.name));
        }
    }
    Err("it differs".into())
}
