//! Number and character literals, as Go reads them.

use super::ast::Number;
use crate::gostd::strconv::{self, Unquoted, quote};

/// A number or character literal (Go's `newNumber`).
pub fn number(text: &str) -> Result<Number, String> {
    let mut number = Number { text: text.into(), int: None, uint: None, float: None };
    if let Some(body) = text.strip_prefix('\'') {
        let malformed = || format!("malformed character constant: {text}");
        let (c, width) = strconv::unquote_char(body, '\'').map_err(|_| "invalid syntax".to_string())?;
        if &body[width..] != "'" {
            return Err(malformed());
        }
        let code = match c {
            Unquoted::Byte(b) => u32::from(b),
            Unquoted::Char(c) => u32::from(c),
        };
        number.int = Some(i64::from(code));
        number.uint = Some(u64::from(code));
        number.float = Some(f64::from(code));
        return Ok(number);
    }
    if text.ends_with('i') && !text.starts_with("0x") {
        return Err(format!("complex numbers are not supported: {}", quote(text)));
    }
    number.int = parse_int(text);
    number.uint = text.strip_prefix('+').is_none().then(|| parse_uint(text)).flatten();
    if number.int == Some(0) {
        number.uint = Some(0);
    }
    match (number.int, number.uint) {
        (Some(i), _) => number.float = Some(i as f64),
        (None, Some(u)) => number.float = Some(u as f64),
        (None, None) => {
            let Ok(f) = strconv::parse_float(text) else {
                return Err(format!("illegal number syntax: {}", quote(text)));
            };
            if !text.contains(['.', 'e', 'E', 'p', 'P']) {
                return Err(format!("integer overflow: {}", quote(text)));
            }
            number.float = Some(f);
            if f.fract() == 0.0 && f.abs() < 9.2e18 {
                number.int = Some(f as i64);
                number.uint = (f >= 0.0).then_some(f as u64);
            }
        }
    }
    Ok(number)
}

/// Go's `strconv.ParseInt(text, 0, 64)`.
fn parse_int(text: &str) -> Option<i64> {
    let (negative, body) = match text.strip_prefix('-') {
        Some(body) => (true, body),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let magnitude = i128::from(parse_uint(body)?);
    i64::try_from(if negative { -magnitude } else { magnitude }).ok()
}

/// Go's `strconv.ParseUint(text, 0, 64)`: base prefixes, a leading 0 for octal, underscores between digits.
fn parse_uint(text: &str) -> Option<u64> {
    let lower = text.to_ascii_lowercase();
    let (digits, radix, prefixed) = match lower.as_bytes() {
        [b'0', b'x', ..] => (&lower[2..], 16, true),
        [b'0', b'b', ..] => (&lower[2..], 2, true),
        [b'0', b'o', ..] => (&lower[2..], 8, true),
        [b'0', _, ..] => (&lower[1..], 8, true),
        _ => (&lower[..], 10, false),
    };
    let bad_underscore =
        digits.contains("__") || digits.ends_with('_') || (digits.starts_with('_') && !prefixed);
    let digits = digits.replace('_', "");
    if bad_underscore || digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return None;
    }
    u64::from_str_radix(&digits, radix).ok()
}
