//! What Alertmanager did with the alerts of a failing claim, line by line: which group they waited for, who was told, what
//! held them back.

use std::collections::BTreeSet;

use super::super::claims::Judge;
use super::claim::About;
use super::{Told, label};
use crate::alertmanager::route::Labels;
use crate::alertmanager::simulation::{Arrival, Decision, FlushedAlert, Held, Reason, Status, Tick};
use crate::gostd::strconv::quote;
use crate::prometheus::rules::Millis;
use crate::promql::duration::Duration;

/// The most lines at the beginning and at the end of a log.
const SHOWN: (usize, usize) = (6, 6);

/// The same in one or several moments.
struct Entry {
    first: Millis,
    last: Millis,
    times: usize,
    text: String,
}

impl Judge<'_, '_> {
    /// What happened to the alerts of a claim on their way to its receiver, or where else they went. Nothing where there
    /// are none.
    pub(super) fn log_of(&self, told: &Told<'_>, about: &About<'_>) -> Vec<String> {
        let arrivals = told.simulation.history().arrivals.iter();
        let arrivals: Vec<&Arrival> =
            arrivals.filter(|a| self.concerns(about, |name| value(&a.labels, name))).collect();
        let log = Log { judge: self, told, about, same: same(&arrivals) };
        if arrivals.is_empty() {
            return Vec::new();
        }
        if arrivals.iter().any(|a| log.leads(a.route)) {
            log.lines(&arrivals)
        } else {
            log.elsewhere(&arrivals)
        }
    }
}

/// The labels that all alerts have in common.
fn same(arrivals: &[&Arrival]) -> Labels {
    let Some(first) = arrivals.first() else { return Labels::new() };
    let in_all =
        |name: &str, value: &str| arrivals.iter().all(|a| a.labels.get(name).is_some_and(|v| v == value));
    let pairs = first.labels.iter().filter(|(n, v)| in_all(n, v));
    pairs.map(|(n, v)| (n.clone(), v.clone())).collect()
}

struct Log<'l, 'c, 'a> {
    judge: &'l Judge<'c, 'a>,
    told: &'l Told<'l>,
    about: &'l About<'l>,
    /// Labels that tell no alert from another.
    same: Labels,
}

impl Log<'_, '_, '_> {
    fn leads(&self, route: usize) -> bool {
        self.told.receivers(route).any(|r| r == self.about.receiver)
    }

    fn elapsed(&self, at: Millis) -> Duration {
        self.judge.elapsed(at)
    }

    /// Where the alerts go when no route leads to the receiver.
    fn elsewhere(&self, arrivals: &[&Arrival]) -> Vec<String> {
        let mut routes: Vec<(String, usize)> = Vec::new();
        for arrival in arrivals {
            let alert = self.short(&arrival.labels, &self.same);
            if !routes.iter().any(|(a, route)| *a == alert && *route == arrival.route) {
                routes.push((alert, arrival.route));
            }
        }
        let mut lines = vec![format!("no route leads to {}:", self.about.receiver)];
        for (alert, route) in routes.iter().take(SHOWN.0) {
            let receivers: Vec<&str> = self.told.receivers(*route).collect();
            let to = if receivers.is_empty() { "nobody".to_string() } else { receivers.join(", ") };
            lines.push(format!("  {alert} goes to {to}{}", by(self.told, *route)));
        }
        lines
    }

    /// What happened up to the end of the claim's time, and when the receiver is told next.
    fn lines(&self, arrivals: &[&Arrival]) -> Vec<String> {
        let mut all: Vec<(Millis, u8, String)> = Vec::new();
        for arrival in arrivals.iter().filter(|a| self.leads(a.route) && !a.resolved) {
            let alert = self.short(&arrival.labels, &self.same);
            let due = if arrival.until > arrival.at {
                format!("at {}", self.elapsed(arrival.until))
            } else {
                "at once".to_string()
            };
            all.push((arrival.at, 0, format!("{alert} arrives; its group is due {due}")));
        }
        let mut was_told = BTreeSet::new();
        for tick in self.told.simulation.history().ticks.iter().filter(|t| self.leads(t.route)) {
            let texts = self.ticked(tick, &mut was_told);
            all.extend(texts.into_iter().map(|text| (tick.at, 1, text)));
        }
        all.sort_by_key(|(at, kind, _)| (*at, *kind));
        let end = all.iter().position(|(at, ..)| *at > self.about.window.to).unwrap_or(all.len());
        let told = format!("{} is told", self.about.receiver);
        let next = all.iter().skip(end).find(|(_, _, text)| text.starts_with(&told)).cloned();
        all.truncate(end);
        all.extend(next);
        let mut entries: Vec<Entry> = Vec::new();
        for (at, _, text) in all {
            match entries.last_mut().filter(|e| e.text == text) {
                Some(entry) => (entry.last, entry.times) = (at, entry.times + 1),
                None => entries.push(Entry { first: at, last: at, times: 1, text }),
            }
        }
        let hidden = entries.len().saturating_sub(SHOWN.0 + SHOWN.1);
        let when = |e: &Entry| match e.times {
            1 => self.elapsed(e.first).to_string(),
            _ => format!("{} to {}", self.elapsed(e.first), self.elapsed(e.last)),
        };
        let width = entries.iter().map(|e| when(e).chars().count()).max().unwrap_or(0);
        let mut lines = Vec::new();
        for (number, entry) in entries.iter().enumerate() {
            if hidden > 0 && number == SHOWN.0 {
                lines.push(format!("{:width$}  and {hidden} more", "…"));
            }
            if hidden == 0 || number < SHOWN.0 || number >= SHOWN.0 + hidden {
                let times = if entry.times > 1 { format!(" ({} times)", entry.times) } else { String::new() };
                lines.push(format!("{:width$}  {}{times}", when(entry), entry.text));
            }
        }
        lines
    }

    /// What a tick did with the alerts of a claim; `was_told` are the groups of which the receiver was told.
    fn ticked(&self, tick: &Tick, was_told: &mut BTreeSet<String>) -> Vec<String> {
        let about = |(a, _): &&(FlushedAlert, _)| self.judge.concerns(self.about, |name| label(a, name));
        let concerned: Vec<&(FlushedAlert, Option<Held>)> = tick.alerts.iter().filter(about).collect();
        if concerned.is_empty() {
            return Vec::new();
        }
        let mut texts: Vec<String> = Vec::new();
        for (alert, held) in &concerned {
            let Some(held) = held else { continue };
            let resolved = if alert.status == Status::Resolved { ", resolved," } else { "" };
            let by = match held {
                Held::Inhibited(by) => {
                    format!("inhibited by {}", self.short(&by.source, &alert.labels))
                }
                other => other.to_string(),
            };
            texts.push(format!("{}{resolved} is {by}", self.short(&alert.labels, &self.same)));
        }
        if concerned.iter().all(|(_, held)| held.is_some()) {
            return texts;
        }
        let count =
            |status| tick.alerts.iter().filter(|(a, held)| held.is_none() && a.status == status).count();
        let (firing, resolved) = (count(Status::Firing), count(Status::Resolved));
        let receiver = &self.about.receiver;
        for (endpoint, decision) in tick.decisions.iter().filter(|(e, _)| self.told.owner(e) == receiver) {
            let text = match decision {
                Decision::Send(_) if let Some(field) = self.told.stopped(tick, endpoint) => {
                    format!("{receiver} is sent nothing: the template of `{field}` fails")
                }
                Decision::Send(reason) => {
                    was_told.insert(tick.group_key.clone());
                    let mut counts = Vec::new();
                    if firing > 0 {
                        counts.push(format!("{firing} firing"));
                    }
                    if resolved > 0 {
                        counts.push(format!("{resolved} resolved"));
                    }
                    let why = match reason {
                        Reason::AllResolved => String::new(),
                        other => format!(" ({other})"),
                    };
                    format!("{receiver} is told: {}{why}", counts.join(", "))
                }
                Decision::Deduplicated { until } => {
                    format!("{receiver} knows; without news told again at {}", self.elapsed(*until))
                }
                Decision::ResolvedNotSent => {
                    format!("{receiver} is not told of what is resolved (`send_resolved false`)")
                }
                Decision::NothingFiring if was_told.contains(&tick.group_key) => continue,
                Decision::NothingFiring => {
                    format!("all is resolved, and {receiver} was not told that it fired")
                }
            };
            if !texts.contains(&text) {
                texts.push(text);
            }
        }
        texts
    }

    /// An alert by its name and the labels that `than` does not have.
    fn short(&self, labels: &Labels, than: &Labels) -> String {
        let differs = |(name, value): &(&String, &String)| {
            name.as_str() != "alertname" && than.get(*name) != Some(*value)
        };
        let pairs: Vec<String> =
            labels.iter().filter(differs).map(|(n, v)| format!("{n}={}", quote(v))).collect();
        let name = value(labels, "alertname");
        if pairs.is_empty() { name.to_string() } else { format!("{name}{{{}}}", pairs.join(", ")) }
    }
}

fn value<'l>(labels: &'l Labels, name: &str) -> &'l str {
    labels.get(name).map_or("", String::as_str)
}

/// ` by {severity="critical"}`: the matchers of a route; nothing for the root.
fn by(told: &Told<'_>, route: usize) -> String {
    let matchers = told.simulation.tree().get(route).map(|node| &node.matchers);
    let matchers: Vec<String> = matchers.into_iter().flatten().map(ToString::to_string).collect();
    if matchers.is_empty() {
        " by the root route".to_string()
    } else {
        format!(" by {{{}}}", matchers.join(", "))
    }
}
