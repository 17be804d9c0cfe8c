//! Quoted strings: Go's `strconv.Quote`, and `strconv.Unquote` as Prometheus widens it.

use std::fmt;
use std::sync::LazyLock;

use regex::Regex;

/// Why a quoted text cannot be read, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnquoteError {
    /// The offset in bytes of what is wrong, from the opening quote.
    pub offset: usize,
    /// What is wrong, as a short phrase.
    pub reason: &'static str,
}

impl fmt::Display for UnquoteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reason)
    }
}

/// Go's `strconv.IsPrint`: letters, marks, numbers, punctuation, symbols and the ASCII space.
pub fn is_print(c: char) -> bool {
    static PRINTABLE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"^[\p{L}\p{M}\p{N}\p{P}\p{S}]$").expect("a valid pattern"));
    if c.is_ascii() {
        return (' '..='~').contains(&c);
    }
    PRINTABLE.is_match(c.encode_utf8(&mut [0; 4]))
}

/// Go's `strconv.Quote`: in double quotes, with escapes for what does not print.
pub fn quote(s: &str) -> String {
    quoted(s, '"', is_print)
}

/// Go's `strconv.QuoteToASCII`: as [`quote`], with escapes for all that is not ASCII.
pub fn quote_to_ascii(s: &str) -> String {
    quoted(s, '"', |c| c.is_ascii() && is_print(c))
}

/// Go's `strconv.QuoteRune`: a character in single quotes.
pub fn quote_rune(c: char) -> String {
    quoted(c.encode_utf8(&mut [0; 4]), '\'', is_print)
}

fn quoted(s: &str, delimiter: char, plain: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(s.len() + 2);
    out.push(delimiter);
    for c in s.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            c if c == delimiter => out.extend(['\\', c]),
            c if plain(c) => out.push(c),
            '\x07' => out.push_str("\\a"),
            '\x08' => out.push_str("\\b"),
            '\x0c' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\x0b' => out.push_str("\\v"),
            c => {
                let code = u32::from(c);
                out.push_str(&match code {
                    0..0x20 | 0x7f => format!("\\x{code:02x}"),
                    0..0x1_0000 => format!("\\u{code:04x}"),
                    _ => format!("\\U{code:08x}"),
                });
            }
        }
    }
    out.push(delimiter);
    out
}

/// The text of a quoted string: `"…"` and `'…'` with Go's escapes, `` `…` `` as it stands.
///
/// Single quotes may hold any number of characters (Prometheus util/strutil/quote.go `Unquote`); a quote of the
/// other kind may not be escaped. An escape like `\xff` that does not end up as UTF-8 is an error here, since our
/// strings are text.
pub fn unquote(s: &str) -> Result<String, UnquoteError> {
    let error = |offset, reason| UnquoteError { offset, reason };
    let delimiter = s.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'));
    let delimiter = delimiter.ok_or_else(|| error(0, "a string starts with a quote"))?;
    let body = s[1..].strip_suffix(delimiter).ok_or_else(|| error(s.len(), "the string is not closed"))?;
    if delimiter == '`' {
        return match body.find('`') {
            Some(at) => Err(error(at + 1, "a raw string cannot hold a backquote")),
            None => Ok(body.to_string()),
        };
    }
    if let Some(at) = body.find('\n') {
        return Err(error(at + 1, "a quoted string ends on its line"));
    }
    if !body.contains(['\\', delimiter]) {
        return Ok(body.to_string());
    }
    let mut out = Vec::with_capacity(body.len());
    let mut at = 0;
    while at < body.len() {
        let (c, width) = unquote_char(&body[at..], delimiter).map_err(|reason| error(at + 1, reason))?;
        match c {
            Unquoted::Byte(b) => out.push(b),
            Unquoted::Char(c) => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
        at += width;
    }
    String::from_utf8(out).map_err(|_| error(0, "the escapes of the string do not give valid UTF-8"))
}

/// One character of a quoted text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unquoted {
    /// From `\x` and octal escapes: a byte, which need not be UTF-8 by itself.
    Byte(u8),
    /// Anything else.
    Char(char),
}

/// The first character of a text inside quotes, and its width in bytes (Go's `strconv.UnquoteChar`).
pub fn unquote_char(s: &str, delimiter: char) -> Result<(Unquoted, usize), &'static str> {
    let mut chars = s.chars();
    let first = chars.next().ok_or("nothing between the quotes")?;
    if first == delimiter {
        return Err("this quote must be escaped");
    }
    if first != '\\' {
        return Ok((Unquoted::Char(first), first.len_utf8()));
    }
    let escape = chars.next().ok_or("a backslash at the end")?;
    let hex = |digits: usize| {
        let text = s.get(2..2 + digits).filter(|t| t.bytes().all(|b| b.is_ascii_hexdigit()));
        let text = text.ok_or("too few hexadecimal digits in the escape")?;
        Ok::<_, &'static str>((u32::from_str_radix(text, 16).unwrap_or(u32::MAX), 2 + digits))
    };
    let simple = |c| Ok((Unquoted::Char(c), 2));
    match escape {
        'a' => simple('\x07'),
        'b' => simple('\x08'),
        'f' => simple('\x0c'),
        'n' => simple('\n'),
        'r' => simple('\r'),
        't' => simple('\t'),
        'v' => simple('\x0b'),
        '\\' => simple('\\'),
        '"' | '\'' if escape == delimiter => simple(escape),
        '"' | '\'' => Err("a quote of the other kind needs no backslash"),
        'x' => hex(2).map(|(code, width)| (Unquoted::Byte(code as u8), width)),
        'u' | 'U' => {
            let (code, width) = hex(if escape == 'u' { 4 } else { 8 })?;
            let c = char::from_u32(code).ok_or("no such Unicode character")?;
            Ok((Unquoted::Char(c), width))
        }
        '0'..='7' => {
            let text = s.get(1..4).filter(|t| t.bytes().all(|b| (b'0'..=b'7').contains(&b)));
            let code = u32::from_str_radix(text.ok_or("an octal escape has three digits")?, 8).unwrap_or(256);
            Ok((Unquoted::Byte(u8::try_from(code).map_err(|_| "an octal escape goes to \\377")?), 4))
        }
        _ => Err("unknown escape"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn quoting() {
        assert_eq!(
            quote("a\"b\\\n\t\u{1}é\u{a0}\u{200b}\u{7f}😀\u{e0001}"),
            r#""a\"b\\\n\t\x01é\u00a0\u200b\x7f😀\U000e0001""#
        );
        assert_eq!(quote_to_ascii("é😀"), r#""\u00e9\U0001f600""#);
        assert_eq!(quote_rune('\''), r"'\''");
    }

    #[test]
    fn unquoting() {
        for (text, want) in [
            (r#""a\tb\x41\u00e9\101""#, Ok("a\tbAéA")),
            (r#""\xc3\xa9""#, Ok("é")),
            (r"'it\'s'", Ok("it's")),
            (r#"'say "x"'"#, Ok("say \"x\"")),
            (r"`\d+`", Ok(r"\d+")),
            (r#""\d""#, Err(1)),
            (r#""ab\'""#, Err(3)),
            (r#""a"b""#, Err(2)),
            ("\"a\nb\"", Err(2)),
            (r#""\xff""#, Err(0)),
            (r#""\400""#, Err(1)),
            (r#""a"#, Err(2)),
            ("\"", Err(1)),
            ("", Err(0)),
            ("x", Err(0)),
        ] {
            assert_eq!(unquote(text).map_err(|e| e.offset), want.map(str::to_string), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_quoted_reads_back(s in any::<String>()) {
            prop_assert_eq!(unquote(&quote(&s)).unwrap(), s.clone());
            prop_assert_eq!(unquote(&quote_to_ascii(&s)).unwrap(), s);
        }
    }
}
