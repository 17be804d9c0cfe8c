//! Exponentials.

use std::f64::consts::LOG2_E;

use super::ldexp;

/// Above this, `exp` is infinite.
const OVERFLOW: f64 = 7.097_827_128_933_84e+02;
/// ln 2 in two parts; the first has trailing zeros, so that small multiples of it are exact.
const LN2_UPPER: f64 = 0.693_147_180_559_662_956_511_601_805_686_950_683_593_75;
const LN2_LOWER: f64 = 0.282_352_905_630_315_771_225_884_481_750_134_360_255_254_120_68e-12;
/// 1/8!, 1/7!, … 1/1!.
const TAYLOR: [f64; 8] = [
    2.480_158_730_158_730_158_7e-5,
    1.984_126_984_126_984_127e-4,
    1.388_888_888_888_888_888_9e-3,
    8.333_333_333_333_333_333_3e-3,
    4.166_666_666_666_666_666_7e-2,
    1.666_666_666_666_666_666_7e-1,
    0.5,
    1.0,
];

/// e^x.
///
/// Source: Go math/exp_amd64.s, the path with fused multiply-add, after SLEEF: e^x = 2^k × e^r; e^(r/16) − 1 by its Taylor series; four squarings,
/// each as z(z+2), bring it to e^r − 1.
pub fn exp(x: f64) -> f64 {
    if x.is_nan() || x == f64::INFINITY {
        return x;
    }
    if x > OVERFLOW {
        return f64::INFINITY;
    }
    if x == f64::NEG_INFINITY {
        return 0.0;
    }
    let k = (LOG2_E * x).round_ties_even();
    // As the conversion instruction does: what does not fit is the most negative integer.
    let exponent = if k.abs() < 2_147_483_648.0 { k as i32 } else { i32::MIN };
    let k = f64::from(exponent);
    let r = (-k).mul_add(LN2_LOWER, (-k).mul_add(LN2_UPPER, x)) * 0.0625;
    let [first, rest @ ..] = TAYLOR;
    let series = rest.iter().fold(first, |sum, coefficient| sum.mul_add(r, *coefficient));
    let mut z = r * series;
    for _ in 0..3 {
        z *= z + 2.0;
    }
    z = z.mul_add(z + 2.0, 1.0);
    scale(z, exponent)
}

/// `z × 2^exponent` as the assembly does it: below the normal numbers in two multiplications.
fn scale(z: f64, exponent: i32) -> f64 {
    const BIAS: i32 = 0x3ff;
    let power = |biased: i32| f64::from_bits((biased as u64) << 52);
    let biased = exponent.saturating_add(BIAS);
    if biased >= 0x7ff {
        f64::INFINITY
    } else if biased > 0 {
        z * power(biased)
    } else if biased < -52 {
        0.0
    } else {
        z * power(biased + 0x3fe) * power(1)
    }
}

/// 2^x.
///
/// Source: Go math.Exp2, after FreeBSD's e_exp.c.
pub fn exp2(x: f64) -> f64 {
    const LN2_HIGH: f64 = 6.931_471_803_691_238_164_90e-01;
    const LN2_LOW: f64 = 1.908_214_929_270_587_700_02e-10;
    if x.is_nan() || x == f64::INFINITY {
        return x;
    }
    if x > 1.023_999_999_999_999_9e+03 {
        return f64::INFINITY;
    }
    if x < -1.0740e+03 {
        return 0.0;
    }
    let k = if x > 0.0 {
        (x + 0.5).trunc()
    } else if x < 0.0 {
        (x - 0.5).trunc()
    } else {
        0.0
    };
    let t = x - k;
    ldexp(exp_of_difference(t * LN2_HIGH, -t * LN2_LOW), k as i32)
}

/// e^(high − low) for |high − low| ≤ ln(2)/2.
fn exp_of_difference(high: f64, low: f64) -> f64 {
    const P1: f64 = 1.666_666_666_666_666_574_15e-01;
    const P2: f64 = -2.777_777_777_701_559_338_42e-03;
    const P3: f64 = 6.613_756_321_437_934_361_17e-05;
    const P4: f64 = -1.653_390_220_546_525_153_90e-06;
    const P5: f64 = 4.138_136_797_057_238_460_39e-08;
    let r = high - low;
    let t = r * r;
    let c = r - t * (P1 + t * (P2 + t * (P3 + t * (P4 + t * P5))));
    1.0 - ((low - (r * c) / (2.0 - c)) - high)
}
