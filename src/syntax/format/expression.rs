//! PromQL as the author laid it out: its lines keep their places relative to each other.

use crate::source::Span;
use crate::syntax::parser::quoted_length;

use super::lines::Anchor;
use super::writer::Writer;

/// A line of an expression.
struct Part<'t> {
    text: &'t str,
    /// Its column in the source.
    column: usize,
    /// It starts inside a string.
    raw: bool,
}

/// An operator in front of a line hangs out this far at most.
const MAX_HANG: usize = 4;

impl Writer<'_> {
    /// An expression behind something on its line.
    pub(super) fn promql(&mut self, span: Span) {
        let parts = parts(self.text, span);
        self.skip_comments(span.start, span.end);
        let Some((first, rest)) = parts.split_first() else { return };
        self.word(first.text);
        self.end = self.end.max(span.end as usize);
        let Some(left) = leftmost(rest) else {
            self.raw(rest);
            return;
        };
        // How far right of its column the first line stands, and what is taken from the columns of the others.
        let (hang, base, shift) = match first.column as isize - left as isize {
            outdent if outdent <= 0 => (0, first.column, 0),
            outdent if outdent as usize <= MAX_HANG => (outdent as usize, left, 0),
            // Pasted with less indentation than the keyword has.
            _ => (0, left, 2),
        };
        self.line.hang = hang;
        let within = if self.line.cells.len() > 1 { 0 } else { self.width_before(first.text) };
        for part in rest {
            let anchor = match part.raw {
                true => Anchor::Raw,
                false if self.line.cells.len() > 1 => Anchor::Cell(part.column.saturating_sub(base) + shift),
                false => Anchor::Indent(within + part.column.saturating_sub(base) + shift),
            };
            self.line.further.push((anchor, part.text.to_string()));
        }
    }

    /// An expression behind `=`, which the author may have put on lines of its own.
    pub(super) fn promql_below(&mut self, span: Span) {
        if !self.broken(self.end as u32, span.start) {
            self.promql(span);
            return;
        }
        let parts = parts(self.text, span);
        self.skip_comments(span.start, span.end);
        let left = leftmost(&parts).unwrap_or(0);
        for part in &parts {
            let anchor =
                if part.raw { Anchor::Raw } else { Anchor::Indent(part.column - left.min(part.column) + 2) };
            self.line.further.push((anchor, part.text.to_string()));
        }
        self.end = self.end.max(span.end as usize);
    }

    fn raw(&mut self, rest: &[Part<'_>]) {
        for part in rest {
            self.line.further.push((Anchor::Raw, part.text.to_string()));
        }
    }

    /// How far right of the indentation the text just added starts.
    fn width_before(&self, text: &str) -> usize {
        let line: usize = self.line.cells.iter().map(|c| c.chars().count()).sum();
        line.saturating_sub(text.chars().count())
    }
}

/// The lines of an expression, without white space around them; of several blank lines one.
fn parts(source: &str, span: Span) -> Vec<Part<'_>> {
    let text = source.get(span.range()).unwrap_or("");
    let raw = inside_strings(text);
    if !text.contains('\n') {
        return vec![Part { text, column: 0, raw: false }];
    }
    let line_start = source.get(..span.start as usize).and_then(|t| t.rfind('\n')).map_or(0, |n| n + 1);
    let mut parts: Vec<Part<'_>> = Vec::new();
    let mut offset = 0;
    for (i, line) in text.split('\n').enumerate() {
        let in_string = raw.binary_search(&offset).is_ok();
        let ends_in_string = raw.binary_search(&(offset + line.len() + 1)).is_ok();
        offset += line.len() + 1;
        let before = if i == 0 {
            source.get(line_start..span.start as usize).unwrap_or("")
        } else {
            line.get(..line.len() - line.trim_start().len()).unwrap_or("")
        };
        let text = match (in_string, ends_in_string) {
            (true, true) => line,
            (true, false) => line.trim_end(),
            (false, true) => line.trim_start(),
            (false, false) => line.trim(),
        };
        if text.is_empty() && !in_string && parts.last().is_some_and(|p| p.text.is_empty() && !p.raw) {
            continue;
        }
        parts.push(Part { text, column: columns(before), raw: in_string });
    }
    parts
}

/// The column behind `text`; tab stops are four columns apart.
fn columns(text: &str) -> usize {
    text.chars().fold(0, |column, c| if c == '\t' { (column / 4 + 1) * 4 } else { column + 1 })
}

/// The smallest column of lines that can be moved.
fn leftmost(parts: &[Part<'_>]) -> Option<usize> {
    parts.iter().filter(|p| !p.raw && !p.text.is_empty()).map(|p| p.column).min()
}

/// Offsets of line starts that lie inside strings.
fn inside_strings(text: &str) -> Vec<usize> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|r| !r.is_empty()) {
        let Some(next) = rest.find(['"', '\'', '`', '#']) else { break };
        at += next;
        let rest = text.get(at..).unwrap_or("");
        let length = if rest.starts_with('#') {
            rest.find('\n').unwrap_or(rest.len())
        } else {
            let length = quoted_length(rest);
            let inner = rest.get(..length).unwrap_or("");
            found.extend(inner.match_indices('\n').map(|(i, _)| at + i + 1));
            length
        };
        at += length.max(1);
    }
    found
}
