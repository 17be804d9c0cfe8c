//! What an Alertmanager configuration says. Serialized, it reads as a careful engineer would write it; deprecated
//! forms are read and never written.

use std::fmt;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::matcher::Matcher;
use super::schema::{Field, Integration, Kind, field};
use super::time_interval::NamedIntervals;
use crate::prometheus::Duration;
use crate::yaml::StringMap;

/// A whole configuration (config/config.go Config).
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Config {
    /// Defaults of the integrations; fields in `schema::GLOBAL`.
    #[serde(skip_serializing_if = "Settings::is_empty")]
    pub global: Settings,
    /// Globs of template files.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub templates: Vec<String>,
    /// The root of the routing tree.
    pub route: Route,
    /// Which alerts silence which.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub inhibit_rules: Vec<InhibitRule>,
    /// Named time intervals, those of the deprecated `mute_time_intervals` first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub time_intervals: Vec<NamedIntervals>,
    /// Who is told.
    pub receivers: Vec<Receiver>,
    /// Fields in `schema::TRACING`.
    #[serde(skip_serializing_if = "Settings::is_empty")]
    pub tracing: Settings,
    /// Fields in `schema::EVENT_RECORDER`.
    #[serde(skip_serializing_if = "Settings::is_empty")]
    pub event_recorder: Settings,
}

impl Config {
    /// The receiver of that name.
    pub fn receiver(&self, name: &str) -> Option<&Receiver> {
        self.receivers.iter().find(|r| r.name == name)
    }
}

/// A node of the routing tree. What is none is inherited from the parent.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Route {
    /// What an alert must be like, sorted as Alertmanager sorts them; empty: any alert.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub matchers: Vec<Matcher>,
    /// Who is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receiver: Option<String>,
    /// Whether the siblings behind are tried too.
    #[serde(rename = "continue", skip_serializing_if = "std::ops::Not::not")]
    pub continues: bool,
    /// Which alerts share a notification.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_by: Option<GroupBy>,
    /// How long the first notification of a group waits for more alerts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_wait: Option<Duration>,
    /// How long a change of a group waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_interval: Option<Duration>,
    /// When an unchanged group is told again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repeat_interval: Option<Duration>,
    /// When nobody is told.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mute_time_intervals: Vec<String>,
    /// When somebody is told at all; empty: always.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub active_time_intervals: Vec<String>,
    /// The children, tried in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub routes: Vec<Route>,
}

/// Which alerts share a notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupBy {
    /// Those with the same values of these labels; none: all alerts of the route.
    Labels(Vec<String>),
    /// Those with the same labels: each alert for itself (`['...']`).
    All,
}

impl Serialize for GroupBy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            GroupBy::Labels(labels) => labels.serialize(serializer),
            GroupBy::All => ["..."].serialize(serializer),
        }
    }
}

/// While a source alert fires, target alerts with the same values of `equal` are not told of.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct InhibitRule {
    /// Its name, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What the source is like, sorted; empty: any alert.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub source_matchers: Vec<Matcher>,
    /// What the target is like, sorted; empty: any alert.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub target_matchers: Vec<Matcher>,
    /// Labels in which both must agree; absent in both counts as agreement.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub equal: Vec<String>,
}

/// Who is told, by which services.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Receiver {
    /// What routes call it.
    pub name: String,
    /// Labels for looking receivers up.
    pub labels: StringMap,
    /// Its integrations, those of one kind together.
    pub integrations: Vec<IntegrationConfig>,
}

impl Receiver {
    /// The integrations, each with its number among those of its kind, from 0, as in notification log keys.
    pub fn indexed(&self) -> impl Iterator<Item = (usize, &IntegrationConfig)> {
        self.integrations.iter().enumerate().map(|(at, one)| {
            let index = self.integrations[..at].iter().filter(|i| i.integration == one.integration).count();
            (index, one)
        })
    }
}

impl Serialize for Receiver {
    /// One list for each kind of integration, in the order of first appearance.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("name", &self.name)?;
        if !self.labels.is_empty() {
            map.serialize_entry("labels", &self.labels)?;
        }
        for (index, one) in self.indexed() {
            if index == 0 {
                let same = self.integrations.iter().filter(|i| i.integration == one.integration);
                let settings: Vec<&Settings> = same.map(|i| &i.settings).collect();
                map.serialize_entry(one.integration.key, &settings)?;
            }
        }
        map.end()
    }
}

/// One integration of a receiver.
#[derive(Debug, Clone, PartialEq)]
pub struct IntegrationConfig {
    /// Which.
    pub integration: &'static Integration,
    /// What its author set.
    pub settings: Settings,
}

impl IntegrationConfig {
    /// Whether it tells when alerts are resolved.
    pub fn send_resolved(&self) -> bool {
        match self.settings.get("send_resolved") {
            Some(Setting::Bool(given)) => *given,
            _ => self.integration.send_resolved,
        }
    }

    /// A text field as set, or else its default; empty when there is none.
    pub fn text(&self, name: &str) -> &str {
        let default = || self.integration.field(name).and_then(|f| f.default);
        self.settings.text(name).or_else(default).unwrap_or("")
    }
}

/// Fields and values as their author set them, in order. Which fields there are and what they hold is in `schema`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Settings(Vec<(String, Setting)>);

impl Settings {
    /// Nothing set.
    pub fn new() -> Settings {
        Settings::default()
    }

    /// True when nothing is set.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What a field is set to.
    pub fn get(&self, name: &str) -> Option<&Setting> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, v)| v)
    }

    /// The text that a field is set to, secret or not.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.get(name)? {
            Setting::Text(text) => Some(text),
            Setting::Secret(secret) => Some(secret.reveal()),
            _ => None,
        }
    }

    /// The block that a field is set to.
    pub fn block(&self, name: &str) -> Option<&Settings> {
        match self.get(name)? {
            Setting::Map(settings) => Some(settings),
            _ => None,
        }
    }

    /// Sets a field: in place when it is set already, else at the end.
    pub fn set(&mut self, name: impl Into<String>, value: Setting) {
        let name = name.into();
        match self.0.iter_mut().find(|(n, _)| *n == name) {
            Some(entry) => entry.1 = value,
            None => self.0.push((name, value)),
        }
    }

    /// Sets a field that is not set yet: what the reader of YAML has checked.
    pub(super) fn push(&mut self, name: &str, value: Setting) {
        self.0.push((name.to_string(), value));
    }

    /// Every field that is set, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Setting)> {
        self.0.iter().map(|(n, v)| (n.as_str(), v))
    }

    /// Sets a text field of a block with `fields`, as a secret when the schema says that it is one.
    pub fn set_text(&mut self, fields: &'static [Field], name: &str, text: impl Into<String>) {
        let hidden = field(fields, name).is_some_and(|f| f.is_secret() || f.kind == Kind::TemplateUrl);
        let text = text.into();
        self.set(name, if hidden { Setting::Secret(Secret::new(text)) } else { Setting::Text(text) });
    }
}

impl Serialize for Settings {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

/// The value of a field.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Setting {
    /// Nothing: only within values of any type.
    Null,
    /// true or false
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A number.
    Float(f64),
    /// Text.
    Text(String),
    /// Text that is not shown.
    Secret(Secret),
    /// A list.
    List(Vec<Setting>),
    /// A block, or names with values.
    Map(Settings),
}

/// Text that neither `Debug` nor `Display` show; only a configuration that is written holds it.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Hides a text.
    pub fn new(text: impl Into<String>) -> Secret {
        Secret(text.into())
    }

    /// The text.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<secret>")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<secret>")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alertmanager::matcher::Op;
    use crate::alertmanager::schema::integration;
    use crate::yaml::write;

    #[test]
    fn a_configuration_reads_as_written_by_hand() {
        let slack = integration("slack").expect("slack");
        let mut settings = Settings::new();
        settings.set_text(slack.fields, "api_url", "https://hooks.slack.com/services/x");
        settings.set_text(slack.fields, "channel", "#alerts");
        settings.set("send_resolved", Setting::Bool(true));
        assert!(!format!("{settings:?}").contains("hooks.slack.com"));
        let one = IntegrationConfig { integration: slack, settings };
        let critical = Matcher::new("severity", Op::Equal, "critical").expect("a matcher");
        let config = Config {
            route: Route {
                receiver: Some("slack".into()),
                group_by: Some(GroupBy::Labels(vec!["alertname".into()])),
                group_wait: Some(Duration::from_millis(30_000)),
                routes: vec![Route {
                    matchers: vec![critical.clone()],
                    group_by: Some(GroupBy::All),
                    continues: true,
                    ..Route::default()
                }],
                ..Route::default()
            },
            inhibit_rules: vec![InhibitRule {
                source_matchers: vec![critical],
                equal: vec!["alertname".into()],
                ..InhibitRule::default()
            }],
            receivers: vec![Receiver {
                name: "slack".into(),
                integrations: vec![one.clone(), one],
                ..Receiver::default()
            }],
            ..Config::default()
        };
        insta::assert_snapshot!(write::to_string(&config).expect("yaml"));
    }
}
