//! Strings of the language: decoded text, where each byte of it came from, and the pieces that interpolate.

use std::ops::Range;

use crate::source::Span;

/// Which quotes a string stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quote {
    /// `"…"`
    Double,
    /// `'…'`
    Single,
    /// `` `…` ``: no escapes, no interpolation, may span lines and loses their common indentation.
    Backtick,
}

/// A string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// The text itself: escapes decoded, common indentation removed.
    pub value: String,
    /// Its quotes.
    pub quote: Quote,
    /// Where, quotes included.
    pub span: Span,
    /// Where decoded text came from: (offset in `value`, offset in the file), ascending. Between two entries both
    /// advance byte by byte. The first entry is `(0, …)`.
    /// Empty for a text without escapes, which is copied from behind its opening quote.
    pub(in crate::syntax) map: Vec<(u32, u32)>,
}

/// What a piece of a string is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartKind {
    /// Plain text.
    Literal,
    /// `{word}`: a label, or `value`, `threshold`, `alertname`, `severity`. The part's text is the word.
    Interpolation,
    /// `$word` or `${word}`: a parameter where parameters can stand, else plain text. The part's text is the word.
    Param,
    /// `{{ … }}`: a Go template, braces included.
    Template,
}

/// A piece of a string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part<'a> {
    /// What it is.
    pub kind: PartKind,
    /// The decoded text, or the word alone.
    pub text: &'a str,
    /// Where the whole piece stands in [`Text::value`].
    pub range: Range<usize>,
    /// Where the whole piece stands in the file.
    pub span: Span,
}

impl Text {
    /// A text that stands nowhere as it is, such as a link put together from two; all of it is traced to `span`.
    pub fn plain(value: String, quote: Quote, span: Span) -> Text {
        Text { value, quote, span, map: vec![(0, span.start)] }
    }

    /// The place in the file of a range of [`Text::value`].
    pub fn source(&self, range: Range<usize>) -> Span {
        let start = self.source_offset(range.start);
        let end = self.source_offset(range.end).max(start);
        Span { file: self.span.file, start, end }
    }

    fn source_offset(&self, offset: usize) -> u32 {
        let offset = offset as u32;
        let index = self.map.partition_point(|(decoded, _)| *decoded <= offset);
        match index.checked_sub(1).and_then(|i| self.map.get(i)) {
            Some((decoded, source)) => (source + (offset - decoded)).min(self.span.end),
            // Without entries the text stands as it is behind the opening quote.
            None => (self.span.start + 1 + offset).min(self.span.end),
        }
    }

    /// The string's pieces in order; together their ranges cover [`Text::value`].
    ///
    /// A backtick string has literal and template pieces only.
    pub fn parts(&self) -> Vec<Part<'_>> {
        let mut parts = Vec::new();
        let mut plain = 0;
        let mut at = 0;
        while let Some(rest) = self.value.get(at..).filter(|r| !r.is_empty()) {
            let Some(skip) = rest.find(['{', '$']) else { break };
            at += skip;
            let rest = &rest[skip..];
            let found = if rest.starts_with("{{") {
                template_length(rest).map(|n| (PartKind::Template, 0..n, n))
            } else if self.quote == Quote::Backtick {
                None
            } else if let Some(inner) = rest.strip_prefix('{').filter(|_| !self.is_escaped(at)) {
                braced_word(inner).map(|n| (PartKind::Interpolation, 1..1 + n, n + 2))
            } else if let Some(inner) = rest.strip_prefix("${") {
                braced_word(inner).map(|n| (PartKind::Param, 2..2 + n, n + 3))
            } else {
                rest.strip_prefix('$')
                    .map(word_length)
                    .filter(|n| *n > 0)
                    .map(|n| (PartKind::Param, 1..1 + n, n + 1))
            };
            let Some((kind, word, length)) = found else {
                at += if rest.starts_with("{{") { 2 } else { 1 };
                continue;
            };
            if plain < at {
                parts.push(self.part(PartKind::Literal, plain..at, plain..at));
            }
            parts.push(self.part(kind, at + word.start..at + word.end, at..at + length));
            at += length;
            plain = at;
        }
        if plain < self.value.len() {
            parts.push(self.part(PartKind::Literal, plain..self.value.len(), plain..self.value.len()));
        }
        parts
    }

    /// True when the character at `offset` is written as an escape.
    fn is_escaped(&self, offset: usize) -> bool {
        let behind = self.map.partition_point(|(decoded, _)| *decoded as usize <= offset);
        match self.map.get(behind.saturating_sub(1)..) {
            Some([(here, from), (next, to), ..]) => {
                *here as usize == offset && *next as usize == offset + 1 && to - from > 1
            }
            _ => false,
        }
    }

    fn part(&self, kind: PartKind, text: Range<usize>, range: Range<usize>) -> Part<'_> {
        let span = self.source(range.clone());
        Part { kind, text: &self.value[text], range, span }
    }
}

/// Length of the word at the start of `text`, 0 if there is none.
fn word_length(text: &str) -> usize {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return 0;
    }
    text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(text.len())
}

/// Length of the word at the start of `text` if a `}` follows it.
fn braced_word(text: &str) -> Option<usize> {
    let length = word_length(text);
    (length > 0 && text[length..].starts_with('}')).then_some(length)
}

/// Length of the template action at the start of `text`, strings and comments inside it skipped as Go's
/// text/template lexer does; `None` if it does not end.
fn template_length(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    if let Some(comment) = text.strip_prefix("{{/*").or_else(|| text.strip_prefix("{{- /*")) {
        let end = comment.find("*/")?;
        let close = comment[end..].find("}}")?;
        return Some(text.len() - comment.len() + end + close + 2);
    }
    let mut at = 2;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'}' if bytes.get(at + 1) == Some(&b'}') => return Some(at + 2),
            quote @ (b'"' | b'\'' | b'`') => {
                at += 1;
                while let Some(inner) = bytes.get(at).filter(|b| *b != quote) {
                    at += if *inner == b'\\' && *quote != b'`' { 2 } else { 1 };
                }
            }
            _ => {}
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    fn parts(value: &str, quote: Quote) -> Vec<(PartKind, &str)> {
        let text = Text {
            value: value.to_string(),
            quote,
            span: Span::new(FileId::NONE, 0, value.len() + 2),
            map: vec![(0, 1)],
        };
        let covered: usize = text.parts().iter().map(|p| p.range.len()).sum();
        assert_eq!(covered, value.len());
        text.parts().iter().map(|p| (p.kind, &value[p.range.clone()])).collect()
    }

    #[test]
    fn interpolations_are_words_in_braces() {
        use PartKind::{Interpolation, Literal, Param, Template};
        assert_eq!(
            parts("{pool} is {value}: {a b} {} {", Quote::Double),
            [
                (Interpolation, "{pool}"),
                (Literal, " is "),
                (Interpolation, "{value}"),
                (Literal, ": {a b} {} {")
            ]
        );
        assert_eq!(
            parts("$a-${b}$", Quote::Double),
            [(Param, "$a"), (Literal, "-"), (Param, "${b}"), (Literal, "$")]
        );
        assert_eq!(
            parts("{{ $labels.pod | printf \"}}\" }}{x}", Quote::Double),
            [(Template, "{{ $labels.pod | printf \"}}\" }}"), (Interpolation, "{x}")]
        );
        assert_eq!(parts("{x} {{ $y }}", Quote::Backtick), [(Literal, "{x} "), (Template, "{{ $y }}")]);
        assert_eq!(parts("{{ open {x}", Quote::Double), [(Literal, "{{ open "), (Interpolation, "{x}")]);
    }
}
