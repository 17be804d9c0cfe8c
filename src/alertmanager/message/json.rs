//! The bodies of webhooks, as Go's encoding/json writes them.

use serde_json::{Map, Value};

use super::expand::Expander;
use crate::alertmanager::config::Setting;
use crate::alertmanager::read::settings::any;
use crate::gotemplate::alertmanager::Data;
use crate::source::FileId;
use crate::yaml;

/// How deep a text of a payload may turn out to be YAML with further templates.
const MAX_DEPTH: usize = 32;

/// The body of a webhook without a payload of its own: the data, and what belongs to the message.
pub(super) fn body(data: &Data, version: &str, group_key: &str, truncated: usize) -> String {
    let mut out = data.to_json();
    out.pop();
    let key = encode(&Value::from(group_key));
    out.push_str(&format!(
        ",\"version\":\"{version}\",\"groupKey\":{key},\"truncatedAlerts\":{truncated}}}\n"
    ));
    out
}

/// A value as Go writes it: keys in order, `<`, `>`, `&` and line separators escaped.
pub(super) fn encode(value: &Value) -> String {
    let mut out = String::new();
    for c in value.to_string().chars() {
        match c {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

/// A value of any type with every text and key in it expanded; a text that gives YAML is what the YAML says
/// (template/template.go DeepCopyWithTemplate).
pub(super) fn payload(setting: &Setting, field: &str, expander: &mut Expander<'_>) -> Value {
    copy(setting, field, expander, 0)
}

fn copy(setting: &Setting, field: &str, expander: &mut Expander<'_>, depth: usize) -> Value {
    match setting {
        Setting::Null | Setting::Secret(_) => Value::Null,
        Setting::Bool(b) => Value::from(*b),
        Setting::Int(n) => Value::from(*n),
        Setting::Float(n) => Value::from(*n),
        Setting::Text(template) => {
            let text = expander.text(field, template);
            match inline(&text).filter(|_| depth < MAX_DEPTH) {
                Some(inner) => copy(&inner, field, expander, depth + 1),
                None => Value::from(text),
            }
        }
        Setting::List(items) => {
            let items = items.iter().enumerate();
            items.map(|(i, item)| copy(item, &format!("{field}[{i}]"), expander, depth)).collect()
        }
        Setting::Map(map) => {
            let mut entries: Vec<(String, Value)> = Vec::new();
            for (key, value) in map.iter() {
                let path = format!("{field}.{key}");
                let key = expander.text(&path, key);
                entries.push((key, copy(value, &path, expander, depth)));
            }
            // Go's maps are written in the order of their keys.
            entries.sort_by(|(a, _), (b, _)| a.cmp(b));
            Value::Object(entries.into_iter().collect::<Map<String, Value>>())
        }
    }
}

/// What a text says as YAML, unless that is a text again or it is none.
fn inline(text: &str) -> Option<Setting> {
    if text.trim().is_empty() {
        return Some(Setting::Null);
    }
    let document = yaml::read(FileId::NONE, text).into_iter().next()?;
    if document.diagnostics.iter().any(crate::diagnostic::Diagnostic::is_error) {
        return None;
    }
    Some(any(&document.root?)).filter(|value| !matches!(value, Setting::Text(_)))
}
