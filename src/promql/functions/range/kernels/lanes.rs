//! Compensated sums of several steps side by side. Each lane adds in its own order, so that its bits are those of a
//! sum computed alone; side by side they fill the processor's vectors.

use super::Grid;

/// Steps computed side by side.
pub(super) const LANES: usize = 8;

/// Compensated sums.
#[derive(Clone, Copy)]
pub(super) struct KahanLanes {
    pub(super) sum: [f64; LANES],
    pub(super) compensation: [f64; LANES],
}

impl KahanLanes {
    /// Sums that start at these values.
    pub(super) fn new(sum: [f64; LANES]) -> KahanLanes {
        KahanLanes { sum, compensation: [0.0; LANES] }
    }

    /// Adds a value to each sum. The loops stay apart so that each becomes a few vector instructions.
    #[inline(always)]
    pub(super) fn add(&mut self, values: &[f64; LANES]) {
        let mut total = [0.0; LANES];
        for lane in 0..LANES {
            total[lane] = self.sum[lane] + values[lane];
        }
        let mut lost = [0.0; LANES];
        for lane in 0..LANES {
            let of_value = (self.sum[lane] - total[lane]) + values[lane];
            let of_sum = (values[lane] - total[lane]) + self.sum[lane];
            lost[lane] = if self.sum[lane].abs() >= values[lane].abs() { of_value } else { of_sum };
        }
        for lane in 0..LANES {
            let compensation = self.compensation[lane] + lost[lane];
            // An infinite sum has no compensation.
            self.compensation[lane] = if total[lane].abs() <= f64::MAX { compensation } else { 0.0 };
        }
        self.sum = total;
    }

    /// The sums with their compensation.
    #[inline(always)]
    pub(super) fn value(&self, lane: usize) -> f64 {
        self.sum[lane] + self.compensation[lane]
    }
}

/// The values of windows of one length, side by side: first the first value of each, then the second, …
#[inline(always)]
pub(super) fn side_by_side(
    values: &[f64],
    from: &[usize; LANES],
    len: usize,
) -> impl Iterator<Item = [f64; LANES]> {
    // Zipped slices need no bounds checks in the loop.
    let [a, b, c, d, e, f, g, h] = from.map(|from| &values[from..from + len]);
    let zipped = a.iter().zip(b).zip(c).zip(d).zip(e).zip(f).zip(g).zip(h);
    zipped.map(|(((((((a, b), c), d), e), f), g), h)| [*a, *b, *c, *d, *e, *f, *g, *h])
}

/// Where the windows of the next steps start and how long they are, if they are all of one length.
#[inline]
pub(super) fn block(grid: &Grid<'_>, step: usize, steps: usize) -> Option<([usize; LANES], usize)> {
    if step + LANES > steps {
        return None;
    }
    let mut starts = [0; LANES];
    let (from, to) = grid.windows.at(step);
    let len = to - from;
    for (lane, start) in starts.iter_mut().enumerate() {
        let (from, to) = grid.windows.at(step + lane);
        if to - from != len {
            return None;
        }
        *start = from;
    }
    (len > 0).then_some((starts, len))
}
