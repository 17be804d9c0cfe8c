//! The IR's rules as Prometheus' own models.

use crate::argo::{AnalysisTemplate, Argument, Metric, Prometheus, Provider, Spec, go_duration};
use crate::ir;
use crate::project::Manifest;
use crate::prometheus::{AlertingRule, Metadata, RecordingRule, Rule, RuleFile, RuleGroup};
use crate::promql::duration::Duration;

/// One source file's rules.
pub(super) fn rule_file(file: &ir::RuleFile) -> RuleFile {
    RuleFile { groups: file.groups.iter().map(group).collect() }
}

/// The metadata of a manifest.
pub(super) fn metadata(name: &str, manifest: &Manifest) -> Metadata {
    Metadata {
        name: name.to_string(),
        namespace: manifest.namespace.clone(),
        labels: manifest.labels.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect(),
        annotations: manifest.annotations.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect(),
    }
}

fn group(group: &ir::Group) -> RuleGroup {
    RuleGroup {
        name: group.name.clone(),
        interval: group.interval.map(Duration::from_millis),
        query_offset: group.query_offset.map(Duration::from_millis),
        // A limit beyond what Prometheus can hold is no limit.
        limit: group.limit.map(|limit| i64::try_from(limit).unwrap_or(0)),
        partial_response_strategy: None,
        labels: group.labels.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect(),
        rules: group.rules.iter().map(rule).collect(),
    }
}

fn rule(rule: &ir::Rule) -> Rule {
    match rule {
        ir::Rule::Alert(alert) => Rule::Alerting(AlertingRule {
            alert: alert.name.clone(),
            expr: alert.expr.clone(),
            hold: alert.hold.map(Duration::from_millis),
            keep_firing_for: alert.keep_firing_for.map(Duration::from_millis),
            labels: alert.labels.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect(),
            annotations: alert.annotations.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect(),
        }),
        ir::Rule::Record(record) => Rule::Recording(RecordingRule {
            record: record.record.clone(),
            expr: record.expr.clone(),
            labels: record.labels.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect(),
        }),
    }
}

/// A canary analysis as a manifest.
pub(super) fn analysis(analysis: &ir::Analysis) -> AnalysisTemplate {
    let metric = |m: &ir::Measure| Metric {
        name: m.name.clone(),
        interval: m.interval.map(go_duration),
        initial_delay: m.initial_delay.map(go_duration),
        count: m.count,
        success_condition: Some(m.success.clone()),
        failure_condition: Some(m.failure.clone()),
        failure_limit: m.failure_limit,
        inconclusive_limit: m.inconclusive_limit,
        consecutive_error_limit: m.consecutive_error_limit,
        provider: Provider {
            prometheus: Some(Prometheus { address: m.address.clone(), query: m.query.clone() }),
        },
    };
    AnalysisTemplate {
        metadata: Metadata {
            name: analysis.name.clone(),
            namespace: analysis.namespace.clone(),
            ..Metadata::default()
        },
        spec: Spec {
            args: analysis
                .args
                .iter()
                .map(|(name, value)| Argument { name: name.clone(), value: value.clone() })
                .collect(),
            metrics: analysis.measures.iter().map(metric).collect(),
        },
    }
}
