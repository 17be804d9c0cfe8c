//! Trigonometric functions and their inverses, in radians.

use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, PI};

const SIN: [f64; 6] = [
    1.589_623_015_765_465_680_60e-10,
    -2.505_074_776_285_780_728_66e-8,
    2.755_731_362_138_572_452_13e-6,
    -1.984_126_982_958_953_859_96e-4,
    8.333_333_333_322_118_588_78e-3,
    -1.666_666_666_666_663_072_95e-1,
];
const COS: [f64; 6] = [
    -1.135_853_652_138_768_173_00e-11,
    2.087_570_084_197_473_167_78e-9,
    -2.755_731_417_929_673_881_12e-7,
    2.480_158_728_885_170_453_48e-5,
    -1.388_888_888_887_305_641_16e-3,
    4.166_666_666_666_659_292_18e-2,
];

/// An argument as a multiple of π/4 (modulo 8, made even) and what remains.
///
/// Source: Go math/sin.go (Cephes) below 2^29, math/trig_reduce.go (Payne and Hanek) above.
fn reduce(x: f64) -> (u64, f64) {
    /// π/4 in three parts.
    const A: f64 = 7.853_981_256_484_985_351_56e-1;
    const B: f64 = 3.774_894_707_930_798_176_68e-8;
    const C: f64 = 2.695_151_429_079_059_526_45e-15;
    if x >= (1 << 29) as f64 {
        return reduce_large(x);
    }
    let mut octant = (x * (4.0 / PI)) as u64;
    octant += octant & 1;
    let y = octant as f64;
    (octant & 7, ((x - y * A) - y * B) - y * C)
}

/// The binary digits of 4/π, 64 a word, after the leading one.
const FOUR_OVER_PI: [u64; 20] = [
    0x0000_0000_0000_0001,
    0x45f3_06dc_9c88_2a53,
    0xf84e_afa3_ea69_bb81,
    0xb6c5_2b32_7887_2083,
    0xfca2_c757_bd77_8ac3,
    0x6e48_dc74_849b_a5c0,
    0x0c92_5dd4_13a3_2439,
    0xfc3b_d639_6253_4e7d,
    0xd104_6bea_5d76_8909,
    0xd338_e04d_68be_fc82,
    0x7323_ac73_06a6_73e9,
    0x3908_bf17_7bf2_5076,
    0x3ff1_2fff_bc0b_301f,
    0xde5e_2316_b414_da3e,
    0xda6c_fd9e_4f96_136e,
    0x9e8c_7ecd_3cbf_d45a,
    0xea4f_758f_d7cb_e2f6,
    0x7a0e_73ef_14a5_25d4,
    0xd7f6_bf62_3f1a_ba10,
    0xac06_608d_f8f6_d757,
];

fn reduce_large(x: f64) -> (u64, f64) {
    let bits = x.to_bits();
    let exponent = (bits >> 52 & 0x7ff) as i64 - 1023 - 52;
    let mantissa = bits & ((1 << 52) - 1) | 1 << 52;
    // x ≥ 2^29, so the exponent is at least -23; and at most 971.
    let position = (exponent + 61) as usize;
    let (word, shift) = (position / 64, position % 64);
    let digit = |i: usize| FOUR_OVER_PI.get(i).copied().unwrap_or(0);
    let window = |i: usize| digit(i) << shift | digit(i + 1).checked_shr(64 - shift as u32).unwrap_or(0);
    let wide = |digits: u64| u128::from(digits) * u128::from(mantissa);
    let low = wide(window(word + 2)) >> 64;
    let middle = wide(window(word + 1));
    let high = u128::from(window(word).wrapping_mul(mantissa)) << 64;
    let product = high.wrapping_add(middle).wrapping_add(low);
    let octant = (product >> 125) as u64;
    // What follows the top three bits is the fraction; it becomes a float with one more leading bit dropped.
    let fraction = product << 3;
    let zeros = ((fraction >> 64) as u64).leading_zeros();
    let mantissa = (fraction << (zeros + 1)) >> (64 + 12);
    let z = f64::from_bits(u64::from(1023 - (zeros + 1)) << 52 | mantissa as u64);
    if octant & 1 == 1 { ((octant + 1) & 7, (z - 1.0) * FRAC_PI_4) } else { (octant, z * FRAC_PI_4) }
}

fn polynomial(coefficients: [f64; 6], zz: f64) -> f64 {
    let [first, rest @ ..] = coefficients;
    rest.iter().fold(first, |sum, coefficient| sum * zz + coefficient)
}

fn sin_near_zero(z: f64) -> f64 {
    let zz = z * z;
    z + z * zz * polynomial(SIN, zz)
}

fn cos_near_zero(z: f64) -> f64 {
    let zz = z * z;
    1.0 - 0.5 * zz + zz * zz * polynomial(COS, zz)
}

/// Source: Go math.Cos, after Cephes' sin.c.
pub fn cos(x: f64) -> f64 {
    if !x.is_finite() {
        return f64::NAN;
    }
    let (octant, z) = reduce(x.abs());
    let half = octant & 3;
    let result = if half == 1 || half == 2 { sin_near_zero(z) } else { cos_near_zero(z) };
    if (octant > 3) != (half > 1) { -result } else { result }
}

/// Source: Go math.Sin, after Cephes' sin.c.
pub fn sin(x: f64) -> f64 {
    if x == 0.0 || x.is_nan() {
        return x;
    }
    if x.is_infinite() {
        return f64::NAN;
    }
    let (octant, z) = reduce(x.abs());
    let half = octant & 3;
    let result = if half == 1 || half == 2 { cos_near_zero(z) } else { sin_near_zero(z) };
    if (octant > 3) != (x < 0.0) { -result } else { result }
}

/// Source: Go math.Tan, after Cephes' tan.c.
pub fn tan(x: f64) -> f64 {
    const P: [f64; 3] =
        [-1.309_369_391_813_837_776_46e4, 1.153_516_648_385_874_161_40e6, -1.795_652_519_764_848_779_88e7];
    const Q: [f64; 4] = [
        1.368_129_634_706_929_546_78e4,
        -1.320_892_344_402_109_674_47e6,
        2.500_838_018_233_579_158_39e7,
        -5.386_957_559_294_546_298_81e7,
    ];
    if x == 0.0 || x.is_nan() {
        return x;
    }
    if x.is_infinite() {
        return f64::NAN;
    }
    let (octant, z) = reduce(x.abs());
    let zz = z * z;
    let mut result = z;
    if zz > 1e-14 {
        let top = zz * (((P[0] * zz) + P[1]) * zz + P[2]);
        result = z + z * (top / ((((zz + Q[0]) * zz + Q[1]) * zz + Q[2]) * zz + Q[3]));
    }
    if octant & 2 == 2 {
        result = -1.0 / result;
    }
    if x < 0.0 { -result } else { result }
}

/// The arc tangent of 0 to 0.66.
fn atan_near_zero(x: f64) -> f64 {
    const P: [f64; 5] = [
        -8.750_608_600_031_904_122_785e-01,
        -1.615_753_718_733_365_076_637e+01,
        -7.500_855_792_314_704_667_340e+01,
        -1.228_866_684_490_136_173_410e+02,
        -6.485_021_904_942_025_371_773e+01,
    ];
    const Q: [f64; 5] = [
        2.485_846_490_142_306_297_962e+01,
        1.650_270_098_316_988_542_046e+02,
        4.328_810_604_912_902_668_951e+02,
        4.853_903_996_359_136_964_868e+02,
        1.945_506_571_482_613_964_425e+02,
    ];
    let z = x * x;
    let top = ((((P[0] * z + P[1]) * z + P[2]) * z + P[3]) * z) + P[4];
    let bottom = ((((z + Q[0]) * z + Q[1]) * z + Q[2]) * z + Q[3]) * z + Q[4];
    x * (z * top / bottom) + x
}

/// The arc tangent of a positive number.
fn atan_positive(x: f64) -> f64 {
    /// What π/2 has beyond its nearest float.
    const MORE_BITS: f64 = 6.123_233_995_736_765_886_130e-17;
    /// tan(3π/8).
    const TAN_3_PI_8: f64 = 2.414_213_562_373_095_048_80;
    if x <= 0.66 {
        return atan_near_zero(x);
    }
    if x > TAN_3_PI_8 {
        return FRAC_PI_2 - atan_near_zero(1.0 / x) + MORE_BITS;
    }
    FRAC_PI_4 + atan_near_zero((x - 1.0) / (x + 1.0)) + 0.5 * MORE_BITS
}

/// Source: Go math.Atan, after Cephes' atan.c.
pub fn atan(x: f64) -> f64 {
    if x == 0.0 {
        x
    } else if x > 0.0 {
        atan_positive(x)
    } else {
        -atan_positive(-x)
    }
}

/// NaN outside of [-1, 1].
///
/// Source: Go math.Asin.
pub fn asin(x: f64) -> f64 {
    if x == 0.0 {
        return x;
    }
    let size = if x < 0.0 { -x } else { x };
    if size > 1.0 {
        return f64::NAN;
    }
    let leg = (1.0 - size * size).sqrt();
    let result = if size > 0.7 { FRAC_PI_2 - atan_positive(leg / size) } else { atan_positive(size / leg) };
    if x < 0.0 { -result } else { result }
}

/// NaN outside of [-1, 1].
///
/// Source: Go math.Acos.
pub fn acos(x: f64) -> f64 {
    FRAC_PI_2 - asin(x)
}

/// The angle of the point (x, y), from -π to π.
///
/// Source: Go math.Atan2.
pub fn atan2(y: f64, x: f64) -> f64 {
    if y.is_nan() || x.is_nan() {
        return f64::NAN;
    }
    if y == 0.0 {
        return if x >= 0.0 && x.is_sign_positive() { y } else { PI.copysign(y) };
    }
    if x == 0.0 {
        return FRAC_PI_2.copysign(y);
    }
    if x.is_infinite() {
        let size = match (x > 0.0, y.is_infinite()) {
            (true, true) => FRAC_PI_4,
            (true, false) => 0.0,
            (false, true) => 3.0 * FRAC_PI_4,
            (false, false) => PI,
        };
        return size.copysign(y);
    }
    if y.is_infinite() {
        return FRAC_PI_2.copysign(y);
    }
    let angle = atan(y / x);
    match (x < 0.0, angle <= 0.0) {
        (true, true) => angle + PI,
        (true, false) => angle - PI,
        (false, _) => angle,
    }
}
