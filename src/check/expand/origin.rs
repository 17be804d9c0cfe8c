//! Expanded text and where each piece of it came from.

use std::borrow::Cow;

use crate::check::layout::{Writer, column};
use crate::diagnostic::{Diagnostic, Label};
use crate::promql::ast::Expr;
use crate::source::{FileId, Sources, Span};

/// An expression in which nothing is left to bind.
#[derive(Debug, Clone)]
pub struct Expanded<'a> {
    /// The PromQL to emit.
    pub text: String,
    /// Its tree. Spans are in the source when the text is the author's own, else in `text`.
    pub expr: Cow<'a, Expr>,
    /// Where the author wrote it.
    pub span: Span,
    pub(super) pieces: Vec<Piece>,
}

/// A piece of expanded text and where it came from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece {
    pub(super) start: u32,
    pub(super) source: Span,
}

impl<'a> Expanded<'a> {
    /// A tree whose places are in the source, and the text to emit for it.
    pub fn of_source(text: String, expr: Expr, span: Span) -> Expanded<'a> {
        Expanded { text, expr: Cow::Owned(expr), span, pieces: Vec::new() }
    }
}

impl Expanded<'_> {
    /// True when the tree's spans are places in the source.
    pub fn is_verbatim(&self) -> bool {
        self.pieces.is_empty()
    }

    /// The place in the source of a span of the tree.
    pub fn origin(&self, span: Span) -> Span {
        if self.is_verbatim() || span.file != FileId::NONE {
            return span;
        }
        let index = self.pieces.partition_point(|p| p.start <= span.start);
        let Some(piece) = index.checked_sub(1).and_then(|i| self.pieces.get(i)) else { return self.span };
        let offset = span.start - piece.start;
        let start = (piece.source.start + offset).min(piece.source.end);
        // A span that runs over several pieces ends with the first: the rest stands elsewhere.
        let end = match self.pieces.get(index) {
            Some(next) if span.end > next.start => self.origin_end(span.end, piece.source),
            _ => (start + (span.end - span.start)).min(piece.source.end),
        };
        Span { file: piece.source.file, start, end: end.max(start) }
    }

    fn origin_end(&self, end: u32, first: Span) -> u32 {
        let index = self.pieces.partition_point(|p| p.start < end);
        let last = index.checked_sub(1).and_then(|i| self.pieces.get(i));
        match last {
            Some(last) if last.source.file == first.file && last.source.start >= first.start => {
                (last.source.start + (end - last.start)).min(last.source.end)
            }
            _ => first.end,
        }
    }

    /// Moves a finding about the tree to the source, and says where the let was used if it lies in one.
    pub fn trace(&self, diagnostic: &mut Diagnostic) {
        if self.is_verbatim() {
            return;
        }
        // A repair of expanded text would be a repair of text that nobody wrote.
        diagnostic.fix = None;
        diagnostic.map_spans(&|span| self.origin(span));
        let at = diagnostic.primary.span;
        let inside = at.file == self.span.file && self.span.start <= at.start && at.end <= self.span.end;
        if !inside {
            diagnostic.secondary.push(Label { span: self.span, text: "used by this expression".to_string() });
        }
    }

    /// The text with insertions and replacements at places of the tree.
    pub fn edited(&self, sources: &Sources, edits: &[(Span, String)]) -> String {
        if edits.is_empty() {
            return self.text.clone();
        }
        let mut edits: Vec<_> = edits.iter().collect();
        edits.sort_by_key(|(span, _)| *span);
        if !self.is_verbatim() {
            let mut out = String::new();
            let mut at = 0;
            for (span, new) in edits {
                out.push_str(self.text.get(at..span.start as usize).unwrap_or(""));
                out.push_str(new);
                at = span.end as usize;
            }
            out.push_str(self.text.get(at..).unwrap_or(""));
            return out;
        }
        let text = sources.get(self.span.file).map_or("", |f| f.text());
        let from = column(text, self.span.start as usize);
        let mut writer = Writer::default();
        let mut at = self.span.start as usize;
        for (span, new) in edits {
            writer.push_lines(text.get(at..span.start as usize).unwrap_or(""), from, 0, &mut |_, _, _| {});
            writer.push(new);
            at = span.end as usize;
        }
        writer.push_lines(text.get(at..self.span.end as usize).unwrap_or(""), from, 0, &mut |_, _, _| {});
        writer.finish()
    }
}
