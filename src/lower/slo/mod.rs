//! One slo to its rules: what is measured, recorded for each window; the state of its budget; its alerts.
//!
//! Recorded series are named as Prometheus advises, level:metric:operations, and bear the label `slo`. Neither the labels
//! nor the objective of an slo are part of what is measured, so that changing them loses no history.

mod query;
mod shared;

use std::collections::BTreeMap;

use super::alert::Lowering;
use super::expr;
use crate::check::model::{Body, Checked, CheckedRule, CheckedSlo, Indicator, Millis, Tier};
use crate::check::slo::{BASE_WINDOW, SLO_LABEL};
use crate::gostd::strconv::quote;
use crate::ir::{Objective, Part, RecordRule, Rule};
use crate::promql::duration::Duration;
use crate::syntax::ast::PartKind;

pub(super) use shared::Objectives;

/// The share of bad events in a window: `slo:errors:ratio_rate1h`.
fn ratio(window: Millis) -> String {
    format!("slo:errors:ratio_rate{}", Duration::from_millis(window))
}

const ERRORS: &str = "slo:errors:rate5m";
const TOTAL: &str = "slo:total:rate5m";
const SIGNAL: &str = "slo:good:bool";
const PERIOD_BURN: &str = "slo:period_burn_rate:ratio";

/// The rules of an slo, each behind those that it reads.
pub(super) fn lower(slo: &CheckedSlo<'_>, checked: &Checked<'_>, objectives: &Objectives) -> Vec<Rule> {
    let id = objectives.id(&slo.alert.name.text);
    let (measured_by, indicator) = objectives.measured_by(slo);
    let lowering = Slo { slo, id: &id, measured_by: objectives.id(measured_by) };
    let mut rules = Vec::new();
    if measured_by == slo.alert.name.text {
        rules.extend(lowering.measurements(indicator));
    }
    rules.extend(lowering.budget());
    rules.extend(lowering.alerts(checked));
    rules
}

/// What is promised, measured, and told when, as people speak of it.
pub(super) fn objectives(checked: &Checked<'_>) -> Vec<Objective> {
    let rules = checked.files.iter().flat_map(|f| &f.groups).flat_map(|g| &g.rules);
    let slos = rules.filter_map(|r| if let CheckedRule::Slo(slo) = r { Some(slo) } else { None });
    slos.map(|slo| Objective {
        name: slo.alert.name.text.clone(),
        promise: format!("{} over {}", slo.objective.shown, slo.objective.over()),
        budget: slo.objective.budget.to_f64(),
        measures: query::measures(&slo.indicator),
        burns: match &slo.alert.body {
            Body::Burns { tiers, .. } => tiers.iter().map(burns).collect(),
            _ => Vec::new(),
        },
        min_traffic: slo.min_traffic.map(|least| least.to_string()),
    })
    .collect()
}

fn burns(tier: &Tier) -> (String, Vec<String>) {
    let shown = tier.burns.iter().map(|burn| {
        let (long, short) = (Duration::from_millis(burn.long), Duration::from_millis(burn.short));
        format!("{}x over {long} and {short}", burn.factor)
    });
    (tier.severity.clone(), shown.collect())
}

struct Slo<'l, 'a> {
    slo: &'l CheckedSlo<'a>,
    /// The value of its label `slo`.
    id: &'l str,
    /// The label of the slo that records what both measure.
    measured_by: String,
}

impl Slo<'_, '_> {
    /// A recorded series of what is measured.
    fn series(&self, name: &str) -> String {
        format!("{name}{{{SLO_LABEL}={}}}", quote(&self.measured_by))
    }

    fn record(&self, name: &str, expr: String, labels: BTreeMap<String, String>) -> Rule {
        let mut labels = labels;
        labels.insert(SLO_LABEL.to_string(), self.id.to_string());
        Rule::Record(RecordRule { record: name.to_string(), expr, labels, span: self.slo.alert.name.span })
    }

    /// What is measured, in every window that a rule reads.
    fn measurements(&self, indicator: &Indicator) -> Vec<Rule> {
        let record = |name: &str, expr: String| self.record(name, expr, BTreeMap::new());
        let mut rules = Vec::new();
        if let Some((errors, total)) = query::events(indicator) {
            rules.push(record(TOTAL, total));
            rules.push(record(ERRORS, errors));
        }
        if let Indicator::Signal { recorded: Some(signal), .. } = indicator {
            rules.push(record(SIGNAL, signal.clone()));
        }
        for window in indicator.windows() {
            let names = query::Recorded {
                errors: self.series(ERRORS),
                total: self.series(TOTAL),
                signal: self.series(SIGNAL),
            };
            rules.extend(query::ratio(indicator, window, &names).map(|expr| record(&ratio(window), expr)));
        }
        rules
    }

    /// Objective, error budget, and how much of it is gone.
    fn budget(&self) -> Vec<Rule> {
        let objective = &self.slo.objective;
        let record = |name: &str, expr: String| self.record(name, expr, self.fixed_labels());
        let days = objective.period as f64 / 86_400_000.0;
        let budget = query::denominator(objective.budget);
        let period = objective.over();
        let spent = match self.slo.indicator {
            Indicator::Signal { .. } => {
                format!("avg_over_time({}[{period}])", self.series(&ratio(BASE_WINDOW)))
            }
            _ => format!(
                "sum_over_time({}[{period}])\n/ (sum_over_time({}[{period}]) > 0)",
                self.series(ERRORS),
                self.series(TOTAL)
            ),
        };
        let own = format!("{PERIOD_BURN}{{{SLO_LABEL}={}}}", quote(self.id));
        vec![
            record("slo:objective:ratio", format!("vector({})", objective.target)),
            record("slo:error_budget:ratio", format!("vector({})", objective.budget)),
            record("slo:time_period:days", format!("vector({days})")),
            record("slo:current_burn_rate:ratio", format!("{} / {budget}", self.series(&ratio(BASE_WINDOW)))),
            record(PERIOD_BURN, format!("{spent}\n/ {budget}")),
            record("slo:period_error_budget_remaining:ratio", format!("1 - {own}")),
        ]
    }

    /// The labels that its alerts bear whatever the data.
    fn fixed_labels(&self) -> BTreeMap<String, String> {
        let labels = self.slo.alert.properties.labels.iter();
        labels
            .filter(|(_, l)| l.value.parts().iter().all(|p| p.kind == PartKind::Literal))
            .map(|(name, label)| ((*name).to_string(), label.value.value.clone()))
            .collect()
    }

    fn alerts(&self, checked: &Checked<'_>) -> Vec<Rule> {
        let Body::Burns { tiers, holds } = &self.slo.alert.body else { return Vec::new() };
        let facts = self.slo.objective.facts();
        let labels = [(SLO_LABEL, self.id.to_string())];
        let lowering = Lowering { alert: &self.slo.alert, checked, facts: &facts, labels: &labels };
        let mut rules: Vec<_> = tiers
            .iter()
            .map(|tier| {
                let mut rule =
                    lowering.rule(self.burning(tier), Some(&tier.severity), None, *holds, Part::Burn);
                if rule.annotations.iter().all(|(name, _)| name != "summary") {
                    rule.annotations.insert(0, ("summary".to_string(), self.summary(&facts)));
                }
                rule
            })
            .collect();
        if let Some(no_data) = &self.slo.alert.no_data {
            rules.push(lowering.no_data(&self.slo.watched, no_data));
        }
        rules.into_iter().map(Rule::Alert).collect()
    }

    /// What a person reads when the slo says nothing itself.
    fn summary(&self, facts: &[(&str, String)]) -> String {
        let fact = |name: &str| facts.iter().find(|(n, _)| *n == name).map_or("", |(_, text)| text.as_str());
        format!(
            "{} burns its error budget {} times too fast ({} over {})",
            self.slo.alert.name.text,
            fact("value"),
            fact("objective"),
            fact("window")
        )
    }

    /// The budget burns too fast in one of the tier's pairs of windows.
    fn burning(&self, tier: &Tier) -> String {
        let budget = query::denominator(self.slo.objective.budget);
        let pairs: Vec<String> = tier
            .burns
            .iter()
            .map(|burn| {
                let burns = |w: Millis| format!("{} / {budget} > {}", self.series(&ratio(w)), burn.factor);
                let mut lines =
                    vec![format!("  {}", burns(burn.long)), format!("  and {}", burns(burn.short))];
                if let Some(least) = self.slo.min_traffic {
                    let window = Duration::from_millis(burn.long);
                    lines.push(format!("  and avg_over_time({}[{window}]) >= {least}", self.series(TOTAL)));
                }
                format!("(\n{}\n)", lines.join("\n"))
            })
            .collect();
        expr::join_or(&pairs)
    }
}
