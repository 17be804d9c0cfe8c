//! How `{value}` is printed: the template functions of Prometheus that fit a unit.

use super::decimal::Scale;
use super::unit::Unit;

/// What Prometheus' template does to a value of some unit to print it for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Humanizer {
    /// `humanizePercentage`: 0.85 is `85%`.
    Percentage,
    /// `humanizeDuration`: 90 is `1m 30s`.
    Duration,
    /// `humanizeTimestamp`: a date.
    Timestamp,
    /// `humanize1024` and a suffix: `3.4GiB`, `2MiB/s`.
    Binary(&'static str),
    /// `humanize` and a suffix: `12.3k`, `1.2kW`.
    Metric(&'static str),
    /// Four significant digits and a suffix, for units that no humanizer knows: `85%` of a value in percent, `250ms`.
    Digits(String),
    /// Two decimals and a suffix: `0.17/s`, where `humanize` would print `166.7m/s`.
    Decimals(String),
}

impl Humanizer {
    /// The humanizer of a unit; of an unknown one, `humanize`.
    pub fn of(unit: Option<&Unit>) -> Humanizer {
        let Some(unit) = unit else { return Humanizer::Metric("") };
        let base = unit.scale() == Scale::ONE;
        if unit.is_timestamp() {
            return Humanizer::Timestamp;
        }
        if unit.is_ratio() {
            return Humanizer::Percentage;
        }
        if unit.is_count() {
            return Humanizer::Metric("");
        }
        if unit.is_time() && base {
            return Humanizer::Duration;
        }
        if unit.is_data() && base {
            return Humanizer::Binary("B");
        }
        if unit.is_data_rate() && base {
            return Humanizer::Binary("B/s");
        }
        if unit.is_temperature() && base {
            return Humanizer::Digits("°C".to_string());
        }
        for (word, suffix) in [
            ("watts", "W"),
            ("joules", "J"),
            ("volts", "V"),
            ("amperes", "A"),
            ("grams", "g"),
            ("meters", "m"),
        ] {
            if Unit::known_word(word).as_ref() == Some(unit) {
                return Humanizer::Metric(suffix);
            }
        }
        match unit.symbol() {
            Some(symbol) if symbol.starts_with('/') => Humanizer::Decimals(symbol),
            Some(symbol) => Humanizer::Digits(symbol),
            None => Humanizer::Metric(""),
        }
    }

    /// The Go template that prints `value` (`$value`, `.Value`, …).
    pub fn template(&self, value: &str) -> String {
        match self {
            Humanizer::Percentage => format!("{{{{ {value} | humanizePercentage }}}}"),
            Humanizer::Duration => format!("{{{{ {value} | humanizeDuration }}}}"),
            Humanizer::Timestamp => format!("{{{{ {value} | humanizeTimestamp }}}}"),
            Humanizer::Binary(suffix) => format!("{{{{ {value} | humanize1024 }}}}{suffix}"),
            Humanizer::Metric(suffix) => format!("{{{{ {value} | humanize }}}}{suffix}"),
            Humanizer::Digits(suffix) => format!("{{{{ {value} | printf \"%.4g\" }}}}{suffix}"),
            Humanizer::Decimals(suffix) => format!("{{{{ {value} | printf \"%.2f\" }}}}{suffix}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_unit_has_its_humanizer() {
        let of = |s: &str| Humanizer::of(Unit::from_suffix(s).as_ref()).template("$value");
        assert_eq!(
            Humanizer::of(Some(&Unit::ratio())).template("$value"),
            "{{ $value | humanizePercentage }}"
        );
        assert_eq!(of("%"), "{{ $value | printf \"%.4g\" }}%");
        assert_eq!(of("s"), "{{ $value | humanizeDuration }}");
        assert_eq!(of("ms"), "{{ $value | printf \"%.4g\" }}ms");
        assert_eq!(of("B"), "{{ $value | humanize1024 }}B");
        assert_eq!(of("B/s"), "{{ $value | humanize1024 }}B/s");
        assert_eq!(of("/s"), "{{ $value | printf \"%.2f\" }}/s");
        assert_eq!(of("pods"), "{{ $value | humanize }}");
        assert_eq!(of("watts"), "{{ $value | humanize }}W");
        assert_eq!(Humanizer::of(None).template("$value"), "{{ $value | humanize }}");
    }
}
