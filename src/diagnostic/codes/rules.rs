//! Codes of alerts, levels, groups and recording rules.

use super::codes;

codes! {
    DUPLICATE_GROUP = "duplicate-group", Error, "two groups of one file have the same name";
    DUPLICATE_RULE = "duplicate-rule", Warning, "two rules have the same name and labels";
    RULE_KIND = "rule-kind", Error, "a rule is neither, or both, an alert and a recording rule";
    RECORDING_RULE_FIELD = "recording-rule-field", Error, "a recording rule has a field that only alerts have";
    INVALID_RECORD_NAME = "invalid-record-name", Error, "what a recording rule writes is no metric name";
    INVALID_LABEL_NAME = "invalid-label-name", Error, "a text that cannot be the name of a label or annotation";
    INVALID_DURATION = "invalid-duration", Error, "a text that is no duration";
    INVALID_MANIFEST = "invalid-manifest", Error, "a Kubernetes manifest that the operator does not read";
}
