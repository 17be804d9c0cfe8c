//! Go's `time`: durations and moments as text.

mod layout;

pub use layout::{MONTHS, Moment, WEEKDAYS, format, to_string};

/// A `time.Duration` of so many nanoseconds as Go's `Duration.String()` prints it: `1h30m0s`, `1.5s`, `250ms`, `0s`.
pub fn duration_to_string(nanoseconds: i64) -> String {
    if nanoseconds == 0 {
        return "0s".to_string();
    }
    let sign = if nanoseconds < 0 { "-" } else { "" };
    let n = nanoseconds.unsigned_abs();
    match n {
        0..1_000 => format!("{sign}{n}ns"),
        1_000..1_000_000 => format!("{sign}{}µs", fraction(n, 1_000)),
        1_000_000..1_000_000_000 => format!("{sign}{}ms", fraction(n, 1_000_000)),
        _ => {
            let seconds = fraction(n % 60_000_000_000, 1_000_000_000);
            let (hours, minutes) = (n / 3_600_000_000_000, n / 60_000_000_000 % 60);
            match (hours, minutes) {
                (0, 0) => format!("{sign}{seconds}s"),
                (0, m) => format!("{sign}{m}m{seconds}s"),
                (h, m) => format!("{sign}{h}h{m}m{seconds}s"),
            }
        }
    }
}

/// `n / unit` in decimal, without trailing zeros; the unit is a power of ten.
fn fraction(n: u64, unit: u64) -> String {
    let rest = n % unit;
    if rest == 0 {
        return (n / unit).to_string();
    }
    let width = unit.ilog10() as usize;
    let digits = format!("{rest:0width$}");
    format!("{}.{}", n / unit, digits.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for (n, text) in [
            (0, "0s"),
            (1, "1ns"),
            (1_100, "1.1µs"),
            (2_200_000, "2.2ms"),
            (1_500_000_000, "1.5s"),
            (60_000_000_000, "1m0s"),
            (5_400_000_000_000, "1h30m0s"),
            (-3_661_000_000_001, "-1h1m1.000000001s"),
            (i64::MIN, "-2562047h47m16.854775808s"),
        ] {
            assert_eq!(duration_to_string(n), text);
        }
    }
}
