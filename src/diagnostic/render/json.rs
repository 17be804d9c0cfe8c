//! Findings as one JSON array, for scripts.

use std::io::{self, Write};

use serde::Serialize;

use super::super::{Diagnostic, Label};
use crate::source::{Sources, Span};

#[derive(Serialize)]
struct Position {
    line: usize,
    column: usize,
    offset: usize,
}

#[derive(Serialize)]
struct Location<'a> {
    file: &'a str,
    start: Position,
    end: Position,
    #[serde(skip_serializing_if = "str::is_empty")]
    label: &'a str,
}

#[derive(Serialize)]
struct Edit<'a> {
    location: Location<'a>,
    replacement: &'a str,
}

#[derive(Serialize)]
struct JsonFix<'a> {
    message: &'a str,
    edits: Vec<Edit<'a>>,
}

#[derive(Serialize)]
struct Finding<'a> {
    code: &'a str,
    severity: &'a str,
    message: &'a str,
    location: Option<Location<'a>>,
    related: Vec<Location<'a>>,
    notes: &'a [String],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pictures: Vec<Vec<String>>,
    help: &'a [String],
    fix: Option<JsonFix<'a>>,
}

pub(super) fn write(out: &mut dyn Write, sources: &Sources, diagnostics: &[Diagnostic]) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &findings(sources, diagnostics))?;
    writeln!(out)
}

/// The array as a value.
pub(super) fn value(sources: &Sources, diagnostics: &[Diagnostic]) -> serde_json::Value {
    // Plain structs of texts and numbers: nothing that JSON can't hold.
    serde_json::to_value(findings(sources, diagnostics)).unwrap_or_default()
}

fn findings<'a>(sources: &'a Sources, diagnostics: &'a [Diagnostic]) -> Vec<Finding<'a>> {
    diagnostics.iter().map(|d| finding(sources, d)).collect()
}

fn finding<'a>(sources: &'a Sources, d: &'a Diagnostic) -> Finding<'a> {
    Finding {
        code: d.code.name,
        severity: d.severity.as_str(),
        message: &d.message,
        location: labelled(sources, &d.primary),
        related: d.secondary.iter().filter_map(|l| labelled(sources, l)).collect(),
        notes: &d.notes,
        pictures: d.pictures.iter().map(|p| p.plain_lines().collect()).collect(),
        help: &d.help,
        fix: d.fix.as_ref().map(|f| JsonFix {
            message: &f.message,
            edits: f
                .edits
                .iter()
                .filter_map(|(span, new)| {
                    Some(Edit { location: location(sources, *span, "")?, replacement: new })
                })
                .collect(),
        }),
    }
}

fn labelled<'a>(sources: &'a Sources, label: &'a Label) -> Option<Location<'a>> {
    location(sources, label.span, &label.text)
}

fn location<'a>(sources: &'a Sources, span: Span, label: &'a str) -> Option<Location<'a>> {
    let file = sources.get(span.file)?;
    let position = |offset: u32| {
        let at = file.line_column(offset as usize);
        Position { line: at.line, column: at.column, offset: offset as usize }
    };
    Some(Location { file: file.name(), start: position(span.start), end: position(span.end), label })
}
