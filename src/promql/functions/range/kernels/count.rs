//! Functions that need no arithmetic on values: counts by prefix sums, and what stands at a window's ends.

use super::Grid;
use crate::promql::functions::range::changes::is_change;

/// `changes` and `resets`.
pub(crate) struct Count {
    resets: bool,
    /// For each value, how many up to it differ from the one in front of them.
    prefix: Vec<u32>,
}

impl Count {
    pub(super) fn new(resets: bool) -> Count {
        Count { resets, prefix: Vec::new() }
    }

    pub(super) fn run(&mut self, grid: &Grid<'_>, values: &[f64], out: &mut [f64]) {
        self.prefix.clear();
        self.prefix.push(0);
        let mut count = 0;
        for pair in values.windows(2) {
            let happens = if self.resets { pair[1] < pair[0] } else { is_change(pair[0], pair[1]) };
            count += u32::from(happens);
            self.prefix.push(count);
        }
        for (step, cell) in out.iter_mut().enumerate() {
            let (from, to) = grid.windows.at(step);
            if to > from {
                *cell = f64::from(self.prefix[to - 1] - self.prefix[from]);
            }
        }
    }
}

/// What stands at a window's ends.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Edge {
    Count,
    Present,
    First,
    Last,
    TimeOfFirst,
    TimeOfLast,
}

impl Edge {
    pub(super) fn run(self, grid: &Grid<'_>, values: &[f64], out: &mut [f64]) {
        let seconds = |i: usize| grid.times[i] as f64 / 1000.0;
        match self {
            Edge::Count => each(grid, out, |from, to| (to - from) as f64),
            Edge::Present => each(grid, out, |_, _| 1.0),
            Edge::First => each(grid, out, |from, _| values[from]),
            Edge::Last => each(grid, out, |_, to| values[to - 1]),
            Edge::TimeOfFirst => each(grid, out, |from, _| seconds(from)),
            Edge::TimeOfLast => each(grid, out, |_, to| seconds(to - 1)),
        }
    }
}

#[inline(always)]
fn each(grid: &Grid<'_>, out: &mut [f64], value: impl Fn(usize, usize) -> f64) {
    for (step, cell) in out.iter_mut().enumerate() {
        let (from, to) = grid.windows.at(step);
        if to > from {
            *cell = value(from, to);
        }
    }
}
