//! PromQL inside YAML: errors point at the very characters of the file.

use super::read::Target;
use crate::diagnostic::Diagnostic;
use crate::promql::parser::{Options, parse};
use crate::yaml::{Node, Style, source_span};

/// Parses the expression in `node`, a scalar of the file `text`, and reports what is wrong with it.
pub(super) fn check(node: &Node, text: &str, target: Target, found: &mut Vec<Diagnostic>) {
    let Some(scalar) = node.as_scalar() else { return };
    let options = Options { version: target.version, features: target.features, ..Options::default() };
    let (_, diagnostics) = parse(&scalar.text, node.span.file, 0, &options);
    for mut diagnostic in diagnostics {
        place(&mut diagnostic, node, scalar.style, text);
        found.push(diagnostic);
    }
}

/// Moves a finding in the decoded text of `node` to where it stands in the file.
pub(super) fn place(diagnostic: &mut Diagnostic, node: &Node, style: Style, text: &str) {
    diagnostic.map_spans(&|span| source_span(text, node, span.start as usize, span.end as usize));
    let Some(fix) = &mut diagnostic.fix else { return };
    for (_, edit) in &mut fix.edits {
        match style {
            Style::Double => *edit = edit.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"),
            Style::Single => *edit = edit.replace('\'', "''"),
            Style::Plain | Style::Literal | Style::Folded => {}
        }
    }
    // A repair that would change the layout of the YAML around it is left to its author.
    let breaks = fix.edits.iter().any(|(_, edit)| {
        edit.contains('\n') || (style == Style::Plain && (edit.contains(": ") || edit.contains(" #")))
    });
    if breaks {
        let message = std::mem::take(&mut fix.message);
        diagnostic.help.push(message);
        diagnostic.fix = None;
    }
}
