//! `deriv` and `predict_linear`: what depends on timestamps alone is computed once for all series of a grid; on a
//! regular grid, even once for all steps.

use super::Grid;
use super::lanes::{KahanLanes, LANES, block, side_by_side};
use crate::promql::functions::range::regression::{Sums, constant};
use crate::promql::kahan::KahanSum;

/// Least squares.
pub(crate) struct Regression {
    predict: bool,
    /// Times of a window's samples in seconds, relative to its origin.
    offsets: Vec<f64>,
    /// For each step where its offsets stand; equal ones stand there once.
    shapes: Vec<u32>,
    /// For each step the sums of the offsets and of their squares.
    sums: Vec<Sums>,
    /// For each value, where the run of equal values that it ends begins.
    runs: Vec<u32>,
}

impl Regression {
    pub(super) fn new(predict: bool) -> Regression {
        Regression { predict, offsets: Vec::new(), shapes: Vec::new(), sums: Vec::new(), runs: Vec::new() }
    }

    pub(super) fn prepare(&mut self, grid: &Grid<'_>) {
        self.offsets.clear();
        self.shapes.clear();
        self.sums.clear();
        // The window and origin of the offsets that were written last.
        let mut last: Option<(&[i64], i64)> = None;
        for step in 0..grid.steps.len() {
            let (from, to) = grid.windows.at(step);
            let times = &grid.times[from..to];
            let origin = if self.predict { grid.steps[step] } else { times.first().copied().unwrap_or(0) };
            let same = last.is_some_and(|(known, known_origin)| {
                known.len() == times.len()
                    && known.iter().zip(times).all(|(a, b)| a - known_origin == b - origin)
            });
            if same
                && let (Some(shape), Some(sums)) = (self.shapes.last().copied(), self.sums.last().copied())
            {
                self.shapes.push(shape);
                self.sums.push(sums);
                continue;
            }
            let mut sums = Sums::default();
            self.shapes.push(self.offsets.len() as u32);
            for t in times {
                let x = (t - origin) as f64 / 1e3;
                sums.x.add(x);
                sums.xx.add(x * x);
                self.offsets.push(x);
            }
            self.sums.push(sums);
            last = Some((times, origin));
        }
    }

    pub(super) fn run(&mut self, grid: &Grid<'_>, values: &[f64], out: &mut [f64]) {
        self.find_runs(values);
        let mut step = 0;
        while step < out.len() {
            if let Some((from, len)) = self.block(grid, step, out.len()) {
                let shape = self.shapes[step] as usize;
                let offsets = &self.offsets[shape..shape + len];
                let mut y = KahanLanes::new([0.0; LANES]);
                let mut xy = KahanLanes::new([0.0; LANES]);
                for (column, x) in side_by_side(values, &from, len).zip(offsets) {
                    y.add(&column);
                    xy.add(&column.map(|v| x * v));
                }
                for lane in 0..LANES {
                    let sum = |lanes: &KahanLanes| KahanSum {
                        sum: lanes.sum[lane],
                        compensation: lanes.compensation[lane],
                    };
                    out[step + lane] = self.finish(grid, values, step + lane, sum(&y), sum(&xy));
                }
                step += LANES;
            } else {
                self.alone(grid, values, step, out);
                step += 1;
            }
        }
    }

    fn alone(&self, grid: &Grid<'_>, values: &[f64], step: usize, out: &mut [f64]) {
        let (from, to) = grid.windows.at(step);
        if to < from + 2 {
            return;
        }
        let shape = self.shapes[step] as usize;
        let (mut y, mut xy) = (KahanSum::default(), KahanSum::default());
        for (v, x) in values[from..to].iter().zip(&self.offsets[shape..]) {
            y.add(*v);
            xy.add(x * v);
        }
        out[step] = self.finish(grid, values, step, y, xy);
    }

    fn finish(&self, grid: &Grid<'_>, values: &[f64], step: usize, y: KahanSum, xy: KahanSum) -> f64 {
        let (from, to) = grid.windows.at(step);
        let (slope, intercept) = if self.runs[to - 1] as usize <= from {
            constant(values[from])
        } else {
            Sums { y, xy, ..self.sums[step] }.line((to - from) as f64)
        };
        if self.predict { slope * grid.params.first().map_or(0.0, |p| p.at(step)) + intercept } else { slope }
    }

    fn find_runs(&mut self, values: &[f64]) {
        self.runs.clear();
        let mut start = 0;
        for (i, v) in values.iter().enumerate() {
            if i > 0 && *v != values[i - 1] {
                start = i as u32;
            }
            self.runs.push(start);
        }
    }

    /// The windows of the next steps, if they all have the same offsets and at least two samples.
    fn block(&self, grid: &Grid<'_>, step: usize, steps: usize) -> Option<([usize; LANES], usize)> {
        let (from, len) = block(grid, step, steps)?;
        let alike = self.shapes[step..step + LANES].iter().all(|s| *s == self.shapes[step]);
        (alike && len >= 2).then_some((from, len))
    }
}
