//! Durations as Prometheus writes them: `5m`, `1h30m`, `1d` (github.com/prometheus/common/model/time.go).
//!
//! (Go's own `time.Duration` text, `1h30m0s`, is in [`super::time`].)

use std::fmt;

/// The units in the only order they may stand in, with their milliseconds.
const UNITS: [(&str, u64); 7] = [
    ("y", 365 * 24 * 3_600_000),
    ("w", 7 * 24 * 3_600_000),
    ("d", 24 * 3_600_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1_000),
    ("ms", 1),
];

/// The longest duration: 2^63 - 1 nanoseconds, in milliseconds.
const MAX_MS: u64 = i64::MAX as u64 / 1_000_000;

/// Why a text is no duration. Prints as Prometheus says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DurationError {
    /// Nothing was written.
    Empty,
    /// Not digits and units, largest unit first, each at most once.
    Syntax(String),
    /// Beyond 292 years.
    OutOfRange,
}

impl DurationError {
    /// What is wrong, without the text.
    pub fn reason(&self) -> &'static str {
        match self {
            DurationError::Empty => "empty duration",
            DurationError::Syntax(_) => "units go from large to small, each at most once: y w d h m s ms",
            DurationError::OutOfRange => "durations end at 292 years",
        }
    }
}

impl fmt::Display for DurationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DurationError::Empty => f.write_str("empty duration string"),
            DurationError::Syntax(text) => {
                write!(f, "not a valid duration string: {}", super::strconv::quote(text))
            }
            DurationError::OutOfRange => f.write_str("duration out of range"),
        }
    }
}

impl std::error::Error for DurationError {}

/// Milliseconds of a text such as `1h30m` or `0` (Prometheus common model.ParseDuration).
pub fn parse_duration(text: &str) -> Result<i64, DurationError> {
    if text.is_empty() {
        return Err(DurationError::Empty);
    }
    if text == "0" {
        return Ok(0);
    }
    let syntax = || DurationError::Syntax(text.to_string());
    let mut units = UNITS.iter();
    let (mut rest, mut total, mut too_large) = (text, 0_u64, false);
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let letters = rest.bytes().skip(digits).take_while(u8::is_ascii_alphabetic).count();
        let (number, unit) = (&rest[..digits], &rest[digits..digits + letters]);
        let (_, ms) = units.by_ref().find(|(name, _)| *name == unit).ok_or_else(syntax)?;
        if digits == 0 {
            return Err(syntax());
        }
        match number.parse::<u64>().ok().and_then(|n| n.checked_mul(*ms)).and_then(|n| n.checked_add(total)) {
            Some(sum) if sum <= MAX_MS => total = sum,
            _ => too_large = true,
        }
        rest = &rest[digits + letters..];
    }
    if too_large { Err(DurationError::OutOfRange) } else { Ok(total as i64) }
}

/// Milliseconds as Prometheus prints a duration: `1h30m`, `90m` never; years and weeks only when they divide it.
///
/// 0 is `0s`. A negative duration gets a sign, which Prometheus leaves to the caller.
pub fn format_duration(ms: i64) -> String {
    if ms == 0 {
        return "0s".to_string();
    }
    let mut out = String::from(if ms < 0 { "-" } else { "" });
    let mut rest = ms.unsigned_abs();
    for (unit, size) in UNITS {
        let exact_only = matches!(unit, "y" | "w");
        if (rest.is_multiple_of(size) || !exact_only) && rest >= size {
            out.push_str(&format!("{}{unit}", rest / size));
            rest %= size;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_prints_as_prometheus() {
        for (text, ms, printed) in [
            ("1h30m", 5_400_000, "1h30m"),
            ("90m", 5_400_000, "1h30m"),
            ("7d", 604_800_000, "1w"),
            ("8d", 691_200_000, "8d"),
            ("1y", 31_536_000_000, "1y"),
            ("1500ms", 1500, "1s500ms"),
            ("0", 0, "0s"),
            ("0s", 0, "0s"),
        ] {
            assert_eq!(parse_duration(text), Ok(ms), "{text}");
            assert_eq!(format_duration(ms), printed);
        }
        for bad in ["", "5", "1m1h", "1s1s", "m", "-1m", "1.5m", "1m30", "5min"] {
            assert!(parse_duration(bad).is_err(), "{bad}");
        }
        assert_eq!(parse_duration("300y"), Err(DurationError::OutOfRange));
        assert_eq!(parse_duration("99999999999999999999s"), Err(DurationError::OutOfRange));
    }
}
