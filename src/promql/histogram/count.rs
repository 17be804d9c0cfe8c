//! What a histogram's counts are made of: plain floats, or floats with a compensation term while many histograms are summed.

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

/// A running sum and the error it has gathered (Neumaier's variant of Kahan summation).
///
/// Source: Prometheus util/kahansum/kahansum.go.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Compensated {
    /// The running sum.
    pub sum: f64,
    /// What has to be added to `sum` to come nearer to the true sum.
    pub compensation: f64,
}

impl Compensated {
    /// The sum after adding a plain float.
    #[must_use]
    pub fn plus_float(self, value: f64) -> Self {
        let sum = self.sum + value;
        let compensation = if sum.is_infinite() {
            0.0
        } else if self.sum.abs() >= value.abs() {
            self.compensation + ((self.sum - sum) + value)
        } else {
            self.compensation + ((value - sum) + self.sum)
        };
        Self { sum, compensation }
    }
}

impl Count for Compensated {
    fn from_float(value: f64) -> Self {
        Self { sum: value, compensation: 0.0 }
    }

    fn plus(self, other: Self) -> Self {
        let sum = self.plus_float(other.sum);
        if other.compensation == 0.0 { sum } else { sum.plus_float(other.compensation) }
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
