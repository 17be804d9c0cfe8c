//! `stddev` and `stdvar`.

use super::{Accumulator, Remarks, Row};
use crate::promql::value::{ABSENT, Column, is_float};

/// Welford's method, without compensation, as Prometheus does it.
///
/// Source: Prometheus promql/engine.go `aggregation`.
pub(super) struct Moments {
    count: Vec<f64>,
    mean: Vec<f64>,
    squares: Vec<f64>,
    root: bool,
}

impl Moments {
    pub(super) fn new(steps: usize, root: bool) -> Moments {
        Moments { count: vec![0.0; steps], mean: vec![0.0; steps], squares: vec![0.0; steps], root }
    }
}

impl Accumulator for Moments {
    fn add(&mut self, row: &Row, notes: &Remarks<'_>) {
        if row.column.has_histograms() {
            notes.histogram_ignored();
        }
        let totals = self.count.iter_mut().zip(&mut self.mean).zip(&mut self.squares);
        for (((count, mean), squares), value) in totals.zip(&row.column.cells) {
            if !is_float(*value) {
                continue;
            }
            *count += 1.0;
            if *count == 1.0 {
                *mean = *value;
                *squares = if value.is_finite() { 0.0 } else { f64::NAN };
                continue;
            }
            let delta = value - *mean;
            *mean += delta / *count;
            *squares += delta * (value - *mean);
        }
    }

    fn finish(self, _: &Remarks<'_>) -> Column {
        let cells = self.squares.iter().zip(&self.count).map(|(squares, count)| {
            let variance = squares / count;
            match (*count == 0.0, self.root) {
                (true, _) => ABSENT,
                (false, true) => variance.sqrt(),
                (false, false) => variance,
            }
        });
        Column::of_floats(cells.collect())
    }
}
