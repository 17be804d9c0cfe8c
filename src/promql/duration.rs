//! Prometheus' durations: `5m`, `1d12h`, `30s`.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// A span of time in whole milliseconds, written as Prometheus writes it (prometheus/common model/time.go).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Duration(i64);

/// Why a text is no duration. Prints in Prometheus' words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DurationError {
    /// Nothing was written.
    Empty,
    /// Not digits and units, largest unit first, each at most once.
    Syntax(String),
    /// A unit that Prometheus does not have, and the whole text.
    UnknownUnit(String, String),
    /// Beyond 292 years.
    OutOfRange,
}

impl DurationError {
    /// What is wrong, without the text.
    pub fn reason(&self) -> &'static str {
        match self {
            DurationError::Empty => "empty duration",
            DurationError::Syntax(_) | DurationError::UnknownUnit(..) => {
                "units go from large to small, each at most once: y w d h m s ms"
            }
            DurationError::OutOfRange => "durations end at 292 years",
        }
    }
}

impl fmt::Display for DurationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DurationError::Empty => f.write_str("empty duration string"),
            DurationError::Syntax(text) => write!(f, "not a valid duration string: {text:?}"),
            DurationError::UnknownUnit(unit, text) => {
                write!(f, "unknown unit {unit:?} in duration {text:?}")
            }
            DurationError::OutOfRange => f.write_str("duration out of range"),
        }
    }
}

impl std::error::Error for DurationError {}

/// Units from the largest, which is their order in a text, with their milliseconds.
const UNITS: [(&str, i64); 7] = [
    ("y", 365 * 86_400_000),
    ("w", 7 * 86_400_000),
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1_000),
    ("ms", 1),
];

/// The longest that Go's 64-bit nanoseconds hold.
const MAX_MILLIS: i64 = i64::MAX / 1_000_000;

impl Duration {
    /// So many milliseconds.
    pub const fn from_millis(millis: i64) -> Duration {
        Duration(millis)
    }

    /// Its length in milliseconds.
    pub const fn millis(self) -> i64 {
        self.0
    }
}

impl FromStr for Duration {
    type Err = DurationError;

    /// As `model.ParseDuration`: units from large to small, each once, whole numbers, and `0` alone.
    fn from_str(text: &str) -> Result<Duration, DurationError> {
        match text {
            "" => return Err(DurationError::Empty),
            "0" => return Ok(Duration(0)),
            _ => {}
        }
        let invalid = || DurationError::Syntax(text.to_string());
        let too_long = || DurationError::OutOfRange;
        let (mut rest, mut next_unit, mut total) = (text, 0, 0i64);
        while !rest.is_empty() {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let (number, after) = rest.split_at(digits);
            let width = after.bytes().take_while(|b| !b.is_ascii_digit()).count();
            if digits == 0 || width == 0 {
                return Err(invalid());
            }
            // Digits alone: only their number can be wrong.
            let value: i64 = number.parse().map_err(|_| too_long())?;
            let (unit, after) = after.split_at(width);
            let Some(at) = UNITS.iter().position(|(name, _)| *name == unit) else {
                return Err(DurationError::UnknownUnit(unit.to_string(), text.to_string()));
            };
            if at < next_unit {
                return Err(invalid());
            }
            next_unit = at + 1;
            total = value.checked_mul(UNITS[at].1).and_then(|v| total.checked_add(v)).ok_or_else(too_long)?;
            if total > MAX_MILLIS {
                return Err(too_long());
            }
            rest = after;
        }
        Ok(Duration(total))
    }
}

impl fmt::Display for Duration {
    /// Weeks and years only when they leave no rest: `90m` is `1h30m`, `7d` is `1w`, `8d` stays.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("0s");
        }
        if self.0 < 0 {
            f.write_str("-")?;
        }
        let mut rest = self.0.unsigned_abs();
        for (unit, millis) in UNITS {
            let millis = millis.unsigned_abs();
            let exact_only = matches!(unit, "y" | "w");
            if rest >= millis && (!exact_only || rest.is_multiple_of(millis)) {
                write!(f, "{}{unit}", rest / millis)?;
                rest %= millis;
            }
        }
        Ok(())
    }
}

impl Serialize for Duration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_writes_as_prometheus_does() {
        for (text, millis, written) in [
            ("0", 0, "0s"),
            ("5m", 300_000, "5m"),
            ("90m", 5_400_000, "1h30m"),
            ("1d12h", 129_600_000, "1d12h"),
            ("7d", 604_800_000, "1w"),
            ("8d", 691_200_000, "8d"),
            ("1500ms", 1_500, "1s500ms"),
            ("365d", 31_536_000_000, "1y"),
        ] {
            let duration: Duration = text.parse().expect(text);
            assert_eq!((duration.millis(), duration.to_string().as_str()), (millis, written), "{text}");
            assert_eq!(written.parse(), Ok(duration));
        }
    }

    #[test]
    fn refuses_in_prometheus_words() {
        for (text, message) in [
            ("", "empty duration string"),
            ("5", "not a valid duration string: \"5\""),
            ("-5s", "not a valid duration string: \"-5s\""),
            ("5x", "unknown unit \"x\" in duration \"5x\""),
            ("1.5m", "unknown unit \".\" in duration \"1.5m\""),
            ("5m1h", "not a valid duration string: \"5m1h\""),
            ("5m5m", "not a valid duration string: \"5m5m\""),
            ("300y", "duration out of range"),
            ("99999999999999999999s", "duration out of range"),
        ] {
            assert_eq!(
                text.parse::<Duration>().map_err(|e| e.to_string()),
                Err(message.to_string()),
                "{text}"
            );
        }
    }
}
