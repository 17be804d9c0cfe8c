//! A program as facts: what it watches, when it fires, whom it tells. The same facts come from a project's program and
//! from YAML that alertc did not write, so that either can be compared with either.

mod condition;
mod existing;
mod program;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::alertmanager::config::{Config, Receiver};
use crate::alertmanager::schema::Wakes;
use crate::check::types::LabelSet;
use crate::ir::{Millis, Objective};

pub use condition::{Canonical, Condition, one_line, parse};
pub use existing::{Existing, programs};
pub use program::of_program;

/// What one environment of one project says. Rules stand in the order in which they are evaluated.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// The project's name; empty for YAML that belongs to none.
    pub project: String,
    /// The environment, or none. Of YAML the directory, where several hold programs.
    pub environment: Option<String>,
    /// Labels that Prometheus adds when it sends.
    pub external_labels: BTreeMap<String, String>,
    /// Severities, highest first.
    pub severities: Vec<String>,
    /// Alerting rules.
    pub alerts: Vec<AlertFacts>,
    /// Recording rules.
    pub records: Vec<RecordFacts>,
    /// Service level objectives.
    pub objectives: Vec<Objective>,
    /// Who is told, where routes are given.
    pub routing: Option<RoutingFacts>,
}

/// One alerting rule.
#[derive(Debug, Clone)]
pub struct AlertFacts {
    /// `alertname`
    pub name: String,
    /// Its label `severity`, if it has one.
    pub severity: Option<String>,
    /// PromQL as it is emitted.
    pub expr: String,
    /// The thresholds that its author wrote; where he wrote an expression they are read from it when needed.
    pub condition: Option<Condition>,
    /// How long the condition must hold.
    pub hold: Millis,
    /// How long the alert goes on once the condition has ended.
    pub keep_firing_for: Millis,
    /// Its labels but `severity`; values may be templates.
    pub labels: BTreeMap<String, String>,
    /// Its annotations; values may be templates.
    pub annotations: BTreeMap<String, String>,
    /// The labels of its expression's result.
    pub result: LabelSet,
    /// What its group says.
    pub group: Arc<GroupFacts>,
}

/// A group's settings. Absent values are Prometheus' defaults.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GroupFacts {
    /// Its name.
    pub name: String,
    /// How often its rules are evaluated.
    pub interval: Option<Millis>,
    /// How far in the past.
    pub query_offset: Millis,
    /// The most alerts or series a rule may give; zero is no limit.
    pub limit: u64,
}

/// One recording rule.
#[derive(Debug, Clone)]
pub struct RecordFacts {
    /// The metric it writes.
    pub record: String,
    /// PromQL as it is emitted.
    pub expr: String,
    /// The labels it sets.
    pub labels: BTreeMap<String, String>,
    /// True when an objective makes it: what is recorded is told of the objective.
    pub of_objective: bool,
    /// What its group says.
    pub group: Arc<GroupFacts>,
}

/// Who is told.
#[derive(Debug, Clone, PartialEq)]
pub struct RoutingFacts {
    /// The configuration.
    pub config: Config,
    /// The receivers as their author declared them.
    pub receivers: Vec<Receiver>,
    /// For a receiver of the configuration, those of the author that it holds.
    pub holds: BTreeMap<String, Vec<String>>,
    /// True when `receivers` and `holds` are this program's own.
    pub declared: bool,
}

impl RoutingFacts {
    /// YAML that was generated from a program of the same receivers has them under the names of its configuration:
    /// the same routes under the names that the other side's author gave them, where that is so.
    pub fn called_like(&self, other: &RoutingFacts) -> Option<RoutingFacts> {
        let same = !self.declared && other.declared && self.config.receivers == other.config.receivers;
        same.then(|| RoutingFacts {
            receivers: other.receivers.clone(),
            holds: other.holds.clone(),
            ..self.clone()
        })
    }

    /// The author's names of a receiver of the configuration.
    pub fn names<'a>(&'a self, receiver: &'a str) -> Vec<&'a str> {
        match self.holds.get(receiver) {
            Some(names) => names.iter().map(String::as_str).collect(),
            None => vec![receiver],
        }
    }

    /// The same routes, with receivers called otherwise: `names` has new names by the old ones.
    pub fn renamed(&self, names: &BTreeMap<String, String>) -> RoutingFacts {
        let new = |name: &str| names.get(name).cloned().unwrap_or_else(|| name.to_string());
        let holds = |r: &Receiver| (r.name.clone(), self.names(&r.name).into_iter().map(new).collect());
        RoutingFacts {
            config: self.config.clone(),
            receivers: self.receivers.iter().map(|r| Receiver { name: new(&r.name), ..r.clone() }).collect(),
            holds: self.config.receivers.iter().map(holds).collect(),
            declared: self.declared,
        }
    }

    /// Whether a receiver of the author pages: it is listed in `paging`, or, where that is empty, one of its
    /// integrations is of a kind that wakes people up.
    pub fn pages(&self, name: &str, paging: &[String]) -> bool {
        if !paging.is_empty() {
            return paging.iter().any(|p| p == name);
        }
        let integrations = self.receivers.iter().filter(|r| r.name == name).flat_map(|r| &r.integrations);
        integrations.into_iter().any(|i| i.integration.wakes() == Wakes::Yes)
    }

    /// True for a receiver that tells nobody at all.
    pub fn is_silent(&self, name: &str) -> bool {
        self.receivers.iter().any(|r| r.name == name && r.integrations.is_empty())
    }
}

impl AlertFacts {
    /// When it fires, as signal and thresholds; none where it is any other expression.
    pub fn thresholds(&self) -> Option<Condition> {
        self.condition.clone().or_else(|| Condition::read(&self.expr))
    }

    /// All its labels, `severity` among them.
    pub fn all_labels(&self) -> BTreeMap<String, String> {
        let mut labels = self.labels.clone();
        labels.extend(self.severity.clone().map(|s| ("severity".to_string(), s)));
        labels
    }
}
