//! Labels and annotations of alerts, expanded as Prometheus' rules/alerting.go does it.

use std::ops::Range;
use std::sync::Arc;

use super::super::uses::Use;
use super::super::value::{StringMap, StructType, Value};
use super::super::{Environment, FunctionSet, Template, TemplateError};

/// What Prometheus puts before each text: the variables that templates may use.
const DEFINITIONS: &str = "{{$labels := .Labels}}{{$externalLabels := .ExternalLabels}}\
    {{$externalURL := .ExternalURL}}{{$value := .Value}}";

static DATA: StructType = StructType {
    name: "struct { Labels map[string]string; ExternalLabels map[string]string; ExternalURL string; Value interface {} }",
    fields: &["Labels", "ExternalLabels", "ExternalURL", "Value"],
    json: &["Labels", "ExternalLabels", "ExternalURL", "Value"],
    any: &["Value"],
    is_pointer: false,
};

/// What the templates of an alert see. Build it once for all texts of an alert.
#[derive(Clone, Debug)]
pub struct AlertData(Value);

impl AlertData {
    /// The labels of the query's result, and its value: a float or a histogram.
    pub fn new(labels: StringMap, external_labels: StringMap, external_url: &str, value: Value) -> AlertData {
        let fields = vec![
            Value::StringMap(labels),
            Value::StringMap(external_labels),
            Value::string(external_url),
            value,
        ];
        AlertData(Value::Struct(&DATA, Arc::new(fields)))
    }
}

/// The text of one label or annotation of an alerting rule, parsed once.
#[derive(Clone, Debug)]
pub struct RuleTemplate {
    content: Content,
}

#[derive(Clone, Debug)]
enum Content {
    /// Without any action: most labels, many annotations.
    Literal(Arc<str>),
    Template {
        name: Arc<str>,
        template: Template,
    },
}

impl RuleTemplate {
    /// Parses the text of a label or annotation of the alert of that name.
    ///
    /// The message of an error is the one with which Prometheus refuses the rule file; its offset is into `text`.
    pub fn parse(alert: &str, text: &str, functions: FunctionSet) -> Result<RuleTemplate, TemplateError> {
        if !text.contains("{{") {
            return Ok(RuleTemplate { content: Content::Literal(text.into()) });
        }
        let name: Arc<str> = format!("__alert_{alert}").into();
        let template = Template::parse(&name, &format!("{DEFINITIONS}{text}"), functions)
            .map_err(|e| e.moved(DEFINITIONS.len()))?;
        Ok(RuleTemplate { content: Content::Template { name, template } })
    }

    /// Expands the text. Prometheus puts the text of an error where the expansion would be, and so does this.
    pub fn expand(&self, data: &AlertData, env: &Environment<'_>) -> String {
        match (&self.content, self.execute(data, env)) {
            (_, Ok(text)) => text,
            (Content::Template { name, .. }, Err(error)) => {
                format!("<error expanding template: error executing template {name}: {error}>")
            }
            (Content::Literal(text), Err(_)) => text.to_string(),
        }
    }

    /// Expands the text, or says what is wrong; the offset of the error is into the text that was parsed.
    pub fn execute(&self, data: &AlertData, env: &Environment<'_>) -> Result<String, TemplateError> {
        match &self.content {
            Content::Literal(text) => Ok(text.to_string()),
            Content::Template { template, .. } => {
                template.execute(&data.0, env).map_err(|e| e.moved(DEFINITIONS.len()))
            }
        }
    }

    /// The text, if it has no action at all.
    pub fn literal(&self) -> Option<&str> {
        match &self.content {
            Content::Literal(text) => Some(text),
            Content::Template { .. } => None,
        }
    }

    /// What the text uses, in the order of its places; offsets are into the text.
    pub fn uses(&self) -> Vec<Use> {
        let Content::Template { template, .. } = &self.content else { return Vec::new() };
        let prefix = DEFINITIONS.len();
        let uses = template.uses().into_iter().filter(|u| u.at.start >= prefix);
        uses.map(|u| Use { at: Range { start: u.at.start - prefix, end: u.at.end - prefix }, ..u }).collect()
    }
}
