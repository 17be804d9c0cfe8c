//! `topk`, `bottomk`, `limitk`, `limit_ratio`: some of a group's series, as they are.

use super::{Evaluator, Groups, Remarks, Row};
use crate::gostd::strconv::format_value;
use crate::promql::annotation::Annotation;
use crate::promql::ast::AggregateOp;
use crate::promql::error::EvalError;
use crate::promql::eval::Scalars;
use crate::promql::eval::sort::by_value;
use crate::promql::plan::{Aggregate, Node};
use crate::promql::value::{Column, is_float};
use crate::source::Span;

/// How many series each step is to pick; None when that is none at any step.
struct Ks {
    scalars: Scalars,
    rows: usize,
}

impl Ks {
    fn at(&self, step: usize) -> usize {
        let k = self.scalars.at(step);
        if k < 1.0 { 0 } else { (k as usize).min(self.rows) }
    }
}

impl Evaluator<'_> {
    /// The parameter of an aggregation and its place.
    pub(super) fn parameter(&self, aggregate: &Aggregate) -> Result<(Scalars, Span), EvalError> {
        match &aggregate.param {
            Some(param) => Ok((self.scalar(param)?, param.span)),
            None => Ok((Scalars::Const(0.0), aggregate.expr.span)),
        }
    }

    /// Source: Prometheus promql/engine.go `rangeEvalAgg`.
    fn ks(&self, aggregate: &Aggregate, rows: usize) -> Result<Option<Ks>, EvalError> {
        let (scalars, span) = self.parameter(aggregate)?;
        let values = match &scalars {
            Scalars::Const(k) => std::slice::from_ref(k),
            Scalars::Each(values) => values,
        };
        let fail = |step: usize, message: String| Err(EvalError::execution(span, message).at_step(step));
        // A range query that picks nothing anywhere is not even an error with a NaN among its parameters.
        let instants = self.mode == crate::promql::eval::Mode::Instants;
        if values.iter().all(|k| *k < 1.0) {
            return Ok(None);
        }
        for (step, k) in values.iter().enumerate() {
            let step = if instants { step } else { 0 };
            if k.is_nan() {
                return fail(step, "Parameter value is NaN".to_string());
            }
            if *k <= i64::MIN as f64 && !instants {
                return fail(step, format!("Scalar value {} underflows int64", format_value(*k)));
            }
            if *k >= i64::MAX as f64 {
                return fail(step, format!("Scalar value {} overflows int64", format_value(*k)));
            }
        }
        Ok(Some(Ks { scalars, rows }))
    }

    /// `topk` and `bottomk`.
    ///
    /// Source: Prometheus promql/engine.go `aggregationK`.
    pub(super) fn top(&self, node: &Node, aggregate: &Aggregate) -> Result<Vec<Row>, EvalError> {
        let notes = Remarks { evaluator: self, op: aggregate.op, expr: &aggregate.expr, node };
        let rows = self.vector(&aggregate.expr)?;
        let Some(ks) = self.ks(aggregate, rows.len())? else { return Ok(Vec::new()) };
        let largest = aggregate.op == AggregateOp::Topk;
        let groups = self.members(aggregate, &rows);
        if rows.iter().any(|r| r.column.has_histograms()) {
            notes.add(Annotation::histogram_ignored_in_aggregation(notes.node.span, aggregate.op.as_str()));
        }
        let mut picked: Vec<Column> = Vec::new();
        let mut order = Vec::new();
        if !self.is_single_step() {
            picked = vec![Column::absent(self.steps.len()); rows.len()];
        }
        let mut heap = Heap { entries: Vec::new(), largest };
        for members in &groups {
            for step in 0..self.steps.len() {
                let k = ks.at(step);
                if k == 0 {
                    continue;
                }
                heap.entries.clear();
                for row in members {
                    let value = rows[*row].column.cells[step];
                    if is_float(value) {
                        heap.offer(k, Entry { value, row: *row });
                    }
                }
                if self.is_single_step() {
                    heap.entries.sort_by(|a, b| by_value(a.value, b.value, largest));
                    order.extend(heap.entries.iter().map(|e| e.row));
                } else {
                    for entry in &heap.entries {
                        picked[entry.row].cells[step] = entry.value;
                    }
                }
            }
        }
        if self.is_single_step() {
            return Ok(order.into_iter().map(|i| rows[i].clone()).collect());
        }
        let rows = rows.into_iter().zip(picked).map(|(row, column)| Row { column, ..row });
        Ok(rows.filter(|row| row.column.any_present()).collect())
    }

    /// The first k series of each group.
    pub(super) fn limit_count(&self, _: &Node, aggregate: &Aggregate) -> Result<Vec<Row>, EvalError> {
        let mut rows = self.vector(&aggregate.expr)?;
        let Some(ks) = self.ks(aggregate, rows.len())? else { return Ok(Vec::new()) };
        for members in self.members(aggregate, &rows) {
            let mut taken = vec![0; self.steps.len()];
            for row in members {
                rows[row].column.retain(|step| {
                    taken[step] += 1;
                    taken[step] <= ks.at(step)
                });
            }
        }
        rows.retain(|row| row.column.any_present());
        Ok(rows)
    }

    /// The series whose hash lies below the ratio (above, for a negative ratio).
    ///
    /// Source: Prometheus promql/engine.go `AddRatioSample`.
    pub(super) fn limit_ratio(&self, _: &Node, aggregate: &Aggregate) -> Result<Vec<Row>, EvalError> {
        let mut rows = self.vector(&aggregate.expr)?;
        let (ratios, span) = self.parameter(aggregate)?;
        let values = match &ratios {
            Scalars::Const(r) => std::slice::from_ref(r),
            Scalars::Each(values) => values,
        };
        if values.iter().all(|r| *r == 0.0) {
            return Ok(Vec::new());
        }
        if let Some(step) = values.iter().position(|r| r.is_nan()) {
            return Err(EvalError::execution(span, "Ratio value is NaN").at_step(step));
        }
        let max = values.iter().copied().fold(f64::MIN, f64::max);
        let min = values.iter().copied().fold(f64::MAX, f64::min);
        if max > 1.0 {
            self.note(Annotation::invalid_ratio(span, max, 1.0));
        }
        if min < -1.0 {
            self.note(Annotation::invalid_ratio(span, min, -1.0));
        }
        for row in &mut rows {
            let offset = row.labels.prometheus_hash() as f64 / u64::MAX as f64;
            row.column.retain(|step| {
                let ratio = ratios.at(step).clamp(-1.0, 1.0);
                if ratio >= 0.0 { ratio != 0.0 && offset < ratio } else { offset >= 1.0 + ratio }
            });
        }
        rows.retain(|row| row.column.any_present());
        Ok(rows)
    }

    /// The rows of each group, by their places.
    fn members(&self, aggregate: &Aggregate, rows: &[Row]) -> Vec<Vec<usize>> {
        let mut groups: Groups<Vec<usize>> = Groups::default();
        for (i, row) in rows.iter().enumerate() {
            groups.entry(aggregate.grouping.labels_of(&row.labels), Vec::new).push(i);
        }
        groups.into_iter().map(|(_, members)| members).collect()
    }
}

#[derive(Clone, Copy)]
struct Entry {
    value: f64,
    row: usize,
}

/// The best entries so far, the worst of them at the root. Which of equal values stays follows from the order of
/// exchanges, so these are the ones of Go's container/heap.
struct Heap {
    entries: Vec<Entry>,
    largest: bool,
}

impl Heap {
    /// True when `a` is worse than `b`; NaN is the worst.
    fn worse(&self, a: f64, b: f64) -> bool {
        a.is_nan() || if self.largest { a < b } else { a > b }
    }

    fn offer(&mut self, k: usize, entry: Entry) {
        if self.entries.len() < k {
            self.entries.push(entry);
            self.up(self.entries.len() - 1);
            return;
        }
        let root = self.entries[0].value;
        let better = if self.largest { root < entry.value } else { root > entry.value };
        if better || (root.is_nan() && !entry.value.is_nan()) {
            self.entries[0] = entry;
            self.down();
        }
    }

    fn up(&mut self, mut at: usize) {
        while at > 0 {
            let parent = (at - 1) / 2;
            if !self.worse(self.entries[at].value, self.entries[parent].value) {
                break;
            }
            self.entries.swap(at, parent);
            at = parent;
        }
    }

    fn down(&mut self) {
        let mut at = 0;
        loop {
            let left = 2 * at + 1;
            if left >= self.entries.len() {
                break;
            }
            let mut child = left;
            let right = left + 1;
            if right < self.entries.len() && self.worse(self.entries[right].value, self.entries[left].value) {
                child = right;
            }
            if !self.worse(self.entries[child].value, self.entries[at].value) {
                break;
            }
            self.entries.swap(at, child);
            at = child;
        }
    }
}
