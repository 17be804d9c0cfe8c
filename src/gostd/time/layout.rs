//! Moments in Go's layouts: `2006-01-02T15:04:05Z07:00` and all its other pieces.

use std::fmt::Write;

use jiff::Zoned;

/// A moment in a time zone, as Go's `time.Time`.
pub type Moment = Zoned;

/// The pieces of a layout, a longer one before its own beginning (Go time/format.go `nextStdChunk`).
const PIECES: [(&str, Piece); 36] = [
    ("January", Piece::LongMonth),
    ("Jan", Piece::Month),
    ("Monday", Piece::LongWeekday),
    ("Mon", Piece::Weekday),
    ("MST", Piece::Abbreviation),
    ("002", Piece::ZeroYearDay),
    ("01", Piece::ZeroMonth),
    ("02", Piece::ZeroDay),
    ("03", Piece::ZeroHour12),
    ("04", Piece::ZeroMinute),
    ("05", Piece::ZeroSecond),
    ("06", Piece::ShortYear),
    ("15", Piece::Hour),
    ("1", Piece::NumMonth),
    ("2006", Piece::Year),
    ("2", Piece::Day),
    ("__2", Piece::UnderYearDay),
    ("_2006", Piece::UnderscoreYear),
    ("_2", Piece::UnderDay),
    ("3", Piece::Hour12),
    ("4", Piece::Minute),
    ("5", Piece::Second),
    ("PM", Piece::Noon("AM", "PM")),
    ("pm", Piece::Noon("am", "pm")),
    ("-07:00:00", Piece::Offset { zulu: false, colon: true, parts: 3 }),
    ("-07:00", Piece::Offset { zulu: false, colon: true, parts: 2 }),
    ("-070000", Piece::Offset { zulu: false, colon: false, parts: 3 }),
    ("-0700", Piece::Offset { zulu: false, colon: false, parts: 2 }),
    ("-07", Piece::Offset { zulu: false, colon: false, parts: 1 }),
    ("Z07:00:00", Piece::Offset { zulu: true, colon: true, parts: 3 }),
    ("Z07:00", Piece::Offset { zulu: true, colon: true, parts: 2 }),
    ("Z070000", Piece::Offset { zulu: true, colon: false, parts: 3 }),
    ("Z0700", Piece::Offset { zulu: true, colon: false, parts: 2 }),
    ("Z07", Piece::Offset { zulu: true, colon: false, parts: 1 }),
    (".", Piece::Fraction),
    (",", Piece::Fraction),
];

#[derive(Clone, Copy)]
enum Piece {
    LongMonth,
    Month,
    LongWeekday,
    Weekday,
    Abbreviation,
    ZeroYearDay,
    ZeroMonth,
    ZeroDay,
    ZeroHour12,
    ZeroMinute,
    ZeroSecond,
    ShortYear,
    Hour,
    NumMonth,
    Year,
    Day,
    UnderYearDay,
    UnderscoreYear,
    UnderDay,
    Hour12,
    Minute,
    Second,
    Noon(&'static str, &'static str),
    Offset { zulu: bool, colon: bool, parts: u8 },
    Fraction,
}

/// The English names of the months.
pub const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
/// The English names of the days of the week, from Sunday.
pub const WEEKDAYS: [&str; 7] =
    ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// Go's `Time.String()`: `2006-01-02 15:04:05.999999999 -0700 MST`.
pub fn to_string(t: &Moment) -> String {
    format(t, "2006-01-02 15:04:05.999999999 -0700 MST")
}

/// Go's `Time.Format(layout)`.
pub fn format(t: &Moment, layout: &str) -> String {
    let mut out = String::with_capacity(layout.len() + 8);
    let mut rest = layout;
    'layout: while let Some(c) = rest.chars().next() {
        for (text, piece) in PIECES {
            let Some(after) = rest.strip_prefix(text) else { continue };
            // "Janet" and "Month" are words, not pieces.
            if matches!(piece, Piece::Month | Piece::Weekday)
                && after.starts_with(|c: char| c.is_ascii_lowercase())
            {
                continue;
            }
            if matches!(piece, Piece::Fraction) {
                let Some(width) = push_fraction(&mut out, t, c, after) else { continue };
                rest = &after[width..];
            } else {
                push(&mut out, t, piece);
                rest = after;
            }
            continue 'layout;
        }
        out.push(c);
        rest = &rest[c.len_utf8()..];
    }
    out
}

fn push(out: &mut String, t: &Moment, piece: Piece) {
    let hour12 = (t.hour() + 11) % 12 + 1;
    let month = MONTHS.get(t.month() as usize - 1).copied().unwrap_or_default();
    let weekday = WEEKDAYS.get(t.weekday().to_sunday_zero_offset() as usize).copied().unwrap_or_default();
    // Writing to a string cannot fail.
    let _ = match piece {
        Piece::LongMonth => write!(out, "{month}"),
        Piece::Month => write!(out, "{}", &month[..3]),
        Piece::LongWeekday => write!(out, "{weekday}"),
        Piece::Weekday => write!(out, "{}", &weekday[..3]),
        Piece::Abbreviation => write!(out, "{}", abbreviation(t)),
        Piece::ZeroYearDay => write!(out, "{:03}", t.day_of_year()),
        Piece::ZeroMonth => write!(out, "{:02}", t.month()),
        Piece::ZeroDay => write!(out, "{:02}", t.day()),
        Piece::ZeroHour12 => write!(out, "{hour12:02}"),
        Piece::ZeroMinute => write!(out, "{:02}", t.minute()),
        Piece::ZeroSecond => write!(out, "{:02}", t.second()),
        Piece::ShortYear => write!(out, "{:02}", t.year().rem_euclid(100)),
        Piece::Hour => write!(out, "{:02}", t.hour()),
        Piece::NumMonth => write!(out, "{}", t.month()),
        Piece::Year => write!(out, "{:04}", t.year()),
        Piece::Day => write!(out, "{}", t.day()),
        Piece::UnderYearDay => write!(out, "{:>3}", t.day_of_year()),
        Piece::UnderscoreYear => write!(out, "_{:04}", t.year()),
        Piece::UnderDay => write!(out, "{:>2}", t.day()),
        Piece::Hour12 => write!(out, "{hour12}"),
        Piece::Minute => write!(out, "{}", t.minute()),
        Piece::Second => write!(out, "{}", t.second()),
        Piece::Noon(am, pm) => write!(out, "{}", if t.hour() >= 12 { pm } else { am }),
        Piece::Offset { zulu, colon, parts } => push_offset(out, t.offset().seconds(), zulu, colon, parts),
        Piece::Fraction => Ok(()),
    };
}

/// The zone's abbreviation; a zone without one prints as its offset, as in Go.
fn abbreviation(t: &Moment) -> String {
    let info = t.time_zone().to_offset_info(t.timestamp());
    let name = info.abbreviation();
    if name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return name.to_string();
    }
    let seconds = info.offset().seconds();
    if seconds == 0 {
        return "UTC".to_string();
    }
    // Zones of the database are called after their hours, those of an offset alone are not.
    let is_named = t.time_zone().iana_name().is_some();
    let mut out = String::new();
    let _ = push_offset(&mut out, seconds, false, false, if is_named && seconds % 3600 == 0 { 1 } else { 2 });
    out
}

fn push_offset(out: &mut String, seconds: i32, zulu: bool, colon: bool, parts: u8) -> std::fmt::Result {
    if zulu && seconds == 0 {
        return write!(out, "Z");
    }
    let colon = if colon { ":" } else { "" };
    let s = seconds.abs();
    write!(out, "{}{:02}", if seconds < 0 { '-' } else { '+' }, s / 3600)?;
    if parts > 1 {
        write!(out, "{colon}{:02}", s / 60 % 60)?;
    }
    if parts > 2 {
        write!(out, "{colon}{:02}", s % 60)?;
    }
    Ok(())
}

/// `.000` prints all its digits, `.999` cuts trailing zeros; returns the width of the digits in the layout.
fn push_fraction(out: &mut String, t: &Moment, point: char, after: &str) -> Option<usize> {
    let digit = after.chars().next().filter(|c| matches!(c, '0' | '9'))?;
    let width = after.chars().take_while(|c| *c == digit).count();
    if after[width..].starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let nanoseconds = format!("{:09}", t.subsec_nanosecond());
    let digits = &nanoseconds[..width.min(9)];
    let digits = if digit == '9' { digits.trim_end_matches('0') } else { digits };
    if !digits.is_empty() {
        out.push(point);
        out.push_str(digits);
    }
    Some(width)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str, zone: &str) -> Moment {
        text.parse::<jiff::Timestamp>().unwrap().in_tz(zone).unwrap()
    }

    #[test]
    fn layouts() {
        let t = moment("2026-03-05T07:08:09.123456Z", "UTC");
        for (layout, text) in [
            ("2006-01-02 15:04:05.999999999 -0700 MST", "2026-03-05 07:08:09.123456 +0000 UTC"),
            ("2006-01-02T15:04:05Z07:00", "2026-03-05T07:08:09Z"),
            ("2006-01-02T15:04:05-07:00", "2026-03-05T07:08:09+00:00"),
            ("Mon Jan _2 3:04PM 06", "Thu Mar  5 7:08AM 26"),
            ("Monday, January 2 at 03:4:5 pm", "Thursday, March 5 at 07:8:9 am"),
            ("002 __2 .000 ,99 .0001", "064  64 .123 ,12 .0003"),
            ("Month Janet _2006 é", "Month Janet _2026 é"),
        ] {
            assert_eq!(format(&t, layout), text, "{layout}");
        }
        assert_eq!(
            to_string(&moment("2026-07-05T12:00:00Z", "Europe/Berlin")),
            "2026-07-05 14:00:00 +0200 CEST"
        );
        assert_eq!(to_string(&moment("2026-07-05T12:00:00Z", "Asia/Dubai")), "2026-07-05 16:00:00 +0400 +04");
        assert_eq!(to_string(&moment("0001-01-01T00:00:00Z", "UTC")), "0001-01-01 00:00:00 +0000 UTC");
    }
}
