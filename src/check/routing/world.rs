//! What is known of the labels of the program's alerts as they arrive at Alertmanager.

use std::collections::{BTreeMap, BTreeSet};

use crate::alertmanager::matcher::{Matcher, Op};
use crate::alertmanager::worlds::{Arriving, Known, Values};
use crate::check::model::{Body, Checked, CheckedAlert, Holds};
use crate::check::types::{LabelSet, Presence, Values as Typed};
use crate::syntax::ast::PartKind;

/// A rule that sends alerts.
#[derive(Debug)]
pub struct Sender<'m> {
    /// The alert of the source.
    pub alert: &'m CheckedAlert<'m>,
    /// `alertname`
    pub name: String,
    /// Its severity, if it has one.
    pub severity: Option<&'m str>,
    /// Its waiting times.
    pub(super) holds: Holds,
    /// Whether it is the alert for missing data.
    pub no_data: bool,
    /// Labels of the rule and of Prometheus with a fixed value.
    fixed: BTreeMap<String, String>,
    /// Labels of the rule whose value is a template.
    templated: BTreeSet<String>,
}

/// Every rule of the program that sends alerts.
pub fn senders<'m>(checked: &'m Checked<'m>) -> Vec<Sender<'m>> {
    let mut senders = Vec::new();
    for rule in checked.files.iter().flat_map(|f| &f.groups).flat_map(|g| &g.rules) {
        let Some(alert) = rule.alert() else { continue };
        let name = alert.name.text.clone();
        let mut add = |name: String, severity, holds, no_data| {
            senders.push(Sender::new(alert, name, severity, holds, no_data, checked));
        };
        match &alert.body {
            Body::Condition { severity, holds, .. } => add(name.clone(), severity.as_deref(), *holds, false),
            Body::Levels { levels, .. } => {
                for level in levels {
                    add(name.clone(), Some(level.severity.as_str()), level.holds, false);
                }
            }
            Body::Burns { tiers, holds } => {
                for tier in tiers {
                    add(name.clone(), Some(tier.severity.as_str()), *holds, false);
                }
            }
        }
        if let Some(no_data) = &alert.no_data {
            add(format!("{name}NoData"), Some(no_data.severity.as_str()), no_data.holds, true);
        }
    }
    senders
}

impl<'m> Sender<'m> {
    fn new(
        alert: &'m CheckedAlert<'m>,
        name: String,
        severity: Option<&'m str>,
        holds: Holds,
        no_data: bool,
        checked: &Checked<'_>,
    ) -> Sender<'m> {
        let mut fixed = BTreeMap::new();
        let mut templated = BTreeSet::new();
        for (label, value) in &checked.external_labels {
            if !alert.result.get(label).is_possible() {
                fixed.insert(label.clone(), value.clone());
            }
        }
        for (label, text) in &alert.properties.labels {
            if text.value.parts().iter().all(|p| matches!(p.kind, PartKind::Literal | PartKind::Param)) {
                fixed.insert((*label).to_string(), text.value.value.clone());
            } else {
                templated.insert((*label).to_string());
            }
        }
        fixed.insert("alertname".to_string(), name.clone());
        if let Some(severity) = severity {
            fixed.insert("severity".to_string(), severity.to_string());
        }
        Sender { alert, name, severity, holds, no_data, fixed, templated }
    }
}

impl Arriving for Sender<'_> {
    fn known(&self, label: &str) -> Known {
        if let Some(value) = self.fixed.get(label) {
            return Known::value(value.clone());
        }
        if self.templated.contains(label) {
            return Known::nothing();
        }
        known(&self.alert.result, label)
    }
}

/// What is known of a label of an expression's result.
pub fn known(result: &LabelSet, label: &str) -> Known {
    let (typed, may_miss) = match result.get(label) {
        Presence::Surely(values) => (values, false),
        Presence::Possibly(values) => (values, true),
        Presence::Never(_) => return Known { values: Values::OneOf(Vec::new()), may_miss: true },
    };
    let values = match typed {
        Typed::OneOf(values) => Values::OneOf(values.iter().map(ToString::to_string).collect()),
        Typed::Any => Values::Any,
        Typed::Matches(pattern) => match Matcher::new(label, Op::Match, pattern.to_string()) {
            Ok(matcher) => Values::Matching(matcher),
            Err(_) => Values::Any,
        },
    };
    Known { values, may_miss }
}
