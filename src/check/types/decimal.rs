//! Exact arithmetic on the numbers people write: `0.1%` is `0.001`, never `0.0010000000000000002`.

use std::cmp::Ordering;
use std::fmt;

/// Digits a written number may have, and the largest power of ten in it: enough for every unit, and no more than
/// 128 bits hold.
const MAX_DIGITS: u32 = 24;

/// A positive fraction in lowest terms: how many base units one unit is (a millisecond is 1/1000).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Scale {
    num: u64,
    den: u64,
}

impl Scale {
    /// The base unit itself.
    pub const ONE: Scale = Scale { num: 1, den: 1 };

    /// `num/den`; zeroes count as one.
    pub const fn new(num: u64, den: u64) -> Scale {
        let (num, den) = (if num == 0 { 1 } else { num }, if den == 0 { 1 } else { den });
        let divisor = gcd(num, den);
        Scale { num: num / divisor, den: den / divisor }
    }

    /// The product, unless it overflows.
    pub fn times(self, other: Scale) -> Option<Scale> {
        // Cancelling crosswise first keeps the products small.
        let (a, b) = (Scale::new(self.num, other.den), Scale::new(other.num, self.den));
        Some(Scale { num: a.num.checked_mul(b.num)?, den: a.den.checked_mul(b.den)? })
    }

    /// The reciprocal.
    pub const fn inverse(self) -> Scale {
        Scale { num: self.den, den: self.num }
    }

    /// The quotient, unless it overflows.
    pub fn over(self, other: Scale) -> Option<Scale> {
        self.times(other.inverse())
    }

    /// As a float.
    pub fn to_f64(self) -> f64 {
        self.num as f64 / self.den as f64
    }

    /// A float as a scale, if it is a whole number or the reciprocal of one, as conversion factors are.
    pub fn from_factor(factor: f64) -> Option<Scale> {
        const LARGEST: f64 = 1e18;
        if (1.0..=LARGEST).contains(&factor) && factor.fract() == 0.0 {
            return Some(Scale::new(factor as u64, 1));
        }
        let inverse = (1.0 / factor).round();
        (factor > 0.0 && inverse <= LARGEST && 1.0 / inverse == factor).then(|| Scale::new(1, inverse as u64))
    }
}

const fn gcd(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// A number as it was written, exactly: `mantissa / 10^places`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decimal {
    mantissa: i128,
    places: u32,
}

impl Decimal {
    /// Parses `[+-]digits[.digits][e[+-]digits]`, with `_` between digits. None for anything else, and for more
    /// than 24 digits.
    pub fn parse(text: &str) -> Option<Decimal> {
        let (negative, rest) = match text.as_bytes().first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        let (digits, exponent) = match rest.split_once(['e', 'E']) {
            Some((digits, exponent)) => (digits, exponent.parse::<i32>().ok()?),
            None => (rest, 0),
        };
        let (mut mantissa, mut places, mut count, mut point) = (0i128, 0i32, 0u32, false);
        for byte in digits.bytes() {
            match byte {
                b'0'..=b'9' => {
                    mantissa = mantissa.checked_mul(10)?.checked_add(i128::from(byte - b'0'))?;
                    places += i32::from(point);
                    count += 1;
                }
                b'.' if !point => point = true,
                b'_' if count > 0 => {}
                _ => return None,
            }
        }
        if count == 0 || count > MAX_DIGITS || exponent.unsigned_abs() > MAX_DIGITS {
            return None;
        }
        places -= exponent;
        if places < 0 {
            mantissa = mantissa.checked_mul(10i128.checked_pow(places.unsigned_abs())?)?;
            places = 0;
        }
        let decimal =
            Decimal { mantissa: if negative { -mantissa } else { mantissa }, places: places as u32 };
        Some(decimal.shortest())
    }

    /// The same on the other side of zero.
    pub fn negated(self) -> Decimal {
        Decimal { mantissa: -self.mantissa, ..self }
    }

    fn shortest(mut self) -> Decimal {
        while self.places > 0 && self.mantissa % 10 == 0 {
            self.mantissa /= 10;
            self.places -= 1;
        }
        self
    }

    /// The sum, unless it overflows.
    pub fn plus(self, other: Decimal) -> Option<Decimal> {
        let places = self.places.max(other.places);
        let widen = |d: Decimal| d.mantissa.checked_mul(10i128.checked_pow(places - d.places)?);
        Some(Decimal { mantissa: widen(self)?.checked_add(widen(other)?)?, places }.shortest())
    }

    /// This many of a unit of that scale, in base units: a decimal where there is one, else a quotient. None when
    /// 128 bits do not hold it.
    pub fn times(self, scale: Scale) -> Option<Constant> {
        let mut value = Decimal { mantissa: self.mantissa.checked_mul(i128::from(scale.num))?, ..self };
        // A denominator of twos and fives ends; each step of ten takes one of both.
        let (mut rest, mut twos, mut fives) = (scale.den, 0u32, 0u32);
        while rest.is_multiple_of(2) {
            (rest, twos) = (rest / 2, twos + 1);
        }
        while rest.is_multiple_of(5) {
            (rest, fives) = (rest / 5, fives + 1);
        }
        // What does not end may still divide the number: 12/m is 0.2/s.
        if rest > 1 && value.mantissa % i128::from(rest) == 0 {
            value.mantissa /= i128::from(rest);
            rest = 1;
        }
        if rest > 1 {
            return Some(Constant { value: value.shortest(), divisor: scale.den });
        }
        let places = twos.max(fives);
        let factor = 2i128.checked_pow(places - twos)?.checked_mul(5i128.checked_pow(places - fives)?)?;
        value.mantissa = value.mantissa.checked_mul(factor)?;
        value.places += places;
        Some(Constant { value: value.shortest(), divisor: 1 })
    }

    /// The nearest float.
    pub fn to_f64(self) -> f64 {
        // Reading the digits rounds once; a division would round twice.
        self.to_string().parse().unwrap_or(f64::NAN)
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, digits) =
            (if self.mantissa < 0 { "-" } else { "" }, self.mantissa.unsigned_abs().to_string());
        let places = self.places as usize;
        if places == 0 {
            return write!(f, "{sign}{digits}");
        }
        let padded = format!("{digits:0>width$}", width = places + 1);
        let (whole, fraction) = padded.split_at(padded.len() - places);
        write!(f, "{sign}{whole}.{fraction}")
    }
}

/// A constant for PromQL: a decimal, or a quotient when no decimal is exact (`10/m` is `10 / 60` per second).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Constant {
    value: Decimal,
    divisor: u64,
}

impl Constant {
    /// The nearest float.
    pub fn to_f64(self) -> f64 {
        self.value.to_f64() / self.divisor as f64
    }

    /// The number, when it is a decimal.
    pub fn decimal(self) -> Option<Decimal> {
        (self.divisor == 1).then_some(self.value)
    }

    /// True when it prints with a `/`.
    pub fn is_quotient(self) -> bool {
        self.divisor != 1
    }
}

impl From<Decimal> for Constant {
    fn from(value: Decimal) -> Constant {
        Constant { value, divisor: 1 }
    }
}

impl PartialOrd for Constant {
    fn partial_cmp(&self, other: &Constant) -> Option<Ordering> {
        let places = self.value.places.max(other.value.places);
        let cross = |a: Constant, divisor: u64| {
            a.value
                .mantissa
                .checked_mul(10i128.checked_pow(places - a.value.places)?)?
                .checked_mul(i128::from(divisor))
        };
        match (cross(*self, other.divisor), cross(*other, self.divisor)) {
            (Some(a), Some(b)) => Some(a.cmp(&b)),
            _ => self.to_f64().partial_cmp(&other.to_f64()),
        }
    }
}

impl fmt::Display for Constant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.value)?;
        if self.divisor == 1 { Ok(()) } else { write!(f, " / {}", self.divisor) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scaled(text: &str, num: u64, den: u64) -> String {
        Decimal::parse(text).unwrap().times(Scale::new(num, den)).unwrap().to_string()
    }

    #[test]
    fn arithmetic_is_exact() {
        assert_eq!(scaled("0.1", 1, 100), "0.001");
        assert_eq!(scaled("99.95", 1, 100), "0.9995");
        assert_eq!(scaled("500", 1, 1000), "0.5");
        assert_eq!(scaled("1.5", 1 << 30, 1), "1610612736");
        assert_eq!(scaled("100", 1, 8), "12.5");
        assert_eq!(scaled("-2e3", 1, 1000), "-2");
    }

    #[test]
    fn what_has_no_decimal_stays_a_quotient() {
        assert_eq!(scaled("12", 1, 60), "0.2");
        assert_eq!(scaled("10", 1, 60), "10 / 60");
        assert_eq!(scaled("0.5", 1, 3600), "0.5 / 3600");
    }

    #[test]
    fn order_is_exact() {
        let c = |t: &str, d| Decimal::parse(t).unwrap().times(Scale::new(1, d)).unwrap();
        assert!(c("10", 60) < c("0.2", 1));
        assert!(c("600", 3600) <= c("10", 60) && c("600", 3600) >= c("10", 60));
        assert!(c("0.1", 1) > c("-5", 1));
    }

    #[test]
    fn nonsense_and_giants_are_refused() {
        for text in ["", "-", ".", "1.2.3", "0x10", "Inf", "1e99", "1e", "_1", &"9".repeat(40)] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
        assert_eq!(Decimal::parse("1_000").unwrap().to_string(), "1000");
        assert_eq!(Decimal::parse(".5").unwrap().to_string(), "0.5");
        assert_eq!(Decimal::parse("0.90").unwrap().to_string(), "0.9");
    }

    #[test]
    fn conversion_factors() {
        assert_eq!(Scale::from_factor(1000.0), Some(Scale::new(1000, 1)));
        assert_eq!(Scale::from_factor(0.001), Some(Scale::new(1, 1000)));
        assert_eq!(Scale::from_factor(1.5), None);
        assert_eq!(Scale::from_factor(-60.0), None);
        assert_eq!(Scale::from_factor(f64::NAN), None);
    }
}
