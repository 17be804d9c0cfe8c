//! What a histogram has to hold to be stored.

use super::{EXPONENTIAL_SCHEMAS, FloatHistogram};

/// Why a histogram is refused. The texts are those of Prometheus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidHistogram(String);

impl InvalidHistogram {
    pub(super) fn new(text: &str) -> Self {
        Self(text.to_string())
    }
}

impl std::fmt::Display for InvalidHistogram {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for InvalidHistogram {}

impl FloatHistogram {
    /// Checks that the fields fit the schema and that no count is negative.
    ///
    /// Source: Prometheus FloatHistogram.Validate.
    pub fn validate(&self) -> Result<(), InvalidHistogram> {
        let refuse = |text: &str| Err(InvalidHistogram(text.to_string()));
        if self.uses_custom_buckets() {
            self.validate_custom()?;
        } else if EXPONENTIAL_SCHEMAS.contains(&self.schema) {
            if let Some(position) = self.negative.counts().iter().position(|count| *count < 0.0) {
                return refuse(&negative_bucket("negative", position));
            }
            if self.zero_count < 0.0 {
                return refuse("zero bucket: histogram has a bucket whose observation count is negative");
            }
            if !self.custom_values.is_empty() {
                return refuse("histogram with exponential schema must not have custom bounds");
            }
        } else {
            return Err(InvalidHistogram(format!(
                "histogram has an invalid schema, which must be between -4 and 8 for exponential buckets, or -53 for custom buckets, got schema {}",
                self.schema
            )));
        }
        if self.count < 0.0 {
            return refuse("histogram's observation count is negative");
        }
        match self.positive.counts().iter().position(|count| *count < 0.0) {
            Some(position) => refuse(&negative_bucket("positive", position)),
            None => Ok(()),
        }
    }

    fn validate_custom(&self) -> Result<(), InvalidHistogram> {
        let refuse = |text: &str| Err(InvalidHistogram(format!("custom buckets: {text}")));
        let bounds = &self.custom_values;
        if bounds.iter().any(|bound| bound.is_nan()) {
            return refuse("histogram custom bounds must not be NaN");
        }
        if !bounds.is_sorted_by(|a, b| a < b) {
            return refuse("histogram custom bounds must be in strictly increasing order");
        }
        if bounds.last() == Some(&f64::INFINITY) {
            return refuse(
                "last +Inf bound must not be explicitly defined: histogram custom bounds must be finite",
            );
        }
        if self.positive.first_index().is_some_and(|index| index < 0) {
            return refuse("histogram has a span whose offset is negative");
        }
        if self
            .positive
            .last_index()
            .is_some_and(|index| usize::try_from(index).is_ok_and(|index| index > bounds.len()))
        {
            return refuse("histogram custom bounds are too few");
        }
        if self.zero_count != 0.0 {
            return refuse("must have zero count of 0");
        }
        if self.zero_threshold != 0.0 {
            return refuse("must have zero threshold of 0");
        }
        if !self.negative.is_empty() {
            return refuse("must not have negative buckets");
        }
        Ok(())
    }
}

fn negative_bucket(side: &str, position: usize) -> String {
    format!(
        "{side} side: bucket number {}: histogram has a bucket whose observation count is negative",
        position + 1
    )
}
