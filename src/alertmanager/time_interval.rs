//! Time intervals: when a route is muted or active (timeinterval/timeinterval.go). Their grammar, and how they print.

use std::fmt;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

/// A named list of intervals, any of which counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NamedIntervals {
    /// What routes call it.
    pub name: String,
    /// The intervals; an empty list never holds.
    pub time_intervals: Vec<TimeInterval>,
}

/// All fields that are given must hold; of each, any of its ranges. An empty list never holds.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct TimeInterval {
    /// Minutes of the day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times: Option<Vec<TimeRange>>,
    /// Days of the week.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weekdays: Option<Vec<Range<Weekdays>>>,
    /// Days of the month, from its start or, negative, from its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days_of_month: Option<Vec<Range<DaysOfMonth>>>,
    /// Months.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub months: Option<Vec<Range<Months>>>,
    /// Years.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub years: Option<Vec<Range<Years>>>,
    /// The IANA time zone; none is UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
}

impl TimeInterval {
    /// False for one of which a field has an empty list.
    pub fn can_hold(&self) -> bool {
        fn given<T>(field: &Option<Vec<T>>) -> bool {
            field.as_ref().is_none_or(|ranges| !ranges.is_empty())
        }
        given(&self.times)
            && given(&self.weekdays)
            && given(&self.days_of_month)
            && given(&self.months)
            && given(&self.years)
    }
}

/// Minutes of the day, `start..end`, of 1440.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeRange {
    /// First minute.
    pub start: u16,
    /// Behind the last minute.
    pub end: u16,
}

impl TimeRange {
    /// The range between two times of day, `HH:MM`; the end may be `24:00`.
    ///
    /// # Errors
    /// In Alertmanager's words.
    pub fn parse(start: &str, end: &str) -> Result<TimeRange, String> {
        if start.is_empty() || end.is_empty() {
            return Err("both start and end times must be provided".into());
        }
        let (start, end) = (minute(start)?, minute(end)?);
        if start >= end {
            return Err("start time cannot be equal or greater than end time".into());
        }
        Ok(TimeRange { start, end })
    }
}

impl Serialize for TimeRange {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
        let mut range = serializer.serialize_struct("TimeRange", 2)?;
        range.serialize_field("start_time", &text(self.start))?;
        range.serialize_field("end_time", &text(self.end))?;
        range.end()
    }
}

/// The minute of the day of `HH:MM`, or of `24:00`.
fn minute(text: &str) -> Result<u16, String> {
    let invalid = || format!("couldn't parse timestamp {text}, invalid format");
    let [h1 @ b'0'..=b'9', h2 @ b'0'..=b'9', b':', m1 @ b'0'..=b'5', m2 @ b'0'..=b'9'] = text.as_bytes()
    else {
        return Err(invalid());
    };
    let number = |tens: &u8, ones: &u8| u16::from(tens - b'0') * 10 + u16::from(ones - b'0');
    let (hour, minute) = (number(h1, h2), number(m1, m2));
    if hour > 24 || (hour == 24 && minute != 0) {
        return Err(invalid());
    }
    Ok(hour * 60 + minute)
}

/// What the numbers of a range count.
pub trait Unit: Clone + Copy + PartialEq + Eq + fmt::Debug {
    /// The number of a word.
    ///
    /// # Errors
    /// In Alertmanager's words.
    fn number(word: &str) -> Result<i32, String>;
    /// The word of a number.
    fn word(number: i32) -> String {
        number.to_string()
    }
    /// Whether the range from `first` to `last` makes sense.
    ///
    /// # Errors
    /// In Alertmanager's words.
    fn check(first: i32, last: i32) -> Result<(), String>;
}

/// Numbers from `first` to `last`, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range<U> {
    /// First.
    pub first: i32,
    /// Last.
    pub last: i32,
    unit: std::marker::PhantomData<U>,
}

impl<U: Unit> Range<U> {
    /// A range.
    ///
    /// # Errors
    /// Ends that do not fit each other, in Alertmanager's words.
    pub fn new(first: i32, last: i32) -> Result<Range<U>, String> {
        U::check(first, last)?;
        Ok(Range { first, last, unit: std::marker::PhantomData })
    }

    /// Whether `number` lies in it, as it stands (days of the month count from the end elsewhere).
    pub fn contains(&self, number: i32) -> bool {
        (self.first..=self.last).contains(&number)
    }
}

impl<U: Unit> std::str::FromStr for Range<U> {
    type Err = String;

    /// `a` or `a:b`, in any case of letters.
    fn from_str(text: &str) -> Result<Range<U>, String> {
        let text = text.to_lowercase();
        let (first, last) = match text.split_once(':') {
            None => (text.as_str(), text.as_str()),
            Some((first, last)) if !last.contains(':') => (first, last),
            Some(_) => return Err(format!("couldn't parse range {text}, invalid format")),
        };
        Range::new(U::number(first)?, U::number(last)?)
    }
}

impl<U: Unit> fmt::Display for Range<U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&U::word(self.first))?;
        if self.first != self.last {
            write!(f, ":{}", U::word(self.last))?;
        }
        Ok(())
    }
}

impl<U: Unit> Serialize for Range<U> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// 0 (Sunday) to 6.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weekdays;
/// 1 to 31, or -31 (from the end) to -1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DaysOfMonth;
/// 1 to 12; Alertmanager does not check the bounds of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Months;
/// Any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Years;

/// From Sunday.
pub const WEEKDAYS: [&str; 7] =
    ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
/// From January.
pub const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

fn index(words: &[&str], word: &str) -> Option<i32> {
    words.iter().position(|w| *w == word).and_then(|i| i32::try_from(i).ok())
}

fn integer(word: &str) -> Result<i32, String> {
    word.parse().map_err(|_| format!("strconv.Atoi: parsing {word:?}: invalid syntax"))
}

impl Unit for Weekdays {
    fn number(word: &str) -> Result<i32, String> {
        index(&WEEKDAYS, word).ok_or_else(|| format!("{word} is not a valid weekday"))
    }

    fn word(number: i32) -> String {
        let name = usize::try_from(number).ok().and_then(|n| WEEKDAYS.get(n));
        name.map_or_else(|| number.to_string(), ToString::to_string)
    }

    fn check(first: i32, last: i32) -> Result<(), String> {
        // The words are Alertmanager's own.
        if first > last { Err("start day cannot be before end day".into()) } else { Ok(()) }
    }
}

impl Unit for DaysOfMonth {
    fn number(word: &str) -> Result<i32, String> {
        integer(word)
    }

    fn check(first: i32, last: i32) -> Result<(), String> {
        for day in [first, last] {
            if day == 0 || !(-31..=31).contains(&day) {
                return Err(format!("{day} is not a valid day of the month: out of range"));
            }
        }
        if first < 0 && last > 0 {
            return Err("end day must be negative if start day is negative".into());
        }
        let from_start = |day: i32| if day < 0 { 28 + day } else { day };
        if from_start(first) > from_start(last) {
            return Err(format!("end day {last} is always before start day {first}"));
        }
        Ok(())
    }
}

impl Unit for Months {
    fn number(word: &str) -> Result<i32, String> {
        match index(&MONTHS, word) {
            Some(i) => Ok(i + 1),
            None => word.parse().map_err(|_| format!("{word} is not a valid month")),
        }
    }

    fn word(number: i32) -> String {
        let name = usize::try_from(number - 1).ok().and_then(|n| MONTHS.get(n));
        name.map_or_else(|| number.to_string(), ToString::to_string)
    }

    fn check(first: i32, last: i32) -> Result<(), String> {
        if first > last {
            return Err(format!(
                "end month {} is before start month {}",
                Months::word(last),
                Months::word(first)
            ));
        }
        Ok(())
    }
}

impl Unit for Years {
    fn number(word: &str) -> Result<i32, String> {
        integer(word)
    }

    fn check(first: i32, last: i32) -> Result<(), String> {
        if first > last { Err(format!("end year {last} is before start year {first}")) } else { Ok(()) }
    }
}

/// Whether Alertmanager knows the time zone: an IANA name, `UTC`, `Local` or nothing.
pub fn is_location(name: &str) -> bool {
    // Go's names are exact, jiff's are not.
    matches!(name, "" | "UTC" | "Local")
        || jiff::tz::TimeZone::get(name).is_ok_and(|zone| zone.iana_name() == Some(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error<U: Unit>(text: &str) -> String {
        text.parse::<Range<U>>().expect_err(text)
    }

    #[test]
    fn ranges_are_read_and_written() {
        for (text, written) in [("Monday:friday", "monday:friday"), ("sunday", "sunday")] {
            assert_eq!(text.parse::<Range<Weekdays>>().map(|r| r.to_string()), Ok(written.to_string()));
        }
        assert_eq!("May:8".parse::<Range<Months>>().map(|r| r.to_string()), Ok("may:august".to_string()));
        assert_eq!("13".parse::<Range<Months>>().map(|r| r.to_string()), Ok("13".to_string()));
        assert_eq!("5:-1".parse::<Range<DaysOfMonth>>().map(|r| (r.first, r.last)), Ok((5, -1)));
        assert_eq!(TimeRange::parse("23:00", "24:00"), Ok(TimeRange { start: 1380, end: 1440 }));
    }

    #[test]
    fn errors_are_alertmanagers() {
        assert_eq!(error::<Weekdays>("friday:monday"), "start day cannot be before end day");
        assert_eq!(error::<DaysOfMonth>("28:-1"), "end day -1 is always before start day 28");
        assert_eq!(error::<DaysOfMonth>("32"), "32 is not a valid day of the month: out of range");
        assert!(TimeRange::parse("9:00", "17:00").is_err());
        assert!(TimeRange::parse("24:01", "24:00").is_err());
        assert!(is_location("Europe/London") && !is_location("Mars/X") && !is_location("europe/london"));
    }
}
