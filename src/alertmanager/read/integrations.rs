//! What must hold between the fields of each integration, and between them and the global ones
//! (config/notifiers.go, notify/*/config.go, config/config.go UnmarshalYAML).

use std::collections::HashSet;

use super::settings::{Block, given};
use crate::alertmanager::config::{Setting, Settings};
use crate::alertmanager::schema::Integration;
use crate::diagnostic::{Diagnostic, codes};
use crate::yaml::Decoder;

/// The `global` block by itself.
pub(super) fn check_global(global: &Block<'_>, decoder: &mut Decoder) {
    const PAIRS: [&str; 10] = [
        "slack_app_token",
        "slack_api_url",
        "opsgenie_api_key",
        "victorops_api_key",
        "telegram_bot_token",
        "smtp_auth_password",
        "rocketchat_token",
        "rocketchat_token_id",
        "smtp_auth_secret",
        "wechat_api_secret",
    ];
    for secret in PAIRS.into_iter().chain(["mattermost_webhook_url"]) {
        global.at_most_one(secret, &format!("{secret}_file"), decoder);
    }
    let any = |fields: [&str; 2]| fields.into_iter().any(|f| global.given(f));
    if any(["slack_app_token", "slack_app_token_file"]) && any(["slack_api_url", "slack_api_url_file"]) {
        let app_url =
            global.settings.text("slack_app_url").unwrap_or("https://slack.com/api/chat.postMessage");
        if global.text("slack_api_url") != app_url {
            let message = "at most one of slack_app_token/slack_app_token_file & slack_api_url/slack_api_url_file must be configured";
            let field = if global.given("slack_api_url") { "slack_api_url" } else { "slack_api_url_file" };
            global.conflict(field, message, decoder);
        }
    }
    if global.text("resolve_timeout").parse::<crate::prometheus::Duration>().is_ok_and(|d| d.millis() == 0) {
        let message = "with `resolve_timeout: 0s` an alert without an end is resolved at once";
        suspicious(global, "resolve_timeout", message, decoder);
    }
}

fn suspicious(block: &Block<'_>, field: &str, message: impl Into<String>, decoder: &mut Decoder) {
    decoder.report(Diagnostic::new(&codes::alertmanager::SUSPICIOUS_SETTING, block.value(field), message));
}

/// One integration of a receiver.
pub(super) fn check(integration: &Integration, block: &Block<'_>, global: &Settings, decoder: &mut Decoder) {
    let checker = Checker { block, global, decoder };
    match integration.name {
        "discord" | "msteams" | "msteamsv2" => checker.webhook_url(),
        "email" => checker.email(),
        "incidentio" => checker.incidentio(),
        "jira" => checker.jira(),
        "mattermost" => checker.mattermost(),
        "opsgenie" => checker.opsgenie(),
        "pagerduty" => checker.pagerduty(),
        "pushover" => checker.pushover(),
        "rocketchat" => checker.rocketchat(),
        "slack" => checker.slack(),
        "sns" => checker.sns(),
        "telegram" => checker.telegram(),
        "victorops" => checker.victorops(),
        "webex" => checker.webex(),
        "webhook" => checker.webhook(),
        "wechat" => checker.wechat(),
        _ => {}
    }
}

struct Checker<'a, 'd> {
    block: &'a Block<'a>,
    global: &'a Settings,
    decoder: &'d mut Decoder,
}

impl Checker<'_, '_> {
    fn given(&self, field: &str) -> bool {
        self.block.given(field)
    }

    fn any(&self, fields: [&str; 2]) -> bool {
        fields.into_iter().any(|f| self.given(f))
    }

    fn globally(&self, fields: [&str; 2]) -> bool {
        fields.into_iter().any(|f| given(self.global, f))
    }

    fn missing(&mut self, message: &str, help: &str) {
        self.block.missing(message, help, self.decoder);
    }

    fn at_most_one(&mut self, first: &str, second: &str) {
        self.block.at_most_one(first, second, self.decoder);
    }

    /// Exactly one of two fields.
    fn one_of(&mut self, first: &str, second: &str) {
        if !self.any([first, second]) {
            self.missing(&format!("one of {first} or {second} must be configured"), "");
        }
        self.at_most_one(first, second);
    }

    fn authorization(&self) -> bool {
        let http = self.block.settings.block("http_config");
        let given = |f| http.is_some_and(|h| given(h, f));
        given("authorization") || given("bearer_token") || given("bearer_token_file")
    }

    fn webhook_url(mut self) {
        self.one_of("webhook_url", "webhook_url_file");
    }

    fn webhook(mut self) {
        self.one_of("url", "url_file");
    }

    fn email(mut self) {
        if !self.given("to") {
            self.missing("missing to address in email config", "");
        }
        self.email_headers();
        if !self.given("smarthost") && !given(self.global, "smtp_smarthost") {
            self.missing(
                "no global SMTP smarthost set",
                "set `smarthost` here or `smtp_smarthost` in `global`",
            );
        }
        if !self.given("from") && !given(self.global, "smtp_from") {
            self.missing("no global SMTP from set", "set `from` here or `smtp_from` in `global`");
        }
    }

    fn email_headers(&mut self) {
        let empty = Settings::new();
        let headers = self.block.settings.block("headers").unwrap_or(&empty);
        let names: Vec<&str> = headers.iter().map(|(n, _)| n).collect();
        let mut seen = HashSet::new();
        for name in &names {
            if !seen.insert(name.to_ascii_lowercase()) {
                let message = format!("duplicate header {:?} in email config", canonical_header(name));
                self.block.conflict("headers", message, self.decoder);
            }
        }
        let Some(threading) = self.block.settings.block("threading") else { return };
        if threading.get("enabled") != Some(&Setting::Bool(true)) {
            return;
        }
        for header in ["References", "In-Reply-To"] {
            if names.iter().any(|n| n.eq_ignore_ascii_case(header)) {
                let message = format!(
                    "conflicting configuration: threading.enabled conflicts with custom {header} header"
                );
                self.block.conflict("threading", message, self.decoder);
            }
        }
        if !matches!(threading.text("thread_by_date"), Some("none" | "daily")) {
            let message = "threading.thread_by_date must be either 'none' or 'daily'";
            self.block.invalid("threading", message, self.decoder);
        }
    }

    fn slack(mut self) {
        self.at_most_one("api_url", "api_url_file");
        self.at_most_one("app_token", "app_token_file");
        let url = self.any(["api_url", "api_url_file"]);
        let token = self.any(["app_token", "app_token_file"]);
        if url && token {
            let message = "at most one of api_url/api_url_file & app_token/app_token_file must be configured";
            let field = if self.given("app_token") { "app_token" } else { "app_token_file" };
            self.block.conflict(field, message, self.decoder);
        }
        let update = self.block.settings.get("update_message") == Some(&Setting::Bool(true));
        if update && self.block.text("api_url") != "https://slack.com/api/chat.postMessage" {
            let message = "update_message can only be used with bot tokens. api_url must be set to https://slack.com/api/chat.postMessage";
            self.block.invalid("update_message", message, self.decoder);
        }
        let authorization = self.authorization();
        let inherits = !token && !authorization && !self.given("api_url");
        let token = token || inherits && self.globally(["slack_app_token", "slack_app_token_file"]);
        if !url && !token && !self.globally(["slack_api_url", "slack_api_url_file"]) {
            let help = "set `api_url_file` or `app_token_file` here, or `slack_api_url_file` in `global`";
            self.missing("no Slack API URL nor App token set either inline or in a file", help);
        }
        let global_authorization = self.block.settings.get("http_config").is_none()
            && self.global.block("http_config").is_some_and(|h| given(h, "authorization"));
        if token && (authorization || global_authorization) {
            let message = "http authorization can't be set when using Slack App tokens";
            self.block.conflict("http_config", message, self.decoder);
        }
    }

    fn pagerduty(mut self) {
        if !self.any(["routing_key", "routing_key_file"]) && !self.any(["service_key", "service_key_file"]) {
            let help = "set `routing_key_file`, the integration key of Events API 2";
            self.missing("missing service or routing key in PagerDuty config", help);
        }
        self.at_most_one("routing_key", "routing_key_file");
        self.at_most_one("service_key", "service_key_file");
        if self.any(["routing_key", "routing_key_file"]) && self.any(["service_key", "service_key_file"]) {
            let field = if self.given("service_key") { "service_key" } else { "service_key_file" };
            suspicious(
                self.block,
                field,
                "with a routing key given, the service key decides the API",
                self.decoder,
            );
        }
    }

    fn opsgenie(mut self) {
        self.at_most_one("api_key", "api_key_file");
        for responder in self.items("responders") {
            let text = |f| responder.text(f).unwrap_or("");
            let shown = format!("{{{} {} {} {}}}", text("id"), text("name"), text("username"), text("type"));
            if text("id").is_empty() && text("name").is_empty() && text("username").is_empty() {
                let message = format!(
                    "opsGenieConfig responder {shown} has to have at least one of id, username or name specified"
                );
                self.block.invalid("responders", message, self.decoder);
            }
            let kind = text("type").to_lowercase();
            let known = ["team", "teams", "user", "escalation", "schedule"];
            if !kind.contains("{{") && !known.contains(&kind.as_str()) {
                let message = format!(
                    "opsGenieConfig responder {shown} type does not match valid options ^(team|teams|user|escalation|schedule)$"
                );
                self.block.invalid("responders", message, self.decoder);
            }
        }
        if !self.any(["api_key", "api_key_file"])
            && !self.globally(["opsgenie_api_key", "opsgenie_api_key_file"])
        {
            let help = "set `api_key_file` here or `opsgenie_api_key_file` in `global`";
            self.missing("no global OpsGenie API Key set either inline or in a file", help);
        }
        if self.given("api_key_file") && given(self.global, "opsgenie_api_key") {
            let message = "the global `opsgenie_api_key` counts, not this file";
            suspicious(self.block, "api_key_file", message, self.decoder);
        }
    }

    fn items(&self, field: &str) -> Vec<Settings> {
        match self.block.settings.get(field) {
            Some(Setting::List(items)) => items
                .iter()
                .filter_map(|i| if let Setting::Map(m) = i { Some(m.clone()) } else { None })
                .collect(),
            _ => Vec::new(),
        }
    }

    fn victorops(mut self) {
        if !self.given("routing_key") {
            self.missing("missing Routing key in VictorOps config", "");
        }
        self.at_most_one("api_key", "api_key_file");
        const RESERVED: [&str; 7] = [
            "routing_key",
            "message_type",
            "state_message",
            "entity_display_name",
            "monitoring_tool",
            "entity_id",
            "entity_state",
        ];
        let empty = Settings::new();
        let custom = self.block.settings.block("custom_fields").unwrap_or(&empty);
        for (name, _) in custom.iter().filter(|(n, _)| RESERVED.contains(n)) {
            let message = format!(
                "victorOps config contains custom field {name} which cannot be used as it conflicts with the fixed/static fields"
            );
            self.block.conflict("custom_fields", message, self.decoder);
        }
        if !self.any(["api_key", "api_key_file"])
            && !self.globally(["victorops_api_key", "victorops_api_key_file"])
        {
            let help = "set `api_key_file` here or `victorops_api_key_file` in `global`";
            self.missing("no global VictorOps API Key set", help);
        }
    }

    fn pushover(mut self) {
        self.one_of("user_key", "user_key_file");
        self.one_of("token", "token_file");
        let on = |f| self.block.settings.get(f) == Some(&Setting::Bool(true));
        if on("html") && on("monospace") {
            self.block.conflict(
                "monospace",
                "at most one of monospace & html must be configured",
                self.decoder,
            );
        }
    }

    fn sns(mut self) {
        let targets =
            ["target_arn", "topic_arn", "phone_number"].into_iter().filter(|f| self.given(f)).count();
        // Alertmanager counts by parity and lets three pass.
        if targets == 0 || targets == 2 {
            let message = "must provide either a Target ARN, Topic ARN, or Phone Number for SNS config";
            self.missing(message, "give exactly one of `topic_arn`, `target_arn` and `phone_number`");
        } else if targets == 3 {
            let message = "Alertmanager takes all three targets, but sends to one of them only";
            suspicious(self.block, "phone_number", message, self.decoder);
        }
    }

    fn telegram(mut self) {
        self.at_most_one("bot_token", "bot_token_file");
        let chat = self.block.settings.get("chat_id").is_some_and(|c| *c != Setting::Int(0));
        // A chat_id of the wrong type has been reported.
        if !chat
            && !self.given("chat_id_file")
            && self.block.mapping.get("chat_id").is_none_or(|n| n.is_null() || n.as_text() == Some("0"))
        {
            self.missing("missing chat_id or chat_id_file on telegram_config", "");
        }
        if chat {
            self.at_most_one("chat_id", "chat_id_file");
        }
        if !matches!(
            self.block.settings.text("parse_mode"),
            None | Some("" | "Markdown" | "MarkdownV2" | "HTML")
        ) {
            let message =
                "unknown parse_mode on telegram_config, must be Markdown, MarkdownV2, HTML or empty string";
            self.block.invalid("parse_mode", message, self.decoder);
        }
        if !self.any(["bot_token", "bot_token_file"])
            && !self.globally(["telegram_bot_token", "telegram_bot_token_file"])
        {
            let help = "set `bot_token_file` here or `telegram_bot_token_file` in `global`";
            self.missing("missing bot_token or bot_token_file on telegram_config", help);
        }
    }

    fn webex(mut self) {
        if !self.given("room_id") {
            self.missing("missing room_id on webex_config", "");
        }
        if !self.authorization() {
            self.missing("missing webex_configs.http_config.authorization", "");
        }
    }

    fn jira(mut self) {
        if !self.given("project") {
            self.missing("missing project in jira_config", "");
        }
        if !self.given("issue_type") {
            self.missing("missing issue_type in jira_config", "");
        }
        if !matches!(self.block.settings.text("api_type"), None | Some("auto" | "cloud" | "datacenter")) {
            let message = "unknown api_type on jira_config, must be auto, cloud or datacenter";
            self.block.invalid("api_type", message, self.decoder);
        }
        if !self.given("api_url") && !given(self.global, "jira_api_url") {
            self.missing("no global Jira Cloud URL set", "set `api_url` here or `jira_api_url` in `global`");
        }
    }

    fn wechat(mut self) {
        let kind = self.block.settings.text("message_type").unwrap_or("");
        if !matches!(kind, "" | "text" | "markdown") {
            let message =
                format!("weChat message type {kind:?} does not match valid options ^(text|markdown)$");
            self.block.invalid("message_type", message, self.decoder);
        }
        self.at_most_one("api_secret", "api_secret_file");
        if !self.any(["api_secret", "api_secret_file"])
            && !self.globally(["wechat_api_secret", "wechat_api_secret_file"])
        {
            let help = "set `api_secret_file` here or `wechat_api_secret_file` in `global`";
            self.missing("no global Wechat Api Secret set either inline or in a file", help);
        }
        if !self.given("corp_id") && !given(self.global, "wechat_api_corp_id") {
            self.missing(
                "no global Wechat CorpID set",
                "set `corp_id` here or `wechat_api_corp_id` in `global`",
            );
        }
    }

    fn rocketchat(mut self) {
        self.at_most_one("token", "token_file");
        self.at_most_one("token_id", "token_id_file");
        for (field, file, global, title) in [
            ("token_id", "token_id_file", "rocketchat_token_id", "TokenID"),
            ("token", "token_file", "rocketchat_token", "Token"),
        ] {
            if !self.any([field, file]) && !self.globally([global, &format!("{global}_file")]) {
                let message = format!("no global Rocketchat {title} set either inline or in a file");
                self.missing(&message, &format!("set `{file}` here or `{global}_file` in `global`"));
            }
        }
    }

    fn mattermost(mut self) {
        self.at_most_one("webhook_url", "webhook_url_file");
        if !self.any(["webhook_url", "webhook_url_file"])
            && !self.globally(["mattermost_webhook_url", "mattermost_webhook_url_file"])
        {
            let help = "set `webhook_url_file` here or `mattermost_webhook_url_file` in `global`";
            self.missing("missing webhook_url or webhook_url_file on mattermost_config", help);
        }
    }

    fn incidentio(mut self) {
        self.one_of("url", "url_file");
        self.at_most_one("alert_source_token", "alert_source_token_file");
        let token = self.any(["alert_source_token", "alert_source_token_file"]);
        let authorization = self.authorization();
        if authorization && token {
            let message = "cannot specify alert_source_token or alert_source_token_file when using http_config.authorization";
            self.block.conflict("http_config", message, self.decoder);
        }
        if !authorization && !token {
            if self.given("http_config") {
                let message = "at least one of alert_source_token, alert_source_token_file or http_config.authorization must be configured";
                self.missing(message, "");
            } else {
                let message =
                    "incident.io refuses messages without `alert_source_token` or `alert_source_token_file`";
                suspicious(self.block, "url", message, self.decoder);
            }
        }
    }
}

/// A header's name as it is sent: `in-reply-to` is `In-Reply-To`.
fn canonical_header(name: &str) -> String {
    let mut upper = true;
    let case = |c: char| {
        let cased = if upper { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
        upper = c == '-';
        cased
    };
    name.chars().map(case).collect()
}
