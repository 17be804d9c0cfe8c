//! The alert language's text to its syntax tree, and back: parser and formatter.

pub mod ast;

use crate::diagnostic::Diagnostic;
use crate::source::Span;

/// A parsed file: always a tree, and what is wrong with the text.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed {
    /// What could be read.
    pub file: ast::File,
    /// Every comment, from its `#` to the end of its line, in order.
    pub comments: Vec<Span>,
    /// What is wrong, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
}
