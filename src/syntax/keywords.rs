//! Every keyword of the language, block by block: the one table that the parser, its messages and its recovery share.
//!
//! No word here may continue a PromQL expression, or a keyword on the next line would be read as part of the
//! expression above it. A test at the end of this file holds that.

/// Keywords that start an item at the top of a file.
pub(super) const ITEMS: &[&str] = &[
    "severity",
    "project",
    "defaults",
    "metric",
    "let",
    "group",
    "alert",
    "record",
    "slo",
    "analysis",
    "global",
    "receiver",
    "escalation",
    "route",
    "time_interval",
    "inhibit",
    "require",
    "environment",
    "override",
    "test",
];

/// Properties of `project` and `defaults`, which group, alert and slo have too.
pub(super) const SHARED: &[&str] = &[
    "for",
    "keep_firing_for",
    "severity",
    "labels",
    "annotations",
    "summary",
    "description",
    "runbook",
    "dashboard",
];

/// In a group.
pub(super) const GROUP: &[&str] = &[
    "interval",
    "query_offset",
    "limit",
    "alert",
    "record",
    "slo",
    "for",
    "keep_firing_for",
    "severity",
    "labels",
    "annotations",
    "summary",
    "description",
    "runbook",
    "dashboard",
];

/// In an alert, beside its levels.
pub(super) const ALERT: &[&str] = &[
    "expr",
    "value",
    "no_data",
    "allow",
    "for",
    "keep_firing_for",
    "severity",
    "labels",
    "annotations",
    "summary",
    "description",
    "runbook",
    "dashboard",
];

/// In an slo.
pub(super) const SLO: &[&str] = &[
    "objective",
    "errors",
    "good",
    "total",
    "latency",
    "signal",
    "min_traffic",
    "page",
    "ticket",
    "no_data",
    "allow",
    "for",
    "keep_firing_for",
    "severity",
    "labels",
    "annotations",
    "summary",
    "description",
    "runbook",
    "dashboard",
];

/// In an analysis.
pub(super) const ANALYSIS: &[&str] = &[
    "prometheus",
    "namespace",
    "args",
    "interval",
    "initial_delay",
    "count",
    "failure_limit",
    "inconclusive_limit",
    "consecutive_error_limit",
    "metric",
];

/// In a metric of an analysis.
pub(super) const ANALYSIS_METRIC: &[&str] =
    &["interval", "initial_delay", "count", "failure_limit", "inconclusive_limit", "consecutive_error_limit"];

/// In a route.
pub(super) const ROUTE: &[&str] = &[
    "group_by",
    "group_wait",
    "group_interval",
    "repeat_interval",
    "mute_time_intervals",
    "active_time_intervals",
    "escalation",
    "continue",
    "when",
];

/// In an escalation.
pub(super) const ESCALATION: &[&str] = &["schedule", "level"];

/// In an environment or override, beside items.
pub(super) const CHANGES: &[&str] = &["external_labels", "disable"];

/// In a test.
pub(super) const TEST: &[&str] = &[
    "each",
    "environment",
    "external_labels",
    "start",
    "interval",
    "series",
    "at",
    "within",
    "from",
    "never",
];

/// What a claim of a test starts with.
pub(super) const CLAIMS: &[&str] = &["no", "inactive", "pending", "firing", "notified", "value"];

/// Kinds of metric.
pub(super) const METRIC_KINDS: &[&str] = &["counter", "gauge", "histogram", "summary"];

/// Words inside items that follow something else, and the words that a `require` needs.
#[cfg(test)]
const INNER: &[&str] = &[
    "until", "over", "buckets", "native", "equal", "reaches", "has", "label", "in", "days", "years", "to",
    "of", "from", "where", "only", "resolved", "once", "times", "observes", "missing", "stale", "nothing",
    "alerts", "true", "false",
];

/// The severities of a project that declares none.
pub const DEFAULT_SEVERITIES: &[&str] = &["critical", "warning", "info"];

/// Words of other notations for a keyword of ours.
pub(super) fn synonym(word: &str) -> Option<&'static str> {
    Some(match word {
        "expression" | "query" | "promql" | "condition" => "expr",
        "signal" => "value",
        "message" | "title" => "summary",
        "runbook_url" => "runbook",
        "dashboard_url" => "dashboard",
        "annotation" => "annotations",
        "match" | "matchers" => "when",
        "evaluation_interval" => "interval",
        "import" | "input_series" => "series",
        "inhibit_rule" | "inhibit_rules" => "inhibit",
        "rule" => "alert",
        "env" => "environment",
        _ => return None,
    })
}

/// The blocks in which `word` is a keyword, as messages name them.
pub(super) fn homes(word: &str) -> Vec<&'static str> {
    [
        ("an alert", ALERT),
        ("a group", GROUP),
        ("an slo", SLO),
        ("`project` and `defaults`", SHARED),
        ("an analysis", ANALYSIS),
        ("a route", ROUTE),
        ("an environment", CHANGES),
        ("a test", TEST),
        ("a file", ITEMS),
    ]
    .into_iter()
    .filter(|(_, words)| words.contains(&word))
    .map(|(home, _)| home)
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::promql::lexer::Keyword;

    #[test]
    fn no_keyword_continues_an_expression() {
        let tables = [
            ITEMS,
            SHARED,
            GROUP,
            ALERT,
            SLO,
            ANALYSIS,
            ESCALATION,
            ROUTE,
            CHANGES,
            TEST,
            CLAIMS,
            INNER,
            DEFAULT_SEVERITIES,
        ];
        for word in tables.into_iter().flatten() {
            assert!(
                !Keyword::CONTINUING.contains(&word.to_ascii_lowercase().as_str()),
                "`{word}` continues PromQL"
            );
        }
    }

    #[test]
    fn shared_properties_are_known_wherever_they_can_stand() {
        for word in SHARED {
            for table in [GROUP, ALERT, SLO] {
                assert!(table.contains(word), "{word}");
            }
        }
    }
}
