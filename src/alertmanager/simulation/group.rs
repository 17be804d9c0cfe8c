//! Aggregation groups: alerts of a route that are told together (dispatch/dispatch.go aggrGroup).

use std::collections::BTreeMap;
use std::sync::Arc;

use super::alert::Alert;
use super::log::{AlertSet, Endpoint, Reason};
use super::record::FlushedAlert;
use crate::alertmanager::route::Labels;

/// A group. Times are milliseconds since the Unix epoch.
#[derive(Debug, Clone)]
pub(super) struct Group {
    pub(super) route: usize,
    pub(super) labels: Arc<Labels>,
    pub(super) key: String,
    pub(super) alerts: BTreeMap<Arc<Labels>, Alert>,
    /// When the timer fires next, or has fired while a flush still runs.
    pub(super) next_tick: i64,
    /// Set when the timer has fired while a flush still ran.
    pub(super) overdue: bool,
    pub(super) flush: Option<Flush>,
}

/// A flush that waits for its messages.
#[derive(Debug, Clone)]
pub(super) struct Flush {
    pub(super) id: u64,
    pub(super) tick: i64,
    /// When messages that are not through are given up.
    pub(super) deadline: i64,
    pub(super) resolved: Vec<Resolved>,
    pub(super) messages: Vec<Message>,
    /// How many messages are under way.
    pub(super) pending: usize,
    pub(super) failed: bool,
}

/// An alert that a flush saw resolved: it leaves the group unless it was posted again since.
#[derive(Debug, Clone)]
pub(super) struct Resolved {
    pub(super) labels: Arc<Labels>,
    pub(super) update: u64,
}

/// What an integration is told by a flush.
#[derive(Debug, Clone)]
pub(super) struct Message {
    pub(super) endpoint: Endpoint,
    /// Why, and what; none: nothing is sent, only noted.
    pub(super) content: Option<(Reason, Vec<FlushedAlert>)>,
    pub(super) firing: AlertSet,
    pub(super) resolved: AlertSet,
    pub(super) attempts: u32,
    /// When the last attempt began.
    pub(super) attempted_at: i64,
}

impl Group {
    /// Ends a flush: after success the resolved alerts leave. True when the group is empty then, and no more.
    pub(super) fn leave(&mut self, flush: &Flush) -> bool {
        if !flush.failed {
            for one in &flush.resolved {
                if self.alerts.get(&one.labels).is_some_and(|a| a.update == one.update) {
                    self.alerts.remove(&one.labels);
                }
            }
        }
        self.alerts.is_empty()
    }
}
