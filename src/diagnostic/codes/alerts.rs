//! Codes of alerts, levels and policies of the language.

use super::codes;

codes! {
    RELATIVE_LINK = "relative-link", Error, "a runbook or dashboard that is no complete link";
    MISSING_CONDITION = "missing-condition", Error, "an alert that does not say when it fires";
    TWO_CONDITIONS = "two-conditions", Error, "an alert with two expressions";
    LEVEL_WITHOUT_VALUE = "level-without-value", Error, "a level in an alert that has no `value`";
    COMPARISON_IN_VALUE = "comparison-in-value", Error, "a `value` that ends in a comparison";
    MISSING_SEVERITY = "missing-severity", Warning, "an alert without severity in a project that declares severities";
    UNUSED_SEVERITY = "unused-severity", Warning, "a severity that the levels override";
    UNREACHABLE_LEVEL = "unreachable-level", Error, "a line of a level that never counts";
    LEVEL_HOLDS_DIFFER = "level-holds-differ", Error, "lines of one severity that wait for different times";
    LEVEL_ORDER = "level-order", Error, "a higher severity that is easier to reach than a lower one";
    LEVEL_OUTLIVES_LOWER = "level-outlives-lower", Warning, "a level that goes on after the lower one has ended";
    UNTIL_DIRECTION = "until-direction", Error, "an `until` on the wrong side of its threshold";
    SCOPE_BARRIER = "scope-barrier", Error, "a level by label whose label does not reach the result";
    FOR_BELOW_INTERVAL = "for-below-interval", Warning, "a `for` that is shorter than the group's interval";
    INVALID_QUANTITY = "invalid-quantity", Error, "a number or unit that is none";
    INVALID_REGEXP = "invalid-regexp", Error, "a matcher with a broken regular expression";
    RESERVED_NAME = "reserved-name", Error, "a label or annotation that has a meaning of its own";
    BUCKETS_WITHOUT_HISTOGRAM = "buckets-without-histogram", Error, "buckets on a metric that is no histogram";
    EXPIRED_ALLOW = "expired-allow", Warning, "an allowance whose day has come";
    UNUSED_ALLOW = "unused-allow", Warning, "an allowance that allows nothing";
    POLICY_VIOLATED = "policy-violated", Error, "an alert that breaks a `require`";
    EXPIRED_DISABLE = "expired-disable", Warning, "something is still disabled after its day";
}
