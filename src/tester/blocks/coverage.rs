//! Which alerts tests have shown: firing, staying quiet, and their texts.

use std::collections::BTreeMap;
use std::fmt;

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

/// For each alert and level what tests have shown.
#[derive(Debug, Clone, Default)]
pub struct Coverage {
    by_rule: BTreeMap<(String, String), [bool; 4]>,
    always_firing: Vec<String>,
}

impl Coverage {
    /// Nothing shown yet of the alerts of these files; that those that always fire stay quiet need not be shown.
    pub fn new(files: &[RuleFile], always_firing: &[String]) -> Coverage {
        let mut by_rule = BTreeMap::new();
        for rule in files.iter().flat_map(|f| &f.groups).flat_map(|g| &g.rules) {
            if let Rule::Alerting(alert) = rule {
                let severity = alert.labels.get("severity").unwrap_or("").to_string();
                let never_quiet = always_firing.contains(&alert.alert);
                by_rule.insert((alert.alert.clone(), severity), [false, never_quiet, false, false]);
            }
        }
        Coverage { by_rule, always_firing: always_firing.to_vec() }
    }

    /// Counts what a test has shown.
    pub fn add(&mut self, covered: Vec<Covered>) {
        for Covered { alert, severity, shown } in covered {
            if let Some(slot) =
                self.by_rule.get_mut(&(alert, severity)).and_then(|s| s.get_mut(shown as usize))
            {
                *slot = true;
            }
        }
    }

    /// Takes in the alerts and results of another.
    pub fn merge(&mut self, other: Coverage) {
        self.always_firing.extend(other.always_firing);
        for (rule, shown) in other.by_rule {
            let mine = self.by_rule.entry(rule).or_default();
            for (mine, theirs) in mine.iter_mut().zip(shown) {
                *mine |= theirs;
            }
        }
    }

    /// The share of what could be shown, in percent.
    pub fn percent(&self) -> f64 {
        let all = self.by_rule.len() * COUNTED;
        let shown = self.by_rule.values().flat_map(|shown| &shown[..COUNTED]).filter(|s| **s).count();
        if all == 0 { 100.0 } else { 100.0 * shown as f64 / all as f64 }
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |(alert, severity): &(String, String)| match severity.as_str() {
            "" => alert.clone(),
            severity => format!("{alert} {severity}"),
        };
        let width = self.by_rule.keys().map(|k| name(k).chars().count()).max().unwrap_or(0);
        writeln!(f, "{:width$}  firing  quiet  text  told", "alert")?;
        for (rule, [firing, quiet, text, told]) in &self.by_rule {
            let mark = |shown: &bool| if *shown { "yes" } else { "-" };
            let always = self.always_firing.contains(&rule.0);
            let quiet = if always { "never" } else { mark(quiet) };
            let (firing, text, told) = (mark(firing), mark(text), mark(told));
            writeln!(f, "{:width$}  {firing:6}  {quiet:5}  {text:4}  {told}", name(rule))?;
        }
        write!(
            f,
            "{:.0}% of firing, quiet and text of {} alerts and levels",
            self.percent(),
            self.by_rule.len()
        )
    }
}
