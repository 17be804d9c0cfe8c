//! Codes of metric kinds, units and labels.

use super::codes;

codes! {
    UNIT_MISMATCH = "unit-mismatch", Error, "Two values of different units are added or compared.";
    PERCENT_OF_RATIO = "percent-of-ratio", Warning, "A ratio, of which 1 is the whole, is compared with a percentage.";
    RATE_OF_GAUGE = "rate-of-gauge", Error, "`rate` or `increase` of a value that is no counter.";
    RATE_OF_AGGREGATE = "rate-of-aggregate", Error, "`rate` of a sum: resets of single series are lost.";
    SLOPE_OF_COUNTER = "slope-of-counter", Warning, "`delta`, `deriv` or a forecast of a counter.";
    COUNTER_WITHOUT_RATE = "counter-without-rate", Warning, "A counter is compared with a limit without `rate`.";
    QUANTILE_WITHOUT_LE = "quantile-without-le", Error, "The buckets of a histogram have lost their label `le`.";
    QUANTILE_OF_NON_HISTOGRAM = "quantile-of-non-histogram", Error, "A histogram function of something else.";
    QUANTILE_WITHOUT_RATE = "quantile-without-rate", Warning, "A quantile over all time since the process started.";
    QUANTILE_OUT_OF_RANGE = "quantile-out-of-range", Error, "A quantile that is not between 0 and 1.";
    AGGREGATED_QUANTILES = "aggregated-quantiles", Warning, "A sum or average of quantiles.";
    UNKNOWN_BUCKET = "unknown-bucket", Error, "A matcher on `le` names a bound that no bucket has.";
    LIMIT_BETWEEN_BUCKETS = "limit-between-buckets", Warning, "A quantile is compared with a value inside a bucket.";
    LE_FORMAT = "le-format", Warning, "A matcher on `le` is written as Prometheus 2 stored it.";
    UNKNOWN_METRIC_LABEL = "unknown-metric-label", Error, "A matcher names a label that the metric does not have.";
    MISSING_SERIES = "missing-series", Error, "A declared metric has no series of that name.";
    LABEL_GONE = "label-gone", Warning, "A label is used that the operand can't have any more.";
    IMPOSSIBLE_MATCH = "impossible-match", Error, "The two sides of an operator can never match.";
    CONTRADICTORY_MATCHERS = "contradictory-matchers", Error, "No series can satisfy all matchers of a selector.";
    ALWAYS_EMPTY = "always-empty", Error, "An expression that never gives a result.";
    ALWAYS_TRUE = "always-true", Warning, "A comparison that lets everything through.";
    ALWAYS_FIRES = "always-firing", Warning, "An alert that fires whatever the data.";
    BOOL_CONDITION = "bool-condition", Warning, "An alert whose condition gives 0 or 1 in place of filtering.";
    NO_CONDITION = "no-condition", Warning, "An alert without a condition.";
}
