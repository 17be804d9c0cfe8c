//! `sort` and its kin: the order of an instant vector.

use std::cmp::Ordering;

use super::{Evaluator, Row};
use crate::promql::annotation::Annotation;
use crate::promql::error::EvalError;
use crate::promql::functions::natural_order;
use crate::promql::plan::{Call, Kind, Node};
use crate::promql::value::is_float;

impl Evaluator<'_> {
    /// Sorts by value, NaN last; histograms vanish.
    ///
    /// Source: Prometheus promql/functions.go `funcSort`, `funcSortDesc`.
    pub(super) fn sort(&self, node: &Node, argument: &Node, descending: bool) -> Result<Vec<Row>, EvalError> {
        self.warn_of_sort(node);
        let mut rows = self.vector(argument)?;
        for row in &mut rows {
            let column = &mut row.column;
            if column.has_histograms() {
                let cells = column.cells.clone();
                column.retain(|step| is_float(cells[step]));
            }
        }
        rows.retain(|row| row.column.any_present());
        if self.is_single_step() {
            rows.sort_by(|a, b| by_value(a.column.cells[0], b.column.cells[0], descending));
        }
        Ok(rows)
    }

    /// Sorts by the values of labels in natural order, then by all labels.
    ///
    /// Source: Prometheus promql/functions.go `funcSortByLabel`, `funcSortByLabelDesc`.
    pub(super) fn sort_by_label(
        &self,
        node: &Node,
        call: &Call,
        descending: bool,
    ) -> Result<Vec<Row>, EvalError> {
        self.warn_of_sort(node);
        let [vector, names @ ..] = call.args.as_slice() else { return Ok(Vec::new()) };
        let mut rows = self.vector(vector)?;
        if self.is_single_step() {
            let names: Vec<&str> = names.iter().filter_map(text).collect();
            rows.sort_by(|a, b| {
                let by_names = names.iter().fold(Ordering::Equal, |order, name| {
                    order.then_with(|| natural_order::compare(a.labels.get(name), b.labels.get(name)))
                });
                let order = by_names.then_with(|| a.labels.cmp(&b.labels));
                if descending { order.reverse() } else { order }
            });
        }
        Ok(rows)
    }

    fn warn_of_sort(&self, node: &Node) {
        if self.is_range_query() {
            self.note(Annotation::sort_in_range_query(node.span));
        }
    }
}

/// The text of an argument.
pub(super) fn text(node: &Node) -> Option<&str> {
    match &node.kind {
        Kind::String(text) => Some(text),
        _ => None,
    }
}

/// NaN stands last in either direction.
pub(super) fn by_value(a: f64, b: f64, descending: bool) -> Ordering {
    match a.partial_cmp(&b) {
        Some(order) if descending => order.reverse(),
        Some(order) => order,
        None => a.is_nan().cmp(&b.is_nan()),
    }
}
