//! Interval arithmetic on sample values, for conditions that are decided before any sample is seen.
//!
//! A range may be wider than the truth, never narrower.

/// The values that samples can have: `lo..=hi`, and not-a-number if `nan`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Range {
    /// The least possible value.
    pub lo: f64,
    /// The greatest possible value.
    pub hi: f64,
    /// Whether a sample can be NaN.
    pub nan: bool,
}

/// A comparison operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `==`
    Eq,
    /// `!=`
    Ne,
    /// `>`
    Gt,
    /// `<`
    Lt,
    /// `>=`
    Ge,
    /// `<=`
    Le,
}

/// What is known of a condition before any sample is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    /// No sample can satisfy it.
    Never,
    /// Every sample satisfies it.
    Always,
    /// It depends on the samples.
    Depends,
}

impl Comparison {
    /// The operator with its operands exchanged.
    pub fn flipped(self) -> Comparison {
        match self {
            Comparison::Gt => Comparison::Lt,
            Comparison::Lt => Comparison::Gt,
            Comparison::Ge => Comparison::Le,
            Comparison::Le => Comparison::Ge,
            same => same,
        }
    }

    /// As PromQL writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Comparison::Eq => "==",
            Comparison::Ne => "!=",
            Comparison::Gt => ">",
            Comparison::Lt => "<",
            Comparison::Ge => ">=",
            Comparison::Le => "<=",
        }
    }

    /// True for `>` and `>=`.
    pub fn is_upward(self) -> bool {
        matches!(self, Comparison::Gt | Comparison::Ge)
    }

    /// True for `>=` and `<=`.
    pub fn is_inclusive(self) -> bool {
        matches!(self, Comparison::Ge | Comparison::Le)
    }

    /// True for `>`, `<`, `>=` and `<=`.
    pub fn is_ordering(self) -> bool {
        !matches!(self, Comparison::Eq | Comparison::Ne)
    }
}

impl Range {
    /// Any float, NaN too.
    pub const ANY: Range = Range { lo: f64::NEG_INFINITY, hi: f64::INFINITY, nan: true };
    /// Zero and more.
    pub const NON_NEGATIVE: Range = Range { lo: 0.0, hi: f64::INFINITY, nan: false };
    /// What nothing can be.
    pub const EMPTY: Range = Range { lo: f64::INFINITY, hi: f64::NEG_INFINITY, nan: false };

    /// `lo..=hi`, never NaN.
    pub const fn new(lo: f64, hi: f64) -> Range {
        Range { lo, hi, nan: false }
    }

    /// Exactly this value.
    pub fn exactly(value: f64) -> Range {
        if value.is_nan() { Range { nan: true, ..Range::EMPTY } } else { Range::new(value, value) }
    }

    /// The one value it can be.
    pub fn constant(self) -> Option<f64> {
        if self.lo == self.hi && !self.nan {
            return Some(self.lo);
        }
        (self.nan && self.lo > self.hi).then_some(f64::NAN)
    }

    /// True when no value is possible.
    pub fn is_empty(self) -> bool {
        self.lo > self.hi && !self.nan
    }

    /// True when no value is below zero.
    pub fn is_non_negative(self) -> bool {
        self.lo >= 0.0
    }

    /// Decides `self op other` for any pair of their values.
    pub fn compare(self, op: Comparison, other: Range) -> Truth {
        let (a, b) = (self, other);
        let ordered = a.lo <= a.hi && b.lo <= b.hi;
        // NaN satisfies only `!=`.
        let (never, always) = match op {
            Comparison::Gt => (!ordered || a.hi <= b.lo, a.lo > b.hi),
            Comparison::Ge => (!ordered || a.hi < b.lo, a.lo >= b.hi),
            Comparison::Lt => (!ordered || a.lo >= b.hi, a.hi < b.lo),
            Comparison::Le => (!ordered || a.lo > b.hi, a.hi <= b.lo),
            Comparison::Eq => (!ordered || a.hi < b.lo || b.hi < a.lo, a.lo == b.hi && a.hi == b.lo),
            Comparison::Ne => {
                let same = ordered && a.lo == b.hi && a.hi == b.lo && !a.nan && !b.nan;
                return match (same, !ordered || a.hi < b.lo || b.hi < a.lo) {
                    (true, _) => Truth::Never,
                    (false, true) => Truth::Always,
                    _ => Truth::Depends,
                };
            }
        };
        match (never, always && ordered && !a.nan && !b.nan) {
            (true, _) => Truth::Never,
            (false, true) => Truth::Always,
            _ => Truth::Depends,
        }
    }

    /// What is left of the values after the filter `self op constant-or-range`.
    pub fn filtered(self, op: Comparison, other: Range) -> Range {
        let narrowed = match op {
            Comparison::Gt => Range { lo: self.lo.max(above(other.lo)), nan: false, ..self },
            Comparison::Ge => Range { lo: self.lo.max(other.lo), nan: false, ..self },
            Comparison::Lt => Range { hi: self.hi.min(-above(-other.hi)), nan: false, ..self },
            Comparison::Le => Range { hi: self.hi.min(other.hi), nan: false, ..self },
            Comparison::Eq => Range::new(self.lo.max(other.lo), self.hi.min(other.hi)),
            Comparison::Ne => return self,
        };
        if other.lo > other.hi { Range::EMPTY } else { narrowed }
    }

    /// Values in both.
    pub fn meet(self, other: Range) -> Range {
        Range { lo: self.lo.max(other.lo), hi: self.hi.min(other.hi), nan: self.nan && other.nan }
    }

    /// Values in either.
    pub fn join(self, other: Range) -> Range {
        Range { lo: self.lo.min(other.lo), hi: self.hi.max(other.hi), nan: self.nan || other.nan }
    }

    /// `-self`.
    pub fn negate(self) -> Range {
        Range { lo: -self.hi, hi: -self.lo, nan: self.nan }
    }

    /// `self + other`.
    pub fn plus(self, other: Range) -> Range {
        self.corners(other, |a, b| a + b)
    }

    /// `self - other`.
    pub fn minus(self, other: Range) -> Range {
        self.corners(other, |a, b| a - b)
    }

    /// `self * other`.
    pub fn times(self, other: Range) -> Range {
        self.corners(other, |a, b| a * b)
    }

    /// `self / other`; wide unless the divisor keeps its sign.
    pub fn over(self, other: Range) -> Range {
        if other.lo > 0.0 && other.hi.is_finite() {
            return self.corners(other, |a, b| a / b);
        }
        if other.lo >= 0.0 && self.lo >= 0.0 {
            return Range { lo: 0.0, hi: f64::INFINITY, nan: true };
        }
        Range::ANY
    }

    /// An operation that is monotonic in each operand, from the corners; widened by what rounding may add.
    fn corners(self, other: Range, operation: impl Fn(f64, f64) -> f64) -> Range {
        if self.lo > self.hi || other.lo > other.hi {
            return Range { nan: self.nan || other.nan, ..Range::EMPTY };
        }
        let mut result = Range { nan: self.nan || other.nan, ..Range::EMPTY };
        for a in [self.lo, self.hi] {
            for b in [other.lo, other.hi] {
                let value = operation(a, b);
                if value.is_nan() {
                    // Infinities that cancel: only real infinite samples do that, so the bounds are what suffers.
                    return Range::ANY;
                }
                result = result.join(Range::exactly(value));
            }
        }
        result
    }

    /// A monotonic function.
    pub fn map(self, function: impl Fn(f64) -> f64) -> Range {
        Range { lo: function(self.lo), hi: function(self.hi), nan: self.nan }
    }

    /// The sum of one or more such values.
    pub fn summed(self) -> Range {
        match (self.lo >= 0.0, self.hi <= 0.0) {
            (true, true) => self,
            (true, false) => Range { hi: f64::INFINITY, ..self },
            (false, true) => Range { lo: f64::NEG_INFINITY, ..self },
            (false, false) => Range { nan: true, ..Range::ANY },
        }
    }

    /// True for a part divided by its whole.
    pub(super) fn is_share_of_whole(self) -> bool {
        self.lo == 0.0 && self.hi > 1.0 && self.hi < 1.0 + 1e-6
    }

    /// The possible values, in words: `this is at least 1`.
    pub(super) fn describe(self) -> String {
        let number = |x: f64| {
            if x.abs() < f64::MIN_POSITIVE {
                return "0".to_string();
            }
            // A strict bound is the next float: show the number that was written.
            let (down, up) = (x.next_down(), x.next_up());
            let shortest = [x, down, up].into_iter().map(|v| v.to_string()).min_by_key(String::len);
            shortest.unwrap_or_default()
        };
        let strict = |x: f64, shown: &str| shown != x.to_string();
        match (self.lo, self.hi) {
            (lo, hi) if lo == hi => format!("this is always {lo}"),
            (f64::NEG_INFINITY, hi) => {
                let n = number(hi);
                if strict(hi, &n) { format!("this is less than {n}") } else { format!("this is at most {n}") }
            }
            (0.0, f64::INFINITY) => "this is never negative".to_string(),
            (lo, f64::INFINITY) => {
                let n = number(lo);
                if strict(lo, &n) {
                    format!("this is more than {n}")
                } else {
                    format!("this is at least {n}")
                }
            }
            (lo, hi) if hi > 1.0 && hi < 1.0 + 1e-6 && lo == 0.0 => {
                "this is a part of its whole, at most 1".to_string()
            }
            (lo, hi) => format!("this is between {} and {}", number(lo), number(hi)),
        }
    }
}

/// The least float above a bound; an unbounded side stays unbounded.
fn above(bound: f64) -> f64 {
    if bound.is_infinite() { bound } else { bound.next_up() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decides_only_what_is_certain() {
        let count = Range::new(1.0, f64::INFINITY);
        let zero = Range::exactly(0.0);
        assert_eq!(count.compare(Comparison::Ge, zero), Truth::Always);
        assert_eq!(count.compare(Comparison::Lt, Range::exactly(1.0)), Truth::Never);
        assert_eq!(count.compare(Comparison::Gt, Range::exactly(1.0)), Truth::Depends);
        assert_eq!(Range::ANY.compare(Comparison::Lt, zero), Truth::Depends);
        assert_eq!(Range::NON_NEGATIVE.compare(Comparison::Lt, zero), Truth::Never);
        assert_eq!(Range::exactly(1.0).compare(Comparison::Eq, zero), Truth::Never);
        assert_eq!(count.compare(Comparison::Ne, zero), Truth::Always);
        assert_eq!(count.compare(Comparison::Gt, Range::exactly(f64::NAN)), Truth::Never);
        let maybe_nan = Range { nan: true, ..count };
        assert_eq!(maybe_nan.compare(Comparison::Ge, zero), Truth::Depends);
    }

    #[test]
    fn arithmetic_never_narrows() {
        let share = Range::new(0.0, 1.0);
        assert_eq!(Range::exactly(1.0).minus(share), share);
        assert_eq!(share.times(Range::exactly(100.0)), Range::new(0.0, 100.0));
        assert!(Range::NON_NEGATIVE.over(Range::NON_NEGATIVE).nan);
        assert_eq!(Range::NON_NEGATIVE.minus(Range::NON_NEGATIVE), Range::ANY);
        assert_eq!(Range::NON_NEGATIVE.times(Range::exactly(0.0)), Range::ANY);
        assert!(
            Range::ANY
                .filtered(Comparison::Gt, Range::exactly(1.0))
                .meet(Range::ANY.filtered(Comparison::Lt, Range::exactly(0.0)))
                .is_empty()
        );
    }
}
