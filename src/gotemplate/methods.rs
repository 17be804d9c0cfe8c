//! Methods of the values: those of Go's time types, of Alertmanager's data and of native histograms.

use std::sync::Arc;

use jiff::{SignedDuration, ToSpan};

use super::alertmanager::data::{PAIR, alerts_with_status};
use super::eval::Callee;
use super::function::{Call, Type};
use super::print::stringer;
use super::value::{ListType, StringMap, Value};
use crate::gostd::time;

/// The method of that name, if the value's type has one. Its first argument is the receiver.
pub fn find(receiver: &Value, name: &str) -> Option<Callee> {
    let methods = match receiver {
        Value::StringMap(map) if map.is_kv => KV,
        Value::List(ListType::Pairs, _) => PAIRS,
        Value::List(ListType::Alerts, _) => ALERTS,
        Value::Time { .. } => TIME,
        Value::Duration { .. } => DURATION,
        Value::Month(_) | Value::Weekday(_) | Value::Histogram(_) => &TIME[..1],
        _ => return None,
    };
    let (name, params, call) = methods.iter().find(|m| m.0 == name)?;
    Some(Callee { name, params, variadic: None, call: *call })
}

type Method = (&'static str, &'static [Type], Call);

const STRING: Method =
    ("String", &[], |_, args| Ok(Value::string(args.first().and_then(stringer).unwrap_or_default())));

const KV: &[Method] = &[
    STRING,
    ("SortedPairs", &[], |_, args| Ok(kv_of(args).map_or(Value::Nil, |kv| sorted_pairs(&kv)))),
    ("Names", &[], |_, args| Ok(Value::strings(kv_of(args).iter().flat_map(sorted).map(|(name, _)| name)))),
    ("Values", &[], |_, args| {
        Ok(Value::strings(kv_of(args).iter().flat_map(sorted).map(|(_, value)| value)))
    }),
    ("Remove", &[Type::Strings], |_, args| {
        let (Some(kv), Some(Value::List(_, names))) = (kv_of(args), args.get(1)) else {
            return Ok(Value::Nil);
        };
        let removed = |name: &str| names.iter().any(|n| n.as_str() == Some(name));
        Ok(Value::StringMap(StringMap::new(kv.iter().filter(|(name, _)| !removed(name)).cloned()).kv()))
    }),
];

const PAIRS: &[Method] = &[
    STRING,
    ("Names", &[], |_, args| Ok(fields_of(args, "Name"))),
    ("Values", &[], |_, args| Ok(fields_of(args, "Value"))),
];

const ALERTS: &[Method] = &[
    ("Firing", &[], |_, args| Ok(alerts_with_status(args.first(), "firing"))),
    ("Resolved", &[], |_, args| Ok(alerts_with_status(args.first(), "resolved"))),
];

fn kv_of(args: &[Value]) -> Option<StringMap> {
    match args.first() {
        Some(Value::StringMap(map)) => Some(map.clone()),
        _ => None,
    }
}

/// The pairs of a `KV`: the alert name first, then by name.
fn sorted(map: &StringMap) -> Vec<(Arc<str>, Arc<str>)> {
    let (mut first, rest): (Vec<_>, Vec<_>) =
        map.iter().cloned().partition(|(name, _)| name.as_ref() == "alertname");
    first.extend(rest);
    first
}

fn sorted_pairs(map: &StringMap) -> Value {
    let pair = |(name, value): (Arc<str>, Arc<str>)| {
        Value::Struct(&PAIR, Arc::new(vec![Value::string(name), Value::string(value)]))
    };
    Value::List(ListType::Pairs, Arc::new(sorted(map).into_iter().map(pair).collect()))
}

/// How a `KV` prints: `alertname=a, b=c`.
pub fn kv_text(map: &StringMap) -> String {
    sorted(map).iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(", ")
}

fn fields_of(args: &[Value], field: &str) -> Value {
    let Some(Value::List(_, items)) = args.first() else { return Value::Nil };
    let values = items.iter().filter_map(|item| item.field(field)).collect();
    Value::List(ListType::Strings, Arc::new(values))
}

const TIME: &[Method] = &[
    STRING,
    ("Format", &[Type::String], |_, args| match args {
        [Value::Time { at, .. }, Value::Str(_, layout)] => Ok(Value::string(time::format(at, layout))),
        _ => Ok(Value::Nil),
    }),
    ("Unix", &[], |_, args| {
        on_time(args, |t| Value::Int(t.timestamp().as_nanosecond().div_euclid(1_000_000_000) as i64))
    }),
    ("UnixMilli", &[], |_, args| {
        on_time(args, |t| Value::Int(t.timestamp().as_nanosecond().div_euclid(1_000_000) as i64))
    }),
    ("UnixMicro", &[], |_, args| {
        on_time(args, |t| Value::Int(t.timestamp().as_nanosecond().div_euclid(1_000) as i64))
    }),
    ("UnixNano", &[], |_, args| on_time(args, |t| Value::Int(t.timestamp().as_nanosecond() as i64))),
    ("Year", &[], |_, args| on_time(args, |t| Value::Int(i64::from(t.year())))),
    ("Month", &[], |_, args| on_time(args, |t| Value::Month(t.month()))),
    ("Day", &[], |_, args| on_time(args, |t| Value::Int(i64::from(t.day())))),
    ("Hour", &[], |_, args| on_time(args, |t| Value::Int(i64::from(t.hour())))),
    ("Minute", &[], |_, args| on_time(args, |t| Value::Int(i64::from(t.minute())))),
    ("Second", &[], |_, args| on_time(args, |t| Value::Int(i64::from(t.second())))),
    ("Nanosecond", &[], |_, args| on_time(args, |t| Value::Int(i64::from(t.subsec_nanosecond())))),
    ("YearDay", &[], |_, args| on_time(args, |t| Value::Int(i64::from(t.day_of_year())))),
    ("Weekday", &[], |_, args| on_time(args, |t| Value::Weekday(t.weekday().to_sunday_zero_offset()))),
    ("UTC", &[], |_, args| on_time(args, |t| Value::time(t.with_time_zone(jiff::tz::TimeZone::UTC)))),
    // The zone of the machine must not show in a test: local time is UTC.
    ("Local", &[], |_, args| on_time(args, |t| Value::time(t.with_time_zone(jiff::tz::TimeZone::UTC)))),
    ("IsZero", &[], |_, args| on_time(args, |t| Value::Bool(t.timestamp().as_second() == ZERO_TIME))),
    ("Add", &[Type::Duration], |_, args| match args {
        [Value::Time { at, .. }, Value::Duration { nanoseconds, .. }] => {
            moved(at.checked_add(SignedDuration::from_nanos(*nanoseconds)))
        }
        _ => Ok(Value::Nil),
    }),
    ("AddDate", &[Type::Int, Type::Int, Type::Int], |_, args| match args {
        [Value::Time { at, .. }, Value::Int(years), Value::Int(months), Value::Int(days)] => {
            let limit = |n: &i64| (*n).clamp(-9998, 9998);
            let months =
                limit(&months.clamp(&-100_000, &100_000).div_euclid(12)) * 12 + months.rem_euclid(12);
            moved(
                at.checked_add(limit(years).years())
                    .and_then(|t| t.checked_add(months.months()))
                    .and_then(|t| t.checked_add((*days).clamp(-3_000_000, 3_000_000).days())),
            )
        }
        _ => Ok(Value::Nil),
    }),
    ("Sub", &[Type::Time], |_, args| {
        on_times(args, |a, b| {
            let nanoseconds = a.timestamp().as_nanosecond() - b.timestamp().as_nanosecond();
            Value::duration(nanoseconds.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64)
        })
    }),
    ("After", &[Type::Time], |_, args| on_times(args, |a, b| Value::Bool(a.timestamp() > b.timestamp()))),
    ("Before", &[Type::Time], |_, args| on_times(args, |a, b| Value::Bool(a.timestamp() < b.timestamp()))),
    ("Equal", &[Type::Time], |_, args| on_times(args, |a, b| Value::Bool(a.timestamp() == b.timestamp()))),
    ("Compare", &[Type::Time], |_, args| {
        on_times(args, |a, b| Value::Int(a.timestamp().cmp(&b.timestamp()) as i64))
    }),
    ("Truncate", &[Type::Duration], |_, args| rounded(args, false)),
    ("Round", &[Type::Duration], |_, args| rounded(args, true)),
];

/// Unix seconds of Go's zero time, the first moment of the year 1.
pub const ZERO_TIME: i64 = -62_135_596_800;

fn on_time(args: &[Value], f: impl Fn(&time::Moment) -> Value) -> Result<Value, String> {
    match args.first() {
        Some(Value::Time { at, .. }) => Ok(f(at)),
        _ => Ok(Value::Nil),
    }
}

fn on_times(args: &[Value], f: impl Fn(&time::Moment, &time::Moment) -> Value) -> Result<Value, String> {
    match args {
        [Value::Time { at: a, .. }, Value::Time { at: b, .. }] => Ok(f(a, b)),
        _ => Ok(Value::Nil),
    }
}

fn moved(result: Result<time::Moment, jiff::Error>) -> Result<Value, String> {
    result.map(Value::time).map_err(|_| "a time outside the years -9999 to 9999".to_string())
}

/// A time in whole units since Go's zero time.
fn rounded(args: &[Value], to_nearest: bool) -> Result<Value, String> {
    let [Value::Time { at, .. }, Value::Duration { nanoseconds: unit, .. }] = args else {
        return Ok(Value::Nil);
    };
    if *unit <= 0 {
        return Ok(Value::time((**at).clone()));
    }
    let zero = i128::from(ZERO_TIME) * 1_000_000_000;
    let now = at.timestamp().as_nanosecond();
    let unit = i128::from(*unit);
    let over = (now - zero).rem_euclid(unit);
    let whole = if to_nearest && over * 2 >= unit { now - over + unit } else { now - over };
    moved(jiff::Timestamp::from_nanosecond(whole).map(|t| t.to_zoned(at.time_zone().clone())))
}

const DURATION: &[Method] = &[
    STRING,
    ("Hours", &[], |_, args| on_duration(args, |n| Value::Float(whole_and_rest(n, 3_600_000_000_000)))),
    ("Minutes", &[], |_, args| on_duration(args, |n| Value::Float(whole_and_rest(n, 60_000_000_000)))),
    ("Seconds", &[], |_, args| on_duration(args, |n| Value::Float(whole_and_rest(n, 1_000_000_000)))),
    ("Milliseconds", &[], |_, args| on_duration(args, |n| Value::Int(n / 1_000_000))),
    ("Microseconds", &[], |_, args| on_duration(args, |n| Value::Int(n / 1_000))),
    ("Nanoseconds", &[], |_, args| on_duration(args, Value::Int)),
    ("Abs", &[], |_, args| on_duration(args, |n| Value::duration(n.saturating_abs()))),
    ("Truncate", &[Type::Duration], |_, args| on_durations(args, |n, unit| n - n % unit)),
    ("Round", &[Type::Duration], |_, args| {
        on_durations(args, |n, unit| {
            let rest = n % unit;
            // Halves go away from zero.
            let up = i128::from(rest.unsigned_abs()) * 2 >= i128::from(unit);
            (n - rest).saturating_add(if up { unit * rest.signum() } else { 0 })
        })
    }),
];

fn on_duration(args: &[Value], f: impl Fn(i64) -> Value) -> Result<Value, String> {
    match args.first() {
        Some(Value::Duration { nanoseconds, .. }) => Ok(f(*nanoseconds)),
        _ => Ok(Value::Nil),
    }
}

fn on_durations(args: &[Value], f: impl Fn(i64, i64) -> i64) -> Result<Value, String> {
    match args {
        [Value::Duration { nanoseconds, .. }, Value::Duration { nanoseconds: unit, .. }] => {
            Ok(Value::duration(if *unit <= 0 { *nanoseconds } else { f(*nanoseconds, *unit) }))
        }
        _ => Ok(Value::Nil),
    }
}

/// Go's `Duration.Seconds()`: whole units and the rest added as floats.
pub fn whole_and_rest(nanoseconds: i64, unit: i64) -> f64 {
    (nanoseconds / unit) as f64 + (nanoseconds % unit) as f64 / unit as f64
}
