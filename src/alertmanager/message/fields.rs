//! The fields of an integration that are sent, walked by the schema.

use super::Message;
use super::expand::Expander;
use crate::alertmanager::config::{Setting, Settings};
use crate::alertmanager::schema::{Field, Kind};

/// Blocks that say how a message travels, not what it says.
const TRANSPORT: [&str; 4] = ["http_config", "tls_config", "sigv4", "threading"];

/// Expands every template of a block into the message, each field under its path. Fields of integrations that are not
/// set have their defaults; those of blocks below have none that are templates.
pub(super) fn expand(
    fields: impl IntoIterator<Item = &'static Field>,
    settings: &Settings,
    path: &str,
    expander: &mut Expander<'_>,
    message: &mut Message,
) {
    for field in fields {
        let name = format!("{path}{}", field.name);
        let given = settings.get(field.name);
        match field.kind {
            Kind::Template => {
                let template = settings.text(field.name).or(field.default).unwrap_or("");
                let text = expander.text(&name, template);
                message.set(&name, text);
            }
            Kind::TextOrBlock(_) => {
                let block = settings.block(field.name).and_then(|b| b.text("template"));
                let template = block.or_else(|| settings.text(field.name)).or(field.default).unwrap_or("");
                let text = expander.text(&name, template);
                message.set(&name, text);
            }
            Kind::TemplateMap | Kind::AnyMap => {
                if let Some(Setting::Map(map)) = given {
                    map.iter()
                        .for_each(|(key, value)| any(value, &format!("{name}.{key}"), expander, message));
                }
            }
            Kind::Block(inner) if !TRANSPORT.contains(&field.name) => {
                if let Some(Setting::Map(block)) = given {
                    expand(inner, block, &format!("{name}."), expander, message);
                }
            }
            Kind::Blocks(inner) => {
                let Some(Setting::List(items)) = given else { continue };
                for (index, item) in items.iter().enumerate() {
                    if let Setting::Map(block) = item {
                        expand(inner, block, &format!("{name}[{index}]."), expander, message);
                    }
                }
            }
            _ => {}
        }
    }
}

/// A value of any type, each text in it a template.
fn any(value: &Setting, name: &str, expander: &mut Expander<'_>, message: &mut Message) {
    let text = match value {
        Setting::Text(template) => expander.text(name, template),
        Setting::Map(map) => {
            return map
                .iter()
                .for_each(|(key, value)| any(value, &format!("{name}.{key}"), expander, message));
        }
        Setting::List(items) => {
            for (index, item) in items.iter().enumerate() {
                any(item, &format!("{name}[{index}]"), expander, message);
            }
            return;
        }
        Setting::Bool(b) => b.to_string(),
        Setting::Int(n) => n.to_string(),
        Setting::Float(n) => n.to_string(),
        Setting::Null | Setting::Secret(_) => return,
    };
    message.set(name, text);
}
