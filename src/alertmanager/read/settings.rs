//! Blocks of settings, read by the schema.

use super::{Reader, shared};
use crate::alertmanager::config::{Secret, Setting, Settings};
use crate::alertmanager::schema::{Field, Kind, check_text};
use crate::diagnostic::{Diagnostic, codes};
use crate::prometheus::Duration;
use crate::source::Span;
use crate::yaml::{Decoder, Mapping, Node, Value};

/// A block that was read, with the places of its fields.
pub(super) struct Block<'a> {
    pub(super) mapping: &'a Mapping,
    pub(super) settings: &'a Settings,
    pub(super) span: Span,
}

impl<'a> Block<'a> {
    pub(super) fn of(node: &'a Node, settings: &'a Settings) -> Option<Block<'a>> {
        node.as_mapping().map(|mapping| Block { mapping, settings, span: node.span })
    }

    /// True when the field has a value that is not empty text.
    pub(super) fn given(&self, field: &str) -> bool {
        given(self.settings, field)
    }

    /// Where the field's key stands; the start of the block when it has none.
    pub(super) fn place(&self, field: &str) -> Span {
        self.mapping.entry(field).map_or(self.head(), |e| e.key.span)
    }

    /// Where the field's value stands.
    pub(super) fn value(&self, field: &str) -> Span {
        self.mapping.get(field).map_or(self.head(), |n| n.span)
    }

    /// The first key of the block.
    pub(super) fn head(&self) -> Span {
        self.mapping.entries.iter().find(|e| !e.merged).map_or(self.span, |e| e.key.span)
    }

    pub(super) fn text(&self, field: &str) -> &'a str {
        self.settings.text(field).unwrap_or("")
    }

    /// Reports two fields of which at most one may be given.
    pub(super) fn at_most_one(&self, first: &str, second: &str, decoder: &mut Decoder) {
        if self.given(first) && self.given(second) {
            let message = format!("at most one of {first} & {second} must be configured");
            decoder.report(
                Diagnostic::new(&codes::alertmanager::CONFLICTING_SETTINGS, self.place(second), message)
                    .label("given here")
                    .also(self.place(first), "and here")
                    .help("remove one of the two"),
            );
        }
    }

    /// Reports what is missing.
    pub(super) fn missing(&self, message: impl Into<String>, help: &str, decoder: &mut Decoder) {
        let missing = Diagnostic::new(&codes::alertmanager::INCOMPLETE_SETTINGS, self.head(), message);
        decoder.report(if help.is_empty() { missing } else { missing.help(help) });
    }

    /// Reports a value that does not do.
    pub(super) fn invalid(&self, field: &str, message: impl Into<String>, decoder: &mut Decoder) {
        decoder.report(Diagnostic::new(&codes::alertmanager::INVALID_SETTING, self.value(field), message));
    }

    /// Reports settings that contradict each other, at the field.
    pub(super) fn conflict(&self, field: &str, message: impl Into<String>, decoder: &mut Decoder) {
        decoder.report(Diagnostic::new(
            &codes::alertmanager::CONFLICTING_SETTINGS,
            self.place(field),
            message,
        ));
    }
}

/// True when a field is set to something that is not empty text.
pub(super) fn given(settings: &Settings, field: &str) -> bool {
    match settings.get(field) {
        Some(Setting::Text(text)) => !text.is_empty(),
        Some(Setting::Secret(secret)) => !secret.reveal().is_empty(),
        Some(_) => true,
        None => false,
    }
}

impl Reader<'_> {
    /// A duration in Prometheus' syntax.
    pub(super) fn duration(&mut self, node: &Node, what: &str) -> Option<Duration> {
        let text = self.decoder.text(node, what)?;
        self.check(node, Kind::Duration, text);
        text.parse().ok()
    }

    /// A block by its schema; empty for null.
    pub(super) fn settings(&mut self, node: &Node, fields: &'static [Field], what: &str) -> Settings {
        let mut settings = Settings::new();
        let Some(mapping) = self.decoder.mapping(node, what) else { return settings };
        for entry in &mapping.entries {
            let Some(field) = fields.iter().find(|f| f.name == entry.name()) else {
                self.decoder.unknown_field(entry, what, fields.iter().map(|f| f.name));
                continue;
            };
            if entry.value.is_null() {
                continue;
            }
            if let Some(value) = self.value(&entry.value, field.kind, field.name) {
                settings.set(field.name, value);
            }
            if Self::holds_templates(field.kind, field.name) {
                self.templates(&entry.value);
            }
        }
        let block = Block { mapping, settings: &settings, span: node.span };
        shared::check(fields, &block, self.service, &mut self.decoder);
        settings
    }

    fn value(&mut self, node: &Node, kind: Kind, name: &str) -> Option<Setting> {
        let what = format!("`{name}`");
        match kind {
            Kind::Bool => self.decoder.boolean(node, &what).map(Setting::Bool),
            Kind::Int => self.decoder.integer(node, &what).map(Setting::Int),
            Kind::UInt => {
                let value = self.decoder.integer(node, &what)?;
                if value < 0 {
                    self.decoder.wrong_type(node, &what, "an integer that is not negative");
                }
                Some(Setting::Int(value))
            }
            Kind::Float => self.decoder.float(node, &what).map(Setting::Float),
            Kind::TextList => {
                let items = self.decoder.text_list(node, &what);
                Some(Setting::List(items.into_iter().map(Setting::Text).collect()))
            }
            Kind::SecretList => {
                let items = self.decoder.text_list(node, &what);
                Some(Setting::List(items.into_iter().map(|s| Setting::Secret(Secret::new(s))).collect()))
            }
            Kind::TextMap | Kind::TemplateMap => {
                let map = self.decoder.string_map(node, &what);
                let mut settings = Settings::new();
                for (name, value) in map.iter() {
                    settings.push(name, Setting::Text(value.to_string()));
                }
                Some(Setting::Map(settings))
            }
            Kind::SecretListMap => self.map_of(node, Kind::SecretList, &what),
            Kind::BlockMap(fields) => self.map_of(node, Kind::Block(fields), &what),
            Kind::AnyMap => {
                self.decoder.mapping(node, &what)?;
                Some(any(node))
            }
            Kind::Any => Some(any(node)),
            Kind::TextOrBlock(fields) if node.as_mapping().is_some() => {
                Some(Setting::Map(self.settings(node, fields, &what)))
            }
            Kind::Block(fields) => {
                self.decoder.mapping(node, &what)?;
                Some(Setting::Map(self.settings(node, fields, &what)))
            }
            Kind::Blocks(fields) => {
                let item_name = format!("an item of {what}");
                let items = self.decoder.sequence(node, &what);
                Some(Setting::List(
                    items.iter().map(|i| Setting::Map(self.settings(i, fields, &item_name))).collect(),
                ))
            }
            // Go takes a bare integer for nanoseconds where it reads a time.Duration.
            Kind::GoDuration
                if node.as_scalar().is_some_and(|s| s.integer().is_some()) && is_plain_duration(name) =>
            {
                let text = node.as_text()?;
                let message = format!("`{name}: {text}` is {text} nanoseconds");
                self.decoder.report(
                    Diagnostic::new(&codes::alertmanager::SUSPICIOUS_SETTING, node.span, message).fix(
                        format!("write `{text}s` for seconds"),
                        node.span,
                        format!("{text}s"),
                    ),
                );
                Some(Setting::Text(format!("{text}ns")))
            }
            _ => {
                let text = self.decoder.text(node, &what)?;
                self.check(node, kind, text);
                if kind == Kind::TemplateUrl && text.contains("{{") {
                    self.template_url(node, text);
                }
                let hidden = matches!(kind, Kind::Secret | Kind::SecretUrl | Kind::TemplateUrl);
                Some(if hidden {
                    Setting::Secret(Secret::new(text))
                } else {
                    Setting::Text(text.to_string())
                })
            }
        }
    }

    fn map_of(&mut self, node: &Node, kind: Kind, what: &str) -> Option<Setting> {
        let mut settings = Settings::new();
        for entry in &self.decoder.mapping(node, what)?.entries {
            if let Some(value) = self.value(&entry.value, kind, entry.name()) {
                settings.push(entry.name(), value);
            }
        }
        Some(Setting::Map(settings))
    }

    fn check(&mut self, node: &Node, kind: Kind, text: &str) {
        if let Err(invalid) = check_text(kind, text) {
            let diagnostic =
                Diagnostic::new(&codes::alertmanager::INVALID_SETTING, node.span, invalid.message);
            self.decoder.report(match invalid.help {
                Some(help) => diagnostic.help(help),
                None => diagnostic,
            });
        }
    }
}

/// Pushover's durations are read as text, all others as Go's own type, which takes integers too.
fn is_plain_duration(name: &str) -> bool {
    name == "timeout"
}

/// A value of any type, as it stands.
pub(in crate::alertmanager) fn any(node: &Node) -> Setting {
    match &node.value {
        Value::Sequence(items) => Setting::List(items.iter().map(any).collect()),
        Value::Mapping(mapping) => {
            let mut settings = Settings::new();
            for entry in &mapping.entries {
                settings.push(entry.name(), any(&entry.value));
            }
            Setting::Map(settings)
        }
        Value::Scalar(s) if s.is_null() => Setting::Null,
        Value::Scalar(s) => match (s.integer(), s.float(), s.text.as_str()) {
            (_, Some(float), text) if text.contains(['.', 'e', 'E']) => Setting::Float(float),
            (Some(int), ..) => Setting::Int(int),
            (_, _, "true" | "false") if s.boolean().is_some() => Setting::Bool(s.text == "true"),
            _ => Setting::Text(s.text.clone()),
        },
    }
}
