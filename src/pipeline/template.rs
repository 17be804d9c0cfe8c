//! Notification templates on the data of a notification.

use jiff::fmt::temporal::Pieces;
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp, Zoned};
use serde::Deserialize;

use crate::gotemplate::alertmanager::{Alert, Data, Templates};
use crate::gotemplate::{Environment, StringMap, TemplateError};

/// The labels of a JSON document.
type Map = std::collections::BTreeMap<String, String>;

/// Notification data as JSON has it: as webhooks get it. What is missing is empty.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct DataJson {
    receiver: Option<String>,
    status: Option<String>,
    alerts: Option<Vec<AlertJson>>,
    #[serde(rename = "notification_reason")]
    notification_reason: Option<String>,
    group_labels: Option<Map>,
    common_labels: Option<Map>,
    common_annotations: Option<Map>,
    #[serde(rename = "externalURL")]
    external_url: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct AlertJson {
    status: Option<String>,
    labels: Option<Map>,
    annotations: Option<Map>,
    starts_at: Option<String>,
    ends_at: Option<String>,
    #[serde(rename = "generatorURL")]
    generator_url: Option<String>,
    fingerprint: Option<String>,
}

/// The data in a JSON document.
///
/// # Errors
/// What is wrong with it.
pub fn template_data(json: &str) -> Result<Data, String> {
    let read: DataJson = serde_json::from_str(json).map_err(|e| e.to_string())?;
    let map = |map: Option<Map>| StringMap::new(map.unwrap_or_default());
    let time = |text: Option<String>| -> Result<Option<Zoned>, String> {
        let parsed = text
            .map(|t| moment(&t).ok_or_else(|| format!("{t:?} is no time; write it as 2026-01-31T22:00:00Z")));
        parsed.transpose()
    };
    let alerts = read.alerts.unwrap_or_default().into_iter().map(|alert| {
        Ok(Alert {
            status: alert.status.unwrap_or_default(),
            labels: map(alert.labels),
            annotations: map(alert.annotations),
            starts_at: time(alert.starts_at)?,
            ends_at: time(alert.ends_at)?,
            generator_url: alert.generator_url.unwrap_or_default(),
            fingerprint: alert.fingerprint.unwrap_or_default(),
        })
    });
    let alerts = alerts.collect::<Result<_, String>>()?;
    Ok(Data {
        receiver: read.receiver.unwrap_or_default(),
        status: read.status.unwrap_or_default(),
        alerts,
        notification_reason: read.notification_reason.unwrap_or_default(),
        group_labels: map(read.group_labels),
        common_labels: map(read.common_labels),
        common_annotations: map(read.common_annotations),
        external_url: read.external_url.unwrap_or_default(),
    })
}

/// A time in RFC 3339; it keeps its offset, which templates print.
fn moment(text: &str) -> Option<Zoned> {
    let at: Timestamp = text.parse().ok()?;
    let offset = match Pieces::parse(text).ok()?.to_numeric_offset() {
        Some(offset) if offset != Offset::ZERO => TimeZone::fixed(offset),
        _ => TimeZone::UTC,
    };
    Some(at.to_zoned(offset))
}

/// The data that amtool takes when it is given none.
pub fn sample_data(now: Timestamp) -> Data {
    let utc = |at: Timestamp| at.to_zoned(TimeZone::UTC);
    let ago = |minutes: i64| now.checked_sub(SignedDuration::from_mins(minutes)).ok().map(utc);
    let common_labels = [("commonlabelkey1", "commonlabelvalue1"), ("commonlabelkey2", "commonlabelvalue2")];
    let common_annotations = [
        ("commonannotationkey1", "commonannotationvalue1"),
        ("commonannotationkey2", "commonannotationvalue2"),
    ];
    let alert = |number: u32, status: &str, own: &[(&str, &str)], told: [(&str, &str); 2]| Alert {
        status: status.to_string(),
        labels: StringMap::new(own.iter().copied().chain(common_labels)),
        annotations: StringMap::new(told.into_iter().chain(common_annotations)),
        starts_at: ago(i64::from(number) * 5),
        ends_at: Some(utc(now)),
        generator_url: "https://generatorurl.com".to_string(),
        fingerprint: format!("fingerprint{number}"),
    };
    let firing = [("label1", "value1"), ("label2", "value2"), ("instance", "foo.bar:1234")];
    let resolved = [("foo", "bar"), ("baz", "qux")];
    Data {
        receiver: "receiver".to_string(),
        status: "alertstatus".to_string(),
        alerts: vec![
            alert(1, "firing", &firing, [("annotation1", "value1"), ("annotation2", "value2")]),
            alert(2, "resolved", &resolved, [("aaa", "bbb"), ("ccc", "ddd")]),
        ],
        notification_reason: String::new(),
        group_labels: StringMap::new([
            ("grouplabelkey1", "grouplabelvalue1"),
            ("grouplabelkey2", "grouplabelvalue2"),
        ]),
        common_labels: StringMap::new(common_labels),
        common_annotations: StringMap::new(common_annotations),
        external_url: "https://example.com".to_string(),
    }
}

/// Expands a text, as HTML if asked for.
///
/// # Errors
/// A text that does not parse, or fails.
pub fn render_template(
    templates: &Templates,
    text: &str,
    data: &Data,
    html: bool,
    now: Timestamp,
) -> Result<String, TemplateError> {
    // Alertmanager does not look at an empty text.
    if text.is_empty() {
        return Ok(String::new());
    }
    let env = Environment { now, ..Environment::default() };
    if html { templates.expand_html(text, data, &env) } else { templates.expand(text, data, &env) }
}
