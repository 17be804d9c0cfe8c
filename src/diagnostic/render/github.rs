//! GitHub Actions workflow commands: `::error file=…,line=…,col=…::message`.

use std::io::{self, Write};

use super::super::{Diagnostic, Severity};
use crate::source::Sources;

pub(super) fn write(out: &mut dyn Write, sources: &Sources, diagnostics: &[Diagnostic]) -> io::Result<()> {
    for d in diagnostics {
        let command = match d.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "notice",
        };
        let mut properties = Vec::new();
        if let Some(file) = sources.get(d.primary.span.file) {
            let start = file.line_column(d.primary.span.start as usize);
            let end = file.line_column(d.primary.span.end as usize);
            properties.push(format!("file={}", property(file.name())));
            properties.push(format!("line={}", start.line));
            properties.push(format!("endLine={}", end.line));
            properties.push(format!("col={}", start.column));
            if start.line == end.line {
                properties.push(format!("endColumn={}", end.column));
            }
        }
        properties.push(format!("title={}", property(d.code.name)));
        let mut text = d.message.clone();
        if !d.primary.text.is_empty() {
            text.push_str(": ");
            text.push_str(&d.primary.text);
        }
        for line in d.notes.iter().chain(&d.help) {
            text.push('\n');
            text.push_str(line);
        }
        writeln!(out, "::{command} {}::{}", properties.join(","), data(&text))?;
    }
    Ok(())
}

/// Escapes as the workflow command format asks for message data.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes as the workflow command format asks for property values.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
