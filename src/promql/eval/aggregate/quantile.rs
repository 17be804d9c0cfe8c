//! `quantile`: needs all values of a step at once.

use super::{Evaluator, Groups, Remarks, Row};
use crate::promql::annotation::Annotation;
use crate::promql::error::EvalError;
use crate::promql::eval::Scalars;
use crate::promql::functions::quantile::quantile;
use crate::promql::plan::{Aggregate, Node};
use crate::promql::value::{ABSENT, Column, is_float};

/// Steps that are looked at together, so that the columns' parts stay in the cache while they are transposed.
const BLOCK: usize = 64;

impl Evaluator<'_> {
    pub(super) fn quantile(&self, node: &Node, aggregate: &Aggregate) -> Result<Vec<Row>, EvalError> {
        let notes = Remarks { evaluator: self, op: aggregate.op, expr: &aggregate.expr, node };
        let (q, param) = self.parameter(aggregate)?;
        let rows = self.vector(&aggregate.expr)?;
        if rows.is_empty() {
            return Ok(rows);
        }
        self.check_range(&q, |q| Annotation::invalid_quantile(param, q));
        let mut groups: Groups<(Vec<&Row>, bool)> = Groups::default();
        for row in &rows {
            if row.column.has_histograms() {
                notes.histogram_ignored();
            }
            let (members, drop_name) =
                groups.entry(aggregate.grouping.labels_of(&row.labels), || (Vec::new(), false));
            members.push(row);
            *drop_name |= row.drop_name;
        }
        let result = groups.into_iter().map(|(labels, (members, drop_name))| Row {
            labels,
            drop_name,
            column: Column::of_floats(self.quantiles_of(&q, &members)),
        });
        Ok(result.filter(|row| row.column.any_present()).collect())
    }

    fn quantiles_of(&self, q: &Scalars, members: &[&Row]) -> Vec<f64> {
        let steps = self.steps.len();
        let mut result = vec![ABSENT; steps];
        let mut block: Vec<Vec<f64>> = vec![Vec::with_capacity(members.len()); BLOCK.min(steps)];
        for (from, out) in (0..steps).step_by(BLOCK).zip(result.chunks_mut(BLOCK)) {
            block.iter_mut().for_each(Vec::clear);
            for row in members {
                for (values, cell) in block.iter_mut().zip(&row.column.cells[from..from + out.len()]) {
                    if is_float(*cell) {
                        values.push(*cell);
                    }
                }
            }
            for (i, (cell, values)) in out.iter_mut().zip(&mut block).enumerate() {
                if !values.is_empty() {
                    *cell = quantile(q.at(from + i), values);
                }
            }
        }
        result
    }

    /// Remarks on parameters outside of 0 … 1.
    fn check_range(&self, q: &Scalars, remark: impl Fn(f64) -> Annotation) {
        let values = match q {
            Scalars::Const(q) => std::slice::from_ref(q),
            Scalars::Each(values) => values,
        };
        // As Prometheus does: NaN if any is, and only the worst value on each side.
        if values.iter().any(|q| q.is_nan()) {
            self.note(remark(f64::NAN));
        }
        let max = values.iter().copied().fold(f64::MIN, f64::max);
        let min = values.iter().copied().fold(f64::MAX, f64::min);
        if max > 1.0 {
            self.note(remark(max));
        }
        if min < 0.0 {
            self.note(remark(min));
        }
    }
}
