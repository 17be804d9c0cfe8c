//! Service level objectives: what is promised, what is measured, whom it tells when the error budget burns too fast.
//!
//! `indicator` looks into what is measured, `latency` into histograms, `windows` knows the burn rates.

mod indicator;
mod latency;
pub(super) mod recorded;
mod windows;

use super::alert::{self, Place};
use super::declare::effective_slo;
use super::inherit::Inherited;
use super::labels::check_reserved;
use super::level;
use super::model::{Body, CheckedAlert, CheckedSlo, Holds, Millis, Objective, Tier};
use super::types::{Cause, Constant, Decimal, Quantity, Values};
use super::{Context, duration_text};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::{alerts, slo as codes, types as type_codes};
use crate::source::Span;
use crate::syntax::ast::{self, Name, NoData, Promql, SettingKind, Slo, SloProperty, Value};

use indicator::Measured;

/// The label that recorded series and alerts of an slo bear.
pub const SLO_LABEL: &str = "slo";

/// The window in which the events of the whole period are counted up.
pub const BASE_WINDOW: Millis = 5 * 60_000;

const DAY: Millis = 86_400_000;

/// What an slo is made of, before it is looked into.
#[derive(Default)]
struct Parts<'a> {
    objective: Option<(&'a ast::Quantity, Option<&'a Value>, Span)>,
    errors: Option<(&'a Promql, Span)>,
    good: Option<(&'a Promql, Span)>,
    total: Option<(&'a Promql, Span)>,
    latency: Option<Latency<'a>>,
    signal: Option<(&'a Promql, Span)>,
    min_traffic: Option<(&'a Value, Span)>,
    page: Option<&'a Name>,
    ticket: Option<&'a Name>,
    no_data: Option<(&'a NoData, Span)>,
}

/// `latency SELECTOR < BOUND by (labels)`
#[derive(Clone, Copy)]
struct Latency<'a> {
    selector: &'a ast::Selector,
    bound: Option<&'a ast::Quantity>,
    by: &'a [Name],
    span: Span,
}

/// Checks an slo with the changes of an environment; `None` if it can't be built.
pub(super) fn check<'a>(
    context: &Context<'_, 'a>,
    place: Place<'_, 'a>,
    slo: &'a Slo,
    changes: &[&'a Slo],
    out: &mut Vec<Diagnostic>,
) -> Option<CheckedSlo<'a>> {
    let mut properties = Inherited::default();
    for setting in place.defaults {
        properties.apply(&setting.kind);
    }
    let mut parts = Parts::default();
    for property in effective_slo(slo, changes) {
        let span = property.span;
        match &property.kind {
            SloProperty::Objective { target, window } => {
                parts.objective = Some((target, window.as_ref(), span));
            }
            SloProperty::Errors(p) => parts.errors = Some((p, span)),
            SloProperty::Good(p) => parts.good = Some((p, span)),
            SloProperty::Total(p) => parts.total = Some((p, span)),
            SloProperty::Latency { selector, bound, by } => {
                parts.latency = Some(Latency { selector, bound: bound.as_ref(), by, span });
            }
            SloProperty::Signal(p) => parts.signal = Some((p, span)),
            SloProperty::MinTraffic(v) => parts.min_traffic = Some((v, span)),
            SloProperty::Page(n) => parts.page = Some(n),
            SloProperty::Ticket(n) => parts.ticket = Some(n),
            SloProperty::NoData(n) => parts.no_data = Some((n, span)),
            SloProperty::Allow(_) => {}
            SloProperty::Setting(setting) => {
                if let SettingKind::Severity(_) = setting {
                    out.push(
                        Diagnostic::new(
                            &alerts::UNUSED_SEVERITY,
                            span,
                            "`page` and `ticket` tell the severity",
                        )
                        .label("has no effect")
                        .help("remove this line"),
                    );
                }
                properties.apply(setting);
            }
        }
    }
    properties.check_links(out);
    super::labels::check(&properties, out);
    if let Some(label) = properties.labels.get(SLO_LABEL) {
        out.push(check_reserved(label.name.span));
    }
    let objective = objective(context, slo, &parts, out);
    let tiers = objective.as_ref().map(|o| tiers(context, slo, &parts, o, out)).unwrap_or_default();
    let burns = tiers.iter().flat_map(|t| &t.burns);
    let mut all: Vec<Millis> = burns.flat_map(|b| [b.short, b.long]).chain([BASE_WINDOW]).collect();
    all.sort_unstable();
    all.dedup();
    let measured = indicator::check(context, slo, &parts, &all, out);
    let no_data = parts.no_data.and_then(|(n, span)| alert::no_data(context, n, span, out));
    let holds = Holds {
        hold: properties.hold.and_then(|v| context.values.duration(v, out)),
        keep_firing_for: properties.keep_firing_for.and_then(|v| context.values.duration(v, out)),
    };
    let Measured { indicator, expanded, labels, unit } = measured?;
    let min_traffic =
        parts.min_traffic.and_then(|(v, span)| min_traffic(context, v, span, unit.as_ref(), &indicator, out));
    let mut result = labels;
    if result.get(SLO_LABEL).is_possible() && result.is_closed() {
        out.push(check_reserved(expanded.span).also(slo.name.span, "recorded series bear it"));
    }
    result.insert(SLO_LABEL, true, Values::Any, Cause::Rewrite, slo.name.span);
    let objective = objective?;
    let checked = CheckedAlert {
        name: &slo.name,
        properties,
        body: Body::Burns { tiers, holds },
        result,
        unit: None,
        no_data,
    };
    alert::check_holds(place.interval, &checked.body, slo.name.span, out);
    let facts = objective.facts();
    alert::check_texts_of(context, &checked, &expanded, &facts, out);
    Some(CheckedSlo {
        alert: checked,
        objective,
        indicator,
        min_traffic,
        watched: expanded.expr.into_owned(),
    })
}

impl Objective {
    /// What texts can say of it, beside the words that every alert has.
    pub fn facts(&self) -> Vec<(&'static str, String)> {
        vec![
            ("value", "{{ $value | printf \"%.1f\" }}".to_string()),
            ("objective", self.shown.clone()),
            ("window", self.over()),
        ]
    }
}

fn objective(
    context: &Context<'_, '_>,
    slo: &Slo,
    parts: &Parts<'_>,
    out: &mut Vec<Diagnostic>,
) -> Option<Objective> {
    let Some((target, window, _)) = parts.objective else {
        out.push(
            Diagnostic::new(
                &codes::INCOMPLETE_SLO,
                slo.name.span,
                format!("slo `{}` has no objective", slo.name.text),
            )
            .label("how good must it be?")
            .help("write a share and a window: `objective 99.9% over 30d`"),
        );
        return None;
    };
    let text = format!("{}{}", target.number, target.unit);
    let wrong = |why: &str| {
        Diagnostic::new(
            &codes::OBJECTIVE_OUT_OF_RANGE,
            target.span,
            format!("`{text}` is no objective: {why}"),
        )
    };
    let share = Quantity::new(&target.number, &target.unit)
        .ok()
        .filter(|q| q.unit().is_none_or(|u| u.is_percent() || u.is_ratio()))
        .and_then(|q| q.base_value());
    let Some(share) = share else {
        out.push(wrong("it is no share").label("not a share").help("write a share such as `99.9%`"));
        return None;
    };
    let period = window.and_then(|w| context.values.duration(w, out));
    let value = share.to_f64();
    if value <= 0.0 || value >= 1.0 {
        let finding = if value == 1.0 {
            wrong("it leaves no budget")
                .label("one error breaks it")
                .help("promise a little less, such as `99.99%`, or write an alert on the errors themselves")
        } else if target.unit.is_empty() && value > 1.0 && value < 100.0 {
            wrong("it is more than all").label("a number without `%`").fix(
                format!("write `{text}%`"),
                target.span,
                format!("{text}%"),
            )
        } else {
            wrong("it is not between 0 % and 100 %").label("not a share")
        };
        out.push(finding);
        return None;
    }
    let budget = share.decimal().and_then(|d| Decimal::parse("1")?.plus(d.negated())).map(Constant::from);
    let (Some(budget), Some(period)) = (budget, period) else { return None };
    if !(7 * DAY..=366 * DAY).contains(&period) {
        let span = window.map_or(target.span, Value::span);
        out.push(
            Diagnostic::new(
                &codes::OBJECTIVE_OUT_OF_RANGE,
                span,
                format!("an objective is over 7 days to a year, not {}", duration_text(period)),
            )
            .label(if period < 7 * DAY { "too short for burn rates" } else { "too long" })
            .help("`28d` and `30d` are usual"),
        );
        return None;
    }
    let shown = match target.unit.as_str() {
        "" => Quantity::new(&target.number, "").map_or(text, |q| q.human(Some(&super::types::Unit::ratio()))),
        _ => text,
    };
    Some(Objective { target: share, budget, shown, period })
}

/// `page` and `ticket` with their burn rates, the higher first.
fn tiers(
    context: &Context<'_, '_>,
    slo: &Slo,
    parts: &Parts<'_>,
    objective: &Objective,
    out: &mut Vec<Diagnostic>,
) -> Vec<Tier> {
    let mut tiers = Vec::new();
    for (name, page) in [(parts.page, true), (parts.ticket, false)] {
        let Some(name) = name else { continue };
        if !level::known_severity(&context.all.severities, &name.text, name.span, out) {
            continue;
        }
        let mut burns = windows::burns(page, objective.period);
        let (reached, out_of_reach): (Vec<_>, Vec<_>) =
            burns.drain(..).partition(|b| b.factor.to_f64() * objective.budget.to_f64() < 1.0);
        for burn in out_of_reach {
            let rest = if reached.is_empty() { "this alert never fires" } else { "this window is left out" };
            out.push(
                Diagnostic::new(
                    &codes::BURN_OUT_OF_REACH,
                    name.span,
                    format!(
                        "the budget can't burn {} times too fast in {}: that is more errors than events",
                        burn.factor,
                        duration_text(burn.long)
                    ),
                )
                .label(rest)
                .note(format!(
                    "a total failure burns it {} times too fast",
                    crate::gostd::strconv::format_value((10.0 / objective.budget.to_f64()).round() / 10.0)
                ))
                .help("raise the objective, or `allow burn-out-of-reach` with a reason"),
            );
        }
        if !reached.is_empty() {
            tiers.push(Tier { severity: name.text.clone(), span: name.span, burns: reached });
        }
    }
    if parts.page.is_none() && parts.ticket.is_none() {
        out.push(
            Diagnostic::new(
                &codes::SLO_WITHOUT_ALERT,
                slo.name.span,
                format!("slo `{}` tells nobody when its budget burns", slo.name.text),
            )
            .label("has neither `page` nor `ticket`")
            .help(format!("write `page` or `ticket` and one of {}", context.all.severities.join(", "))),
        );
    }
    let rank = |t: &Tier| context.all.severities.iter().position(|s| *s == t.severity);
    if let [page, ticket] = tiers.as_slice()
        && rank(page) >= rank(ticket)
    {
        out.push(
            Diagnostic::new(
                &codes::SLO_SEVERITIES,
                page.span,
                format!("the page is `{}`, which is not above the ticket", page.severity),
            )
            .label("for the fast burn")
            .also(ticket.span, "for the slow burn")
            .help(format!("the severities, highest first, are {}", context.all.severities.join(", "))),
        );
    }
    tiers
}

/// The least traffic, in the unit of `total`.
fn min_traffic<'a>(
    context: &Context<'_, 'a>,
    value: &'a Value,
    span: Span,
    unit: Option<&super::types::Unit>,
    indicator: &super::model::Indicator,
    out: &mut Vec<Diagnostic>,
) -> Option<Constant> {
    if let super::model::Indicator::Signal { .. } = indicator {
        out.push(
            Diagnostic::new(&codes::INDICATOR_MISMATCH, span, "a signal is measured by time, not by events")
                .label("there is no traffic to count")
                .help("remove this line"),
        );
        return None;
    }
    let quantity = context.values.quantity(value, out)?;
    match quantity.in_unit(unit) {
        Ok(constant) => Some(constant),
        Err(_) => {
            let unit = unit.map_or_else(String::new, ToString::to_string);
            out.push(
                Diagnostic::new(
                    &type_codes::UNIT_MISMATCH,
                    value.span(),
                    format!("`{}` is not in {unit}, as `total` is", quantity.text()),
                )
                .label("the least rate of events")
                .help("write a rate: `1/s`, `10/m`"),
            );
            None
        }
    }
}
