//! Series in their notation: labels and values. (Stand-in until the parser reads it.)

use std::sync::Arc;

use super::compare::{WantedPoint, WantedSeries};
use crate::gostd::strconv::parse_float;
use crate::promql::histogram::{Buckets, CounterResetHint, FloatHistogram};
use crate::promql::labels::Labels;
use crate::promql::parser::parse_metric;
use crate::promql::value::{Point, STALE_NAN_BITS};
use crate::source::FileId;

pub(super) fn parse(text: &str) -> Result<WantedSeries, String> {
    let (labels, end, diagnostics) = parse_metric(text, false, FileId::NONE, 0);
    if let Some(d) = diagnostics.first() {
        return Err(d.message.clone());
    }
    let mut points = Vec::new();
    let mut rest = text[end..].trim();
    while !rest.is_empty() {
        let (item, after) = take_item(rest);
        push(&mut points, item).ok_or_else(|| format!("value {item:?}"))?;
        rest = after.trim_start();
    }
    Ok(WantedSeries { labels: Labels::new(labels), points })
}

fn take_item(text: &str) -> (&str, &str) {
    let mut i = 0;
    let bytes = text.as_bytes();
    while i < bytes.len() {
        if text[i..].starts_with("{{") {
            i += text[i..].find("}}").map_or(text.len() - i, |e| e + 2);
        } else if bytes[i].is_ascii_whitespace() {
            break;
        } else {
            i += 1;
        }
    }
    text.split_at(i)
}

fn push(points: &mut Vec<Option<WantedPoint>>, item: &str) -> Option<()> {
    if item == "_" {
        points.push(None);
        return Some(());
    }
    if let Some(n) = item.strip_prefix("_x") {
        points.extend((0..n.parse::<u32>().ok()?).map(|_| None));
        return Some(());
    }
    let float = |v: f64| Some(WantedPoint { point: Point::Float(v), hint_given: false });
    if item == "stale" {
        points.push(float(f64::from_bits(STALE_NAN_BITS)));
        return Some(());
    }
    if item.starts_with("{{") {
        let end = item.find("}}")? + 2;
        let (base, mut hint_given) = histogram(&item[..end])?;
        let rest = &item[end..];
        let (step, count): (Option<(bool, FloatHistogram)>, u64) = if rest.is_empty() {
            (None, 0)
        } else if let Some(n) = rest.strip_prefix('x') {
            (None, n.parse().ok()?)
        } else {
            let end = rest.find("}}")? + 2;
            let (h, hint) = histogram(&rest[1..end])?;
            hint_given = hint;
            (Some((rest.starts_with('-'), h)), rest[end..].strip_prefix('x')?.parse().ok()?)
        };
        let mut h = base;
        for i in 0..=count {
            if i > 0
                && let Some((minus, step)) = &step
            {
                if *minus {
                    h.subtract(step).ok()?;
                } else {
                    h.add(step).ok()?;
                }
            }
            points.push(Some(WantedPoint { point: Point::Histogram(Arc::new(h.clone())), hint_given }));
        }
        return Some(());
    }
    if let Some(v) = number(item) {
        points.push(float(v));
        return Some(());
    }
    let (value, n) = item.rsplit_once('x')?;
    let n: u64 = n.parse().ok()?;
    if let Some(v) = number(value) {
        points.extend((0..=n).map(|_| float(v)));
        return Some(());
    }
    let at = value
        .char_indices()
        .skip(1)
        .filter(|(i, c)| matches!(c, '+' | '-') && !matches!(value.as_bytes()[i - 1], b'e' | b'E'))
        .map(|(i, _)| i)
        .last()?;
    let (mut v, step) = (number(&value[..at])?, number(&value[at..])?);
    for _ in 0..=n {
        points.push(float(v));
        v += step;
    }
    Some(())
}

fn number(t: &str) -> Option<f64> {
    parse_float(t).ok().or_else(|| {
        let (s, d) = t.strip_prefix('-').map_or((1.0, t), |r| (-1.0, r));
        Some(s * i64::from_str_radix(d.strip_prefix("0x")?, 16).ok()? as f64)
    })
}

fn histogram(text: &str) -> Option<(FloatHistogram, bool)> {
    let mut h = FloatHistogram::default();
    let mut hint = false;
    let (mut offset, mut n_offset, mut b, mut nb) = (0, 0, vec![], vec![]);
    let mut rest = text.strip_prefix("{{")?.strip_suffix("}}")?.trim();
    while !rest.is_empty() {
        let (key, after) = rest.split_once(':')?;
        let end = if after.starts_with('[') {
            after.find(']')? + 1
        } else {
            after.find(' ').unwrap_or(after.len())
        };
        let value = &after[..end];
        rest = after[end..].trim_start();
        let list = || -> Option<Vec<f64>> {
            value.trim_matches(['[', ']']).split_whitespace().map(number).collect()
        };
        match key {
            "schema" => h.schema = value.parse().ok()?,
            "sum" => h.sum = number(value)?,
            "count" => h.count = number(value)?,
            "z_bucket" => h.zero_count = number(value)?,
            "z_bucket_w" => h.zero_threshold = number(value)?,
            "custom_values" => h.custom_values = list()?.into(),
            "buckets" => b = list()?,
            "offset" => offset = value.parse().ok()?,
            "n_buckets" => nb = list()?,
            "n_offset" => n_offset = value.parse().ok()?,
            "counter_reset_hint" => {
                hint = true;
                h.counter_reset_hint = match value {
                    "unknown" => CounterResetHint::Unknown,
                    "reset" => CounterResetHint::Reset,
                    "not_reset" => CounterResetHint::NotReset,
                    "gauge" => CounterResetHint::Gauge,
                    _ => return None,
                };
            }
            _ => return None,
        }
    }
    h.positive = Buckets::contiguous(offset, b);
    h.negative = Buckets::contiguous(n_offset, nb);
    Some((h, hint))
}
