//! The message that an integration sends for a notification: its fields with their templates expanded, cut to the
//! service's limits as Alertmanager cuts them.
//!
//! `expand` runs templates, `fields` walks an integration's settings by the schema, `service` is what each service does
//! apart from that, `json` the bodies of webhooks (notify/*/*.go of Alertmanager 0.33.1).

mod expand;
mod fields;
mod json;
mod names;
mod service;

use std::fmt;

use super::config::{Config, IntegrationConfig, Settings};
use super::route::Labels;
use super::schema::Integration;
use super::simulation::{Answer, FlushedAlert, Notification, Status, Writer, fingerprint};
use crate::gotemplate::alertmanager::{Alert, Data, Templates};
use crate::gotemplate::{StringMap, TemplateError};
use expand::Expander;

pub use names::known_names;

/// Alertmanager's own URL where nothing else is said.
pub const EXTERNAL_URL: &str = "http://localhost:9093";

/// What an integration sends for one notification.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Message {
    integration: &'static str,
    fields: Vec<(String, String)>,
    /// What did not fit.
    pub cuts: Vec<Cut>,
    /// Fields whose template fails.
    pub failures: Vec<Failure>,
    /// Whether anything is sent: a template that fails stops every service but Slack, and Jira makes no issue of what is
    /// resolved.
    pub is_sent: bool,
}

/// A text that was longer than its service takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// The field's name.
    pub field: String,
    /// How much of it there was.
    pub length: usize,
    /// How much the service takes.
    pub limit: usize,
    /// What both count.
    pub unit: Unit,
    /// What became of it.
    pub effect: Effect,
}

/// What a limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Unicode characters.
    Characters,
    /// Bytes.
    Bytes,
    /// Alerts of a message.
    Alerts,
}

/// What becomes of a text that is too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Its end is missing.
    Shortened,
    /// Another text stands in its place.
    Replaced,
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.unit {
            Unit::Characters => "characters",
            Unit::Bytes => "bytes",
            Unit::Alerts => "alerts",
        };
        let Cut { field, length, limit, .. } = self;
        write!(f, "`{field}` has {length} {unit}, the limit is {limit}: ")?;
        f.write_str(match self.effect {
            Effect::Shortened => "it is cut off",
            Effect::Replaced => "another text is sent in its place",
        })
    }
}

/// A field whose template fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The field's name.
    pub field: String,
    /// Why, in Go's words.
    pub error: TemplateError,
}

impl Message {
    /// A field by Alertmanager's name for it (`title`, `details.firing`, `headers.Subject`, `fields[0].value`) or by a
    /// natural one: `title`, `summary` and `subject` are the headline of any service, `text`, `body`, `message` and
    /// `description` what it says below. None when the service has no such thing; a field that is not sent is empty.
    pub fn field(&self, name: &str) -> Option<&str> {
        let find = |wanted: &str| self.fields.iter().find(|(n, _)| n.eq_ignore_ascii_case(wanted));
        let found = find(name).or_else(|| find(names::alias(self.integration, name, |n| find(n).is_some())?));
        found.map(|(_, text)| text.as_str())
    }

    /// Every field with its text, those not sent as empty text, in the order of the schema.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().map(|(n, t)| (n.as_str(), t.as_str()))
    }

    /// What becomes of a message that a failing template stops (notify/*): it is tried again at the next tick, by VictorOps
    /// before; none when it is sent.
    pub fn stopped(&self) -> Option<Answer> {
        match (self.is_sent || self.failures.is_empty(), self.integration) {
            (true, _) => None,
            (false, "victorops") => Some(Answer::Unavailable),
            (false, _) => Some(Answer::Refused),
        }
    }

    /// The service's short name.
    pub fn integration(&self) -> &'static str {
        self.integration
    }

    fn set(&mut self, name: &str, text: impl Into<String>) {
        let text = text.into();
        match self.fields.iter_mut().find(|(n, _)| n == name) {
            Some(field) => field.1 = text,
            None => self.fields.push((name.to_string(), text)),
        }
    }

    fn remove(&mut self, refused: impl Fn(&str) -> bool) {
        self.fields.retain(|(n, _)| !refused(n));
    }
}

/// Makes messages of notifications, with the templates of a configuration.
#[derive(Debug, Clone)]
pub struct Composer<'c> {
    config: &'c Config,
    templates: Templates,
    external_url: String,
}

impl<'c> Composer<'c> {
    /// With the default templates only, and [`EXTERNAL_URL`].
    pub fn new(config: &'c Config) -> Composer<'c> {
        Composer { config, templates: Templates::default(), external_url: EXTERNAL_URL.to_string() }
    }

    /// With these templates.
    pub fn with_templates(self, templates: Templates) -> Composer<'c> {
        Composer { templates, ..self }
    }

    /// With Alertmanager's own URL, as `--web.external-url` sets it.
    pub fn with_external_url(self, url: impl Into<String>) -> Composer<'c> {
        Composer { external_url: url.into(), ..self }
    }

    /// The message of a notification; none when the configuration has no such receiver and integration.
    pub fn message(&self, notification: &Notification) -> Option<Message> {
        let endpoint = &notification.endpoint;
        let receiver = self.config.receiver(&endpoint.receiver)?;
        let (_, config) = receiver
            .indexed()
            .find(|(index, one)| *index == endpoint.index && one.integration.name == endpoint.integration)?;
        let event = Event {
            receiver: &endpoint.receiver,
            group_labels: &notification.group_labels,
            group_key: &notification.group_key,
            reason: notification.reason.as_str(),
            alerts: &notification.alerts,
            at: notification.at,
        };
        Some(self.compose(config, &event))
    }

    /// The message that an integration sends for an event.
    pub fn compose(&self, config: &IntegrationConfig, event: &Event<'_>) -> Message {
        let limit = service::max_alerts(config).filter(|max| *max < event.alerts.len());
        let alerts = limit.map_or(event.alerts, |max| event.alerts.get(..max).unwrap_or_default());
        let data = self.data(event, alerts);
        let mut expander = Expander::new(&self.templates, &data, event.at);
        let context = service::Context {
            config,
            global: &self.config.global,
            data: &data,
            group_key: event.group_key,
            left_out: event.alerts.len() - alerts.len(),
            resolved: alerts.iter().all(|a| a.status == Status::Resolved),
        };
        let mut message = service::compose(&context, &mut expander);
        if let Some(limit) = limit {
            message.cuts.push(Cut {
                field: "body".to_string(),
                length: event.alerts.len(),
                limit,
                unit: Unit::Alerts,
                effect: Effect::Shortened,
            });
        }
        message
    }

    fn data(&self, event: &Event<'_>, alerts: &[FlushedAlert]) -> Data {
        let time =
            |ms: i64| Some(jiff::Timestamp::from_millisecond(ms).ok()?.to_zoned(jiff::tz::TimeZone::UTC));
        let alerts = alerts.iter().map(|alert| Alert {
            status: alert.status.as_str().to_string(),
            labels: strings(&alert.labels),
            annotations: strings(&alert.annotations),
            starts_at: time(alert.starts_at),
            ends_at: alert.ends_at.and_then(time),
            generator_url: alert.generator_url.clone(),
            fingerprint: fingerprint(&alert.labels),
        });
        let group_labels = strings(event.group_labels);
        let mut data = Data::new(event.receiver, group_labels, &self.external_url, alerts.collect());
        data.notification_reason = event.reason.to_string();
        data
    }
}

/// Writes the messages of a simulation with these template files.
pub fn writer(templates: Templates) -> Writer {
    Writer::new(move |config, notification| {
        Composer::new(config).with_templates(templates.clone()).message(notification)?.stopped()
    })
}

/// What a message is about.
#[derive(Debug, Clone, Copy)]
pub struct Event<'e> {
    /// The receiver's name.
    pub receiver: &'e str,
    /// The labels of the group.
    pub group_labels: &'e Labels,
    /// The key of the group.
    pub group_key: &'e str,
    /// Why it is sent, in Alertmanager's words.
    pub reason: &'e str,
    /// What it tells of, in order.
    pub alerts: &'e [FlushedAlert],
    /// When it is sent, in milliseconds since the Unix epoch.
    pub at: i64,
}

fn strings(labels: &Labels) -> StringMap {
    StringMap::new(labels.iter().map(|(n, v)| (n.as_str(), v.as_str())))
}

/// The text that a field is set to, or its default.
fn text_or_default<'s>(integration: &'static Integration, settings: &'s Settings, name: &str) -> &'s str {
    let default = || integration.field(name).and_then(|f| f.default);
    settings.text(name).or_else(default).unwrap_or("")
}
