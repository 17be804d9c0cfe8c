//! Remarks of the engine about an evaluation that succeeded: Prometheus' warnings and infos, with its texts.

use std::collections::BTreeMap;

use crate::gostd::strconv::{format_value, quote};
use crate::source::Span;

/// How serious a remark is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// The result is incomplete or wrong in part.
    Warning,
    /// The result may not be what was meant.
    Info,
}

/// One remark. Remarks with the same text count as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annotation {
    /// How serious.
    pub level: Level,
    /// Prometheus' text without its prefix.
    pub text: String,
    /// The expression it is about.
    pub span: Span,
}

impl Annotation {
    fn warning(span: Span, text: impl Into<String>) -> Annotation {
        Annotation { level: Level::Warning, text: text.into(), span }
    }

    fn info(span: Span, text: impl Into<String>) -> Annotation {
        Annotation { level: Level::Info, text: text.into(), span }
    }

    /// The text as Prometheus shows it: `PromQL warning: …` or `PromQL info: …`.
    pub fn message(&self) -> String {
        match self.level {
            Level::Warning => format!("PromQL warning: {}", self.text),
            Level::Info => format!("PromQL info: {}", self.text),
        }
    }
}

/// The remarks of an evaluation, by text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Annotations {
    by_text: BTreeMap<(Level, String), Annotation>,
}

impl Annotations {
    /// Adds a remark unless one with its text is there.
    pub fn add(&mut self, annotation: Annotation) {
        self.by_text.entry((annotation.level, annotation.text.clone())).or_insert(annotation);
    }

    /// Adds all of `other`.
    pub fn merge(&mut self, other: Annotations) {
        for annotation in other.by_text.into_values() {
            self.add(annotation);
        }
    }

    /// Warnings first, then infos, each by text.
    pub fn iter(&self) -> impl Iterator<Item = &Annotation> {
        self.by_text.values()
    }

    /// True when there is none.
    pub fn is_empty(&self) -> bool {
        self.by_text.is_empty()
    }
}

/// The operation during which native histograms met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HistogramOperation {
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `sum`, `avg` and their like.
    Aggregation,
}

impl HistogramOperation {
    fn as_str(self) -> &'static str {
        match self {
            HistogramOperation::Add => "addition",
            HistogramOperation::Sub => "subtraction",
            HistogramOperation::Aggregation => "aggregation",
        }
    }
}

fn with_name(text: &str, metric: &str) -> String {
    if metric.is_empty() { text.to_string() } else { format!("{text} for metric name {}", quote(metric)) }
}

/// Prometheus' remarks, each built from what it names.
///
/// Source of all texts: Prometheus util/annotations/annotations.go.
impl Annotation {
    /// A quantile outside of 0 … 1.
    pub fn invalid_quantile(span: Span, q: f64) -> Annotation {
        let q = format_value(q);
        Annotation::warning(span, format!("quantile value should be between 0 and 1, got {q}"))
    }

    /// A ratio of `limit_ratio` outside of -1 … 1.
    pub fn invalid_ratio(span: Span, ratio: f64, capped: f64) -> Annotation {
        let ratio = format_value(ratio);
        Annotation::warning(
            span,
            format!("ratio value should be between -1 and 1, got {ratio}, capping to {capped}"),
        )
    }

    /// A bucket of a classic histogram without a usable `le`.
    pub fn bad_bucket_label(span: Span, metric: &str, label: &str) -> Annotation {
        let text = format!("bucket label \"le\" is missing or has a malformed value of {}", quote(label));
        Annotation::warning(span, with_name(&text, metric))
    }

    /// Floats and histograms in one range.
    pub fn mixed_floats_histograms(span: Span, metric: &str) -> Annotation {
        let metric = quote(metric);
        Annotation::warning(
            span,
            format!("encountered a mix of histograms and floats for metric name {metric}"),
        )
    }

    /// Floats and histograms in one group of an aggregation.
    pub fn mixed_floats_histograms_aggregation(span: Span) -> Annotation {
        Annotation::warning(span, "encountered a mix of histograms and floats for aggregation")
    }

    /// A classic and a native histogram of the same name and labels.
    pub fn mixed_classic_native(span: Span, metric: &str) -> Annotation {
        Annotation::warning(span, with_name("vector contains a mix of classic and native histograms", metric))
    }

    /// A counter's function on a gauge histogram.
    pub fn histogram_not_counter(span: Span, metric: &str) -> Annotation {
        let metric = quote(metric);
        Annotation::warning(span, format!("this native histogram metric is not a counter: {metric}"))
    }

    /// A gauge's function on a counter histogram.
    pub fn histogram_not_gauge(span: Span, metric: &str) -> Annotation {
        let metric = quote(metric);
        Annotation::warning(span, format!("this native histogram metric is not a gauge: {metric}"))
    }

    /// Exponential and custom buckets in one operation.
    pub fn mixed_exponential_custom(span: Span, metric: &str) -> Annotation {
        let metric = quote(metric);
        Annotation::warning(
            span,
            format!(
                "vector contains a mix of histograms with exponential and custom buckets schemas for metric \
                 name {metric}"
            ),
        )
    }

    /// A rate of something that is not named like a counter.
    pub fn possible_non_counter(span: Span, metric: &str) -> Annotation {
        let metric = quote(metric);
        Annotation::info(
            span,
            format!(
                "metric might not be a counter, name does not end in _total/_sum/_count/_bucket: {metric}"
            ),
        )
    }

    /// A rate of something whose `__type__` is not a counter's.
    pub fn possible_non_counter_label(span: Span, metric: &str, type_label: &str) -> Annotation {
        Annotation::info(
            span,
            format!(
                "metric might not be a counter, __type__ label is not set to \"counter\" or \"histogram\", got \
                 {}: {}",
                quote(type_label),
                quote(metric)
            ),
        )
    }

    /// Buckets of a classic histogram that had to be made monotonic.
    pub fn forced_monotonicity(span: Span, metric: &str) -> Annotation {
        let text = "input to histogram_quantile needed to be fixed for monotonicity (see \
                    https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile)";
        Annotation::info(span, with_name(text, metric))
    }

    /// An operator that is not defined for these operands.
    pub fn incompatible_types(span: Span, left: &str, operator: &str, right: &str) -> Annotation {
        Annotation::info(
            span,
            format!(
                "incompatible sample types encountered for binary operator {}: {left} {operator} {right}",
                quote(operator)
            ),
        )
    }

    /// A histogram that an aggregation leaves out.
    pub fn histogram_ignored_in_aggregation(span: Span, aggregation: &str) -> Annotation {
        Annotation::info(span, format!("ignored histogram in {aggregation} aggregation"))
    }

    /// Histograms that a function over a mixed range leaves out.
    pub fn histogram_ignored_in_mixed_range(span: Span, metric: &str) -> Annotation {
        let metric = quote(metric);
        Annotation::info(
            span,
            format!(
                "ignored histograms in a range containing both floats and histograms for metric name {metric}"
            ),
        )
    }

    /// Two histograms whose buckets can't be brought together.
    pub fn incompatible_bucket_layout(span: Span, operator: &str) -> Annotation {
        Annotation::warning(
            span,
            format!("incompatible bucket layout encountered for binary operator {operator}"),
        )
    }

    /// `sort` where order has no effect.
    pub fn sort_in_range_query(span: Span) -> Annotation {
        Annotation::warning(
            span,
            "sort is ineffective for range queries since results are always ordered by labels",
        )
    }

    /// A quantile that falls above all buckets because of NaN observations.
    pub fn quantile_nan_result(span: Span, metric: &str) -> Annotation {
        Annotation::info(
            span,
            with_name("input to histogram_quantile has NaN observations, result is NaN", metric),
        )
    }

    /// A quantile that NaN observations push up.
    pub fn quantile_nan_skew(span: Span, metric: &str) -> Annotation {
        Annotation::info(
            span,
            with_name("input to histogram_quantile has NaN observations, result is skewed higher", metric),
        )
    }

    /// NaN observations that are part of no fraction.
    pub fn fraction_nans(span: Span, metric: &str) -> Annotation {
        let text = "input to histogram_fraction has NaN observations, which are excluded from all fractions";
        Annotation::info(span, with_name(text, metric))
    }

    /// One histogram says "counter reset", the other "no counter reset".
    pub fn counter_reset_collision(span: Span, operation: HistogramOperation) -> Annotation {
        let operation = operation.as_str();
        Annotation::warning(span, format!("conflicting counter resets during histogram {operation}"))
    }

    /// Custom buckets whose bounds differ.
    pub fn mismatched_custom_buckets(span: Span, operation: HistogramOperation) -> Annotation {
        let operation = operation.as_str();
        Annotation::info(span, format!("mismatched custom buckets were reconciled during {operation}"))
    }

    /// A sample that claims to start before the sample in front of it.
    pub fn start_time_overlap(span: Span, metric: &str) -> Annotation {
        Annotation::warning(
            span,
            format!(
                "sample has start time that overlaps with previous sample timestamp for metric {}",
                quote(metric)
            ),
        )
    }
}
