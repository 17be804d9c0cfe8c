//! Quantities as written, and what their text says without knowing any unit.

use crate::promql::duration::Duration;
use crate::source::Span;

/// A number and its unit, as written: `80%`, `500ms`, `2GiB`, `10/s`, `-3`, `1h30m`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quantity {
    /// The number, with its sign: `-3`, `2.5`, `1e6`, `0x10`, `Inf`. Of `1h30m` it is `1`.
    pub number: String,
    /// What follows the number without a space: `%`, `ms`, `GiB`, `/s`, `B/s`; `h30m` of `1h30m`; empty if nothing.
    pub unit: String,
    /// Where, number and unit.
    pub span: Span,
}

impl Quantity {
    /// The number, without regard to its unit. Parsed quantities always have one.
    pub fn number(&self) -> Option<f64> {
        number_value(&self.number)
    }

    /// The duration in milliseconds if this is one as Prometheus writes it (`5m`, `1h30m`, a bare `0`).
    ///
    /// Prometheus model/time.go ParseDuration: units descend from `y` to `ms`, each at most once, whole numbers.
    pub fn duration_ms(&self) -> Option<i64> {
        duration_ms(&self.number, &self.unit)
    }

    /// Where the unit is written; empty, behind the number, if there is none.
    pub fn unit_span(&self) -> Span {
        Span { start: self.span.end - self.unit.len() as u32, ..self.span }
    }
}

/// The value of a number's text: decimal, hexadecimal, `Inf` or `NaN`, signed.
fn number_value(text: &str) -> Option<f64> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let magnitude = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        Some(hex) => u64::from_str_radix(hex, 16).ok()? as f64,
        None => digits.parse::<f64>().ok()?,
    };
    Some(if negative { -magnitude } else { magnitude })
}

/// Milliseconds of `number` and `unit` taken together; a sign may stand before them.
fn duration_ms(number: &str, unit: &str) -> Option<i64> {
    let (sign, number) = number.strip_prefix('-').map_or((1, number), |rest| (-1, rest));
    format!("{number}{unit}").parse::<Duration>().ok().map(|d| sign * d.millis())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_those_of_prometheus() {
        assert_eq!(duration_ms("5", "m"), Some(300_000));
        assert_eq!(duration_ms("1", "h30m"), Some(5_400_000));
        assert_eq!(duration_ms("-1", "m30s500ms"), Some(-90_500));
        assert_eq!(duration_ms("0", ""), Some(0));
        assert_eq!(duration_ms("5", ""), None);
        assert_eq!(duration_ms("1.5", "h"), None);
        assert_eq!(duration_ms("1", "m1h"), None, "descending");
        assert_eq!(duration_ms("1", "m1m"), None, "each once");
        assert_eq!(duration_ms("5", "GiB"), None);
        assert_eq!(duration_ms("9223372036854775807", "y"), None);
    }

    #[test]
    fn numbers_are_those_of_promql() {
        assert_eq!(number_value("-2.5"), Some(-2.5));
        assert_eq!(number_value("+1e3"), Some(1000.0));
        assert_eq!(number_value("0x10"), Some(16.0));
        assert_eq!(number_value("Inf"), Some(f64::INFINITY));
        assert_eq!(number_value(""), None);
    }
}
