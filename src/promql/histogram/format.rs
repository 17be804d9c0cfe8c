//! Histograms as text.

use super::{Bucket, Buckets, CounterResetHint, FloatHistogram};
use crate::gostd::strconv::format_value;

impl std::fmt::Display for Bucket {
    /// In the notation of intervals: `(1,2]:5`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let open = if self.lower_inclusive { '[' } else { '(' };
        let close = if self.upper_inclusive { ']' } else { ')' };
        let [lower, upper, count] = [self.lower, self.upper, self.count].map(format_value);
        write!(f, "{open}{lower},{upper}{close}:{count}")
    }
}

impl std::fmt::Display for FloatHistogram {
    /// Count, sum and populated buckets in ascending order: `{count:6, sum:8, [-0.1,0.1]:1, (1,2]:5}`.
    ///
    /// Source: Prometheus FloatHistogram.String.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{{count:{}, sum:{}", format_value(self.count), format_value(self.sum))?;
        let zero = (self.zero_count != 0.0).then(|| self.zero_bucket());
        let populated = |bucket: &Bucket| bucket.count != 0.0;
        for bucket in
            self.negative_buckets().rev().chain(zero).chain(self.positive_buckets()).filter(populated)
        {
            write!(f, ", {bucket}")?;
        }
        f.write_str("}")
    }
}

impl FloatHistogram {
    /// The histogram in the notation of rule tests: `{{schema:1 count:6 sum:8 buckets:[1 5]}}`.
    ///
    /// Source: Prometheus FloatHistogram.TestExpression.
    pub fn test_expression(&self) -> String {
        let mut parts = Vec::new();
        if self.schema != 0 {
            parts.push(format!("schema:{}", self.schema));
        }
        let numbers = [
            ("count", self.count),
            ("sum", self.sum),
            ("z_bucket", self.zero_count),
            ("z_bucket_w", self.zero_threshold),
        ];
        for (key, value) in numbers {
            if value != 0.0 {
                parts.push(format!("{key}:{}", format_value(value)));
            }
        }
        if self.uses_custom_buckets() {
            parts.push(format!("custom_values:{}", list(&self.custom_values)));
        }
        match self.counter_reset_hint {
            CounterResetHint::Unknown => {}
            CounterResetHint::Reset => parts.push("counter_reset_hint:reset".to_string()),
            CounterResetHint::NotReset => parts.push("counter_reset_hint:not_reset".to_string()),
            CounterResetHint::Gauge => parts.push("counter_reset_hint:gauge".to_string()),
        }
        push_buckets(&mut parts, "offset", "buckets", &self.positive);
        push_buckets(&mut parts, "n_offset", "n_buckets", &self.negative);
        format!("{{{{{}}}}}", parts.join(" "))
    }
}

/// One run from the first to the last populated bucket, gaps filled with zeros as far as that stays readable.
fn push_buckets(parts: &mut Vec<String>, offset_key: &str, buckets_key: &str, buckets: &Buckets) {
    /// A gap wider than any real histogram has is not written out.
    const WIDEST_GAP: i32 = 10_000;
    let mut populated = buckets.iter().filter(|(_, count)| *count != 0.0);
    let Some((first, count)) = populated.next() else { return };
    let mut counts = vec![count];
    let mut last = first;
    for (index, count) in populated {
        let gap = index.saturating_sub(last).saturating_sub(1).min(WIDEST_GAP);
        counts.extend((0..gap).map(|_| 0.0));
        counts.push(count);
        last = index;
    }
    if first != 0 {
        parts.push(format!("{offset_key}:{first}"));
    }
    parts.push(format!("{buckets_key}:{}", list(&counts)));
}

fn list(numbers: &[f64]) -> String {
    let numbers: Vec<String> = numbers.iter().copied().map(format_value).collect();
    format!("[{}]", numbers.join(" "))
}
