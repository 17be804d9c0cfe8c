//! Reading a TOML table key by key: every error is reported where it stands, and reading goes on.

use std::collections::BTreeMap;

use toml::de::{DeTable, DeValue};

use super::Located;
use crate::diagnostic::codes::project::{CONFIG_INVALID_VALUE, CONFIG_SYNTAX, CONFIG_UNKNOWN_KEY};
use crate::diagnostic::{Diagnostic, nearest};
use crate::source::{FileId, Span};

type Value<'i> = toml::Spanned<DeValue<'i>>;

/// Collects the findings of one file.
pub(super) struct Reader {
    pub(super) file: FileId,
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// A table and its dotted name in messages; the document itself has none.
#[derive(Clone, Copy)]
pub(super) struct Table<'a, 'i> {
    name: &'static str,
    entries: &'a DeTable<'i>,
}

impl Reader {
    pub(super) fn new(file: FileId) -> Reader {
        Reader { file, diagnostics: Vec::new() }
    }

    /// Parses the document as far as it goes.
    pub(super) fn parse<'i>(&mut self, text: &'i str) -> DeTable<'i> {
        let (table, errors) = DeTable::parse_recoverable(text);
        for error in errors {
            let span = error.span().unwrap_or(text.len()..text.len());
            let span = self.span(span.start.min(text.len())..span.end.min(text.len()));
            self.diagnostics.push(Diagnostic::new(&CONFIG_SYNTAX, span, error.message()));
        }
        table.into_inner()
    }

    fn span(&self, range: std::ops::Range<usize>) -> Span {
        Span::new(self.file, range.start, range.end.max(range.start))
    }

    pub(super) fn invalid(&mut self, span: Span, message: impl Into<String>) -> &mut Diagnostic {
        self.diagnostics.push(Diagnostic::new(&CONFIG_INVALID_VALUE, span, message));
        let last = self.diagnostics.len() - 1;
        &mut self.diagnostics[last]
    }

    /// The document as a table, its keys checked.
    pub(super) fn document<'a, 'i>(
        &mut self,
        entries: &'a DeTable<'i>,
        known: &[&'static str],
    ) -> Table<'a, 'i> {
        let table = Table { name: "", entries };
        self.check_keys(table, known);
        table
    }

    /// The table under `key`, its keys checked; absent is none.
    pub(super) fn table<'a, 'i>(
        &mut self,
        parent: Table<'a, 'i>,
        key: &str,
        name: &'static str,
        known: &[&'static str],
    ) -> Option<Table<'a, 'i>> {
        let value = parent.entries.get(key)?;
        let Some(entries) = value.get_ref().as_table() else {
            self.wrong_type(name, value, "a table");
            return None;
        };
        let table = Table { name, entries };
        self.check_keys(table, known);
        Some(table)
    }

    fn check_keys(&mut self, table: Table<'_, '_>, known: &[&'static str]) {
        for key in table.entries.keys() {
            let name: &str = key.get_ref();
            if !known.contains(&name) {
                let span = self.span(key.span());
                self.diagnostics.push(unknown_key(span, name, table.name, known));
            }
        }
    }

    fn wrong_type(&mut self, key: &str, value: &Value<'_>, wanted: &str) {
        let span = self.span(value.span());
        let found = value.get_ref().type_str();
        self.invalid(span, format!("`{key}` must be {wanted}, and this is {} {found}", article(found)));
    }

    fn str(&mut self, key: &str, value: &Value<'_>) -> Option<Located<String>> {
        match value.get_ref().as_str() {
            Some(text) => Some(Located { value: text.to_string(), span: self.span(value.span()) }),
            None => {
                self.wrong_type(key, value, "a string");
                if let Some(last) = self.diagnostics.last_mut()
                    && let DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) = value.get_ref()
                {
                    last.help.push("put it in quotes".into());
                }
                None
            }
        }
    }

    /// The string under `key`.
    pub(super) fn string(&mut self, table: Table<'_, '_>, key: &str) -> Option<Located<String>> {
        let value = table.entries.get(key)?;
        self.str(key, value)
    }

    /// The strings of the array under `key`; none when the key is absent.
    pub(super) fn strings(&mut self, table: Table<'_, '_>, key: &str) -> Option<Vec<Located<String>>> {
        let value = table.entries.get(key)?;
        let Some(items) = value.get_ref().as_array() else {
            self.wrong_type(key, value, "an array of strings");
            return Some(Vec::new());
        };
        Some(items.iter().filter_map(|item| self.str(key, item)).collect())
    }

    /// Every key of the table with its string, in the order of the keys.
    pub(super) fn map(
        &mut self,
        table: Table<'_, '_>,
        key: &str,
    ) -> BTreeMap<String, (Span, Located<String>)> {
        let Some(value) = table.entries.get(key) else { return BTreeMap::new() };
        let Some(entries) = value.get_ref().as_table() else {
            self.wrong_type(key, value, "a table of strings");
            return BTreeMap::new();
        };
        let mut out = BTreeMap::new();
        for (name, value) in entries {
            let key: &str = name.get_ref();
            let span = self.span(name.span());
            if let Some(value) = self.str(key, value) {
                out.insert(key.to_string(), (span, value));
            }
        }
        out
    }

    /// The paths of a table whose values are `"path"` or `{ path = "path" }`.
    pub(super) fn paths(&mut self, table: Table<'_, '_>, key: &str) -> BTreeMap<String, Located<String>> {
        let Some(value) = table.entries.get(key) else { return BTreeMap::new() };
        let Some(entries) = value.get_ref().as_table() else {
            self.wrong_type(key, value, "a table of paths");
            return BTreeMap::new();
        };
        let mut out = BTreeMap::new();
        for (name, value) in entries {
            let name: &str = name.get_ref();
            let path = match value.get_ref().as_table() {
                Some(entries) => {
                    let table = Table { name: "dependencies", entries };
                    self.check_keys(table, &["path"]);
                    let path = self.string(table, "path");
                    if path.is_none() && !entries.contains_key("path") {
                        let span = self.span(value.span());
                        self.invalid(span, format!("`{name}` has no `path`"));
                    }
                    path
                }
                None => self.str(name, value),
            };
            if let Some(path) = path {
                out.insert(name.to_string(), path);
            }
        }
        out
    }
}

fn article(noun: &str) -> &'static str {
    if noun.starts_with(['a', 'i', 'o']) { "an" } else { "a" }
}

/// The finding of a key that is not known, with the nearest that is.
pub(super) fn unknown_key(span: Span, name: &str, table: &str, known: &[&'static str]) -> Diagnostic {
    let place = if table.is_empty() { "alertc.toml".to_string() } else { format!("`[{table}]`") };
    let mut finding = Diagnostic::new(&CONFIG_UNKNOWN_KEY, span, format!("{place} has no key `{name}`"));
    match nearest(name, known.iter().copied()) {
        Some(near) => finding = finding.label("not a known key").fix(format!("write `{near}`"), span, near),
        None => finding = finding.label(format!("known keys are {}", list(known))),
    }
    finding
}

/// `a`, `b` and `c`.
pub(super) fn list(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|n| format!("`{n}`")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => quoted.join(""),
    }
}
