//! Numbers and durations.

use std::cell::Cell;

use nom::bytes::complete::take_while;
use nom::{IResult, Parser};

use super::TokenKind;
use crate::gostd::strconv::parse_float;
use crate::promql::duration::Duration;

/// A run of characters that starts as a number; whether it is one is judged on the whole run.
pub(super) fn number(input: &str) -> IResult<&str, TokenKind> {
    let hex = input.starts_with("0x") || input.starts_with("0X");
    let last = Cell::new('0');
    let (rest, text) = take_while(|c: char| {
        let exponent = !hex && matches!(last.replace(c), 'e' | 'E');
        c.is_ascii_alphanumeric() || c == '_' || c == '.' || exponent && matches!(c, '+' | '-')
    })
    .parse(input)?;
    if text == "." {
        return Err(nom::Err::Error(nom::error::Error::new(input, nom::error::ErrorKind::Digit)));
    }
    let kind = if number_value(text, TokenKind::Number).is_ok() {
        TokenKind::Number
    } else if is_duration(text) {
        TokenKind::Duration
    } else {
        TokenKind::BadNumber
    };
    Ok((rest, kind))
}

/// True for what looks as a duration, `5m` or `1h30m`, in whatever order.
fn is_duration(text: &str) -> bool {
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let unit = rest.bytes().skip(digits).take_while(u8::is_ascii_alphabetic).count();
        let known = matches!(&rest[digits..digits + unit], "ms" | "s" | "m" | "h" | "d" | "w" | "y");
        if digits == 0 || !known {
            return false;
        }
        rest = &rest[digits + unit..];
    }
    true
}

/// Why a number has no value, in words.
type NumberError = &'static str;

/// The value of a number or duration token; a duration's in seconds.
pub(in crate::promql) fn number_value(text: &str, kind: TokenKind) -> Result<f64, NumberError> {
    if kind == TokenKind::Duration {
        return match text.parse::<Duration>() {
            Ok(duration) => Ok(seconds(duration.millis())),
            Err(e) => Err(e.reason()),
        };
    }
    if let Some(n) = parse_int(text) {
        return Ok(n as f64);
    }
    // Prometheus' lexer has neither hexadecimal exponents nor the word `infinity`.
    if text.contains(['p', 'P']) || text.len() > 3 && text.starts_with(['i', 'I', 'n', 'N']) {
        return Err("not a number");
    }
    parse_float(text).map_err(|e| match e {
        crate::gostd::strconv::NumError::Range => "the number is too large",
        crate::gostd::strconv::NumError::Syntax => "not a number",
    })
}

/// Milliseconds as seconds, rounded once as Go's `Duration.Seconds` does.
fn seconds(ms: i64) -> f64 {
    (ms / 1000) as f64 + (ms % 1000 * 1_000_000) as f64 / 1e9
}

/// Go's `strconv.ParseInt(text, 0, 64)` for what the lexer lets through: decimal, `0x…`, and octal after a `0`.
fn parse_int(text: &str) -> Option<i64> {
    let (digits, radix) = match text.as_bytes() {
        [b'0', b'x' | b'X', ..] => (&text[2..], 16),
        [b'0', _, ..] => (&text[1..], 8),
        _ => (text, 10),
    };
    if !digits.contains('_') {
        return i64::from_str_radix(digits, radix).ok().filter(|_| !digits.starts_with(['+', '-']));
    }
    // An underscore stands between two digits, or behind the prefix.
    if digits.ends_with('_') || digits.contains("__") || radix == 10 && digits.starts_with('_') {
        return None;
    }
    i64::from_str_radix(&digits.replace('_', ""), radix).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_those_of_go() {
        let value = |t| number_value(t, TokenKind::Number).ok();
        assert_eq!(value("017"), Some(15.0));
        assert_eq!(value("08"), Some(8.0));
        assert_eq!(value("0x_1F"), Some(31.0));
        assert_eq!(value("1_000"), Some(1000.0));
        assert_eq!(value("5."), Some(5.0));
        assert_eq!(value(".5e-1"), Some(0.05));
        assert_eq!(value("1e400"), None);
        assert_eq!(value("1__0"), None);
        assert_eq!(number_value("1h30m", TokenKind::Duration), Ok(5400.0));
        assert_eq!(number_value("1ms", TokenKind::Duration), Ok(0.001));
        assert!(number_value("1m1h", TokenKind::Duration).is_err());
    }
}
