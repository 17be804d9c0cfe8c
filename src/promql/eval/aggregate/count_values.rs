//! `count_values`: the only aggregation whose labels depend on values.

use super::{Evaluator, Groups, Row};
use crate::gostd::strconv::format_float;
use crate::promql::error::EvalError;
use crate::promql::plan::{Aggregate, Grouping, Kind, Node};
use crate::promql::value::{Column, Point};

impl Evaluator<'_> {
    /// Source: Prometheus promql/engine.go `aggregationCountValues`.
    pub(super) fn count_values(&self, node: &Node, aggregate: &Aggregate) -> Result<Vec<Row>, EvalError> {
        let Some(Node { kind: Kind::String(label), span }) = &aggregate.param else {
            return Err(EvalError::execution(node.span, "expected the name of a label"));
        };
        if label.is_empty() {
            return Err(EvalError::execution(
                *span,
                format!("invalid label name {}", crate::gostd::strconv::quote(label)),
            ));
        }
        let mut grouping: Grouping = aggregate.grouping.clone();
        if !grouping.without {
            grouping.names.push(label.clone());
        }
        let steps = self.steps.len();
        let mut groups: Groups<Vec<f64>> = Groups::default();
        self.stream(&aggregate.expr, &mut |row| {
            // Neighbouring steps often have the same value.
            let mut last: Option<(Point, crate::promql::labels::Labels)> = None;
            for (step, point) in row.column.points() {
                let labels = match &last {
                    Some((known, labels)) if *known == point => labels.clone(),
                    _ => {
                        let value = match &point {
                            Point::Float(v) => format_float(*v, 'f', None),
                            Point::Histogram(h) => h.to_string(),
                        };
                        let labels = grouping.labels_of(&row.labels.with(label, &value));
                        last = Some((point, labels.clone()));
                        labels
                    }
                };
                groups.entry(labels, || vec![0.0; steps])[step] += 1.0;
            }
            Ok(())
        })?;
        let rows = groups.into_iter().map(|(labels, counts)| {
            let mut column = Column::absent(steps);
            for (step, count) in counts.into_iter().enumerate().filter(|(_, count)| *count > 0.0) {
                column.set(step, Point::Float(count));
            }
            Row { labels, drop_name: false, column }
        });
        Ok(rows.collect())
    }
}
