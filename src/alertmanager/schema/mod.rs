//! Every integration and every field of Alertmanager 0.33, as data.
//!
//! One table serves everybody: the reader of YAML configurations, the alert language's `receiver` and `global` blocks
//! (types, nearest names, secrets written in the source), and the simulation (defaults).
//! Source: Alertmanager config/notifiers.go, notify/*/config.go, config/config.go; prometheus/common config.

mod blocks;
mod global;
mod http;
mod integrations;
mod values;

pub use global::{EVENT_RECORDER, GLOBAL, TRACING};
pub use http::HTTP_CONFIG;
pub use integrations::INTEGRATIONS;
pub use values::{Invalid, check_text, is_go_duration};

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// Plain text.
    Text,
    /// Text in which Go templates are expanded when the notification is sent.
    Template,
    /// Text that nobody but the receiver may know.
    Secret,
    /// The path of a file on Alertmanager's machine.
    File,
    /// An http or https URL.
    Url,
    /// An http or https URL that is a secret by itself, such as a webhook with a token in its path.
    SecretUrl,
    /// A secret URL in which Go templates without functions may stand.
    TemplateUrl,
    /// `host:port`
    HostPort,
    /// true or false
    Bool,
    /// An integer.
    Int,
    /// An integer that is not negative.
    UInt,
    /// A number.
    Float,
    /// Prometheus' duration: `1d12h`.
    Duration,
    /// Go's duration: `1.5m`, without days.
    GoDuration,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A list of text.
    TextList,
    /// A list of secrets.
    SecretList,
    /// Names with text.
    TextMap,
    /// Names with text in which Go templates are expanded.
    TemplateMap,
    /// Names with a list of secrets each.
    SecretListMap,
    /// Names with values of any type.
    AnyMap,
    /// A value of any type.
    Any,
    /// A block with these fields.
    Block(&'static [Field]),
    /// A list of blocks with these fields.
    Blocks(&'static [Field]),
    /// Names with a block with these fields each.
    BlockMap(&'static [Field]),
    /// Text, or a block with these fields whose first stands for the text.
    TextOrBlock(&'static [Field]),
}

/// One field of a block.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Field {
    /// Its key.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// True when Alertmanager refuses the block without it (whatever else is given).
    pub required: bool,
    /// What Alertmanager fills in; of a template, its text.
    pub default: Option<&'static str>,
    /// What it is for, in a few words.
    pub doc: &'static str,
}

impl Field {
    pub(super) const fn new(name: &'static str, kind: Kind, doc: &'static str) -> Field {
        Field { name, kind, required: false, default: None, doc }
    }

    pub(super) const fn required(mut self) -> Field {
        self.required = true;
        self
    }

    pub(super) const fn or(mut self, default: &'static str) -> Field {
        self.default = Some(default);
        self
    }

    /// True when the value must not stand in a source that others read. (A webhook's `url` may well be public.)
    pub const fn is_secret(&self) -> bool {
        matches!(self.kind, Kind::Secret | Kind::SecretUrl | Kind::SecretList | Kind::SecretListMap)
    }

    /// The fields of the block that it holds, if it holds any.
    pub const fn block(&self) -> Option<&'static [Field]> {
        match self.kind {
            Kind::Block(f) | Kind::Blocks(f) | Kind::BlockMap(f) | Kind::TextOrBlock(f) => Some(f),
            _ => None,
        }
    }
}

/// The field of that name.
pub fn field(fields: &'static [Field], name: &str) -> Option<&'static Field> {
    fields.iter().find(|f| f.name == name)
}

/// The `…_file` field in which a secret's file can be named instead, if there is one.
pub fn file_form(fields: &'static [Field], secret: &str) -> Option<&'static Field> {
    let file = format!("{secret}_file");
    fields.iter().find(|f| f.name == file)
}

/// What stands for a secret that is filled in later; Alertmanager's own API shows secrets so.
pub const PLACEHOLDER: &str = "<secret>";

/// True for the text of a secret field that gives nothing away: [`PLACEHOLDER`], and Slack's API, whose URL is the
/// same for everyone.
pub fn is_public(text: &str) -> bool {
    text == PLACEHOLDER || text == "https://slack.com/api/chat.postMessage"
}

/// One kind of receiver integration.
#[derive(Debug, PartialEq)]
pub struct Integration {
    /// Its short name: `slack`. The alert language's word for it, and what Alertmanager's metrics call it.
    pub name: &'static str,
    /// Its key in a receiver: `slack_configs`.
    pub key: &'static str,
    /// The service's name as its makers write it.
    pub title: &'static str,
    /// Whether a resolved alert is told of unless `send_resolved` says otherwise.
    pub send_resolved: bool,
    /// Every field, `send_resolved` and `http_config` included.
    pub fields: &'static [Field],
}

/// Whether a message of a service wakes a person up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wakes {
    /// That is what the service is for.
    Yes,
    /// It depends on who listens: a webhook leads anywhere, SNS may end in an SMS.
    Perhaps,
    /// It is read when somebody looks.
    No,
}

impl Integration {
    /// Whether its messages wake a person up.
    pub fn wakes(&self) -> Wakes {
        match self.name {
            "pagerduty" | "opsgenie" | "victorops" | "pushover" | "incidentio" => Wakes::Yes,
            "webhook" | "sns" | "telegram" => Wakes::Perhaps,
            _ => Wakes::No,
        }
    }

    /// Whether the service holds an incident open until it is told that everything in it is resolved.
    pub fn keeps_incidents(&self) -> bool {
        matches!(self.name, "pagerduty" | "opsgenie" | "victorops" | "incidentio")
    }

    /// The field of that name.
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        field(self.fields, name)
    }
}

/// The integration of that short name or key.
pub fn integration(name: &str) -> Option<&'static Integration> {
    INTEGRATIONS.iter().find(|i| i.name == name || i.key == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sound() {
        assert_eq!(INTEGRATIONS.len(), 18);
        fn unique(fields: &'static [Field], path: &str) {
            for (i, field) in fields.iter().enumerate() {
                assert!(
                    !fields[..i].iter().any(|f| f.name == field.name),
                    "{path}.{} is there twice",
                    field.name
                );
                assert!(!field.doc.is_empty() && !field.doc.ends_with('.'), "{path}.{}", field.name);
                if let Some(block) = field.block() {
                    unique(block, &format!("{path}.{}", field.name));
                }
            }
        }
        unique(GLOBAL, "global");
        unique(TRACING, "tracing");
        unique(EVENT_RECORDER, "event_recorder");
        for integration in INTEGRATIONS {
            unique(integration.fields, integration.name);
            assert_eq!(integration.key, format!("{}_configs", integration.name));
            assert!(integration.field("send_resolved").is_some(), "{}", integration.name);
            for secret in integration.fields.iter().filter(|f| f.is_secret()) {
                assert!(
                    file_form(integration.fields, secret.name).is_some(),
                    "{}.{}",
                    integration.name,
                    secret.name
                );
            }
        }
    }
}
