//! Start timestamps of samples: lines such as `metric{…}@st -1m _ -30s-1mx3` before the line of the series.

use crate::promql::duration::Duration;

/// Splits a line of start timestamps into metric and sequence; None for any other line.
pub(super) fn split(line: &str) -> Option<(&str, &str)> {
    let (metric, sequence) = line.split_once([' ', '\t'])?;
    Some((metric.strip_suffix("@st")?, sequence))
}

/// The most offsets of one line, so that a repeat count cannot exhaust the memory.
const LIMIT: u64 = 10_000_000;

/// Offsets in milliseconds from the timestamps of the samples, or None where the start is not known.
///
/// Items: `_`, `_xN` (N times), `<duration>`, `<duration>xN` (N+1 times), `<duration>±<duration>xN` (N+1 times, rising or falling).
///
/// Source: Prometheus promql/promqltest/test.go parseSTSequence.
pub(super) fn parse(sequence: &str) -> Result<Vec<Option<i64>>, String> {
    let mut offsets = Vec::new();
    for item in sequence.split_whitespace() {
        push_item(&mut offsets, item)
            .ok_or_else(|| format!("`{item}` is no start timestamp, such as `-1m`, `_x3` or `-30s-1mx3`"))?;
    }
    Ok(offsets)
}

fn push_item(offsets: &mut Vec<Option<i64>>, item: &str) -> Option<()> {
    let times = |text: &str| text.parse::<u64>().ok().filter(|n| *n <= LIMIT);
    if item == "_" {
        offsets.push(None);
        return Some(());
    }
    if let Some(n) = item.strip_prefix("_x") {
        offsets.extend((0..times(n).filter(|n| *n > 0)?).map(|_| None));
        return Some(());
    }
    let (mut offset, rest) = duration_prefix(item)?;
    if rest.is_empty() {
        offsets.push(Some(offset));
        return Some(());
    }
    let (delta, rest) = match rest.chars().next()? {
        'x' => (0, rest),
        sign @ ('+' | '-') => {
            let (delta, rest) = duration_prefix(rest.get(1..)?)?;
            (if sign == '-' { -delta } else { delta }, rest)
        }
        _ => return None,
    };
    for _ in 0..=times(rest.strip_prefix('x')?)? {
        offsets.push(Some(offset));
        offset = offset.checked_add(delta)?;
    }
    Some(())
}

/// A duration with an optional sign at the start of a text, and the rest of the text.
fn duration_prefix(text: &str) -> Option<(i64, &str)> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let digits = unsigned.len() - unsigned.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let unit = unsigned.get(digits..)?;
    // The letter x is no unit but begins the count of repeats.
    let end =
        digits + unit.len() - unit.trim_start_matches(|c: char| c.is_ascii_alphabetic() && c != 'x').len();
    let (duration, rest) = unsigned.split_at_checked(end)?;
    let millis = duration.parse::<Duration>().ok()?.millis();
    Some((if text.starts_with('-') { -millis } else { millis }, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences() {
        assert_eq!(split("m{a=\"b\"}@st  -1m"), Some(("m{a=\"b\"}", " -1m")));
        assert_eq!(split("m 1 2"), None);
        let minute = 60_000;
        assert_eq!(parse("_ _x2 -1m").unwrap(), [None, None, None, Some(-minute)]);
        assert_eq!(parse("-1msx1").unwrap(), [Some(-1), Some(-1)]);
        assert_eq!(
            parse("-30s-1mx2").unwrap(),
            [Some(-minute / 2), Some(-minute * 3 / 2), Some(-minute * 5 / 2)]
        );
        assert_eq!(parse("0s+1mx1").unwrap(), [Some(0), Some(minute)]);
        for wrong in ["1", "x3", "_x0", "1m*2", "1mx", "1m+2m", "1mx99999999999"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
