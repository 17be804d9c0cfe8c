//! The alert language's text to its syntax tree, and back: parser and formatter.

pub mod ast;
mod dump;
pub mod format;
mod keywords;
mod parser;
mod strings;
mod tokens;

use crate::diagnostic::Diagnostic;
use crate::source::Span;

pub use dump::dump;
pub use keywords::DEFAULT_SEVERITIES;
pub use parser::{Options, declared_severities, parse};

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
