//! The fields of integrations and of `global`, and secrets that stand in the source.

use super::tree::{list, plain, text};
use crate::alertmanager::schema::{self, EVENT_RECORDER, Field as Known, GLOBAL, TRACING, file_form};
use crate::check::Context;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::{names, routing};
use crate::source::Span;
use crate::syntax::ast::{Block, Field, FieldValue};
use crate::yaml::{Entry, Mapping, Node, Value};

/// A block of fields.
pub(super) fn block(block: &Block<Field>) -> Node {
    fields(&block.items, block.span())
}

/// Fields at a place.
pub(super) fn fields<'f>(fields: impl IntoIterator<Item = &'f Field>, span: Span) -> Node {
    let entries = fields.into_iter().map(|f| Entry {
        key: text(f.key.text.clone(), f.key.span),
        value: value(&f.value),
        merged: false,
    });
    Node { span, value: Value::Mapping(Mapping { entries: entries.collect() }) }
}

/// The value of a field.
pub(super) fn value(field: &FieldValue) -> Node {
    match field {
        FieldValue::Text(t) => text(t.value.clone(), t.span),
        FieldValue::Quantity(q) => plain(format!("{}{}", q.number, q.unit), q.span),
        FieldValue::Bool(b, span) => plain(b.to_string(), *span),
        FieldValue::Fields(b) => block(b),
        FieldValue::List(items, span) => list(items.iter().map(value).collect(), *span),
    }
}

/// Unknown integrations, and secrets in the source: whoever reads the repository could use them.
pub(super) fn check_secrets(context: &Context<'_, '_>, out: &mut Vec<Diagnostic>) {
    if let Some(global) = context.all.global {
        secrets(&global.body, GLOBAL, out);
        for field in &global.body.items {
            let known = match field.key.text.as_str() {
                "tracing" => TRACING,
                "event_recorder" => EVENT_RECORDER,
                _ => continue,
            };
            if let FieldValue::Fields(block) = &field.value {
                secrets(block, known, out);
            }
        }
    }
    for integration in context.all.receivers.iter().flat_map(|r| &r.body.items) {
        let kind = &integration.kind;
        match schema::INTEGRATIONS.iter().find(|i| i.name == kind.text) {
            Some(known) => secrets(&integration.fields, known.fields, out),
            None => {
                let known: Vec<&str> = schema::INTEGRATIONS.iter().map(|i| i.name).collect();
                let mut d = Diagnostic::new(
                    &names::UNKNOWN_INTEGRATION,
                    kind.span,
                    format!("Alertmanager has no integration `{}`", kind.text),
                )
                .label("unknown");
                match crate::diagnostic::nearest(&kind.text, known.iter().copied()) {
                    Some(near) => d = d.fix(format!("write `{near}`"), kind.span, near),
                    None => d = d.help(format!("it has {}", known.join(", "))),
                }
                out.push(d);
            }
        }
    }
}

fn secrets(fields: &Block<Field>, known: &'static [Known], out: &mut Vec<Diagnostic>) {
    for field in &fields.items {
        let Some(schema) = schema::field(known, &field.key.text) else { continue };
        if schema.is_secret() && !texts(&field.value).iter().all(|t| schema::is_public(t)) {
            let mut d = Diagnostic::new(
                &routing::SECRET_IN_SOURCE,
                field.value.span(),
                format!("`{}` is a secret and stands in the source", field.key.text),
            )
            .label("everybody who reads the repository can use it")
            .note("rotate it if it is real: it stays in the repository's history");
            match file_form(known, schema.name) {
                Some(file) => {
                    d = d.help(format!("write `{} \"/path/on/the/alertmanager/host\"`", file.name));
                }
                None => d = d.help("keep it in a file that Alertmanager reads"),
            }
            out.push(d);
        }
        if let (Some(inner), FieldValue::Fields(block)) = (schema.block(), &field.value) {
            secrets(block, inner, out);
        }
        if let (Some(inner), FieldValue::List(items, _)) = (schema.block(), &field.value) {
            for item in items {
                if let FieldValue::Fields(block) = item {
                    secrets(block, inner, out);
                }
            }
        }
    }
}

/// Every text in a value.
fn texts(value: &FieldValue) -> Vec<&str> {
    match value {
        FieldValue::Text(t) => vec![t.value.as_str()],
        FieldValue::List(items, _) => items.iter().flat_map(texts).collect(),
        FieldValue::Fields(block) => block.items.iter().flat_map(|f| texts(&f.value)).collect(),
        FieldValue::Quantity(q) => vec![q.number.as_str()],
        FieldValue::Bool(..) => vec![""],
    }
}
