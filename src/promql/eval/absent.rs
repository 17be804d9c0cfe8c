//! `absent` and `absent_over_time`.

use super::range::RowsByLabels;
use super::selector::{histogram_slice, slice};
use super::{Evaluator, Row};
use crate::promql::ast::MatchOp;
use crate::promql::error::EvalError;
use crate::promql::labels::{Labels, LabelsBuilder, METRIC_NAME};
use crate::promql::matcher::Matcher;
use crate::promql::plan::{Call, Kind, Node};
use crate::promql::storage::Series;
use crate::promql::value::{ABSENT, Column, is_absent};

impl Evaluator<'_> {
    /// 1 at the steps at which the vector is empty.
    ///
    /// Source: Prometheus promql/functions.go `funcAbsent`.
    pub(super) fn absent(&self, argument: &Node) -> Result<Vec<Row>, EvalError> {
        let mut cells = vec![1.0; self.steps.len()];
        self.stream(argument, &mut |row| {
            for (cell, present) in cells.iter_mut().zip(&row.column.cells) {
                if !is_absent(*present) {
                    *cell = ABSENT;
                }
            }
            Ok(())
        })?;
        Ok(row_of(absent_labels(argument), false, cells))
    }

    /// 1 at the steps at which no series has a sample in the range.
    ///
    /// Source: Prometheus promql/engine.go, the end of the case of range functions.
    pub(super) fn absent_over_time(&self, node: &Node, call: &Call) -> Result<Vec<Row>, EvalError> {
        let argument = self.matrix_argument(node, call)?;
        if self.must_step_through(argument) {
            let mut rows = RowsByLabels::default();
            for step in 0..self.steps.len() {
                for row in self.at_step(step).absent_over_time(node, call).map_err(|e| e.at_step(step))? {
                    rows.add(step, self.steps.len(), &row);
                }
            }
            return Ok(rows.rows);
        }
        let source = self.range_bounds(argument)?;
        let mut cells = vec![1.0; self.steps.len()];
        let mut see = |series: &Series| {
            for (cell, bound) in cells.iter_mut().zip(&source.bounds) {
                let (from, to) = slice(series.times(), bound);
                if from < to || !histogram_slice(series.histograms(), bound).is_empty() {
                    *cell = ABSENT;
                }
            }
        };
        match &argument.kind {
            Kind::Matrix(matrix) => {
                for id in self.storage.select(&matrix.selector.matchers) {
                    see(self.storage.series(id));
                }
            }
            Kind::Subquery(subquery) => self.stream_subquery(argument.span, subquery, &mut |series, _| {
                see(series);
                Ok(())
            })?,
            _ => {}
        }
        Ok(row_of(absent_labels(argument), true, cells))
    }
}

fn row_of(labels: Labels, drop_name: bool, cells: Vec<f64>) -> Vec<Row> {
    let row = Row { labels, drop_name, column: Column::of_floats(cells) };
    if row.column.any_present() { vec![row] } else { Vec::new() }
}

/// The labels that the selector pins down: those with one `=` matcher and no other.
///
/// Source: Prometheus promql/functions.go `createLabelsForAbsentFunction`.
fn absent_labels(argument: &Node) -> Labels {
    let matchers: &[Matcher] = match &argument.kind {
        Kind::Selector(selector) => &selector.matchers,
        Kind::Matrix(matrix) => &matrix.selector.matchers,
        _ => &[],
    };
    let mut labels = LabelsBuilder::default();
    let mut seen: Vec<&str> = Vec::new();
    for matcher in matchers.iter().filter(|m| m.name != METRIC_NAME) {
        if matcher.op == MatchOp::Equal && !seen.contains(&matcher.name.as_str()) {
            labels.set(&matcher.name, &matcher.value);
            seen.push(&matcher.name);
        } else {
            labels.remove(&matcher.name);
        }
    }
    labels.labels()
}
