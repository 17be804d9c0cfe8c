//! Functions of one number, with Go's results.

use crate::gostd::math as go;

/// Functions that turn each number of an instant vector into a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MapFunction {
    Abs,
    Acos,
    Acosh,
    Asin,
    Asinh,
    Atan,
    Atanh,
    Ceil,
    Clamp,
    ClampMax,
    ClampMin,
    Cos,
    Cosh,
    Deg,
    Exp,
    Floor,
    Ln,
    Log10,
    Log2,
    Rad,
    Round,
    Sgn,
    Sin,
    Sinh,
    Sqrt,
    Tan,
    Tanh,
}

impl MapFunction {
    /// The function of that name.
    pub(crate) fn find(name: &str) -> Option<MapFunction> {
        use MapFunction::*;
        Some(match name {
            "abs" => Abs,
            "acos" => Acos,
            "acosh" => Acosh,
            "asin" => Asin,
            "asinh" => Asinh,
            "atan" => Atan,
            "atanh" => Atanh,
            "ceil" => Ceil,
            "clamp" => Clamp,
            "clamp_max" => ClampMax,
            "clamp_min" => ClampMin,
            "cos" => Cos,
            "cosh" => Cosh,
            "deg" => Deg,
            "exp" => Exp,
            "floor" => Floor,
            "ln" => Ln,
            "log10" => Log10,
            "log2" => Log2,
            "rad" => Rad,
            "round" => Round,
            "sgn" => Sgn,
            "sin" => Sin,
            "sinh" => Sinh,
            "sqrt" => Sqrt,
            "tan" => Tan,
            "tanh" => Tanh,
            _ => return None,
        })
    }

    /// The function of `v`; `a` and `b` are its scalar arguments where it has any. None: the sample vanishes.
    ///
    /// Source: Prometheus promql/functions.go.
    #[inline]
    pub(crate) fn apply(self, v: f64, a: f64, b: f64) -> Option<f64> {
        use MapFunction::*;
        Some(match self {
            Abs => v.abs(),
            Acos => go::acos(v),
            Acosh => go::acosh(v),
            Asin => go::asin(v),
            Asinh => go::asinh(v),
            Atan => go::atan(v),
            Atanh => go::atanh(v),
            Ceil => v.ceil(),
            Clamp if b < a => return None,
            Clamp => go_max(a, go_min(b, v)),
            ClampMax => go_max(f64::NEG_INFINITY, go_min(a, v)),
            ClampMin => go_max(a, go_min(f64::INFINITY, v)),
            Cos => go::cos(v),
            Cosh => go::cosh(v),
            Deg => v * 180.0 / std::f64::consts::PI,
            Exp => go::exp(v),
            Floor => v.floor(),
            Ln => go::ln(v),
            Log10 => go::log10(v),
            Log2 => go::log2(v),
            Rad => v * std::f64::consts::PI / 180.0,
            Round => {
                // The inverse loses less precision than the value itself.
                let inverse = 1.0 / a;
                (v * inverse + 0.5).floor() / inverse
            }
            Sgn if v < 0.0 => -1.0,
            Sgn if v > 0.0 => 1.0,
            Sgn => v,
            Sin => go::sin(v),
            Sinh => go::sinh(v),
            Sqrt => v.sqrt(),
            Tan => go::tan(v),
            Tanh => go::tanh(v),
        })
    }
}

/// Go's `math.Max`: NaN if either is, and +0 above -0.
pub(crate) fn go_max(a: f64, b: f64) -> f64 {
    if a == f64::INFINITY || b == f64::INFINITY {
        f64::INFINITY
    } else if a.is_nan() || b.is_nan() {
        f64::NAN
    } else if a == 0.0 && b == 0.0 {
        if a.is_sign_negative() { b } else { a }
    } else if a > b {
        a
    } else {
        b
    }
}

/// Go's `math.Min`: NaN if either is, and -0 below +0.
pub(crate) fn go_min(a: f64, b: f64) -> f64 {
    if a == f64::NEG_INFINITY || b == f64::NEG_INFINITY {
        f64::NEG_INFINITY
    } else if a.is_nan() || b.is_nan() {
        f64::NAN
    } else if a == 0.0 && b == 0.0 {
        if a.is_sign_negative() { a } else { b }
    } else if a < b {
        a
    } else {
        b
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extremes_treat_nan_and_zero_as_go_does() {
        assert!(go_max(f64::NAN, 1.0).is_nan() && go_min(1.0, f64::NAN).is_nan());
        assert_eq!(go_max(f64::NAN, f64::INFINITY), f64::INFINITY);
        assert!(go_max(-0.0, 0.0).is_sign_positive() && go_min(0.0, -0.0).is_sign_negative());
    }

    #[test]
    fn ties_are_rounded_up() {
        let round = |v, to| MapFunction::Round.apply(v, to, 0.0).unwrap();
        assert_eq!([round(2.5, 1.0), round(-2.5, 1.0), round(7.2, 5.0)], [3.0, -2.0, 5.0]);
    }

    #[test]
    fn an_empty_clamp_range_yields_nothing() {
        assert_eq!(MapFunction::Clamp.apply(1.0, 2.0, 1.0), None);
        assert_eq!(MapFunction::Clamp.apply(5.0, 1.0, 2.0), Some(2.0));
    }
}
