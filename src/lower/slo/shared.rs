//! Slos that measure the same share one set of recorded series: those of the first.

use crate::check::model::{Checked, CheckedRule, CheckedSlo, Indicator, Millis};
use crate::check::slo::BASE_WINDOW;

/// The objectives of a program.
pub(in crate::lower) struct Objectives {
    /// What goes before an slo's name to tell it from those of other projects and environments.
    prefix: String,
    measured: Vec<Measured>,
}

/// Something that is measured.
struct Measured {
    key: String,
    /// The slo that records it.
    by: String,
    /// With the windows of all slos that measure it.
    indicator: Indicator,
}

impl Objectives {
    pub(in crate::lower) fn new(checked: &Checked<'_>, project: &str) -> Objectives {
        let prefix = match &checked.environment {
            Some(environment) => format!("{project}/{environment}/"),
            None => format!("{project}/"),
        };
        let mut objectives = Objectives { prefix, measured: Vec::new() };
        for rule in checked.files.iter().flat_map(|f| &f.groups).flat_map(|g| &g.rules) {
            let CheckedRule::Slo(slo) = rule else { continue };
            let key = key(&slo.indicator);
            match objectives.measured.iter_mut().find(|m| m.key == key) {
                Some(known) => merge(&mut known.indicator, &slo.indicator),
                None => objectives.measured.push(Measured {
                    key,
                    by: slo.alert.name.text.clone(),
                    indicator: slo.indicator.clone(),
                }),
            }
        }
        objectives
    }

    /// The value of the label `slo`.
    pub(super) fn id(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// The name of the slo that records what this one measures, and in which windows.
    pub(super) fn measured_by<'o>(&'o self, slo: &'o CheckedSlo<'_>) -> (&'o str, &'o Indicator) {
        let key = key(&slo.indicator);
        match self.measured.iter().find(|m| m.key == key) {
            Some(measured) => (&measured.by, &measured.indicator),
            None => (&slo.alert.name.text, &slo.indicator),
        }
    }
}

/// Two indicators are the same when they are in one window.
fn key(indicator: &Indicator) -> String {
    match indicator {
        Indicator::Events { counted, windows } => format!("{counted:?} {:?}", base(windows)),
        Indicator::Native { bound, windows } => format!("{bound} {:?}", base(windows)),
        Indicator::Signal { recorded, selector, .. } => format!("{recorded:?} {selector}"),
    }
}

fn base<T>(windows: &[(Millis, T)]) -> Option<&T> {
    windows.iter().find(|(w, _)| *w == BASE_WINDOW).map(|(_, query)| query)
}

fn merge(into: &mut Indicator, other: &Indicator) {
    match (into, other) {
        (Indicator::Events { windows, .. }, Indicator::Events { windows: more, .. }) => add(windows, more),
        (Indicator::Native { windows, .. }, Indicator::Native { windows: more, .. }) => add(windows, more),
        (Indicator::Signal { windows, .. }, Indicator::Signal { windows: more, .. }) => {
            windows.extend(more);
            windows.sort_unstable();
            windows.dedup();
        }
        _ => {}
    }
}

fn add<T: Clone>(windows: &mut Vec<(Millis, T)>, more: &[(Millis, T)]) {
    for (window, query) in more {
        if let Err(at) = windows.binary_search_by_key(window, |(w, _)| *w) {
            windows.insert(at, (*window, query.clone()));
        }
    }
}
