//! The templates that arrange documents: alertc's own, or a project's in their place.

use std::sync::Arc;

use minijinja::syntax::SyntaxConfig;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value};

use super::blocks;
use crate::diagnostic::codes::project::{TEMPLATE_INVALID, TEMPLATE_UNKNOWN};
use crate::diagnostic::{Diagnostic, nearest};
use crate::source::{FileId, Span};

/// Steps that one document may take: far more than any needs, and an end for a template that loops for ever.
const FUEL_PER_RULE: u64 = 10_000;

/// The name and text of each of alertc's own templates.
const OWN: [(&str, &str); 4] = [
    ("rules.yml.j2", include_str!("../../templates/rules.yml.j2")),
    ("prometheusrule.yml.j2", include_str!("../../templates/prometheusrule.yml.j2")),
    ("alertmanager.yml.j2", include_str!("../../templates/alertmanager.yml.j2")),
    ("analysistemplate.yml.j2", include_str!("../../templates/analysistemplate.yml.j2")),
];

/// A kind of document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Rules,
    Manifest,
    Alertmanager,
    Analysis,
}

impl Kind {
    pub(super) fn template(self) -> &'static str {
        OWN[self as usize].0
    }
}

/// A template of a project.
#[derive(Debug, Clone)]
pub struct Override {
    /// The file's name, `rules.yml.j2`.
    pub name: String,
    /// The file, for findings.
    pub file: FileId,
    /// Its text.
    pub text: Arc<str>,
}

/// Compiled templates.
#[derive(Debug)]
pub struct Templates {
    environment: Environment<'static>,
    overrides: Vec<Override>,
}

impl Default for Templates {
    fn default() -> Templates {
        Templates::new(Vec::new()).0
    }
}

impl Templates {
    /// alertc's own templates, those of `overrides` in their place. An override that does not parse, or that has
    /// the name of no template, is a finding.
    pub fn new(overrides: Vec<Override>) -> (Templates, Vec<Diagnostic>) {
        let mut environment = Environment::new();
        environment.set_auto_escape_callback(|_| AutoEscape::None);
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        let syntax = SyntaxConfig::builder()
            .trim_blocks(true)
            .lstrip_blocks(true)
            .keep_trailing_newline(true)
            .build()
            .expect("the default delimiters are well formed");
        environment.set_syntax(syntax);
        environment.add_filter("item", |text: &str, indent: usize| blocks::item(text, indent.min(80)));
        environment.add_filter("block", |text: &str, indent: usize| blocks::indented(text, indent.min(80)));
        let mut diagnostics = Vec::new();
        for (name, text) in OWN {
            environment.add_template(name, text).expect("alertc's own templates are tested");
        }
        for given in &overrides {
            if OWN.iter().all(|(name, _)| *name != given.name) {
                let span = Span::new(given.file, 0, 0);
                let words = format!("alertc has no template `{}`", given.name);
                let names = || OWN.iter().map(|(name, _)| *name);
                let help = match nearest(&given.name, names()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("the templates are {}", names().collect::<Vec<_>>().join(", ")),
                };
                diagnostics.push(Diagnostic::new(&TEMPLATE_UNKNOWN, span, words).help(help));
            } else if let Err(e) = environment.add_template_owned(given.name.clone(), given.text.to_string())
            {
                diagnostics.push(finding(given, &e));
            }
        }
        (Templates { environment, overrides }, diagnostics)
    }

    /// The project's own template for a kind, if it has one.
    pub(super) fn own(&self, kind: Kind) -> Option<&Override> {
        self.overrides.iter().find(|o| o.name == kind.template())
    }

    /// Arranges a document of `rules` rules.
    pub(super) fn render(&self, kind: Kind, rules: usize, context: &Value) -> Result<String, Diagnostic> {
        let mut environment = self.environment.clone();
        environment.set_fuel(Some(FUEL_PER_RULE * (rules as u64 + 10)));
        let rendered = environment.get_template(kind.template()).and_then(|t| t.render(context));
        rendered.map_err(|e| match self.own(kind) {
            Some(given) => finding(given, &e),
            None => Diagnostic::new(&TEMPLATE_INVALID, Span::NONE, words(&e)),
        })
    }
}

fn finding(given: &Override, error: &minijinja::Error) -> Diagnostic {
    let line = error.line().unwrap_or(1);
    let start: usize = given.text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let end = start + given.text[start..].lines().next().map_or(0, str::len);
    Diagnostic::new(&TEMPLATE_INVALID, Span::new(given.file, start, end), words(error))
        .help("docs/templates.md lists what a template can use")
}

fn words(error: &minijinja::Error) -> String {
    match error.detail() {
        Some(detail) => format!("the template fails: {}: {detail}", error.kind()),
        None => format!("the template fails: {}", error.kind()),
    }
}
