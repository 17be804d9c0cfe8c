//! Names that labels and annotations can have.

use super::inherit::Inherited;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::alerts;
use crate::syntax::ast::Label;

/// Labels that Prometheus or alertc sets itself, and how to set them.
const RESERVED: [(&str, &str); 3] = [
    ("alertname", "the alert's name is its `alertname`"),
    ("__name__", "an alert has no metric name"),
    ("alertstate", "Prometheus sets it"),
];

/// Reports labels and annotations whose names can't be used.
pub fn check(properties: &Inherited<'_>, out: &mut Vec<Diagnostic>) {
    for label in properties.labels.values() {
        check_label(label, out);
    }
    for annotation in properties.annotations.values() {
        let name = annotation.name.text.as_str();
        let keyword = match name {
            "summary" | "description" => Some(name),
            "runbook_url" => Some("runbook"),
            "dashboard_url" => Some("dashboard"),
            _ => None,
        };
        if let Some(keyword) = keyword {
            out.push(
                Diagnostic::new(
                    &alerts::RESERVED_NAME,
                    annotation.name.span,
                    format!("the annotation `{name}` has a keyword of its own"),
                )
                .help(format!("write `{keyword} \"…\"`")),
            );
        }
    }
}

/// A label that an slo sets itself.
pub fn check_reserved(span: crate::source::Span) -> Diagnostic {
    Diagnostic::new(&alerts::RESERVED_NAME, span, "`slo` tells the slo's series from others")
        .label("reserved")
        .help("use another label")
}

/// Reports a label of a rule that can't be set.
pub fn check_label(label: &Label, out: &mut Vec<Diagnostic>) {
    let name = label.name.text.as_str();
    if let Some((_, help)) = RESERVED.iter().find(|(n, _)| *n == name) {
        out.push(
            Diagnostic::new(
                &alerts::RESERVED_NAME,
                label.name.span,
                format!("`{name}` can't be set as a label"),
            )
            .label("reserved")
            .help(*help),
        );
    }
}
