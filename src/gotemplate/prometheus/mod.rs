//! Prometheus' templates: the functions of template/template.go, and labels and annotations of alerts.

mod host;
mod rule;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use rule::{AlertData, RuleTemplate};

use super::function::{Function, FunctionSet, Type};
use super::value::{ListType, StringMap, StringType, StructType, Value};
use super::{Environment, case, humanize};
use crate::gostd::regexp::{Anchor, Regexp};
use crate::gostd::url::query_escape;
use crate::promql::duration::{Duration, DurationError};

/// One sample that `query` gives.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Its labels, the metric's name among them.
    pub labels: StringMap,
    /// A float or a histogram.
    pub value: Value,
}

static SAMPLE: StructType = StructType {
    name: "template.sample",
    fields: &["Labels", "Value"],
    json: &["Labels", "Value"],
    any: &["Value"],
    is_pointer: true,
};

/// The newest version whose functions are known.
pub const LATEST: (u16, u16) = (3, 14);

/// The functions that the given version of Prometheus (major, minor) has.
pub const fn functions(version: (u16, u16)) -> FunctionSet {
    FunctionSet::new(FUNCTIONS, version)
}

static FUNCTIONS: &[Function] = &[
    Function::new("query", &[Type::String], query),
    Function::new("first", &[Type::Vector], |_, args| match args.first() {
        Some(Value::List(_, items)) if !items.is_empty() => Ok(items.first().cloned().unwrap_or(Value::Nil)),
        _ => Err("first() called on vector with no elements".to_string()),
    }),
    Function::new("label", &[Type::String, Type::Sample], |_, args| match args {
        [Value::Str(_, name), sample] => {
            Ok(label(sample, name)?.map_or_else(|| Value::string(""), Value::string))
        }
        _ => Ok(Value::Nil),
    }),
    Function::new("value", &[Type::Sample], |_, args| {
        args.first().and_then(|sample| sample.field("Value")).ok_or_else(|| NIL_POINTER.to_string())
    }),
    Function::new("strvalue", &[Type::Sample], |_, args| match args.first() {
        Some(sample) => Ok(Value::string(label(sample, "__value__")?.unwrap_or_default())),
        None => Ok(Value::Nil),
    }),
    Function::variadic("args", &[], Type::Any, |_, args| {
        let named = args.iter().enumerate().map(|(i, v)| (Arc::from(format!("arg{i}")), v.clone()));
        Ok(Value::AnyMap(Arc::new(named.collect::<BTreeMap<_, _>>())))
    }),
    Function::new("reReplaceAll", &[Type::String, Type::String, Type::String], re_replace_all),
    Function::new("safeHtml", &[Type::String], |_, args| Ok(Value::Str(StringType::Html, text(args, 0)))),
    Function::new("match", &[Type::String, Type::String], match_string),
    Function::new("title", &[Type::String], |_, args| Ok(Value::string(case::title(&text(args, 0), false)))),
    Function::new("toUpper", &[Type::String], |_, args| Ok(Value::string(case::to_upper(&text(args, 0))))),
    Function::new("toLower", &[Type::String], |_, args| Ok(Value::string(case::to_lower(&text(args, 0))))),
    Function::new("graphLink", &[Type::String], |_, args| Ok(graph_link(&text(args, 0), 0))),
    Function::new("tableLink", &[Type::String], |_, args| Ok(graph_link(&text(args, 0), 1))),
    Function::new("sortByLabel", &[Type::String, Type::Vector], sort_by_label),
    Function::new("stripPort", &[Type::String], |_, args| {
        Ok(Value::string(host::strip_port(&text(args, 0))))
    }),
    Function::new("stripDomain", &[Type::String], |_, args| {
        Ok(Value::string(host::strip_domain(&text(args, 0))))
    }),
    Function::new("humanize", &[Type::Any], |_, args| on_float(args, |v| Ok(humanize::humanize(v)))),
    Function::new("humanize1024", &[Type::Any], |_, args| on_float(args, |v| Ok(humanize::humanize1024(v)))),
    Function::new("humanizeDuration", &[Type::Any], |_, args| {
        on_float(args, |v| Ok(humanize::humanize_duration(v)))
    }),
    Function::new("humanizePercentage", &[Type::Any], |_, args| {
        on_float(args, |v| Ok(humanize::humanize_percentage(v)))
    }),
    Function::new("humanizeTimestamp", &[Type::Any], |_, args| on_float(args, humanize::humanize_timestamp)),
    Function::new("toTime", &[Type::Any], |_, args| {
        let milliseconds = humanize::to_milliseconds(float(args)?)?;
        Ok(Value::Time { at: Box::new(super::utc_milliseconds(milliseconds)), is_pointer: true })
    }),
    Function::new("toDuration", &[Type::Any], |_, args| {
        Ok(Value::Duration { nanoseconds: humanize::to_nanoseconds(float(args)?), is_pointer: true })
    })
    .since(3, 6),
    Function::new("now", &[], |env, _| Ok(Value::Float(env.now.as_millisecond() as f64 / 1000.0)))
        .since(3, 6),
    Function::new("pathPrefix", &[], |env, _| {
        Ok(Value::string(host::path_of(env.external_url.ok_or(NIL_POINTER)?)))
    }),
    Function::new("externalURL", &[], |env, _| Ok(Value::string(env.external_url.ok_or(NIL_POINTER)?))),
    // Negative durations came with 3.6: the newer form is found first where it exists.
    Function::new("parseDuration", &[Type::String], |_, args| parse_duration(&text(args, 0), true))
        .since(3, 6),
    Function::new("parseDuration", &[Type::String], |_, args| parse_duration(&text(args, 0), false)),
    Function::new("urlQueryEscape", &[Type::String], |_, args| {
        Ok(Value::string(query_escape(&text(args, 0))))
    })
    .since(3, 8),
];

/// What Go says when a URL that was never set is used, as in promtool.
const NIL_POINTER: &str = "runtime error: invalid memory address or nil pointer dereference";

/// The text of a string argument, whose type is checked before.
pub(super) fn text(args: &[Value], at: usize) -> Arc<str> {
    match args.get(at) {
        Some(Value::Str(_, s)) => s.clone(),
        _ => Arc::default(),
    }
}

fn float(args: &[Value]) -> Result<f64, String> {
    humanize::to_float(args.first().unwrap_or(&Value::Nil))
}

pub(super) fn on_float(args: &[Value], f: impl Fn(f64) -> Result<String, String>) -> Result<Value, String> {
    f(float(args)?).map(Value::string)
}

fn label(sample: &Value, name: &str) -> Result<Option<Arc<str>>, String> {
    match sample.field("Labels") {
        Some(Value::StringMap(labels)) => Ok(labels.get(name).cloned()),
        _ => Err(NIL_POINTER.to_string()),
    }
}

fn query(env: &Environment<'_>, args: &[Value]) -> Result<Value, String> {
    let Some(query) = env.query else { return Err("queries are not available here".to_string()) };
    let samples = query(&text(args, 0))?;
    let value = |s: Sample| Value::Struct(&SAMPLE, Arc::new(vec![Value::StringMap(s.labels), s.value]));
    Ok(Value::List(ListType::Vector, Arc::new(samples.into_iter().map(value).collect())))
}

/// Go's `regexp.MatchString`.
pub(super) fn match_string(_: &Environment<'_>, args: &[Value]) -> Result<Value, String> {
    let re = Regexp::new(&text(args, 0), Anchor::None).map_err(|e| e.to_string())?;
    Ok(Value::Bool(re.is_match(&text(args, 1))))
}

/// Go's `regexp.MustCompile(pattern).ReplaceAllString(text, template)`, whose panic names the pattern.
pub(super) fn re_replace_all(_: &Environment<'_>, args: &[Value]) -> Result<Value, String> {
    let pattern = text(args, 0);
    let re = Regexp::new(&pattern, Anchor::None).map_err(|e| {
        let quoted = if pattern.contains(['`', '\n', '\r']) {
            crate::gostd::strconv::quote(&pattern)
        } else {
            format!("`{pattern}`")
        };
        format!("regexp: Compile({quoted}): {e}")
    })?;
    match re.replace_all_within(&text(args, 2), &text(args, 1), super::exec::MAX_TEXT) {
        Some(replaced) => Ok(Value::string(replaced)),
        None => Err("the replaced text is too large".to_string()),
    }
}

fn graph_link(expression: &str, tab: u8) -> Value {
    Value::string(format!("/graph?g0.expr={}&g0.tab={tab}", query_escape(expression)))
}

fn sort_by_label(_: &Environment<'_>, args: &[Value]) -> Result<Value, String> {
    let (name, Some(Value::List(kind, items))) = (text(args, 0), args.get(1)) else { return Ok(Value::Nil) };
    let mut items = items.as_ref().clone();
    items.sort_by_cached_key(|sample| label(sample, &name).ok().flatten().unwrap_or_default());
    Ok(Value::List(*kind, Arc::new(items)))
}

/// Seconds of a Prometheus duration.
fn parse_duration(text: &str, negative: bool) -> Result<Value, String> {
    let (sign, body) = match text.strip_prefix('-').filter(|_| negative) {
        Some(body) => (-1.0, body),
        None => (1.0, text),
    };
    let duration: Duration = body.parse().map_err(|e: DurationError| e.to_string())?;
    Ok(Value::Float(sign * (duration.millis() as f64 * 1e6) / 1e9))
}
