//! Diagnostics: one plain value, built where the problem is found and rendered in one place.
//!
//! Every code is declared once, in [`codes`], and has a page in `docs/codes/` that `alertc explain` prints.

pub mod codes;
mod picture;
pub mod render;
mod suggest;

use crate::source::Span;

pub use codes::{Code, CodeInfo};
pub use picture::{Line, Picture, Piece, Tone};
pub use suggest::{did_you_mean, nearest};

#[cfg(test)]
mod tests;

/// How bad a finding is. The default stands with its code; `alertc.toml` can change it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// A remark. Never changes the exit code.
    Info,
    /// Probably a mistake. Fails a run only under `--deny-warnings`.
    Warning,
    /// Wrong: nothing is built.
    Error,
}

impl Severity {
    /// `error`, `warning` or `info`.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "info",
        }
    }
}

/// A place in the text and what is to be said about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The text it points at.
    pub span: Span,
    /// A few words, without a full stop; may be empty.
    pub text: String,
}

/// A concrete repair: the edits make the finding go away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What the edits do, as an imperative ("write `warning`").
    pub message: String,
    /// Replacements; an empty span inserts. They do not overlap.
    pub edits: Vec<(Span, String)>,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The stable code.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// One line that says what is wrong, without a full stop.
    pub message: String,
    /// Where.
    pub primary: Label,
    /// Other places that explain it.
    pub secondary: Vec<Label>,
    /// Further lines: why it matters.
    pub notes: Vec<String>,
    /// Drawings that show why.
    pub pictures: Vec<Picture>,
    /// What to do, in words.
    pub help: Vec<String>,
    /// What to do, as edits. Boxed: parsers that recurse hold findings on their stack.
    pub fix: Option<Box<Fix>>,
}

impl Diagnostic {
    /// A finding of `code` at `span`, with the code's own severity.
    pub fn new(code: Code, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            code,
            severity: code.severity,
            message: message.into(),
            primary: Label { span, text: String::new() },
            secondary: Vec::new(),
            notes: Vec::new(),
            pictures: Vec::new(),
            help: Vec::new(),
            fix: None,
        }
    }

    /// Says something at the primary place.
    pub fn label(mut self, text: impl Into<String>) -> Diagnostic {
        self.primary.text = text.into();
        self
    }

    /// Points at a second place.
    pub fn also(mut self, span: Span, text: impl Into<String>) -> Diagnostic {
        self.secondary.push(Label { span, text: text.into() });
        self
    }

    /// Adds a line that says why.
    pub fn note(mut self, text: impl Into<String>) -> Diagnostic {
        self.notes.push(text.into());
        self
    }

    /// Adds a drawing, if anything is drawn.
    pub fn picture(mut self, picture: Picture) -> Diagnostic {
        if !picture.is_empty() {
            self.pictures.push(picture);
        }
        self
    }

    /// Adds a line that says what to do.
    pub fn help(mut self, text: impl Into<String>) -> Diagnostic {
        self.help.push(text.into());
        self
    }

    /// Adds the repair: replace `span` by `text`.
    pub fn fix(mut self, message: impl Into<String>, span: Span, text: impl Into<String>) -> Diagnostic {
        self.fix = Some(Box::new(Fix { message: message.into(), edits: vec![(span, text.into())] }));
        self
    }

    /// True for errors.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// Applies `map` to every span: for findings in text that was decoded from other text.
    pub fn map_spans(&mut self, map: &dyn Fn(Span) -> Span) {
        self.primary.span = map(self.primary.span);
        for label in &mut self.secondary {
            label.span = map(label.span);
        }
        for (span, _) in self.fix.iter_mut().flat_map(|f| &mut f.edits) {
            *span = map(*span);
        }
    }
}

/// Sorts findings by file, place and code, and drops exact repetitions.
pub fn sort(diagnostics: &mut Vec<Diagnostic>) {
    diagnostics.sort_by(|a, b| {
        (a.primary.span, a.code.name, &a.message).cmp(&(b.primary.span, b.code.name, &b.message))
    });
    diagnostics.dedup();
}
