//! Go's builtin functions of templates (text/template/funcs.go).

use std::cmp::Ordering;

use super::Environment;
use super::exec::MAX_TEXT;
use super::function::{Function, Type};
use super::print::{self, sprint, sprintln};
use super::printf::sprintf;
use super::value::Value;
use crate::gostd::strconv::is_print;
use crate::gostd::url::query_escape;

/// The builtins.
pub static FUNCTIONS: &[Function] = &[
    // `and` and `or` stop at the first argument that decides, so the evaluator runs them.
    Function::variadic("and", &[Type::Reflect], Type::Reflect, |_, args| {
        Ok(args.last().cloned().unwrap_or(Value::Nil))
    }),
    Function::variadic("or", &[Type::Reflect], Type::Reflect, |_, args| {
        Ok(args.last().cloned().unwrap_or(Value::Nil))
    }),
    Function::variadic("call", &[Type::Reflect], Type::Reflect, call),
    Function::variadic("html", &[], Type::Any, |_, args| text(args).map(|s| Value::string(html_escape(&s)))),
    Function::variadic("index", &[Type::Reflect], Type::Reflect, index),
    Function::variadic("slice", &[Type::Reflect], Type::Reflect, slice),
    Function::variadic("js", &[], Type::Any, |_, args| text(args).map(|s| Value::string(js_escape(&s)))),
    Function::new("len", &[Type::Reflect], len),
    Function::new("not", &[Type::Reflect], |_, args| Ok(Value::Bool(!args.iter().any(Value::is_true)))),
    Function::variadic("print", &[], Type::Any, |_, args| sprint(args, MAX_TEXT).map(Value::string)),
    Function::variadic("printf", &[Type::String], Type::Any, printf),
    Function::variadic("println", &[], Type::Any, |_, args| sprintln(args, MAX_TEXT).map(Value::string)),
    Function::variadic("urlquery", &[], Type::Any, |_, args| {
        text(args).map(|s| Value::string(query_escape(&s)))
    }),
    Function::variadic("eq", &[Type::Reflect], Type::Reflect, |_, args| match args.split_first() {
        Some((first, others)) => equal_any(first, others).map(Value::Bool),
        None => Ok(Value::Bool(false)),
    }),
    Function::new("ne", &[Type::Reflect, Type::Reflect], |_, args| compared(args, |a, b| Ok(!equal(a, b)?))),
    Function::new("lt", &[Type::Reflect, Type::Reflect], |_, args| compared(args, less)),
    Function::new("le", &[Type::Reflect, Type::Reflect], |_, args| compared(args, less_or_equal)),
    Function::new("gt", &[Type::Reflect, Type::Reflect], |_, args| {
        compared(args, |a, b| Ok(!less_or_equal(a, b)?))
    }),
    Function::new("ge", &[Type::Reflect, Type::Reflect], |_, args| compared(args, |a, b| Ok(!less(a, b)?))),
];

fn call(_: &Environment<'_>, args: &[Value]) -> Result<Value, String> {
    match args.first() {
        None | Some(Value::Nil) => Err("call of nil".to_string()),
        Some(value) => Err(format!("non-function {} of type {}", print::value(value), value.type_name())),
    }
}

fn printf(_: &Environment<'_>, args: &[Value]) -> Result<Value, String> {
    let Some((Value::Str(_, format), rest)) = args.split_first() else { return Ok(Value::string("")) };
    sprintf(format, rest, MAX_TEXT).map(Value::string)
}

/// What `html`, `js` and `urlquery` work on: a string as it is, anything else printed.
fn text(args: &[Value]) -> Result<String, String> {
    match args {
        [Value::Str(_, s)] => Ok(s.to_string()),
        args => print::sprint_targets(args, MAX_TEXT),
    }
}

/// Go's `html.EscapeString` as templates do it.
pub fn html_escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\0' => out.push('\u{fffd}'),
            '"' => out.push_str("&#34;"),
            '\'' => out.push_str("&#39;"),
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            c => out.push(c),
        }
    }
    out
}

/// Go's `template.JSEscapeString`.
fn js_escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\'' => out.push_str("\\'"),
            '"' => out.push_str("\\\""),
            '<' => out.push_str("\\u003C"),
            '>' => out.push_str("\\u003E"),
            '&' => out.push_str("\\u0026"),
            '=' => out.push_str("\\u003D"),
            c if is_print(c) => out.push(c),
            c => out.push_str(&format!("\\u{:04X}", u32::from(c))),
        }
    }
    out
}

fn len(_: &Environment<'_>, args: &[Value]) -> Result<Value, String> {
    match args.first() {
        None | Some(Value::Nil) => Err("reflect: call of reflect.Value.Type on zero Value".to_string()),
        Some(value) => match value.length() {
            Some(n) => Ok(Value::Int(i64::try_from(n).unwrap_or(i64::MAX))),
            None => Err(format!("len of type {}", value.type_name().trim_start_matches('*'))),
        },
    }
}

/// Go's `indexArg`: an index from 0 up to and with the length.
fn position(index: &Value, length: usize) -> Result<usize, String> {
    let n = match index {
        Value::Nil => return Err("cannot index slice/array with nil".to_string()),
        int if basic(int) == Some(Basic::Int) => i64::try_from(integer(int)).unwrap_or(i64::MAX),
        other => return Err(format!("cannot index slice/array with type {}", other.type_name())),
    };
    usize::try_from(n).ok().filter(|n| *n <= length).ok_or_else(|| format!("index out of range: {n}"))
}

fn index(_: &Environment<'_>, args: &[Value]) -> Result<Value, String> {
    let Some((item, indexes)) = args.split_first() else { return Ok(Value::Nil) };
    let mut item = item.clone();
    if let Value::Nil = item {
        return Err("index of untyped nil".to_string());
    }
    for index in indexes {
        item = match &item {
            Value::List(_, items) => match items.get(position(index, items.len())?) {
                Some(value) => value.clone(),
                None => return Err("reflect: slice index out of range".to_string()),
            },
            Value::Str(_, s) => match s.as_bytes().get(position(index, s.len())?) {
                Some(byte) => Value::Byte(*byte),
                None => return Err("reflect: string index out of range".to_string()),
            },
            Value::StringMap(_) | Value::AnyMap(_) => match index {
                Value::Str(super::value::StringType::Plain, key) => item.map_entry(key).unwrap_or(Value::Nil),
                Value::Nil => return Err("value is nil; should be of type string".to_string()),
                other => return Err(format!("value has type {}; should be string", other.type_name())),
            },
            Value::Nil => return Err("index of nil pointer".to_string()),
            other => {
                return Err(format!(
                    "can't index item of type {}",
                    other.type_name().trim_start_matches('*')
                ));
            }
        };
    }
    Ok(item)
}

fn slice(_: &Environment<'_>, args: &[Value]) -> Result<Value, String> {
    let Some((item, indexes)) = args.split_first() else { return Ok(Value::Nil) };
    if let Value::Nil = item {
        return Err("slice of untyped nil".to_string());
    }
    if indexes.len() > 3 {
        return Err(format!("too many slice indexes: {}", indexes.len()));
    }
    let length = match item {
        Value::Str(..) if indexes.len() == 3 => return Err("cannot 3-index slice a string".to_string()),
        Value::Str(_, s) => s.len(),
        Value::List(_, items) => items.len(),
        other => {
            return Err(format!("can't slice item of type {}", other.type_name().trim_start_matches('*')));
        }
    };
    let mut bounds = [0, length, length];
    for (bound, index) in bounds.iter_mut().zip(indexes) {
        *bound = position(index, length)?;
    }
    let [from, to, cap] = bounds;
    for (low, high) in [(from, to), (to, cap)] {
        if low > high {
            return Err(format!("invalid slice index: {low} > {high}"));
        }
    }
    Ok(match item {
        Value::List(kind, items) => {
            Value::List(*kind, items.get(from..to).unwrap_or_default().to_vec().into())
        }
        Value::Str(kind, s) => {
            // Go cuts between bytes; what is left of a cut character prints as a replacement.
            let bytes = s.as_bytes().get(from..to).unwrap_or_default();
            Value::Str(*kind, String::from_utf8_lossy(bytes).into())
        }
        other => other.clone(),
    })
}

/// The kinds that can be ordered or compared by value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Basic {
    Bool,
    Int,
    Float,
    String,
}

fn basic(value: &Value) -> Option<Basic> {
    match value {
        Value::Bool(_) => Some(Basic::Bool),
        Value::Int(_) | Value::Byte(_) | Value::Uint(_) | Value::Month(_) | Value::Weekday(_) => {
            Some(Basic::Int)
        }
        Value::Duration { is_pointer: false, .. } => Some(Basic::Int),
        Value::Float(_) => Some(Basic::Float),
        Value::Str(..) => Some(Basic::String),
        _ => None,
    }
}

fn integer(value: &Value) -> i128 {
    match value {
        Value::Int(n) | Value::Duration { nanoseconds: n, .. } => i128::from(*n),
        Value::Byte(b) => i128::from(*b),
        Value::Uint(u) => i128::from(*u),
        Value::Month(n) | Value::Weekday(n) => i128::from(*n),
        _ => 0,
    }
}

fn compared(args: &[Value], compare: fn(&Value, &Value) -> Result<bool, String>) -> Result<Value, String> {
    match args {
        [a, b] => compare(a, b).map(Value::Bool),
        _ => Ok(Value::Bool(false)),
    }
}

fn incompatible(a: &Value, b: &Value) -> String {
    format!("incompatible types for comparison: {} and {}", a.type_name(), b.type_name())
}

fn equal_any(first: &Value, others: &[Value]) -> Result<bool, String> {
    if others.is_empty() {
        return Err("missing argument for comparison".to_string());
    }
    for other in others {
        if equal(first, other)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn equal(a: &Value, b: &Value) -> Result<bool, String> {
    match (basic(a), basic(b)) {
        (Some(Basic::Int), Some(Basic::Int)) => return Ok(integer(a) == integer(b)),
        (x, y) if x != y => {
            // Only nil may be compared with another kind.
            let nil = matches!(a, Value::Nil) || matches!(b, Value::Nil);
            return if nil { Ok(false) } else { Err(incompatible(a, b)) };
        }
        _ => {}
    }
    match (a, b) {
        (Value::Bool(a), Value::Bool(b)) => Ok(a == b),
        (Value::Float(a), Value::Float(b)) => Ok(a == b),
        (Value::Str(_, a), Value::Str(_, b)) => Ok(a == b),
        (Value::Nil, Value::Nil) => Ok(true),
        (Value::Nil, _) | (_, Value::Nil) => Ok(false),
        (Value::Time { at: a, .. }, Value::Time { at: b, .. }) => Ok(a == b),
        (Value::Struct(t, a), Value::Struct(_, b)) if t.is_pointer => Ok(std::sync::Arc::ptr_eq(a, b)),
        (a, b) if std::mem::discriminant(a) != std::mem::discriminant(b) => {
            let (x, y) = (a.type_name(), b.type_name());
            sprintf(
                "non-comparable types %s: %v, %s: %v",
                &[a.clone(), Value::string(x), Value::string(y), b.clone()],
                MAX_TEXT,
            )
            .and_then(Err)
        }
        (_, b) => {
            let name = Value::string(b.type_name());
            sprintf("non-comparable type %s: %v", &[b.clone(), name], MAX_TEXT).and_then(Err)
        }
    }
}

fn order(a: &Value, b: &Value) -> Result<Option<Ordering>, String> {
    let invalid = || "invalid type for comparison".to_string();
    let kinds = (basic(a).ok_or_else(invalid)?, basic(b).ok_or_else(invalid)?);
    if kinds.0 != kinds.1 {
        return Err(incompatible(a, b));
    }
    match (a, b) {
        (Value::Bool(_), _) => Err(invalid()),
        (Value::Float(a), Value::Float(b)) => Ok(a.partial_cmp(b)),
        (Value::Str(_, a), Value::Str(_, b)) => Ok(Some(a.cmp(b))),
        _ => Ok(Some(integer(a).cmp(&integer(b)))),
    }
}

fn less(a: &Value, b: &Value) -> Result<bool, String> {
    Ok(order(a, b)? == Some(Ordering::Less))
}

fn less_or_equal(a: &Value, b: &Value) -> Result<bool, String> {
    Ok(matches!(order(a, b)?, Some(Ordering::Less | Ordering::Equal)))
}
