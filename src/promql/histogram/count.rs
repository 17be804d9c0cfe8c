//! What a histogram's counts are made of: plain floats, or floats with a compensation term while many histograms are summed.

use crate::promql::kahan::KahanSum;

/// A number that histogram arithmetic can add up.
pub trait Count: Copy + Default {
    /// The number for a plain float.
    fn from_float(value: f64) -> Self;

    /// The sum of two numbers.
    #[must_use]
    fn plus(self, other: Self) -> Self;

    /// The number with its sign turned.
    #[must_use]
    fn negated(self) -> Self;

    /// Each of the number's parts, changed alike. Used to multiply and divide.
    #[must_use]
    fn map(self, change: impl Fn(f64) -> f64) -> Self;

    /// The number without its compensation term.
    fn float(self) -> f64;

    /// Whether nothing is counted here.
    fn is_zero(self) -> bool;
}

impl Count for f64 {
    fn from_float(value: f64) -> Self {
        value
    }

    fn plus(self, other: Self) -> Self {
        self + other
    }

    fn negated(self) -> Self {
        -self
    }

    fn map(self, change: impl Fn(f64) -> f64) -> Self {
        change(self)
    }

    fn float(self) -> f64 {
        self
    }

    fn is_zero(self) -> bool {
        self == 0.0
    }
}

impl Count for KahanSum {
    fn from_float(value: f64) -> Self {
        Self::new(value)
    }

    fn plus(self, other: Self) -> Self {
        let mut sum = self;
        sum.add(other.sum);
        if other.compensation != 0.0 {
            sum.add(other.compensation);
        }
        sum
    }

    fn negated(self) -> Self {
        self.map(|part| -part)
    }

    fn map(self, change: impl Fn(f64) -> f64) -> Self {
        Self { sum: change(self.sum), compensation: change(self.compensation) }
    }

    fn float(self) -> f64 {
        self.sum
    }

    fn is_zero(self) -> bool {
        self.sum == 0.0 && self.compensation == 0.0
    }
}
