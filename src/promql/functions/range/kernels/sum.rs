//! `sum_over_time` and `avg_over_time`.

use super::Grid;
use super::lanes::{KahanLanes, LANES, block, side_by_side};
use crate::promql::functions::range::over_time::{avg_of, sum_of};

/// Integers up to here are exact.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Sum or mean.
pub(crate) struct Sum {
    mean: bool,
    /// Sums up to each value, if they are exact.
    prefix: Vec<f64>,
}

impl Sum {
    pub(super) fn new(mean: bool) -> Sum {
        Sum { mean, prefix: Vec::new() }
    }

    pub(super) fn run(&mut self, grid: &Grid<'_>, values: &[f64], out: &mut [f64]) {
        if self.sum_exactly(values) {
            for (step, cell) in out.iter_mut().enumerate() {
                let (from, to) = grid.windows.at(step);
                if to > from {
                    let sum = self.prefix[to] - self.prefix[from];
                    *cell = if self.mean { sum / (to - from) as f64 } else { sum };
                }
            }
            return;
        }
        let mut step = 0;
        while step < out.len() {
            if let Some((from, len)) = block(grid, step, out.len()) {
                self.add_block(values, &from, len, &mut out[step..step + LANES]);
                step += LANES;
            } else {
                let (from, to) = grid.windows.at(step);
                if to > from {
                    out[step] = self.alone(&values[from..to]);
                }
                step += 1;
            }
        }
    }

    /// Prefix sums, when all values are integers and no sum of them is rounded: then a compensated sum is exact, and
    /// so is a difference of prefix sums.
    fn sum_exactly(&mut self, values: &[f64]) -> bool {
        self.prefix.clear();
        self.prefix.push(0.0);
        let (mut sum, mut magnitude) = (0.0, 0.0);
        for v in values {
            // The sign of zero would get lost in a sum, but it does in theirs too: they start from +0 or divide.
            if v.trunc() != *v {
                return false;
            }
            sum += v;
            magnitude += v.abs();
            self.prefix.push(sum);
        }
        magnitude < EXACT
    }

    fn alone(&self, values: &[f64]) -> f64 {
        if self.mean { avg_of(values).unwrap_or(f64::NAN) } else { sum_of(values) }
    }

    fn add_block(&self, values: &[f64], from: &[usize; LANES], len: usize, out: &mut [f64]) {
        let mut columns = side_by_side(values, from, len);
        let mut sums = KahanLanes::new([0.0; LANES]);
        if self.mean
            && let Some(first) = columns.next()
        {
            sums = KahanLanes::new(first);
        }
        for column in columns {
            sums.add(&column);
        }
        let count = len as f64;
        for (lane, cell) in out.iter_mut().enumerate() {
            *cell = if !sums.sum[lane].is_finite() {
                // It may have overflown on the way: that takes another course.
                self.alone(&values[from[lane]..from[lane] + len])
            } else if self.mean {
                sums.sum[lane] / count + sums.compensation[lane] / count
            } else {
                sums.value(lane)
            };
        }
    }
}
