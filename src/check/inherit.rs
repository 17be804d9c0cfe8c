//! What an alert inherits: project, file, group, then its own properties, the nearest last.

use std::collections::BTreeMap;

use super::url;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::alerts;
use crate::syntax::ast::{Label, Name, SettingKind, Text, TextKey, Value};

/// A text as it will be, and the texts of the source that it was made from (more than one for a link).
#[derive(Debug, Clone)]
pub struct Composed<'a> {
    /// The text, interpolations included.
    pub value: String,
    /// The author's texts, the nearest first.
    pub sources: Vec<&'a Text>,
}

/// The properties that hold for one alert.
#[derive(Debug, Clone, Default)]
pub struct Inherited<'a> {
    /// `for`
    pub hold: Option<&'a Value>,
    /// `keep_firing_for`
    pub keep_firing_for: Option<&'a Value>,
    /// `severity`
    pub severity: Option<&'a Name>,
    /// Labels by name.
    pub labels: BTreeMap<&'a str, &'a Label>,
    /// Annotations by name, those with a keyword of their own apart.
    pub annotations: BTreeMap<&'a str, &'a Label>,
    /// `summary`, `description`, `runbook`, `dashboard`.
    pub texts: BTreeMap<TextKey, Composed<'a>>,
}

impl<'a> Inherited<'a> {
    /// One more property, nearer than all before.
    pub fn apply(&mut self, kind: &'a SettingKind) {
        match kind {
            SettingKind::For(v) => self.hold = Some(v),
            SettingKind::KeepFiringFor(v) => self.keep_firing_for = Some(v),
            SettingKind::Severity(s) => self.severity = Some(s),
            SettingKind::Labels(labels) => merge(&mut self.labels, &labels.items),
            SettingKind::Annotations(labels) => merge(&mut self.annotations, &labels.items),
            SettingKind::Text(key, text) => self.text(*key, text),
        }
    }

    fn text(&mut self, key: TextKey, text: &'a Text) {
        let own = Composed { value: text.value.clone(), sources: vec![text] };
        let composed = match (key, self.texts.remove(&key)) {
            (TextKey::Runbook | TextKey::Dashboard, Some(base)) => {
                let mut sources = own.sources;
                sources.extend(base.sources);
                Composed { value: url::resolve(&base.value, &own.value), sources }
            }
            _ => own,
        };
        self.texts.insert(key, composed);
    }

    /// Links that do not stand alone: a person can't follow them.
    pub fn check_links(&self, out: &mut Vec<Diagnostic>) {
        for key in [TextKey::Runbook, TextKey::Dashboard] {
            let Some(link) = self.texts.get(&key) else { continue };
            let (Some(own), false) = (link.sources.first(), url::is_absolute(&link.value)) else { continue };
            // A template may well make a link that can't be seen from here.
            if link.value.starts_with("{{") || link.value.is_empty() {
                continue;
            }
            let what = key.as_str();
            out.push(
                Diagnostic::new(&alerts::RELATIVE_LINK, own.span, format!("this {what} is no complete link"))
                    .label(format!("becomes `{}`", link.value))
                    .help(format!(
                        "write the whole URL, or a base that it is resolved against: `project {{ {what} \"https://…/\" }}`"
                    )),
            );
        }
    }
}

/// An empty text removes a name that was inherited; of one that was not, it is the text.
fn merge<'a>(into: &mut BTreeMap<&'a str, &'a Label>, labels: &'a [Label]) {
    for label in labels {
        if !label.value.value.is_empty() || into.remove(label.name.text.as_str()).is_none() {
            into.insert(&label.name.text, label);
        }
    }
}
