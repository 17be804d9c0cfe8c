//! Secrets of a configuration: a source that others read must not hold them.

use crate::alertmanager::config::{Config, Secret, Setting, Settings};
use crate::alertmanager::schema::{
    EVENT_RECORDER, Field, GLOBAL, Kind, PLACEHOLDER, TRACING, field, file_form, is_public,
};

/// Where files with secrets are said to be, on Alertmanager's machine.
const DIRECTORY: &str = "/etc/alertmanager/secrets";

/// A secret that was left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// The field it stood in, with the names of what it is inside of.
    pub field: String,
    /// Its text: to find its place, never to show it.
    pub secret: Secret,
    /// The file that is named in its place; none when no file can be.
    pub file: Option<String>,
}

/// Takes the secrets out of a configuration: a file is named in the place of each, or [`PLACEHOLDER`] stands there.
pub(super) fn take_out(config: &mut Config) -> Vec<LeftOut> {
    let mut out = Vec::new();
    walk(&mut config.global, GLOBAL, "global", &mut out);
    walk(&mut config.tracing, TRACING, "tracing", &mut out);
    walk(&mut config.event_recorder, EVENT_RECORDER, "event_recorder", &mut out);
    for receiver in &mut config.receivers {
        let several = receiver.integrations.len() > 1;
        for (index, one) in receiver.integrations.iter_mut().enumerate() {
            let mut path = format!("{}.{}", receiver.name, one.integration.name);
            if several {
                path.push_str(&format!(".{}", index + 1));
            }
            walk(&mut one.settings, one.integration.fields, &path, &mut out);
        }
    }
    out
}

fn walk(settings: &mut Settings, known: &'static [Field], path: &str, out: &mut Vec<LeftOut>) {
    let mut result = Settings::new();
    for (name, setting) in settings.iter() {
        let Some(schema) = field(known, name) else {
            result.set(name, setting.clone());
            continue;
        };
        let path = format!("{path}.{name}");
        let mut setting = setting.clone();
        let mut name = name;
        if schema.is_secret() && !text_of(&setting).is_some_and(is_public) {
            let file = match (&setting, file_form(known, name)) {
                (Setting::Secret(_) | Setting::Text(_), Some(form)) => Some(form),
                _ => None,
            };
            let path_of_file = file.map(|_| format!("{DIRECTORY}/{}", slug(&path)));
            hide(&mut setting, &path, path_of_file.as_deref(), out);
            if let (Some(form), Some(at)) = (file, path_of_file) {
                name = form.name;
                setting = Setting::Text(at);
            }
        } else if let Some(inner) = schema.block() {
            descend(&mut setting, schema.kind, inner, &path, out);
        }
        result.set(name, setting);
    }
    *settings = result;
}

fn descend(setting: &mut Setting, kind: Kind, inner: &'static [Field], path: &str, out: &mut Vec<LeftOut>) {
    match setting {
        Setting::Map(map) if matches!(kind, Kind::BlockMap(_)) => {
            let mut result = Settings::new();
            for (name, one) in map.iter() {
                let mut one = one.clone();
                descend(&mut one, Kind::Block(inner), inner, &format!("{path}.{name}"), out);
                result.set(name, one);
            }
            *map = result;
        }
        Setting::Map(map) => walk(map, inner, path, out),
        Setting::List(items) => items.iter_mut().for_each(|i| descend(i, kind, inner, path, out)),
        _ => {}
    }
}

/// Replaces every text in a secret setting.
fn hide(setting: &mut Setting, path: &str, file: Option<&str>, out: &mut Vec<LeftOut>) {
    let secret = match setting {
        Setting::Secret(secret) => secret.clone(),
        Setting::Text(text) => Secret::new(text.clone()),
        Setting::List(items) => return items.iter_mut().for_each(|i| hide(i, path, file, out)),
        Setting::Map(map) => {
            let mut result = Settings::new();
            for (name, one) in map.iter() {
                let mut one = one.clone();
                hide(&mut one, path, file, out);
                result.set(name, one);
            }
            *map = result;
            return;
        }
        _ => return,
    };
    out.push(LeftOut { field: path.to_string(), secret, file: file.map(str::to_string) });
    *setting = Setting::Secret(Secret::new(PLACEHOLDER));
}

/// A path's name: letters, digits and dashes.
fn slug(path: &str) -> String {
    let clean: String =
        path.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' }).collect();
    clean.split('-').filter(|p| !p.is_empty()).collect::<Vec<_>>().join("-")
}

fn text_of(setting: &Setting) -> Option<&str> {
    match setting {
        Setting::Text(text) => Some(text),
        Setting::Secret(secret) => Some(secret.reveal()),
        _ => None,
    }
}
