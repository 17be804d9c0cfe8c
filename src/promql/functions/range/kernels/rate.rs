//! `rate`, `increase`, `delta`, `irate`, `idelta`: windows cost the same whatever their length, because only their ends
//! and the resets within are looked at.

use super::Grid;

/// The time part of an extrapolation, the same for all series of a grid (in seconds).
#[derive(Debug, Clone, Copy, Default)]
struct Reach {
    /// From the first sample to the last; 0 when there are less than two.
    interval: f64,
    to_start: f64,
    to_end: f64,
}

/// `rate`, `increase` and `delta`.
pub(crate) struct Rate {
    counter: bool,
    /// The range in seconds, to divide by.
    per: Option<f64>,
    reach: Vec<Reach>,
    /// Indexes of the values that are smaller than the one in front of them.
    resets: Vec<u32>,
}

impl Rate {
    pub(super) fn new(counter: bool, per: Option<f64>) -> Rate {
        Rate { counter, per, reach: Vec::new(), resets: Vec::new() }
    }

    pub(super) fn prepare(&mut self, grid: &Grid<'_>) {
        let reach = |(step, bound): (usize, &crate::promql::eval::window::Bound)| {
            let (from, to) = grid.windows.at(step);
            if to < from + 2 {
                return Reach::default();
            }
            let (first, last) = (grid.times[from], grid.times[to - 1]);
            let interval = (last - first) as f64 / 1000.0;
            let average = interval / (to - from - 1) as f64;
            let threshold = average * 1.1;
            let near = |distance: f64| if distance >= threshold { average / 2.0 } else { distance };
            Reach {
                interval,
                to_start: near((first - bound.range_start) as f64 / 1000.0),
                to_end: near((bound.range_end - last) as f64 / 1000.0),
            }
        };
        self.reach.clear();
        self.reach.extend(grid.bounds.iter().enumerate().map(reach));
    }

    pub(super) fn run(&mut self, grid: &Grid<'_>, values: &[f64], out: &mut [f64]) {
        self.resets.clear();
        if self.counter {
            for (i, pair) in values.windows(2).enumerate() {
                if pair[1] < pair[0] {
                    self.resets.push(i as u32 + 1);
                }
            }
        }
        let per = self.per.unwrap_or(1.0);
        let counter = self.counter;
        // The first reset that the current window may hold.
        let mut next = 0;
        let windows = grid.windows.from.iter().zip(&grid.windows.to);
        for ((cell, (from, to)), reach) in out.iter_mut().zip(windows).zip(&self.reach) {
            let (from, to) = (*from as usize, *to as usize);
            if to < from + 2 {
                continue;
            }
            let first = values[from];
            let mut change = values[to - 1] - first;
            if !self.resets.is_empty() {
                change = self.mend(values, (from, to), &mut next, change);
            }
            let mut to_start = reach.to_start;
            if counter && change > 0.0 && first >= 0.0 {
                // A counter can't have been below zero.
                let zero = reach.interval * (first / change);
                if zero < to_start {
                    to_start = zero;
                }
            }
            *cell = change * ((reach.interval + to_start + reach.to_end) / reach.interval / per);
        }
    }

    /// Adds what each reset within the window took away.
    fn mend(&self, values: &[f64], (from, to): (usize, usize), next: &mut usize, mut change: f64) -> f64 {
        // Windows may go back when steps do.
        while *next > 0 && self.resets[*next - 1] as usize > from {
            *next -= 1;
        }
        while self.resets.get(*next).is_some_and(|r| *r as usize <= from) {
            *next += 1;
        }
        for reset in &self.resets[*next..] {
            let reset = *reset as usize;
            if reset >= to {
                break;
            }
            change += values[reset - 1];
        }
        change
    }
}

/// `irate` and `idelta`: the last two samples.
pub(crate) struct Instant {
    pub(super) rate: bool,
}

impl Instant {
    pub(super) fn run(&mut self, grid: &Grid<'_>, values: &[f64], out: &mut [f64]) {
        for (step, cell) in out.iter_mut().enumerate() {
            let (from, to) = grid.windows.at(step);
            if to < from + 2 {
                continue;
            }
            let (before, now) = (values[to - 2], values[to - 1]);
            let seconds = (grid.times[to - 1] - grid.times[to - 2]) as f64 / 1000.0;
            *cell = match (self.rate, now < before) {
                (false, _) => now - before,
                (true, true) => now / seconds,
                (true, false) => (now - before) / seconds,
            };
        }
    }
}
