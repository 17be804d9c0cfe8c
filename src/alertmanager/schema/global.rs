//! `global`, `tracing` and `event_recorder` (config/config.go GlobalConfig, tracing/config.go, eventrecorder/).

use super::http::{HTTP_CONFIG, TLS_CONFIG};
use super::{Field, Kind};

/// `global`
pub static GLOBAL: &[Field] = &[
    Field::new("resolve_timeout", Kind::Duration, "when an alert without an end counts as resolved").or("5m"),
    Field::new("http_config", Kind::Block(HTTP_CONFIG), "the HTTP client of every integration"),
    Field::new("jira_api_url", Kind::Url, "Jira's API"),
    Field::new("smtp_from", Kind::Text, "the sender of mails"),
    Field::new("smtp_hello", Kind::Text, "the name told to the mail server").or("localhost"),
    Field::new("smtp_smarthost", Kind::HostPort, "the mail server"),
    Field::new("smtp_auth_username", Kind::Text, "the user at the mail server"),
    Field::new("smtp_auth_password", Kind::Secret, "the password at the mail server"),
    Field::new("smtp_auth_password_file", Kind::File, "a file with the password"),
    Field::new("smtp_auth_secret", Kind::Secret, "the CRAM-MD5 secret"),
    Field::new("smtp_auth_secret_file", Kind::File, "a file with the CRAM-MD5 secret"),
    Field::new("smtp_auth_identity", Kind::Text, "the identity at the mail server"),
    Field::new("smtp_require_tls", Kind::Bool, "refuse mail servers without TLS").or("true"),
    Field::new("smtp_tls_config", Kind::Block(TLS_CONFIG), "TLS towards the mail server"),
    Field::new("smtp_force_implicit_tls", Kind::Bool, "TLS from the first byte; unset: by the port"),
    Field::new("slack_api_url", Kind::SecretUrl, "Slack's incoming webhook"),
    Field::new("slack_api_url_file", Kind::File, "a file with Slack's webhook"),
    Field::new("slack_app_token", Kind::Secret, "the token of a Slack app"),
    Field::new("slack_app_token_file", Kind::File, "a file with the token of a Slack app"),
    Field::new("slack_app_url", Kind::Url, "Slack's API").or("https://slack.com/api/chat.postMessage"),
    Field::new("pagerduty_url", Kind::Url, "PagerDuty's events API")
        .or("https://events.pagerduty.com/v2/enqueue"),
    Field::new("opsgenie_api_url", Kind::Url, "Opsgenie's API").or("https://api.opsgenie.com/"),
    Field::new("opsgenie_api_key", Kind::Secret, "Opsgenie's key"),
    Field::new("opsgenie_api_key_file", Kind::File, "a file with Opsgenie's key"),
    Field::new("wechat_api_url", Kind::Url, "WeChat's API").or("https://qyapi.weixin.qq.com/cgi-bin/"),
    Field::new("wechat_api_secret", Kind::Secret, "WeChat's secret"),
    Field::new("wechat_api_secret_file", Kind::File, "a file with WeChat's secret"),
    Field::new("wechat_api_corp_id", Kind::Text, "WeChat's corporation id"),
    Field::new("victorops_api_url", Kind::Url, "VictorOps' API")
        .or("https://alert.victorops.com/integrations/generic/20131114/alert/"),
    Field::new("victorops_api_key", Kind::Secret, "VictorOps' key"),
    Field::new("victorops_api_key_file", Kind::File, "a file with VictorOps' key"),
    Field::new("telegram_api_url", Kind::Url, "Telegram's API").or("https://api.telegram.org"),
    Field::new("telegram_bot_token", Kind::Secret, "the Telegram bot's token"),
    Field::new("telegram_bot_token_file", Kind::File, "a file with the Telegram bot's token"),
    Field::new("webex_api_url", Kind::Url, "Webex' API").or("https://webexapis.com/v1/messages"),
    Field::new("rocketchat_api_url", Kind::Url, "Rocket.Chat's API").or("https://open.rocket.chat/"),
    Field::new("rocketchat_token", Kind::Secret, "Rocket.Chat's token"),
    Field::new("rocketchat_token_file", Kind::File, "a file with Rocket.Chat's token"),
    Field::new("rocketchat_token_id", Kind::Secret, "the id of Rocket.Chat's token"),
    Field::new("rocketchat_token_id_file", Kind::File, "a file with the id of Rocket.Chat's token"),
    Field::new("mattermost_webhook_url", Kind::SecretUrl, "Mattermost's incoming webhook"),
    Field::new("mattermost_webhook_url_file", Kind::File, "a file with Mattermost's webhook"),
];

/// `tracing`
pub static TRACING: &[Field] = &[
    Field::new("client_type", Kind::OneOf(&["grpc", "http"]), "how spans are sent").or("grpc"),
    Field::new("endpoint", Kind::Text, "where spans are sent").required(),
    Field::new("sampling_fraction", Kind::Float, "the share of traces that is kept"),
    Field::new("insecure", Kind::Bool, "no TLS").or("false"),
    Field::new("tls_config", Kind::Block(TLS_CONFIG), "TLS"),
    Field::new("headers", Kind::AnyMap, "further headers"),
    Field::new("compression", Kind::OneOf(&["gzip"]), "compression"),
    Field::new("timeout", Kind::Duration, "the longest wait"),
];

static FILE_OUTPUT: &[Field] = &[Field::new("path", Kind::File, "the JSON lines file").required()];

static WEBHOOK_OUTPUT: &[Field] = &[
    Field::new("url", Kind::SecretUrl, "where events are posted").required(),
    Field::new("http_config", Kind::Block(HTTP_CONFIG), "the HTTP client"),
    Field::new("timeout", Kind::Duration, "the longest wait").or("10s"),
    Field::new("workers", Kind::Int, "how many send at once").or("4"),
    Field::new("max_retries", Kind::Int, "how often an event is tried").or("3"),
    Field::new("retry_backoff", Kind::Duration, "the first wait between two tries").or("500ms"),
];

static KAFKA_OUTPUT: &[Field] = &[
    Field::new("brokers", Kind::TextList, "the brokers to begin with").required(),
    Field::new("topic", Kind::Text, "the topic").required(),
    Field::new("client_id", Kind::Text, "what the brokers call us").or("alertmanager"),
    Field::new("format", Kind::OneOf(&["json", "protobuf"]), "how an event is written").or("json"),
    Field::new("acks", Kind::OneOf(&["none", "leader", "all"]), "when an event counts as sent").or("leader"),
    Field::new("compression", Kind::OneOf(&["none", "gzip", "snappy", "lz4", "zstd"]), "compression"),
    Field::new("buffer_size", Kind::Int, "how many events may wait").or("1024"),
    Field::new("tls_config", Kind::Block(TLS_CONFIG), "TLS"),
];

/// `event_recorder`
pub static EVENT_RECORDER: &[Field] = &[
    Field::new("file_outputs", Kind::Blocks(FILE_OUTPUT), "files that events are written to"),
    Field::new("webhook_outputs", Kind::Blocks(WEBHOOK_OUTPUT), "webhooks that events are posted to"),
    Field::new("kafka_outputs", Kind::Blocks(KAFKA_OUTPUT), "Kafka topics that events are sent to"),
];
