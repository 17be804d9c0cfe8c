//! The second opinion: another implementation of PromQL is asked about what is emitted.

use std::collections::HashSet;

use rayon::prelude::*;

use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::project::EXPRESSION_REFUSED;
use crate::ir::{Program, Rule};
use crate::promql::gate::gate;
use crate::source::Span;

/// Findings of every expression that promql-parser refuses.
///
/// Expressions that differ only in the values of `=` and `!=` matchers and other plain strings are asked about once:
/// no parser's verdict depends on them. Patterns count in full, for a parser compiles them.
pub(super) fn check(program: &Program) -> Vec<Diagnostic> {
    let mut seen: HashSet<String> = HashSet::new();
    let distinct: Vec<(&str, &str, Span)> = program
        .rules()
        .map(|(_, _, rule)| match rule {
            Rule::Alert(alert) => (alert.name.as_str(), alert.expr.as_str(), alert.origin.span),
            Rule::Record(record) => (record.record.as_str(), record.expr.as_str(), record.span),
        })
        .filter(|(_, expr, _)| seen.insert(shape(expr)))
        .collect();
    distinct.par_iter().filter_map(|(name, expr, span)| ask(name, expr, *span)).collect()
}

fn ask(name: &str, expr: &str, span: Span) -> Option<Diagnostic> {
    let why = gate(expr).err()?;
    Some(
        Diagnostic::new(
            &EXPRESSION_REFUSED,
            span,
            format!("the expression written for `{name}` would be refused"),
        )
        .note(format!("promql-parser says: {why}"))
        .note(format!("the expression is: {expr}"))
        .help("this is a mistake in alertc: please report it with the source"),
    )
}

/// The expression with its plain strings emptied. Strings with escapes, which a parser reads, and patterns stay.
fn shape(expr: &str) -> String {
    let mut out = String::with_capacity(expr.len());
    let mut rest = expr;
    while let Some(at) = rest.find(['"', '\'', '`', '#']) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let quote = from.as_bytes()[0];
        if quote == b'#' {
            // A quote in a comment opens nothing.
            let end = from.find('\n').unwrap_or(from.len());
            out.push('#');
            rest = &from[end..];
            continue;
        }
        // Where a string with escapes ends is not worth finding out.
        let end = from[1..].bytes().position(|b| b == quote || b == b'\\');
        let Some(length) = end.filter(|end| from.as_bytes()[end + 1] == quote) else {
            out.push_str(from);
            return out;
        };
        let is_pattern = before.trim_end().ends_with('~');
        let (string, behind) = from.split_at(length + 2);
        match (is_pattern, length) {
            (false, 1..) => out.push_str("\"x\""),
            _ => out.push_str(string),
        }
        rest = behind;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_strings_do_not_count() {
        assert_eq!(shape("up{job=\"a\", i='b'} > 1"), "up{job=\"x\", i=\"x\"} > 1");
        assert_eq!(shape("up{job=~\"a\", i!=\"\"}"), "up{job=~\"a\", i!=\"\"}");
        assert_eq!(shape("up{job=\"a\\\"b\", i=\"c\"}"), "up{job=\"a\\\"b\", i=\"c\"}");
        assert_eq!(shape("up # isn't\n{a=`b`}"), "up #\n{a=\"x\"}");
        assert_eq!(shape("up{job=\"open"), "up{job=\"open");
    }

    #[test]
    fn a_refusal_reads_well() {
        let found = ask("Down", "up ==", Span::NONE);
        let sources = crate::source::Sources::new();
        insta::assert_snapshot!(crate::diagnostic::render::to_plain_string(&sources, found.as_slice()));
    }
}
