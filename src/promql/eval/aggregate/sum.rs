//! `sum` and `avg`, of numbers or of histograms, but not of both.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Accumulator, Remarks, Row};
use crate::promql::annotation::{Annotation, HistogramOperation};
use crate::promql::histogram::{
    Added, CounterResetHint, FloatHistogram, HistogramMean, HistogramSum, IncompatibleSchemas,
};
use crate::promql::kahan::{KahanMean, increment};
use crate::promql::value::{ABSENT, Column, Point, is_absent, is_float};

/// The sums of a group at every step.
pub(super) struct Sum {
    sum: Vec<f64>,
    compensation: Vec<f64>,
    histograms: Histograms<HistogramSum>,
}

impl Sum {
    pub(super) fn new(steps: usize) -> Sum {
        Sum { sum: vec![ABSENT; steps], compensation: vec![0.0; steps], histograms: Histograms::default() }
    }
}

impl Accumulator for Sum {
    fn add(&mut self, row: &Row, notes: &Remarks<'_>) {
        let totals = self.sum.iter_mut().zip(&mut self.compensation);
        for ((sum, compensation), cell) in totals.zip(&row.column.cells) {
            if !is_float(*cell) {
                continue;
            }
            if is_absent(*sum) {
                *sum = *cell;
            } else {
                (*sum, *compensation) = increment(*cell, *sum, *compensation);
            }
        }
        self.histograms.add(row, notes);
    }

    fn finish(self, notes: &Remarks<'_>) -> Column {
        let mut cells = self.sum;
        for (sum, compensation) in cells.iter_mut().zip(&self.compensation) {
            if !is_absent(*sum) {
                *sum += compensation;
            }
        }
        self.histograms.finish(cells, notes)
    }
}

/// The means of a group at every step.
pub(super) struct Mean {
    sum: Vec<f64>,
    compensation: Vec<f64>,
    count: Vec<f64>,
    /// At the steps at which the sum would overflow: their mean, computed incrementally from there on.
    overflown: BTreeMap<usize, KahanMean>,
    histograms: Histograms<HistogramMean>,
}

impl Mean {
    pub(super) fn new(steps: usize) -> Mean {
        Mean {
            sum: vec![ABSENT; steps],
            compensation: vec![0.0; steps],
            count: vec![0.0; steps],
            overflown: BTreeMap::new(),
            histograms: Histograms::default(),
        }
    }
}

impl Accumulator for Mean {
    fn add(&mut self, row: &Row, notes: &Remarks<'_>) {
        let totals = self.sum.iter_mut().zip(&mut self.compensation).zip(&mut self.count);
        for (step, (((sum, compensation), count), cell)) in totals.zip(&row.column.cells).enumerate() {
            if !is_float(*cell) {
                continue;
            }
            *count += 1.0;
            if is_absent(*sum) {
                *sum = *cell;
                continue;
            }
            let (next, next_compensation) = increment(*cell, *sum, *compensation);
            if next.is_infinite() {
                let mean = self
                    .overflown
                    .entry(step)
                    .or_insert_with(|| KahanMean::overflowing(*sum, *compensation, *count - 1.0));
                mean.add(*cell);
                continue;
            }
            if !self.overflown.is_empty()
                && let Some(mean) = self.overflown.get_mut(&step)
            {
                mean.add(*cell);
                continue;
            }
            (*sum, *compensation) = (next, next_compensation);
        }
        self.histograms.add(row, notes);
    }

    fn finish(self, notes: &Remarks<'_>) -> Column {
        let mut cells = self.sum;
        for ((sum, compensation), count) in cells.iter_mut().zip(&self.compensation).zip(&self.count) {
            if !is_absent(*sum) {
                *sum = *sum / count + compensation / count;
            }
        }
        for (step, mean) in self.overflown {
            cells[step] = mean.value();
        }
        self.histograms.finish(cells, notes)
    }
}

/// How histograms are put together.
trait Fold: Sized {
    fn start(h: &FloatHistogram) -> Self;
    fn take(&mut self, h: &FloatHistogram) -> Result<Added, IncompatibleSchemas>;
    fn result(&self) -> FloatHistogram;
}

impl Fold for HistogramSum {
    fn start(h: &FloatHistogram) -> HistogramSum {
        HistogramSum::new(h)
    }

    fn take(&mut self, h: &FloatHistogram) -> Result<Added, IncompatibleSchemas> {
        self.add(h)
    }

    fn result(&self) -> FloatHistogram {
        self.finish()
    }
}

impl Fold for HistogramMean {
    fn start(h: &FloatHistogram) -> HistogramMean {
        HistogramMean::new(h)
    }

    fn take(&mut self, h: &FloatHistogram) -> Result<Added, IncompatibleSchemas> {
        self.add(h)
    }

    fn result(&self) -> FloatHistogram {
        self.finish()
    }
}

/// The histograms of a group, at the steps that have any.
struct Histograms<F> {
    by_step: BTreeMap<u32, Cell<F>>,
}

struct Cell<F> {
    total: F,
    /// Exponential and custom buckets met: there is no result.
    incompatible: bool,
    reset_seen: bool,
    no_reset_seen: bool,
}

impl<F> Default for Histograms<F> {
    fn default() -> Histograms<F> {
        Histograms { by_step: BTreeMap::new() }
    }
}

impl<F: Fold> Histograms<F> {
    fn add(&mut self, row: &Row, notes: &Remarks<'_>) {
        for (step, h) in &row.column.histograms {
            match self.by_step.get_mut(step) {
                None => {
                    let mut cell = Cell {
                        total: F::start(h),
                        incompatible: false,
                        reset_seen: false,
                        no_reset_seen: false,
                    };
                    cell.see_hint(h);
                    self.by_step.insert(*step, cell);
                }
                Some(cell) if cell.incompatible => {}
                Some(cell) => {
                    cell.see_hint(h);
                    match cell.total.take(h) {
                        Ok(added) if added.custom_bounds_reconciled => {
                            let operation = HistogramOperation::Aggregation;
                            notes.add(Annotation::mismatched_custom_buckets(notes.expr.span, operation));
                        }
                        Ok(_) => {}
                        Err(_) => {
                            cell.incompatible = true;
                            let metric = row.labels.metric_name();
                            notes.add(Annotation::mixed_exponential_custom(notes.expr.span, metric));
                        }
                    }
                }
            }
        }
    }

    /// Puts the histograms beside the numbers; where both are, neither stays.
    fn finish(self, cells: Vec<f64>, notes: &Remarks<'_>) -> Column {
        let mut column = Column::of_floats(cells);
        for (step, cell) in self.by_step {
            let step = step as usize;
            if is_float(column.cells[step]) {
                column.cells[step] = ABSENT;
                notes.add(Annotation::mixed_floats_histograms_aggregation(notes.expr.span));
                continue;
            }
            if cell.incompatible {
                continue;
            }
            if cell.reset_seen && cell.no_reset_seen {
                notes.add(Annotation::counter_reset_collision(
                    notes.expr.span,
                    HistogramOperation::Aggregation,
                ));
            }
            let mut h = cell.total.result();
            h.compact();
            column.set(step, Point::Histogram(Arc::new(h)));
        }
        column
    }
}

impl<F> Cell<F> {
    fn see_hint(&mut self, h: &FloatHistogram) {
        self.reset_seen |= h.counter_reset_hint == CounterResetHint::Reset;
        self.no_reset_seen |= h.counter_reset_hint == CounterResetHint::NotReset;
    }
}
