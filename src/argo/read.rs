//! AnalysisTemplates out of YAML, as strictly as the custom resource's schema and the controller read them
//! (argo-rollouts manifests/crds/analysis-template-crd.yaml, utils/analysis/factory.go ValidateMetrics).

use std::collections::BTreeSet;

use super::model::{AnalysisTemplate, Argument, Limit, Metric, Prometheus, Provider, Spec};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::analysis::INVALID_ANALYSIS;
use crate::prometheus::Metadata;
use crate::source::Span;
use crate::yaml::{Decoder, Node};

/// A template, and what is wrong with it.
#[derive(Debug, Clone)]
pub struct ReadTemplate {
    /// What could be read of the parts that alertc writes.
    pub model: AnalysisTemplate,
    /// Everything that the API or the controller refuses.
    pub diagnostics: Vec<Diagnostic>,
}

const SPEC: [&str; 5] = ["args", "metrics", "dryRun", "measurementRetention", "templates"];
const METRIC: [&str; 11] = [
    "name",
    "interval",
    "initialDelay",
    "count",
    "successCondition",
    "failureCondition",
    "failureLimit",
    "inconclusiveLimit",
    "consecutiveErrorLimit",
    "consecutiveSuccessLimit",
    "provider",
];
const PROVIDERS: [&str; 12] = [
    "prometheus",
    "kayenta",
    "web",
    "datadog",
    "wavefront",
    "newRelic",
    "job",
    "cloudWatch",
    "graphite",
    "influxdb",
    "skywalking",
    "plugin",
];
const PROMETHEUS: [&str; 7] =
    ["address", "query", "authentication", "timeout", "insecure", "headers", "rangeQuery"];

/// Reads a manifest of kind AnalysisTemplate.
pub fn read_template(root: &Node) -> ReadTemplate {
    let mut reader = Reader { decoder: Decoder::new(), spec: Spec::default() };
    let mut metadata = Metadata::default();
    let mut has_spec = false;
    for entry in reader.decoder.mapping(root, "a manifest").map_or(&[][..], |m| &m.entries) {
        let value = &entry.value;
        match entry.name() {
            "apiVersion" => reader.constant(value, "apiVersion", AnalysisTemplate::API_VERSION),
            "kind" => reader.constant(value, "kind", AnalysisTemplate::KIND),
            "metadata" => metadata = reader.metadata(value),
            "spec" => {
                has_spec = true;
                reader.spec(value);
            }
            _ => {
                reader.decoder.unknown_field(entry, "a manifest", ["apiVersion", "kind", "metadata", "spec"]);
            }
        }
    }
    let start = root.span.at_start();
    for (given, field) in [(!metadata.name.is_empty(), "metadata.name"), (has_spec, "spec")] {
        if !given {
            reader.decoder.missing_field(start, format!("an AnalysisTemplate needs `{field}`"));
        }
    }
    if has_spec {
        reader.check(start);
    }
    ReadTemplate {
        model: AnalysisTemplate { metadata, spec: reader.spec },
        diagnostics: reader.decoder.diagnostics,
    }
}

struct Reader {
    decoder: Decoder,
    spec: Spec,
}

impl Reader {
    fn invalid(&mut self, span: Span, message: impl Into<String>) {
        self.decoder.report(Diagnostic::new(&INVALID_ANALYSIS, span, message));
    }

    fn constant(&mut self, node: &Node, field: &str, wanted: &str) {
        let given = self.decoder.text(node, &format!("`{field}`")).unwrap_or("").to_string();
        if given != wanted {
            self.invalid(node.span, format!("`{field}` of an AnalysisTemplate is `{wanted}`, not `{given}`"));
        }
    }

    fn string(&mut self, node: &Node, field: &str) -> String {
        self.decoder.text(node, &format!("`{field}`")).unwrap_or("").to_string()
    }

    fn metadata(&mut self, node: &Node) -> Metadata {
        let mut metadata = Metadata::default();
        for entry in self.decoder.mapping(node, "`metadata`").map_or(&[][..], |m| &m.entries) {
            let value = &entry.value;
            match entry.name() {
                "name" => metadata.name = self.string(value, "metadata.name"),
                "namespace" => metadata.namespace = Some(self.string(value, "metadata.namespace")),
                "labels" => metadata.labels = self.decoder.string_map(value, "`metadata.labels`"),
                "annotations" => {
                    metadata.annotations = self.decoder.string_map(value, "`metadata.annotations`");
                }
                _ => {}
            }
        }
        metadata
    }

    fn spec(&mut self, node: &Node) {
        for entry in self.decoder.mapping(node, "`spec`").map_or(&[][..], |m| &m.entries) {
            let value = &entry.value;
            match entry.name() {
                "args" => {
                    for item in self.decoder.sequence(value, "`args`") {
                        let argument = self.argument(item);
                        self.spec.args.push(argument);
                    }
                }
                "metrics" => {
                    for item in self.decoder.sequence(value, "`metrics`") {
                        let metric = self.metric(item);
                        self.spec.metrics.push(metric);
                    }
                }
                _ if SPEC.contains(&entry.name()) => drop(self.decoder.sequence(value, entry.name())),
                _ => self.decoder.unknown_field(entry, "the spec of an AnalysisTemplate", SPEC),
            }
        }
    }

    fn argument(&mut self, node: &Node) -> Argument {
        const FIELDS: [&str; 3] = ["name", "value", "valueFrom"];
        let mut argument = Argument { name: String::new(), value: None };
        for entry in self.decoder.mapping(node, "an argument").map_or(&[][..], |m| &m.entries) {
            match entry.name() {
                "name" => argument.name = self.string(&entry.value, "name"),
                "value" => argument.value = Some(self.string(&entry.value, "value")),
                "valueFrom" => drop(self.decoder.mapping(&entry.value, "`valueFrom`")),
                _ => self.decoder.unknown_field(entry, "an argument", FIELDS),
            }
        }
        if argument.name.is_empty() {
            self.decoder.missing_field(node.span.at_start(), "an argument needs a `name`");
        }
        argument
    }

    fn metric(&mut self, node: &Node) -> Metric {
        let mut metric = Metric::default();
        let mut has_provider = false;
        for entry in self.decoder.mapping(node, "a metric").map_or(&[][..], |m| &m.entries) {
            let value = &entry.value;
            match entry.name() {
                "name" => metric.name = self.string(value, "name"),
                "interval" => metric.interval = Some(self.duration(value, "interval")),
                "initialDelay" => metric.initial_delay = Some(self.duration(value, "initialDelay")),
                "count" => metric.count = self.limit(value, "count"),
                "successCondition" => {
                    metric.success_condition = Some(self.string(value, "successCondition"));
                }
                "failureCondition" => {
                    metric.failure_condition = Some(self.string(value, "failureCondition"));
                }
                "failureLimit" => metric.failure_limit = self.limit(value, "failureLimit"),
                "inconclusiveLimit" => metric.inconclusive_limit = self.limit(value, "inconclusiveLimit"),
                "consecutiveErrorLimit" => {
                    metric.consecutive_error_limit = self.limit(value, "consecutiveErrorLimit");
                }
                "consecutiveSuccessLimit" => drop(self.limit(value, "consecutiveSuccessLimit")),
                "provider" => {
                    has_provider = true;
                    metric.provider = self.provider(value);
                }
                _ => self.decoder.unknown_field(entry, "a metric", METRIC),
            }
        }
        let start = node.span.at_start();
        for (given, field) in [(!metric.name.is_empty(), "name"), (has_provider, "provider")] {
            if !given {
                self.decoder.missing_field(start, format!("a metric needs `{field}`"));
            }
        }
        let name = metric.name.clone();
        if metric.count.is_some_and(|c| c > 1) && metric.interval.is_none() {
            self.invalid(start, format!("metric `{name}` is measured several times and has no `interval`"));
        }
        for limit in [metric.failure_limit, metric.inconclusive_limit] {
            if let (Some(count), Some(limit)) = (metric.count, limit)
                && count > 0
                && limit > count
            {
                self.invalid(start, format!("a limit of metric `{name}` is above its `count`"));
            }
        }
        metric
    }

    fn provider(&mut self, node: &Node) -> Provider {
        let mut provider = Provider::default();
        let entries = self.decoder.mapping(node, "`provider`").map_or(&[][..], |m| &m.entries);
        for entry in entries {
            match entry.name() {
                "prometheus" => provider.prometheus = Some(self.prometheus(&entry.value)),
                name if PROVIDERS.contains(&name) => {}
                _ => self.decoder.unknown_field(entry, "a provider", PROVIDERS),
            }
        }
        if entries.len() != 1 {
            self.invalid(node.span, "a metric has one provider");
        }
        provider
    }

    fn prometheus(&mut self, node: &Node) -> Prometheus {
        let mut prometheus = Prometheus::default();
        for entry in self.decoder.mapping(node, "`prometheus`").map_or(&[][..], |m| &m.entries) {
            let value = &entry.value;
            match entry.name() {
                "address" => prometheus.address = self.string(value, "address"),
                "query" => prometheus.query = self.string(value, "query"),
                "timeout" => drop(self.decoder.integer(value, "`timeout`")),
                "insecure" => drop(self.decoder.boolean(value, "`insecure`")),
                "headers" => drop(self.decoder.sequence(value, "`headers`")),
                "authentication" | "rangeQuery" => drop(self.decoder.mapping(value, entry.name())),
                _ => self.decoder.unknown_field(entry, "`prometheus`", PROMETHEUS),
            }
        }
        prometheus
    }

    /// A whole number that is not negative; an argument is not looked into.
    fn limit(&mut self, node: &Node, field: &str) -> Option<Limit> {
        if node.as_text().is_some_and(|t| t.contains("{{")) {
            return None;
        }
        let value = self.decoder.integer(node, &format!("`{field}`"))?;
        let limit = u64::try_from(value).ok();
        // -1 switches the limit of failures off.
        if limit.is_none() && !(field == "failureLimit" && value == -1) {
            self.invalid(node.span, format!("`{field}` can't be negative"));
        }
        limit
    }

    fn duration(&mut self, node: &Node, field: &str) -> String {
        let text = self.string(node, field);
        if !text.contains("{{") && !is_go_duration(&text) {
            self.invalid(node.span, format!("`{field}` is no duration of Go, such as `30s`, `5m` or `1h`"));
        }
        text
    }

    /// What holds between the parts.
    fn check(&mut self, start: Span) {
        let mut names = BTreeSet::new();
        let spec = self.spec.clone();
        for metric in &spec.metrics {
            if !names.insert(metric.name.as_str()) {
                self.invalid(start, format!("two metrics are called `{}`", metric.name));
            }
            let query = metric.provider.prometheus.as_ref().map_or("", |p| p.query.as_str());
            for used in arguments(query) {
                if spec.args.iter().all(|a| a.name != used) {
                    self.invalid(start, format!("`{used}` is no argument of this template"));
                }
            }
        }
    }
}

/// The arguments that a text uses.
fn arguments(text: &str) -> impl Iterator<Item = &str> {
    text.split("{{").skip(1).filter_map(|rest| rest.split_once("}}")?.0.trim().strip_prefix("args."))
}

/// Numbers with the units of `time.ParseDuration`, one after the other.
fn is_go_duration(text: &str) -> bool {
    let mut rest = text;
    while !rest.is_empty() {
        let number = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        let unit = number.trim_start_matches(|c: char| c.is_alphabetic());
        let length = number.len() - unit.len();
        let known = ["ns", "us", "µs", "ms", "s", "m", "h"].contains(&number.get(..length).unwrap_or(""));
        if number.len() == rest.len() || !known {
            return false;
        }
        rest = unit;
    }
    !text.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;
    use crate::yaml;

    fn findings(text: &str) -> Vec<String> {
        let documents = yaml::read(FileId::NONE, text);
        let root = documents.first().and_then(|d| d.root.as_ref()).expect("a document");
        read_template(root).diagnostics.into_iter().map(|d| d.message).collect()
    }

    #[test]
    fn what_argos_documentation_shows_is_accepted() {
        let text = "apiVersion: argoproj.io/v1alpha1\nkind: AnalysisTemplate\nmetadata:\n  name: success-rate\nspec:\n  \
             args:\n  - name: service-name\n  - name: token\n    valueFrom:\n      secretKeyRef: {name: a, key: b}\n  \
             metrics:\n  - name: success-rate\n    interval: 5m\n    count: '{{args.service-name}}'\n    \
             successCondition: result[0] >= 0.95\n    failureLimit: 3\n    provider:\n      prometheus:\n        \
             address: http://prometheus:9090\n        timeout: 40\n        headers:\n        - {key: X, value: y}\n        \
             query: up{service=\"{{ args.service-name }}\"}\n  - name: web\n    failureLimit: -1\n    \
             consecutiveSuccessLimit: 2\n    provider:\n      web:\n        url: http://x\n";
        assert_eq!(findings(text), Vec::<String>::new());
    }

    #[test]
    fn what_the_controller_refuses_is_told() {
        let text = "apiVersion: argoproj.io/v1\nkind: AnalysisTemplate\nmetadata: {}\nspec:\n  arg: []\n  metrics:\n  \
             - name: a\n    count: 5\n    failureLimit: 6\n    provider: {}\n  - name: a\n    interval: 1d\n    \
             succesCondition: result[0] > 1\n    provider:\n      prometheus:\n        query: up{a=\"{{args.b}}\"}\n        \
             url: http://x\n";
        assert_eq!(
            findings(text),
            [
                "`apiVersion` of an AnalysisTemplate is `argoproj.io/v1alpha1`, not `argoproj.io/v1`",
                "the spec of an AnalysisTemplate has no field `arg`",
                "a metric has one provider",
                "metric `a` is measured several times and has no `interval`",
                "a limit of metric `a` is above its `count`",
                "`interval` is no duration of Go, such as `30s`, `5m` or `1h`",
                "a metric has no field `succesCondition`",
                "`prometheus` has no field `url`",
                "an AnalysisTemplate needs `metadata.name`",
                "two metrics are called `a`",
                "`b` is no argument of this template",
            ]
        );
    }
}
