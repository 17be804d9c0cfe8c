//! SARIF 2.1.0: one run, a rule per code that occurs, a result per finding.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde_json::{Value, json};

use super::super::{Code, Diagnostic, Severity};
use crate::source::{Sources, Span};

pub(super) fn write(out: &mut dyn Write, sources: &Sources, diagnostics: &[Diagnostic]) -> io::Result<()> {
    let codes: BTreeMap<&str, Code> = diagnostics.iter().map(|d| (d.code.name, d.code)).collect();
    let index: BTreeMap<&str, usize> = codes.keys().enumerate().map(|(i, name)| (*name, i)).collect();
    let rules: Vec<Value> = codes
        .values()
        .map(|c| {
            json!({
                "id": c.name,
                "shortDescription": { "text": c.summary },
                "help": { "text": c.page, "markdown": c.page },
                "defaultConfiguration": { "level": level(c.severity) },
            })
        })
        .collect();
    let results: Vec<Value> = diagnostics.iter().map(|d| result(sources, d, index[d.code.name])).collect();
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "alertc",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn result(sources: &Sources, d: &Diagnostic, rule: usize) -> Value {
    let mut text = d.message.clone();
    for line in d.notes.iter().chain(&d.help) {
        text.push('\n');
        text.push_str(line);
    }
    let mut result = json!({
        "ruleId": d.code.name,
        "ruleIndex": rule,
        "level": level(d.severity),
        "message": { "text": text },
    });
    if let Some(place) = location(sources, d.primary.span, &d.primary.text) {
        result["locations"] = json!([place]);
    }
    let related: Vec<Value> = d.secondary.iter().filter_map(|l| location(sources, l.span, &l.text)).collect();
    if !related.is_empty() {
        result["relatedLocations"] = Value::Array(related);
    }
    if let Some(fix) = &d.fix {
        let changes: Vec<Value> = fix
            .edits
            .iter()
            .filter_map(|(span, new)| {
                let file = sources.get(span.file)?;
                Some(json!({
                    "artifactLocation": { "uri": file.name() },
                    "replacements": [{
                        "deletedRegion": region(sources, *span)?,
                        "insertedContent": { "text": new },
                    }],
                }))
            })
            .collect();
        result["fixes"] = json!([{ "description": { "text": fix.message }, "artifactChanges": changes }]);
    }
    result
}

fn region(sources: &Sources, span: Span) -> Option<Value> {
    let file = sources.get(span.file)?;
    let start = file.line_column(span.start as usize);
    let end = file.line_column(span.end as usize);
    Some(json!({
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
    }))
}

fn location(sources: &Sources, span: Span, message: &str) -> Option<Value> {
    let file = sources.get(span.file)?;
    let mut location = json!({
        "physicalLocation": {
            "artifactLocation": { "uri": file.name() },
            "region": region(sources, span)?,
        },
    });
    if !message.is_empty() {
        location["message"] = json!({ "text": message });
    }
    Some(location)
}
