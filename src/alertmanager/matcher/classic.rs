//! The classic parser (pkg/labels/parse.go): forgiving about values, strict about names.

use super::{Matcher, MatcherError, Op};

/// Any number of matchers, separated by commas outside quotes; one `{` before and one `}` behind are taken off.
pub(super) fn parse(text: &str) -> Result<Vec<Matcher>, MatcherError> {
    let start = usize::from(text.starts_with('{'));
    let inner = &text[start..];
    let inner = inner.strip_suffix('}').unwrap_or(inner);
    let mut matchers = Vec::new();
    let (mut quoted, mut escaped, mut token) = (false, false, 0);
    for (at, c) in inner.char_indices() {
        match c {
            ',' if !quoted => {
                matchers.push(one(&inner[token..at], start + token)?);
                token = at + 1;
            }
            '"' if escaped => escaped = false,
            '"' => quoted = !quoted,
            '\\' => escaped = !escaped,
            ',' => {}
            _ => escaped = false,
        }
    }
    let last = &inner[token..];
    if !last.trim().is_empty() {
        let indent = last.len() - last.trim_start().len();
        matchers.push(one(last.trim(), start + token + indent)?);
    }
    Ok(matchers)
}

/// One matcher, which stands at `offset` of the whole text.
fn one(text: &str, offset: usize) -> Result<Matcher, MatcherError> {
    let error = |message: String| MatcherError { message, start: offset, end: offset + text.len() };
    // Go's `\s`, which is narrower than Unicode's white space.
    let blank = |c: char| matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0C');
    let rest = text.trim_start_matches(blank);
    let width = rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b':')).count();
    let (name, rest) = rest.split_at(width);
    let rest = rest.trim_start_matches(blank);
    let op = [("=~", Op::Match), ("!~", Op::NotMatch), ("!=", Op::NotEqual), ("=", Op::Equal)]
        .into_iter()
        .find(|(word, _)| rest.starts_with(word));
    let (Some((word, op)), false) = (op, name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()))
    else {
        return Err(error(format!("bad matcher format: {text}")));
    };
    let raw = rest[word.len()..].trim_matches(blank);
    let value = unescape(raw)
        .ok_or_else(|| error(format!("matcher value contains unescaped double quote: {raw}")))?;
    Matcher::new(name, op, value).map_err(|e| error(e.to_string()))
}

/// The value, with `\\`, `\"` and `\n` resolved and other backslashes kept; none for a quote in the wrong place.
fn unescape(raw: &str) -> Option<String> {
    let (body, mut closing) = match raw.strip_prefix('"') {
        Some(body) => (body, true),
        None => (raw, false),
    };
    let mut value = String::with_capacity(body.len());
    let mut escaped = false;
    for (at, c) in body.char_indices() {
        let last = at + 1 >= body.len();
        match (escaped, c) {
            (true, 'n') => value.push('\n'),
            (true, '"' | '\\') => value.push(c),
            (true, _) => value.extend(['\\', c]),
            (false, '\\') if !last => {
                escaped = true;
                continue;
            }
            (false, '"') if closing && last => closing = false,
            (false, '"') => return None,
            (false, _) => value.push(c),
        }
        escaped = false;
    }
    (!closing).then_some(value)
}
