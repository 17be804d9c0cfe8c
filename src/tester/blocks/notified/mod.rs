//! Who is told what: the alerts of a test go through the Alertmanager configuration that `render` emits.
//!
//! `prometheus::rules::sent` says what is posted when, [`Simulation`] what comes of it; `claim` judges `notified`
//! claims by its history, `picture` shows it where one fails. Only tests with such claims pay for it.

mod claim;
mod log;
mod picture;

pub(super) use claim::Asked;

use std::collections::BTreeSet;
use std::ops::Range;

use super::{Case, Clock, World};
use crate::alertmanager::config::Config;
use crate::alertmanager::message::{self, Composer, Message};
use crate::alertmanager::simulation::{
    Endpoint, Exhausted, FlushedAlert, Notification, PostedAlert, Semantics, Simulation, Tick, Writer,
};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::tester::TEST_BUDGET;
use crate::prometheus::rules::{Millis, RESEND_DELAY, SentAlert, Timeline, sent};
use crate::syntax::ast::{Claim, ClaimKind, StepKind, Test};
use crate::yaml::StringMap;

/// What an Alertmanager made of a test's alerts.
pub(super) struct Told<'c> {
    world: &'c World<'c>,
    simulation: Simulation,
}

/// The claims of a test about who is notified.
pub(super) fn claims(test: &Test) -> impl Iterator<Item = &Claim> {
    test.body.items.iter().filter_map(|step| match &step.kind {
        StepKind::Claim(claim) if matches!(claim.kind, ClaimKind::Notified { .. }) => Some(&**claim),
        _ => None,
    })
}

impl<'c> Told<'c> {
    /// Posts the alerts of a test to the configuration of its environment. None where nothing is claimed of it, or there
    /// is no configuration.
    ///
    /// # Errors
    /// More events than a simulation may have.
    pub(super) fn of(
        world: &'c World<'c>,
        case: &Case<'_>,
        clock: &Clock,
        timeline: &Timeline<'_>,
        unasked: &BTreeSet<String>,
    ) -> Result<Option<Told<'c>>, Diagnostic> {
        let (Some(config), Some(_)) = (&world.program.alertmanager, claims(case.test).next()) else {
            return Ok(None);
        };
        let named: BTreeSet<String> = claims(case.test)
            .filter_map(
                |c| if let ClaimKind::Notified { alerts, .. } = &c.kind { Some(alerts) } else { None },
            )
            .flatten()
            .map(|alert| case.bindings.name(&alert.name))
            .collect();
        // Alerts of missing data would share groups with others, where in truth there is data.
        let posted = |name: &str| {
            named.contains(name) || !unasked.contains(name) || world.always_firing.iter().any(|a| a == name)
        };
        let external = super::external_labels(world, case);
        let span = clock.start..clock.start + clock.end;
        let writer = world.templates.clone().map(message::writer);
        let simulation = simulate((config, world.semantics), &external, span, timeline, posted, writer)
            .map_err(|Exhausted| {
                let message = format!("notifications: {Exhausted}");
                Diagnostic::new(&TEST_BUDGET, case.test.title.span, message)
                    .help("lengthen `group_interval`, or claim earlier")
            })?;
        Ok(Some(Told { world, simulation }))
    }

    /// The messages to a receiver of the source, those too that a failing template stops.
    fn to<'t>(&'t self, receiver: &'t str) -> impl Iterator<Item = &'t Notification> {
        let all = self.simulation.history().notifications.iter();
        all.filter(move |n| self.owner(&n.endpoint) == receiver)
    }

    /// What an integration sends for a notification; unknown where template files are.
    fn message(&self, notification: &Notification) -> Option<Message> {
        let templates = self.world.templates.clone()?;
        Composer::new(self.simulation.config()).with_templates(templates).message(notification)
    }

    /// The field whose template stops the message of a tick.
    fn stopped(&self, tick: &Tick, endpoint: &Endpoint) -> Option<String> {
        let of_tick = |n: &&Notification| {
            n.tick == tick.due && n.group_key == tick.group_key && n.endpoint == *endpoint
        };
        let first = self.simulation.history().notifications.iter().find(of_tick).filter(|n| !n.delivered)?;
        let message = self.message(first)?;
        message.stopped().and(message.failures.first()).map(|failure| failure.field.clone())
    }

    /// The receivers of the source that a route tells, each once.
    fn receivers(&self, route: usize) -> impl Iterator<Item = &str> {
        let name = self.simulation.tree().get(route).map_or("", |node| node.receiver.as_str());
        let owners = self.world.program.owners.iter().filter(move |(e, _)| e.receiver == name);
        let names: BTreeSet<&str> = owners.map(|(_, owner)| owner.as_str()).collect();
        names.into_iter()
    }

    /// The receiver of the source behind an integration of the configuration.
    fn owner<'t>(&'t self, endpoint: &'t Endpoint) -> &'t str {
        self.world.program.owners.get(endpoint).unwrap_or(&endpoint.receiver)
    }
}

/// Posts the alerts of a timeline to an Alertmanager of that behaviour that runs for `span`. Without a writer, every message can be
/// written.
///
/// # Errors
/// More events than a simulation may have.
pub fn simulate(
    (config, semantics): (&Config, Semantics),
    external_labels: &StringMap,
    span: Range<Millis>,
    timeline: &Timeline<'_>,
    posted: impl Fn(&str) -> bool,
    writer: Option<Writer>,
) -> Result<Simulation, Exhausted> {
    let mut simulation = Simulation::new(config.clone(), span.start, semantics);
    if let Some(writer) = writer {
        simulation.set_writer(writer);
    }
    for (at, alerts) in sent(timeline, external_labels, RESEND_DELAY, |_, rule| posted(rule.name)) {
        let alerts: Vec<PostedAlert> = alerts.into_iter().map(post).collect();
        simulation.post(at, &alerts)?;
    }
    simulation.run_until(span.end)?;
    Ok(simulation)
}

fn post(alert: SentAlert) -> PostedAlert {
    PostedAlert {
        labels: alert.labels.iter().map(|(n, v)| (n.to_string(), v.to_string())).collect(),
        annotations: alert.annotations,
        starts_at: Some(alert.starts_at),
        ends_at: Some(alert.ends_at),
        generator_url: alert.generator_url.to_string(),
    }
}

/// A stretch of time in which a notification counts, in milliseconds since the Unix epoch.
#[derive(Debug, Clone, Copy)]
struct Window {
    /// The first moment that counts.
    from: Millis,
    /// The last one.
    to: Millis,
}

impl Window {
    fn holds(self, at: Millis) -> bool {
        (self.from..=self.to).contains(&at)
    }
}

/// A label of an alert, empty when it is not there.
fn label<'a>(alert: &'a FlushedAlert, name: &str) -> &'a str {
    alert.labels.get(name).map_or("", String::as_str)
}
