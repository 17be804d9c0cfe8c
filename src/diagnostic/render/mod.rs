//! Diagnostics as text: one file per output form.

mod concise;
mod github;
mod human;
mod json;
mod sarif;

use std::io::{self, Write};

use super::Diagnostic;
use crate::source::Sources;

pub use human::HumanOptions;

/// The forms in which a command can print its findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Source excerpts, labels and repairs, for a person.
    Human(HumanOptions),
    /// One line a finding: `file:line:column: severity[code]: message`.
    Concise,
    /// One JSON document: an array of findings.
    Json,
    /// SARIF 2.1.0, as code-scanning services read it.
    Sarif,
    /// GitHub Actions workflow commands, which annotate a pull request.
    Github,
}

/// Writes all findings in the given form.
///
/// # Errors
/// Those of the writer.
pub fn write(
    out: &mut dyn Write,
    sources: &Sources,
    diagnostics: &[Diagnostic],
    format: Format,
) -> io::Result<()> {
    match format {
        Format::Human(options) => human::write(out, sources, diagnostics, options),
        Format::Concise => concise::write(out, sources, diagnostics),
        Format::Json => json::write(out, sources, diagnostics),
        Format::Sarif => sarif::write(out, sources, diagnostics),
        Format::Github => github::write(out, sources, diagnostics),
    }
}

/// Findings as they stand in the JSON form, for documents that hold more than findings.
pub fn json_findings(sources: &Sources, diagnostics: &[Diagnostic]) -> serde_json::Value {
    json::value(sources, diagnostics)
}

/// The human form without colour as a string: what the snapshot tests show.
pub fn to_plain_string(sources: &Sources, diagnostics: &[Diagnostic]) -> String {
    let mut out = Vec::new();
    // Writing to a vector can't fail.
    let _ = human::write(&mut out, sources, diagnostics, HumanOptions { color: false, width: 120 });
    String::from_utf8_lossy(&out).into_owned()
}
