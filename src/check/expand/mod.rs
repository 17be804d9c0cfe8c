//! Lets, parameters and constants put into an expression: text to text, as the author laid it out.
//!
//! An expression without any is used as it is, its tree included. Otherwise the text is put together from the pieces
//! of the source and parsed again, and every place in it can be traced back.

mod fill;
mod holes;
mod origin;

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::layout::{Writer, column};
use crate::diagnostic::Diagnostic;
use crate::promql::ast::Expr;
use crate::promql::features::{Features, Version};
use crate::promql::parser::{Options, parse};
use crate::source::{FileId, Sources};
use crate::syntax::ast::{Let, Promql};
use fill::{Binding, Run, Scope};
use holes::{Context, has_holes, holds_error};

pub use origin::Expanded;

/// Puts lets into expressions.
#[derive(Debug)]
pub struct Expander<'a> {
    sources: &'a Sources,
    lets: &'a BTreeMap<&'a str, &'a Let>,
    version: Version,
    features: Features,
}

impl<'a> Expander<'a> {
    /// An expander over the lets of a project; `version` and `features` are those of the Prometheus that will run the rules.
    pub fn new(
        sources: &'a Sources,
        lets: &'a BTreeMap<&'a str, &'a Let>,
        version: Version,
        features: Features,
    ) -> Expander<'a> {
        Expander { sources, lets, version, features }
    }

    /// The expression with everything bound; `given` are texts for names that are bound from outside.
    ///
    /// `None` when it could not be read or a name is unknown, which is reported.
    pub fn expand(
        &self,
        promql: &'a Promql,
        given: &[(&'a str, &str)],
        out: &mut Vec<Diagnostic>,
    ) -> Option<Expanded<'a>> {
        self.expand_expr(&promql.expr, given, out)
    }

    /// Like [`Expander::expand`], for a bare tree of the source.
    pub fn expand_expr(
        &self,
        expr: &'a Expr,
        given: &[(&'a str, &str)],
        out: &mut Vec<Diagnostic>,
    ) -> Option<Expanded<'a>> {
        let text = self.sources.get(expr.span.file)?.text();
        if holds_error(expr) {
            return None;
        }
        if !has_holes(expr) {
            let mut writer = Writer::default();
            writer.push_lines(
                text.get(expr.span.range())?,
                column(text, expr.span.start as usize),
                0,
                &mut |_, _, _| {},
            );
            let text = writer.finish();
            return Some(Expanded { text, expr: Cow::Borrowed(expr), span: expr.span, pieces: Vec::new() });
        }
        let before = out.len();
        let scope =
            Scope { bindings: given.iter().map(|(name, text)| (*name, Binding::Text(text))).collect() };
        let mut run = Run {
            expander: self,
            writer: Writer::default(),
            pieces: Vec::new(),
            stack: Vec::new(),
            instead: given,
            overflow: false,
            out,
        };
        run.emit(expr, &scope, Context::Free);
        let (text, pieces) = (run.writer.finish(), run.pieces);
        if out.len() > before {
            return None;
        }
        let options = Options { version: self.version, features: self.features, ..Options::default() };
        let (parsed, found) = parse(&text, FileId::NONE, 0, &options);
        let mut expanded = Expanded { text, expr: Cow::Borrowed(expr), span: expr.span, pieces };
        let failed = found.iter().any(Diagnostic::is_error);
        for mut diagnostic in found {
            expanded.trace(&mut diagnostic);
            out.push(diagnostic);
        }
        if failed {
            return None;
        }
        expanded.expr = Cow::Owned(parsed);
        Some(expanded)
    }
}
