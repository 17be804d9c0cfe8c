//! Compensated summation, with Prometheus' own order of operations so that results agree to the last bit.

/// A running sum and its compensation (Kahan's algorithm in Neumaier's form).
///
/// Source: Prometheus util/kahansum/kahansum.go `Inc`.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct KahanSum {
    /// The sum so far.
    pub sum: f64,
    /// What rounding has lost so far; add it once, at the end.
    pub compensation: f64,
}

impl KahanSum {
    /// Starts at `first`.
    pub fn new(first: f64) -> KahanSum {
        KahanSum { sum: first, compensation: 0.0 }
    }

    /// Adds `value`. An infinite sum loses its compensation.
    #[inline(always)]
    pub fn add(&mut self, value: f64) {
        let (sum, compensation) = increment(value, self.sum, self.compensation);
        self.sum = sum;
        self.compensation = compensation;
    }

    /// The sum with its compensation.
    pub fn value(self) -> f64 {
        self.sum + self.compensation
    }
}

/// `sum + value` and the new compensation.
#[inline(always)]
pub fn increment(value: f64, sum: f64, compensation: f64) -> (f64, f64) {
    let total = sum + value;
    if total.is_infinite() {
        (total, 0.0)
    } else if sum.abs() >= value.abs() {
        (total, compensation + ((sum - total) + value))
    } else {
        (total, compensation + ((value - total) + sum))
    }
}

/// The mean of values given one after another: a compensated sum while it fits, an incremental mean once it
/// would overflow.
///
/// Source: Prometheus promql/functions.go `funcAvgOverTime`, promql/engine.go `aggregation` (avg).
#[derive(Debug, Clone, Copy)]
pub struct KahanMean {
    sum: KahanSum,
    count: f64,
    /// Set once the sum has overflowed; `sum` then holds the mean.
    incremental: bool,
}

impl KahanMean {
    /// Starts at `first`.
    pub fn new(first: f64) -> KahanMean {
        KahanMean { sum: KahanSum::new(first), count: 1.0, incremental: false }
    }

    /// Goes on incrementally from the sum of `count` values, which the next value would make overflow.
    pub fn overflowing(sum: f64, compensation: f64, count: f64) -> KahanMean {
        let sum = KahanSum { sum: sum / count, compensation: compensation / count };
        KahanMean { sum, count, incremental: true }
    }

    /// Takes one more value.
    #[inline]
    pub fn add(&mut self, value: f64) {
        self.count += 1.0;
        if !self.incremental {
            let mut next = self.sum;
            next.add(value);
            if !next.sum.is_infinite() {
                self.sum = next;
                return;
            }
            let count = self.count;
            *self = KahanMean::overflowing(self.sum.sum, self.sum.compensation, count - 1.0);
            self.count = count;
        }
        let q = (self.count - 1.0) / self.count;
        let (mean, compensation) = increment(value / self.count, q * self.sum.sum, q * self.sum.compensation);
        self.sum = KahanSum { sum: mean, compensation };
    }

    /// The mean.
    pub fn value(self) -> f64 {
        if self.incremental {
            self.sum.value()
        } else {
            self.sum.sum / self.count + self.sum.compensation / self.count
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_terms_survive_large_ones() {
        let mut sum = KahanSum::default();
        for v in [1.0, 1e100, 1.0, -1e100] {
            sum.add(v);
        }
        assert_eq!(sum.value(), 2.0);
    }

    #[test]
    fn the_mean_of_huge_values_does_not_overflow() {
        let mut mean = KahanMean::new(f64::MAX);
        mean.add(f64::MAX);
        mean.add(f64::MAX);
        assert!((mean.value() / f64::MAX - 1.0).abs() < 1e-12);
    }
}
