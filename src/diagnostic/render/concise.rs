//! One line a finding, as compilers print for editors.

use std::io::{self, Write};

use super::super::Diagnostic;
use crate::source::Sources;

pub(super) fn write(out: &mut dyn Write, sources: &Sources, diagnostics: &[Diagnostic]) -> io::Result<()> {
    for d in diagnostics {
        if let Some(file) = sources.get(d.primary.span.file) {
            let at = file.line_column(d.primary.span.start as usize);
            write!(out, "{}:{}:{}: ", file.name(), at.line, at.column)?;
        }
        writeln!(out, "{}[{}]: {}", d.severity.as_str(), d.code.name, d.message.replace('\n', " "))?;
    }
    Ok(())
}
