//! Go's `math` package, to the last bit.
//!
//! PromQL's functions are Go's, and no two libraries agree in the last bits of a transcendental function, so what Rust's standard library
//! computes differs from what Prometheus computes. The functions here follow the algorithms that Go uses on amd64 (go1.27, on a CPU with
//! fused multiply-add), which come from Cephes (S. L. Moshier), from FreeBSD's msun (Sun Microsystems, 1993 and 2004), from SLEEF
//! (N. Shibata, public domain) and from Hart & Cheney's tables; Go itself is under the BSD 3-clause licence.
//!
//! Where Go and Rust agree already (`sqrt`, `floor`, `ceil`, `trunc`, `abs`, the remainder `%`), use Rust's.

#![allow(clippy::excessive_precision, reason = "the constants as their sources print them")]

mod exp;
mod hyperbolic;
mod log;
mod pow;
mod trig;

pub use exp::{exp, exp2};
pub use hyperbolic::{acosh, asinh, atanh, cosh, sinh, tanh};
pub use log::{ln, ln_1p, log2, log10};
pub use pow::pow;
pub use trig::{acos, asin, atan, atan2, cos, sin, tan};

/// The fraction in [0.5, 1) and the exponent of a finite number: `x = fraction × 2^exponent`. Zero, infinities and NaN come back with exponent 0.
///
/// Source: Go math.Frexp.
pub fn frexp(x: f64) -> (f64, i32) {
    if x == 0.0 || !x.is_finite() {
        return (x, 0);
    }
    let (normal, shift) =
        if x.is_subnormal() { (x * f64::from_bits((1023 + 52) << 52), -52) } else { (x, 0) };
    let bits = normal.to_bits();
    let exponent = ((bits >> 52) & 0x7ff) as i32 - 1022 + shift;
    (f64::from_bits(bits & !(0x7ff << 52) | (1022 << 52)), exponent)
}

/// `fraction × 2^exponent`, rounded once.
///
/// Source: Go math.Ldexp.
pub fn ldexp(fraction: f64, exponent: i32) -> f64 {
    if fraction == 0.0 || !fraction.is_finite() {
        return fraction;
    }
    let (fraction, own) = frexp(fraction);
    let exponent = exponent.saturating_add(own);
    // In terms of a fraction in [1, 2), as IEEE 754 stores it.
    let biased = exponent.saturating_add(1022);
    if biased >= 0x7ff {
        return f64::INFINITY.copysign(fraction);
    }
    if biased < -52 {
        return 0.0_f64.copysign(fraction);
    }
    let with_exponent =
        |biased: i32| f64::from_bits(fraction.to_bits() & !(0x7ff << 52) | ((biased as u64) << 52));
    if biased <= 0 {
        // Subnormal: build it 2^53 too large, so that the one multiplication rounds.
        return with_exponent(biased + 53) * f64::from_bits((1023 - 53) << 52);
    }
    with_exponent(biased)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;
    use std::path::Path;

    use super::*;

    fn parse(text: &str) -> f64 {
        match text {
            "+Inf" => f64::INFINITY,
            "-Inf" => f64::NEG_INFINITY,
            _ => text.parse().unwrap(),
        }
    }

    fn ours(function: &str, x: f64, y: f64) -> f64 {
        match function {
            "exp" => exp(x),
            "ln" => ln(x),
            "log2" => log2(x),
            "log10" => log10(x),
            "sqrt" => x.sqrt(),
            "sin" => sin(x),
            "cos" => cos(x),
            "tan" => tan(x),
            "asin" => asin(x),
            "acos" => acos(x),
            "atan" => atan(x),
            "sinh" => sinh(x),
            "cosh" => cosh(x),
            "tanh" => tanh(x),
            "asinh" => asinh(x),
            "acosh" => acosh(x),
            "atanh" => atanh(x),
            "pow" => pow(x, y),
            "mod" => x % y,
            "atan2" => atan2(x, y),
            _ => panic!("unknown function {function}"),
        }
    }

    /// Columns: function, first argument, second argument, what Go computes.
    fn differences(table: &str) -> BTreeMap<String, Vec<String>> {
        let mut wrong: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for line in table.lines() {
            let columns: Vec<&str> = line.split('\t').collect();
            let [function, x, y, expected] = columns[..] else { panic!("four columns: {line}") };
            let (x, y, expected) = (parse(x), parse(y), parse(expected));
            let got = ours(function, x, y);
            if got.to_bits() != expected.to_bits() && !(got.is_nan() && expected.is_nan()) {
                wrong
                    .entry(function.to_string())
                    .or_default()
                    .push(format!("({x:?}, {y:?}) = {expected:?}, got {got:?}"));
            }
        }
        wrong
    }

    #[test]
    fn equal_to_go() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/conformance/float/go_math.tsv");
        let Ok(table) = fs::read_to_string(&path) else {
            eprintln!("skipped: {} is not there", path.display());
            return;
        };
        let wrong = differences(&table);
        let counts: Vec<String> =
            wrong.iter().map(|(f, w)| format!("{f}: {} differ, first {}", w.len(), w[0])).collect();
        assert!(counts.is_empty(), "{}", counts.join("\n"));
    }

    /// Results of promtool 3.5.3 (go1.27) where a nearby algorithm gives another last bit.
    #[test]
    fn hyperbolic_of_small_arguments() {
        assert_eq!(cosh(-0.7735880706937113), 1.3144421443584007);
        assert_eq!(cosh(0.08752171847186085), 1.003832471075827);
        assert_eq!(sinh(0.7428094894485642), 0.8130284762890753);
    }

    #[test]
    fn ldexp_undoes_frexp() {
        for x in [1.0, -0.75, 1e300, 5e-324, 2.5e-310, f64::MAX, f64::MIN_POSITIVE, 0.0, f64::INFINITY] {
            let (fraction, exponent) = frexp(x);
            assert_eq!(ldexp(fraction, exponent), x);
        }
        assert_eq!(ldexp(0.5, 1025), f64::INFINITY);
        assert_eq!(ldexp(0.5, -1073), 5e-324);
        assert_eq!(ldexp(0.5, -1074), 0.0);
        assert_eq!(ldexp(0.75, -1074), 5e-324);
        assert_eq!(ldexp(0.9, -1075), 0.0);
    }

    #[test]
    fn special_values() {
        let (inf, nan) = (f64::INFINITY, f64::NAN);
        let same = |got: f64, expected: f64| {
            assert!(
                got.to_bits() == expected.to_bits() || got.is_nan() && expected.is_nan(),
                "{got:?}, not {expected:?}"
            );
        };
        for f in [
            exp, exp2, ln, ln_1p, log2, log10, sin, cos, tan, asin, acos, atan, sinh, cosh, tanh, asinh,
            acosh, atanh,
        ] {
            same(f(nan), nan);
        }
        for f in [sin, tan, asin, atan, sinh, tanh, asinh, atanh, ln_1p] {
            same(f(0.0), 0.0);
            same(f(-0.0), -0.0);
        }
        for (got, expected) in [
            (exp(inf), inf),
            (exp(-inf), 0.0),
            (exp(-1e300), 0.0),
            (exp(1e300), inf),
            (exp2(3.0), 8.0),
            (exp2(-1075.0), 0.0),
            (ln(0.0), -inf),
            (ln(-1.0), nan),
            (log2(8.0), 3.0),
            (log2(0.0), -inf),
            (log10(-1.0), nan),
            (ln_1p(-1.0), -inf),
            (sin(inf), nan),
            (cos(-inf), nan),
            (acosh(0.5), nan),
            (acosh(1.0), 0.0),
            (atanh(1.0), inf),
            (atanh(-1.0), -inf),
            (atanh(1.5), nan),
            (asin(1.5), nan),
            (tanh(-inf), -1.0),
            (pow(-2.0, 3.0), -8.0),
            (pow(-2.0, 0.5), nan),
            (pow(-0.0, -3.0), -inf),
            (pow(-0.0, 2.0), 0.0),
            (pow(nan, 0.0), 1.0),
            (pow(-1.0, inf), 1.0),
            (pow(0.5, inf), 0.0),
            (pow(-inf, 3.0), -inf),
            (pow(-inf, -3.0), -0.0),
            (pow(2.0, 1e300), inf),
            (pow(-3.0, 2e19), inf),
            (atan2(0.0, -1.0), std::f64::consts::PI),
            (atan2(-0.0, 1.0), -0.0),
            (atan2(inf, -inf), 2.356194490192345),
            (atan2(1.0, inf), 0.0),
        ] {
            same(got, expected);
        }
    }
}
