//! Numbers for humans (Prometheus' template/template.go, prometheus/common helpers/templates).

use super::methods::whole_and_rest;
use super::value::Value;
use crate::gostd::strconv::{self, format_float, format_value, quote};

const LARGE: [&str; 8] = ["k", "M", "G", "T", "P", "E", "Z", "Y"];
const SMALL: [&str; 8] = ["m", "u", "n", "p", "f", "a", "z", "y"];
const BINARY: [&str; 8] = ["ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"];

/// The number that a value stands for; a string is read as Go reads floats.
pub fn to_float(value: &Value) -> Result<f64, String> {
    match value {
        Value::Float(f) => Ok(*f),
        Value::Int(i) => Ok(*i as f64),
        Value::Uint(u) => Ok(*u as f64),
        Value::Duration { nanoseconds, is_pointer: false } => Ok(whole_and_rest(*nanoseconds, 1_000_000_000)),
        Value::Str(super::value::StringType::Plain, s) => {
            strconv::parse_float(s).map_err(|e| format!("strconv.ParseFloat: parsing {}: {e}", quote(s)))
        }
        other => Err(format!("can't convert {} to float", other.type_name())),
    }
}

/// `%.4g`.
fn four_digits(v: f64) -> String {
    format_float(v, 'g', Some(4))
}

/// Divides or multiplies until the number is within the base; the prefix of the last step.
fn scaled(mut v: f64, prefixes: [&'static str; 8], base: f64, down: bool) -> (f64, &'static str) {
    let mut prefix = "";
    for p in prefixes {
        if down && v.abs() < base || !down && v.abs() >= 1.0 {
            break;
        }
        prefix = p;
        v = if down { v / base } else { v * base };
    }
    (v, prefix)
}

/// `humanize`: SI prefixes of thousands, down to y and up to Y.
pub fn humanize(v: f64) -> String {
    if v == 0.0 || !v.is_finite() {
        return four_digits(v);
    }
    let down = v.abs() >= 1.0;
    let (v, prefix) = scaled(v, if down { LARGE } else { SMALL }, 1000.0, down);
    format!("{}{prefix}", four_digits(v))
}

/// `humanize1024`: binary prefixes; up to 1 as it is.
pub fn humanize1024(v: f64) -> String {
    if v.abs() <= 1.0 || !v.is_finite() {
        return four_digits(v);
    }
    let (v, prefix) = scaled(v, BINARY, 1024.0, true);
    format!("{}{prefix}", four_digits(v))
}

/// `humanizePercentage`.
pub fn humanize_percentage(v: f64) -> String {
    format!("{}%", four_digits(v * 100.0))
}

/// `humanizeDuration` of seconds: `1d 2h 3m 4s`, or one unit below a minute.
pub fn humanize_duration(v: f64) -> String {
    if !v.is_finite() {
        return four_digits(v);
    }
    if v == 0.0 {
        return format!("{}s", four_digits(v));
    }
    if v.abs() < 1.0 {
        let (v, prefix) = scaled(v, SMALL, 1000.0, false);
        return format!("{}{prefix}s", four_digits(v));
    }
    let (sign, v) = if v < 0.0 { ("-", -v) } else { ("", v) };
    let total = to_int(v);
    let (days, hours, minutes, seconds) =
        (total / 60 / 60 / 24, total / 60 / 60 % 24, total / 60 % 60, total % 60);
    if days != 0 {
        format!("{sign}{days}d {hours}h {minutes}m {seconds}s")
    } else if hours != 0 {
        format!("{sign}{hours}h {minutes}m {seconds}s")
    } else if minutes != 0 {
        format!("{sign}{minutes}m {seconds}s")
    } else {
        format!("{sign}{}s", four_digits(v))
    }
}

/// Go's `int64(v)` on amd64: what does not fit becomes the smallest integer.
fn to_int(v: f64) -> i64 {
    if !(-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&v) {
        i64::MIN
    } else {
        v as i64
    }
}

/// The milliseconds of a timestamp in seconds.
pub fn to_milliseconds(v: f64) -> Result<i64, String> {
    if !v.is_finite() {
        return Err("value is NaN or Inf".to_string());
    }
    let nanoseconds = v * 1e9;
    if nanoseconds > i64::MAX as f64 || nanoseconds < i64::MIN as f64 {
        let v = format_value(v);
        return Err(format!("{v} cannot be represented as a nanoseconds timestamp since it overflows int64"));
    }
    Ok(to_int(nanoseconds) / 1_000_000)
}

/// The nanoseconds of a duration in seconds (Go's `time.Duration(v * float64(time.Second))`).
pub fn to_nanoseconds(v: f64) -> i64 {
    to_int(v * 1e9)
}

/// `humanizeTimestamp`: the time in UTC, to the millisecond.
pub fn humanize_timestamp(v: f64) -> Result<String, String> {
    if !v.is_finite() {
        return Ok(four_digits(v));
    }
    Ok(crate::gostd::time::to_string(&super::utc_milliseconds(to_milliseconds(v)?)))
}
