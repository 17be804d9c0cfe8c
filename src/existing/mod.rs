//! Existing YAML files: told apart by their content and checked as the real tools check them, every error at once.

use crate::alertmanager::matcher::Mode;
use crate::alertmanager::read_config;
use crate::diagnostic::{self, Diagnostic, codes};
use crate::prometheus::{Target, read_manifest, read_rule_file};
use crate::source::{FileId, Span};
use crate::yaml::{self, Document, Node};

/// What a YAML file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A Prometheus rule file.
    RuleFile,
    /// One or more PrometheusRule manifests.
    Manifest,
    /// An Alertmanager configuration.
    AlertmanagerConfig,
    /// A promtool unit test file.
    TestFile,
}

impl Kind {
    /// The kind's name, with its article: for messages.
    pub fn describe(self) -> &'static str {
        match self {
            Kind::RuleFile => "a Prometheus rule file",
            Kind::Manifest => "a PrometheusRule manifest",
            Kind::AlertmanagerConfig => "an Alertmanager configuration",
            Kind::TestFile => "a promtool unit test file",
        }
    }
}

/// A file that was checked.
#[derive(Debug, Clone)]
pub struct Checked {
    /// What it is, if that could be told or was given.
    pub kind: Option<Kind>,
    /// What is wrong with it, sorted by place.
    pub diagnostics: Vec<Diagnostic>,
}

/// What a file is by the keys at its top; none when no key tells.
pub fn kind_of(root: &Node) -> Option<Kind> {
    let top = root.as_mapping()?;
    let has = |key: &str| top.get(key).is_some();
    if has("kind") && has("apiVersion") {
        let kind = top.get("kind").and_then(Node::as_text)?;
        return matches!(kind, "PrometheusRule" | "AlertingRule" | "List").then_some(Kind::Manifest);
    }
    if has("tests") || has("rule_files") && has("evaluation_interval") {
        return Some(Kind::TestFile);
    }
    // `groups` and `rule_files` decide before the keys that other files may have by mistake.
    if has("groups") {
        return Some(Kind::RuleFile);
    }
    let alertmanager = ["route", "receivers", "inhibit_rules", "time_intervals", "mute_time_intervals"];
    alertmanager.into_iter().any(has).then_some(Kind::AlertmanagerConfig)
}

/// How files are checked.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// What the file must be; none lets its content tell.
    pub kind: Option<Kind>,
    /// The Prometheus that rules are for.
    pub target: Target,
    /// How Alertmanager reads matchers.
    pub matchers: Mode,
}

/// Checks a file: `promtool check rules` and `amtool check-config` in one, with every error at once. Test files are
/// only told apart here.
pub fn check(file: FileId, text: &str, options: &Options) -> Checked {
    let documents = yaml::read(file, text);
    let roots = || documents.iter().filter_map(|d| d.root.as_ref()).filter(|r| !r.is_null());
    // A PrometheusRule may stand anywhere in a stream of manifests; of other files the first document counts.
    let first = roots().next();
    let is_object = first.and_then(Node::as_mapping).is_some_and(|m| m.get("apiVersion").is_some());
    let told = if is_object { roots().find_map(kind_of) } else { first.and_then(kind_of) };
    let kind = options.kind.or(told);
    let mut diagnostics = Vec::new();
    match kind {
        Some(Kind::Manifest) => {
            for document in documents {
                diagnostics.extend(document.diagnostics);
                if let Some(root) = document.root.filter(|r| !r.is_null()) {
                    check_manifests(&root, text, options.target, &mut diagnostics);
                }
            }
        }
        Some(kind) => {
            let mut documents = documents.into_iter();
            if let Some(Document { root, diagnostics: found }) = documents.next() {
                diagnostics.extend(found);
                if let Some(root) = root {
                    diagnostics.extend(match kind {
                        Kind::RuleFile => read_rule_file(&root, text, options.target).diagnostics,
                        Kind::AlertmanagerConfig => read_config(&root, text, options.matchers).diagnostics,
                        Kind::Manifest | Kind::TestFile => Vec::new(),
                    });
                }
            }
            diagnostics.extend(documents.next().and_then(ignored));
        }
        None => {
            diagnostics.extend(documents.into_iter().flat_map(|d| d.diagnostics));
            if !diagnostics.iter().any(Diagnostic::is_error) {
                diagnostics.push(
                    Diagnostic::new(
                        &codes::yaml::UNKNOWN_FILE_KIND,
                        Span::new(file, 0, 0),
                        "this is none of the files that can be checked",
                    )
                    .help("rule files have `groups:`, PrometheusRule manifests `kind: PrometheusRule`, Alertmanager configurations `route:`, unit tests `tests:`"),
                );
            }
        }
    }
    diagnostic::sort(&mut diagnostics);
    Checked { kind, diagnostics }
}

/// A manifest, or a Kubernetes list of them.
fn check_manifests(root: &Node, text: &str, target: Target, diagnostics: &mut Vec<Diagnostic>) {
    let top = root.as_mapping();
    let kind = top.and_then(|m| m.get("kind")).and_then(Node::as_text).unwrap_or("");
    match kind {
        "List" => {
            for item in top.and_then(|m| m.get("items")).and_then(Node::as_sequence).unwrap_or_default() {
                check_manifests(item, text, target, diagnostics);
            }
        }
        "PrometheusRule" | "AlertingRule" => {
            diagnostics.extend(read_manifest(root, text, target).diagnostics);
        }
        // Other objects of the file are none of our business.
        _ => {}
    }
}

/// A warning about the second document of a file of which the real tools read the first.
fn ignored(document: Document) -> Option<Diagnostic> {
    let span = match document.root {
        Some(root) if root.is_null() => return None,
        Some(root) => root.span.at_start(),
        None => document.diagnostics.first()?.primary.span,
    };
    Some(
        Diagnostic::new(&codes::yaml::IGNORED_DOCUMENT, span, "nobody reads this second document")
            .note("Prometheus and Alertmanager load the first document of a file only")
            .help("put it in a file of its own"),
    )
}
