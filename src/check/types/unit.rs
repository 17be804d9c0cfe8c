//! Units: a dimension, a scale, and what kind of number a dimensionless one is.
//!
//! Counts have no dimension: bytes per request are bytes, and seconds of CPU per second are a ratio. That is how
//! people read them, and how Prometheus' conventions name them.

use std::sync::Arc;

use super::decimal::Scale;

mod names;

/// The base dimensions. Energy and power follow from volt, ampere and second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Base {
    Time,
    Data,
    Temperature,
    Length,
    Mass,
    Voltage,
    Current,
}

const BASES: usize = 7;

/// Exponents of the base dimensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Dimension([i8; BASES]);

impl Dimension {
    const NONE: Dimension = Dimension([0; BASES]);

    fn of(base: Base) -> Dimension {
        let mut exponents = [0; BASES];
        exponents[base as usize] = 1;
        Dimension(exponents)
    }

    /// `self · other^power`, unless an exponent grows beyond sense.
    fn times(self, other: Dimension, power: i8) -> Option<Dimension> {
        let mut exponents = self.0;
        for (exponent, more) in exponents.iter_mut().zip(other.0) {
            *exponent = exponent.checked_add(more.checked_mul(power)?).filter(|e| e.abs() <= 9)?;
        }
        Some(Dimension(exponents))
    }

    fn is_none(self) -> bool {
        self == Dimension::NONE
    }
}

/// What kind of number it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    /// A number of things; only these are printed with a word.
    Count,
    /// A quotient of like things.
    Ratio,
    /// An amount of something with a dimension, or a count per something.
    Amount,
    /// Unix time: a point, not an amount.
    Timestamp,
}

/// The unit of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    dimension: Dimension,
    scale: Scale,
    sort: Sort,
    word: Option<Arc<str>>,
}

impl Unit {
    fn amount(dimension: Dimension, scale: Scale) -> Unit {
        Unit { dimension, scale, sort: Sort::Amount, word: None }
    }

    /// Time in seconds.
    pub fn seconds() -> Unit {
        Unit::amount(Dimension::of(Base::Time), Scale::ONE)
    }

    /// Data in bytes.
    pub fn bytes() -> Unit {
        Unit::amount(Dimension::of(Base::Data), Scale::ONE)
    }

    /// A ratio from 0 to 1 (or more).
    pub fn ratio() -> Unit {
        Unit { dimension: Dimension::NONE, scale: Scale::ONE, sort: Sort::Ratio, word: None }
    }

    /// A ratio that counts 100 as the whole.
    pub fn percent() -> Unit {
        Unit { scale: Scale::new(1, 100), ..Unit::ratio() }
    }

    /// A number of things.
    pub fn count() -> Unit {
        Unit { dimension: Dimension::NONE, scale: Scale::ONE, sort: Sort::Count, word: None }
    }

    /// A number of things that have a name, in the plural; the name is only printed.
    pub fn count_of(word: &str) -> Unit {
        Unit { word: Some(Arc::from(word)), ..Unit::count() }
    }

    /// Unix time in seconds.
    pub fn timestamp() -> Unit {
        Unit { sort: Sort::Timestamp, ..Unit::seconds() }
    }

    /// The quotient's unit; like units give a ratio. None when nothing is known of it.
    pub fn quotient(&self, other: &Unit) -> Option<Unit> {
        self.combine(other, -1)
    }

    /// The product's unit. None when nothing is known of it.
    pub fn product(&self, other: &Unit) -> Option<Unit> {
        self.combine(other, 1)
    }

    fn combine(&self, other: &Unit, power: i8) -> Option<Unit> {
        if self.is_timestamp() || other.is_timestamp() {
            return None;
        }
        let dimension = self.dimension.times(other.dimension, power)?;
        let scale = if power > 0 { self.scale.times(other.scale)? } else { self.scale.over(other.scale)? };
        let sort = match (self.sort, other.sort) {
            _ if !dimension.is_none() => Sort::Amount,
            (Sort::Count, Sort::Ratio) => Sort::Count,
            (Sort::Count, Sort::Count) | (Sort::Ratio, Sort::Count) if power > 0 => Sort::Count,
            (Sort::Amount, Sort::Amount) if power > 0 => Sort::Count,
            _ => Sort::Ratio,
        };
        // The word follows what is counted: requests per second, requests by share.
        let word = match sort {
            Sort::Ratio => None,
            _ if self.counts() && !(power < 0 && other.counts()) => self.word.clone(),
            _ if power > 0 && other.counts() && !self.counts() => {
                other.word.clone().filter(|_| self.is_time_power())
            }
            _ => None,
        };
        Some(Unit { dimension, scale, sort, word })
    }

    /// True for counts and counts per time.
    fn counts(&self) -> bool {
        self.sort == Sort::Count || (self.sort == Sort::Amount && self.is_rate_of_none())
    }

    fn is_rate_of_none(&self) -> bool {
        let mut rest = self.dimension;
        rest.0[Base::Time as usize] = 0;
        rest.is_none() && self.dimension.0[Base::Time as usize] < 0
    }

    fn is_time_power(&self) -> bool {
        let mut rest = self.dimension;
        rest.0[Base::Time as usize] = 0;
        rest.is_none()
    }

    /// This unit per second, as `rate` gives it. None for timestamps.
    pub fn per_second(&self) -> Option<Unit> {
        self.quotient(&Unit::seconds())
    }

    /// The unit of a sum or difference of two values, or of one compared with the other: both agree in dimension
    /// and scale. Counts and ratios agree; a timestamp agrees with a timestamp only.
    pub fn agrees(&self, other: &Unit) -> bool {
        self.same_dimension(other) && self.scale == other.scale
    }

    /// True when a factor turns one into the other.
    pub fn same_dimension(&self, other: &Unit) -> bool {
        self.dimension == other.dimension && self.is_timestamp() == other.is_timestamp()
    }

    /// Base units in one of this unit.
    pub fn scale(&self) -> Scale {
        self.scale
    }

    /// The unit of this value times a bare number, if that number converts it to a unit people know: seconds
    /// times 1000 are milliseconds, a ratio times 100 is percent. None when it merely multiplies.
    pub fn converted_by(&self, factor: f64) -> Option<Unit> {
        if self.sort == Sort::Count || self.is_timestamp() || factor == 1.0 {
            return None;
        }
        let scale = self.scale.over(Scale::from_factor(factor)?)?;
        let unit = Unit { scale, ..self.clone() };
        unit.has_name().then_some(unit)
    }

    fn has_name(&self) -> bool {
        match self.sort {
            Sort::Ratio => self.scale == Scale::ONE || self.is_percent(),
            Sort::Count => self.scale == Scale::ONE,
            Sort::Timestamp | Sort::Amount => self.symbol().is_some(),
        }
    }

    /// True for a share: a ratio that counts 1 as the whole.
    pub fn is_ratio(&self) -> bool {
        self.sort == Sort::Ratio && self.scale == Scale::ONE
    }

    /// True for a ratio that counts 100 as the whole.
    pub fn is_percent(&self) -> bool {
        self.sort == Sort::Ratio && self.scale == Scale::new(1, 100)
    }

    /// True for a number of things.
    pub fn is_count(&self) -> bool {
        self.sort == Sort::Count
    }

    /// True for a count or an amount per time.
    pub fn is_per_time(&self) -> bool {
        self.dimension.0[Base::Time as usize] < 0
    }

    /// True for Unix time.
    pub fn is_timestamp(&self) -> bool {
        self.sort == Sort::Timestamp
    }

    /// True for an amount of time.
    pub fn is_time(&self) -> bool {
        self.sort == Sort::Amount && self.dimension == Dimension::of(Base::Time)
    }

    /// True for an amount of data.
    pub fn is_data(&self) -> bool {
        self.dimension == Dimension::of(Base::Data)
    }

    /// True for data per time.
    pub fn is_data_rate(&self) -> bool {
        Dimension::of(Base::Data).times(Dimension::of(Base::Time), -1) == Some(self.dimension)
    }

    /// True for a temperature.
    pub fn is_temperature(&self) -> bool {
        self.dimension == Dimension::of(Base::Temperature)
    }

    /// What is counted, as it was declared (`connections`).
    pub fn word(&self) -> Option<&str> {
        self.word.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(suffix: &str) -> Unit {
        Unit::from_suffix(suffix).unwrap()
    }

    #[test]
    fn algebra_follows_what_people_mean() {
        let cpu = Unit::seconds().per_second().unwrap();
        assert!(cpu.is_ratio(), "seconds of CPU per second");
        let requests = Unit::count_of("requests").per_second().unwrap();
        assert_eq!(requests.to_string(), "requests/s");
        assert_eq!(cpu.quotient(&requests).unwrap(), Unit::seconds(), "mean duration");
        assert!(requests.quotient(&requests).unwrap().is_ratio());
        assert_eq!(unit("B/s").quotient(&requests).unwrap(), Unit::bytes());
        assert_eq!(requests.product(&Unit::seconds()).unwrap(), Unit::count_of("requests"));
        assert_eq!(Unit::from_word("joules").per_second().unwrap(), Unit::from_word("watts"));
        assert!(Unit::timestamp().per_second().is_none());
    }

    #[test]
    fn agreement() {
        assert!(Unit::count().agrees(&Unit::count_of("pods")));
        assert!(Unit::count().agrees(&Unit::ratio()));
        assert!(!Unit::seconds().agrees(&Unit::timestamp()));
        assert!(!Unit::seconds().agrees(&unit("ms")));
        assert!(Unit::seconds().same_dimension(&unit("ms")));
    }

    #[test]
    fn names() {
        let show = |s: &str| Unit::from_suffix(s).map_or("-".to_string(), |u| u.to_string());
        let suffixes =
            ["%", "s", "h", "B", "GiB", "B/s", "Mbit/s", "/s", "/m", "requests/h", "pods", "watts"];
        assert_eq!(
            suffixes.map(show).join(", "),
            "percent, seconds, hours, bytes, GiB, B/s, Mbit/s, events/s, events/m, requests/h, pods, watts"
        );
        assert_eq!(["k", "M", "/x", "5s", "a-b"].map(show).join(" "), "- - - - -");
    }

    #[test]
    fn conversions() {
        let to = |u: Unit, by: f64| u.converted_by(by).map_or("-".to_string(), |u| u.to_string());
        assert_eq!(to(Unit::seconds(), 1000.0), "milliseconds");
        assert_eq!(to(Unit::seconds(), 2.0), "-");
        assert_eq!(to(Unit::seconds(), 1.0 / 3600.0), "hours");
        assert_eq!(to(Unit::ratio(), 100.0), "percent");
        assert_eq!(to(Unit::bytes(), 1.0 / 1024.0), "KiB");
        assert_eq!(to(unit("B/s"), 8.0), "bit/s");
        assert_eq!(to(unit("/s"), 60.0), "events/m");
        assert_eq!(to(Unit::count(), 100.0), "-");
    }
}
