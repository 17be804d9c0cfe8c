//! `quantile_over_time`: the window's values are kept sorted while it slides.

use std::cmp::Ordering;

use super::Grid;
use crate::promql::functions::quantile::{by_value, quantile_of_sorted};

/// Quantiles of a sliding window.
pub(crate) struct Quantile {
    sorted: Vec<f64>,
}

impl Quantile {
    pub(super) fn new() -> Quantile {
        Quantile { sorted: Vec::new() }
    }

    pub(super) fn run(&mut self, grid: &Grid<'_>, values: &[f64], out: &mut [f64]) {
        let Some(q) = grid.params.first() else { return };
        self.sorted.clear();
        // What `sorted` holds.
        let (mut start, mut end) = (0, 0);
        for (step, cell) in out.iter_mut().enumerate() {
            let (from, to) = grid.windows.at(step);
            if from < start || to < end || from >= end {
                // Nothing in common with the window before, or steps that go back.
                self.sorted.clear();
                self.sorted.extend_from_slice(&values[from..to]);
                self.sorted.sort_unstable_by(|a, b| by_value(*a, *b));
            } else {
                values[start..from].iter().for_each(|v| self.remove(*v));
                values[end..to].iter().for_each(|v| self.insert(*v));
            }
            (start, end) = (from, to);
            if to > from {
                *cell = quantile_of_sorted(q.at(step), &self.sorted);
            }
        }
    }

    fn insert(&mut self, value: f64) {
        let at = self.sorted.partition_point(|v| by_value(*v, value) == Ordering::Less);
        self.sorted.insert(at, value);
    }

    fn remove(&mut self, value: f64) {
        let at = self.sorted.partition_point(|v| by_value(*v, value) == Ordering::Less);
        if at < self.sorted.len() {
            self.sorted.remove(at);
        }
    }
}
