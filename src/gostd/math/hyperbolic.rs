//! Hyperbolic functions and their inverses.

use std::f64::consts::LN_2;

use super::{exp, ln, ln_1p};

const TWO_28: f64 = (1_u64 << 28) as f64;

/// Source: Go math.Sinh, with Hart & Cheney's coefficients 2029.
pub fn sinh(x: f64) -> f64 {
    const P: [f64; 4] = [
        -0.630_767_364_049_771_699_118_478_725_1e+6,
        -0.899_127_202_203_950_935_539_801_351_1e+5,
        -0.289_421_135_598_956_380_728_466_036_6e+4,
        -0.263_056_321_339_749_706_281_948_9e+2,
    ];
    const Q: [f64; 3] = [
        -0.630_767_364_049_771_699_121_207_727_7e+6,
        0.152_151_737_879_001_907_069_648_517_6e+5,
        -0.173_678_953_558_233_699_533_450_911e+3,
    ];
    let size = if x < 0.0 { -x } else { x };
    let result = if size > 21.0 {
        exp(size) / 2.0
    } else if size > 0.5 {
        let power = exp(size);
        (power - 1.0 / power) / 2.0
    } else {
        let square = size * size;
        let top = (((P[3] * square + P[2]) * square + P[1]) * square + P[0]) * size;
        top / (((square + Q[2]) * square + Q[1]) * square + Q[0])
    };
    if x < 0.0 { -result } else { result }
}

/// Source: Go math.Cosh.
pub fn cosh(x: f64) -> f64 {
    let power = exp(x.abs());
    if x.abs() > 21.0 { power / 2.0 } else { (power + 1.0 / power) / 2.0 }
}

/// Source: Go math.Tanh, after Cephes' tanh.c.
pub fn tanh(x: f64) -> f64 {
    const P: [f64; 3] =
        [-9.643_991_794_250_522_386_28e-1, -9.928_772_310_019_185_865_64e1, -1.614_687_684_417_084_479_52e3];
    const Q: [f64; 3] =
        [1.128_116_784_916_329_314_02e2, 2.235_488_390_601_004_485_83e3, 4.844_063_053_251_254_860_48e3];
    const MAX_LOG: f64 = 8.802_969_193_111_305_429_598_8e+01;
    let size = x.abs();
    if size > 0.5 * MAX_LOG {
        return 1.0_f64.copysign(x);
    }
    if size >= 0.625 {
        let result = 1.0 - 2.0 / (exp(2.0 * size) + 1.0);
        return if x < 0.0 { -result } else { result };
    }
    if x == 0.0 {
        return x;
    }
    let s = x * x;
    x + x * s * ((P[0] * s + P[1]) * s + P[2]) / (((s + Q[0]) * s + Q[1]) * s + Q[2])
}

/// Source: Go math.Asinh, after FreeBSD's s_asinh.c.
pub fn asinh(x: f64) -> f64 {
    if !x.is_finite() {
        return x;
    }
    let size = if x < 0.0 { -x } else { x };
    let result = if size > TWO_28 {
        ln(size) + LN_2
    } else if size > 2.0 {
        ln(2.0 * size + 1.0 / ((size * size + 1.0).sqrt() + size))
    } else if size < 1.0 / TWO_28 {
        size
    } else {
        ln_1p(size + size * size / (1.0 + (1.0 + size * size).sqrt()))
    };
    if x < 0.0 { -result } else { result }
}

/// NaN below 1.
///
/// Source: Go math.Acosh, after FreeBSD's e_acosh.c.
pub fn acosh(x: f64) -> f64 {
    if x < 1.0 || x.is_nan() {
        f64::NAN
    } else if x == 1.0 {
        0.0
    } else if x >= TWO_28 {
        ln(x) + LN_2
    } else if x > 2.0 {
        ln(2.0 * x - 1.0 / (x + (x * x - 1.0).sqrt()))
    } else {
        let t = x - 1.0;
        ln_1p(t + (2.0 * t + t * t).sqrt())
    }
}

/// NaN outside of [-1, 1].
///
/// Source: Go math.Atanh, after FreeBSD's e_atanh.c.
pub fn atanh(x: f64) -> f64 {
    let size = if x < 0.0 { -x } else { x };
    if size > 1.0 || x.is_nan() {
        return f64::NAN;
    }
    let result = if size == 1.0 {
        f64::INFINITY
    } else if size < 1.0 / TWO_28 {
        size
    } else if size < 0.5 {
        let twice = size + size;
        0.5 * ln_1p(twice + twice * size / (1.0 - size))
    } else {
        0.5 * ln_1p((size + size) / (1.0 - size))
    };
    if x < 0.0 { -result } else { result }
}
