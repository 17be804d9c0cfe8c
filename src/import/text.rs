//! Names and texts as alert sources write them, and templates as `{label}` and `{value}` where that is the same.

use std::borrow::Cow;

use crate::gostd::strconv::quote;

/// A name: bare where the language reads it so.
pub(super) fn name(name: &str) -> String {
    let part = |p: &str| {
        p.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && p.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    if name.split(['.', '-']).all(part) { name.to_string() } else { quote(name) }
}

/// A metric's name: bare where PromQL reads it so.
pub(super) fn metric(name: &str) -> String {
    let bare = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || c == ':')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == ':');
    if bare { name.to_string() } else { quote(name) }
}

/// True for a word of the language: letters, digits and `_`.
pub(super) fn is_word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// A label's name.
pub(super) fn label(name: &str) -> String {
    if is_word(name) { name.to_string() } else { quote(name) }
}

/// How a template may be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Idiom<'i> {
    /// `{{ $labels.x }}` as `{x}`, unless the rule sets the label.
    pub(super) labels: bool,
    /// `{{ $value | humanize… }}` as `{value}`.
    pub(super) value: bool,
    /// Labels that the rule sets itself: their `{x}` is something else.
    pub(super) own: &'i [&'i str],
}

impl Idiom<'_> {
    /// Templates as they are.
    pub(super) const NONE: Idiom<'static> = Idiom { labels: false, value: false, own: &[] };
}

/// A text on one line, in double quotes.
pub(super) fn quoted(text: &str, idiom: Idiom<'_>) -> String {
    let mut out = String::from("\"");
    for (piece, kind) in pieces(text) {
        match kind {
            Piece::Template => match interpolation(piece, idiom) {
                Some(word) => out.push_str(&format!("{{{word}}}")),
                None => out.push_str(inner(&quote(piece))),
            },
            Piece::Plain => out.push_str(&without_interpolation(inner(&quote(piece)))),
        }
    }
    out.push('"');
    out
}

/// A text on several lines, in backticks, its lines at `indent`; none for one that backticks can't hold.
pub(super) fn block(text: &str, indent: usize) -> Option<String> {
    let plain = |c: char| c == '\n' || c == '\t' || !c.is_control();
    let lines = text.trim_end_matches('\n').matches('\n').count();
    let invisible = ['\u{a0}', '\u{200b}', '\u{feff}', '\u{2028}', '\u{2029}'];
    let short = lines < 4 && text.len() < 240;
    if lines == 0 || short || text.contains('`') || text.contains(invisible) || !text.chars().all(plain) {
        return None;
    }
    let margin = " ".repeat(indent);
    let mut out = String::from("`\n");
    for line in text.split('\n') {
        if !line.is_empty() {
            out.push_str(&margin);
            out.push_str(line);
        }
        out.push('\n');
    }
    out.push_str(&margin);
    out.push('`');
    Some(out)
}

/// What stands between the quotes.
fn inner(quoted: &str) -> &str {
    quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or("")
}

/// `{word}` in plain text would be a label: its brace is written as an escape.
fn without_interpolation(text: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let inside = &from[1..];
        let word = inside.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(inside.len());
        let braced = word > 0 && inside[word..].starts_with('}');
        out.push_str(if braced { "\\x7b" } else { "{" });
        rest = inside;
    }
    if out.is_empty() {
        return Cow::Borrowed(text);
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// What a piece of a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    Plain,
    Template,
}

/// Plain text and templates, in order.
fn pieces(text: &str) -> Vec<(&str, Piece)> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("{{") {
        let Some(length) = action_length(&rest[at..]) else { break };
        if at > 0 {
            out.push((&rest[..at], Piece::Plain));
        }
        out.push((&rest[at..at + length], Piece::Template));
        rest = &rest[at + length..];
    }
    if !rest.is_empty() {
        out.push((rest, Piece::Plain));
    }
    out
}

/// The length of the action at the start of `text`, quotes inside it skipped.
fn action_length(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    if text.starts_with("{{/*") || text.starts_with("{{- /*") {
        let end = text.find("*/")?;
        return Some(end + text[end..].find("}}")? + 2);
    }
    let mut at = 2;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'}' if bytes.get(at + 1) == Some(&b'}') => return Some(at + 2),
            q @ (b'"' | b'`' | b'\'') => {
                at += 1;
                while let Some(c) = bytes.get(at).filter(|c| *c != q) {
                    at += if *c == b'\\' && *q != b'`' { 2 } else { 1 };
                }
            }
            _ => {}
        }
        at += 1;
    }
    None
}

/// The word that says what a template says.
fn interpolation<'t>(template: &'t str, idiom: Idiom<'_>) -> Option<&'t str> {
    let action = template.get(2..template.len().saturating_sub(2)).unwrap_or("").trim();
    if idiom.labels
        && let Some(word) = action.strip_prefix("$labels.")
    {
        let taken =
            ["value", "threshold", "alertname", "severity"].contains(&word) || idiom.own.contains(&word);
        return (is_word(word) && !taken).then_some(word);
    }
    let value = action.strip_prefix("$value").map(str::trim_start).and_then(|r| r.strip_prefix('|'));
    let known = ["humanize", "humanizePercentage", "humanizeDuration", "humanizeTimestamp"];
    let is_value = idiom.value && value.is_some_and(|f| known.contains(&f.trim()));
    is_value.then_some("value")
}

/// True for texts that expand to the same: equal but for the spaces inside the braces of plain actions.
pub(super) fn same_template(a: &str, b: &str) -> bool {
    a == b || (a.contains("{{") && normal(a) == normal(b))
}

fn normal(text: &str) -> String {
    let mut out = String::new();
    for (piece, kind) in pieces(text) {
        let action = piece.get(2..piece.len().saturating_sub(2)).unwrap_or("");
        let simple = kind == Piece::Template
            && action.trim().starts_with('$')
            && action.chars().all(|c| c.is_ascii_alphanumeric() || " \t|$._".contains(c));
        if simple {
            let words: Vec<&str> = action.split('|').map(str::trim).collect();
            out.push_str(&format!("{{{{{}}}}}", words.join("|")));
        } else {
            out.push_str(piece);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_keep_what_they_say() {
        let all = Idiom { labels: true, value: true, own: &["team"] };
        assert_eq!(
            quoted("{{$labels.pod}} of {{ $labels.team }} {x}", all),
            r#""{pod} of {{ $labels.team }} \x7bx}""#
        );
        assert_eq!(quoted("{{ $value | humanize }} \"a\"\n", all), r#""{value} \"a\"\n""#);
        assert_eq!(quoted("{{ printf \"%.2f\" $value }}", all), r#""{{ printf \"%.2f\" $value }}""#);
        assert_eq!(block("a\n b\n\nc\nd\n", 2).as_deref(), Some("`\n  a\n   b\n\n  c\n  d\n\n  `"));
        assert_eq!(block("short\ntext", 2), None);
        assert_eq!(block("a\n", 2), None);
        assert!(same_template("{{$value|humanize}}x", "{{ $value | humanize }}x"));
        assert!(!same_template("{{- $value }}", "{{ $value }}"));
    }
}
