//! Durations, numbers and quantities where the language asks for one: as written, or by the name of a constant.

use std::collections::BTreeMap;

use super::model::Millis;
use super::types::Quantity;
use crate::diagnostic::codes::{alerts, names, rules};
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::promql::ast::{ExprKind, params_in};
use crate::source::{Sources, Span};
use crate::syntax::ast::{self, Let, LetValue, Matcher, MatcherValue, Value};

/// Reads values; constants are looked up in the lets.
#[derive(Debug, Clone, Copy)]
pub struct Values<'a> {
    /// For the text of constants.
    pub sources: &'a Sources,
    /// The project's lets.
    pub lets: &'a BTreeMap<&'a str, &'a Let>,
}

impl<'a> Values<'a> {
    /// The text of a value: its own, or that of the constant it names.
    pub fn text(&self, value: &'a Value, out: &mut Vec<Diagnostic>) -> Option<String> {
        let param = match value {
            Value::Quantity(q) => return Some(format!("{}{}", q.number, q.unit)),
            Value::Param(p) => p,
        };
        self.constant(&param.name, param.span, out)
    }

    /// A quantity.
    pub fn quantity(&self, value: &'a Value, out: &mut Vec<Diagnostic>) -> Option<Quantity> {
        let text = self.text(value, out)?;
        match Quantity::parse(&text) {
            Ok(quantity) => Some(quantity),
            Err(error) => {
                out.push(
                    Diagnostic::new(&alerts::INVALID_QUANTITY, value.span(), error.to_string())
                        .label("not a quantity")
                        .help("write a number and its unit without a space: `80%`, `500ms`, `2GiB`, `10/s`"),
                );
                None
            }
        }
    }

    /// A duration in milliseconds.
    pub fn duration(&self, value: &'a Value, out: &mut Vec<Diagnostic>) -> Option<Millis> {
        let text = self.text(value, out)?;
        let split = text.find(|c: char| !(c.is_ascii_digit() || c == '-')).unwrap_or(text.len());
        let quantity = ast::Quantity {
            number: text[..split].to_string(),
            unit: text[split..].to_string(),
            span: value.span(),
        };
        match quantity.duration_ms() {
            Some(ms) if ms >= 0 => Some(ms),
            _ => {
                // What stands here as a duration was judged where it was parsed.
                if matches!(value, Value::Param(_)) {
                    out.push(invalid_duration(&text, value.span()));
                }
                None
            }
        }
    }

    /// The value of a matcher, constants in it replaced by their texts.
    pub fn matcher_text(&self, matcher: &Matcher, out: &mut Vec<Diagnostic>) -> Option<String> {
        let (text, span) = match &matcher.value {
            MatcherValue::Text(t) if !t.value.contains('$') => return Some(t.value.clone()),
            MatcherValue::Text(t) => (t.value.clone(), t.span),
            MatcherValue::Param(p) => (format!("${}", p.name), p.span),
        };
        let mut value = String::new();
        let mut at = 0;
        for (name, range) in params_in(&text) {
            value.push_str(&text[at..range.start]);
            value.push_str(&self.constant(name, span, out)?);
            at = range.end;
        }
        value.push_str(&text[at..]);
        Some(value)
    }

    /// The text of a constant.
    pub fn constant(&self, name: &str, span: Span, out: &mut Vec<Diagnostic>) -> Option<String> {
        let Some(found) = self.lets.get(name) else {
            let mut d = Diagnostic::new(&names::UNDEFINED_LET, span, format!("`${name}` is not defined"))
                .label("not defined");
            d.help.push(
                did_you_mean(name, self.lets.keys().copied())
                    .unwrap_or_else(|| format!("declare it: `let {name} = …`")),
            );
            out.push(d);
            return None;
        };
        let text = match &found.value {
            Some(LetValue::Quantity(q)) => Some(format!("{}{}", q.number, q.unit)),
            Some(LetValue::Promql(p)) => match &p.expr.kind {
                ExprKind::Number(_) => Some(self.sources.slice(p.span).to_string()),
                ExprKind::String(s) => Some(s.value.clone()),
                _ => None,
            },
            None => None,
        };
        if text.is_none() {
            out.push(
                Diagnostic::new(&names::WRONG_CONSTANT, span, format!("`${name}` is no text or quantity"))
                    .label("a plain value is needed here")
                    .also(found.name.span, "declared here"),
            );
        }
        text
    }

    /// A whole number that is not negative.
    pub fn count(&self, value: &'a Value, out: &mut Vec<Diagnostic>) -> Option<u64> {
        let text = self.text(value, out)?;
        let parsed = text.parse().ok();
        if parsed.is_none() {
            out.push(
                Diagnostic::new(&alerts::INVALID_QUANTITY, value.span(), format!("`{text}` is no count"))
                    .label("a whole number is needed here"),
            );
        }
        parsed
    }
}

fn invalid_duration(text: &str, span: Span) -> Diagnostic {
    Diagnostic::new(&rules::INVALID_DURATION, span, format!("`{text}` is no duration"))
        .label("not a duration")
        .help("write whole numbers with units from large to small: `30s`, `5m`, `1h30m`, `2d`")
}
