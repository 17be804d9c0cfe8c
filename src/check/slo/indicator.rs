//! What an slo measures: events, a latency or a signal, with a query for each window.

use super::{BASE_WINDOW, Parts, latency};
use crate::check::expand::Expanded;
use crate::check::model::{Counted, EventQuery, Indicator, Millis, Operand};
use crate::check::types::{Analysis, LabelSet, Range, Sort, Unit};
use crate::check::{Context, duration_text};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::slo as codes;
use crate::promql::ast::ExprKind;
use crate::promql::types::ValueType;
use crate::source::Span;
use crate::syntax::ast::{Promql, Slo};

/// An indicator and what is known of its series.
pub(super) struct Measured<'a> {
    pub(super) indicator: Indicator,
    /// What has to be there for it to be measured at all.
    pub(super) expanded: Expanded<'a>,
    /// The labels of the share of errors.
    pub(super) labels: LabelSet,
    /// The unit in which traffic is counted.
    pub(super) unit: Option<Unit>,
}

/// `windows` ascend and hold [`BASE_WINDOW`].
pub(super) fn check<'a>(
    context: &Context<'_, 'a>,
    slo: &Slo,
    parts: &Parts<'a>,
    windows: &[Millis],
    out: &mut Vec<Diagnostic>,
) -> Option<Measured<'a>> {
    let events = parts.errors.map(|e| (e, Counted::Errors)).or(parts.good.map(|g| (g, Counted::Good)));
    let kinds = [
        ("errors", parts.errors.map(|(_, s)| s)),
        ("good", parts.good.map(|(_, s)| s)),
        ("latency", parts.latency.map(|l| l.span)),
        ("signal", parts.signal.map(|(_, s)| s)),
    ];
    let mut given = kinds.iter().filter_map(|(k, s)| s.map(|s| (*k, s)));
    let first = given.next();
    if let (Some((first, first_span)), Some((second, second_span))) = (first, given.next()) {
        out.push(
            Diagnostic::new(
                &codes::TWO_INDICATORS,
                second_span,
                format!("an slo measures `{first}` or `{second}`, not both"),
            )
            .label("a second thing to measure")
            .also(first_span, "the first one")
            .help("make two slos of it"),
        );
        return None;
    }
    if let (Some((_, span)), None) = (parts.total, events) {
        let d = match first {
            Some((kind, at)) => {
                Diagnostic::new(&codes::TWO_INDICATORS, span, format!("a `{kind}` needs no `total`"))
                    .label("has no place here")
                    .also(at, "this is what is measured")
                    .help("remove this line")
            }
            None => Diagnostic::new(&codes::INCOMPLETE_SLO, span, "all events, but which of them are bad?")
                .label("stands alone")
                .help("write `errors` or `good` beside it"),
        };
        out.push(d);
        return None;
    }
    if let Some(latency) = parts.latency {
        return latency::check(context, latency, windows, out);
    }
    if let Some((signal, span)) = parts.signal {
        return self::signal(context, signal, span, windows, out);
    }
    let Some(((promql, span), counted)) = events else {
        out.push(
            Diagnostic::new(
                &codes::INCOMPLETE_SLO,
                slo.name.span,
                format!("slo `{}` measures nothing", slo.name.text),
            )
            .label("of what is the objective?")
            .help("write `errors` (or `good`) and `total`, a `latency`, or a `signal`"),
        );
        return None;
    };
    let Some((total, total_span)) = parts.total else {
        let what = if counted == Counted::Errors { "errors" } else { "good" };
        out.push(
            Diagnostic::new(&codes::INCOMPLETE_SLO, span, format!("`{what}` of how many?"))
                .label("stands alone")
                .help("write `total` and all events beside it"),
        );
        return None;
    };
    self::events(context, (promql, span), (total, total_span), counted, windows, out)
}

fn events<'a>(
    context: &Context<'_, 'a>,
    (promql, span): (&'a Promql, Span),
    (total, total_span): (&'a Promql, Span),
    counted: Counted,
    windows: &[Millis],
    out: &mut Vec<Diagnostic>,
) -> Option<Measured<'a>> {
    let part = in_windows(context, promql, span, windows, out);
    let all = in_windows(context, total, total_span, windows, out);
    let (part, all) = (part?, all?);
    let base = |list: &[(Millis, Expanded<'a>)]| {
        list.iter().find(|(w, _)| *w == BASE_WINDOW).map(|(_, e)| e.clone())
    };
    let (part_base, all_base) = (base(&part)?, base(&all)?);
    let part_type = context.analyse(&part_base, out);
    let all_type = context.analyse(&all_base, out);
    let mut fits = true;
    for (expr, analysis) in [(&part_base, &part_type), (&all_base, &all_type)] {
        fits &= check_vector(expr, analysis, out);
    }
    fits = fits && check_quotient(&part_base, &part_type, &all_base, &all_type, out);
    if !fits {
        return None;
    }
    let windows = part.into_iter().zip(all).map(|((window, counted), (_, total))| {
        (window, EventQuery { counted: operand(&counted), total: operand(&total) })
    });
    Some(Measured {
        indicator: Indicator::Events { counted, windows: windows.collect() },
        expanded: all_base,
        labels: all_type.ty.labels.clone(),
        unit: all_type.ty.known_unit().cloned(),
    })
}

/// The expression in each window.
fn in_windows<'a>(
    context: &Context<'_, 'a>,
    promql: &'a Promql,
    span: Span,
    windows: &[Millis],
    out: &mut Vec<Diagnostic>,
) -> Option<Vec<(Millis, Expanded<'a>)>> {
    let mut all = Vec::new();
    for window in windows {
        all.push((*window, context.expander.expand(promql, &[("window", &duration_text(*window))], out)?));
    }
    // Another window that is surely not among them.
    let other = context.expander.expand(promql, &[("window", "7m")], out)?;
    if all.first().is_some_and(|(_, first)| first.text == other.text) {
        out.push(
            Diagnostic::new(&codes::WINDOW_MISSING, span, "this is the same in every window")
                .label("has no `$window`")
                .note("an objective is measured in several windows, from minutes to days")
                .help("write `[$window]` for the range"),
        );
        return None;
    }
    Some(all)
}

fn operand(expanded: &Expanded<'_>) -> Operand {
    let is_operation = matches!(expanded.expr.kind, ExprKind::Binary(_) | ExprKind::Unary(..));
    Operand { text: expanded.text.clone(), is_operation }
}

fn check_vector(expr: &Expanded<'_>, analysis: &Analysis, out: &mut Vec<Diagnostic>) -> bool {
    if analysis.ty.value == ValueType::Vector {
        return check_counter(expr, analysis, out);
    }
    out.push(
        Diagnostic::new(
            &codes::INDICATOR_MISMATCH,
            expr.span,
            format!("this is a {}, not a vector", analysis.ty.value.documented()),
        )
        .label("events are counted in series")
        .help("write a rate of a counter: `sum(rate(requests_total[$window]))`"),
    );
    false
}

/// A counter tells what happened since its process started, not in a window.
fn check_counter(expr: &Expanded<'_>, analysis: &Analysis, out: &mut Vec<Diagnostic>) -> bool {
    if !matches!(analysis.ty.sort, Sort::Counter | Sort::Buckets { rated: false }) {
        return true;
    }
    out.push(
        Diagnostic::new(&codes::INDICATOR_MISMATCH, expr.span, "this counts since its process started")
            .label("a counter")
            .help("take its rate in the window: `sum(rate(requests_total[$window]))`"),
    );
    false
}

/// Bad events can be divided by all events: the same unit, the same labels.
fn check_quotient(
    part: &Expanded<'_>,
    part_type: &Analysis,
    all: &Expanded<'_>,
    all_type: &Analysis,
    out: &mut Vec<Diagnostic>,
) -> bool {
    if let (Some(a), Some(b)) = (part_type.ty.known_unit(), all_type.ty.known_unit())
        && !a.same_dimension(b)
    {
        out.push(
            Diagnostic::new(&codes::INDICATOR_MISMATCH, part.span, format!("these are {a}, and all are {b}"))
                .label(format!("in {a}"))
                .also(all.span, format!("in {b}"))
                .help("count the same events on both sides"),
        );
        return false;
    }
    let (a, b) = (&part_type.ty.labels, &all_type.ty.labels);
    let names = |set: &LabelSet| set.names().map(str::to_string).collect::<Vec<_>>();
    let listed = |names: &[String]| match names {
        [] => "no labels".to_string(),
        names => format!("the labels {}", names.join(", ")),
    };
    let (mine, theirs) = (names(a), names(b));
    if a.is_closed() && b.is_closed() && mine != theirs {
        out.push(
            Diagnostic::new(
                &codes::INDICATOR_MISMATCH,
                part.span,
                "these events and all events have other labels",
            )
            .label(listed(&mine))
            .also(all.span, listed(&theirs))
            .help(match theirs.as_slice() {
                [] => "aggregate both in the same way: `sum(…)`".to_string(),
                labels => format!("aggregate both in the same way: `sum by ({}) (…)`", labels.join(", ")),
            }),
        );
        return false;
    }
    true
}

fn signal<'a>(
    context: &Context<'_, 'a>,
    promql: &'a Promql,
    span: Span,
    windows: &[Millis],
    out: &mut Vec<Diagnostic>,
) -> Option<Measured<'a>> {
    let expanded = context.expander.expand(promql, &[("window", "5m")], out)?;
    let other = context.expander.expand(promql, &[("window", "7m")], out)?;
    if expanded.text != other.text {
        out.push(
            Diagnostic::new(&codes::WINDOW_MISSING, span, "a signal is what holds at one moment")
                .label("`$window` has no place here")
                .note("its average over each window is taken of itself")
                .help("write the metric or the comparison alone: `signal up`, `signal queue_length < 100`"),
        );
        return None;
    }
    let analysis = context.analyse(&expanded, out);
    if !check_vector(&expanded, &analysis, out) {
        return None;
    }
    let comparison = match &expanded.expr.kind {
        ExprKind::Binary(b) if b.op.is_comparison() && b.return_bool.is_none() => Some(b.op_span),
        _ => None,
    };
    let unit = analysis.ty.known_unit();
    let is_share = unit.is_none_or(|u| u.is_ratio() || u.is_count());
    let Range { lo, hi, .. } = analysis.ty.range;
    if comparison.is_none() && (!is_share || hi < 0.0 || lo > 1.0) {
        let what = unit.map_or_else(|| "a number".to_string(), |u| format!("in {u}"));
        out.push(
            Diagnostic::new(
                &codes::NOT_A_SIGNAL,
                expanded.span,
                format!("a signal is true or false, this is {what}"),
            )
            .label("neither 1 nor 0")
            .help("compare it: `signal queue_length < 100`"),
        );
        return None;
    }
    let plain = match &expanded.expr.kind {
        ExprKind::VectorSelector(v) => v.modifiers.is_empty(),
        _ => false,
    };
    let (recorded, selector) = match (plain, comparison) {
        (true, _) => (None, expanded.text.clone()),
        (false, Some(op)) => {
            let behind = Span { start: op.end, ..op };
            let edit = [(behind, " bool".to_string())];
            (Some(expanded.edited(context.values.sources, &edit)), String::new())
        }
        (false, None) => (Some(expanded.text.clone()), String::new()),
    };
    let mut labels = analysis.ty.labels.clone();
    labels.remove(crate::promql::ast::METRIC_NAME, crate::check::types::Cause::NameDropped, expanded.span);
    Some(Measured {
        indicator: Indicator::Signal { recorded, selector, windows: windows.to_vec() },
        expanded,
        labels,
        unit: None,
    })
}
