//! A tick of a group: what holds its alerts back, what its integrations are told, and what becomes of the messages
//! (dispatch/dispatch.go run and flush, notify/notify.go).

use super::alert::notification_order;
use super::calendar::held_by_time;
use super::engine::Simulation;
use super::group::{Flush, Group, Message, Resolved};
use super::log::{AlertSet, Decision, Endpoint, Question};
use super::queue::{Event, Step};
use super::record::{FlushedAlert, Held, Notification, Status, Tick};
use super::service::{Answer, pause_after};
use crate::alertmanager::config::Receiver;
use crate::alertmanager::route::RouteNode;

/// The shortest time that a flush has for its messages, in milliseconds.
const MIN_FLUSH_TIME: i64 = 10_000;

impl Simulation {
    /// The timer of a group fires: it is set again first, then the alerts are looked at.
    pub(super) fn tick(&mut self, id: u64) {
        let Some(group) = self.groups.get_mut(&id) else { return };
        if group.flush.is_some() {
            group.overdue = true;
            return;
        }
        let Some(node) = self.tree.get(group.route).cloned() else { return };
        let tick = group.next_tick;
        group.overdue = false;
        group.next_tick = self.now + node.group_interval + self.timer_delay;
        self.queue.plan(group.next_tick, Event::Tick { group: id });

        let alerts = snapshot(group, self.now);
        self.flushed += alerts.len();
        let (route, group_key) = (group.route, group.key.clone());
        let resolved: Vec<Resolved> = group
            .alerts
            .values()
            .filter(|a| a.is_resolved(self.now))
            .map(|a| Resolved { labels: a.labels.clone(), update: a.update })
            .collect();
        let held = self.held(&node, &alerts, tick);
        let free: Vec<&FlushedAlert> =
            alerts.iter().zip(&held).filter(|(_, held)| held.is_none()).map(|(alert, _)| alert).collect();
        let mut decisions = Vec::new();
        let mut messages = Vec::new();
        if !free.is_empty() {
            for (endpoint, send_resolved) in self.integrations(&node.receiver) {
                let (decision, message) =
                    self.decide(&node, &group_key, endpoint, send_resolved, &free, tick);
                decisions.push(decision);
                messages.extend(message);
            }
        }
        self.history.ticks.push(Tick {
            at: self.now,
            due: tick,
            route,
            group_key,
            receiver: node.receiver.clone(),
            alerts: alerts.into_iter().zip(held).collect(),
            decisions,
        });
        self.numbered += 1;
        let flush = Flush {
            id: self.numbered,
            tick,
            deadline: self.now + node.group_interval.max(MIN_FLUSH_TIME),
            resolved,
            pending: messages.len(),
            messages,
            failed: false,
        };
        self.begin(id, flush);
    }

    /// The integrations of a receiver, and whether each is told of resolved alerts.
    fn integrations(&self, receiver: &str) -> Vec<(Endpoint, bool)> {
        let indexed = self.config.receiver(receiver).into_iter().flat_map(Receiver::indexed);
        let endpoint = |index, integration| Endpoint { receiver: receiver.to_string(), integration, index };
        indexed.map(|(index, one)| (endpoint(index, one.integration.name), one.send_resolved())).collect()
    }

    /// What holds each alert back, in the order of Alertmanager's stages.
    fn held(&mut self, node: &RouteNode, alerts: &[FlushedAlert], tick: i64) -> Vec<Option<Held>> {
        let by_time = held_by_time(&self.config, node, tick, self.semantics);
        let mut held = Vec::with_capacity(alerts.len());
        for alert in alerts {
            let inhibited = self.inhibitor.inhibits(&alert.labels, &self.alerts, self.now);
            let silenced = || {
                let silence = self.silences.iter().find(|s| s.silences(&alert.labels, self.now));
                silence.map(|s| Held::Silenced(s.id.clone()))
            };
            held.push(inhibited.map(Held::Inhibited).or_else(|| by_time.clone()).or_else(silenced));
        }
        held
    }

    /// What the notification log says for an integration, and the message if there is one.
    fn decide(
        &mut self,
        node: &RouteNode,
        group_key: &str,
        endpoint: Endpoint,
        send_resolved: bool,
        alerts: &[&FlushedAlert],
        tick: i64,
    ) -> ((Endpoint, Decision), Option<Message>) {
        let with = |status: Status| -> AlertSet {
            alerts.iter().filter(|a| a.status == status).map(|a| a.labels.clone()).collect()
        };
        let (firing, resolved) = (with(Status::Firing), with(Status::Resolved));
        let asked = Question {
            firing: &firing,
            resolved: &resolved,
            send_resolved,
            tick,
            repeat_interval: node.repeat_interval,
            group_interval: node.group_interval,
        };
        let decision = self.log.decide(group_key, &endpoint, asked, self.now);
        let content = match decision {
            Decision::Send(reason) => {
                let told = alerts.iter().filter(|a| send_resolved || a.status == Status::Firing);
                Some(Some((reason, told.map(|a| FlushedAlert::clone(a)).collect())))
            }
            Decision::ResolvedNotSent => Some(None),
            Decision::Deduplicated { .. } | Decision::NothingFiring => None,
        };
        let message = content.map(|content| Message {
            endpoint: endpoint.clone(),
            content,
            firing,
            resolved,
            attempts: 0,
            attempted_at: self.now,
        });
        ((endpoint, decision), message)
    }

    /// Begins the messages of a flush; one without messages ends at once.
    fn begin(&mut self, id: u64, flush: Flush) {
        for (message, one) in flush.messages.iter().enumerate() {
            // What is not sent counts as taken.
            let step = if one.content.is_some() { Step::Attempt } else { Step::Answer(Answer::Accepted) };
            self.queue.plan(self.now, Event::Message { group: id, flush: flush.id, message, step });
        }
        if let Some(group) = self.groups.get_mut(&id) {
            let is_done = flush.pending == 0;
            group.flush = Some(flush);
            if is_done {
                self.end(id);
            }
        }
    }

    /// A step of a message.
    pub(super) fn step(&mut self, id: u64, flush_id: u64, number: usize, step: Step) {
        let Some(group) = self.groups.get_mut(&id) else { return };
        let Some(flush) = group.flush.as_mut().filter(|f| f.id == flush_id) else { return };
        let Some(message) = flush.messages.get_mut(number) else { return };
        let plan = |step| Event::Message { group: id, flush: flush_id, message: number, step };
        match step {
            Step::Attempt => {
                message.attempts += 1;
                message.attempted_at = self.now;
                let sent = message.content.as_ref().map(|(reason, alerts)| {
                    let fires = alerts.iter().any(|a| a.status == Status::Firing);
                    Notification {
                        at: self.now,
                        tick: flush.tick,
                        endpoint: message.endpoint.clone(),
                        route: group.route,
                        group_key: group.key.clone(),
                        group_labels: group.labels.clone(),
                        reason: *reason,
                        status: if fires { Status::Firing } else { Status::Resolved },
                        alerts: alerts.clone(),
                        attempt: message.attempts,
                        delivered: false,
                    }
                });
                let unwritten =
                    self.writer.as_ref().zip(sent.as_ref()).and_then(|(w, n)| w.write(&self.config, n));
                let (answer, answered_at) = match unwritten {
                    Some(answer) => (answer, self.now),
                    None => {
                        let service = self.services.entry(message.endpoint.clone()).or_default();
                        (service.answer(), self.now.saturating_add(service.latency))
                    }
                };
                let in_time = answered_at <= flush.deadline;
                let delivered = answer == Answer::Accepted && in_time;
                self.history.notifications.extend(sent.map(|n| Notification { delivered, ..n }));
                if in_time {
                    self.queue.plan(answered_at, plan(Step::Answer(answer)));
                } else {
                    self.queue.plan(flush.deadline, plan(Step::GiveUp));
                }
            }
            Step::Answer(Answer::Accepted) => {
                let (firing, resolved) =
                    (std::mem::take(&mut message.firing), std::mem::take(&mut message.resolved));
                let repeat = self.tree.get(group.route).map_or(0, |node| node.repeat_interval);
                self.log.note(&group.key, &message.endpoint, firing, resolved, repeat, self.now);
                flush.pending -= 1;
            }
            Step::Answer(Answer::Unavailable) => {
                let next = self.now.max(message.attempted_at + pause_after(message.attempts));
                if next < flush.deadline {
                    self.queue.plan(next, plan(Step::Attempt));
                } else {
                    self.queue.plan(flush.deadline, plan(Step::GiveUp));
                }
            }
            Step::Answer(Answer::Refused) | Step::GiveUp => {
                flush.failed = true;
                flush.pending -= 1;
            }
        }
        if flush.pending == 0 {
            self.end(id);
        }
    }

    /// Ends a flush whose messages are through; when the timer has fired meanwhile the next one begins.
    fn end(&mut self, id: u64) {
        let Some(group) = self.groups.get_mut(&id) else { return };
        let Some(flush) = group.flush.take() else { return };
        if group.leave(&flush) {
            self.destroy(id);
        } else if group.overdue {
            self.queue.plan(self.now, Event::Tick { group: id });
        }
    }
}

/// The alerts of a group as a flush sees them, in the order of notifications.
fn snapshot(group: &Group, now: i64) -> Vec<FlushedAlert> {
    let mut alerts: Vec<FlushedAlert> = group
        .alerts
        .values()
        .map(|alert| {
            let resolved = alert.is_resolved(now);
            FlushedAlert {
                status: if resolved { Status::Resolved } else { Status::Firing },
                labels: alert.labels.clone(),
                annotations: alert.annotations.clone(),
                starts_at: alert.starts_at,
                ends_at: resolved.then_some(alert.ends_at),
                generator_url: alert.generator_url.clone(),
            }
        })
        .collect();
    alerts.sort_by(|a, b| notification_order(&a.labels, &b.labels));
    alerts
}
