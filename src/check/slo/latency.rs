//! `latency HISTOGRAM < BOUND`: the observations at or below the bound, of all.

use super::indicator::Measured;
use super::{BASE_WINDOW, Latency};
use crate::check::expand::Expanded;
use crate::check::model::{Counted, EventQuery, Indicator, Millis, Operand};
use crate::check::types::{self, Buckets, Cause, Constant, Kind, LabelSet, Metric, Presence, Quantity, Unit};
use crate::check::{Context, duration_text, scope};
use crate::diagnostic::codes::{alerts, slo as codes, types as type_codes};
use crate::diagnostic::{Diagnostic, nearest};
use crate::gostd::strconv::quote;
use crate::promql::ast::{
    Expr, ExprKind, Label, MatchOp, Matcher, MatcherForm, MetricName, Modifiers, VectorSelector,
};
use crate::syntax::ast;

pub(super) fn check<'a>(
    context: &Context<'_, 'a>,
    latency: Latency<'a>,
    windows: &[Millis],
    out: &mut Vec<Diagnostic>,
) -> Option<Measured<'a>> {
    let metric = histogram(context, latency, out)?;
    let bound = bound(latency, metric, out);
    let matchers = matchers(context, latency.selector, out)?;
    let name_span = latency.selector.name.as_ref().map_or(latency.selector.span, |n| n.span);
    let native = metric.buckets == Buckets::Native;
    let series = if native { metric.name.clone() } else { format!("{}_count", metric.name) };
    let expr = Expr {
        kind: ExprKind::VectorSelector(Box::new(VectorSelector {
            name: Some(MetricName { name: series.clone(), span: name_span }),
            matchers,
            braces: None,
            modifiers: Modifiers::default(),
        })),
        span: latency.selector.span,
    };
    let mut analysis = types::analyse(&expr, &context.env);
    out.append(&mut analysis.diagnostics);
    let labels = grouped(latency, &analysis.ty.labels, metric, out)?;
    let bound = bound?;
    let ExprKind::VectorSelector(vector) = &expr.kind else { return None };
    let text = selector(&series, &vector.matchers, None);
    let by: Vec<String> = latency.by.iter().map(|n| scope::label(&n.text)).collect();
    let sum = if by.is_empty() { "sum".to_string() } else { format!("sum by ({}) ", by.join(", ")) };
    let rate = |selector: &str, window: Millis| format!("{sum}(rate({selector}[{}]))", duration_text(window));
    let operand = |text: String| Operand { text, is_operation: false };
    let indicator = if native {
        Indicator::Native {
            bound: bound.to_string(),
            windows: windows.iter().map(|w| (*w, rate(&text, *w))).collect(),
        }
    } else {
        let buckets = selector(&format!("{}_bucket", metric.name), &vector.matchers, Some(bucket(bound)));
        let query =
            |w: Millis| EventQuery { counted: operand(rate(&buckets, w)), total: operand(rate(&text, w)) };
        Indicator::Events {
            counted: Counted::Fast,
            windows: windows.iter().map(|w| (*w, query(*w))).collect(),
        }
    };
    debug_assert!(windows.contains(&BASE_WINDOW));
    Some(Measured {
        indicator,
        expanded: Expanded::of_source(text, expr, latency.selector.span),
        labels,
        unit: Unit::count().per_second(),
    })
}

/// The declaration of the histogram.
fn histogram<'c>(
    context: &'c Context<'_, '_>,
    latency: Latency<'_>,
    out: &mut Vec<Diagnostic>,
) -> Option<&'c Metric> {
    let selector = latency.selector;
    let Some(name) = &selector.name else {
        out.push(
            Diagnostic::new(
                &codes::NOT_A_HISTOGRAM,
                selector.span,
                "a latency needs the name of a histogram",
            )
            .label("no name"),
        );
        return None;
    };
    let metric = context.env.metric(&name.text);
    if let Some(metric) = metric.filter(|m| m.kind == Kind::Histogram && m.buckets != Buckets::Unknown) {
        return Some(metric);
    }
    let text = &name.text;
    let mut d = Diagnostic::new(
        &codes::NOT_A_HISTOGRAM,
        name.span,
        match metric {
            Some(m) if m.kind != Kind::Histogram => {
                format!("`{text}` is a {}, not a histogram", m.kind.as_str())
            }
            Some(_) => format!("the buckets of `{text}` are not declared"),
            None => format!("`{text}` is not declared as a histogram"),
        },
    );
    if let Some(metric) = metric {
        d = d.also(metric.span, "declared here");
    }
    let base = text.strip_suffix("_bucket").or(text.strip_suffix("_count"));
    let known = context.all.metrics.keys().copied();
    d = match base.filter(|b| context.env.metric(b).is_some_and(|m| m.kind == Kind::Histogram)) {
        Some(base) => {
            d.label("a histogram is named without its suffix").fix(format!("write `{base}`"), name.span, base)
        }
        None if metric.is_some() => {
            d.help("`buckets 100ms, 500ms, 1s` or `native` stand behind its declaration")
        }
        None => match nearest(text, known) {
            Some(near) => d.label("not declared").fix(format!("write `{near}`"), name.span, near),
            None => d.label("not declared").help(format!(
                "declare it: `metric {text} histogram seconds {{…}} buckets 100ms, 500ms, 1s`, or `native`"
            )),
        },
    };
    out.push(d);
    None
}

/// The bound in the histogram's unit; of a classic one it is a bucket.
fn bound(latency: Latency<'_>, metric: &Metric, out: &mut Vec<Diagnostic>) -> Option<Constant> {
    let written = latency.bound?;
    let quantity = match Quantity::new(&written.number, &written.unit) {
        Ok(quantity) => quantity,
        Err(error) => {
            out.push(
                Diagnostic::new(&alerts::INVALID_QUANTITY, written.span, error.to_string())
                    .label("not a latency")
                    .help("write a number and its unit: `500ms`, `2s`"),
            );
            return None;
        }
    };
    let Ok(bound) = quantity.in_unit(metric.unit.as_ref()) else {
        let unit = metric.unit.as_ref().map_or_else(String::new, ToString::to_string);
        out.push(
            Diagnostic::new(
                &type_codes::UNIT_MISMATCH,
                written.span,
                format!("`{}` observes {unit}, not what `{}` is", metric.name, quantity.text()),
            )
            .also(metric.span, format!("declared in {unit}")),
        );
        return None;
    };
    let Buckets::Classic(buckets) = &metric.buckets else { return Some(bound) };
    if buckets.iter().any(|b| b.to_f64() == bound.to_f64()) {
        return Some(bound);
    }
    let unit = metric.unit.as_ref().and_then(Unit::symbol).unwrap_or_default();
    let all: Vec<String> = buckets.iter().map(|b| format!("{b}{unit}")).collect();
    let near = buckets.iter().min_by(|a, b| {
        let far = |c: &Constant| (c.to_f64() - bound.to_f64()).abs();
        far(a).total_cmp(&far(b))
    });
    let mut d = Diagnostic::new(
        &type_codes::UNKNOWN_BUCKET,
        written.span,
        format!("no bucket of `{}` ends at {}", metric.name, quantity.text()),
    )
    .label("what is between two buckets can't be counted")
    .also(metric.span, format!("the buckets end at {}", all.join(", ")));
    if let Some(near) = near {
        d = d.fix(format!("take the nearest, `{near}{unit}`"), written.span, format!("{near}{unit}"));
    }
    out.push(d);
    None
}

/// The matchers as PromQL knows them, constants in them replaced.
fn matchers<'a>(
    context: &Context<'_, 'a>,
    selector: &'a ast::Selector,
    out: &mut Vec<Diagnostic>,
) -> Option<Vec<Matcher>> {
    let mut matchers = Vec::new();
    for matcher in selector.matchers.iter().flat_map(|m| &m.items) {
        matchers.push(Matcher {
            label: Label { name: matcher.name.text.clone(), span: matcher.name.span },
            op: match matcher.op {
                ast::MatchOp::Equal => MatchOp::Equal,
                ast::MatchOp::NotEqual => MatchOp::NotEqual,
                ast::MatchOp::Regex => MatchOp::Regexp,
                ast::MatchOp::NotRegex => MatchOp::NotRegexp,
            },
            value: context.values.matcher_text(matcher, out)?,
            value_span: matcher.value.span(),
            span: matcher.span(),
            form: MatcherForm::Plain,
            bare_param: false,
        });
    }
    Some(matchers)
}

/// The labels that are left when all series are summed, or those of each `by`.
fn grouped(
    latency: Latency<'_>,
    labels: &LabelSet,
    metric: &Metric,
    out: &mut Vec<Diagnostic>,
) -> Option<LabelSet> {
    let mut fits = true;
    for name in latency.by {
        if let Presence::Never(_) = labels.get(&name.text) {
            let mut d = Diagnostic::new(
                &type_codes::UNKNOWN_METRIC_LABEL,
                name.span,
                format!("`{}` has no label `{}`", metric.name, name.text),
            )
            .also(metric.span, "declared here");
            if let Some(near) = nearest(&name.text, labels.names()) {
                d = d.fix(format!("write `{near}`"), name.span, near);
            }
            out.push(d);
            fits = false;
        }
    }
    let span = latency.by.first().map_or(latency.span, |n| n.span);
    fits.then(|| labels.keep(latency.by.iter().map(|n| n.text.as_str()), Cause::By, span))
}

/// The matcher of the bucket that ends at the bound, as Prometheus 2 and 3 store it.
fn bucket(bound: Constant) -> String {
    let text = le_text(bound);
    match text.contains(['.', 'e']) {
        true => format!("le={}", quote(&text)),
        false => format!("le=~{}", quote(&format!("{text}|{text}\\.0"))),
    }
}

/// A selector as PromQL writes it; a name that needs quotes stands in the braces.
fn selector(name: &str, matchers: &[Matcher], more: Option<String>) -> String {
    let plain = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || c == ':')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == ':');
    let quoted = (!plain).then(|| quote(name));
    let inside: Vec<String> =
        quoted.into_iter().chain(matchers.iter().map(ToString::to_string)).chain(more).collect();
    let name = if plain { name } else { "" };
    if inside.is_empty() { name.to_string() } else { format!("{name}{{{}}}", inside.join(", ")) }
}

/// A bound as programs expose it.
fn le_text(bound: Constant) -> String {
    if bound.is_quotient() { crate::gostd::strconv::format_value(bound.to_f64()) } else { bound.to_string() }
}
