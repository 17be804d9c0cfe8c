//! The tree: nodes with their places in the author's text.

use crate::source::Span;

/// How a scalar is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// `text`
    Plain,
    /// `'text'`
    Single,
    /// `"text"`
    Double,
    /// `|`
    Literal,
    /// `>`
    Folded,
}

impl Style {
    /// The quote it is written in; empty without quotes.
    pub const fn quote(self) -> &'static str {
        match self {
            Style::Single => "'",
            Style::Double => "\"",
            Style::Plain | Style::Literal | Style::Folded => "",
        }
    }
}

/// An explicit tag, as far as it changes the meaning of a scalar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tag {
    /// None is written.
    Implicit,
    /// `!!str`, or a tag that go-yaml does not know: the scalar is text.
    Text,
    /// `!!int`
    Int,
    /// `!!float`
    Float,
    /// `!!bool`
    Bool,
    /// `!!null`
    Null,
    /// `!!binary`: base64 text.
    Binary,
}

/// Text, decoded, as it stands between its quotes or in its block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scalar {
    /// The decoded text.
    pub text: String,
    /// How it is written.
    pub style: Style,
    /// Its explicit tag.
    pub tag: Tag,
}

/// One key and its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: Node,
    /// The value.
    pub value: Node,
    /// True when it came through a merge key (`<<`).
    pub merged: bool,
}

impl Entry {
    /// The key's text; empty when the key is no scalar (which reading reports).
    pub fn name(&self) -> &str {
        match &self.key.value {
            Value::Scalar(s) => &s.text,
            _ => "",
        }
    }
}

/// Keys and values in the author's order; merged ones last. No key stands twice.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Mapping {
    /// The entries.
    pub entries: Vec<Entry>,
}

impl Mapping {
    /// The entry of that key.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|e| e.name() == key)
    }

    /// The value of that key.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|e| &e.value)
    }
}

/// What a node holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Text, a number, a boolean or null.
    Scalar(Scalar),
    /// A list.
    Sequence(Vec<Node>),
    /// Keys and values.
    Mapping(Mapping),
}

/// A value and where it stands. What an alias (`*x`) stands for has its place at the anchor.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// From the first to behind the last character, without anchor and tag.
    pub span: Span,
    /// What it holds.
    pub value: Value,
}

impl Node {
    /// True for an absent value, `~`, `null` and `!!null`, as go-yaml has it.
    pub fn is_null(&self) -> bool {
        match &self.value {
            Value::Scalar(s) => s.is_null(),
            _ => false,
        }
    }

    /// The mapping, if it is one.
    pub fn as_mapping(&self) -> Option<&Mapping> {
        match &self.value {
            Value::Mapping(m) => Some(m),
            _ => None,
        }
    }

    /// The list, if it is one.
    pub fn as_sequence(&self) -> Option<&[Node]> {
        match &self.value {
            Value::Sequence(s) => Some(s),
            _ => None,
        }
    }

    /// The scalar, if it is one.
    pub fn as_scalar(&self) -> Option<&Scalar> {
        match &self.value {
            Value::Scalar(s) => Some(s),
            _ => None,
        }
    }

    /// The scalar's decoded text, whatever its type; none for null.
    pub fn as_text(&self) -> Option<&str> {
        self.as_scalar().filter(|s| !s.is_null()).map(|s| s.text.as_str())
    }

    /// `a list`, `a mapping`, `a number`, …: for messages.
    pub fn kind(&self) -> &'static str {
        match &self.value {
            Value::Sequence(_) => "a list",
            Value::Mapping(_) => "a mapping",
            Value::Scalar(s) => s.kind(),
        }
    }
}
