//! The notification log: what each receiver was told last, and whether it must be told again
//! (notify/dedup_stage.go, nflog/nflog.go).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use crate::alertmanager::route::Labels;

/// How long entries are kept at most, in milliseconds (`--data.retention`).
const RETENTION: i64 = 120 * 3_600_000;
/// How often expired entries are dropped, in milliseconds (`--data.maintenance-interval`).
const MAINTAIN_EVERY: i64 = 15 * 60_000;

/// Labels of alerts.
pub type AlertSet = BTreeSet<Arc<Labels>>;

/// One integration of a receiver.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Endpoint {
    /// The receiver's name.
    pub receiver: String,
    /// The integration's name: `slack`.
    pub integration: &'static str,
    /// Its number among those of its kind in the receiver, from 0.
    pub index: usize,
}

/// Why a notification is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// Nothing firing was told of the group so far.
    First,
    /// Alerts fire of which nothing was told.
    NewAlerts,
    /// Every alert is resolved.
    AllResolved,
    /// Some alerts are resolved.
    SomeResolved,
    /// Nothing changed for longer than the repeat interval.
    Repeat,
}

impl Reason {
    /// In Alertmanager's words, as templates see it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Reason::First => "first notification",
            Reason::NewAlerts => "new alerts added",
            Reason::AllResolved => "all alerts resolved",
            Reason::SomeResolved => "some alerts resolved",
            Reason::Repeat => "repeat interval elapsed",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whether an integration is told at a tick.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// It is.
    Send(Reason),
    /// All are resolved, which this integration is not told (`send_resolved: false`); the log notes it.
    ResolvedNotSent,
    /// It was told the same before. Unless something changes it is told at this tick, in milliseconds since the Unix
    /// epoch.
    Deduplicated {
        /// The time of that tick.
        until: i64,
    },
    /// All alerts are resolved, and of none it was told that they fire.
    NothingFiring,
}

/// What a flush asks the log.
#[derive(Debug, Clone, Copy)]
pub struct Question<'f> {
    /// The alerts that fire.
    pub firing: &'f AlertSet,
    /// The alerts that are resolved.
    pub resolved: &'f AlertSet,
    /// Whether the integration is told of resolved alerts.
    pub send_resolved: bool,
    /// When the group's timer fired.
    pub tick: i64,
    /// The route's repeat interval.
    pub repeat_interval: i64,
    /// The route's group interval.
    pub group_interval: i64,
}

#[derive(Debug, Clone)]
struct Entry {
    firing: AlertSet,
    resolved: AlertSet,
    told_at: i64,
    expires_at: i64,
}

/// What each integration was told last of each group. It outlives groups and configurations.
#[derive(Debug, Clone)]
pub struct NotificationLog {
    entries: BTreeMap<(String, Endpoint), Entry>,
    next_maintenance: i64,
}

impl NotificationLog {
    /// An empty log, at the start of Alertmanager.
    pub fn new(start: i64) -> NotificationLog {
        NotificationLog { entries: BTreeMap::new(), next_maintenance: start + MAINTAIN_EVERY }
    }

    /// Whether an integration must be told, in the order of DedupStage needsUpdate.
    pub fn decide(
        &mut self,
        group_key: &str,
        endpoint: &Endpoint,
        asked: Question<'_>,
        now: i64,
    ) -> Decision {
        self.maintain(now);
        let reason = match self.entries.get(&(group_key.to_string(), endpoint.clone())) {
            None if asked.firing.is_empty() => return Decision::NothingFiring,
            None => Reason::First,
            Some(entry) if !asked.firing.is_subset(&entry.firing) => {
                if entry.firing.is_empty() {
                    Reason::First
                } else {
                    Reason::NewAlerts
                }
            }
            Some(entry) if asked.firing.is_empty() => {
                if entry.firing.is_empty() {
                    return Decision::NothingFiring;
                }
                Reason::AllResolved
            }
            Some(entry) if asked.send_resolved && !asked.resolved.is_subset(&entry.resolved) => {
                Reason::SomeResolved
            }
            Some(entry) if entry.told_at < asked.tick - asked.repeat_interval => Reason::Repeat,
            Some(entry) => {
                // The first tick that is more than the repeat interval behind the entry.
                let missing = (entry.told_at + asked.repeat_interval - asked.tick).max(0);
                let ticks = missing / asked.group_interval.max(1) + 1;
                return Decision::Deduplicated { until: asked.tick + ticks * asked.group_interval };
            }
        };
        if asked.firing.is_empty() && !asked.send_resolved {
            return Decision::ResolvedNotSent;
        }
        Decision::Send(reason)
    }

    /// Notes what an integration was told.
    pub fn note(
        &mut self,
        group_key: &str,
        endpoint: &Endpoint,
        firing: AlertSet,
        resolved: AlertSet,
        repeat_interval: i64,
        now: i64,
    ) {
        let expires_at = now + RETENTION.min(repeat_interval.saturating_mul(2));
        let entry = Entry { firing, resolved, told_at: now, expires_at };
        self.entries.insert((group_key.to_string(), endpoint.clone()), entry);
    }

    /// Drops the entries that were expired when it was last time to.
    fn maintain(&mut self, now: i64) {
        if now >= self.next_maintenance {
            let last = now - (now - self.next_maintenance) % MAINTAIN_EVERY;
            self.entries.retain(|_, entry| entry.expires_at > last);
            self.next_maintenance = last + MAINTAIN_EVERY;
        }
    }
}
