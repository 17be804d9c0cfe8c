//! The samples that a run stands for.

use std::sync::Arc;

use super::{HistogramLiteral, SeriesItem, StepSign};
use crate::promql::histogram::{CounterResetHint, FloatHistogram, IncompatibleSchemas};
use crate::promql::value::Point;

impl SeriesItem {
    /// The samples one after another, None where one is missing; as many as [`SeriesItem::len`] says.
    ///
    /// An error ends them: a step with exponential buckets on custom ones, or the other way round.
    pub fn points(&self) -> impl Iterator<Item = Result<Option<Point>, IncompatibleSchemas>> + '_ {
        let mut next = match self {
            SeriesItem::Missing { .. } => None,
            SeriesItem::Floats { first, .. } => Some(Point::Float(*first)),
            SeriesItem::Histograms { first, .. } => Some(Point::Histogram(Arc::new((&**first).into()))),
        };
        let step = match self {
            SeriesItem::Missing { .. } => Step::None,
            SeriesItem::Floats { step, .. } => step.map_or(Step::None, Step::Float),
            SeriesItem::Histograms { step, .. } => step
                .as_ref()
                .map_or(Step::None, |(sign, literal)| Step::Histogram(*sign, (&**literal).into())),
        };
        let mut remaining = self.len();
        std::iter::from_fn(move || {
            remaining = remaining.checked_sub(1)?;
            let point = next.clone();
            if remaining > 0
                && let Some(point) = &mut next
                && let Err(error) = step.apply(point)
            {
                remaining = 0;
                return Some(Err(error));
            }
            Some(Ok(point))
        })
    }

    /// Whether the histograms of the run come with a counter reset hint. With a step, the hint of the step counts, as in Prometheus.
    pub fn has_hint(&self) -> bool {
        match self {
            SeriesItem::Histograms { step: Some((_, step)), .. } => step.counter_reset_hint.is_some(),
            SeriesItem::Histograms { first, .. } => first.counter_reset_hint.is_some(),
            SeriesItem::Missing { .. } | SeriesItem::Floats { .. } => false,
        }
    }
}

enum Step {
    None,
    Float(f64),
    Histogram(StepSign, FloatHistogram),
}

impl Step {
    fn apply(&self, point: &mut Point) -> Result<(), IncompatibleSchemas> {
        match (self, point) {
            (Step::Float(step), Point::Float(value)) => *value += step,
            (Step::Histogram(sign, step), Point::Histogram(histogram)) => {
                let histogram = Arc::make_mut(histogram);
                match sign {
                    StepSign::Add => histogram.add(step)?,
                    StepSign::Sub => histogram.subtract(step)?,
                };
            }
            _ => {}
        }
        Ok(())
    }
}

impl From<&HistogramLiteral> for FloatHistogram {
    fn from(literal: &HistogramLiteral) -> FloatHistogram {
        use crate::promql::histogram::Buckets;
        FloatHistogram {
            counter_reset_hint: literal.counter_reset_hint.unwrap_or(CounterResetHint::Unknown),
            schema: literal.schema,
            zero_threshold: literal.zero_threshold,
            zero_count: literal.zero_count,
            count: literal.count,
            sum: literal.sum,
            positive: Buckets::contiguous(literal.offset, literal.buckets.clone()),
            negative: Buckets::contiguous(literal.negative_offset, literal.negative_buckets.clone()),
            custom_values: literal.custom_values.as_slice().into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse_values;
    use super::*;
    use crate::source::FileId;

    fn points(text: &str) -> Vec<String> {
        let (items, diagnostics) = parse_values(text, FileId::NONE, 0);
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
        let show = |point: Option<Point>| match point {
            None => "_".to_string(),
            Some(Point::Float(value)) => value.to_string(),
            Some(Point::Histogram(histogram)) => histogram.test_expression(),
        };
        items.iter().flat_map(SeriesItem::points).map(|point| show(point.unwrap())).collect()
    }

    #[test]
    fn runs_become_samples() {
        assert_eq!(points("1 _x2 5+2x2 7x1"), ["1", "_", "_", "5", "7", "9", "7", "7"]);
        let sums = points("0+0.1x3");
        assert_eq!(sums, ["0", "0.1", "0.2", "0.30000000000000004"], "added one after the other");
        let grown = points("{{count:1 buckets:[1]}}+{{count:2 buckets:[0 2]}}x2");
        assert_eq!(
            grown,
            ["{{count:1 buckets:[1]}}", "{{count:3 buckets:[1 2]}}", "{{count:5 buckets:[1 4]}}"]
        );
    }

    #[test]
    fn steps_must_fit() {
        let (items, _) = parse_values("{{schema:-53 custom_values:[1]}}+{{count:1}}x2", FileId::NONE, 0);
        let results: Vec<bool> = items.iter().flat_map(SeriesItem::points).map(|p| p.is_ok()).collect();
        assert_eq!(results, [false]);
    }
}
