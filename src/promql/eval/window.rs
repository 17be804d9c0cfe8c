//! Which samples each step sees: time bounds of every step, and the windows of indexes they cut out of a series'
//! timestamps. Both are computed once for all series that share their timestamps.

use std::rc::Rc;

/// What one step sees of a range selector (times in milliseconds since 1970).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bound {
    /// Samples must be newer than this.
    pub(crate) after: i64,
    /// Samples must not be newer than this.
    pub(crate) until: i64,
    /// Where the range begins in the eyes of the function: differs from `after` for anchored and smoothed
    /// selectors and for closed windows.
    pub(crate) range_start: i64,
    /// Where the range ends in the eyes of the function: the evaluation time less the offset.
    pub(crate) range_end: i64,
}

/// For each step the half-open range of indexes it sees.
#[derive(Debug, Default)]
pub(crate) struct Windows {
    pub(crate) from: Vec<u32>,
    pub(crate) to: Vec<u32>,
}

impl Windows {
    /// Cuts the windows of `bounds` out of ascending `times`, with one forward pointer for each end.
    pub(crate) fn new(times: &[i64], bounds: &[Bound]) -> Windows {
        let mut windows =
            Windows { from: Vec::with_capacity(bounds.len()), to: Vec::with_capacity(bounds.len()) };
        let (mut from, mut to) = match bounds.first() {
            Some(b) => (Pointer::at(times, b.after), Pointer::at(times, b.until)),
            None => return windows,
        };
        for bound in bounds {
            from.advance(times, bound.after);
            to.advance(times, bound.until);
            windows.from.push(index(from.index));
            windows.to.push(index(to.index.max(from.index)));
        }
        windows
    }

    /// How many samples all windows hold together.
    pub(crate) fn samples(&self) -> u64 {
        self.from.iter().zip(&self.to).map(|(from, to)| u64::from(to - from)).sum()
    }

    /// The window of a step.
    #[inline(always)]
    pub(crate) fn at(&self, step: usize) -> (usize, usize) {
        (self.from[step] as usize, self.to[step] as usize)
    }
}

/// Series of more than 2^32 samples do not fit into memory.
fn index(i: usize) -> u32 {
    u32::try_from(i).unwrap_or(u32::MAX)
}

/// The number of timestamps that are not newer than a bound that usually only grows.
pub(crate) struct Pointer {
    pub(crate) index: usize,
    bound: i64,
}

impl Pointer {
    /// For a first bound.
    pub(crate) fn at(times: &[i64], bound: i64) -> Pointer {
        Pointer { index: times.partition_point(|t| *t <= bound), bound }
    }

    /// For the next bound.
    #[inline(always)]
    pub(crate) fn advance(&mut self, times: &[i64], bound: i64) {
        if bound < self.bound {
            self.index = times.partition_point(|t| *t <= bound);
        } else {
            while self.index < times.len() && times[self.index] <= bound {
                self.index += 1;
            }
        }
        self.bound = bound;
    }
}

/// Windows are few when there are so many timestamps for each.
const FEW: usize = 16;

/// Windows of the last timestamps asked for: series of one load have the same.
#[derive(Default)]
pub(crate) struct WindowCache {
    last: Option<Known>,
}

struct Known {
    times: Vec<i64>,
    /// Where `times` was copied from, if that outlives the cache: then the address alone tells.
    pinned: Option<*const i64>,
    windows: Rc<Windows>,
}

impl WindowCache {
    /// The windows of `bounds` in `times`, and whether they are those of the previous call. `pinned` says that
    /// `times` stays where it is as long as the cache lives. The bounds must always be the same.
    pub(crate) fn get(&mut self, times: &[i64], pinned: bool, bounds: &[Bound]) -> (Rc<Windows>, bool) {
        if let Some(known) = &self.last
            && known.times.len() == times.len()
            && ((pinned && known.pinned == Some(times.as_ptr())) || known.times == times)
        {
            return (known.windows.clone(), true);
        }
        let windows = Rc::new(Windows::new(times, bounds));
        if bounds.len() < times.len() / FEW {
            // Remembering the timestamps would cost more than cutting again.
            return (windows, false);
        }
        let pinned = pinned.then_some(times.as_ptr());
        self.last = Some(Known { times: times.to_vec(), pinned, windows: windows.clone() });
        (windows, false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bound(after: i64, until: i64) -> Bound {
        Bound { after, until, range_start: after, range_end: until }
    }

    #[test]
    fn windows_are_open_on_the_left_and_closed_on_the_right() {
        let times = [0, 10, 20, 30];
        let windows = Windows::new(&times, &[bound(-5, 5), bound(0, 20), bound(20, 20), bound(40, 50)]);
        assert_eq!(windows.from, [0, 1, 3, 4]);
        assert_eq!(windows.to, [1, 3, 3, 4]);
    }

    #[test]
    fn bounds_may_go_back() {
        let windows = Windows::new(&[0, 10, 20, 30], &[bound(10, 30), bound(-1, 10)]);
        assert_eq!((windows.at(0), windows.at(1)), ((2, 4), (0, 2)));
    }
}
