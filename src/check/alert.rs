//! One alert: its condition or its signal and levels, what it inherits, its texts.

use super::Context;
use super::declare::effective;
use super::expand::Expanded;
use super::inherit::Inherited;
use super::level;
use super::model::Millis;
use super::model::{Body, CheckedAlert, CheckedNoData, Holds};
use super::text::{self, Words};
use super::{duration_text, types};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::{self, alerts};
use crate::promql::ast::ExprKind;
use crate::source::Span;
use crate::syntax::ast::{Alert, AlertProperty, Level, NoData, Promql, Property, Setting, SettingKind};

/// Where an alert stands: the defaults that reach it and its group's interval.
#[derive(Debug, Clone, Copy)]
pub struct Place<'p, 'a> {
    /// Project, file and group defaults, in this order.
    pub defaults: &'p [&'a Setting],
    /// The group's interval, if it is given.
    pub interval: Option<(Millis, Span)>,
}

/// Checks an alert with the changes of an environment; `None` if it can't be built.
pub fn check<'a>(
    context: &Context<'_, 'a>,
    place: Place<'_, 'a>,
    alert: &'a Alert,
    changes: &[&'a Alert],
    out: &mut Vec<Diagnostic>,
) -> Option<CheckedAlert<'a>> {
    let written = effective(alert, changes);
    let mut properties = Inherited::default();
    for setting in place.defaults {
        properties.apply(&setting.kind);
    }
    let mut parts = Parts::default();
    for property in &written {
        match &property.kind {
            AlertProperty::Expr(p) => parts.signal(property, p, true, out),
            AlertProperty::Value(p) => parts.signal(property, p, false, out),
            AlertProperty::Level(l) => parts.levels.push((l, property)),
            AlertProperty::Setting(s) => {
                if let SettingKind::Severity(_) = s {
                    parts.severity = Some(property.span);
                }
                properties.apply(s);
            }
            AlertProperty::NoData(n) => parts.no_data = Some((n, property.span)),
            AlertProperty::Allow(_) => {}
        }
    }
    properties.check_links(out);
    super::labels::check(&properties, out);
    let inherited = Holds {
        hold: properties.hold.and_then(|v| context.values.duration(v, out)),
        keep_firing_for: properties.keep_firing_for.and_then(|v| context.values.duration(v, out)),
    };
    let Some((promql, is_condition, _)) = parts.signal else {
        out.push(missing_signal(alert, &parts));
        return None;
    };
    let expanded = context.expander.expand(promql, &[], out)?;
    let analysis = context.analyse(&expanded, out);
    if is_condition {
        context.report(&expanded, types::check_condition(&expanded.expr, &analysis), out);
        if types::firing(&expanded.expr, &analysis.ty) == types::Firing::Watchdog {
            out.push(always_firing(expanded.span));
        }
    }
    let unit = analysis.ty.known_unit().cloned().or_else(|| adopted_unit(context, &parts.levels));
    let body = if is_condition {
        condition(context, alert, &parts, &properties, inherited, expanded, out)
    } else {
        levels(context, alert, &parts, inherited, unit.as_ref(), expanded, out)
    }?;
    if let Body::Levels { signal, levels } = &body {
        for line in levels.iter().flat_map(|l| &l.lines) {
            context.report(signal, types::check_limit(&analysis.ty, signal.expr.span, line.limit()), out);
        }
    }
    let no_data = parts.no_data.and_then(|(n, span)| no_data(context, n, span, out));
    check_holds(place.interval, &body, alert.name.span, out);
    let checked =
        CheckedAlert { name: &alert.name, properties, body, result: analysis.ty.labels, unit, no_data };
    check_texts(context, &checked, out);
    Some(checked)
}

/// What an alert is made of, before it is looked into.
#[derive(Default)]
struct Parts<'a> {
    /// The expression, whether it is a condition, and its property.
    signal: Option<(&'a Promql, bool, Span)>,
    levels: Vec<(&'a Level, &'a Property<AlertProperty>)>,
    severity: Option<Span>,
    no_data: Option<(&'a NoData, Span)>,
}

impl<'a> Parts<'a> {
    fn signal(
        &mut self,
        property: &'a Property<AlertProperty>,
        promql: &'a Promql,
        condition: bool,
        out: &mut Vec<Diagnostic>,
    ) {
        if let Some((_, before, first)) = self.signal {
            // Twice the same property has been reported as such.
            if before == condition {
                return;
            }
            out.push(
                Diagnostic::new(
                    &alerts::TWO_CONDITIONS,
                    property.keyword,
                    "an alert has one `expr` or one `value`",
                )
                .label("a second one")
                .also(first, "the first one")
                .help("keep one; `value` with levels for a signal, `expr` for a condition"),
            );
            return;
        }
        self.signal = Some((promql, condition, property.span));
    }
}

/// A constant: meant as a dead man's switch, which is worth saying.
fn always_firing(span: Span) -> Diagnostic {
    Diagnostic::new(&codes::types::ALWAYS_FIRES, span, "this alert always fires")
        .label("a constant")
        .help("if that is meant: `allow always-firing \"dead man's switch\"`")
}

/// A value of unknown unit has that of the thresholds it is compared with, in its base: `> 80%` tells of a ratio.
fn adopted_unit(
    context: &Context<'_, '_>,
    levels: &[(&Level, &Property<AlertProperty>)],
) -> Option<types::Unit> {
    let (level, _) = levels.first()?;
    let quantity = context.values.quantity(&level.threshold, &mut Vec::new())?;
    let unit = quantity.unit()?;
    if unit.is_percent() || unit.is_ratio() {
        Some(types::Unit::ratio())
    } else if unit.is_time() {
        Some(types::Unit::seconds())
    } else if unit.is_data() {
        Some(types::Unit::bytes())
    } else {
        None
    }
}

fn missing_signal(alert: &Alert, parts: &Parts<'_>) -> Diagnostic {
    let d = Diagnostic::new(
        &alerts::MISSING_CONDITION,
        alert.name.span,
        format!("alert `{}` has no condition", alert.name.text),
    )
    .label("when does it fire?");
    if parts.levels.is_empty() {
        d.help("write `expr` and a condition, or `value` and levels")
    } else {
        d.help("write `value` and the PromQL that the levels compare")
    }
}

fn condition<'a>(
    context: &Context<'_, 'a>,
    alert: &'a Alert,
    parts: &Parts<'a>,
    properties: &Inherited<'a>,
    holds: Holds,
    expr: Expanded<'a>,
    out: &mut Vec<Diagnostic>,
) -> Option<Body<'a>> {
    for (level, property) in &parts.levels {
        out.push(
            Diagnostic::new(
                &alerts::LEVEL_WITHOUT_VALUE,
                property.span,
                format!("the level `{}` has nothing to compare", level.severity.text),
            )
            .label("a level compares a `value`")
            .also(expr.span, "this is a whole condition")
            .help("write `value` in place of `expr`, without the comparison at its end"),
        );
    }
    let told = properties.labels.get("severity").is_some_and(|l| l.value.value.contains("{{"));
    let severity = match properties.severity {
        _ if told => None,
        Some(name) => {
            let known = level::known_severity(&context.all.severities, &name.text, name.span, out);
            known.then(|| name.text.clone())
        }
        None if context.all.severity_item.is_none() => None,
        None => {
            out.push(
                Diagnostic::new(
                    &alerts::MISSING_SEVERITY,
                    alert.name.span,
                    format!("alert `{}` has no severity", alert.name.text),
                )
                .label("whom does it reach?")
                .help(format!("write `severity` and one of {}", context.all.severities.join(", "))),
            );
            None
        }
    };
    Some(Body::Condition { expr, severity, holds })
}

fn levels<'a>(
    context: &Context<'_, 'a>,
    alert: &'a Alert,
    parts: &Parts<'a>,
    inherited: Holds,
    unit: Option<&types::Unit>,
    signal: Expanded<'a>,
    out: &mut Vec<Diagnostic>,
) -> Option<Body<'a>> {
    if let Some(span) = parts.severity {
        out.push(
            Diagnostic::new(&alerts::UNUSED_SEVERITY, span, "the levels tell the severity")
                .label("has no effect")
                .help("remove this line"),
        );
    }
    if let ExprKind::Binary(b) = &signal.expr.kind
        && b.op.is_comparison()
        && b.return_bool.is_none()
    {
        out.push(
            Diagnostic::new(
                &alerts::COMPARISON_IN_VALUE,
                signal.origin(b.op_span),
                "a `value` does not compare, its levels do",
            )
            .label("this comparison drops what the levels should see")
            .help("move the comparison into a level, or write `expr`"),
        );
    }
    if parts.levels.is_empty() {
        out.push(
            Diagnostic::new(
                &alerts::MISSING_CONDITION,
                alert.name.span,
                format!("alert `{}` has a value and no level", alert.name.text),
            )
            .label("when does it fire?")
            .also(signal.span, "the value")
            .help("write a severity and a threshold: `critical > 90% for 5m`"),
        );
        return None;
    }
    let level_context =
        level::Context { values: context.values, severities: &context.all.severities, unit, inherited };
    let levels = level::check(level_context, &parts.levels, out);
    for line in levels.iter().flat_map(|l| &l.lines) {
        super::push::check(&signal, line, out);
    }
    (!levels.is_empty()).then_some(Body::Levels { signal, levels })
}

pub(super) fn no_data<'a>(
    context: &Context<'_, 'a>,
    written: &'a NoData,
    span: Span,
    out: &mut Vec<Diagnostic>,
) -> Option<CheckedNoData> {
    let severity = &written.severity;
    if !level::known_severity(&context.all.severities, &severity.text, severity.span, out) {
        return None;
    }
    let holds = level::holds(context.values, &written.holds, out);
    Some(CheckedNoData { severity: severity.text.clone(), holds, span })
}

/// A `for` shorter than the interval is no wait at all: the second evaluation is the first that can see it.
pub(super) fn check_holds(
    interval: Option<(Millis, Span)>,
    body: &Body<'_>,
    name: Span,
    out: &mut Vec<Diagnostic>,
) {
    let Some((interval, interval_span)) = interval else { return };
    let all: Vec<(Holds, Span)> = match body {
        Body::Condition { holds, .. } => vec![(*holds, name)],
        Body::Levels { levels, .. } => levels.iter().map(|l| (l.holds, l.span)).collect(),
        Body::Burns { holds, .. } => vec![(*holds, name)],
    };
    for (holds, span) in all {
        let Some(hold) = holds.hold.filter(|h| *h > 0 && *h < interval) else { continue };
        out.push(
            Diagnostic::new(&alerts::FOR_BELOW_INTERVAL, span, "`for` is shorter than the group's interval")
                .label(format!("waits {}", duration_text(hold)))
                .also(interval_span, "the rules run this often")
                .note(
                    "a rule is looked at once an interval: this wait ends at the next look, whatever it says",
                )
                .help("wait at least one interval, or run the group more often"),
        );
    }
}

/// Interpolations in labels and annotations.
fn check_texts(context: &Context<'_, '_>, alert: &CheckedAlert<'_>, out: &mut Vec<Diagnostic>) {
    match &alert.body {
        Body::Condition { expr, .. } | Body::Levels { signal: expr, .. } => {
            check_texts_of(context, alert, expr, &[], out);
        }
        // What an slo measures stands beside its alert.
        Body::Burns { .. } => {}
    }
}

/// Like [`check_texts`], of an alert whose labels come from `expr`; `facts` are words of its own.
pub(super) fn check_texts_of(
    context: &Context<'_, '_>,
    alert: &CheckedAlert<'_>,
    expr: &Expanded<'_>,
    facts: &[(&str, String)],
    out: &mut Vec<Diagnostic>,
) {
    let (severity, threshold) = match &alert.body {
        Body::Condition { severity, .. } => (severity.as_deref(), None),
        Body::Levels { levels, .. } => (levels.first().map(|l| l.severity.as_str()), Some("threshold")),
        Body::Burns { tiers, .. } => (tiers.first().map(|t| t.severity.as_str()), None),
    };
    let words = Words {
        alertname: &alert.name.text,
        severity,
        threshold,
        facts,
        unit: alert.unit.as_ref(),
        labels: &alert.properties.labels,
        external: &context.external_labels,
        result: &alert.result,
    };
    let texts = alert.properties.texts.values();
    let used = texts.flat_map(|t| {
        // Of a link made of two texts, the base counts only for the words that are left of it.
        t.sources.iter().copied().filter(|s| t.sources.len() == 1 || t.value.contains(s.value.as_str()))
    });
    let labels =
        alert.properties.labels.values().chain(alert.properties.annotations.values()).map(|l| &l.value);
    for text in used.chain(labels) {
        text::params_are_text(text, &context.all.lets, out);
        words.check(text, expr, out);
        words.check_template(text, context.version, expr, out);
    }
}
