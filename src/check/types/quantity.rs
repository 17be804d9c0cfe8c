//! Quantities as people write them (`80%`, `500ms`, `2GiB`, `10/s`, `1h30m`) and their conversion to a signal's unit.

use std::fmt;

use super::decimal::{Constant, Decimal, Scale};
use super::unit::Unit;

/// A number with or without a unit. Without one it adopts the unit of what it is compared with.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantity {
    text: String,
    value: Decimal,
    unit: Option<Unit>,
}

/// Why a text is no quantity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QuantityError {
    /// Not a decimal number of at most 24 digits.
    Number(String),
    /// No unit people would agree on (`10k`, `5/x`).
    Suffix(String),
}

impl fmt::Display for QuantityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            QuantityError::Number(text) => write!(f, "`{text}` is not a decimal number of at most 24 digits"),
            QuantityError::Suffix(text) => write!(f, "`{text}` is not a unit"),
        }
    }
}

/// Why a quantity has no value in a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConversionError {
    /// Seconds are no bytes.
    Dimension {
        /// The quantity's own unit.
        quantity: Unit,
        /// The unit that was asked for.
        signal: Unit,
    },
    /// A share of a count: `connections > 80%`.
    ShareOfCount {
        /// The unit that was asked for.
        signal: Unit,
    },
    /// More digits than 128 bits hold.
    TooLarge,
}

impl Quantity {
    /// Parses a whole quantity; a sign may stand before it, nothing may stand between number and unit.
    ///
    /// # Errors
    /// Says which part is wrong.
    pub fn parse(text: &str) -> Result<Quantity, QuantityError> {
        let split = number_length(text);
        let (number, suffix) = text.split_at(split);
        let compound = suffix.bytes().any(|b| b.is_ascii_digit());
        if let Some(quantity) = compound.then(|| compound_duration(text)).flatten() {
            return Ok(quantity);
        }
        Quantity::new(number, suffix)
    }

    /// A number and its unit, as a parser has told them apart; an empty unit is none.
    ///
    /// # Errors
    /// Says which part is wrong.
    pub fn new(number: &str, suffix: &str) -> Result<Quantity, QuantityError> {
        let value = Decimal::parse(number).ok_or_else(|| QuantityError::Number(number.to_string()))?;
        let unit = match suffix {
            "" => None,
            _ => Some(Unit::from_suffix(suffix).ok_or_else(|| QuantityError::Suffix(suffix.to_string()))?),
        };
        Ok(Quantity { text: format!("{number}{suffix}"), value, unit })
    }

    /// The quantity as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its own unit; none for a bare number.
    pub fn unit(&self) -> Option<&Unit> {
        self.unit.as_ref()
    }

    /// The value in base units (seconds, bytes, a ratio of 1).
    pub fn base_value(&self) -> Option<Constant> {
        self.value.times(self.unit.as_ref().map_or(Scale::ONE, Unit::scale))
    }

    /// The number that a signal of this unit is compared with. A bare number is taken as it is; when the signal's
    /// unit is unknown, the base unit is meant.
    ///
    /// # Errors
    /// The two measure different things.
    pub fn in_unit(&self, signal: Option<&Unit>) -> Result<Constant, ConversionError> {
        let Some(own) = &self.unit else { return Ok(self.value.into()) };
        let Some(signal) = signal else { return self.base_value().ok_or(ConversionError::TooLarge) };
        if own.is_percent() && signal.is_count() {
            return Err(ConversionError::ShareOfCount { signal: signal.clone() });
        }
        if !own.same_dimension(signal) {
            return Err(ConversionError::Dimension { quantity: own.clone(), signal: signal.clone() });
        }
        let factor = own.scale().over(signal.scale()).ok_or(ConversionError::TooLarge)?;
        self.value.times(factor).ok_or(ConversionError::TooLarge)
    }

    /// For a person: as it was written, and a bare number with the unit it adopts (`0.9` of a ratio is `90%`,
    /// `1048576` bytes are `1MiB`).
    pub fn human(&self, signal: Option<&Unit>) -> String {
        let (None, Some(unit)) = (&self.unit, signal) else { return self.text.clone() };
        let shown = |scale: Scale, symbol: &str| {
            self.value.times(unit.scale()).filter(|c| !c.is_quotient())?;
            let constant = self.value.times(unit.scale().over(scale)?)?;
            (!constant.is_quotient()).then(|| format!("{constant}{symbol}"))
        };
        if unit.is_ratio() {
            return shown(Scale::new(1, 100), "%").unwrap_or_else(|| self.text.clone());
        }
        if unit.is_data() && unit.scale() == Scale::ONE {
            let best = [("TiB", 1u64 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)]
                .into_iter()
                .find(|(_, size)| self.value.to_f64().abs() >= *size as f64);
            if let Some(text) =
                best.and_then(|(s, size)| shown(Scale::new(size, 1), s).filter(|t| t.len() < 9))
            {
                return text;
            }
        }
        match unit.symbol() {
            Some(symbol) => format!("{}{symbol}", self.text),
            None => self.text.clone(),
        }
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The length of the number that starts the text. An `e` counts only with an exponent behind it.
fn number_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    while matches!(bytes.get(at), Some(b'0'..=b'9' | b'.' | b'_')) {
        at += 1;
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        let digits = bytes.iter().skip(at + 1 + sign).take_while(|b| b.is_ascii_digit()).count();
        if digits > 0 {
            at += 1 + sign + digits;
        }
    }
    at
}

/// `1h30m`: durations of falling size, as Prometheus writes them.
fn compound_duration(text: &str) -> Option<Quantity> {
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let mut total = Decimal::parse("0")?;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, tail) = rest.split_at(digits);
        let letters = tail.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (suffix, tail) = tail.split_at(letters);
        let unit = Unit::from_suffix(suffix).filter(Unit::is_time)?;
        let part = Decimal::parse(&format!("{negative}{number}"))?.times(unit.scale())?;
        total = total.plus(Decimal::parse(&part.to_string())?)?;
        rest = tail;
    }
    Some(Quantity { text: text.to_string(), value: total, unit: Some(Unit::seconds()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::needless_pass_by_value, reason = "cases read better")]
    fn convert(text: &str, unit: Option<Unit>) -> String {
        match Quantity::parse(text) {
            Ok(q) => match q.in_unit(unit.as_ref()) {
                Ok(c) => c.to_string(),
                Err(e) => format!("{e:?}").split([' ', '{']).next().unwrap().to_string(),
            },
            Err(e) => e.to_string(),
        }
    }

    #[test]
    fn thresholds_take_the_unit_of_their_signal() {
        let unit = |s: &str| Unit::from_suffix(s);
        assert_eq!(convert("1s", unit("ms")), "1000");
        assert_eq!(convert("500ms", unit("s")), "0.5");
        assert_eq!(convert("500ms", None), "0.5");
        assert_eq!(convert("0.1%", Some(Unit::ratio())), "0.001");
        assert_eq!(convert("80%", unit("%")), "80");
        assert_eq!(convert("2GiB", Some(Unit::bytes())), "2147483648");
        assert_eq!(convert("10/m", unit("/s")), "10 / 60");
        assert_eq!(convert("12/m", unit("requests/s")), "0.2");
        assert_eq!(convert("30m", Some(Unit::seconds())), "1800");
        assert_eq!(convert("1h30m", Some(Unit::seconds())), "5400");
        assert_eq!(convert("100Mbit/s", unit("B/s")), "12500000");
        assert_eq!(convert("0.90", Some(Unit::bytes())), "0.9");
        assert_eq!(convert("5items", Some(Unit::count())), "5");
        assert_eq!(convert("2cores", Some(Unit::ratio())), "2");
    }

    #[test]
    fn what_measures_something_else_is_refused() {
        assert_eq!(convert("80%", Some(Unit::count_of("connections"))), "ShareOfCount");
        assert_eq!(convert("1s", Some(Unit::bytes())), "Dimension");
        assert_eq!(convert("30m", Some(Unit::timestamp())), "Dimension");
        assert_eq!(convert("10/s", Some(Unit::count())), "Dimension");
        assert_eq!(convert("10k", None), "`k` is not a unit");
        assert_eq!(convert("x", None), "`` is not a decimal number of at most 24 digits");
        assert_eq!(convert("999999999999999999999999999s", None).split(' ').nth(1), Some("is"));
    }

    #[test]
    fn bare_numbers_show_the_unit_they_adopt() {
        let human = |text: &str, unit: Unit| Quantity::parse(text).unwrap().human(Some(&unit));
        assert_eq!(human("0.9", Unit::ratio()), "90%");
        assert_eq!(human("80%", Unit::ratio()), "80%");
        assert_eq!(human("1", Unit::seconds()), "1s");
        assert_eq!(human("2147483648", Unit::bytes()), "2GiB");
        assert_eq!(human("1000001", Unit::bytes()), "1000001B");
        assert_eq!(human("10", Unit::count_of("items")), "10");
    }
}
