//! Label matchers: `severity="critical"`, `team=~"a|b"`, in the three ways in which Alertmanager reads them.

mod classic;
mod utf8;

use std::fmt;

use serde::{Serialize, Serializer};

use crate::gostd::regexp::{Anchor, Regexp, RegexpError};
use crate::gostd::strconv;

/// How a matcher compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Op {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `=~`
    Match,
    /// `!~`
    NotMatch,
}

impl Op {
    /// As it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Op::Equal => "=",
            Op::NotEqual => "!=",
            Op::Match => "=~",
            Op::NotMatch => "!~",
        }
    }
}

/// A condition on one label (pkg/labels Matcher). A label that is absent is the empty text.
#[derive(Debug, Clone)]
pub struct Matcher {
    name: String,
    op: Op,
    value: String,
    regexp: Option<Regexp>,
}

impl Matcher {
    /// A matcher.
    ///
    /// # Errors
    /// A value that is no regular expression, when the operator wants one.
    pub fn new(name: impl Into<String>, op: Op, value: impl Into<String>) -> Result<Matcher, RegexpError> {
        let value = value.into();
        let regexp = match op {
            Op::Match | Op::NotMatch => Some(Regexp::new(&value, Anchor::Alertmanager)?),
            Op::Equal | Op::NotEqual => None,
        };
        Ok(Matcher { name: name.into(), op, value, regexp })
    }

    /// The label.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How it compares.
    pub fn op(&self) -> Op {
        self.op
    }

    /// What it compares with: text, or a regular expression (anchored, `.` does not match a newline).
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Whether a label's value passes; the empty text stands for an absent label.
    pub fn matches(&self, value: &str) -> bool {
        let found = match &self.regexp {
            Some(regexp) => regexp.is_match(value),
            None => self.value == value,
        };
        found == matches!(self.op, Op::Equal | Op::Match)
    }

    /// Written so that all three modes read the same: the value quoted, the name quoted where it must be.
    pub fn to_config(&self) -> String {
        let plain = self.name.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '_' | ':'))
            && self.name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b':'));
        let name = if plain { self.name.clone() } else { strconv::quote(&self.name) };
        format!("{name}{}\"{}\"", self.op.as_str(), escape(&self.value))
    }

    fn key(&self) -> (&str, &str, Op) {
        (&self.name, &self.value, self.op)
    }
}

impl PartialEq for Matcher {
    fn eq(&self, other: &Matcher) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Matcher {}

impl PartialOrd for Matcher {
    fn partial_cmp(&self, other: &Matcher) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Matcher {
    /// By name, value and operator, as Alertmanager sorts the matchers of a route.
    fn cmp(&self, other: &Matcher) -> std::cmp::Ordering {
        self.key().cmp(&other.key())
    }
}

impl fmt::Display for Matcher {
    /// As Alertmanager prints it (pkg/labels Matcher String), which group keys are made of.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let op = self.op.as_str();
        if self.name.contains(utf8::is_reserved) {
            return write!(f, "{}{op}{}", strconv::quote(&self.name), strconv::quote(&self.value));
        }
        write!(f, "{}{op}\"{}\"", self.name, escape(&self.value))
    }
}

impl Serialize for Matcher {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_config())
    }
}

/// OpenMetrics' escapes.
fn escape(value: &str) -> String {
    value.replace('\\', "\\\\").replace('\n', "\\n").replace('"', "\\\"")
}

/// Which parser reads matchers (Alertmanager's feature flags `classic-mode` and `utf8-strict-mode`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// Both parsers; where they differ the classic one wins. Alertmanager's default.
    #[default]
    Fallback,
    /// The classic parser alone.
    Classic,
    /// The UTF-8 parser alone.
    Utf8,
}

/// Why a text is no list of matchers: prints in Alertmanager's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatcherError {
    /// The message.
    pub message: String,
    /// Where in the text, in bytes: a part of it.
    pub start: usize,
    /// Behind the part.
    pub end: usize,
}

impl fmt::Display for MatcherError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// Matchers, and what the two parsers said of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed {
    /// What Alertmanager goes by.
    pub matchers: Vec<Matcher>,
    /// Set in fallback mode when the two parsers do not agree.
    pub disagreement: Option<Disagreement>,
}

/// How the two parsers differ over a text.
#[derive(Debug, Clone, PartialEq)]
pub enum Disagreement {
    /// The UTF-8 parser refuses it: a later Alertmanager will too.
    OnlyClassic(MatcherError),
    /// The UTF-8 parser reads something else: this.
    Otherwise(Vec<Matcher>),
}

/// Reads one text with any number of matchers, braces around them or not (matcher/compat/parse.go).
///
/// # Errors
/// A text that the mode's parser (in fallback mode: both) refuses; the message is the one that Alertmanager gives.
pub fn parse(text: &str, mode: Mode) -> Result<Parsed, MatcherError> {
    let agreed = |matchers| Parsed { matchers, disagreement: None };
    match mode {
        Mode::Classic => classic::parse(text).map(agreed),
        Mode::Utf8 => utf8::parse(text).map(agreed),
        Mode::Fallback => match (utf8::parse(text), classic::parse(text)) {
            (Err(_), Err(classic)) => Err(classic),
            (Err(error), Ok(matchers)) => {
                Ok(Parsed { matchers, disagreement: Some(Disagreement::OnlyClassic(error)) })
            }
            (Ok(matchers), Err(_)) => Ok(agreed(matchers)),
            // Go tells an empty list from none: a text without matchers is a disagreement without consequence.
            (Ok(utf8), Ok(classic)) if utf8 == classic => Ok(agreed(classic)),
            (Ok(utf8), Ok(matchers)) => {
                Ok(Parsed { matchers, disagreement: Some(Disagreement::Otherwise(utf8)) })
            }
        },
    }
}
