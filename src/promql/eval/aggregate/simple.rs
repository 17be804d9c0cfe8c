//! `count`, `group`, `min`, `max`.

use super::{Accumulator, Remarks, Row};
use crate::promql::value::{ABSENT, Column, is_absent, is_float};

/// Counts samples of either kind.
pub(super) struct Counts(Vec<f64>);

impl Counts {
    pub(super) fn new(steps: usize) -> Counts {
        Counts(vec![0.0; steps])
    }
}

impl Accumulator for Counts {
    fn add(&mut self, row: &Row, _: &Remarks<'_>) {
        for (count, cell) in self.0.iter_mut().zip(&row.column.cells) {
            *count += if is_absent(*cell) { 0.0 } else { 1.0 };
        }
    }

    fn finish(self, _: &Remarks<'_>) -> Column {
        Column::of_floats(self.0.into_iter().map(|n| if n == 0.0 { ABSENT } else { n }).collect())
    }
}

/// 1 where there is any sample.
pub(super) struct Presence(Vec<f64>);

impl Presence {
    pub(super) fn new(steps: usize) -> Presence {
        Presence(vec![ABSENT; steps])
    }
}

impl Accumulator for Presence {
    fn add(&mut self, row: &Row, _: &Remarks<'_>) {
        for (found, cell) in self.0.iter_mut().zip(&row.column.cells) {
            if !is_absent(*cell) {
                *found = 1.0;
            }
        }
    }

    fn finish(self, _: &Remarks<'_>) -> Column {
        Column::of_floats(self.0)
    }
}

/// The smallest or largest number; NaN only where there is nothing else.
pub(super) struct Extreme {
    best: Vec<f64>,
    largest: bool,
}

impl Extreme {
    pub(super) fn new(steps: usize, largest: bool) -> Extreme {
        Extreme { best: vec![ABSENT; steps], largest }
    }
}

impl Accumulator for Extreme {
    fn add(&mut self, row: &Row, notes: &Remarks<'_>) {
        if row.column.has_histograms() {
            notes.histogram_ignored();
        }
        // An absent best is a NaN, which anything replaces.
        for (best, cell) in self.best.iter_mut().zip(&row.column.cells) {
            let better = if self.largest { *cell > *best } else { *cell < *best };
            if (better || best.is_nan()) && is_float(*cell) {
                *best = *cell;
            }
        }
    }

    fn finish(self, _: &Remarks<'_>) -> Column {
        Column::of_floats(self.best)
    }
}
