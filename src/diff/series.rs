//! Recorded series out of a file: OpenMetrics or Prometheus text with timestamps, and what `promtool tsdb dump` prints.

use std::collections::BTreeMap;

use crate::gostd::strconv::{parse_float, unquote};
use crate::prometheus::rules::Millis;
use crate::promql::labels::{Labels, METRIC_NAME};
use crate::promql::storage::{SeriesId, Storage};
use crate::promql::value::{Point, is_stale_nan};

/// Recorded series.
#[derive(Debug, Default)]
pub struct Recorded {
    /// The samples.
    pub storage: Storage,
    /// The first and the last timestamp.
    pub span: Option<(Millis, Millis)>,
    /// Native histograms, which are left out.
    pub left_out: usize,
}

/// From so many on, a timestamp is in milliseconds: in seconds it would be in the year 5138.
const MILLIS_FROM: f64 = 1e11;

/// Reads a file. Timestamps are seconds, as in OpenMetrics, or milliseconds, as in Prometheus' text and in dumps: which
/// of them is told by their size.
///
/// # Errors
/// What is wrong, with the number of its line.
pub fn read(text: &str) -> Result<Recorded, String> {
    let mut recorded = Recorded::default();
    let mut known: BTreeMap<&str, SeriesId> = BTreeMap::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let at = |what: String| format!("line {}: {what}", number + 1);
        let end = series_end(line).ok_or_else(|| at("the labels are not closed".to_string()))?;
        let (series, rest) = line.split_at(end);
        if rest.trim_start().starts_with('{') {
            recorded.left_out += 1;
            continue;
        }
        let mut words = rest.split_whitespace();
        let value = words.next().ok_or_else(|| at("there is no value".to_string()))?;
        let value = parse_float(value).map_err(|_| at(format!("`{value}` is no number")))?;
        let stamp = words.next().filter(|w| *w != "#");
        let stamp = stamp.ok_or_else(|| at("there is no timestamp behind the value".to_string()))?;
        let stamp: f64 = stamp.parse().map_err(|_| at(format!("`{stamp}` is no timestamp")))?;
        let t = if stamp.abs() >= MILLIS_FROM { stamp } else { stamp * 1000.0 };
        if !t.is_finite() {
            return Err(at("the timestamp is not finite".to_string()));
        }
        let t = t.round() as Millis;
        let id = match known.get(series) {
            Some(id) => *id,
            None => {
                let id = recorded.storage.series_id(&labels(series).map_err(at)?);
                known.insert(series, id);
                id
            }
        };
        if is_stale_nan(value) {
            recorded.storage.append_stale(id, t);
        } else {
            recorded.storage.append(id, t, Point::Float(value));
        }
        let (first, last) = recorded.span.unwrap_or((t, t));
        recorded.span = Some((first.min(t), last.max(t)));
    }
    Ok(recorded)
}

/// Where the name and the labels of a series end.
fn series_end(line: &str) -> Option<usize> {
    let space = line.find(char::is_whitespace).unwrap_or(line.len());
    let Some(open) = line.find('{').filter(|open| *open < space) else { return Some(space) };
    let mut quoted = false;
    let mut escaped = false;
    for (at, c) in line.char_indices().skip_while(|(at, _)| *at <= open) {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '}' if !quoted => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// `name{a="b", "c d"="e"}`, `{"name", a="b"}` or `{__name__="name", a="b"}`.
fn labels(series: &str) -> Result<Labels, String> {
    let (name, inside) = match series.split_once('{') {
        Some((name, rest)) => (name.trim(), rest.strip_suffix('}').unwrap_or(rest)),
        None => (series.trim(), ""),
    };
    let mut pairs: Vec<(String, String)> = Vec::new();
    if !name.is_empty() {
        pairs.push((METRIC_NAME.to_string(), name.to_string()));
    }
    let mut rest = inside.trim_start();
    while !rest.is_empty() {
        let (label, behind, was_quoted) = match rest.strip_prefix('"') {
            Some(_) => {
                let (text, behind) = quoted(rest)?;
                (text, behind, true)
            }
            None => {
                let end = rest.find(['=', ' ', ',']).ok_or_else(|| format!("`{rest}` is no label"))?;
                let (label, behind) = rest.split_at(end);
                (label.to_string(), behind, false)
            }
        };
        let behind = behind.trim_start();
        match behind.strip_prefix('=') {
            Some(value) => {
                let (value, behind) = quoted(value.trim_start())?;
                pairs.push((label, value));
                rest = behind;
            }
            // A metric's name in quotes.
            None if was_quoted => {
                pairs.push((METRIC_NAME.to_string(), label));
                rest = behind;
            }
            None => return Err(format!("the label `{label}` has no value")),
        }
        rest = rest.trim_start();
        rest = rest.strip_prefix(',').unwrap_or(rest).trim_start();
    }
    Ok(Labels::new(pairs))
}

/// The text in quotes at the start, and what stands behind it.
fn quoted(text: &str) -> Result<(String, &str), String> {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => {
                let (literal, behind) = text.split_at(at + 1);
                return unquote(literal).map(|t| (t, behind)).map_err(|_| format!("{literal} is no string"));
            }
            _ => {}
        }
    }
    Err(format!("`{text}` is no string in quotes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        let recorded = read(text).expect("well-formed");
        let series = recorded.storage.iter();
        series.map(|s| format!("{} {:?} {:?}", s.labels(), s.times(), s.values())).collect()
    }

    #[test]
    fn the_three_forms_say_the_same() {
        let wanted = shown(
            "up{job=\"a b\",x=\"}\\\"\"} 1 1700000000000\nup{job=\"a b\",x=\"}\\\"\"} 0 1700000060000\n",
        );
        assert_eq!(wanted.len(), 1);
        for text in [
            "# TYPE up gauge\nup{job=\"a b\",x=\"}\\\"\"} 1 1700000000\nup{job=\"a b\",x=\"}\\\"\"} 0 1700000060.000\n# EOF\n",
            "{__name__=\"up\", job=\"a b\", x=\"}\\\"\"} 1 1700000000000\n{__name__=\"up\", job=\"a b\", x=\"}\\\"\"} 0 1700000060000\n",
            "{\"up\", job=\"a b\", x=\"}\\\"\"} 1 1700000000\n{\"up\",job=\"a b\",x=\"}\\\"\"} 0 1700000060 # {trace=\"1\"} 1\n",
        ] {
            assert_eq!(shown(text), wanted);
        }
    }

    #[test]
    fn mistakes_are_told_with_their_line() {
        for (text, error) in [
            ("up 1\n", "line 1: there is no timestamp behind the value"),
            ("# x\nup{a=\"b\" 1 2\n", "line 2: the labels are not closed"),
            ("up x 2\n", "line 1: `x` is no number"),
            ("up{a=b} 1 2\n", "line 1: `b` is no string in quotes"),
        ] {
            assert_eq!(read(text).map(|_| ()).expect_err("broken"), error);
        }
        let histogram = read("h {count:1, sum:2} 3\nup 1 3\n").expect("well-formed");
        assert_eq!((histogram.left_out, histogram.storage.len()), (1, 1));
    }
}
