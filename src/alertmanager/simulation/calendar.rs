//! Whether a time interval holds at a time, in its own time zone (timeinterval/timeinterval.go ContainsTime).

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use super::Semantics;
use super::record::Held;
use crate::alertmanager::config::Config;
use crate::alertmanager::route::RouteNode;
use crate::alertmanager::time_interval::{NamedIntervals, TimeInterval};

/// The tick that a search for one that is not held back ends behind: a year, in milliseconds.
const SEARCH: i64 = 366 * 86_400_000;
/// Most ticks that are looked at.
const MAX_TICKS: i64 = 1_000_000;

/// What the time intervals of a route hold back at `at`, in milliseconds since the Unix epoch (notify/mute.go).
pub fn held_by_time(config: &Config, node: &RouteNode, at: i64, semantics: Semantics) -> Option<Held> {
    let holds = |name: &String| {
        let named = config.time_intervals.iter().find(|i| i.name == *name);
        named.is_some_and(|intervals| any_holds(intervals, at, semantics))
    };
    let active = &node.active_time_intervals;
    if !active.is_empty() && !active.iter().any(holds) {
        return Some(Held::Inactive(active.clone()));
    }
    node.mute_time_intervals.iter().find(|name| holds(name)).map(|name| Held::Muted(name.clone()))
}

/// The first tick of a group whose first alert arrives at `arrival` at which the route's time intervals hold nothing
/// back; none within a year. Times are milliseconds since the Unix epoch.
pub fn first_tick(config: &Config, node: &RouteNode, arrival: i64, semantics: Semantics) -> Option<i64> {
    let first = arrival.saturating_add(node.group_wait);
    let interval = node.group_interval.max(1);
    let mut ticks = (0..MAX_TICKS.min(SEARCH / interval + 1)).map(|n| first.saturating_add(n * interval));
    ticks.find(|tick| held_by_time(config, node, *tick, semantics).is_none())
}

/// Whether any interval of a list holds at `at`, in milliseconds since the Unix epoch.
pub fn any_holds(intervals: &NamedIntervals, at: i64, semantics: Semantics) -> bool {
    intervals.time_intervals.iter().any(|interval| holds(interval, at, semantics))
}

/// Whether an interval holds at `at`, in milliseconds since the Unix epoch. `Local` is UTC here, so that results do
/// not depend on the machine; so is a zone that is not known. A time outside of the calendar is in no interval.
pub fn holds(interval: &TimeInterval, at: i64, semantics: Semantics) -> bool {
    let Ok(time) = Timestamp::from_millisecond(at) else { return false };
    let zone = match interval.location.as_deref() {
        None | Some("" | "UTC" | "Local") => TimeZone::UTC,
        Some(name) => TimeZone::get(name).unwrap_or(TimeZone::UTC),
    };
    let time = time.to_zoned(zone);
    let minute = i32::from(time.hour()) * 60 + i32::from(time.minute());
    let weekday = i32::from(time.weekday().to_sunday_zero_offset());
    let (month, year) = (i32::from(time.month()), i32::from(time.year()));
    let in_times = |r: &crate::alertmanager::time_interval::TimeRange| {
        (i32::from(r.start)..i32::from(r.end)).contains(&minute)
    };
    any(interval.times.as_deref(), in_times)
        && any(interval.days_of_month.as_deref(), |r| on_day(r.first, r.last, &time, semantics))
        && any(interval.months.as_deref(), |r| r.contains(month))
        && any(interval.weekdays.as_deref(), |r| r.contains(weekday))
        && any(interval.years.as_deref(), |r| r.contains(year))
}

/// A field that is absent holds; one that is given holds when any of its ranges does.
fn any<T>(ranges: Option<&[T]>, holds: impl Fn(&T) -> bool) -> bool {
    ranges.is_none_or(|ranges| ranges.iter().any(holds))
}

/// Whether the day of the month lies between two days, negative ones counted from the month's end.
fn on_day(first: i32, last: i32, time: &Zoned, semantics: Semantics) -> bool {
    let days = days_in_month(time, semantics);
    let from_start = |day: i32| if day < 0 { days + day + 1 } else { day };
    let (first, last) = (from_start(first), from_start(last));
    first <= days && (first..=last.min(days)).contains(&i32::from(time.day()))
}

/// The number of days of a time's month. Up to 0.34.0 it was hours / 24: one too few when a clock goes forward.
fn days_in_month(time: &Zoned, semantics: Semantics) -> i32 {
    let days = i32::from(time.days_in_month());
    if semantics == Semantics::Documented {
        return days;
    }
    let first = time.date().first_of_month();
    let next = first.saturating_add(jiff::Span::new().months(1));
    let zone = time.time_zone();
    match (first.to_zoned(zone.clone()), next.to_zoned(zone.clone())) {
        (Ok(first), Ok(next)) => {
            let seconds = next.timestamp().as_second() - first.timestamp().as_second();
            i32::try_from(seconds / 86_400).unwrap_or(days)
        }
        _ => days,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alertmanager::time_interval::{Range, TimeRange};

    fn at(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_millisecond()
    }

    #[test]
    fn hours_follow_the_clock_of_the_location() {
        let interval = TimeInterval {
            times: Some(vec![TimeRange::parse("09:00", "17:00").unwrap()]),
            weekdays: Some(vec!["monday:friday".parse().unwrap()]),
            location: Some("Europe/Berlin".into()),
            ..TimeInterval::default()
        };
        let holds = |text: &str| holds(&interval, at(text), Semantics::Documented);
        // In winter nine o'clock is 08:00 UTC, in summer 07:00; the clock went forward on Sunday, 31 March 2024.
        assert!(!holds("2024-03-29T07:59:59Z") && holds("2024-03-29T08:00:00Z"));
        assert!(!holds("2024-04-01T06:59:59Z") && holds("2024-04-01T07:00:00Z"));
        assert!(!holds("2024-03-30T10:00:00Z"), "a Saturday");
    }

    #[test]
    fn the_last_day_of_a_month() {
        let last = |days: &str, location: Option<&str>| TimeInterval {
            days_of_month: Some(vec![days.parse::<Range<_>>().unwrap()]),
            location: location.map(str::to_string),
            ..TimeInterval::default()
        };
        let noon = at("2024-02-29T12:00:00Z");
        assert!(holds(&last("-1", None), noon, Semantics::Documented));
        assert!(!holds(&last("30:31", None), noon, Semantics::Documented));
        let spring = last("-1", Some("Europe/Berlin"));
        assert!(holds(&spring, at("2024-03-31T12:00:00Z"), Semantics::Documented));
        assert!(!holds(&spring, at("2024-03-31T12:00:00Z"), Semantics::V0_33));
        assert!(holds(&spring, at("2024-03-30T12:00:00Z"), Semantics::V0_33));
    }

    #[test]
    fn a_list_without_entries_never_holds_and_an_absent_one_always_does() {
        let empty = TimeInterval { times: Some(Vec::new()), ..TimeInterval::default() };
        assert!(!holds(&empty, 0, Semantics::Documented));
        assert!(holds(&TimeInterval::default(), 0, Semantics::Documented));
    }
}
