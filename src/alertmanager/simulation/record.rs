//! What a simulation tells: notifications, and for every tick what held each alert back.
//! Times are milliseconds since the Unix epoch.

use std::fmt;
use std::sync::Arc;

use super::inhibition::Inhibition;
use super::log::{Decision, Endpoint, Reason};
use crate::alertmanager::route::Labels;

/// Whether an alert, or a notification, says that something fires.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// It fires; of a notification: at least one alert does.
    Firing,
    /// It is resolved; of a notification: every alert is.
    Resolved,
}

impl Status {
    /// As templates see it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Status::Firing => "firing",
            Status::Resolved => "resolved",
        }
    }
}

/// An alert as a flush sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlushedAlert {
    /// Whether it fires.
    pub status: Status,
    /// Its labels.
    pub labels: Arc<Labels>,
    /// Its annotations.
    pub annotations: Arc<Labels>,
    /// When it began to fire.
    pub starts_at: i64,
    /// When it ended; none while it fires.
    pub ends_at: Option<i64>,
    /// The link to its source.
    pub generator_url: String,
}

/// A message to an integration; each attempt is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// When it is sent.
    pub at: i64,
    /// When the timer of the group fired.
    pub tick: i64,
    /// To whom.
    pub endpoint: Endpoint,
    /// The number of the route in the tree.
    pub route: usize,
    /// The group's key.
    pub group_key: String,
    /// The group's labels.
    pub group_labels: Arc<Labels>,
    /// Why.
    pub reason: Reason,
    /// Firing if any of its alerts fires.
    pub status: Status,
    /// What it tells of, in order.
    pub alerts: Vec<FlushedAlert>,
    /// Which attempt it is, from 1.
    pub attempt: u32,
    /// Whether the integration took it.
    pub delivered: bool,
}

/// What keeps an alert out of the notifications of a tick.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Held {
    /// Another alert inhibits it.
    Inhibited(Inhibition),
    /// None of the route's active time intervals, these, holds.
    Inactive(Vec<String>),
    /// A mute time interval holds.
    Muted(String),
    /// A silence, of this name.
    Silenced(String),
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Held::Inhibited(by) => {
                let labels: Vec<String> = by.source.iter().map(|(n, v)| format!("{n}={v:?}")).collect();
                write!(f, "inhibited by {{{}}}", labels.join(", "))
            }
            Held::Inactive(names) => write!(f, "outside of {}", names.join(", ")),
            Held::Muted(name) => write!(f, "muted by {name}"),
            Held::Silenced(id) => write!(f, "silenced by {id}"),
        }
    }
}

/// A tick of a group that has alerts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tick {
    /// When its alerts were looked at: later than `due` when the flush before took its time.
    pub at: i64,
    /// When the timer fired.
    pub due: i64,
    /// The number of the route in the tree.
    pub route: usize,
    /// The group's key.
    pub group_key: String,
    /// The receiver.
    pub receiver: String,
    /// Every alert of the group, in order, and what held it back.
    pub alerts: Vec<(FlushedAlert, Option<Held>)>,
    /// What was decided for each integration; empty when every alert was held back.
    pub decisions: Vec<(Endpoint, Decision)>,
}

/// An alert that was posted and waits for the next tick of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// When it was posted.
    pub at: i64,
    /// Its labels.
    pub labels: Arc<Labels>,
    /// The number of the route in the tree.
    pub route: usize,
    /// The group's key.
    pub group_key: String,
    /// The tick that it waits for.
    pub until: i64,
    /// Whether it is resolved already: Prometheus posts such alerts for a while.
    pub resolved: bool,
}

/// All that happened, in the order of time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    /// Alerts that came into groups.
    pub arrivals: Vec<Arrival>,
    /// Ticks of groups.
    pub ticks: Vec<Tick>,
    /// Messages.
    pub notifications: Vec<Notification>,
}
