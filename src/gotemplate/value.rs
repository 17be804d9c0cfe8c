//! The values of templates: as much of Go's types as the two function sets can produce.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::gostd::time::Moment;

/// A native histogram, which the engine of the caller owns.
pub trait Histogram: fmt::Debug + Send + Sync {
    /// As Prometheus' `FloatHistogram.String()`.
    fn text(&self) -> String;
    /// The number of observations.
    fn count(&self) -> f64;
    /// The sum of observations.
    fn sum(&self) -> f64;
}

/// The Go type of a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StringType {
    /// `string`
    Plain,
    /// `template.HTML`: not escaped in HTML.
    Html,
    /// `template.URL`: not filtered in URLs.
    Url,
}

/// Strings by name, in the order of their names.
#[derive(Clone, Debug, Default)]
pub struct StringMap {
    entries: Arc<[(Arc<str>, Arc<str>)]>,
    /// Alertmanager's `template.KV`, which has methods and prints as `a=b, c=d`.
    pub is_kv: bool,
}

impl StringMap {
    /// From any pairs; of pairs with one name the last one counts.
    pub fn new<K: Into<Arc<str>>, V: Into<Arc<str>>>(pairs: impl IntoIterator<Item = (K, V)>) -> StringMap {
        let sorted: BTreeMap<Arc<str>, Arc<str>> =
            pairs.into_iter().map(|(k, v)| (k.into(), v.into())).collect();
        StringMap { entries: sorted.into_iter().collect(), is_kv: false }
    }

    /// The same as Alertmanager's `template.KV`.
    pub fn kv(self) -> StringMap {
        StringMap { is_kv: true, ..self }
    }

    /// The string of that name.
    pub fn get(&self, name: &str) -> Option<&Arc<str>> {
        let at = self.entries.binary_search_by(|(k, _)| k.as_ref().cmp(name)).ok()?;
        self.entries.get(at).map(|(_, v)| v)
    }

    /// The pairs in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = &(Arc<str>, Arc<str>)> {
        self.entries.iter()
    }

    /// The number of pairs.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no pair.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

/// The Go type of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListType {
    /// `[]string`
    Strings,
    /// `[]interface {}`
    Any,
    /// Prometheus' `template.queryResult`.
    Vector,
    /// Alertmanager's `template.Pairs`.
    Pairs,
    /// Alertmanager's `template.Alerts`.
    Alerts,
    /// `[]template.Alert`, which has no methods.
    AlertSlice,
}

/// A Go struct type.
#[derive(Debug, PartialEq, Eq)]
pub struct StructType {
    /// As `%T` prints it, without the star of a pointer.
    pub name: &'static str,
    /// Fields in their order.
    pub fields: &'static [&'static str],
    /// Names of the fields in JSON.
    pub json: &'static [&'static str],
    /// Those of the fields whose type is `interface {}`.
    pub any: &'static [&'static str],
    /// Values are pointers to it.
    pub is_pointer: bool,
}

/// A value.
#[derive(Clone, Debug)]
pub enum Value {
    /// No value at all: nil, or what is missing in a map of any values.
    Nil,
    /// `bool`
    Bool(bool),
    /// `int`
    Int(i64),
    /// `uint8`, what a string is made of.
    Byte(u8),
    /// `uint64`
    Uint(u64),
    /// `float64`
    Float(f64),
    /// A string of some type.
    Str(StringType, Arc<str>),
    /// `map[string]string` or `template.KV`
    StringMap(StringMap),
    /// `map[string]interface {}`
    AnyMap(Arc<BTreeMap<Arc<str>, Value>>),
    /// A list of some type.
    List(ListType, Arc<Vec<Value>>),
    /// A struct, or a pointer to one, with its fields in the order of the type.
    Struct(&'static StructType, Arc<Vec<Value>>),
    /// `time.Time`, or a pointer to one.
    Time {
        /// The moment.
        at: Box<Moment>,
        /// Whether it is a `*time.Time`.
        is_pointer: bool,
    },
    /// `time.Duration` in nanoseconds, or a pointer to one.
    Duration {
        /// Its length.
        nanoseconds: i64,
        /// Whether it is a `*time.Duration`.
        is_pointer: bool,
    },
    /// `time.Month`, from 1.
    Month(i8),
    /// `time.Weekday`, from 0 for Sunday.
    Weekday(i8),
    /// `*histogram.FloatHistogram`
    Histogram(Arc<dyn Histogram>),
}

impl Value {
    /// A plain string.
    pub fn string(s: impl Into<Arc<str>>) -> Value {
        Value::Str(StringType::Plain, s.into())
    }

    /// A `[]string`.
    pub fn strings(list: impl IntoIterator<Item = Arc<str>>) -> Value {
        Value::List(ListType::Strings, Arc::new(list.into_iter().map(Value::string).collect()))
    }

    /// A `time.Time`.
    pub fn time(at: Moment) -> Value {
        Value::Time { at: Box::new(at), is_pointer: false }
    }

    /// A `time.Duration`.
    pub fn duration(nanoseconds: i64) -> Value {
        Value::Duration { nanoseconds, is_pointer: false }
    }

    /// The text of any string type.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::Str(_, s) => Some(s),
            _ => None,
        }
    }

    /// What `if` and `and` see (Go's `template.IsTrue`).
    pub fn is_true(&self) -> bool {
        match self {
            Value::Nil => false,
            Value::Bool(b) => *b,
            Value::Int(i) => *i != 0,
            Value::Byte(b) => *b != 0,
            Value::Uint(u) => *u != 0,
            Value::Float(f) => *f != 0.0,
            Value::Str(_, s) => !s.is_empty(),
            Value::StringMap(m) => !m.is_empty(),
            Value::AnyMap(m) => !m.is_empty(),
            Value::List(_, items) => !items.is_empty(),
            Value::Duration { nanoseconds, is_pointer } => *is_pointer || *nanoseconds != 0,
            Value::Month(n) | Value::Weekday(n) => *n != 0,
            Value::Struct(..) | Value::Time { .. } | Value::Histogram(_) => true,
        }
    }

    /// The name of its Go type, as `%T` prints it.
    pub fn type_name(&self) -> String {
        let star = |is_pointer: bool, name: &str| format!("{}{name}", if is_pointer { "*" } else { "" });
        match self {
            Value::Nil => "<nil>".to_string(),
            Value::Bool(_) => "bool".to_string(),
            Value::Int(_) => "int".to_string(),
            Value::Byte(_) => "uint8".to_string(),
            Value::Uint(_) => "uint64".to_string(),
            Value::Float(_) => "float64".to_string(),
            Value::Str(StringType::Plain, _) => "string".to_string(),
            Value::Str(StringType::Html, _) => "template.HTML".to_string(),
            Value::Str(StringType::Url, _) => "template.URL".to_string(),
            Value::StringMap(m) if m.is_kv => "template.KV".to_string(),
            Value::StringMap(_) => "map[string]string".to_string(),
            Value::AnyMap(_) => "map[string]interface {}".to_string(),
            Value::List(kind, _) => kind.name().to_string(),
            Value::Struct(t, _) => star(t.is_pointer, t.name),
            Value::Time { is_pointer, .. } => star(*is_pointer, "time.Time"),
            Value::Duration { is_pointer, .. } => star(*is_pointer, "time.Duration"),
            Value::Month(_) => "time.Month".to_string(),
            Value::Weekday(_) => "time.Weekday".to_string(),
            Value::Histogram(_) => "*histogram.FloatHistogram".to_string(),
        }
    }

    /// Its number of elements, entries or bytes.
    pub fn length(&self) -> Option<usize> {
        match self {
            Value::Str(_, s) => Some(s.len()),
            Value::StringMap(m) => Some(m.len()),
            Value::AnyMap(m) => Some(m.len()),
            Value::List(_, items) => Some(items.len()),
            _ => None,
        }
    }

    /// A field of a struct, by its Go name.
    pub fn field(&self, name: &str) -> Option<Value> {
        match self {
            Value::Struct(t, values) => {
                let at = t.fields.iter().position(|f| *f == name)?;
                values.get(at).cloned()
            }
            Value::Histogram(h) => match name {
                "Count" => Some(Value::Float(h.count())),
                "Sum" => Some(Value::Float(h.sum())),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether what it has under that name may be of any type: errors then name `interface {}`.
    pub fn holds_any(&self, name: &str) -> bool {
        match self {
            Value::AnyMap(_) => true,
            Value::Struct(t, _) => t.any.contains(&name),
            _ => false,
        }
    }

    /// What a map has under a key: the zero value of its elements where there is none.
    pub fn map_entry(&self, key: &str) -> Option<Value> {
        match self {
            Value::StringMap(m) => Some(Value::string(m.get(key).cloned().unwrap_or_default())),
            Value::AnyMap(m) => Some(m.get(key).cloned().unwrap_or(Value::Nil)),
            _ => None,
        }
    }
}

impl ListType {
    fn name(self) -> &'static str {
        match self {
            ListType::Strings => "[]string",
            ListType::Any => "[]interface {}",
            ListType::Vector => "template.queryResult",
            ListType::Pairs => "template.Pairs",
            ListType::Alerts => "template.Alerts",
            ListType::AlertSlice => "[]template.Alert",
        }
    }
}
