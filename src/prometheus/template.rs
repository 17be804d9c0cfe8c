//! Templates of labels and annotations inside YAML.

use super::expression::place;
use super::read::Target;
use crate::diagnostic::{Diagnostic, codes, nearest};
use crate::gotemplate::prometheus::{RuleTemplate, functions};
use crate::source::Span;
use crate::yaml::Entry;

/// Parses the template of a label or annotation, as Prometheus does when it loads the file.
pub(super) fn check(
    alert: &str,
    part: &str,
    entry: &Entry,
    text: &str,
    target: Target,
    found: &mut Vec<Diagnostic>,
) {
    let node = &entry.value;
    let Some(scalar) = node.as_scalar().filter(|s| s.text.contains("{{")) else { return };
    let functions = functions((target.version.major, target.version.minor));
    let Err(error) = RuleTemplate::parse(alert, &scalar.text, functions) else { return };
    let span = Span::new(node.span.file, error.offset, error.offset + error.length);
    let message = format!("{part} {:?}: {}", entry.name(), error.reason);
    let mut diagnostic = Diagnostic::new(&codes::templates::INVALID_TEMPLATE, span, message);
    let unknown = error.reason.strip_prefix("function \"").and_then(|r| r.strip_suffix("\" not defined"));
    if let Some(near) = unknown.and_then(|name| nearest(name, functions.names())) {
        diagnostic = diagnostic.fix(format!("write `{near}`"), span, near);
    } else if error.reason.starts_with("undefined variable") {
        diagnostic = diagnostic.help("there are `$labels`, `$value`, `$externalLabels` and `$externalURL`");
    }
    place(&mut diagnostic, node, scalar.style, text);
    found.push(diagnostic);
}
