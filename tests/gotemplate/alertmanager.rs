//! Notification templates.

use std::collections::BTreeMap;

use alertc::gotemplate::alertmanager::{Alert, Data, Templates};
use alertc::gotemplate::{Environment, StringMap};
use serde::Deserialize;

use super::{conformance, report, suite};

#[derive(Deserialize)]
struct File {
    data: DataFile,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DataFile {
    receiver: String,
    status: String,
    alerts: Vec<AlertFile>,
    group_labels: BTreeMap<String, String>,
    common_labels: BTreeMap<String, String>,
    common_annotations: BTreeMap<String, String>,
    #[serde(rename = "externalURL")]
    external_url: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AlertFile {
    status: String,
    labels: BTreeMap<String, String>,
    annotations: BTreeMap<String, String>,
    starts_at: String,
    ends_at: String,
    #[serde(rename = "generatorURL")]
    generator_url: String,
    fingerprint: String,
}

#[derive(Deserialize)]
struct Case {
    template: String,
    /// `OUT`, `ERR` or, in our own cases, `HTML`.
    kind: String,
    text: String,
}

impl DataFile {
    fn data(&self) -> Data {
        let time = |text: &str| {
            let at = text.parse::<jiff::Timestamp>().ok().filter(|t| t.as_second() > 0)?;
            Some(at.to_zoned(jiff::tz::TimeZone::UTC))
        };
        let alerts = self.alerts.iter().map(|a| Alert {
            status: a.status.clone(),
            labels: StringMap::new(a.labels.clone()),
            annotations: StringMap::new(a.annotations.clone()),
            starts_at: time(&a.starts_at),
            ends_at: time(&a.ends_at),
            generator_url: a.generator_url.clone(),
            fingerprint: a.fingerprint.clone(),
        });
        Data {
            receiver: self.receiver.clone(),
            status: self.status.clone(),
            alerts: alerts.collect(),
            notification_reason: String::new(),
            group_labels: StringMap::new(self.group_labels.clone()),
            common_labels: StringMap::new(self.common_labels.clone()),
            common_annotations: StringMap::new(self.common_annotations.clone()),
            external_url: self.external_url.clone(),
        }
    }
}

fn check(file: &File) {
    let mut templates = Templates::default();
    templates.add_file("my.tmpl", "{{ define \"my.x\" }}X{{ .Status }}{{ end }}").unwrap();
    let (data, env) = (file.data.data(), Environment::default());
    let mut failures = Vec::new();
    for case in &file.cases {
        let result = match case.kind.as_str() {
            "HTML" => templates.expand_html(&case.template, &data, &env),
            _ => templates.expand(&case.template, &data, &env),
        };
        let (kind, text) = match result {
            Ok(text) if case.kind == "HTML" => ("HTML", text),
            Ok(text) => ("OUT", text),
            Err(error) => ("ERR", error.to_string()),
        };
        if (kind, &text) != (case.kind.as_str(), &case.text) {
            let (template, expected) = (&case.template, &case.text);
            failures.push(format!(
                "{template}\n  expected {} {expected:?}\n       got {kind} {text:?}",
                case.kind
            ));
        }
    }
    report(&failures, file.cases.len());
}

#[test]
fn amtool_renders_the_same_texts() {
    let Some(text) = conformance("alertmanager.yml") else { return };
    check(&serde_yaml::from_str(&text).unwrap());
}

#[test]
fn our_own_cases() {
    check(&serde_yaml::from_str(&suite("alertmanager.yml")).unwrap());
}
