//! What a rule file and a PrometheusRule manifest say. Serialized, they read as a careful engineer would write them.

use serde::Serialize;

use super::Duration;
use crate::yaml::StringMap;

/// A Prometheus rule file (model/rulefmt RuleGroups).
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct RuleFile {
    /// Groups, each name once.
    pub groups: Vec<RuleGroup>,
}

/// A group: its rules are evaluated one after the other, at one time.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct RuleGroup {
    /// Unique within its file.
    pub name: String,
    /// Evaluation interval; none is Prometheus' own `evaluation_interval`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<Duration>,
    /// How far in the past the rules are evaluated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query_offset: Option<Duration>,
    /// The most alerts or series a rule may give; zero is no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// Thanos' `partial_response_strategy`; PrometheusRule manifests only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partial_response_strategy: Option<String>,
    /// Labels for every rule of the group; a rule's own win.
    #[serde(skip_serializing_if = "StringMap::is_empty")]
    pub labels: StringMap,
    /// The rules.
    pub rules: Vec<Rule>,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Rule {
    /// An alerting rule.
    Alerting(AlertingRule),
    /// A recording rule.
    Recording(RecordingRule),
}

/// An alerting rule.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct AlertingRule {
    /// `alertname`.
    pub alert: String,
    /// PromQL.
    pub expr: String,
    /// How long the condition must hold before the alert fires.
    #[serde(rename = "for", skip_serializing_if = "Option::is_none")]
    pub hold: Option<Duration>,
    /// How long the alert goes on firing once the condition has ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep_firing_for: Option<Duration>,
    /// Labels; values are Go templates.
    #[serde(skip_serializing_if = "StringMap::is_empty")]
    pub labels: StringMap,
    /// Annotations; values are Go templates.
    #[serde(skip_serializing_if = "StringMap::is_empty")]
    pub annotations: StringMap,
}

/// A recording rule.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct RecordingRule {
    /// The metric it writes.
    pub record: String,
    /// PromQL.
    pub expr: String,
    /// Labels, verbatim.
    #[serde(skip_serializing_if = "StringMap::is_empty")]
    pub labels: StringMap,
}

impl Rule {
    /// The alert's or the metric's name.
    pub fn name(&self) -> &str {
        match self {
            Rule::Alerting(r) => &r.alert,
            Rule::Recording(r) => &r.record,
        }
    }

    /// PromQL.
    pub fn expr(&self) -> &str {
        match self {
            Rule::Alerting(r) => &r.expr,
            Rule::Recording(r) => &r.expr,
        }
    }

    /// The rule's own labels.
    pub fn labels(&self) -> &StringMap {
        match self {
            Rule::Alerting(r) => &r.labels,
            Rule::Recording(r) => &r.labels,
        }
    }
}

/// A PrometheusRule manifest (`monitoring.coreos.com/v1`).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PrometheusRule {
    /// `monitoring.coreos.com/v1`
    pub api_version: String,
    /// `PrometheusRule`
    pub kind: String,
    /// Name, namespace, labels.
    pub metadata: Metadata,
    /// The groups.
    pub spec: PrometheusRuleSpec,
}

impl PrometheusRule {
    /// The API version of the manifests that prometheus-operator reads.
    pub const API_VERSION: &str = "monitoring.coreos.com/v1";
    /// The kind of the manifest.
    pub const KIND: &str = "PrometheusRule";

    /// A manifest of the current version.
    pub fn new(metadata: Metadata, groups: Vec<RuleGroup>) -> PrometheusRule {
        PrometheusRule {
            api_version: PrometheusRule::API_VERSION.into(),
            kind: PrometheusRule::KIND.into(),
            metadata,
            spec: PrometheusRuleSpec { groups },
        }
    }
}

/// The part of Kubernetes' metadata that rules need.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Metadata {
    /// The object's name.
    pub name: String,
    /// Its namespace; none leaves it to whoever applies the manifest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Labels, by which the operator selects it.
    #[serde(skip_serializing_if = "StringMap::is_empty")]
    pub labels: StringMap,
    /// Annotations.
    #[serde(skip_serializing_if = "StringMap::is_empty")]
    pub annotations: StringMap,
}

/// The spec of a PrometheusRule manifest.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct PrometheusRuleSpec {
    /// Groups, each name once.
    pub groups: Vec<RuleGroup>,
}
