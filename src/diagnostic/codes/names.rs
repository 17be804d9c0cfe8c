//! Codes of names: undefined, duplicate, unknown.

use super::codes;

codes! {
    DUPLICATE_NAME = "duplicate-name", Error, "a name is declared twice";
    REPEATED_ALERT = "repeated-alert", Warning, "two alerts have one name";
    UNKNOWN_ESCALATION = "unknown-escalation", Error, "an escalation that is not declared";
    UNKNOWN_ENVIRONMENT = "unknown-environment", Error, "a test in an environment that is not declared";
    UNKNOWN_RULE = "unknown-rule", Error, "an environment changes or disables something that does not exist";
    UNKNOWN_SEVERITY = "unknown-severity", Error, "a severity that the project does not declare";
    UNKNOWN_RECEIVER = "unknown-receiver", Error, "a route, policy or test names a receiver that is not declared";
    UNKNOWN_TIME_INTERVAL = "unknown-time-interval", Error, "a route names a time interval that is not declared";
    UNKNOWN_INTEGRATION = "unknown-integration", Error, "a receiver uses an integration that Alertmanager does not have";
    UNDEFINED_LET = "undefined-let", Error, "a constant or function that nothing defines";
    CYCLIC_LET = "cyclic-let", Error, "a let that is defined by itself";
    LET_TOO_LARGE = "let-too-large", Error, "lets that expand to too much text";
    BROKEN_LET = "broken-let", Error, "a let that could not be read is used";
    WRONG_CONSTANT = "wrong-constant", Error, "a constant of the wrong kind for its place";
    WRONG_ARGUMENT_COUNT = "wrong-argument-count", Error, "a let is called with too many or too few arguments";
    UNKNOWN_CODE = "unknown-code", Error, "an `allow` names a finding that does not exist";
}
