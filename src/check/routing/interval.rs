//! Time intervals. A time past midnight runs into the next day, which Alertmanager can't say in one range: it becomes
//! two intervals.

use super::tree::{list, mapping, text};
use crate::source::Span;
use crate::syntax::ast::{IntervalPart, IntervalSpan, TimeInterval};
use crate::yaml::Node;

const DAYS: [&str; 7] = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
const MIDNIGHT: u16 = 1440;

/// An interval as a configuration has it.
pub(super) fn node(interval: &TimeInterval) -> Node {
    let mut zone = None;
    let mut spans = Vec::new();
    for written in interval.body.items.iter().rev() {
        zone = written.zone.as_ref().map(|(_, zone)| (zone.value.as_str(), zone.span)).or(zone);
        spans.push(span(written, zone));
    }
    let spans = spans.into_iter().rev().flatten().collect();
    mapping(
        vec![
            ("name", interval.name.span, text(interval.name.text.clone(), interval.name.span)),
            ("time_intervals", interval.name.span, list(spans, interval.body.span())),
        ],
        interval.span,
    )
}

/// The conditions of one span.
#[derive(Clone, Default)]
struct Parts {
    times: Vec<(u16, u16, Span)>,
    weekdays: Vec<(u8, u8, Span)>,
    days: Vec<(String, Span)>,
    months: Vec<(String, Span)>,
    years: Vec<(String, Span)>,
}

fn span(written: &IntervalSpan, zone: Option<(&str, Span)>) -> Vec<Node> {
    let mut parts = Parts::default();
    let mut overnight = Vec::new();
    for part in &written.parts {
        match part {
            IntervalPart::Weekdays { from, to, span } => parts.weekdays.push((*from, *to, *span)),
            IntervalPart::Times { from, to } => {
                let at = from.span.to(to.span);
                if to.minutes > from.minutes {
                    parts.times.push((from.minutes, to.minutes, at));
                } else {
                    parts.times.push((from.minutes, MIDNIGHT, at));
                    if to.minutes > 0 {
                        overnight.push((0, to.minutes, at));
                    }
                }
            }
            IntervalPart::Months { from, to, span } => {
                parts.months.push((range(i32::from(*from), i32::from(*to)), *span));
            }
            IntervalPart::Days { from, to, span } => parts.days.push((range(*from, *to), *span)),
            IntervalPart::Years { from, to, span } => parts.years.push((range(*from, *to), *span)),
        }
    }
    let mut nodes = vec![node_of(&parts, written.span, zone)];
    if !overnight.is_empty() {
        let mut next = parts;
        next.times = overnight;
        // The day after, unless every day counts.
        for (from, to, _) in &mut next.weekdays {
            (*from, *to) = ((*from + 1) % 7, (*to + 1) % 7);
        }
        nodes.push(node_of(&next, written.span, zone));
    }
    nodes
}

fn range(from: i32, to: i32) -> String {
    if from == to { from.to_string() } else { format!("{from}:{to}") }
}

/// A range of days; one that runs over the week's end is two.
fn weekdays(from: u8, to: u8) -> Vec<String> {
    let name = |day: u8| DAYS.get(usize::from(day)).copied().unwrap_or_default();
    let one = |from: u8, to: u8| {
        if from == to { name(from).to_string() } else { format!("{}:{}", name(from), name(to)) }
    };
    if from <= to { vec![one(from, to)] } else { vec![one(from, 6), one(0, to)] }
}

fn clock(minutes: u16) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

fn node_of(parts: &Parts, span: Span, zone: Option<(&str, Span)>) -> Node {
    let mut entries = Vec::new();
    let texts =
        |items: &[(String, Span)]| list(items.iter().map(|(t, s)| text(t.clone(), *s)).collect(), span);
    if !parts.times.is_empty() {
        let times = parts.times.iter().map(|(from, to, at)| {
            mapping(
                vec![("start_time", *at, text(clock(*from), *at)), ("end_time", *at, text(clock(*to), *at))],
                *at,
            )
        });
        entries.push(("times", span, list(times.collect(), span)));
    }
    if !parts.weekdays.is_empty() {
        let days = parts.weekdays.iter();
        let days = days.flat_map(|(from, to, at)| weekdays(*from, *to).into_iter().map(|d| text(d, *at)));
        entries.push(("weekdays", span, list(days.collect(), span)));
    }
    if !parts.days.is_empty() {
        entries.push(("days_of_month", span, texts(&parts.days)));
    }
    if !parts.months.is_empty() {
        entries.push(("months", span, texts(&parts.months)));
    }
    if !parts.years.is_empty() {
        entries.push(("years", span, texts(&parts.years)));
    }
    if let Some((zone, at)) = zone {
        entries.push(("location", at, text(zone, at)));
    }
    mapping(entries, span)
}
