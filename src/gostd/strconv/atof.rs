//! Text to floats, as Go's `strconv.ParseFloat(s, 64)`.

use std::borrow::Cow;
use std::fmt;

/// Why a text is not a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumError {
    /// Not written as Go writes a number.
    Syntax,
    /// A number beyond the largest float.
    Range,
}

impl fmt::Display for NumError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NumError::Syntax => "invalid syntax",
            NumError::Range => "value out of range",
        })
    }
}

/// Go's `strconv.ParseFloat(s, 64)`: decimal and hexadecimal floats, `inf`, `infinity` and `nan` in any case.
///
/// Underscores may separate digits; a hexadecimal number must have a `p` exponent.
pub fn parse_float(s: &str) -> Result<f64, NumError> {
    let (negative, body) = match s.as_bytes().first() {
        Some(b'-') => (true, &s[1..]),
        Some(b'+') => (false, &s[1..]),
        _ => (false, s),
    };
    let signed = |v: f64| if negative { -v } else { v };
    if body.eq_ignore_ascii_case("inf") || body.eq_ignore_ascii_case("infinity") {
        return Ok(signed(f64::INFINITY));
    }
    if s.eq_ignore_ascii_case("nan") {
        return Ok(f64::NAN);
    }
    if let Some(hex) = body.strip_prefix("0x").or_else(|| body.strip_prefix("0X")) {
        return parse_hex(hex).map(signed);
    }
    let first = body.bytes().next().ok_or(NumError::Syntax)?;
    if !first.is_ascii_digit() && first != b'.' {
        return Err(NumError::Syntax);
    }
    let value: f64 = without_underscores(body, false)?.parse().map_err(|_| NumError::Syntax)?;
    if value.is_infinite() { Err(NumError::Range) } else { Ok(signed(value)) }
}

/// `hh.hhp±d`, rounded to the nearest float, ties to even.
fn parse_hex(text: &str) -> Result<f64, NumError> {
    let text = without_underscores(text, true)?;
    let (mantissa, exponent) = text.split_once(['p', 'P']).ok_or(NumError::Syntax)?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() {
        return Err(NumError::Syntax);
    }
    let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(NumError::Syntax);
    }
    let mut power: i64 =
        exponent.parse::<i64>().unwrap_or(if exponent.starts_with('-') { -1 << 40 } else { 1 << 40 });
    let (mut bits, mut sticky) = (0u64, false);
    for (i, c) in whole.chars().chain(fraction.chars()).enumerate() {
        let digit = c.to_digit(16).ok_or(NumError::Syntax)?;
        if bits >> 60 == 0 {
            bits = bits << 4 | u64::from(digit);
        } else {
            sticky |= digit != 0;
            power += 4;
        }
        if i >= whole.len() {
            power -= 4;
        }
    }
    if bits == 0 {
        return Ok(0.0);
    }
    let value = scale(bits, sticky, power);
    if value.is_infinite() { Err(NumError::Range) } else { Ok(value) }
}

/// `bits · 2^power`, rounded once.
fn scale(mut bits: u64, mut sticky: bool, mut power: i64) -> f64 {
    let shift = bits.leading_zeros();
    bits <<= shift;
    power -= i64::from(shift);
    // The lowest bit that the result keeps: 53 bits of mantissa, fewer below the normal range.
    let drop = 11.max(-1074 - power);
    if drop > 64 {
        return 0.0;
    }
    let (mut kept, half, rest) = if drop == 64 {
        (0, bits >> 63, bits << 1)
    } else {
        (bits >> drop, bits >> (drop - 1) & 1, bits & ((1 << (drop - 1)) - 1))
    };
    sticky |= rest != 0;
    if half == 1 && (sticky || kept & 1 == 1) {
        kept += 1;
    }
    let power = power + drop;
    if power > 1024 {
        return f64::INFINITY;
    }
    // Both factors are exact, and so is the product: `kept` was rounded to what fits.
    let low = power.max(-1000);
    (kept as f64) * 2f64.powi(low as i32) * 2f64.powi((power - low) as i32)
}

/// The text without its underscores, which may only stand between digits (Go's `underscoreOK`).
fn without_underscores(text: &str, hex: bool) -> Result<Cow<'_, str>, NumError> {
    if !text.contains('_') {
        return Ok(Cow::Borrowed(text));
    }
    let bytes = text.as_bytes();
    let is_digit = |b: &u8| if hex { b.is_ascii_hexdigit() } else { b.is_ascii_digit() };
    for (i, _) in bytes.iter().enumerate().filter(|(_, b)| **b == b'_') {
        // The prefix `0x`, already cut off, counts as a digit.
        let after_digit = if i == 0 { hex } else { bytes.get(i - 1).is_some_and(is_digit) };
        if !after_digit || !bytes.get(i + 1).is_some_and(is_digit) {
            return Err(NumError::Syntax);
        }
    }
    Ok(Cow::Owned(text.replace('_', "")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        for (text, want) in [
            ("1", Ok(1.0)),
            ("-.5", Ok(-0.5)),
            ("5.", Ok(5.0)),
            ("1e3", Ok(1000.0)),
            ("+Inf", Ok(f64::INFINITY)),
            ("-infinity", Ok(f64::NEG_INFINITY)),
            ("0x1p-2", Ok(0.25)),
            ("0x1.8p1", Ok(3.0)),
            ("1_000", Ok(1000.0)),
            ("1__0", Err(NumError::Syntax)),
            ("1_", Err(NumError::Syntax)),
            ("0x_1p4", Ok(16.0)),
            ("0x1p-1074", Ok(5e-324)),
            ("0x1p-1075", Ok(0.0)),
            ("0x1.8p-1075", Ok(5e-324)),
            ("0x1.fffffffffffffp1023", Ok(f64::MAX)),
            ("0x1p1024", Err(NumError::Range)),
            ("0x1p99999999999999999999", Err(NumError::Range)),
            ("1e400", Err(NumError::Range)),
            ("", Err(NumError::Syntax)),
            (" 1", Err(NumError::Syntax)),
            ("0x10", Err(NumError::Syntax)),
            ("+nan", Err(NumError::Syntax)),
            ("1e", Err(NumError::Syntax)),
            (".", Err(NumError::Syntax)),
            ("0xp1", Err(NumError::Syntax)),
            ("--1", Err(NumError::Syntax)),
        ] {
            assert_eq!(parse_float(text), want, "{text}");
        }
        assert!(parse_float("NaN").unwrap().is_nan());
    }
}
