//! Values as Go's encoding/json writes them (`toJson`).

use super::super::value::Value;
use crate::gostd::strconv::format_float;
use crate::gostd::time;

/// Appends the JSON of a value; an error is Go's text.
pub fn push(out: &mut String, value: &Value) -> Result<(), String> {
    match value {
        Value::Nil => out.push_str("null"),
        Value::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Value::Int(n) | Value::Duration { nanoseconds: n, .. } => out.push_str(&n.to_string()),
        Value::Byte(n) => out.push_str(&n.to_string()),
        Value::Uint(n) => out.push_str(&n.to_string()),
        Value::Month(n) | Value::Weekday(n) => out.push_str(&n.to_string()),
        Value::Float(f) => out.push_str(&float(*f)?),
        Value::Str(_, s) => push_string(out, s),
        Value::Time { at, .. } => push_string(out, &time::format(at, "2006-01-02T15:04:05.999999999Z07:00")),
        Value::StringMap(map) => {
            let entries = map.iter().map(|(name, value)| (name.as_ref(), Value::string(value.clone())));
            push_object(out, entries)?;
        }
        Value::AnyMap(map) => {
            push_object(out, map.iter().map(|(name, value)| (name.as_ref(), value.clone())))?;
        }
        Value::Struct(t, fields) => push_object(out, t.json.iter().copied().zip(fields.iter().cloned()))?,
        Value::List(_, items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                push(out, item)?;
            }
            out.push(']');
        }
        Value::Histogram(_) => return Err("json: unsupported type: *histogram.FloatHistogram".to_string()),
    }
    Ok(())
}

fn push_object<'a>(out: &mut String, entries: impl Iterator<Item = (&'a str, Value)>) -> Result<(), String> {
    out.push('{');
    for (i, (name, value)) in entries.enumerate() {
        if i > 0 {
            out.push(',');
        }
        push_string(out, name);
        out.push(':');
        push(out, &value)?;
    }
    out.push('}');
    Ok(())
}

/// As ECMAScript writes numbers: an exponent below 1e-6 and from 1e21.
fn float(f: f64) -> Result<String, String> {
    if !f.is_finite() {
        return Err(format!("json: unsupported value: {}", format_float(f, 'g', None)));
    }
    let magnitude = f.abs();
    if magnitude != 0.0 && !(1e-6..1e21).contains(&magnitude) {
        return Ok(format_float(f, 'e', None).replace("e-0", "e-"));
    }
    Ok(format_float(f, 'f', None))
}

fn push_string(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '<' | '>' | '&' | '\0'..=' ' | '\u{2028}' | '\u{2029}' if c != ' ' => {
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}
