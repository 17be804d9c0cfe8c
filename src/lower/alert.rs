//! One alert of the source to its rules: a condition is one, levels are one each, `no_data` is one more.

use std::collections::BTreeMap;

use super::expr;
use crate::check::model::{Body, Checked, CheckedAlert, CheckedNoData, Holds};
use crate::check::text::Words;
use crate::gostd::strconv::quote;
use crate::ir::{AlertRule, Bound, Origin, Part, Threshold};
use crate::promql::ast::BinaryOp;
use crate::source::Sources;
use crate::syntax::ast::{Comparison, TextKey};

/// The rules of an alert, the highest severity first; those of an slo's alert come from [`super::slo`].
pub(super) fn lower(alert: &CheckedAlert<'_>, checked: &Checked<'_>, sources: &Sources) -> Vec<AlertRule> {
    let lowering = Lowering { alert, checked, facts: &[], labels: &[] };
    let (signal, mut rules) = match &alert.body {
        Body::Condition { expr, severity, holds } => {
            (expr, vec![lowering.rule(expr.text.clone(), severity.as_deref(), None, *holds, Part::Condition)])
        }
        Body::Levels { signal, levels } => {
            let rules = levels.iter().map(|level| {
                let mut ignored: Vec<&str> = alert.properties.labels.keys().copied().collect();
                ignored.extend(["alertname", "alertstate", "severity"]);
                ignored.sort_unstable();
                let selector = format!(
                    "ALERTS{{alertname={}, alertstate=\"firing\", severity={}}}",
                    quote(&alert.name.text),
                    quote(&level.severity)
                );
                let text = expr::level(signal, level, &ignored, &selector, sources);
                let threshold = expr::shown_threshold(&level.lines);
                let thresholds = level.lines.iter().map(threshold_of).collect();
                let part = Part::Level { signal: signal.text.clone(), thresholds };
                lowering.rule(text, Some(&level.severity), Some(&threshold), level.holds, part)
            });
            (signal, rules.collect())
        }
        Body::Burns { .. } => return Vec::new(),
    };
    if let Some(no_data) = &alert.no_data {
        rules.push(lowering.no_data(&signal.expr, no_data));
    }
    rules
}

fn threshold_of(line: &crate::check::model::Line<'_>) -> Threshold {
    let scope: Vec<String> =
        line.scope.into_iter().flat_map(|s| &s.items).map(crate::check::scope::promql).collect();
    Threshold {
        scope: scope.join(", "),
        start: bound(line.op, &line.threshold),
        until: line.until.as_ref().map(|(op, threshold)| bound(*op, threshold)),
    }
}

fn bound(op: Comparison, threshold: &crate::check::model::Threshold) -> Bound {
    let op = match op {
        Comparison::Greater => BinaryOp::Gt,
        Comparison::GreaterEqual => BinaryOp::Ge,
        Comparison::Less => BinaryOp::Lt,
        Comparison::LessEqual => BinaryOp::Le,
        Comparison::Equal => BinaryOp::Eq,
        Comparison::NotEqual => BinaryOp::Ne,
    };
    Bound { op, value: threshold.value, shown: threshold.shown.clone() }
}

/// Makes the rules of one alert.
pub(super) struct Lowering<'l, 'a> {
    pub(super) alert: &'l CheckedAlert<'a>,
    pub(super) checked: &'l Checked<'a>,
    /// Words of this alert alone.
    pub(super) facts: &'l [(&'l str, String)],
    /// Labels beside those of its properties.
    pub(super) labels: &'l [(&'l str, String)],
}

impl Lowering<'_, '_> {
    pub(super) fn rule(
        &self,
        expr: String,
        severity: Option<&str>,
        threshold: Option<&str>,
        holds: Holds,
        part: Part,
    ) -> AlertRule {
        let words = self.words(severity, threshold);
        let mut annotations = Vec::new();
        for (key, name) in TEXTS {
            if let Some(text) = self.alert.properties.texts.get(&key) {
                annotations.push((name.to_string(), words.compile_composed(text)));
            }
        }
        for (name, label) in &self.alert.properties.annotations {
            annotations.push(((*name).to_string(), words.compile(&label.value)));
        }
        AlertRule {
            name: self.alert.name.text.clone(),
            expr,
            hold: holds.hold.filter(|ms| *ms > 0),
            keep_firing_for: holds.keep_firing_for.filter(|ms| *ms > 0),
            labels: self.labels(&words, severity),
            annotations,
            result: self.alert.result.clone(),
            origin: self.origin(severity, part),
        }
    }

    pub(super) fn no_data(&self, signal: &crate::promql::ast::Expr, no_data: &CheckedNoData) -> AlertRule {
        let severity = Some(no_data.severity.as_str());
        let words = self.words(severity, None);
        let (expr, metrics) = expr::absent(signal);
        let name = &self.alert.name.text;
        let missing = metrics.iter().filter(|m| !m.is_empty()).cloned().collect::<Vec<_>>().join(" or ");
        let mut annotations =
            vec![("summary".to_string(), format!("{name} has no data: {missing} is absent"))];
        for (key, name) in [TEXTS[2], TEXTS[3]] {
            if let Some(text) = self.alert.properties.texts.get(&key) {
                annotations.push((name.to_string(), words.compile_composed(text)));
            }
        }
        AlertRule {
            name: format!("{name}NoData"),
            expr,
            hold: no_data.holds.hold.filter(|ms| *ms > 0),
            keep_firing_for: no_data.holds.keep_firing_for.filter(|ms| *ms > 0),
            labels: self.labels(&words, severity),
            annotations,
            result: self.alert.result.clone(),
            origin: self.origin(severity, Part::NoData),
        }
    }

    fn words<'w>(&'w self, severity: Option<&'w str>, threshold: Option<&'w str>) -> Words<'w, 'w> {
        Words {
            alertname: &self.alert.name.text,
            severity,
            threshold,
            facts: self.facts,
            unit: self.alert.unit.as_ref(),
            labels: &self.alert.properties.labels,
            external: &self.checked.external_labels,
            result: &self.alert.result,
        }
    }

    fn labels(&self, words: &Words<'_, '_>, severity: Option<&str>) -> BTreeMap<String, String> {
        let own = self.alert.properties.labels.iter();
        let mut labels: BTreeMap<String, String> =
            own.map(|(name, label)| ((*name).to_string(), words.compile(&label.value))).collect();
        labels.extend(self.labels.iter().map(|(name, value)| ((*name).to_string(), value.clone())));
        if let Some(severity) = severity {
            labels.insert("severity".to_string(), severity.to_string());
        }
        labels
    }

    fn origin(&self, severity: Option<&str>, part: Part) -> Origin {
        Origin {
            declared: self.alert.name.text.clone(),
            span: self.alert.name.span,
            part,
            severity: severity.map(str::to_string),
        }
    }
}

/// The annotations with a keyword of their own, in the order in which they are written out.
const TEXTS: [(TextKey, &str); 4] = [
    (TextKey::Summary, "summary"),
    (TextKey::Description, "description"),
    (TextKey::Runbook, "runbook_url"),
    (TextKey::Dashboard, "dashboard_url"),
];
