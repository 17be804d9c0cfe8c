//! Values as Go's `fmt` prints them with `%v`, and the `print` family.

use std::fmt::Write;

use super::value::{ListType, StructType, Value};
use crate::gostd::strconv::format_value;
use crate::gostd::time::{self, MONTHS, WEEKDAYS};

/// What stands for an address: real ones change from run to run.
pub const ADDRESS: &str = "0xc000012345";

/// What an action prints: a pointer's target, `<no value>` for nothing.
pub fn push_output(out: &mut String, value: &Value) {
    match value {
        Value::Nil => out.push_str("<no value>"),
        Value::Struct(t, fields) => push_struct(out, t, fields),
        value => push(out, value, 0),
    }
}

/// As [`push_output`].
pub fn output(value: &Value) -> String {
    let mut out = String::new();
    push_output(&mut out, value);
    out
}

/// The `%v` form of what a pointer points at.
pub fn value(value: &Value) -> String {
    match value {
        Value::Nil => "<nil>".to_string(),
        value => output(value),
    }
}

/// The text of a value that has Go's `String()` method.
pub fn stringer(value: &Value) -> Option<String> {
    let named = |names: &[&str], at: i8| {
        usize::try_from(at).ok().and_then(|i| names.get(i)).map(|n| (*n).to_string())
    };
    match value {
        Value::StringMap(map) if map.is_kv => Some(super::methods::kv_text(map)),
        Value::List(ListType::Pairs, items) => {
            let pair = |v: &Value| match v {
                Value::Struct(_, fields) => {
                    fields.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("=")
                }
                _ => String::new(),
            };
            Some(items.iter().map(pair).collect::<Vec<_>>().join(", "))
        }
        Value::Time { at, .. } => Some(time::to_string(at)),
        Value::Duration { nanoseconds, .. } => Some(time::duration_to_string(*nanoseconds)),
        Value::Month(month) => named(&MONTHS, month - 1),
        Value::Weekday(day) => named(&WEEKDAYS, *day),
        Value::Histogram(h) => Some(h.text()),
        _ => None,
    }
}

/// Appends the `%v` form; at depth 0 a pointer to a struct prints as `&{…}`, deeper as an address.
pub fn push(out: &mut String, value: &Value, depth: usize) {
    // Writing to a string cannot fail.
    let _ = match value {
        Value::Nil => write!(out, "<nil>"),
        Value::Bool(b) => write!(out, "{b}"),
        Value::Int(i) => write!(out, "{i}"),
        Value::Byte(b) => write!(out, "{b}"),
        Value::Uint(u) => write!(out, "{u}"),
        Value::Float(f) => write!(out, "{}", format_value(*f)),
        Value::Str(_, s) => write!(out, "{s}"),
        Value::StringMap(map) if !map.is_kv => {
            push_map(out, map.iter().map(|(k, v)| (k.as_ref(), v)), |out, v| out.push_str(v));
            Ok(())
        }
        Value::AnyMap(map) => {
            push_map(out, map.iter().map(|(k, v)| (k.as_ref(), v)), |out, v| push(out, v, depth + 1));
            Ok(())
        }
        Value::List(kind, items) if *kind != ListType::Pairs => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(' ');
                }
                push(out, item, depth + 1);
            }
            out.push(']');
            Ok(())
        }
        Value::Struct(t, fields) => {
            if t.is_pointer && depth > 0 {
                out.push_str(ADDRESS);
            } else {
                if t.is_pointer {
                    out.push('&');
                }
                push_struct(out, t, fields);
            }
            Ok(())
        }
        other => write!(out, "{}", stringer(other).unwrap_or_default()),
    };
}

fn push_map<'a, V>(
    out: &mut String,
    entries: impl Iterator<Item = (&'a str, V)>,
    mut push_value: impl FnMut(&mut String, V),
) {
    out.push_str("map[");
    for (i, (name, value)) in entries.enumerate() {
        if i > 0 {
            out.push(' ');
        }
        out.push_str(name);
        out.push(':');
        push_value(out, value);
    }
    out.push(']');
}

fn push_struct(out: &mut String, _: &StructType, fields: &[Value]) {
    out.push('{');
    for (i, field) in fields.iter().enumerate() {
        if i > 0 {
            out.push(' ');
        }
        push(out, field, 1);
    }
    out.push('}');
}

/// Go's `fmt.Sprint`: a space between two operands when neither is a string. Longer texts than `limit` bytes are an error.
pub fn sprint(args: &[Value], limit: usize) -> Result<String, String> {
    sprint_with(args, limit, |v| matches!(v, Value::Str(..)), |out, arg| push(out, arg, 0))
}

/// As [`sprint`], of what pointers point at, and `<no value>` for nil.
pub fn sprint_targets(args: &[Value], limit: usize) -> Result<String, String> {
    sprint_with(args, limit, |v| matches!(v, Value::Str(..) | Value::Nil), push_output)
}

fn sprint_with(
    args: &[Value],
    limit: usize,
    is_text: impl Fn(&Value) -> bool,
    push: impl Fn(&mut String, &Value),
) -> Result<String, String> {
    let mut out = String::new();
    let mut after_string = true;
    for arg in args {
        let is_string = is_text(arg);
        if !after_string && !is_string {
            out.push(' ');
        }
        push(&mut out, arg);
        check(&out, limit)?;
        after_string = is_string;
    }
    Ok(out)
}

/// Go's `fmt.Sprintln`.
pub fn sprintln(args: &[Value], limit: usize) -> Result<String, String> {
    let mut out = String::new();
    for (i, arg) in args.iter().enumerate() {
        if i > 0 {
            out.push(' ');
        }
        push(&mut out, arg, 0);
        check(&out, limit)?;
    }
    out.push('\n');
    Ok(out)
}

/// An error when a text has grown beyond the limit.
pub fn check(out: &str, limit: usize) -> Result<(), String> {
    if out.len() > limit { Err(format!("the text is larger than {limit} bytes")) } else { Ok(()) }
}
