//! Which alerts tests have shown: firing, staying quiet, and their texts.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use crate::prometheus::{Rule, RuleFile};

/// What a test showed of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Covered {
    /// `alertname`.
    pub alert: String,
    /// The rule's severity, empty without one.
    pub severity: String,
    /// What was shown.
    pub shown: Shown,
}

/// What a test can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shown {
    /// It fires.
    Firing,
    /// It does not fire.
    Quiet,
    /// What it says.
    Text,
    /// That somebody is notified of it. It does not count as coverage: who is notified hangs on labels and routes, of
    /// which many alerts share one, and a project may have none.
    Told,
}

/// How many of them count: all before `Told`.
const COUNTED: usize = Shown::Told as usize;

/// For each alert and level of each project what tests have shown, in whatever environment.
#[derive(Debug, Clone, Default)]
pub struct Coverage {
    by_rule: BTreeMap<Key, State>,
}

/// Project, alert and severity.
type Key = (String, String, String);

#[derive(Debug, Clone, Copy, Default)]
struct State {
    /// By [`Shown`].
    shown: [bool; 4],
    /// It fires always and is meant to: that it stays quiet need not be shown.
    always_firing: bool,
}

/// One alert or level, as reports list it.
#[derive(Debug, Clone, Serialize)]
#[allow(missing_docs)]
pub struct CoveredRule<'a> {
    pub project: &'a str,
    pub alert: &'a str,
    pub severity: &'a str,
    pub firing: bool,
    /// None for an alert that is meant to fire always.
    pub quiet: Option<bool>,
    pub text: bool,
    pub told: bool,
}

impl Coverage {
    /// Nothing shown yet of the alerts of a project's files.
    pub fn new(project: &str, files: &[RuleFile], always_firing: &[String]) -> Coverage {
        let mut by_rule = BTreeMap::new();
        for rule in files.iter().flat_map(|f| &f.groups).flat_map(|g| &g.rules) {
            if let Rule::Alerting(alert) = rule {
                let severity = alert.labels.get("severity").unwrap_or("").to_string();
                let always_firing = always_firing.contains(&alert.alert);
                let state = State { shown: [false, always_firing, false, false], always_firing };
                by_rule.insert((project.to_string(), alert.alert.clone(), severity), state);
            }
        }
        Coverage { by_rule }
    }

    /// Counts what a test of a project has shown.
    pub fn add(&mut self, project: &str, covered: Vec<Covered>) {
        for Covered { alert, severity, shown } in covered {
            let state = self.by_rule.get_mut(&(project.to_string(), alert, severity));
            if let Some(slot) = state.and_then(|s| s.shown.get_mut(shown as usize)) {
                *slot = true;
            }
        }
    }

    /// Takes in the alerts and results of another.
    pub fn merge(&mut self, other: Coverage) {
        for (rule, state) in other.by_rule {
            let mine = self.by_rule.entry(rule).or_default();
            mine.always_firing |= state.always_firing;
            for (mine, theirs) in mine.shown.iter_mut().zip(state.shown) {
                *mine |= theirs;
            }
        }
    }

    /// The share of what could be shown, in percent.
    pub fn percent(&self) -> f64 {
        percent(self.by_rule.values())
    }

    /// Every alert and level, by project.
    pub fn rules(&self) -> impl Iterator<Item = CoveredRule<'_>> {
        self.by_rule.iter().map(|((project, alert, severity), state)| {
            let [firing, quiet, text, told] = state.shown;
            let quiet = (!state.always_firing).then_some(quiet);
            CoveredRule { project, alert, severity, firing, quiet, text, told }
        })
    }
}

fn percent<'a>(states: impl Iterator<Item = &'a State>) -> f64 {
    let (mut all, mut shown) = (0, 0);
    for state in states {
        all += COUNTED;
        shown += state.shown.iter().take(COUNTED).filter(|s| **s).count();
    }
    if all == 0 { 100.0 } else { 100.0 * shown as f64 / all as f64 }
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |rule: &CoveredRule<'_>| match rule.severity {
            "" => rule.alert.to_string(),
            severity => format!("{} {severity}", rule.alert),
        };
        let width = self.rules().map(|r| name(&r).chars().count()).max().unwrap_or(0).max("alert".len());
        let mut projects: Vec<&str> = self.rules().map(|r| r.project).collect();
        projects.dedup();
        let several = projects.len() > 1;
        for project in projects {
            if several {
                let of_project = self.by_rule.iter().filter(|((p, _, _), _)| p == project).map(|(_, s)| s);
                writeln!(f, "{project}: {:.0}%", percent(of_project))?;
            }
            writeln!(f, "{:width$}  firing  quiet  text  told", "alert")?;
            for rule in self.rules().filter(|r| r.project == project) {
                let mark = |shown: bool| if shown { "yes" } else { "-" };
                let quiet = rule.quiet.map_or("never", mark);
                let (firing, text, told) = (mark(rule.firing), mark(rule.text), mark(rule.told));
                writeln!(f, "{:width$}  {firing:6}  {quiet:5}  {text:4}  {told}", name(&rule))?;
            }
            if several {
                writeln!(f)?;
            }
        }
        write!(
            f,
            "{:.0}% of firing, quiet and text of {} alerts and levels",
            self.percent(),
            self.by_rule.len()
        )
    }
}
