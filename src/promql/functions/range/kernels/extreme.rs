//! `max_over_time`, `min_over_time` and their times: a queue of the values that can still become the extreme.

use super::{Grid, RangeFunction};

/// Smallest or largest value, or its time.
pub(crate) struct Extreme {
    largest: bool,
    time: bool,
    /// Indexes of candidates from `head` on: each is better than all behind it.
    queue: Vec<u32>,
}

impl Extreme {
    pub(super) fn new(function: RangeFunction) -> Extreme {
        use RangeFunction::{MaxOverTime, TsOfMaxOverTime, TsOfMinOverTime};
        Extreme {
            largest: matches!(function, MaxOverTime | TsOfMaxOverTime),
            time: matches!(function, TsOfMaxOverTime | TsOfMinOverTime),
            queue: Vec::new(),
        }
    }

    pub(super) fn run(&mut self, grid: &Grid<'_>, values: &[f64], out: &mut [f64]) {
        // Of equal values the first counts, but for its time the last.
        match (self.largest, self.time) {
            (true, false) => self.slide(grid, values, out, |old, new| old < new),
            (true, true) => self.slide(grid, values, out, |old, new| old <= new),
            (false, false) => self.slide(grid, values, out, |old, new| old > new),
            (false, true) => self.slide(grid, values, out, |old, new| old >= new),
        }
    }

    #[inline(always)]
    fn slide(
        &mut self,
        grid: &Grid<'_>,
        values: &[f64],
        out: &mut [f64],
        gives_way: impl Fn(f64, f64) -> bool,
    ) {
        let queue = &mut self.queue;
        queue.clear();
        let mut head = 0;
        let mut seen = 0;
        for (step, cell) in out.iter_mut().enumerate() {
            let (from, to) = grid.windows.at(step);
            if to < seen {
                // Steps went back: begin anew.
                queue.clear();
                head = 0;
                seen = 0;
            }
            if seen < from {
                seen = from;
            }
            while seen < to {
                let new = values[seen];
                // NaN is no candidate: it only counts where there is nothing else.
                if !new.is_nan() {
                    while queue.len() > head && gives_way(values[queue[queue.len() - 1] as usize], new) {
                        queue.pop();
                    }
                    queue.push(seen as u32);
                }
                seen += 1;
            }
            while head < queue.len() && (queue[head] as usize) < from {
                head += 1;
            }
            if head == queue.len() {
                queue.clear();
                head = 0;
            }
            if to > from {
                let best = queue.get(head).map_or(to - 1, |i| *i as usize);
                *cell = if self.time { grid.times[best] as f64 / 1000.0 } else { values[best] };
            }
        }
    }
}
