//! Templates in the fields of integrations. Alertmanager parses them when it sends, so what is wrong with them shows
//! only when an alert fires.

use super::Reader;
use crate::alertmanager::schema::Kind;
use crate::diagnostic::{Diagnostic, codes, nearest};
use crate::gotemplate::alertmanager::{FUNCTIONS, Templates};
use crate::gotemplate::{FunctionSet, Template, TemplateError, Used};
use crate::yaml::{Node, Value, source_span};

impl Reader<'_> {
    /// Checks every text below a node.
    pub(super) fn templates(&mut self, node: &Node) {
        match &node.value {
            Value::Scalar(scalar) if scalar.text.contains("{{") => self.template(node, &scalar.text),
            Value::Scalar(_) => {}
            Value::Sequence(items) => items.iter().for_each(|i| self.templates(i)),
            Value::Mapping(mapping) => mapping.entries.iter().for_each(|e| self.templates(&e.value)),
        }
    }

    /// A URL's template is parsed when the configuration is loaded, without Alertmanager's functions.
    pub(super) fn template_url(&mut self, node: &Node, url: &str) {
        if let Err(error) = Template::parse("", url, FunctionSet::GO) {
            let message = format!("invalid template syntax: {}", error.message);
            let span = source_span(self.text, node, error.offset, error.offset + error.length);
            self.decoder.report(Diagnostic::new(&codes::alertmanager::INVALID_SETTING, span, message));
        }
    }

    fn template(&mut self, node: &Node, text: &str) {
        let template = match Templates::default().parse(text) {
            Ok(template) => template,
            Err(error) => return self.broken(node, &error),
        };
        if self.has_template_files {
            return;
        }
        let defaults = Templates::default();
        for used in template.uses() {
            let Used::Template(name) = &used.what else { continue };
            let own = template.defines().any(|n| n == name);
            if own || defaults.names().any(|n| n == name) {
                continue;
            }
            let message = format!("there is no template {name:?}");
            let span = source_span(self.text, node, used.at.start, used.at.end);
            let diagnostic = Diagnostic::new(&codes::alertmanager::TEMPLATE_FAILS, span, message);
            self.decoder.report(match nearest(name, defaults.names()) {
                Some(near) => diagnostic.help(format!("Alertmanager brings {near:?}")),
                None => diagnostic.help("name the files that define templates in `templates`"),
            });
        }
    }

    fn broken(&mut self, node: &Node, error: &TemplateError) {
        let span = source_span(self.text, node, error.offset, error.offset + error.length);
        let diagnostic = Diagnostic::new(&codes::alertmanager::TEMPLATE_FAILS, span, error.reason.as_str())
            .note("Alertmanager loads the configuration, and fails when it sends the notification");
        let unknown = error.reason.strip_prefix("function \"").and_then(|r| r.strip_suffix("\" not defined"));
        self.decoder.report(match unknown.and_then(|name| nearest(name, FUNCTIONS.names())) {
            Some(near) if span == node.span => diagnostic.help(format!("write `{near}`")),
            Some(near) => diagnostic.fix(format!("write `{near}`"), span, near),
            None => diagnostic,
        });
    }

    /// Which fields hold templates.
    pub(super) fn holds_templates(kind: Kind, name: &str) -> bool {
        matches!(kind, Kind::Template | Kind::TemplateMap | Kind::TextOrBlock(_))
            || (kind == Kind::AnyMap && name == "details")
    }
}
