//! What each service does to its message apart from expanding templates.

use sha2::{Digest, Sha256};

use super::expand::Expander;
use super::{Cut, Effect, Message, Unit, fields, json, text_or_default};
use crate::alertmanager::config::{IntegrationConfig, Setting, Settings};
use crate::alertmanager::schema::Field;
use crate::gotemplate::alertmanager::Data;

/// What a service knows of the notification.
pub(super) struct Context<'a> {
    pub(super) config: &'a IntegrationConfig,
    pub(super) global: &'a Settings,
    pub(super) data: &'a Data,
    pub(super) group_key: &'a str,
    /// How many alerts `max_alerts` left out.
    pub(super) left_out: usize,
    /// Whether every alert is resolved.
    pub(super) resolved: bool,
}

/// The texts that are cut, in characters.
const LIMITS: &[(&str, &str, usize)] = &[
    ("discord", "title", 256),
    ("discord", "message", 4096),
    ("discord", "content", 2000),
    ("jira", "summary", 255),
    ("jira", "description", 32_767),
    ("opsgenie", "message", 130),
    ("pagerduty", "description", 1024),
    ("pushover", "title", 250),
    ("pushover", "message", 1024),
    ("pushover", "url", 512),
    ("rocketchat", "title", 1024),
    ("slack", "title", 1024),
    ("telegram", "message", 4096),
    ("victorops", "state_message", 20_480),
];

/// The largest message to Webex, in bytes.
const WEBEX_BYTES: usize = 7439;
/// The longest text of a Mattermost post with attachments, in characters.
const MATTERMOST_TEXT: usize = 16_383;
/// The largest message to SNS, in bytes, and the largest to a phone.
const SNS_BYTES: usize = 256 * 1024;
const SNS_PHONE_BYTES: usize = 1600;
/// The largest event that PagerDuty takes, in bytes.
const PAGERDUTY_BYTES: usize = 512_000;
/// The largest body that incident.io takes, in bytes.
const INCIDENTIO_BYTES: usize = 512 * 1024;

/// What Telegram is sent in place of HTML that is too long; its white space is Alertmanager's.
const TELEGRAM_TOO_LONG: &str = "Alertmanager notification could not be sent: message length exceeds Telegram limits.\n\t\t\tPlease check the template used for producing the message content.";

/// The order in which Slack's fields are expanded: after one that fails, the others stay empty.
const SLACK_ORDER: [&str; 17] = [
    "title",
    "title_link",
    "pretext",
    "text",
    "fallback",
    "callback_id",
    "image_url",
    "thumb_url",
    "footer",
    "color",
    "fields",
    "actions",
    "channel",
    "username",
    "icon_emoji",
    "icon_url",
    "message_text",
];

/// The details that PagerDuty gets unless the configuration has its own of that name.
const PAGERDUTY_DETAILS: [(&str, &str); 4] = [
    ("firing", "{{ .Alerts.Firing | toJson }}"),
    ("num_firing", "{{ .Alerts.Firing | len }}"),
    ("num_resolved", "{{ .Alerts.Resolved | len }}"),
    ("resolved", "{{ .Alerts.Resolved | toJson }}"),
];

/// The most alerts of a message, where that is limited.
pub(super) fn max_alerts(config: &IntegrationConfig) -> Option<usize> {
    match config.settings.get("max_alerts") {
        Some(Setting::Int(max)) if *max > 0 => usize::try_from(*max).ok(),
        _ => None,
    }
}

/// The message of an integration.
pub(super) fn compose(context: &Context<'_>, expander: &mut Expander<'_>) -> Message {
    let name = context.config.integration.name;
    let mut message = Message { integration: name, is_sent: true, ..Message::default() };
    expander.stops = name == "slack";
    fields::expand(sent_fields(context), &context.config.settings, "", expander, &mut message);
    for (_, field, limit) in LIMITS.iter().filter(|(service, ..)| *service == name) {
        if !(name == "telegram" && is_html(context)) {
            message.shorten(field, *limit);
        }
    }
    match name {
        "discord" => discord(context, &mut message),
        "email" => email(context, expander, &mut message),
        "incidentio" => incidentio(context, &mut message),
        "jira" => jira(context, expander, &mut message),
        "mattermost" => mattermost(context, expander, &mut message),
        "msteams" => message.set("color", if context.resolved { "2DC72D" } else { "8C1A1A" }),
        "msteamsv2" => message.set("color", if context.resolved { "Good" } else { "Attention" }),
        "opsgenie" => opsgenie(context, &mut message),
        "pagerduty" => pagerduty(context, expander, &mut message),
        "pushover" => pushover(context, expander, &mut message),
        "sns" => sns(context, &mut message),
        "telegram" => telegram(context, expander, &mut message),
        "victorops" => victorops(context, &mut message),
        "webex" => webex(&mut message),
        "webhook" => webhook(context, expander, &mut message),
        "wechat" => wechat(context, &mut message),
        _ => {}
    }
    message.failures = std::mem::take(&mut expander.failures);
    message.is_sent &= message.failures.is_empty() || name == "slack";
    message
}

/// The fields of the integration, in the order in which they are expanded.
fn sent_fields(context: &Context<'_>) -> Vec<&'static Field> {
    let all = context.config.integration.fields;
    match context.config.integration.name {
        "slack" => SLACK_ORDER.iter().filter_map(|name| all.iter().find(|f| f.name == *name)).collect(),
        service => all.iter().filter(|f| !is_special(service, f.name, context)).collect(),
    }
}

/// Fields that the service expands in its own way, or that are none of the message.
fn is_special(service: &str, field: &str, context: &Context<'_>) -> bool {
    match service {
        "email" => matches!(field, "from" | "headers" | "html"),
        "pushover" => field == "message" && is_on(context, "html"),
        "sns" => field == "api_url",
        "telegram" => field == "message" && is_html(context),
        "webhook" => field == "payload",
        "wechat" => field == "corp_id",
        _ => false,
    }
}

/// The hash by which PagerDuty, Opsgenie, VictorOps and Jira know a group again (notify/util.go Key).
fn hash(group_key: &str) -> String {
    Sha256::digest(group_key.as_bytes()).iter().map(|b| format!("{b:02x}")).collect()
}

fn is_on(context: &Context<'_>, field: &str) -> bool {
    context.config.settings.get(field) == Some(&Setting::Bool(true))
}

/// Whether Telegram is sent HTML.
fn is_html(context: &Context<'_>) -> bool {
    context.config.text("parse_mode") == "HTML"
}

impl Message {
    /// Cuts a field to so many characters (notify/util.go TruncateInRunes).
    fn shorten(&mut self, field: &str, limit: usize) {
        let Some((_, text)) = self.fields.iter_mut().find(|(n, _)| n == field) else { return };
        let length = text.chars().count();
        if length > limit {
            *text = text.chars().take(limit - 1).chain(['…']).collect();
            self.cut(field, length, limit, Unit::Characters, Effect::Shortened);
        }
    }

    fn cut(&mut self, field: &str, length: usize, limit: usize, unit: Unit, effect: Effect) {
        self.cuts.push(Cut { field: field.to_string(), length, limit, unit, effect });
    }
}

fn discord(context: &Context<'_>, message: &mut Message) {
    // Neither is a template, though both are documented to be.
    for field in ["username", "avatar_url"] {
        message.set(field, context.config.settings.text(field).unwrap_or(""));
    }
    message.set("color", if context.resolved { "3066993" } else { "10038562" });
}

fn email(context: &Context<'_>, expander: &mut Expander<'_>, message: &mut Message) {
    let settings = &context.config.settings;
    let text = |field: &str| settings.text(field).unwrap_or("");
    let from = [text("from"), context.global.text("smtp_from").unwrap_or("")];
    let from = from.into_iter().find(|f| !f.is_empty()).unwrap_or("");
    let expanded = expander.text("from", from);
    message.set("from", expanded);
    let defaults =
        [("Subject", r#"{{ template "email.default.subject" . }}"#), ("To", text("to")), ("From", from)];
    let given = settings.block("headers");
    let given: Vec<(&str, &str)> = given
        .iter()
        .flat_map(|h| h.iter())
        .filter_map(
            |(name, value)| if let Setting::Text(t) = value { Some((name, t.as_str())) } else { None },
        )
        .collect();
    let missing =
        defaults.iter().filter(|(name, _)| !given.iter().any(|(n, _)| n.eq_ignore_ascii_case(name)));
    for (name, template) in given.iter().chain(missing) {
        let field = format!("headers.{}", canonical(name));
        let text = expander.text(&field, template);
        message.set(&field, text);
    }
    let html = expander.html("html", text_or_default(context.config.integration, settings, "html"));
    message.set("html", html);
}

/// A header's name as Go writes it: `subject` is `Subject`.
fn canonical(name: &str) -> String {
    let mut upper = true;
    let letter = |c: char| {
        let shown = if upper { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
        upper = c == '-';
        shown
    };
    name.chars().map(letter).collect()
}

fn incidentio(context: &Context<'_>, message: &mut Message) {
    let mut body = json::body(context.data, "1", context.group_key, context.left_out);
    if body.len() > INCIDENTIO_BYTES {
        message.cut("body", body.len(), INCIDENTIO_BYTES, Unit::Bytes, Effect::Shortened);
        let mut first = context.data.clone();
        first.alerts.truncate(1);
        body = json::body(&first, "1", context.group_key, context.left_out);
    }
    message.set("body", body);
}

fn jira(context: &Context<'_>, expander: &mut Expander<'_>, message: &mut Message) {
    let mut labels = Vec::new();
    if let Some(Setting::List(items)) = context.config.settings.get("labels") {
        for (index, item) in items.iter().enumerate() {
            if let Setting::Text(template) = item {
                labels.push(expander.text(&format!("labels[{index}]"), template));
            }
        }
    }
    labels.push(format!("ALERT{{{}}}", hash(context.group_key)));
    labels.sort();
    message.set("labels", labels.join(", "));
}

fn mattermost(context: &Context<'_>, expander: &mut Expander<'_>, message: &mut Message) {
    let settings = &context.config.settings;
    let kind = expander.text("type", settings.text("type").unwrap_or(""));
    message.set("type", kind);
    let has_attachments =
        matches!(settings.get("attachments"), Some(Setting::List(items)) if !items.is_empty());
    if has_attachments {
        // They stand in place of the one that is made of the fields at the top.
        const POST: [&str; 9] = [
            "channel",
            "username",
            "text",
            "icon_url",
            "icon_emoji",
            "attachments",
            "type",
            "props",
            "priority",
        ];
        message.remove(|name| !POST.contains(&name.split(['.', '[']).next().unwrap_or("")));
        message.shorten("text", MATTERMOST_TEXT);
    }
    if let Some(priority) = message.field("priority.priority").filter(|p| !p.is_empty()) {
        let priority = priority.to_lowercase();
        let known = ["urgent", "important", "standard"].contains(&priority.as_str());
        message.set("priority.priority", if known { priority.as_str() } else { "standard" });
    }
}

fn opsgenie(context: &Context<'_>, message: &mut Message) {
    if context.resolved {
        // An alert is closed by its alias alone.
        message.remove(|name| name != "source");
        message.cuts.clear();
    } else {
        let labels: Vec<(String, String)> =
            context.data.common_labels.iter().map(|(n, v)| (format!("details.{n}"), v.to_string())).collect();
        for (name, value) in labels {
            if !message.fields.iter().any(|(n, _)| *n == name) {
                message.set(&name, value);
            }
        }
    }
    for field in ["tags", "actions"] {
        if let Some(text) = message.field(field) {
            let items: Vec<&str> = text.trim().split(',').filter(|item| !item.is_empty()).collect();
            let joined = items.join(",");
            message.set(field, joined);
        }
    }
    message.set("alias", hash(context.group_key));
    message.set("action", if context.resolved { "close" } else { "create" });
}

fn pagerduty(context: &Context<'_>, expander: &mut Expander<'_>, message: &mut Message) {
    let settings = &context.config.settings;
    let text = |field: &str| settings.text(field).unwrap_or("");
    let given = settings.block("details");
    for (name, template) in PAGERDUTY_DETAILS {
        if given.is_none_or(|details| details.get(name).is_none()) {
            let field = format!("details.{name}");
            let text = expander.text(&field, template);
            message.set(&field, text);
        }
    }
    let is_v1 = !text("service_key").is_empty() || !text("service_key_file").is_empty();
    if is_v1 {
        let unknown = ["severity", "source", "class", "component", "group"];
        let unsent =
            |name: &str| unknown.contains(&name) || name.starts_with("images") || name.starts_with("links");
        message.remove(|name| unsent(name) || context.resolved && matches!(name, "client" | "client_url"));
    } else if text("source").is_empty() {
        let client = text_or_default(context.config.integration, settings, "client");
        let source = expander.text("source", client);
        message.set("source", source);
    }
    if text("severity").is_empty() && !is_v1 {
        message.set("severity", "error");
    }
    message.set("event_action", if context.resolved { "resolve" } else { "trigger" });
    message.set("dedup_key", hash(context.group_key));
    // What else the event holds is names and quotes.
    let details = |message: &Message| -> usize {
        let length = |text: &str| json::encode(&serde_json::Value::from(text)).len();
        message.fields().map(|(name, text)| name.len() + length(text)).sum()
    };
    let length = details(message);
    if length > PAGERDUTY_BYTES {
        message.remove(|name| name.starts_with("details."));
        message.set(
            "details.error",
            "Custom details have been removed because the original event exceeds the maximum size of 512KB",
        );
        message.cut("details", length, PAGERDUTY_BYTES, Unit::Bytes, Effect::Replaced);
    }
}

fn pushover(context: &Context<'_>, expander: &mut Expander<'_>, message: &mut Message) {
    if is_on(context, "html") {
        let html = expander.html("message", context.config.text("message"));
        message.set("message", html);
        message.shorten("message", 1024);
    }
    let text = message.field("message").unwrap_or("").trim().to_string();
    message.set("message", if text.is_empty() { "(no details)" } else { &text });
}

fn sns(context: &Context<'_>, message: &mut Message) {
    let is_phone = context.config.settings.text("phone_number").is_some_and(|p| !p.is_empty());
    let limit = if is_phone { SNS_PHONE_BYTES } else { SNS_BYTES };
    let text = message.field("message").unwrap_or("").as_bytes();
    if text.len() > limit {
        let length = text.len();
        let cut = String::from_utf8_lossy(text.get(..limit).unwrap_or(text)).into_owned();
        message.set("message", cut);
        message.set("attributes.truncated", "true");
        message.cut("message", length, limit, Unit::Bytes, Effect::Shortened);
    }
}

fn telegram(context: &Context<'_>, expander: &mut Expander<'_>, message: &mut Message) {
    if is_html(context) {
        let html = expander.html("message", context.config.text("message"));
        let length = html.chars().count();
        if length > 4096 {
            message.set("message", TELEGRAM_TOO_LONG);
            message.cut("message", length, 4096, Unit::Characters, Effect::Replaced);
        } else {
            message.set("message", html);
        }
    }
    message.set("parse_mode", context.config.text("parse_mode"));
    for field in ["chat_id", "message_thread_id"] {
        if let Some(Setting::Int(id)) = context.config.settings.get(field) {
            message.set(field, id.to_string());
        }
    }
}

fn victorops(context: &Context<'_>, message: &mut Message) {
    let given = message.field("message_type").unwrap_or("");
    let kind = match given {
        _ if context.resolved => "RECOVERY",
        "INFO" => "INFO",
        "WARNING" => "WARNING",
        _ => "CRITICAL",
    };
    message.set("message_type", kind);
    message.set("entity_id", hash(context.group_key));
}

fn webex(message: &mut Message) {
    let text = message.field("message").unwrap_or("");
    let length = text.len();
    if length > WEBEX_BYTES {
        let mut shortened = String::new();
        for c in text.chars() {
            if shortened.len() + c.len_utf8() > WEBEX_BYTES - 3 {
                break;
            }
            shortened.push(c);
        }
        shortened.push('…');
        message.set("message", shortened);
        message.cut("message", length, WEBEX_BYTES, Unit::Bytes, Effect::Shortened);
    }
}

fn webhook(context: &Context<'_>, expander: &mut Expander<'_>, message: &mut Message) {
    let body = match context.config.settings.get("payload") {
        Some(payload) => format!("{}\n", json::encode(&json::payload(payload, "payload", expander))),
        None => json::body(context.data, "4", context.group_key, context.left_out),
    };
    message.set("body", body);
    // Where it goes is nobody's business, but a template in it may stop the message.
    expander.text("url", context.config.settings.text("url").unwrap_or(""));
}

fn wechat(context: &Context<'_>, message: &mut Message) {
    message.set("message_type", context.config.text("message_type"));
}
