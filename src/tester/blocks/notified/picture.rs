//! A failing claim in a picture: the states of its alerts, and beneath them what became of them at each receiver.

use std::collections::BTreeMap;

use super::super::claims::Judge;
use super::claim::About;
use super::{Told, label};
use crate::alertmanager::simulation::{Decision, FlushedAlert, Status, Tick};
use crate::diagnostic::{Line, Picture, Tone};
use crate::prometheus::rules::{Alert, RuleInfo};
use crate::tester::chart::{self, Grid};

/// The most receivers that are drawn.
const RECEIVERS: usize = 4;

/// What happens to alerts at a receiver; of several in one column the last counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Mark {
    Waits,
    Nothing,
    Held,
    Failed,
    Resolved,
    Told,
}

impl Mark {
    const ALL: [Mark; 6] = [Mark::Waits, Mark::Nothing, Mark::Held, Mark::Failed, Mark::Resolved, Mark::Told];

    const fn drawn(self) -> (Tone, char) {
        match self {
            Mark::Waits => (Tone::Faint, '┄'),
            Mark::Nothing => (Tone::Faint, '○'),
            Mark::Held => (Tone::Waiting, '×'),
            Mark::Failed => (Tone::Alarm, '!'),
            Mark::Resolved => (Tone::Strong, '▼'),
            Mark::Told => (Tone::Alarm, '▲'),
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Mark::Waits => "waits for its group",
            Mark::Nothing => "nothing new",
            Mark::Held => "held back",
            Mark::Failed => "its template fails",
            Mark::Resolved => "told it is over",
            Mark::Told => "told it fires",
        }
    }
}

impl Judge<'_, '_> {
    /// The course of the alerts that a claim is about, and what became of them at each receiver; their signals where
    /// they do not fire.
    pub(super) fn picture_of(&self, told: &Told<'_>, about: &About<'_>) -> Picture {
        let until = about.window.to;
        let fired = |a: &&Alert| a.fired_at.is_some_and(|at| at <= until);
        let of_rule =
            |alerts: &[Alert]| -> bool { alerts.iter().filter(fired).any(|a| self.is_about(about, a)) };
        let rules: Vec<_> = self.timeline.rules().filter(|(_, _, alerts)| of_rule(alerts)).collect();
        if rules.is_empty() {
            let may_be = |r: &RuleInfo<'_>| about.alerts.iter().any(|alert| alert.may_be(r));
            let mut picture = self.pen.rules(self.timeline, until, may_be);
            picture.text(format!("no such alert fires up to {}", self.elapsed(until)));
            return picture;
        }
        let mut picture = Picture::default();
        let Some(grid) = self.pen.grid(self.timeline, until) else { return picture };
        let alerts = rules.iter().flat_map(|(_, _, alerts)| alerts.iter());
        chart::states(&mut picture, alerts.filter(|a| self.is_about(about, a)), &[], &grid);
        let rows = self.rows(told, about, &grid);
        let used: Vec<Mark> = Mark::ALL
            .into_iter()
            .filter(|m| rows.iter().any(|(_, marks)| marks.values().any(|v| v == m)))
            .collect();
        for (receiver, marks) in &rows {
            let bar = (0..grid.width()).map(|c| marks.get(&c).map_or((Tone::Plain, ' '), |m| m.drawn()));
            let line = Line::default().then(Tone::Plain, "  ").and(bar.collect());
            picture.lines.push(line.then(Tone::Plain, format!("  {receiver}")).0);
        }
        picture.lines.push(grid.axis().0);
        let legend = used.into_iter().fold(chart::legend(), |line, mark| {
            let (tone, char) = mark.drawn();
            line.then(Tone::Plain, "  ").then(tone, char).then(Tone::Faint, format!(" {}", mark.words()))
        });
        picture.lines.push(legend.then(Tone::Faint, grid.scale()).0);
        chart::flush_left(&mut picture);
        picture
    }

    /// Whether a claim is about an alert, which gets the external labels when it is sent.
    pub(super) fn is_about(&self, about: &About<'_>, alert: &Alert) -> bool {
        let external = crate::tester::blocks::external_labels(self.world, self.case);
        self.concerns(about, |name| match external.get(name) {
            Some(value) if !alert.labels.has(name) => value,
            _ => alert.labels.get(name),
        })
    }

    /// What happened in each column at every receiver that the alerts come to, the one that is asked for first.
    fn rows(&self, told: &Told<'_>, about: &About<'_>, grid: &Grid) -> Vec<(String, BTreeMap<usize, Mark>)> {
        let mut rows: Vec<(String, BTreeMap<usize, Mark>)> = vec![(about.receiver.clone(), BTreeMap::new())];
        let mut set = |receiver: &str, columns: std::ops::RangeInclusive<usize>, mark: Mark| {
            let at = rows.iter().position(|(r, _)| r == receiver).unwrap_or_else(|| {
                rows.push((receiver.to_string(), BTreeMap::new()));
                rows.len() - 1
            });
            let Some((_, row)) = rows.get_mut(at) else { return };
            for column in columns {
                row.entry(column).and_modify(|m| *m = mark.max(*m)).or_insert(mark);
            }
        };
        let history = told.simulation.history();
        for arrival in &history.arrivals {
            let of = |name: &str| arrival.labels.get(name).map_or("", String::as_str);
            if arrival.until > arrival.at && !arrival.resolved && self.concerns(about, of) {
                for receiver in told.receivers(arrival.route) {
                    set(receiver, grid.column(arrival.at)..=grid.column(arrival.until), Mark::Waits);
                }
            }
        }
        for tick in &history.ticks {
            let concerned = |a: &FlushedAlert| self.concerns(about, |name| label(a, name));
            if !tick.alerts.iter().any(|(a, _)| concerned(a)) {
                continue;
            }
            let column = grid.column(tick.at);
            let held = tick.alerts.iter().filter(|(a, _)| concerned(a)).all(|(_, held)| held.is_some());
            for receiver in told.receivers(tick.route) {
                let mark = if held { Some(Mark::Held) } else { decided(told, tick, receiver) };
                if let Some(mark) = mark {
                    set(receiver, column..=column, mark);
                }
            }
        }
        rows.truncate(RECEIVERS);
        rows
    }
}

/// What a tick means for a receiver of the source.
fn decided(told: &Told<'_>, tick: &Tick, receiver: &str) -> Option<Mark> {
    let own = tick.decisions.iter().filter(|(endpoint, _)| told.owner(endpoint) == receiver);
    let fires = tick.alerts.iter().any(|(a, held)| held.is_none() && a.status == Status::Firing);
    own.filter_map(|(endpoint, decision)| match decision {
        Decision::Send(_) if told.stopped(tick, endpoint).is_some() => Some(Mark::Failed),
        Decision::Send(_) if fires => Some(Mark::Told),
        Decision::Send(_) => Some(Mark::Resolved),
        Decision::Deduplicated { .. } | Decision::ResolvedNotSent => Some(Mark::Nothing),
        // Prometheus repeats for a while what is resolved; nobody cares.
        Decision::NothingFiring => None,
    })
    .max()
}
