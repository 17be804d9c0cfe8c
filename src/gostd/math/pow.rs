//! Powers.

use super::{exp, frexp, ldexp, ln};

/// x^y.
///
/// Source: Go math.Pow: the whole part of the exponent by repeated squaring of the fraction with the exponents of 2 kept apart, the rest by `exp` and `ln`.
pub fn pow(x: f64, y: f64) -> f64 {
    if y == 0.0 || x == 1.0 {
        return 1.0;
    }
    if y == 1.0 {
        return x;
    }
    if x.is_nan() || y.is_nan() {
        return f64::NAN;
    }
    if x == 0.0 {
        let size = if y < 0.0 { f64::INFINITY } else { 0.0 };
        return if is_odd(y) { size.copysign(x) } else { size };
    }
    if y.is_infinite() {
        return if x == -1.0 {
            1.0
        } else if (x.abs() < 1.0) == (y > 0.0) {
            0.0
        } else {
            f64::INFINITY
        };
    }
    if x.is_infinite() {
        if x < 0.0 {
            return pow(1.0 / x, -y);
        }
        return if y < 0.0 { 0.0 } else { f64::INFINITY };
    }
    if y == 0.5 {
        return x.sqrt();
    }
    if y == -0.5 {
        return 1.0 / x.sqrt();
    }
    finite(x, y)
}

fn is_odd(y: f64) -> bool {
    // Beyond 2^53 every float is even.
    y.abs() < 9_007_199_254_740_992.0 && y % 2.0 != 0.0 && y.fract() == 0.0
}

fn finite(x: f64, y: f64) -> f64 {
    let (mut whole, mut part) = (y.abs().trunc(), y.abs().fract());
    if part != 0.0 && x < 0.0 {
        return f64::NAN;
    }
    if whole >= 9.223_372_036_854_775_808e18 {
        return if x == -1.0 {
            1.0
        } else if (x.abs() < 1.0) == (y > 0.0) {
            0.0
        } else {
            f64::INFINITY
        };
    }
    // The result is `fraction × 2^exponent`.
    let (mut fraction, mut exponent) = (1.0, 0_i32);
    if part != 0.0 {
        if part > 0.5 {
            part -= 1.0;
            whole += 1.0;
        }
        fraction = exp(part * ln(x));
    }
    let (mut square, mut square_exponent) = frexp(x);
    let mut rest = whole as i64;
    while rest != 0 {
        if !(-(1 << 12)..=1 << 12).contains(&square_exponent) {
            // Far out of range already: any further factor only makes it worse.
            exponent += square_exponent;
            break;
        }
        if rest & 1 == 1 {
            fraction *= square;
            exponent += square_exponent;
        }
        square *= square;
        square_exponent <<= 1;
        if square < 0.5 {
            square += square;
            square_exponent -= 1;
        }
        rest >>= 1;
    }
    if y < 0.0 {
        fraction = 1.0 / fraction;
        exponent = -exponent;
    }
    ldexp(fraction, exponent)
}
