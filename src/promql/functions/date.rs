//! Parts of a date, in UTC.

/// What a date function asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DatePart {
    DaysInMonth,
    DayOfMonth,
    DayOfWeek,
    DayOfYear,
    Hour,
    Minute,
    Month,
    Year,
}

impl DatePart {
    /// The function of that name.
    pub(crate) fn find(name: &str) -> Option<DatePart> {
        Some(match name {
            "days_in_month" => DatePart::DaysInMonth,
            "day_of_month" => DatePart::DayOfMonth,
            "day_of_week" => DatePart::DayOfWeek,
            "day_of_year" => DatePart::DayOfYear,
            "hour" => DatePart::Hour,
            "minute" => DatePart::Minute,
            "month" => DatePart::Month,
            "year" => DatePart::Year,
            _ => return None,
        })
    }

    /// Of a time in seconds since 1970.
    ///
    /// As in Go, seconds are counted in 64 bits from a day some 292 billion years ago: the smallest integer, which NaN becomes, is
    /// before it and wraps around.
    pub(crate) fn of(self, seconds: i64) -> f64 {
        let absolute = seconds.cast_unsigned().wrapping_add(EPOCH_DAY * 86_400);
        let days = (absolute / 86_400) as i64 - EPOCH_DAY as i64;
        let second = (absolute % 86_400) as i64;
        let date = Date::of_day(days);
        let part = match self {
            DatePart::DaysInMonth => days_in_month(date.year, date.month),
            DatePart::DayOfMonth => date.day,
            // 1970-01-01 was a Thursday.
            DatePart::DayOfWeek => (days + 4).rem_euclid(7),
            DatePart::DayOfYear => {
                date.day + (1..date.month).map(|m| days_in_month(date.year, m)).sum::<i64>()
            }
            DatePart::Hour => second / 3600,
            DatePart::Minute => second % 3600 / 60,
            DatePart::Month => date.month,
            DatePart::Year => date.year,
        };
        part as f64
    }
}

/// 1970-01-01, counted from March 1st of the year -292277022400.
///
/// Source: Go time/time.go `absoluteYears`.
const EPOCH_DAY: u64 = 292_277_022_400 / 400 * 146_097 + 719_468;

/// Go's conversion of a float to an int64 on amd64: what does not fit becomes the smallest integer.
pub(crate) fn go_int64(v: f64) -> i64 {
    // `i64::MAX as f64` is 2^63, the first that does not fit.
    if (i64::MIN as f64..i64::MAX as f64).contains(&v) { v as i64 } else { i64::MIN }
}

struct Date {
    year: i64,
    month: i64,
    day: i64,
}

impl Date {
    /// The date of a day counted from 1970-01-01, by counting in 400-year eras that start in March, so that the
    /// leap day is the last of its year.
    fn of_day(days: i64) -> Date {
        let shifted = i128::from(days) + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
        let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
        let year = year_of_era + era * 400 + i128::from(month <= 2);
        Date { year: year as i64, month: month as i64, day: day as i64 }
    }
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(seconds: i64) -> [f64; 8] {
        use DatePart::*;
        [Year, Month, DayOfMonth, DayOfWeek, DayOfYear, DaysInMonth, Hour, Minute].map(|p| p.of(seconds))
    }

    #[test]
    fn parts_of_known_dates() {
        assert_eq!(all(0), [1970.0, 1.0, 1.0, 4.0, 1.0, 31.0, 0.0, 0.0]);
        // 2024-02-29 23:59:59 UTC, a Thursday.
        assert_eq!(all(1_709_251_199), [2024.0, 2.0, 29.0, 4.0, 60.0, 29.0, 23.0, 59.0]);
        // What NaN becomes, as promtool has it.
        let [_, month, day, _, _, _, hour, minute] = all(i64::MIN);
        assert_eq!([month, day, hour, minute], [12.0, 4.0, 15.0, 30.0]);
        // One second before 1970.
        assert_eq!(all(-1), [1969.0, 12.0, 31.0, 3.0, 365.0, 31.0, 23.0, 59.0]);
    }
}
