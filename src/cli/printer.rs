//! Where words go: findings and results to standard output, progress and summaries to standard error.

use std::io::{self, BufWriter, Write};

use anstream::{AutoStream, ColorChoice};

use super::args::{ColorWhen, FormatName, Global};
use super::outcome::Outcome;
use crate::diagnostic::render::{self, Format, HumanOptions};
use crate::diagnostic::{Diagnostic, Severity};
use crate::source::Sources;

/// Columns when the terminal tells none.
const WIDTH: usize = 120;

/// Prints as the global options ask.
pub(super) struct Printer {
    format: FormatName,
    color: ColorChoice,
    quiet: bool,
    deny_warnings: bool,
}

impl Printer {
    pub(super) fn new(global: &Global) -> Printer {
        let color = match global.color {
            ColorWhen::Auto => AutoStream::choice(&io::stdout()),
            ColorWhen::Always => ColorChoice::Always,
            ColorWhen::Never => ColorChoice::Never,
        };
        Printer { format: global.format, color, quiet: global.quiet, deny_warnings: global.deny_warnings }
    }

    /// True when standard output takes ANSI colours.
    pub(super) fn colored(&self) -> bool {
        matches!(self.color, ColorChoice::Always | ColorChoice::AlwaysAnsi)
    }

    /// True when results are to be JSON.
    pub(super) fn is_json(&self) -> bool {
        self.format == FormatName::Json
    }

    /// Writes to standard output through a buffer.
    ///
    /// # Errors
    /// Those of standard output.
    pub(super) fn stdout(&self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
        let mut out = BufWriter::new(io::stdout().lock());
        write(&mut out)?;
        out.flush()
    }

    /// Prints findings.
    ///
    /// # Errors
    /// Those of standard output.
    pub(super) fn findings(&self, sources: &Sources, diagnostics: &[Diagnostic]) -> io::Result<()> {
        self.stdout(|out| render::write(out, sources, diagnostics, self.format(self.colored())))
    }

    /// Columns that pictures may take.
    pub(super) fn columns(&self) -> usize {
        width()
    }

    /// True when summaries and progress are not wanted.
    pub(super) fn quiet(&self) -> bool {
        self.quiet
    }

    /// Prints findings where standard output is for something else.
    ///
    /// # Errors
    /// Those of standard error.
    pub(super) fn findings_to_stderr(&self, sources: &Sources, diagnostics: &[Diagnostic]) -> io::Result<()> {
        render::write(&mut io::stderr().lock(), sources, diagnostics, self.format(false))
    }

    fn format(&self, color: bool) -> Format {
        match self.format {
            FormatName::Human => Format::Human(HumanOptions { color, width: width() }),
            FormatName::Concise => Format::Concise,
            FormatName::Json => Format::Json,
            FormatName::Sarif => Format::Sarif,
            FormatName::Github => Format::Github,
        }
    }

    /// Says what failed on standard error.
    pub(super) fn error(&self, words: &str) {
        // Nobody reads standard error when it can't be written to.
        let _ = writeln!(io::stderr().lock(), "alertc: {words}");
    }

    /// Says one line on standard error, unless it is to be quiet.
    pub(super) fn status(&self, words: &str) {
        if !self.quiet {
            // Nobody reads standard error when it can't be written to.
            let _ = writeln!(io::stderr().lock(), "{words}");
        }
    }

    /// How a run with these findings ends.
    pub(super) fn outcome(&self, diagnostics: &[Diagnostic]) -> Outcome {
        let limit = if self.deny_warnings { Severity::Warning } else { Severity::Error };
        if diagnostics.iter().any(|d| d.severity >= limit) { Outcome::Findings } else { Outcome::Clean }
    }

    /// The columns of the terminal.
    pub(super) fn width(&self) -> usize {
        width()
    }
}

/// Columns of the terminal: what COLUMNS says, else what the terminal says.
fn width() -> usize {
    let said = std::env::var("COLUMNS").ok().and_then(|c| c.parse().ok());
    said.or_else(of_the_terminal).filter(|c| *c >= 40).unwrap_or(WIDTH)
}

#[cfg(target_os = "linux")]
fn of_the_terminal() -> Option<usize> {
    rustix::termios::tcgetwinsize(io::stdout()).ok().map(|size| usize::from(size.ws_col))
}

#[cfg(not(target_os = "linux"))]
fn of_the_terminal() -> Option<usize> {
    None
}

/// `2 errors, 1 warning in 4 files`.
pub(super) fn summary(diagnostics: &[Diagnostic], files: usize) -> String {
    let counts: Vec<String> =
        [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Info, "remark")]
            .into_iter()
            .map(|(severity, noun)| (diagnostics.iter().filter(|d| d.severity == severity).count(), noun))
            .filter(|(count, _)| *count > 0)
            .map(|(count, noun)| counted(count, noun))
            .collect();
    let found = if counts.is_empty() { "no findings".to_string() } else { counts.join(", ") };
    format!("{found} in {}", counted(files, "file"))
}

/// `1 file`, `2 files`.
pub(super) fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
