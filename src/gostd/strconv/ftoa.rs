//! Floats to text, as Go's `strconv.FormatFloat(v, fmt, precision, 64)`.

/// An f64 has at most 1074 digits after the point; what is asked beyond that is zeros.
const MAX_EXACT_DIGITS: usize = 1100;

/// Go's `strconv.FormatFloat(v, fmt, precision, 64)`; no precision means the fewest digits that read back as `v`.
///
/// `fmt` is `e`, `E`, `f`, `g` or `G`; any other letter gives `%` and the letter, as Go does.
pub fn format_float(v: f64, fmt: char, precision: Option<usize>) -> String {
    if v.is_nan() {
        return "NaN".to_string();
    }
    if v.is_infinite() {
        return if v > 0.0 { "+Inf" } else { "-Inf" }.to_string();
    }
    match fmt {
        'f' => match precision {
            None => round_tie_to_even(v, v.to_string()),
            Some(p) => with_zeros(format!("{v:.*}", p.min(MAX_EXACT_DIGITS)), p),
        },
        'e' | 'E' => {
            let Decimal { negative, digits, exponent } = Decimal::of(v, precision);
            let mut out = sign(negative);
            push_exponent_form(&mut out, &digits, exponent, fmt, precision);
            out
        }
        'g' | 'G' => general(v, fmt, precision),
        other => format!("%{other}"),
    }
}

/// A float as Go's `%v` prints it: `1e+06`, `100000`, `0.0001`, `1e-05`, `+Inf`, `NaN`.
pub fn format_value(v: f64) -> String {
    // Small integers are by far the most frequent values, and their digits need no search.
    if v.fract() == 0.0 && v.abs() < 1e5 && (v != 0.0 || v.is_sign_positive()) {
        return (v as i64).to_string();
    }
    format_float(v, 'g', None)
}

/// Puts Go's last digit in place of Rust's into the shortest form of `v`: of two forms that are equally near, Rust takes the upper one, Go the even.
fn round_tie_to_even(v: f64, text: String) -> String {
    let mantissa = text.split('e').next().unwrap_or(&text);
    let significant = significant_digits(mantissa);
    let last = mantissa.rfind(|c: char| matches!(c, '1'..='9'));
    // Only numbers of many digits have a second form as near.
    let Some(last) = last.filter(|at| significant >= 16 && mantissa.as_bytes()[*at] % 2 == 1) else {
        return text;
    };
    // One digit more tells most of them apart at little cost.
    let longer = format!("{v:.significant$e}");
    if !longer.split('e').next().is_some_and(|mantissa| mantissa.ends_with('5')) {
        return text;
    }
    let mut even = text.clone();
    even.replace_range(last..=last, char::from(mantissa.as_bytes()[last] - 1).encode_utf8(&mut [0; 4]));
    // Equally near means that the true number continues with a 5 and nothing behind it.
    let digits =
        |text: &str| text.bytes().take_while(|b| *b != b'e').filter(u8::is_ascii_digit).collect::<Vec<_>>();
    let exact = digits(&format!("{v:.MAX_EXACT_DIGITS$e}"));
    let mut halfway = digits(&even);
    halfway.drain(..halfway.iter().position(|d| *d != b'0').unwrap_or(0));
    halfway.truncate(significant);
    halfway.push(b'5');
    let is_tie = exact.strip_prefix(halfway.as_slice()).is_some_and(|rest| rest.iter().all(|d| *d == b'0'));
    if is_tie && even.parse() == Ok(v) { even } else { text }
}

/// Digits from the first to the last that is not zero.
fn significant_digits(mantissa: &str) -> usize {
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    digits.trim_matches('0').len()
}

/// The decimal digits of a finite float, the point after the first one.
struct Decimal {
    negative: bool,
    digits: String,
    exponent: i32,
}

impl Decimal {
    /// `precision` digits after the first, or the shortest form.
    fn of(v: f64, precision: Option<usize>) -> Decimal {
        let text = match precision {
            None => round_tie_to_even(v, format!("{v:e}")),
            Some(p) => format!("{v:.*e}", p.min(MAX_EXACT_DIGITS)),
        };
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        Decimal {
            negative: mantissa.starts_with('-'),
            digits: mantissa.chars().filter(char::is_ascii_digit).collect(),
            exponent: exponent.parse().unwrap_or(0),
        }
    }
}

fn sign(negative: bool) -> String {
    if negative { "-".to_string() } else { String::new() }
}

fn with_zeros(mut text: String, precision: usize) -> String {
    text.extend(std::iter::repeat_n('0', precision.saturating_sub(MAX_EXACT_DIGITS)));
    text
}

/// `d.ddde±xx` with at least two digits of exponent.
fn push_exponent_form(out: &mut String, digits: &str, exponent: i32, letter: char, precision: Option<usize>) {
    let (first, rest) = digits.split_at(1);
    out.push_str(first);
    if !rest.is_empty() {
        out.push('.');
        out.push_str(rest);
        if let Some(p) = precision {
            out.extend(std::iter::repeat_n('0', p.saturating_sub(MAX_EXACT_DIGITS)));
        }
    }
    out.push(letter);
    out.push(if exponent < 0 { '-' } else { '+' });
    out.push_str(&format!("{:02}", exponent.abs()));
}

/// The shorter of the two layouts, without trailing zeros (Go strconv/ftoa.go `formatDigits`, case 'g').
fn general(v: f64, letter: char, precision: Option<usize>) -> String {
    let Decimal { negative, mut digits, exponent } = Decimal::of(v, precision.map(|p| p.max(1) - 1));
    while digits.len() > 1 && digits.ends_with('0') {
        digits.pop();
    }
    let point = exponent + 1;
    let count = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    let limit = match precision {
        None => 6,
        Some(p) => {
            let p = i32::try_from(p.max(1)).unwrap_or(i32::MAX);
            if p > count && count >= point { count } else { p }
        }
    };
    // The shortest form keeps the point in the digits up to 21 places only in JSON; here 6 decides.
    let mut out = sign(negative);
    if exponent < -4 || exponent >= limit {
        push_exponent_form(&mut out, &digits, exponent, if letter == 'G' { 'E' } else { 'e' }, None);
    } else if point <= 0 {
        out.push_str("0.");
        out.extend(std::iter::repeat_n('0', point.unsigned_abs() as usize));
        out.push_str(&digits);
    } else if count <= point {
        out.push_str(&digits);
        out.extend(std::iter::repeat_n('0', (point - count) as usize));
    } else {
        let (whole, fraction) = digits.split_at(point as usize);
        out.push_str(whole);
        out.push('.');
        out.push_str(fraction);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn of_two_equally_near_forms_the_even_one_is_taken() {
        for (v, e, f) in [
            (1_570_901_039_018_185.0 / 8.0, "1.9636262987727312e+14", "196362629877273.12"),
            (1_570_901_039_018_187.0 / 8.0, "1.9636262987727338e+14", "196362629877273.38"),
            (-1_570_901_039_018_185.0 / 8.0, "-1.9636262987727312e+14", "-196362629877273.12"),
            (0.1, "1e-01", "0.1"),
            (1e22, "1e+22", "10000000000000000000000"),
        ] {
            assert_eq!((format_float(v, 'e', None).as_str(), format_float(v, 'f', None).as_str()), (e, f));
        }
    }

    #[test]
    fn the_value_form_is_gos_percent_v() {
        for (v, text) in [
            (0.0, "0"),
            (-0.0, "-0"),
            (1.0, "1"),
            (-3.0, "-3"),
            (100000.0, "100000"),
            (999999.0, "999999"),
            (1e6, "1e+06"),
            (123456.789, "123456.789"),
            (123456789.0, "1.23456789e+08"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (1e21, "1e+21"),
            (5e-324, "5e-324"),
            (1e100, "1e+100"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "+Inf"),
            (f64::NEG_INFINITY, "-Inf"),
        ] {
            assert_eq!(format_value(v), text);
            assert_eq!(format_float(v, 'g', None), text);
        }
    }

    #[test]
    fn layouts_and_precisions() {
        for (v, fmt, precision, text) in [
            (1.0, 'E', None, "1E+00"),
            (0.016666666666666666, 'E', None, "1.6666666666666666E-02"),
            (1234.5, 'e', Some(2), "1.23e+03"),
            (0.0, 'e', Some(0), "0e+00"),
            (2.5, 'f', Some(0), "2"),
            (1e21, 'f', None, "1000000000000000000000"),
            (12.345678, 'f', Some(2), "12.35"),
            (999.95, 'g', Some(4), "1000"),
            (999999.0, 'g', Some(4), "1e+06"),
            (100.0, 'g', Some(2), "1e+02"),
            (100.0, 'g', Some(4), "100"),
            (0.0, 'g', Some(4), "0"),
            (-0.0, 'g', Some(4), "-0"),
            (1e-9, 'G', Some(4), "1E-09"),
            (0.00012345, 'g', Some(4), "0.0001234"),
            (5.0, 'g', Some(0), "5"),
        ] {
            assert_eq!(format_float(v, fmt, precision), text, "{v} {fmt} {precision:?}");
        }
        assert_eq!(format_float(1.5, 'f', Some(100_000)).len(), 100_002);
        assert_eq!(format_float(1.5, 'e', Some(100_000)).len(), 100_006);
    }

    proptest! {
        #[test]
        fn the_shortest_forms_read_back(bits in any::<u64>(), fmt in prop::sample::select(vec!['e', 'E', 'f', 'g', 'G'])) {
            let v = f64::from_bits(bits);
            let back = super::super::parse_float(&format_float(v, fmt, None)).unwrap();
            prop_assert!(back == v && back.is_sign_negative() == v.is_sign_negative() || back.is_nan() && v.is_nan());
        }
    }
}
