//! Blocks inside the integrations' fields.

use super::{Field, Kind};

pub(super) static EMAIL_THREADING: &[Field] = &[
    Field::new("enabled", Kind::Bool, "make threads").or("false"),
    Field::new("thread_by_date", Kind::Text, "none or daily"),
];

pub(super) static JIRA_FIELD: &[Field] = &[
    Field::new("template", Kind::Template, "the text"),
    Field::new("enable_update", Kind::Bool, "change the field of an issue that exists").or("true"),
];

pub(super) static MATTERMOST_FIELD: &[Field] = &[
    Field::new("title", Kind::Template, "the title").required(),
    Field::new("value", Kind::Template, "the value").required(),
    Field::new("short", Kind::Bool, "stands beside others"),
];

pub(super) static MATTERMOST_ATTACHMENT: &[Field] = &[
    Field::new("fallback", Kind::Template, "plain text for clients that show no attachments"),
    Field::new("color", Kind::Template, "the bar's color"),
    Field::new("pretext", Kind::Template, "text above the attachment"),
    Field::new("text", Kind::Template, "the text"),
    Field::new("author_name", Kind::Template, "the author's name"),
    Field::new("author_link", Kind::Template, "the author's link"),
    Field::new("author_icon", Kind::Template, "the author's picture"),
    Field::new("title", Kind::Template, "the title"),
    Field::new("title_link", Kind::Template, "the title's link"),
    Field::new("fields", Kind::Blocks(MATTERMOST_FIELD), "a table of titles and values"),
    Field::new("thumb_url", Kind::Template, "a small picture"),
    Field::new("footer", Kind::Template, "the last line"),
    Field::new("footer_icon", Kind::Template, "the last line's picture"),
    Field::new("image_url", Kind::Template, "a picture"),
];

pub(super) static MATTERMOST_PROPS: &[Field] =
    &[Field::new("card", Kind::Template, "text shown beside the post")];

pub(super) static MATTERMOST_PRIORITY: &[Field] = &[
    Field::new("priority", Kind::Template, "important or urgent"),
    Field::new("requested_ack", Kind::Bool, "ask readers to acknowledge").or("false"),
    Field::new("persistent_notifications", Kind::Bool, "notify until somebody acknowledges").or("false"),
];

pub(super) static OPSGENIE_RESPONDER: &[Field] = &[
    Field::new("id", Kind::Template, "the responder's id"),
    Field::new("name", Kind::Template, "the responder's name"),
    Field::new("username", Kind::Template, "the user's name"),
    Field::new("type", Kind::Template, "team, teams, user, escalation or schedule"),
];

pub(super) static PAGERDUTY_IMAGE: &[Field] = &[
    Field::new("src", Kind::Template, "the picture's URL"),
    Field::new("alt", Kind::Template, "text in its place"),
    Field::new("href", Kind::Template, "its link"),
];

pub(super) static PAGERDUTY_LINK: &[Field] =
    &[Field::new("href", Kind::Template, "the URL"), Field::new("text", Kind::Template, "the text")];

pub(super) static ROCKETCHAT_FIELD: &[Field] = &[
    Field::new("short", Kind::Bool, "stands beside others"),
    Field::new("title", Kind::Template, "the title"),
    Field::new("value", Kind::Template, "the value"),
];

pub(super) static ROCKETCHAT_ACTION: &[Field] = &[
    Field::new("type", Kind::Text, "button"),
    Field::new("text", Kind::Template, "the button's text"),
    Field::new("url", Kind::Template, "the button's link"),
    Field::new("imageurl", Kind::Template, "the button's picture"),
    Field::new("iswebview", Kind::Bool, "opens inside the client").or("false"),
    Field::new("webviewheightratio", Kind::Text, "how high that is"),
    Field::new("msg", Kind::Template, "the message sent by the button"),
    Field::new("msginchatwindow", Kind::Bool, "the message goes to the chat").or("false"),
    Field::new("msgprocessingtype", Kind::Text, "sendMessage or respondWithMessage"),
];

pub(super) static SIGV4: &[Field] = &[
    Field::new("region", Kind::Text, "the region"),
    Field::new("access_key", Kind::Text, "the access key"),
    Field::new("secret_key", Kind::Secret, "the secret key"),
    Field::new("profile", Kind::Text, "the named profile"),
    Field::new("role_arn", Kind::Text, "the role taken"),
    Field::new("external_id", Kind::Text, "the external id given when the role is taken"),
    Field::new("service", Kind::Text, "the service that signatures are for"),
    Field::new("use_fips_sts_endpoint", Kind::Bool, "use FIPS endpoints").or("false"),
];

pub(super) static SLACK_FIELD: &[Field] = &[
    Field::new("title", Kind::Template, "the title").required(),
    Field::new("value", Kind::Template, "the value").required(),
    Field::new("short", Kind::Bool, "stands beside others"),
];

pub(super) static SLACK_ACTION: &[Field] = &[
    Field::new("type", Kind::Template, "button").required(),
    Field::new("text", Kind::Template, "the button's text").required(),
    Field::new("url", Kind::Template, "the button's link"),
    Field::new("style", Kind::Template, "primary or danger"),
    Field::new("name", Kind::Template, "the action's name"),
    Field::new("value", Kind::Template, "the action's value"),
    Field::new("confirm", Kind::Block(SLACK_CONFIRM), "asks before it acts"),
];

pub(super) static SLACK_CONFIRM: &[Field] = &[
    Field::new("text", Kind::Template, "the question").required(),
    Field::new("title", Kind::Template, "the title"),
    Field::new("ok_text", Kind::Template, "the button that acts"),
    Field::new("dismiss_text", Kind::Template, "the button that does not"),
];
