//! An AnalysisTemplate (argo-rollouts pkg/apis/rollouts/v1alpha1/analysis_types.go), as far as alertc writes it.

use serde::Serialize;

use crate::prometheus::Metadata;

/// A manifest of kind AnalysisTemplate.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AnalysisTemplate {
    /// Name and namespace.
    pub metadata: Metadata,
    /// Arguments and metrics.
    pub spec: Spec,
}

impl AnalysisTemplate {
    /// `apiVersion`
    pub const API_VERSION: &'static str = "argoproj.io/v1alpha1";
    /// `kind`
    pub const KIND: &'static str = "AnalysisTemplate";
}

/// What it analyses.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Spec {
    /// What the rollout gives.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<Argument>,
    /// What is measured; each name once.
    pub metrics: Vec<Metric>,
}

/// An argument: `{{args.NAME}}` in a query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Argument {
    /// The name.
    pub name: String,
    /// The value unless the rollout gives one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// A count; the API takes an argument (`{{args.count}}`) in its place too.
pub type Limit = u64;

/// One thing that is measured.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Metric {
    /// Unique.
    pub name: String,
    /// Between measurements, as Go writes durations.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<String>,
    /// Before the first measurement.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initial_delay: Option<String>,
    /// How many measurements; without one, one, or with an interval one after the other until the rollout ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<Limit>,
    /// A measurement that is good, in expr's language.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub success_condition: Option<String>,
    /// A measurement that is bad; one that is neither is inconclusive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure_condition: Option<String>,
    /// How many may be bad; none by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure_limit: Option<Limit>,
    /// How many may be inconclusive; none by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inconclusive_limit: Option<Limit>,
    /// How many queries may fail one after the other; four by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consecutive_error_limit: Option<Limit>,
    /// What is asked.
    pub provider: Provider,
}

/// Who measures.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Provider {
    /// A Prometheus.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prometheus: Option<Prometheus>,
}

/// A query.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Prometheus {
    /// Where.
    pub address: String,
    /// PromQL, arguments in it.
    pub query: String,
}

/// Milliseconds as Go's `time.ParseDuration` reads them: it knows no days.
pub fn go_duration(ms: i64) -> String {
    let mut left = ms.unsigned_abs();
    let mut out = String::new();
    for (unit, size) in [("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)] {
        if left >= size {
            out.push_str(&format!("{}{unit}", left / size));
            left %= size;
        }
    }
    if out.is_empty() { "0s".to_string() } else { out }
}

#[cfg(test)]
mod tests {
    use super::go_duration;

    #[test]
    fn durations_are_those_of_go() {
        assert_eq!(go_duration(30_000), "30s");
        assert_eq!(go_duration(90_500), "1m30s500ms");
        assert_eq!(go_duration(86_400_000), "24h");
        assert_eq!(go_duration(0), "0s");
    }
}
