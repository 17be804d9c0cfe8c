//! `stddev_over_time` and `stdvar_over_time`.

use super::Grid;
use super::lanes::{KahanLanes, LANES, block, side_by_side};
use crate::promql::functions::range::over_time::variance_of;

/// Standard deviation or variance.
pub(crate) struct Moments {
    pub(super) root: bool,
}

impl Moments {
    pub(super) fn run(&mut self, grid: &Grid<'_>, values: &[f64], out: &mut [f64]) {
        let mut step = 0;
        while step < out.len() {
            if let Some((from, len)) = block(grid, step, out.len()) {
                let variances = side_by_side_variance(values, &from, len);
                for (cell, variance) in out[step..step + LANES].iter_mut().zip(variances) {
                    *cell = self.finish(variance);
                }
                step += LANES;
            } else {
                let (from, to) = grid.windows.at(step);
                if to > from {
                    out[step] = self.finish(variance_of(&values[from..to]));
                }
                step += 1;
            }
        }
    }

    fn finish(&self, variance: f64) -> f64 {
        if self.root { variance.sqrt() } else { variance }
    }
}

/// Welford's method with compensated sums, for several windows at once.
fn side_by_side_variance(values: &[f64], from: &[usize; LANES], len: usize) -> [f64; LANES] {
    let mut mean = KahanLanes::new([0.0; LANES]);
    let mut squares = KahanLanes::new([0.0; LANES]);
    let mut count = 0.0;
    for column in side_by_side(values, from, len) {
        count += 1.0;
        let mut delta = [0.0; LANES];
        let mut share = [0.0; LANES];
        for lane in 0..LANES {
            delta[lane] = column[lane] - mean.value(lane);
            share[lane] = delta[lane] / count;
        }
        mean.add(&share);
        for lane in 0..LANES {
            share[lane] = delta[lane] * (column[lane] - mean.value(lane));
        }
        squares.add(&share);
    }
    std::array::from_fn(|lane| squares.value(lane) / count)
}
