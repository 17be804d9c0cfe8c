//! The parameters of a test: what `$name` stands for in a row of `each`.

use super::invalid;
use crate::check::types::Quantity;
use crate::diagnostic::Diagnostic;
use crate::prometheus::rules::Millis;
use crate::syntax::ast::{
    self, Cell, Each, Matcher, MatcherValue, Name, NameKind, PartKind, Row, Text, Value,
};

/// The texts of a row, by parameter.
#[derive(Debug, Clone, Default)]
pub(super) struct Bindings<'a> {
    texts: Vec<(&'a str, String)>,
}

impl<'a> Bindings<'a> {
    pub(super) fn new(each: &'a Each, row: &'a Row) -> Bindings<'a> {
        let text = |cell: &Cell| match cell {
            Cell::Quantity(q) => format!("{}{}", q.number, q.unit),
            Cell::Text(t) => t.value.clone(),
            Cell::Name(n) => n.text.clone(),
        };
        let names = each.params.iter().map(|p| p.text.as_str());
        Bindings { texts: names.zip(row.cells.iter().map(text)).collect() }
    }

    /// True for a test without `each`.
    pub(super) fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.texts.iter().find(|(n, _)| *n == name).map(|(_, t)| t.as_str())
    }

    /// What expressions are given.
    pub(super) fn given(&self) -> Vec<(&'a str, &str)> {
        self.texts.iter().map(|(n, t)| (*n, t.as_str())).collect()
    }

    /// A text with its parameters put in.
    pub(super) fn text(&self, text: &Text) -> String {
        let mut out = String::new();
        for part in text.parts() {
            match (part.kind, self.get(part.text)) {
                (PartKind::Param, Some(value)) => out.push_str(value),
                _ => out.push_str(text.value.get(part.range.clone()).unwrap_or("")),
            }
        }
        out
    }

    /// A name, or what the parameter in its place stands for.
    pub(super) fn name(&self, name: &Name) -> String {
        match (name.kind, self.get(&name.text)) {
            (NameKind::Param, Some(value)) => value.to_string(),
            _ => name.text.clone(),
        }
    }

    /// The value of a matcher.
    pub(super) fn matcher(&self, matcher: &Matcher) -> String {
        match &matcher.value {
            MatcherValue::Text(text) => self.text(text),
            MatcherValue::Param(param) => {
                self.get(&param.name).map_or_else(|| format!("${}", param.name), str::to_string)
            }
        }
    }

    /// The text of a quantity; a finding for a parameter that is not there.
    pub(super) fn value(&self, value: &Value, found: &mut Vec<Diagnostic>) -> Option<String> {
        match value {
            Value::Quantity(q) => Some(format!("{}{}", q.number, q.unit)),
            Value::Param(p) => {
                let text = self.get(&p.name).map(str::to_string);
                if text.is_none() {
                    found.push(
                        invalid(p.span, format!("`${}` is not bound", p.name))
                            .help(format!("bind it: `each ({}) in (…)`", p.name)),
                    );
                }
                text
            }
        }
    }

    /// A quantity.
    pub(super) fn quantity(&self, value: &Value, found: &mut Vec<Diagnostic>) -> Option<Quantity> {
        let text = self.value(value, found)?;
        match Quantity::parse(&text) {
            Ok(quantity) => Some(quantity),
            Err(error) => {
                found.push(invalid(value.span(), error.to_string()));
                None
            }
        }
    }

    /// A duration in milliseconds.
    pub(super) fn duration(&self, value: &Value, found: &mut Vec<Diagnostic>) -> Option<Millis> {
        let text = self.value(value, found)?;
        let split = text.find(|c: char| !(c.is_ascii_digit() || c == '-')).unwrap_or(text.len());
        let (number, unit) = text.split_at(split);
        let quantity =
            ast::Quantity { number: number.to_string(), unit: unit.to_string(), span: value.span() };
        let ms = quantity.duration_ms().filter(|ms| *ms >= 0);
        if ms.is_none() {
            found.push(
                invalid(value.span(), format!("`{text}` is no duration"))
                    .help("write whole numbers with units from large to small: `30s`, `5m`, `1h30m`"),
            );
        }
        ms
    }
}
