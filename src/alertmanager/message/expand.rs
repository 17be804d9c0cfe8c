//! Templates of fields, expanded one after the other.

use super::Failure;
use crate::gotemplate::alertmanager::{Data, Templates};
use crate::gotemplate::{Environment, Value};

/// Expands the templates of one message.
pub(super) struct Expander<'t> {
    templates: &'t Templates,
    data: Value,
    env: Environment<'t>,
    /// What has failed so far.
    pub(super) failures: Vec<Failure>,
    /// Whether nothing more is written after a failure, as Slack's message does it.
    pub(super) stops: bool,
}

impl<'t> Expander<'t> {
    /// With the data of a notification that is sent at a time, in milliseconds since the Unix epoch.
    pub(super) fn new(templates: &'t Templates, data: &Data, at: i64) -> Expander<'t> {
        let now = jiff::Timestamp::from_millisecond(at).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        let env = Environment { now, ..Environment::default() };
        Expander { templates, data: data.to_value(), env, failures: Vec::new(), stops: false }
    }

    /// The text of a template; what was written before it failed.
    pub(super) fn text(&mut self, field: &str, template: &str) -> String {
        self.expand(field, template, false)
    }

    /// The text of a template with the escaping of HTML.
    pub(super) fn html(&mut self, field: &str, template: &str) -> String {
        self.expand(field, template, true)
    }

    fn expand(&mut self, field: &str, template: &str, html: bool) -> String {
        if template.is_empty() || self.stops && !self.failures.is_empty() {
            return String::new();
        }
        let (text, error) = match self.templates.parse(template) {
            Ok(parsed) if html => match parsed.execute_html(&self.data, &self.env) {
                Ok(text) => (text, None),
                Err(error) => (String::new(), Some(error)),
            },
            Ok(parsed) => parsed.execute_partly(&self.data, &self.env),
            Err(error) => (String::new(), Some(error)),
        };
        self.failures.extend(error.map(|error| Failure { field: field.to_string(), error }));
        text
    }
}
