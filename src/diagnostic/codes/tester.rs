//! Codes of tests.

use super::codes;

codes! {
    TEST_FAILED = "test-failed", Error, "an assertion of a test does not hold";
    RULE_FAILED = "rule-failed", Error, "a rule can't be evaluated on the data of a test";
    INVALID_TEST = "invalid-test", Error, "a test says what can't be run";
    TEST_BUDGET = "test-budget", Error, "a test asks for more evaluations or samples than a test may";
    MISSING_RULE_FILE = "missing-rule-file", Warning, "a pattern of rule files matches none";
    UNTESTED_ALERT_NAME = "untested-alert-name", Warning, "a test names an alert that no rule has";
    SERIES_ENDED = "series-ended", Warning, "the series of a test end before it asserts";
}
