//! The parser of PromQL: text to a spanned tree, and every error at its exact spot.
//!
//! Two ways in: [`parse`] for a text that is one expression (a rule file's `expr`, a test's), and [`parse_prefix`]
//! for an expression that stands unquoted inside another language. What is accepted and refused is what Prometheus
//! 3.14 accepts and refuses (promql/parser/generated_parser.y), less what [`Options`] take away.
//!
//! It is a precedence-climbing parser over the tokens of [`super::lexer`]. Both its recursion and the height of the
//! trees it builds are limited, so that whoever walks a tree may recurse.

mod call;
mod cut;
mod duration;
mod expression;
mod labels;
mod matchers;
mod matching;
mod metric;
mod modifiers;
mod operand;
mod range;
mod state;
mod unexpected;
mod words;

pub use metric::{MetricLabels, parse_metric};
pub use words::prometheus_error;

use super::ast::Expr;
use super::features::{Features, Version};
use super::types::check;
use crate::diagnostic::Diagnostic;
use crate::source::FileId;
use state::Parser;

/// How deep parentheses, calls and signs may nest.
pub const MAX_NESTING: usize = 200;
/// How high a tree may be: a chain of n operators that group to the left is n high.
pub const MAX_HEIGHT: usize = 500;

/// What is accepted.
#[derive(Clone, Copy)]
pub struct Options<'a> {
    /// The Prometheus that will read the expression. What it lacks is refused, with the version that has it.
    pub version: Version,
    /// The feature flags it runs with.
    pub features: Features,
    /// Accept `$name` as a number, a range, a whole vector or a matcher's value ([`super::ast::ExprKind::Param`]).
    pub params: bool,
    /// Accept calls of names that no function has ([`super::ast::ExprKind::LetCall`]); the caller knows its lets.
    pub lets: bool,
    /// For [`parse_prefix`]: the words of the outer language that end an expression when they open a line.
    pub stop_word: Option<&'a dyn Fn(&str) -> bool>,
    /// For [`parse_prefix`]: `=` after a complete expression belongs to the outer language. Otherwise it is taken
    /// for a misspelt `==`.
    pub assign_ends: bool,
}

impl Default for Options<'_> {
    /// The newest Prometheus, no feature flags, nothing of the alert language.
    fn default() -> Self {
        Options {
            version: Version::LATEST,
            features: Features::none(),
            params: false,
            lets: false,
            stop_word: None,
            assign_ends: false,
        }
    }
}

/// Parses a whole text as one expression.
///
/// `base_offset` is added to every span: the place of `text` in `file`. The tree always comes back; where there are
/// errors it may hold [`super::ast::ExprKind::Error`]. An empty text is an error.
pub fn parse(text: &str, file: FileId, base_offset: usize, options: &Options<'_>) -> (Expr, Vec<Diagnostic>) {
    let options = Options { stop_word: None, assign_ends: false, ..*options };
    let mut parser = Parser::new(text, 0, file, base_offset, &options);
    let expr = parser.whole();
    let mut diagnostics = parser.diagnostics;
    check(&expr, &mut diagnostics);
    (expr, diagnostics)
}

/// Parses the longest expression that `text` holds from byte `start` on, and says where it ends.
///
/// For languages that embed PromQL without delimiters. Gives the tree, the offset behind its last token, and what is
/// wrong with it. Spans are offsets into `text`, which is the whole of `file`.
///
/// The expression ends at the last token after which it is complete and the next token cannot continue it; what can
/// is an operator, `offset`, `@`, `anchored`, `smoothed`, `[`, `{` after a metric's name, `(` after a word, `by` and
/// `without` after an aggregation ([`super::lexer::Keyword::CONTINUING`] lists the words). Spaces, newlines and
/// comments do not matter, with two exceptions for half-written text, both about words for which
/// [`Options::stop_word`] holds and that open a line, or go on on it with what PromQL cannot have behind a word
/// (`for 5m`, `summary "…"`):
/// - outside brackets, where an operand is missing, such a word is no operand unless `(`, `by` or `without` follows:
///   the expression is reported as unfinished and ends before it;
/// - after an error inside brackets, the expression ends before the first line, since it began, that opens with such
///   a word followed by what PromQL has in no such place (a string, a number, a word, a `$name`, `->`, or braces and
///   a comparison), or before the word at which the error was found; so an unclosed bracket never swallows what
///   follows. A `}` that closes nothing ends it too.
///
/// The caller judges what stands behind the end; [`explain_trailing`] says what PromQL would make of it.
pub fn parse_prefix(
    text: &str,
    start: usize,
    file: FileId,
    options: &Options<'_>,
) -> (Expr, usize, Vec<Diagnostic>) {
    let run = |limit: usize| {
        let mut parser = Parser::new(text.get(..limit).unwrap_or(text), start, file, 0, options);
        let expr = parser.expression(1);
        (expr, parser)
    };
    let (mut expr, mut parser) = run(text.len());
    if let Some(error) = parser.bracket_error
        && let Some(cut) = cut::find(text, start, parser.end(), error, options)
    {
        (expr, parser) = run(cut);
    }
    let end = parser.end();
    let mut diagnostics = parser.diagnostics;
    check(&expr, &mut diagnostics);
    (expr, end, diagnostics)
}

/// What PromQL has to say about the text at `at`, behind a complete expression: "expected an operator, found …",
/// with the nearest keyword where one is near. None at the end of the text.
pub fn explain_trailing(text: &str, at: usize, file: FileId, options: &Options<'_>) -> Option<Diagnostic> {
    let parser = Parser::new(text, at, file, 0, options);
    parser.at_text().then(|| parser.unexpected_after_expression())
}
