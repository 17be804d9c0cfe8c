//! Addition and subtraction of histograms.

use std::sync::Arc;

use super::{Buckets, CUSTOM_SCHEMA, Count, CounterResetHint, Histogram, bounds};

/// Exponential and custom buckets cannot be combined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IncompatibleSchemas;

impl std::fmt::Display for IncompatibleSchemas {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(
            "cannot apply this operation on histograms with a mix of exponential and custom bucket schemas",
        )
    }
}

impl std::error::Error for IncompatibleSchemas {}

/// What an addition or subtraction had to put right; both are worth an annotation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Added {
    /// One histogram's hint said "reset", the other's "not reset".
    pub counter_reset_collision: bool,
    /// The custom bounds differed; the result has those that both had.
    pub custom_bounds_reconciled: bool,
}

impl<C: Count> Histogram<C> {
    /// Adds another histogram, in the lower of both resolutions and with the wider of both zero buckets.
    /// The result may have empty buckets; see [`Histogram::compact`].
    ///
    /// Errors if one has custom buckets and the other exponential ones; this histogram is unchanged then.
    ///
    /// Source: Prometheus FloatHistogram.Add and KahanAdd.
    pub fn add(&mut self, other: &Self) -> Result<Added, IncompatibleSchemas> {
        self.combine(other, |count| count)
    }

    /// Subtracts another histogram; else as [`Histogram::add`]. The hint of the result is that of an addition: the operator `-` of PromQL sets it to
    /// gauge afterwards.
    ///
    /// Source: Prometheus FloatHistogram.Sub.
    pub fn subtract(&mut self, other: &Self) -> Result<Added, IncompatibleSchemas> {
        self.combine(other, C::negated)
    }

    fn combine(&mut self, other: &Self, sign: fn(C) -> C) -> Result<Added, IncompatibleSchemas> {
        if self.uses_custom_buckets() != other.uses_custom_buckets() {
            return Err(IncompatibleSchemas);
        }
        let counter_reset_collision = self.adjust_counter_reset_hint(other.counter_reset_hint);
        let zero_count =
            if self.uses_custom_buckets() { C::default() } else { self.reconcile_zero_buckets(other) };
        self.zero_count = self.zero_count.plus(sign(zero_count));
        self.count = self.count.plus(sign(other.count));
        self.sum = self.sum.plus(sign(other.sum));
        let custom_bounds_reconciled =
            self.uses_custom_buckets() && self.custom_values != other.custom_values;
        if custom_bounds_reconciled {
            self.combine_custom_buckets(other, sign);
        } else {
            self.reduce_resolution(other.schema);
            let steps = other.schema.abs_diff(self.schema);
            let (schema, threshold) = (self.schema, self.zero_threshold);
            // What lies within the zero bucket is already in the zero count.
            let in_zero_bucket =
                |index| schema != CUSTOM_SCHEMA && bounds::exponential_bound(index, schema) <= threshold;
            for (mine, theirs) in
                [(&mut self.positive, &other.positive), (&mut self.negative, &other.negative)]
            {
                let reduced = if steps == 0 { theirs.map(sign) } else { theirs.reduced(steps).map(sign) };
                mine.add(&reduced, in_zero_bucket);
            }
        }
        Ok(Added { counter_reset_collision, custom_bounds_reconciled })
    }

    /// Both histograms' buckets sorted into the bounds that both have.
    ///
    /// Source: Prometheus addCustomBucketsWithMismatches.
    fn combine_custom_buckets(&mut self, other: &Self, sign: fn(C) -> C) {
        let shared = shared_bounds(&self.custom_values, &other.custom_values);
        let mut counts = vec![C::default(); shared.len() + 1];
        self.sort_into_bounds(&shared, &mut counts, |count| count);
        other.sort_into_bounds(&shared, &mut counts, sign);
        self.positive = Buckets::contiguous(0, counts);
        self.positive.compact();
        self.custom_values = shared;
    }

    /// Adds the counts of custom buckets to those of the buckets that some of their bounds make; the last count is that of the bucket up to +Inf.
    pub(super) fn sort_into_bounds(&self, bounds: &[f64], counts: &mut [C], sign: fn(C) -> C) {
        for (index, count) in self.positive.iter() {
            let upper = bounds::bound(index, CUSTOM_SCHEMA, &self.custom_values);
            let target = bounds.partition_point(|bound| *bound < upper);
            if let Some(sum) = counts.get_mut(target) {
                *sum = sum.plus(sign(count));
            }
        }
    }

    /// Returns whether "reset" and "not reset" met.
    ///
    /// Source: Prometheus FloatHistogram.adjustCounterReset.
    fn adjust_counter_reset_hint(&mut self, other: CounterResetHint) -> bool {
        use CounterResetHint::{Gauge, NotReset, Reset, Unknown};
        let own = self.counter_reset_hint;
        self.counter_reset_hint = match (own, other) {
            (own, other) if own == other => own,
            (Gauge, _) | (_, Gauge) => Gauge,
            _ => Unknown,
        };
        matches!((own, other), (Reset, NotReset) | (NotReset, Reset))
    }
}

/// The bounds that are in both lists.
pub(super) fn shared_bounds(a: &[f64], b: &[f64]) -> Arc<[f64]> {
    a.iter().copied().filter(|bound| b.binary_search_by(|other| other.total_cmp(bound)).is_ok()).collect()
}
