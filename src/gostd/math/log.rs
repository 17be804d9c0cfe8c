//! Logarithms.

use std::f64::consts::{FRAC_1_SQRT_2, LN_2, LOG10_E};

use super::frexp;

const LN2_HIGH: f64 = 6.931_471_803_691_238_164_90e-01;
const LN2_LOW: f64 = 1.908_214_929_270_587_700_02e-10;
/// Remez coefficients for the series of ln((1+s)/(1−s)).
const L1: f64 = 6.666_666_666_666_735_130e-01;
const L2: f64 = 3.999_999_999_940_941_908e-01;
const L3: f64 = 2.857_142_874_366_239_149e-01;
const L4: f64 = 2.222_219_843_214_978_396e-01;
const L5: f64 = 1.818_357_216_161_805_012e-01;
const L6: f64 = 1.531_383_769_920_937_332e-01;
const L7: f64 = 1.479_819_860_511_658_591e-01;

/// The natural logarithm.
///
/// Source: Go math.Log, after FreeBSD's e_log.c.
pub fn ln(x: f64) -> f64 {
    if x.is_nan() || x == f64::INFINITY {
        return x;
    }
    if x < 0.0 {
        return f64::NAN;
    }
    if x == 0.0 {
        return f64::NEG_INFINITY;
    }
    let (mut fraction, mut exponent) = frexp(x);
    if fraction < FRAC_1_SQRT_2 {
        fraction *= 2.0;
        exponent -= 1;
    }
    let f = fraction - 1.0;
    let k = f64::from(exponent);
    let s = f / (2.0 + f);
    let s2 = s * s;
    let s4 = s2 * s2;
    let odd = s2 * (L1 + s4 * (L3 + s4 * (L5 + s4 * L7)));
    let even = s4 * (L2 + s4 * (L4 + s4 * L6));
    let r = odd + even;
    let half_square = 0.5 * f * f;
    k * LN2_HIGH - ((half_square - (s * (half_square + r) + k * LN2_LOW)) - f)
}

/// The logarithm to base 2; exact for powers of 2.
///
/// Source: Go math.Log2.
pub fn log2(x: f64) -> f64 {
    let (fraction, exponent) = frexp(x);
    if fraction == 0.5 {
        return f64::from(exponent - 1);
    }
    ln(fraction) * (1.0 / LN_2) + f64::from(exponent)
}

/// The logarithm to base 10.
///
/// Source: Go math.Log10.
pub fn log10(x: f64) -> f64 {
    ln(x) * LOG10_E
}

/// ln(1 + x), accurate near zero.
///
/// Source: Go math.Log1p, after FreeBSD's s_log1p.c.
pub fn ln_1p(x: f64) -> f64 {
    const SQRT2_MINUS_1: f64 = 4.142_135_623_730_950_488_017e-01;
    const SQRT_HALF_MINUS_1: f64 = -2.928_932_188_134_524_755_992e-01;
    const MANTISSA: u64 = (1 << 52) - 1;
    const MANTISSA_OF_SQRT2: u64 = 0x0006_a09e_667f_3bcd;
    if x < -1.0 || x.is_nan() {
        return f64::NAN;
    }
    if x == -1.0 {
        return f64::NEG_INFINITY;
    }
    if x == f64::INFINITY {
        return x;
    }
    let size = x.abs();
    if size < 1.0 / (1_u64 << 54) as f64 {
        return x;
    }
    if size < 1.0 / (1_u64 << 29) as f64 {
        return x - x * x * 0.5;
    }
    // 1 + x = 2^k (1 + f), with `correction` for what rounding 1 + x lost.
    let (k, f, correction, tiny);
    if size < SQRT2_MINUS_1 && x > SQRT_HALF_MINUS_1 {
        (k, f, correction, tiny) = (0.0, x, 0.0, false);
    } else {
        let (u, lost) = if size < (1_u64 << 53) as f64 { (1.0 + x, true) } else { (x, false) };
        let mut exponent = (u.to_bits() >> 52) as i64 - 1023;
        correction = match (lost, exponent > 0) {
            (true, true) => (1.0 - (u - x)) / u,
            (true, false) => (x - (u - 1.0)) / u,
            (false, _) => 0.0,
        };
        let mantissa = u.to_bits() & MANTISSA;
        if mantissa < MANTISSA_OF_SQRT2 {
            f = f64::from_bits(mantissa | (1023 << 52)) - 1.0;
            tiny = mantissa == 0;
        } else {
            exponent += 1;
            f = f64::from_bits(mantissa | (1022 << 52)) - 1.0;
            tiny = ((1 << 52) - mantissa) >> 2 == 0;
        }
        k = exponent as f64;
    }
    let half_square = 0.5 * f * f;
    if tiny {
        if f == 0.0 {
            return if k == 0.0 { 0.0 } else { k * LN2_HIGH + (correction + k * LN2_LOW) };
        }
        let r = half_square * (1.0 - 0.666_666_666_666_666_66 * f);
        return if k == 0.0 { f - r } else { k * LN2_HIGH - ((r - (k * LN2_LOW + correction)) - f) };
    }
    let s = f / (2.0 + f);
    let z = s * s;
    let r = z * (L1 + z * (L2 + z * (L3 + z * (L4 + z * (L5 + z * (L6 + z * L7))))));
    if k == 0.0 {
        return f - (half_square - s * (half_square + r));
    }
    k * LN2_HIGH - ((half_square - (s * (half_square + r) + (k * LN2_LOW + correction))) - f)
}
