//! What integrations send.

mod real;

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use alertc::alertmanager::config::Config;
use alertc::alertmanager::matcher::Mode;
use alertc::alertmanager::message::{Composer, Event, Message, known_names};
use alertc::alertmanager::read_config;
use alertc::alertmanager::route::{Labels, RouteTree};
use alertc::alertmanager::schema::INTEGRATIONS;
use alertc::alertmanager::simulation::{FlushedAlert, Status};
use alertc::diagnostic::Diagnostic;
use alertc::source::FileId;

/// 2024-03-05T07:08:09.500Z
const START: i64 = 1_709_622_489_500;
const URL: &str = "http://am.example.com:9093";

fn labels(pairs: &[(&str, &str)]) -> Labels {
    pairs.iter().map(|(n, v)| ((*n).to_string(), (*v).to_string())).collect()
}

fn text() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/message/all.yml");
    std::fs::read_to_string(path).unwrap()
}

/// The configuration of every integration, with addresses that nobody listens at.
fn all() -> Config {
    config(&text().replace("PORT", "9").replace("MAIL", "25"))
}

fn config(text: &str) -> Config {
    let root = alertc::yaml::read(FileId::NONE, text).remove(0).root.unwrap();
    let read = read_config(&root, text, Mode::default());
    let errors: Vec<&Diagnostic> = read.diagnostics.iter().filter(|d| d.is_error()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    read.model
}

/// Two alerts of one group, firing or resolved, that began at a time in milliseconds.
fn alerts(start: i64, status: Status) -> Vec<FlushedAlert> {
    let alert = |instance: &str, summary: &str| FlushedAlert {
        status,
        labels: Arc::new(labels(&[
            ("alertname", "HighLatency"),
            ("instance", instance),
            ("severity", "critical"),
            ("team", "web"),
        ])),
        annotations: Arc::new(labels(&[
            ("summary", summary),
            ("runbook_url", "https://rb.example.com/HighLatency?a=1&b=2"),
        ])),
        starts_at: start,
        ends_at: (status == Status::Resolved).then_some(start + 1000),
        generator_url: "http://prom.example.com/graph?g0.expr=up+%3D%3D+0&g0.tab=1".to_string(),
    };
    vec![
        alert("web-1:9100", "Latency of <web-1> is \"1.5s\""),
        alert("web-2:9100", "Latency is 2s\nand rising"),
    ]
}

/// The messages of every integration of the first receiver, with their numbers.
fn messages(config: &Config, start: i64, status: Status, reason: &str) -> Vec<(String, Message)> {
    let alerts = alerts(start, status);
    let tree = RouteTree::new(config);
    let node = tree.get(0).unwrap();
    let group_labels = node.group_labels(&alerts[0].labels);
    let group_key = node.group_key(&group_labels);
    let event = Event {
        receiver: &node.receiver,
        group_labels: &group_labels,
        group_key: &group_key,
        reason,
        alerts: &alerts,
        at: start + 10_000,
    };
    let composer = Composer::new(config).with_external_url(URL);
    let receiver = &config.receivers[0];
    let named = receiver.indexed().map(|(index, one)| {
        let name = format!("{}[{index}]", one.integration.name);
        (name, composer.compose(one, &event))
    });
    named.collect()
}

fn shown(messages: &[(String, Message)]) -> String {
    let mut out = String::new();
    for (name, message) in messages {
        let _ = writeln!(out, "{name}{}", if message.is_sent { "" } else { " is not sent" });
        for (field, text) in message.fields().filter(|(_, text)| !text.is_empty()) {
            let _ = match text.char_indices().nth(300) {
                Some((end, _)) => writeln!(out, "  {field}: {:?}…", &text[..end]),
                None => writeln!(out, "  {field}: {text:?}"),
            };
        }
        for cut in &message.cuts {
            let _ = writeln!(out, "  ! {cut}");
        }
        for failure in &message.failures {
            let _ = writeln!(out, "  ! {}: {}", failure.field, failure.error);
        }
    }
    out
}

#[test]
fn every_integration_has_a_message() {
    let config = all();
    let firing = messages(&config, START, Status::Firing, "first notification");
    for integration in INTEGRATIONS {
        assert!(firing.iter().any(|(_, m)| m.integration() == integration.name), "{}", integration.name);
    }
    insta::assert_snapshot!("firing", shown(&firing));
    let resolved = messages(&config, START, Status::Resolved, "all alerts resolved");
    insta::assert_snapshot!("resolved", shown(&resolved));
}

#[test]
fn natural_names_find_the_fields_of_any_service() {
    let all = messages(&all(), START, Status::Firing, "first notification");
    for (name, message) in &all {
        let integration = INTEGRATIONS.iter().find(|i| i.name == message.integration()).unwrap();
        for known in known_names(integration) {
            assert!(message.field(known).is_some(), "{name} has no {known}");
        }
        assert_eq!(message.field("nonsense"), None);
    }
    let field = |name: &str, field: &str| {
        let (_, message) = all.iter().find(|(n, _)| n == name).unwrap();
        message.field(field).unwrap().to_string()
    };
    let subject = "[FIRING:2] HighLatency (critical web)";
    for (name, wanted) in [
        ("slack[0]", "title"),
        ("pagerduty[0]", "summary"),
        ("email[0]", "subject"),
        ("opsgenie[0]", "title"),
        ("victorops[0]", "summary"),
    ] {
        assert_eq!(field(name, wanted), subject, "{name}");
    }
    assert_eq!(field("email[0]", "headers.x-team"), "web");
    assert!(field("webhook[0]", "body").contains("\"truncatedAlerts\":1"));
}

/// A configuration with one integration.
fn one(settings: &str) -> Config {
    config(&format!("route: {{receiver: r, group_by: [alertname]}}\nreceivers:\n- name: r\n{settings}"))
}

#[test]
fn what_is_too_long_is_cut_as_alertmanager_cuts_it() {
    let long = "{{ range .Alerts }}{{ range $i := stringSlice \"a\" \"b\" \"c\" \"d\" }}ü0123456789{{ end }}{{ end }}";
    let text = |times: usize| long.repeat(times);
    let config = one(&format!(
        "  opsgenie_configs: [{{api_key: k, message: '{}'}}]\n  slack_configs: [{{api_url: 'http://s', title: '{}'}}]\n  \
         telegram_configs: [{{bot_token: t, chat_id: 1, message: '{}'}}]\n  \
         webex_configs: [{{room_id: r, http_config: {{authorization: {{credentials: t}}}}, message: '{}'}}]\n",
        text(2),
        text(13),
        text(50),
        text(90),
    ));
    insta::assert_snapshot!(
        "too_long",
        shown(&messages(&config, START, Status::Firing, "first notification"))
    );
}

#[test]
fn a_template_that_fails_stops_every_service_but_slack() {
    let failing = "{{ .CommonLabels.team }} {{ .Nothing }}";
    let config = one(&format!(
        "  slack_configs: [{{api_url: 'http://s', pretext: 'before', title: 'T', text: '{failing}', fallback: after}}]\n  \
         msteams_configs: [{{webhook_url: 'http://s', title: '{failing}', text: 'x'}}]\n",
    ));
    insta::assert_snapshot!(
        "failing",
        shown(&messages(&config, START, Status::Firing, "first notification"))
    );
}
