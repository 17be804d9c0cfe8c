//! Strings: where one ends, and its text with the place each byte of it came from.
//!
//! The three quotes and the escapes are PromQL's (Prometheus util/strutil/quote.go Unquote, which is Go's).

use crate::diagnostic::{Diagnostic, codes};
use crate::source::{FileId, Span};

use super::ast::{Quote, Text};

/// What a string token turned out to be.
pub(super) struct Scanned {
    /// The string; of a broken one what could be read.
    pub text: Text,
    /// What is wrong with it.
    pub problems: Vec<Diagnostic>,
}

/// Reads the string that starts at `start`, which holds a quote. Linear in what it consumes, but for a backtick
/// that is never closed, which looks through to the end of the text.
pub(super) fn scan(file: FileId, source: &str, start: usize) -> Option<Scanned> {
    let quote = match source.as_bytes().get(start)? {
        b'"' => Quote::Double,
        b'\'' => Quote::Single,
        b'`' => return Some(backtick(file, source, start)),
        _ => return None,
    };
    Some(quoted(file, source, start, quote))
}

fn quoted(file: FileId, source: &str, start: usize, quote: Quote) -> Scanned {
    let mark = if quote == Quote::Double { b'"' } else { b'\'' };
    let bytes = source.as_bytes();
    let mut at = start + 1;
    let mut escaped = false;
    let closed = loop {
        match bytes.get(at) {
            None | Some(b'\n') => break false,
            Some(b) if *b == mark => break true,
            Some(b'\\') if bytes.get(at + 1).is_some_and(|b| *b != b'\n') => {
                escaped = true;
                at += 2;
            }
            Some(_) => at += 1,
        }
    };
    let mut problems = Vec::new();
    if !closed {
        at = give_back_closers(source, start + 1, at);
        let mark = char::from(mark);
        problems.push(
            Diagnostic::new(
                &codes::syntax::UNTERMINATED_STRING,
                Span::new(file, start, at),
                "this string is not closed",
            )
            .label(format!("expected `{mark}` before the end of the line"))
            .fix(format!("close the string with `{mark}`"), Span::new(file, at, at), mark),
        );
    }
    let content = source.get(start + 1..at).unwrap_or("");
    let span = Span::new(file, start, if closed { at + 1 } else { at });
    let mut text = Text { value: String::new(), quote, span, map: Vec::new() };
    if escaped {
        text.map.push((0, start as u32 + 1));
        unescape(file, content, start + 1, &mut text, &mut problems);
    } else {
        text.value = content.to_string();
    }
    Scanned { text, problems }
}

/// The end of an unclosed string: what closes brackets opened before the string is not its text.
fn give_back_closers(source: &str, start: usize, end: usize) -> usize {
    let Some(line) = source.get(start..end) else { return end };
    let mut kept = line.trim_end().len();
    loop {
        let text = line[..kept].trim_end();
        let (open, close) = match text.as_bytes().last() {
            Some(b'}') => ('{', '}'),
            Some(b')') => ('(', ')'),
            Some(b']') => ('[', ']'),
            _ => return start + text.len(),
        };
        if text.matches(close).count() <= text.matches(open).count() {
            return start + text.len();
        }
        kept = text.len() - 1;
    }
}

fn unescape(file: FileId, content: &str, base: usize, text: &mut Text, problems: &mut Vec<Diagnostic>) {
    let mut bytes: Vec<u8> = Vec::with_capacity(content.len());
    let mut rest = content;
    while let Some(plain) = rest.find('\\') {
        bytes.extend_from_slice(&rest.as_bytes()[..plain]);
        rest = &rest[plain..];
        let at = base + content.len() - rest.len();
        match escape(rest, text.quote) {
            Ok((length, decoded)) => {
                text.map.push((bytes.len() as u32, at as u32));
                match decoded {
                    Decoded::Char(c) => bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
                    Decoded::Byte(b) => bytes.push(b),
                }
                rest = &rest[length..];
                text.map.push((bytes.len() as u32, (at + length) as u32));
            }
            Err((length, expected)) => {
                problems.push(
                    Diagnostic::new(
                        &codes::syntax::INVALID_ESCAPE,
                        Span::new(file, at, at + length),
                        format!("`{}` is not an escape", &rest[..length]),
                    )
                    .label(expected)
                    .fix(
                        "write the backslash itself",
                        Span::new(file, at, at + 1),
                        "\\\\",
                    ),
                );
                bytes.push(b'\\');
                rest = &rest[1..];
            }
        }
    }
    bytes.extend_from_slice(rest.as_bytes());
    text.value = String::from_utf8(bytes).unwrap_or_else(|error| {
        let span = Span::new(file, base, base + content.len());
        problems.push(
            Diagnostic::new(&codes::syntax::INVALID_ESCAPE, span, "the escapes in this string are not UTF-8")
                .label("`\\x` and octal escapes give single bytes")
                .help("write the character itself, or `\\u` and its four hexadecimal digits"),
        );
        text.map.truncate(1);
        String::from_utf8_lossy(error.as_bytes()).into_owned()
    });
}

enum Decoded {
    Char(char),
    Byte(u8),
}

/// The escape at the start of `rest`: its length and what it stands for, or the length of what is wrong and what
/// was expected.
fn escape(rest: &str, quote: Quote) -> Result<(usize, Decoded), (usize, &'static str)> {
    let Some(kind) = rest[1..].chars().next() else { return Err((1, "expected an escape")) };
    let simple = match kind {
        'a' => '\u{7}',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        '\\' => '\\',
        '"' if quote == Quote::Double => '"',
        '\'' if quote == Quote::Single => '\'',
        'x' => return digits(rest, 2, 2, 16),
        'u' => return digits(rest, 2, 4, 16),
        'U' => return digits(rest, 2, 8, 16),
        '0'..='7' => return digits(rest, 1, 3, 8),
        _ => {
            return Err((
                1 + kind.len_utf8(),
                "expected one of \\n \\t \\r \\\\ \\x \\u, or the string's own quote",
            ));
        }
    };
    Ok((2, Decoded::Char(simple)))
}

fn digits(
    rest: &str,
    skip: usize,
    count: usize,
    radix: u32,
) -> Result<(usize, Decoded), (usize, &'static str)> {
    let expected = match (radix, count) {
        (8, _) => "expected three octal digits up to \\377",
        (_, 2) => "expected two hexadecimal digits",
        (_, 4) => "expected four hexadecimal digits of a character",
        _ => "expected eight hexadecimal digits of a character",
    };
    let found = rest[skip..].bytes().take(count).take_while(|b| char::from(*b).is_digit(radix)).count();
    let length = skip + found;
    if found < count {
        return Err((length, expected));
    }
    let number = u32::from_str_radix(&rest[skip..length], radix).map_err(|_| (length, expected))?;
    let decoded = if count <= 3 {
        u8::try_from(number).ok().map(Decoded::Byte)
    } else {
        char::from_u32(number).map(Decoded::Char)
    };
    decoded.map(|d| (length, d)).ok_or((length, expected))
}

fn backtick(file: FileId, source: &str, start: usize) -> Scanned {
    let after = &source[start + 1..];
    match after.find('`') {
        Some(length) => {
            let span = Span::new(file, start, start + length + 2);
            Scanned { text: dedent(&after[..length], start + 1, span), problems: Vec::new() }
        }
        None => {
            let line = after.split('\n').next().unwrap_or("");
            let end = give_back_closers(source, start + 1, start + 1 + line.len());
            let problem = Diagnostic::new(
                &codes::syntax::UNTERMINATED_STRING,
                Span::new(file, start, start + 1),
                "this string is not closed",
            )
            .label("no other backtick follows in this file")
            .fix("close the string with a backtick", Span::new(file, end, end), "`");
            let text = Text {
                value: source[start + 1..end].to_string(),
                quote: Quote::Backtick,
                span: Span::new(file, start, end),
                map: vec![(0, start as u32 + 1)],
            };
            Scanned { text, problems: vec![problem] }
        }
    }
}

/// A backtick string of several lines loses an empty first line, the indentation that its other lines have in
/// common, and a last line of white space.
fn dedent(content: &str, base: usize, span: Span) -> Text {
    let mut text = Text { value: String::new(), quote: Quote::Backtick, span, map: vec![(0, base as u32)] };
    if !content.contains('\n') {
        text.value = content.to_string();
        return text;
    }
    let lines: Vec<&str> = content.split('\n').collect();
    let blank = |line: &str| line.chars().all(|c| matches!(c, ' ' | '\t' | '\r'));
    let indent = |line: &&str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let last = lines.len() - 1;
    // The closing quote's own indentation counts too: text can be set deeper than it.
    let common = lines
        .iter()
        .enumerate()
        .skip(1)
        .filter(|(i, l)| !blank(l) || *i == last)
        .map(|(_, l)| indent(l))
        .min()
        .unwrap_or(0);
    let mut at = base;
    let mut first = true;
    for (i, line) in lines.iter().enumerate() {
        let dropped = (i == 0 || i == last) && blank(line);
        if !dropped {
            if !first {
                text.value.push('\n');
            }
            let cut = if i == 0 { 0 } else { common.min(indent(line)) };
            let decoded = text.value.len() as u32;
            if text.map.last().is_some_and(|(d, _)| *d == decoded) {
                text.map.pop();
            }
            text.map.push((decoded, (at + cut) as u32));
            text.value.push_str(&line[cut..]);
            first = false;
        }
        at += line.len() + 1;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(source: &str) -> (String, Vec<String>) {
        let scanned = scan(FileId::NONE, source, 0).expect("starts with a quote");
        let value = &scanned.text.value;
        let mut problems: Vec<String> = scanned.problems.iter().map(|d| d.message.clone()).collect();
        // Every plain character points at itself in the source.
        for (i, c) in value.char_indices().filter(|(_, c)| c.is_ascii_alphanumeric()) {
            let from = scanned.text.source(i..i + c.len_utf8()).range();
            if !source[from.clone()].contains(c) && !source[from].starts_with('\\') {
                problems.push(format!("{c} at {i} maps elsewhere"));
            }
        }
        (value.clone(), problems)
    }

    #[test]
    fn escapes_are_those_of_go() {
        assert_eq!(read(r#""a\n\x41\u00e9\101\"b" x"#), ("a\nA\u{e9}A\"b".to_string(), vec![]));
        assert_eq!(read(r"'it\'s'").0, "it's");
        assert_eq!(read(r#""\d+" "#), (r"\d+".to_string(), vec!["`\\d` is not an escape".to_string()]));
        assert_eq!(read(r#""\xff""#).1, ["the escapes in this string are not UTF-8"]);
        assert_eq!(read(r#""\xc3\xa9""#), ("é".to_string(), vec![]));
    }

    #[test]
    fn an_unclosed_string_ends_with_its_line_and_leaves_the_brackets() {
        assert_eq!(read("\"shop}\n  x\"").0, "shop");
        assert_eq!(read("\"Pod {pod}\nx").0, "Pod {pod}");
        assert_eq!(read("\"a\\").0, "a\\");
        assert_eq!(read("`a } }\nb").0, "a");
    }

    #[test]
    fn backtick_strings_lose_their_indentation() {
        assert_eq!(read("`one\\n`").0, "one\\n");
        assert_eq!(read("`\n    one\n      two\n\n    three\n    `").0, "one\n  two\n\nthree");
        assert_eq!(read("`one\n  two\n  three`").0, "one\ntwo\nthree");
        assert_eq!(read("`\n    deep\n  `").0, "  deep");
    }
}
