//! The 18 integrations (config/notifiers.go and notify/*/config.go).

use super::blocks::*;
use super::http::{HTTP_CONFIG, TLS_CONFIG};
use super::{Field, Integration, Kind};

const HTTP: Field =
    Field::new("http_config", Kind::Block(HTTP_CONFIG), "the HTTP client; unset: the global one");

const fn send_resolved(default: &'static str) -> Field {
    Field::new("send_resolved", Kind::Bool, "tell when alerts are resolved").or(default)
}

/// Every integration, by name.
pub static INTEGRATIONS: &[Integration] = &[
    Integration {
        name: "discord",
        key: "discord_configs",
        title: "Discord",
        send_resolved: true,
        fields: DISCORD,
    },
    Integration { name: "email", key: "email_configs", title: "e-mail", send_resolved: false, fields: EMAIL },
    Integration {
        name: "incidentio",
        key: "incidentio_configs",
        title: "incident.io",
        send_resolved: true,
        fields: INCIDENTIO,
    },
    Integration { name: "jira", key: "jira_configs", title: "Jira", send_resolved: true, fields: JIRA },
    Integration {
        name: "mattermost",
        key: "mattermost_configs",
        title: "Mattermost",
        send_resolved: true,
        fields: MATTERMOST,
    },
    Integration {
        name: "msteams",
        key: "msteams_configs",
        title: "Microsoft Teams (connectors)",
        send_resolved: true,
        fields: MSTEAMS,
    },
    Integration {
        name: "msteamsv2",
        key: "msteamsv2_configs",
        title: "Microsoft Teams (workflows)",
        send_resolved: true,
        fields: MSTEAMSV2,
    },
    Integration {
        name: "opsgenie",
        key: "opsgenie_configs",
        title: "Opsgenie",
        send_resolved: true,
        fields: OPSGENIE,
    },
    Integration {
        name: "pagerduty",
        key: "pagerduty_configs",
        title: "PagerDuty",
        send_resolved: true,
        fields: PAGERDUTY,
    },
    Integration {
        name: "pushover",
        key: "pushover_configs",
        title: "Pushover",
        send_resolved: true,
        fields: PUSHOVER,
    },
    Integration {
        name: "rocketchat",
        key: "rocketchat_configs",
        title: "Rocket.Chat",
        send_resolved: false,
        fields: ROCKETCHAT,
    },
    Integration { name: "slack", key: "slack_configs", title: "Slack", send_resolved: false, fields: SLACK },
    Integration { name: "sns", key: "sns_configs", title: "Amazon SNS", send_resolved: true, fields: SNS },
    Integration {
        name: "telegram",
        key: "telegram_configs",
        title: "Telegram",
        send_resolved: true,
        fields: TELEGRAM,
    },
    Integration {
        name: "victorops",
        key: "victorops_configs",
        title: "VictorOps (Splunk On-Call)",
        send_resolved: true,
        fields: VICTOROPS,
    },
    Integration { name: "webex", key: "webex_configs", title: "Webex", send_resolved: true, fields: WEBEX },
    Integration {
        name: "webhook",
        key: "webhook_configs",
        title: "webhook",
        send_resolved: true,
        fields: WEBHOOK,
    },
    Integration {
        name: "wechat",
        key: "wechat_configs",
        title: "WeChat",
        send_resolved: false,
        fields: WECHAT,
    },
];

static DISCORD: &[Field] = &[
    send_resolved("true"),
    HTTP,
    Field::new("webhook_url", Kind::SecretUrl, "the channel's webhook"),
    Field::new("webhook_url_file", Kind::File, "a file with the channel's webhook"),
    Field::new("content", Kind::Template, "text above the message"),
    Field::new("title", Kind::Template, "the title").or(r#"{{ template "discord.default.title" . }}"#),
    Field::new("message", Kind::Template, "the message").or(r#"{{ template "discord.default.message" . }}"#),
    Field::new("username", Kind::Template, "the name shown as the sender"),
    Field::new("avatar_url", Kind::Template, "the picture shown for the sender"),
];

static EMAIL: &[Field] = &[
    send_resolved("false"),
    Field::new("to", Kind::Template, "who gets the mail").required(),
    Field::new("from", Kind::Template, "the sender; unset: smtp_from"),
    Field::new("hello", Kind::Text, "the name told to the mail server; unset: smtp_hello"),
    Field::new("smarthost", Kind::HostPort, "the mail server; unset: smtp_smarthost"),
    Field::new("auth_username", Kind::Text, "the user at the mail server; unset: smtp_auth_username"),
    Field::new("auth_password", Kind::Secret, "the password at the mail server"),
    Field::new("auth_password_file", Kind::File, "a file with the password"),
    Field::new("auth_secret", Kind::Secret, "the CRAM-MD5 secret"),
    Field::new("auth_secret_file", Kind::File, "a file with the CRAM-MD5 secret"),
    Field::new("auth_identity", Kind::Text, "the identity at the mail server"),
    Field::new("headers", Kind::TemplateMap, "mail headers; Subject among them"),
    Field::new("html", Kind::Template, "the HTML body").or(r#"{{ template "email.default.html" . }}"#),
    Field::new("text", Kind::Template, "the plain text body"),
    Field::new("require_tls", Kind::Bool, "refuse mail servers without TLS; unset: smtp_require_tls"),
    Field::new("tls_config", Kind::Block(TLS_CONFIG), "TLS towards the mail server"),
    Field::new("force_implicit_tls", Kind::Bool, "TLS from the first byte; unset: by the port"),
    Field::new("threading", Kind::Block(EMAIL_THREADING), "how mails of one group become a thread"),
];

static INCIDENTIO: &[Field] = &[
    send_resolved("true"),
    HTTP,
    Field::new("url", Kind::Url, "the alert source's URL"),
    Field::new("url_file", Kind::File, "a file with the alert source's URL"),
    Field::new("alert_source_token", Kind::Secret, "the alert source's token"),
    Field::new("alert_source_token_file", Kind::File, "a file with the alert source's token"),
    Field::new("max_alerts", Kind::UInt, "the most alerts in a message; 0: all").or("0"),
    Field::new("timeout", Kind::GoDuration, "the longest wait; 0: as long as it takes").or("0s"),
];

static JIRA: &[Field] = &[
    send_resolved("true"),
    HTTP,
    Field::new("api_url", Kind::Url, "Jira's API; unset: jira_api_url"),
    Field::new("api_type", Kind::Text, "auto, cloud or datacenter").or("auto"),
    Field::new("project", Kind::Template, "the project's key").required(),
    Field::new("summary", Kind::TextOrBlock(JIRA_FIELD), "the issue's summary")
        .or(r#"{{ template "jira.default.summary" . }}"#),
    Field::new("description", Kind::TextOrBlock(JIRA_FIELD), "the issue's description")
        .or(r#"{{ template "jira.default.description" . }}"#),
    Field::new("labels", Kind::TextList, "the issue's labels; templates"),
    Field::new("priority", Kind::Template, "the issue's priority")
        .or(r#"{{ template "jira.default.priority" . }}"#),
    Field::new("issue_type", Kind::Template, "the issue's type").required(),
    Field::new("reopen_transition", Kind::Text, "the transition that reopens an issue"),
    Field::new("resolve_transition", Kind::Text, "the transition that resolves an issue"),
    Field::new("wont_fix_resolution", Kind::Text, "an issue with this resolution is not reopened"),
    Field::new("reopen_duration", Kind::Duration, "how long a resolved issue is reopened; 0: always")
        .or("0s"),
    Field::new("fields", Kind::AnyMap, "further fields of the issue"),
];

static MATTERMOST: &[Field] = &[
    send_resolved("true"),
    HTTP,
    Field::new("webhook_url", Kind::SecretUrl, "the incoming webhook; unset: mattermost_webhook_url"),
    Field::new("webhook_url_file", Kind::File, "a file with the incoming webhook"),
    Field::new("channel", Kind::Template, "the channel"),
    Field::new("username", Kind::Template, "the name shown as the sender")
        .or(r#"{{ template "mattermost.default.username" . }}"#),
    Field::new("text", Kind::Template, "the message").or(r#"{{ template "mattermost.default.text" . }}"#),
    Field::new("fallback", Kind::Template, "plain text for clients that show no attachments")
        .or(r#"{{ template "mattermost.default.fallback" . }}"#),
    Field::new("color", Kind::Template, "the bar's color")
        .or(r#"{{ template "mattermost.default.color" . }}"#),
    Field::new("pretext", Kind::Template, "text above the attachment"),
    Field::new("author_name", Kind::Template, "the author's name"),
    Field::new("author_link", Kind::Template, "the author's link"),
    Field::new("author_icon", Kind::Template, "the author's picture"),
    Field::new("title", Kind::Template, "the title").or(r#"{{ template "mattermost.default.title" . }}"#),
    Field::new("title_link", Kind::Template, "the title's link")
        .or(r#"{{ template "mattermost.default.titlelink" . }}"#),
    Field::new("fields", Kind::Blocks(MATTERMOST_FIELD), "a table of titles and values"),
    Field::new("thumb_url", Kind::Template, "a small picture"),
    Field::new("footer", Kind::Template, "the last line"),
    Field::new("footer_icon", Kind::Template, "the last line's picture"),
    Field::new("image_url", Kind::Template, "a picture"),
    Field::new("icon_url", Kind::Template, "the picture shown for the sender"),
    Field::new("icon_emoji", Kind::Template, "the emoji shown for the sender"),
    Field::new("attachments", Kind::Blocks(MATTERMOST_ATTACHMENT), "attachments"),
    Field::new("type", Kind::Text, "the post's type, custom_…"),
    Field::new("props", Kind::Block(MATTERMOST_PROPS), "further properties"),
    Field::new("priority", Kind::Block(MATTERMOST_PRIORITY), "the post's priority"),
];

static MSTEAMS: &[Field] = &[
    send_resolved("true"),
    HTTP,
    Field::new("webhook_url", Kind::SecretUrl, "the channel's webhook"),
    Field::new("webhook_url_file", Kind::File, "a file with the channel's webhook"),
    Field::new("title", Kind::Template, "the title").or(r#"{{ template "msteams.default.title" . }}"#),
    Field::new("summary", Kind::Template, "the summary").or(r#"{{ template "msteams.default.summary" . }}"#),
    Field::new("text", Kind::Template, "the message").or(r#"{{ template "msteams.default.text" . }}"#),
];

static MSTEAMSV2: &[Field] = &[
    send_resolved("true"),
    HTTP,
    Field::new("webhook_url", Kind::SecretUrl, "the flow's webhook"),
    Field::new("webhook_url_file", Kind::File, "a file with the flow's webhook"),
    Field::new("title", Kind::Template, "the title").or(r#"{{ template "msteamsv2.default.title" . }}"#),
    Field::new("text", Kind::Template, "the message").or(r#"{{ template "msteamsv2.default.text" . }}"#),
];

static OPSGENIE: &[Field] = &[
    send_resolved("true"),
    HTTP,
    Field::new("api_key", Kind::Secret, "the key; unset: opsgenie_api_key"),
    Field::new("api_key_file", Kind::File, "a file with the key"),
    Field::new("api_url", Kind::Url, "Opsgenie's API; unset: opsgenie_api_url"),
    Field::new("message", Kind::Template, "the alert's message")
        .or(r#"{{ template "opsgenie.default.message" . }}"#),
    Field::new("description", Kind::Template, "the alert's description")
        .or(r#"{{ template "opsgenie.default.description" . }}"#),
    Field::new("source", Kind::Template, "where the alert comes from")
        .or(r#"{{ template "opsgenie.default.source" . }}"#),
    Field::new("details", Kind::TemplateMap, "further details"),
    Field::new("entity", Kind::Template, "what the alert is about"),
    Field::new("responders", Kind::Blocks(OPSGENIE_RESPONDER), "who is called"),
    Field::new("actions", Kind::Template, "actions offered, comma-separated"),
    Field::new("tags", Kind::Template, "tags, comma-separated"),
    Field::new("note", Kind::Template, "a note"),
    Field::new("priority", Kind::Template, "P1 to P5"),
    Field::new("update_alerts", Kind::Bool, "update message and description of an open alert").or("false"),
];

static PAGERDUTY: &[Field] = &[
    send_resolved("true"),
    HTTP,
    Field::new(
        "service_key",
        Kind::Secret,
        "the integration key of the Prometheus integration (Events API 1)",
    ),
    Field::new("service_key_file", Kind::File, "a file with the service key"),
    Field::new("routing_key", Kind::Secret, "the integration key of Events API 2"),
    Field::new("routing_key_file", Kind::File, "a file with the routing key"),
    Field::new("url", Kind::Url, "PagerDuty's API; unset: pagerduty_url"),
    Field::new("client", Kind::Template, "what found the incident")
        .or(r#"{{ template "pagerduty.default.client" . }}"#),
    Field::new("client_url", Kind::Template, "a link to what found the incident")
        .or(r#"{{ template "pagerduty.default.clientURL" . }}"#),
    Field::new("description", Kind::Template, "the incident's summary")
        .or(r#"{{ template "pagerduty.default.description" .}}"#),
    Field::new("details", Kind::AnyMap, "further details; templates"),
    Field::new("images", Kind::Blocks(PAGERDUTY_IMAGE), "pictures"),
    Field::new("links", Kind::Blocks(PAGERDUTY_LINK), "links"),
    Field::new("source", Kind::Template, "what is affected; unset: client"),
    Field::new("severity", Kind::Template, "critical, error, warning or info").or("error"),
    Field::new("class", Kind::Template, "the kind of event"),
    Field::new("component", Kind::Template, "the part that is affected"),
    Field::new("group", Kind::Template, "the group of parts that is affected"),
    Field::new("timeout", Kind::GoDuration, "the longest wait; 0: as long as it takes").or("0s"),
];

static PUSHOVER: &[Field] = &[
    send_resolved("true"),
    HTTP,
    Field::new("user_key", Kind::Secret, "the user's key"),
    Field::new("user_key_file", Kind::File, "a file with the user's key"),
    Field::new("token", Kind::Secret, "the application's token"),
    Field::new("token_file", Kind::File, "a file with the application's token"),
    Field::new("title", Kind::Template, "the title").or(r#"{{ template "pushover.default.title" . }}"#),
    Field::new("message", Kind::Template, "the message").or(r#"{{ template "pushover.default.message" . }}"#),
    Field::new("url", Kind::Template, "a link").or(r#"{{ template "pushover.default.url" . }}"#),
    Field::new("url_title", Kind::Template, "the link's text"),
    Field::new("device", Kind::Template, "the device"),
    Field::new("sound", Kind::Template, "the sound"),
    Field::new("priority", Kind::Template, "the priority")
        .or(r#"{{ if eq .Status "firing" }}2{{ else }}0{{ end }}"#),
    Field::new("retry", Kind::GoDuration, "how often an emergency is told again").or("1m"),
    Field::new("expire", Kind::GoDuration, "how long an emergency is told again").or("1h"),
    Field::new("ttl", Kind::GoDuration, "how long the message is kept").or("0s"),
    Field::new("html", Kind::Bool, "the message is HTML").or("false"),
    Field::new("monospace", Kind::Bool, "the message is set in a monospaced font").or("false"),
];

static ROCKETCHAT: &[Field] = &[
    send_resolved("false"),
    HTTP,
    Field::new("api_url", Kind::Url, "Rocket.Chat's API; unset: rocketchat_api_url"),
    Field::new("token_id", Kind::Secret, "the id of the token; unset: rocketchat_token_id"),
    Field::new("token_id_file", Kind::File, "a file with the id of the token"),
    Field::new("token", Kind::Secret, "the token; unset: rocketchat_token"),
    Field::new("token_file", Kind::File, "a file with the token"),
    Field::new("channel", Kind::Template, "the channel"),
    Field::new("color", Kind::Template, "the bar's color")
        .or(r#"{{ if eq .Status "firing" }}red{{ else }}green{{ end }}"#),
    Field::new("title", Kind::Template, "the title").or(r#"{{ template "rocketchat.default.title" . }}"#),
    Field::new("title_link", Kind::Template, "the title's link")
        .or(r#"{{ template "rocketchat.default.titlelink" . }}"#),
    Field::new("text", Kind::Template, "the message").or(r#"{{ template "rocketchat.default.text" . }}"#),
    Field::new("fields", Kind::Blocks(ROCKETCHAT_FIELD), "a table of titles and values"),
    Field::new("short_fields", Kind::Bool, "fields stand side by side").or("false"),
    Field::new("emoji", Kind::Template, "the emoji shown for the sender")
        .or(r#"{{ template "rocketchat.default.emoji" . }}"#),
    Field::new("icon_url", Kind::Template, "the picture shown for the sender")
        .or(r#"{{ template "rocketchat.default.iconurl" . }}"#),
    Field::new("image_url", Kind::Template, "a picture"),
    Field::new("thumb_url", Kind::Template, "a small picture"),
    Field::new("link_names", Kind::Bool, "make links of names").or("false"),
    Field::new("actions", Kind::Blocks(ROCKETCHAT_ACTION), "buttons"),
];

static SLACK: &[Field] = &[
    send_resolved("false"),
    HTTP,
    Field::new("api_url", Kind::SecretUrl, "the incoming webhook; unset: slack_api_url"),
    Field::new("api_url_file", Kind::File, "a file with the incoming webhook"),
    Field::new("app_token", Kind::Secret, "the app's token; unset: slack_app_token"),
    Field::new("app_token_file", Kind::File, "a file with the app's token"),
    Field::new("app_url", Kind::Url, "Slack's API; unset: slack_app_url"),
    Field::new("channel", Kind::Template, "the channel"),
    Field::new("username", Kind::Template, "the name shown as the sender")
        .or(r#"{{ template "slack.default.username" . }}"#),
    Field::new("color", Kind::Template, "the bar's color").or(r#"{{ template "slack.default.color" . }}"#),
    Field::new("title", Kind::Template, "the title").or(r#"{{ template "slack.default.title" . }}"#),
    Field::new("title_link", Kind::Template, "the title's link")
        .or(r#"{{ template "slack.default.titlelink" . }}"#),
    Field::new("pretext", Kind::Template, "text above the attachment")
        .or(r#"{{ template "slack.default.pretext" . }}"#),
    Field::new("text", Kind::Template, "the attachment's text")
        .or(r#"{{ template "slack.default.text" . }}"#),
    Field::new("message_text", Kind::Template, "the message's own text"),
    Field::new("fields", Kind::Blocks(SLACK_FIELD), "a table of titles and values"),
    Field::new("short_fields", Kind::Bool, "fields stand side by side").or("false"),
    Field::new("footer", Kind::Template, "the last line").or(r#"{{ template "slack.default.footer" . }}"#),
    Field::new("fallback", Kind::Template, "plain text for clients that show no attachments")
        .or(r#"{{ template "slack.default.fallback" . }}"#),
    Field::new("callback_id", Kind::Template, "the id given to buttons")
        .or(r#"{{ template "slack.default.callbackid" . }}"#),
    Field::new("icon_emoji", Kind::Template, "the emoji shown for the sender")
        .or(r#"{{ template "slack.default.iconemoji" . }}"#),
    Field::new("icon_url", Kind::Template, "the picture shown for the sender")
        .or(r#"{{ template "slack.default.iconurl" . }}"#),
    Field::new("image_url", Kind::Template, "a picture"),
    Field::new("thumb_url", Kind::Template, "a small picture"),
    Field::new("link_names", Kind::Bool, "make links of names").or("false"),
    Field::new("mrkdwn_in", Kind::TextList, "the fields in which Slack's markup counts"),
    Field::new("actions", Kind::Blocks(SLACK_ACTION), "buttons"),
    Field::new("update_message", Kind::Bool, "change the message that was sent instead of sending another")
        .or("false"),
    Field::new("timeout", Kind::GoDuration, "the longest wait; 0: as long as it takes").or("0s"),
];

static SNS: &[Field] = &[
    send_resolved("true"),
    HTTP,
    Field::new("api_url", Kind::Template, "the API's endpoint"),
    Field::new("sigv4", Kind::Block(SIGV4), "credentials"),
    Field::new("topic_arn", Kind::Template, "the topic"),
    Field::new("phone_number", Kind::Template, "the phone number"),
    Field::new("target_arn", Kind::Template, "the mobile platform's endpoint"),
    Field::new("subject", Kind::Template, "the subject").or(r#"{{ template "sns.default.subject" . }}"#),
    Field::new("message", Kind::Template, "the message").or(r#"{{ template "sns.default.message" . }}"#),
    Field::new("attributes", Kind::TemplateMap, "message attributes"),
    Field::new("use_aws_http_client", Kind::Bool, "use the AWS SDK's own HTTP client").or("false"),
];

static TELEGRAM: &[Field] = &[
    send_resolved("true"),
    HTTP,
    Field::new("api_url", Kind::Url, "Telegram's API; unset: telegram_api_url"),
    Field::new("bot_token", Kind::Secret, "the bot's token; unset: telegram_bot_token"),
    Field::new("bot_token_file", Kind::File, "a file with the bot's token"),
    Field::new("chat_id", Kind::Int, "the chat"),
    Field::new("chat_id_file", Kind::File, "a file with the chat"),
    Field::new("message_thread_id", Kind::Int, "the thread in the chat"),
    Field::new("message", Kind::Template, "the message").or(r#"{{ template "telegram.default.message" . }}"#),
    Field::new("disable_notifications", Kind::Bool, "send without a sound").or("false"),
    Field::new("parse_mode", Kind::Text, "HTML, Markdown, MarkdownV2 or empty").or("HTML"),
];

static VICTOROPS: &[Field] = &[
    send_resolved("true"),
    HTTP,
    Field::new("api_key", Kind::Secret, "the key; unset: victorops_api_key"),
    Field::new("api_key_file", Kind::File, "a file with the key"),
    Field::new("api_url", Kind::Url, "the API; unset: victorops_api_url"),
    Field::new("routing_key", Kind::Template, "who is told").required(),
    Field::new("message_type", Kind::Template, "CRITICAL, WARNING or INFO").or("CRITICAL"),
    Field::new("state_message", Kind::Template, "the long text")
        .or(r#"{{ template "victorops.default.state_message" . }}"#),
    Field::new("entity_display_name", Kind::Template, "the short text")
        .or(r#"{{ template "victorops.default.entity_display_name" . }}"#),
    Field::new("monitoring_tool", Kind::Template, "what found the incident")
        .or(r#"{{ template "victorops.default.monitoring_tool" . }}"#),
    Field::new("custom_fields", Kind::TemplateMap, "further fields"),
];

static WEBEX: &[Field] = &[
    send_resolved("true"),
    HTTP,
    Field::new("api_url", Kind::Url, "Webex' API; unset: webex_api_url"),
    Field::new("message", Kind::Template, "the message").or(r#"{{ template "webex.default.message" . }}"#),
    Field::new("room_id", Kind::Template, "the room").required(),
];

static WEBHOOK: &[Field] = &[
    send_resolved("true"),
    HTTP,
    Field::new("url", Kind::TemplateUrl, "where notifications are posted"),
    Field::new("url_file", Kind::File, "a file with the URL"),
    Field::new("max_alerts", Kind::UInt, "the most alerts in a message; 0: all").or("0"),
    Field::new("timeout", Kind::GoDuration, "the longest wait; 0: as long as it takes").or("0s"),
    Field::new("payload", Kind::Any, "a body of one's own in place of Alertmanager's"),
];

static WECHAT: &[Field] = &[
    send_resolved("false"),
    HTTP,
    Field::new("api_secret", Kind::Secret, "the secret; unset: wechat_api_secret"),
    Field::new("api_secret_file", Kind::File, "a file with the secret"),
    Field::new("corp_id", Kind::Template, "the corporation's id; unset: wechat_api_corp_id"),
    Field::new("message", Kind::Template, "the message").or(r#"{{ template "wechat.default.message" . }}"#),
    Field::new("api_url", Kind::Url, "WeChat's API; unset: wechat_api_url"),
    Field::new("to_user", Kind::Template, "users").or(r#"{{ template "wechat.default.to_user" . }}"#),
    Field::new("to_party", Kind::Template, "parties").or(r#"{{ template "wechat.default.to_party" . }}"#),
    Field::new("to_tag", Kind::Template, "tags").or(r#"{{ template "wechat.default.to_tag" . }}"#),
    Field::new("agent_id", Kind::Template, "the agent").or(r#"{{ template "wechat.default.agent_id" . }}"#),
    Field::new("message_type", Kind::Text, "text or markdown").or("text"),
];
