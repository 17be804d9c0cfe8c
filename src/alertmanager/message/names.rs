//! Natural names of fields, the same for every service.

use crate::alertmanager::schema::{Integration, Kind};

const HEADLINE: [&str; 3] = ["title", "summary", "subject"];
const BODY: [&str; 4] = ["text", "body", "message", "description"];

/// The field that stands for a natural name: the headline or what is said below it.
pub(super) fn alias(integration: &str, name: &str, has: impl Fn(&str) -> bool) -> Option<&'static str> {
    let (headline, body) = natural(integration);
    if HEADLINE.iter().any(|n| n.eq_ignore_ascii_case(name)) {
        headline
    } else if BODY.iter().any(|n| n.eq_ignore_ascii_case(name)) {
        body.iter().copied().find(|n| has(n))
    } else {
        None
    }
}

/// The headline of a service, and the fields of which the first that it has is what it says below.
fn natural(integration: &str) -> (Option<&'static str>, &'static [&'static str]) {
    match integration {
        "discord" => (Some("title"), &["message"]),
        "email" => (Some("headers.Subject"), &["html", "text"]),
        "incidentio" | "webhook" => (None, &["body"]),
        "jira" => (Some("summary"), &["description"]),
        "mattermost" => (Some("title"), &["text"]),
        "msteams" | "msteamsv2" | "rocketchat" | "slack" => (Some("title"), &["text"]),
        "opsgenie" => (Some("message"), &["description"]),
        "pagerduty" => (Some("description"), &["details.firing"]),
        "pushover" => (Some("title"), &["message"]),
        "sns" => (Some("subject"), &["message"]),
        "telegram" | "webex" | "wechat" => (None, &["message"]),
        "victorops" => (Some("entity_display_name"), &["state_message"]),
        _ => (None, &[]),
    }
}

/// The names by which a test may ask for a service's fields, without those of lists and maps.
pub fn known_names(integration: &'static Integration) -> Vec<&'static str> {
    let sent = |kind: Kind| matches!(kind, Kind::Template | Kind::TextOrBlock(_));
    // How it travels is not what it says.
    let transport = ["api_url", "corp_id"];
    let mut names: Vec<&str> = integration
        .fields
        .iter()
        .filter(|f| sent(f.kind) && !transport.contains(&f.name))
        .map(|f| f.name)
        .collect();
    let (headline, body) = natural(integration.name);
    if headline.is_some() {
        names.extend(HEADLINE);
    }
    if !body.is_empty() {
        names.extend(BODY);
    }
    names.sort_unstable();
    names.dedup();
    names
}
