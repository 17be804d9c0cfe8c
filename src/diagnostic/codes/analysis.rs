//! Codes of canary analyses.

use super::codes;

codes! {
    INVALID_ANALYSIS = "invalid-analysis", Error, "a canary analysis that Argo Rollouts refuses";
    AMBIGUOUS_LEVEL = "ambiguous-level", Error, "a metric of an analysis that does not say whose threshold decides";
    UNUSED_ARGUMENT = "unused-argument", Warning, "an argument of an analysis that nothing uses";
}
