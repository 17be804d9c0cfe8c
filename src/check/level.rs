//! Levels: thresholds in their signal's unit, one rule a severity, and the order between them.

use super::model::Millis;
use super::model::{CheckedLevel, Holds, Line, Threshold};
use super::types::{ConversionError, Unit};
use super::values::Values;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::{alerts, names, types};
use crate::syntax::ast::{Comparison, Hold, HoldKind, Level, Property, Value};

/// What levels are checked against.
#[derive(Debug, Clone, Copy)]
pub struct Context<'c, 'a> {
    /// Reads thresholds and durations.
    pub values: Values<'a>,
    /// Highest first.
    pub severities: &'c [&'a str],
    /// The unit of the signal.
    pub unit: Option<&'c Unit>,
    /// What holds for the whole alert.
    pub inherited: Holds,
}

/// The levels of an alert, highest severity first.
pub fn check<'a>(
    context: Context<'_, 'a>,
    written: &[(&'a Level, &'a Property<crate::syntax::ast::AlertProperty>)],
    out: &mut Vec<Diagnostic>,
) -> Vec<CheckedLevel<'a>> {
    let mut levels: Vec<CheckedLevel<'a>> = Vec::new();
    for (level, property) in written {
        if !known_severity(context.severities, &level.severity.text, level.severity.span, out) {
            continue;
        }
        let Some(threshold) = threshold(context, &level.threshold, out) else { continue };
        let until = level.until.as_ref().and_then(|u| {
            let end = self::threshold(context, &u.threshold, out)?;
            check_until(level.op.op, &threshold, u.op.op, &end, out).then_some((u.op.op, end))
        });
        let holds = holds(context.values, &level.holds, out);
        let end = level.until.as_ref().map_or(level.threshold.span(), |u| u.threshold.span());
        let line = Line {
            scope: level.matchers.as_ref(),
            op: level.op.op,
            threshold,
            until,
            span: level.severity.span.to(end),
        };
        match levels.iter_mut().find(|l| l.severity == level.severity.text) {
            Some(known) => add_line(known, line, holds, property.span, out),
            None => levels.push(CheckedLevel {
                severity: level.severity.text.clone(),
                span: property.span,
                lines: vec![line],
                holds,
            }),
        }
    }
    for level in &mut levels {
        level.holds.hold = level.holds.hold.or(context.inherited.hold);
        level.holds.keep_firing_for = level.holds.keep_firing_for.or(context.inherited.keep_firing_for);
    }
    let rank = |name: &str| context.severities.iter().position(|s| *s == name);
    levels.sort_by_key(|l| rank(&l.severity));
    for pair in levels.windows(2) {
        if let [higher, lower] = pair {
            check_order(higher, lower, out);
        }
    }
    levels
}

/// True when the severity is declared; reports it otherwise.
pub fn known_severity(
    severities: &[&str],
    name: &str,
    span: crate::source::Span,
    out: &mut Vec<Diagnostic>,
) -> bool {
    if severities.contains(&name) {
        return true;
    }
    let mut d = Diagnostic::new(&names::UNKNOWN_SEVERITY, span, format!("unknown severity `{name}`"))
        .label("not declared");
    match crate::diagnostic::nearest(name, severities.iter().copied()) {
        Some(near) => d = d.fix(format!("write `{near}`"), span, near),
        None => d = d.help(format!("the severities are {}", severities.join(", "))),
    }
    out.push(d);
    false
}

/// The waiting times of a level or of `no_data`.
pub fn holds<'a>(values: Values<'a>, written: &'a [Hold], out: &mut Vec<Diagnostic>) -> Holds {
    let mut holds = Holds::default();
    for hold in written {
        let ms = values.duration(&hold.duration, out);
        match hold.kind {
            HoldKind::For => holds.hold = ms,
            HoldKind::KeepFiringFor => holds.keep_firing_for = ms,
        }
    }
    holds
}

fn threshold<'a>(context: Context<'_, 'a>, value: &'a Value, out: &mut Vec<Diagnostic>) -> Option<Threshold> {
    let quantity = context.values.quantity(value, out)?;
    match quantity.in_unit(context.unit) {
        Ok(constant) => Some(Threshold {
            number: constant.to_string(),
            value: constant.to_f64(),
            shown: quantity.human(context.unit),
            span: value.span(),
        }),
        Err(error) => {
            out.push(mismatch(&error, quantity.text(), value.span()));
            None
        }
    }
}

fn mismatch(error: &ConversionError, text: &str, span: crate::source::Span) -> Diagnostic {
    match error {
        ConversionError::Dimension { quantity, signal } => Diagnostic::new(
            &types::UNIT_MISMATCH,
            span,
            format!("the threshold `{text}` is in {quantity}, the value in {signal}"),
        )
        .label(format!("{quantity} can't be compared with {signal}"))
        .help(format!("write the threshold in {signal}, or correct the unit of the metric")),
        ConversionError::ShareOfCount { signal } => Diagnostic::new(
            &types::UNIT_MISMATCH,
            span,
            format!("`{text}` is a share, but the value is a number of {signal}"),
        )
        .label("a share of what?")
        .help("divide the value by its limit, or write the number itself"),
        ConversionError::TooLarge => Diagnostic::new(
            &alerts::INVALID_QUANTITY,
            span,
            format!("`{text}` has more digits than can be kept"),
        ),
    }
}

/// One more line of a severity: its rule has one `for`, and a line behind one that takes everything never counts.
fn add_line<'a>(
    level: &mut CheckedLevel<'a>,
    line: Line<'a>,
    holds: Holds,
    span: crate::source::Span,
    out: &mut Vec<Diagnostic>,
) {
    if let Some(all) = level.lines.iter().find(|l| l.scope.is_none()) {
        out.push(
            Diagnostic::new(
                &alerts::UNREACHABLE_LEVEL,
                span,
                format!("this line of `{}` never counts", level.severity),
            )
            .label("the first line that matches counts")
            .also(all.span, "this one matches everything")
            .help("put the line with matchers first, or remove one of the two"),
        );
        return;
    }
    let differs = |a: Option<Millis>, b: Option<Millis>| a.is_some() && b.is_some() && a != b;
    if differs(level.holds.hold, holds.hold) || differs(level.holds.keep_firing_for, holds.keep_firing_for) {
        out.push(
            Diagnostic::new(
                &alerts::LEVEL_HOLDS_DIFFER,
                span,
                format!("the lines of `{}` wait for different times", level.severity),
            )
            .also(level.span, "the first line")
            .note("lines of one severity become one rule, which has one `for`")
            .help("write `for` once, on a line of its own"),
        );
    }
    level.holds.hold = level.holds.hold.or(holds.hold);
    level.holds.keep_firing_for = level.holds.keep_firing_for.or(holds.keep_firing_for);
    level.lines.push(line);
}

/// Which way a comparison looks: up for `>`, down for `<`, none for equality.
fn direction(op: Comparison) -> Option<bool> {
    match op {
        Comparison::Greater | Comparison::GreaterEqual => Some(true),
        Comparison::Less | Comparison::LessEqual => Some(false),
        Comparison::Equal | Comparison::NotEqual => None,
    }
}

/// Hysteresis ends an alarm on the other side of its threshold, looking the other way.
fn check_until(
    op: Comparison,
    threshold: &Threshold,
    end_op: Comparison,
    end: &Threshold,
    out: &mut Vec<Diagnostic>,
) -> bool {
    let expected = match direction(op) {
        Some(true) => "<",
        Some(false) => ">",
        None => {
            out.push(
                Diagnostic::new(
                    &alerts::UNTIL_DIRECTION,
                    end.span,
                    "an equality has no other side to end on",
                )
                .label("remove this `until`"),
            );
            return false;
        }
    };
    let opposite = direction(end_op).is_some_and(|d| Some(d) != direction(op));
    let apart = if expected == "<" { end.value <= threshold.value } else { end.value >= threshold.value };
    if opposite && apart {
        return true;
    }
    out.push(
        Diagnostic::new(
            &alerts::UNTIL_DIRECTION,
            end.span,
            format!(
                "the alarm starts {} {} and can't end {} {}",
                op.as_str(),
                threshold.shown,
                end_op.as_str(),
                end.shown
            ),
        )
        .label(if opposite {
            "not on the quiet side of the threshold"
        } else {
            "looks the same way as the level"
        })
        .also(threshold.span, "the threshold")
        .help(format!("write `until {expected}` and a value on the quiet side of {}", threshold.shown)),
    );
    false
}

/// Fifteen minutes: Prometheus sends a resolved alert again for that long, and no longer.
const RESOLVED_RETENTION: Millis = 15 * 60_000;

/// Levels nest: the higher is never easier to reach than the lower, and the lower does not end long before it.
fn check_order(higher: &CheckedLevel<'_>, lower: &CheckedLevel<'_>, out: &mut Vec<Diagnostic>) {
    for high in &higher.lines {
        let same = |l: &&Line<'_>| scope_key(l) == scope_key(high);
        let Some(low) = lower.lines.iter().find(same) else { continue };
        let (Some(up), Some(low_up)) = (direction(high.op), direction(low.op)) else { continue };
        if up != low_up {
            out.push(
                Diagnostic::new(
                    &alerts::LEVEL_ORDER,
                    high.span,
                    format!("`{}` and `{}` look different ways", higher.severity, lower.severity),
                )
                .label(format!("{} {}", high.op.as_str(), high.threshold.shown))
                .also(low.span, format!("{} {}", low.op.as_str(), low.threshold.shown))
                .help("make two alerts of them: one for too much, one for too little"),
            );
            continue;
        }
        let easier = if up {
            high.threshold.value < low.threshold.value
        } else {
            high.threshold.value > low.threshold.value
        };
        if easier {
            out.push(
                Diagnostic::new(
                    &alerts::LEVEL_ORDER,
                    high.threshold.span,
                    format!("`{}` is easier to reach than `{}`", higher.severity, lower.severity),
                )
                .label(format!("reached before {}", low.threshold.shown))
                .also(low.threshold.span, format!("`{}` comes later", lower.severity))
                .help(format!(
                    "the severities are declared highest first: swap the thresholds of `{}` and `{}`",
                    higher.severity, lower.severity
                )),
            );
            continue;
        }
        check_end(higher, high, lower, low, up, out);
    }
}

fn scope_key(line: &Line<'_>) -> Vec<(String, &'static str, String)> {
    let matchers = line.scope.map_or(&[][..], |s| &s.items);
    let mut key: Vec<_> =
        matchers.iter().map(|m| (m.name.text.clone(), m.op.as_str(), super::scope::value_text(m))).collect();
    key.sort();
    key
}

fn check_end(
    higher: &CheckedLevel<'_>,
    high: &Line<'_>,
    lower: &CheckedLevel<'_>,
    low: &Line<'_>,
    up: bool,
    out: &mut Vec<Diagnostic>,
) {
    let end = |line: &Line<'_>| line.until.as_ref().map_or(line.threshold.value, |(_, t)| t.value);
    let outlives = if up { end(high) < end(low) } else { end(high) > end(low) };
    let keep = |level: &CheckedLevel<'_>| level.holds.keep_firing_for.unwrap_or(0);
    let longer = keep(higher) - keep(lower) > RESOLVED_RETENTION;
    if !outlives && !longer {
        return;
    }
    let why = if outlives {
        format!("`{}` can go on when `{}` has long ended", higher.severity, lower.severity)
    } else {
        format!("`{}` goes on more than 15 minutes longer than `{}`", higher.severity, lower.severity)
    };
    let at = high.until.as_ref().map_or(high.span, |(_, t)| t.span);
    out.push(
        Diagnostic::new(&alerts::LEVEL_OUTLIVES_LOWER, at, why)
            .also(low.span, format!("`{}` ends here", lower.severity))
            .note(format!(
                "`{}` inhibits `{}`; when the lower one ends while inhibited, Alertmanager never tells that it resolved",
                higher.severity, lower.severity
            ))
            .help(format!("let `{}` end no earlier: give it the same `until` and `keep_firing_for`", lower.severity)),
    );
}
