//! Codes of PromQL syntax and types.

use super::codes;

codes! {
    SYNTAX = "promql-syntax", Error, "an expression is not PromQL";
    UNCLOSED = "promql-unclosed", Error, "a bracket is not closed, or closes nothing";
    STRING = "promql-string", Error, "a string is not closed, or has a wrong escape";
    NUMBER = "promql-number", Error, "a number or duration is written wrong";
    UNKNOWN_FUNCTION = "promql-unknown-function", Error, "no function has this name";
    ARGUMENTS = "promql-arguments", Error, "a call has too few or too many arguments";
    TYPE = "promql-type", Error, "an expression has another type than its place wants";
    MATCHER = "promql-matcher", Error, "a label matcher is wrong";
    REGEXP = "promql-regexp", Error, "a regular expression in a matcher does not compile";
    EMPTY_SELECTOR = "promql-empty-selector", Error, "a selector would select every series";
    DUPLICATE_NAME = "promql-duplicate-name", Error, "a selector names its metric twice";
    MODIFIER = "promql-modifier", Error, "a range, offset or @ stands where it cannot";
    MATCHING = "promql-vector-matching", Error, "a binary operator has a wrong bool, on, group or fill";
    VERSION = "promql-version", Error, "the target Prometheus is too old for this";
    FEATURE = "promql-feature", Error, "this needs a feature flag";
    VARIABLE = "promql-variable", Error, "a $variable that nothing binds";
    TOO_DEEP = "promql-too-deep", Error, "an expression nests too deeply";
    SERIES = "promql-series", Error, "the values of a test series are written wrong";
}
