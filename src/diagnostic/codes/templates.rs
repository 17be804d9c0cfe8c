//! Codes of label and annotation templates.

use super::codes;

codes! {
    UNKNOWN_INTERPOLATION = "unknown-interpolation", Error, "a word in braces that has no value here";
    UNKNOWN_LABEL = "unknown-label", Error, "an annotation uses a label that the result never has";
    INVALID_TEMPLATE = "invalid-template", Error, "a Go template that Prometheus can't read or expand";
}
