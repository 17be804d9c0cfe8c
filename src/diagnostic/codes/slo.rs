//! Codes of service level objectives.

use super::codes;

codes! {
    INCOMPLETE_SLO = "incomplete-slo", Error, "an slo that lacks its objective, or what it measures";
    TWO_INDICATORS = "two-indicators", Error, "an slo that measures two things";
    OBJECTIVE_OUT_OF_RANGE = "objective-out-of-range", Error, "an objective that is no share, or over no fitting window";
    WINDOW_MISSING = "window-missing", Error, "an expression of an slo that does not follow its windows, or must not";
    INDICATOR_MISMATCH = "indicator-mismatch", Error, "events of an slo that can't be divided";
    NOT_A_HISTOGRAM = "not-a-histogram", Error, "a latency of something that is no declared histogram";
    NOT_A_SIGNAL = "not-a-signal", Error, "a signal that is not true or false";
    SLO_WITHOUT_ALERT = "slo-without-alert", Warning, "an slo that tells nobody when its budget burns";
    SLO_SEVERITIES = "slo-severities", Error, "a page that is not above the ticket";
    BURN_OUT_OF_REACH = "burn-out-of-reach", Warning, "a burn rate that even a total failure does not reach";
}
