//! One Alertmanager: takes alerts, silences and configurations, and keeps the groups (dispatch/dispatch.go, main.go).

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::Semantics;
use super::alert::{Alert, AlertStore, PostedAlert, RefusedAlert};
use super::group::Group;
use super::inhibition::Inhibitor;
use super::log::{Endpoint, NotificationLog};
use super::queue::{Event, Queue};
use super::record::{Arrival, History};
use super::service::{Service, Writer};
use super::silence::Silence;
use crate::alertmanager::config::Config;
use crate::alertmanager::route::{Labels, RouteTree};
use crate::prometheus::Duration;

/// Most events of a simulation: intervals of a millisecond over years end here.
const MAX_EVENTS: u64 = 500_000;
/// Most alerts that the ticks of a simulation look at: the history holds each.
const MAX_FLUSHED: usize = 2_000_000;

/// The simulation has had more events than it may have, and stands still.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exhausted;

impl fmt::Display for Exhausted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "more than {MAX_EVENTS} events, or {MAX_FLUSHED} alerts in ticks: its intervals are too short for the time it \
             covers"
        )
    }
}

/// An Alertmanager in virtual time. Times are milliseconds since the Unix epoch; a time before that of an earlier
/// call counts as that one.
#[derive(Debug, Clone)]
pub struct Simulation {
    pub(super) semantics: Semantics,
    pub(super) config: Config,
    pub(super) tree: RouteTree,
    pub(super) now: i64,
    pub(super) alerts: AlertStore,
    pub(super) inhibitor: Inhibitor,
    pub(super) silences: Vec<Silence>,
    pub(super) log: NotificationLog,
    pub(super) groups: BTreeMap<u64, Group>,
    group_of: BTreeMap<(usize, Arc<Labels>), u64>,
    pub(super) queue: Queue,
    pub(super) services: BTreeMap<Endpoint, Service>,
    pub(super) writer: Option<Writer>,
    pub(super) history: History,
    /// How much later than planned timers fire.
    pub(super) timer_delay: i64,
    /// Numbers groups and flushes.
    pub(super) numbered: u64,
    events: u64,
    /// How many alerts ticks have looked at.
    pub(super) flushed: usize,
}

impl Simulation {
    /// An Alertmanager that starts at `start` with a configuration without errors, and nothing else.
    pub fn new(config: Config, start: i64, semantics: Semantics) -> Simulation {
        Simulation {
            semantics,
            tree: RouteTree::new(&config),
            now: start,
            alerts: AlertStore::new(start),
            inhibitor: Inhibitor::new(&config.inhibit_rules, semantics, start),
            silences: Vec::new(),
            log: NotificationLog::new(start),
            groups: BTreeMap::new(),
            group_of: BTreeMap::new(),
            queue: Queue::default(),
            services: BTreeMap::new(),
            writer: None,
            history: History::default(),
            timer_delay: 0,
            numbered: 0,
            events: 0,
            flushed: 0,
            config,
        }
    }

    /// What happened so far.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// The routes of the configuration that is loaded.
    pub fn tree(&self) -> &RouteTree {
        &self.tree
    }

    /// The configuration that is loaded.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Lets every timer from now on fire so many milliseconds late, as those of a real one do by about one. It matters
    /// where the group interval divides the repeat interval: whether it is told after the one or a tick later hangs on
    /// whether these delays add up to more than the receiver's latency.
    pub fn set_timer_delay(&mut self, delay: i64) {
        self.timer_delay = delay.max(0);
    }

    /// Lets messages be written from now on; without a writer every message can be.
    pub fn set_writer(&mut self, writer: Writer) {
        self.writer = Some(writer);
    }

    /// Lets a service answer in its way from now on.
    pub fn set_service(&mut self, endpoint: Endpoint, service: Service) {
        self.services.insert(endpoint, service);
    }

    /// Lets everything happen that is due until `end`, included.
    ///
    /// # Errors
    /// More events than a simulation may have.
    pub fn run_until(&mut self, end: i64) -> Result<(), Exhausted> {
        self.run(end, true)
    }

    /// Lets everything happen that is due before `end`.
    ///
    /// # Errors
    /// More events than a simulation may have.
    pub fn run_before(&mut self, end: i64) -> Result<(), Exhausted> {
        self.run(end, false)
    }

    /// Posts alerts at `at`. Those that the API refuses do not keep the others back.
    ///
    /// # Errors
    /// More events than a simulation may have.
    pub fn post(&mut self, at: i64, posted: &[PostedAlert]) -> Result<Vec<RefusedAlert>, Exhausted> {
        self.run(at, false)?;
        let resolve_timeout = self.resolve_timeout();
        let mut refused = Vec::new();
        for one in posted {
            match self.alerts.post(one, self.now, resolve_timeout) {
                Ok(alert) => {
                    self.inhibitor.update(&alert, self.now);
                    self.dispatch(&alert);
                }
                Err(reason) => refused.push(reason),
            }
        }
        Ok(refused)
    }

    /// Sets a silence at `at`, in place of one with the same name.
    ///
    /// # Errors
    /// More events than a simulation may have.
    pub fn silence(&mut self, at: i64, silence: Silence) -> Result<(), Exhausted> {
        self.run(at, false)?;
        self.silences.retain(|s| s.id != silence.id);
        self.silences.push(silence);
        Ok(())
    }

    /// Loads another configuration at `at`: groups begin anew with the alerts that are known, messages under way are
    /// given up, the notification log stays.
    ///
    /// # Errors
    /// More events than a simulation may have.
    pub fn reload(&mut self, at: i64, config: Config) -> Result<(), Exhausted> {
        self.run(at, false)?;
        self.tree = RouteTree::new(&config);
        self.inhibitor = Inhibitor::new(&config.inhibit_rules, self.semantics, self.now);
        self.config = config;
        self.groups.clear();
        self.group_of.clear();
        self.queue.clear();
        self.alerts.forget(self.now);
        let known: Vec<Alert> = self.alerts.iter().cloned().collect();
        for alert in &known {
            self.inhibitor.update(alert, self.now);
        }
        for alert in &known {
            self.dispatch(alert);
        }
        Ok(())
    }

    /// Lets happen what is due, and sets the time.
    fn run(&mut self, end: i64, included: bool) -> Result<(), Exhausted> {
        while let Some((at, event)) = self.queue.next(end, included) {
            self.events += 1;
            if self.events > MAX_EVENTS || self.flushed > MAX_FLUSHED {
                return Err(Exhausted);
            }
            self.now = self.now.max(at);
            match event {
                Event::Tick { group } => self.tick(group),
                Event::Message { group, flush, message, step } => self.step(group, flush, message, step),
            }
        }
        self.now = self.now.max(end);
        Ok(())
    }

    fn resolve_timeout(&self) -> i64 {
        let given = self.config.global.text("resolve_timeout").and_then(|t| t.parse::<Duration>().ok());
        given.map_or(5 * 60_000, Duration::millis)
    }

    /// Puts an alert into the groups of the routes that it takes.
    fn dispatch(&mut self, alert: &Alert) {
        for route in self.tree.matching(&alert.labels) {
            let Some(node) = self.tree.get(route) else { continue };
            let labels = Arc::new(node.group_labels(&alert.labels));
            let place = (route, labels.clone());
            let found = self.group_of.get(&place).and_then(|id| self.groups.get_mut(id));
            let group = match found {
                Some(group) => group,
                None => {
                    let is_old = alert.starts_at.saturating_add(node.group_wait) < self.now;
                    let next_tick =
                        if is_old { self.now } else { self.now + node.group_wait + self.timer_delay };
                    let key = node.group_key(&labels);
                    self.numbered += 1;
                    let id = self.numbered;
                    self.group_of.insert(place, id);
                    self.queue.plan(next_tick, Event::Tick { group: id });
                    self.groups.entry(id).or_insert(Group {
                        route,
                        labels,
                        key,
                        alerts: BTreeMap::new(),
                        next_tick,
                        overdue: false,
                        flush: None,
                    })
                }
            };
            let known = group.alerts.insert(alert.labels.clone(), alert.clone());
            if known.is_none() {
                self.history.arrivals.push(Arrival {
                    at: self.now,
                    labels: alert.labels.clone(),
                    route,
                    group_key: group.key.clone(),
                    until: group.next_tick,
                    resolved: alert.is_resolved(self.now),
                });
            }
        }
    }

    /// Takes a group that has no alerts any more away; the next alert makes a new one.
    pub(super) fn destroy(&mut self, id: u64) {
        if let Some(group) = self.groups.remove(&id) {
            self.group_of.remove(&(group.route, group.labels));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alertmanager::matcher::Mode;
    use crate::alertmanager::read_config;
    use crate::source::FileId;

    #[test]
    fn intervals_too_short_for_their_time_end() {
        let text = "route: {receiver: r, group_wait: 0s, group_interval: 1ms}\nreceivers: [{name: r}]\n";
        let root = crate::yaml::read(FileId::NONE, text).remove(0).root.unwrap();
        let config = read_config(&root, text, Mode::default()).model;
        let mut simulation = Simulation::new(config, 0, Semantics::Documented);
        simulation.events = MAX_EVENTS - 10;
        let labels = [("a".to_string(), "b".to_string())].into();
        let alert = PostedAlert { labels, ..PostedAlert::default() };
        assert_eq!(simulation.post(0, &[alert]), Ok(Vec::new()));
        let mut crowded = simulation.clone();
        assert_eq!(simulation.run_until(i64::MAX), Err(Exhausted));
        assert_eq!(simulation.history().ticks.len(), 10);
        (crowded.events, crowded.flushed) = (0, MAX_FLUSHED - 2);
        assert_eq!(crowded.run_until(i64::MAX), Err(Exhausted));
        assert_eq!(crowded.history().ticks.len(), 3);
    }
}
