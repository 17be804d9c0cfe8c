//! From a character of a decoded scalar back to where it stands in the author's text.

use super::node::{Node, Scalar, Style, Value};
use crate::source::Span;

/// The span in the author's text of the bytes `start..end` of a scalar's decoded text; all of the node where that text
/// is not at hand.
pub fn source_span(text: &str, node: &Node, start: usize, end: usize) -> Span {
    if text.get(node.span.range()).is_none() {
        return node.span;
    }
    let from = source_offset(text, node, start);
    let to = if end > start { after(text, node, end) } else { from };
    Span::new(node.span.file, from, to.max(from))
}

/// Behind the character that ends at `end`: not past the quotes or line breaks that may follow it.
fn after(text: &str, node: &Node, end: usize) -> usize {
    let Some(scalar) = node.as_scalar() else { return node.span.end as usize };
    let last = scalar.text.get(..end).and_then(|t| t.chars().next_back()).map_or(0, char::len_utf8);
    let at = source_offset(text, node, end.saturating_sub(last));
    let next = source_offset(text, node, end);
    let written = text.get(at..).and_then(|t| t.chars().next()).map_or(0, char::len_utf8);
    // An escape is longer than what it stands for; a break may hide indentation behind it.
    if scalar.style == Style::Double && text[at..].starts_with('\\') { next } else { at + written }
}

/// The offset in the author's text of byte `offset` of a scalar's decoded text. The end of the text for an offset
/// past it, the start of the node for what is no scalar.
pub fn source_offset(text: &str, node: &Node, offset: usize) -> usize {
    let Value::Scalar(scalar) = &node.value else { return node.span.start as usize };
    let start = node.span.start as usize;
    let end = (node.span.end as usize).min(text.len());
    let raw = text.get(start..end).unwrap_or("");
    let offset = offset.min(scalar.text.len());
    match scalar.style {
        Style::Literal | Style::Folded => block(text, start, end, scalar, offset),
        Style::Plain => start + flow(raw, 0, raw.len(), offset, Style::Plain),
        Style::Single | Style::Double => {
            let inner_end = raw.len().saturating_sub(1).max(1.min(raw.len()));
            start + flow(raw, 1.min(raw.len()), inner_end, offset, scalar.style)
        }
    }
}

/// Walks a plain or quoted scalar and its decoded length side by side; the offset in `raw` of decoded byte `wanted`.
fn flow(raw: &str, from: usize, to: usize, wanted: usize, style: Style) -> usize {
    let (mut at, mut decoded) = (from, 0);
    while at < to && decoded < wanted {
        let rest = &raw[at..to];
        let (taken, made) = step(rest, style);
        if taken == 0 || decoded + made > wanted {
            break;
        }
        at += taken;
        decoded += made;
    }
    at
}

/// The source bytes of the next piece of a flow scalar, and how many decoded bytes it makes.
fn step(rest: &str, style: Style) -> (usize, usize) {
    let Some(c) = rest.chars().next() else { return (0, 0) };
    if matches!(c, ' ' | '\t' | '\n' | '\r') {
        let blank = rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
        let breaks = rest[..blank].matches('\n').count();
        return if breaks == 0 { (1, 1) } else { (blank, if breaks == 1 { 1 } else { breaks - 1 }) };
    }
    match (style, c) {
        (Style::Single, '\'') if rest.starts_with("''") => (2, 1),
        (Style::Double, '\\') => escape(rest),
        _ => (c.len_utf8(), c.len_utf8()),
    }
}

fn escape(rest: &str) -> (usize, usize) {
    let digits = match rest.as_bytes().get(1) {
        Some(b'x') => 2,
        Some(b'u') => 4,
        Some(b'U') => 8,
        Some(b'\n' | b'\r') => {
            let skipped = rest[1..].len() - rest[1..].trim_start_matches([' ', '\t', '\n', '\r']).len();
            return (1 + skipped, 0);
        }
        Some(b'N' | b'_') => return (2, 2),
        Some(b'L' | b'P') => return (2, 3),
        Some(_) => {
            let c = rest[1..].chars().next().map_or(0, char::len_utf8);
            return (1 + c, c);
        }
        None => return (1, 1),
    };
    let code = rest.get(2..2 + digits).and_then(|d| u32::from_str_radix(d, 16).ok()).and_then(char::from_u32);
    ((2 + digits).min(rest.len()), code.map_or(1, char::len_utf8))
}

/// Aligns the lines of a block scalar with the decoded text.
fn block(text: &str, start: usize, end: usize, scalar: &Scalar, wanted: usize) -> usize {
    let decoded = scalar.text.as_str();
    // The node starts at its first line that is not blank; blank ones before it are part of the text.
    let mut line = text[..start].rfind('\n').map_or(0, |i| i + 1);
    while line > 0 {
        let previous = text[..line - 1].rfind('\n').map_or(0, |i| i + 1);
        if !text[previous..line].trim().is_empty() {
            break;
        }
        line = previous;
    }
    let indent = indentation(text, start);
    let mut at = 0;
    while line < end {
        let full = text[line..].split('\n').next().unwrap_or("");
        let content = full.strip_suffix('\r').unwrap_or(full);
        let skipped = content.bytes().take(indent).take_while(|b| *b == b' ').count();
        let own = &content[skipped..];
        // In a folded block a break is a space, or nothing where blank lines follow.
        while !own.is_empty()
            && !decoded[at..].starts_with(own)
            && decoded[at..].starts_with([' ', '\n'])
            && at < wanted
        {
            at += 1;
        }
        if wanted <= at + own.len() && !(own.is_empty() && scalar.style == Style::Folded) {
            return line + skipped + wanted.saturating_sub(at).min(own.len());
        }
        at += own.len();
        if scalar.style == Style::Literal && decoded[at..].starts_with('\n') {
            at += 1;
        }
        line += full.len() + 1;
    }
    end
}

/// The indentation, in bytes, of the line on which a block scalar's text starts.
fn indentation(text: &str, start: usize) -> usize {
    let line = text[..start].rfind('\n').map_or(0, |i| i + 1);
    start - line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;
    use crate::yaml::read;

    /// Each decoded character that is no blank is found as itself in the source.
    fn aligned(text: &str) {
        let documents = read(FileId(0), text);
        let root = documents[0].root.clone().expect("a document");
        let node = root.as_mapping().and_then(|m| m.get("k")).expect("k");
        let decoded = node.as_text().expect("text");
        for (offset, c) in decoded.char_indices().filter(|(_, c)| !c.is_whitespace()) {
            let at = source_offset(text, node, offset);
            let found = text[at..].chars().next();
            assert!(
                found == Some(c) || text[at..].starts_with('\\'),
                "{c:?} at {offset} of {decoded:?}: {found:?}"
            );
        }
    }

    #[test]
    fn every_style_leads_back() {
        for text in [
            "k: sum(é) > 1\n",
            "k: a\n  b\n\n  c\n",
            "k: 'it''s\n  é'\n",
            "k: \"a\\tb\\u00e9c \\\n   d\n  e\\\"f\"\n",
            "k: |\n  a\n    b\n\n  c\n",
            "k: |-\n\n   a\n   é b\n",
            "k: |2\n    a\n  b\n",
            "k: >\n  a b\n  c\n\n  d\n    e\n  f\n",
            "k: >-\r\n  a b\r\n  c\r\n",
            "k: &x !!str \"ab\"\n",
        ] {
            aligned(text);
        }
    }

    #[test]
    fn spans_end_behind_the_last_character() {
        let text = "k: |\n  ab\n  cd\n";
        let root = read(FileId(0), text)[0].root.clone().expect("a document");
        let node = root.as_mapping().and_then(|m| m.get("k")).expect("k");
        assert_eq!(&text[source_span(text, node, 0, 2).range()], "ab");
        assert_eq!(&text[source_span(text, node, 3, 5).range()], "cd");
        assert!(source_span(text, node, 4, 4).is_empty());
    }
}
