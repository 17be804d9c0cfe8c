//! The data that Alertmanager gives to notification templates (template/template.go `Data`).

use std::sync::Arc;

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use super::super::methods::ZERO_TIME;
use super::super::value::{ListType, StringMap, StructType, Value};
use crate::gostd::regexp::quote_meta;

static DATA: StructType = StructType {
    name: "template.Data",
    fields: &[
        "Receiver",
        "Status",
        "Alerts",
        "NotificationReason",
        "GroupLabels",
        "CommonLabels",
        "CommonAnnotations",
        "ExternalURL",
    ],
    json: &[
        "receiver",
        "status",
        "alerts",
        "notification_reason",
        "groupLabels",
        "commonLabels",
        "commonAnnotations",
        "externalURL",
    ],
    any: &[],
    is_pointer: false,
};

static ALERT: StructType = StructType {
    name: "template.Alert",
    fields: &["Status", "Labels", "Annotations", "StartsAt", "EndsAt", "GeneratorURL", "Fingerprint"],
    json: &["status", "labels", "annotations", "startsAt", "endsAt", "generatorURL", "fingerprint"],
    any: &[],
    is_pointer: false,
};

/// One name and value of a `KV`.
pub static PAIR: StructType = StructType {
    name: "template.Pair",
    fields: &["Name", "Value"],
    json: &["Name", "Value"],
    any: &[],
    is_pointer: false,
};

/// One alert of a notification.
#[derive(Clone, Debug, Default)]
pub struct Alert {
    /// `firing` or `resolved`.
    pub status: String,
    /// Its labels.
    pub labels: StringMap,
    /// Its annotations.
    pub annotations: StringMap,
    /// When it began to fire.
    pub starts_at: Option<Zoned>,
    /// When it ended; none while it fires.
    pub ends_at: Option<Zoned>,
    /// The link to its source.
    pub generator_url: String,
    /// The hash of its labels, in hexadecimal.
    pub fingerprint: String,
}

/// What a notification is about.
#[derive(Clone, Debug, Default)]
pub struct Data {
    /// The receiver's name, as templates see it (see [`Data::new`]).
    pub receiver: String,
    /// `firing` or `resolved`.
    pub status: String,
    /// Its alerts.
    pub alerts: Vec<Alert>,
    /// Why it is sent.
    pub notification_reason: String,
    /// Labels by which the alerts are grouped.
    pub group_labels: StringMap,
    /// Labels that all its alerts share.
    pub common_labels: StringMap,
    /// Annotations that all its alerts share.
    pub common_annotations: StringMap,
    /// Alertmanager's own URL.
    pub external_url: String,
}

impl Data {
    /// The data of a notification: status and common labels come from its alerts, and the receiver's name is quoted as a
    /// regular expression, as Alertmanager does it.
    pub fn new(receiver: &str, group_labels: StringMap, external_url: &str, alerts: Vec<Alert>) -> Data {
        let firing = alerts.iter().any(|a| a.status == "firing");
        Data {
            receiver: quote_meta(receiver),
            status: if firing { "firing" } else { "resolved" }.to_string(),
            notification_reason: String::new(),
            group_labels,
            common_labels: common(alerts.iter().map(|a| &a.labels)),
            common_annotations: common(alerts.iter().map(|a| &a.annotations)),
            external_url: external_url.to_string(),
            alerts,
        }
    }

    /// As templates see it.
    pub fn to_value(&self) -> Value {
        let kv = |map: &StringMap| Value::StringMap(map.clone().kv());
        let alerts = self.alerts.iter().map(Alert::to_value).collect();
        let fields = vec![
            Value::string(self.receiver.as_str()),
            Value::string(self.status.as_str()),
            Value::List(ListType::Alerts, Arc::new(alerts)),
            Value::string(self.notification_reason.as_str()),
            kv(&self.group_labels),
            kv(&self.common_labels),
            kv(&self.common_annotations),
            Value::string(self.external_url.as_str()),
        ];
        Value::Struct(&DATA, Arc::new(fields))
    }

    /// As Go's encoding/json writes it.
    pub fn to_json(&self) -> String {
        let mut out = String::new();
        // Only numbers that are none fail, and there are no numbers in it.
        let _ = super::json::push(&mut out, &self.to_value());
        out
    }
}

impl Alert {
    fn to_value(&self) -> Value {
        let zero = || Timestamp::from_second(ZERO_TIME).unwrap_or(Timestamp::MIN).to_zoned(TimeZone::UTC);
        let time = |t: &Option<Zoned>| Value::time(t.clone().unwrap_or_else(zero));
        let fields = vec![
            Value::string(self.status.as_str()),
            Value::StringMap(self.labels.clone().kv()),
            Value::StringMap(self.annotations.clone().kv()),
            time(&self.starts_at),
            time(&self.ends_at),
            Value::string(self.generator_url.as_str()),
            Value::string(self.fingerprint.as_str()),
        ];
        Value::Struct(&ALERT, Arc::new(fields))
    }
}

/// The pairs that all maps have.
fn common<'a>(mut maps: impl Iterator<Item = &'a StringMap> + Clone) -> StringMap {
    let Some(first) = maps.next() else { return StringMap::default() };
    let shared = first.iter().filter(|(name, value)| maps.clone().all(|m| m.get(name) == Some(value)));
    StringMap::new(shared.cloned())
}

/// The alerts of that status, as a list that has no methods of its own.
pub fn alerts_with_status(alerts: Option<&Value>, status: &str) -> Value {
    let Some(Value::List(_, items)) = alerts else { return Value::Nil };
    let has_status = |alert: &&Value| alert.field("Status").is_some_and(|s| s.as_str() == Some(status));
    Value::List(ListType::AlertSlice, Arc::new(items.iter().filter(has_status).cloned().collect()))
}
