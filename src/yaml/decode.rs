//! Strict decoding: takes typed values out of the tree and reports everything that does not fit.

use super::map::StringMap;
use super::node::{Entry, Mapping, Node, Scalar};
use crate::diagnostic::{Diagnostic, codes, nearest};
use crate::source::Span;

/// Most findings of one file.
const MAX_FINDINGS: usize = 1000;

/// Collects what is wrong while values are taken out of a tree. Null counts as absent everywhere, as in go-yaml.
#[derive(Debug, Default)]
pub struct Decoder {
    /// Everything that was wrong so far.
    pub diagnostics: Vec<Diagnostic>,
}

impl Decoder {
    /// Nothing wrong yet.
    pub fn new() -> Decoder {
        Decoder::default()
    }

    /// Adds a finding. Past the thousandth none is kept, but the first error.
    pub fn report(&mut self, diagnostic: Diagnostic) {
        let full = self.diagnostics.len() >= MAX_FINDINGS;
        if !full || (diagnostic.is_error() && !self.has_errors()) {
            self.diagnostics.push(diagnostic);
        }
    }

    fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }

    /// The mapping; `what` names the value in messages ("a rule", "`labels`").
    pub fn mapping<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n Mapping> {
        let mapping = node.as_mapping();
        if mapping.is_none() {
            self.unless_null(node, what, "a mapping");
        }
        mapping
    }

    /// The list; empty when absent or wrong.
    pub fn sequence<'n>(&mut self, node: &'n Node, what: &str) -> &'n [Node] {
        let items = node.as_sequence();
        if items.is_none() {
            self.unless_null(node, what, "a list");
        }
        items.unwrap_or_default()
    }

    /// The text: a number or a boolean is text too when text is wanted.
    pub fn text<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n str> {
        if node.as_scalar().is_none() {
            self.wrong_type(node, what, "text");
        }
        node.as_text()
    }

    /// The boolean.
    pub fn boolean(&mut self, node: &Node, what: &str) -> Option<bool> {
        let value = node.as_scalar().and_then(Scalar::boolean);
        if value.is_none() {
            self.unless_null(node, what, "true or false");
        }
        value
    }

    /// The integer.
    pub fn integer(&mut self, node: &Node, what: &str) -> Option<i64> {
        let value = node.as_scalar().and_then(Scalar::integer);
        if value.is_none() {
            self.unless_null(node, what, "an integer");
        }
        value
    }

    /// The number.
    pub fn float(&mut self, node: &Node, what: &str) -> Option<f64> {
        let value = node.as_scalar().and_then(Scalar::float);
        if value.is_none() {
            self.unless_null(node, what, "a number");
        }
        value
    }

    /// A map of text to text; null values are empty text.
    pub fn string_map(&mut self, node: &Node, what: &str) -> StringMap {
        let mut map = StringMap::new();
        for entry in self.mapping(node, what).map_or(&[][..], |m| &m.entries) {
            let name = entry.name();
            if entry.value.as_scalar().is_some() {
                map.push(name, entry.value.as_text().unwrap_or(""));
            } else {
                self.wrong_type(&entry.value, &format!("`{}` in {what}", shown(name)), "text");
            }
        }
        map
    }

    /// A list of text; null items are empty text.
    pub fn text_list(&mut self, node: &Node, what: &str) -> Vec<String> {
        let mut list = Vec::new();
        for item in self.sequence(node, what) {
            if item.as_scalar().is_none() {
                self.wrong_type(item, &format!("an item of {what}"), "text");
            } else {
                list.push(item.as_text().unwrap_or("").to_string());
            }
        }
        list
    }

    /// Reports a key that is not one of `known`, with the nearest of them.
    pub fn unknown_field<'k>(
        &mut self,
        entry: &Entry,
        what: &str,
        known: impl IntoIterator<Item = &'k str> + Clone,
    ) {
        let name = entry.name();
        // Of a key that is no scalar, reading has told; and looking for the nearest name takes its time.
        if entry.key.as_scalar().is_none() || (self.diagnostics.len() >= MAX_FINDINGS && self.has_errors()) {
            return;
        }
        let span = entry.key.span;
        let mut diagnostic = Diagnostic::new(
            &codes::yaml::UNKNOWN_FIELD,
            span,
            format!("{what} has no field `{}`", shown(name)),
        );
        diagnostic = match nearest(shown(name), known.clone()) {
            Some(near) => {
                let style = entry.key.as_scalar().map_or("", |s| s.style.quote());
                let text = quote_as(style, near);
                diagnostic.label("unknown field").fix(format!("write `{near}`"), span, text)
            }
            None => {
                let names: Vec<String> = known.into_iter().take(31).map(|n| format!("`{n}`")).collect();
                if names.len() <= 30 {
                    diagnostic.label("unknown field").help(format!("its fields are {}", names.join(", ")))
                } else {
                    diagnostic.label("unknown field")
                }
            }
        };
        self.report(diagnostic);
    }

    /// Reports a value of the wrong type.
    pub fn wrong_type(&mut self, node: &Node, what: &str, expected: &str) {
        let found = node.kind();
        let message = format!("{what} must be {expected}, not {found}");
        self.report(
            Diagnostic::new(&codes::yaml::WRONG_TYPE, node.span, message)
                .label(format!("expected {expected}")),
        );
    }

    /// Reports a field that must be there and is not.
    pub fn missing_field(&mut self, span: Span, message: impl Into<String>) {
        self.report(Diagnostic::new(&codes::yaml::MISSING_FIELD, span, message));
    }

    fn unless_null(&mut self, node: &Node, what: &str, expected: &str) {
        if !node.is_null() {
            self.wrong_type(node, what, expected);
        }
    }
}

/// As much of a name as a message shows.
fn shown(name: &str) -> &str {
    name.char_indices().nth(80).map_or(name, |(end, _)| &name[..end])
}

/// `text` as it replaces a scalar that is written as `written`: in the same quotes, and in quotes when it must be.
pub fn quote_as(written: &str, text: &str) -> String {
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_./".contains(&b));
    match written.chars().next() {
        Some('"') => format!("{text:?}"),
        Some('\'') => format!("'{}'", text.replace('\'', "''")),
        _ if plain => text.to_string(),
        _ => format!("'{}'", text.replace('\'', "''")),
    }
}
