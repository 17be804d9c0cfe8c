//! Scenarios in YAML: a configuration, what is posted, silenced and loaded when, and which notifications must follow.
//!
//! The form is that of timelines observed on a real Alertmanager with webhooks: `@URL@` in a configuration stands for
//! the webhook's address, times are seconds from the start. Besides the observed fields a scenario may say `start`
//! (RFC 3339), `semantics: "0.33"`, `timer_delay_s` and, for each webhook, `webhook_latency_s`.

mod read;

use std::collections::BTreeMap;

use super::{
    Endpoint, Exhausted, Notification, PostedAlert, Semantics, Service, Silence, Simulation, Writer,
};
use crate::alertmanager::config::Config;

pub use read::{read, read_with};

/// What stands for the webhook's address, and an address for it.
const URL: (&str, &str) = ("@URL@", "http://webhook.invalid");

/// A configuration, what happens, and what must be sent. Times are milliseconds since the Unix epoch.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// What it is about.
    pub name: String,
    /// The first configuration.
    pub config: Config,
    /// When it starts.
    pub start: i64,
    /// When it ends; what falls due just then is not played any more.
    pub end: i64,
    /// How late timers fire (see [`Simulation::set_timer_delay`]), in milliseconds.
    pub timer_delay: i64,
    /// Which Alertmanager.
    pub semantics: Semantics,
    /// How webhooks answer, by the path of their URL.
    pub services: BTreeMap<String, Service>,
    /// What happens, by time.
    pub actions: Vec<(i64, Action)>,
    /// What must be sent, by time.
    pub expected: Vec<Expected>,
}

/// Something that happens.
#[derive(Debug, Clone)]
pub enum Action {
    /// Alerts are posted.
    Post(Vec<PostedAlert>),
    /// A silence is set.
    Silence(Silence),
    /// A configuration is loaded.
    Reload(Box<Config>),
}

/// A notification as a webhook must get it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// When.
    pub at: i64,
    /// The path of the webhook's URL.
    pub webhook: String,
    /// Whether the webhook takes it (2xx).
    pub delivered: bool,
    /// `firing` or `resolved`.
    pub status: String,
    /// In Alertmanager's words.
    pub reason: String,
    /// Of each alert its label `n`, or else its `alertname`, and its status.
    pub alerts: Vec<(String, String)>,
    /// The group's key.
    pub group_key: String,
}

impl Scenario {
    /// What the scenario's Alertmanager sends to webhooks, and the simulation for a closer look. Without a writer, every
    /// message can be written.
    ///
    /// # Errors
    /// More events than a simulation may have.
    pub fn play(
        &self,
        semantics: Semantics,
        writer: Option<Writer>,
    ) -> Result<(Vec<Expected>, Simulation), Exhausted> {
        let mut simulation = Simulation::new(self.config.clone(), self.start, semantics);
        simulation.set_timer_delay(self.timer_delay);
        if let Some(writer) = writer {
            simulation.set_writer(writer);
        }
        let mut sent = Vec::new();
        let mut told = 0;
        let mut webhooks = Webhooks::new();
        self.connect(&mut simulation, &mut webhooks);
        for (at, action) in &self.actions {
            simulation.run_before(*at)?;
            match action {
                Action::Post(alerts) => {
                    simulation.post(*at, alerts)?;
                }
                Action::Silence(silence) => simulation.silence(*at, silence.clone())?,
                Action::Reload(config) => {
                    // What was sent before, was sent by the old configuration.
                    collect(&simulation, &webhooks, &mut told, &mut sent);
                    simulation.reload(*at, (**config).clone())?;
                    self.connect(&mut simulation, &mut webhooks);
                }
            }
        }
        simulation.run_before(self.end)?;
        collect(&simulation, &webhooks, &mut told, &mut sent);
        Ok((sent, simulation))
    }

    /// Finds the webhooks of the configuration that is loaded; new ones answer as the scenario says from its start.
    fn connect(&self, simulation: &mut Simulation, webhooks: &mut Webhooks) {
        let before = std::mem::take(webhooks);
        for receiver in &simulation.config().receivers {
            for (index, one) in receiver.indexed().filter(|(_, one)| one.integration.name == "webhook") {
                let url = one.settings.text("url").unwrap_or("");
                let path = url.strip_prefix(URL.1).unwrap_or(url).to_string();
                let receiver = receiver.name.clone();
                webhooks.insert(Endpoint { receiver, integration: one.integration.name, index }, path);
            }
        }
        for (endpoint, path) in webhooks.iter().filter(|(endpoint, path)| before.get(endpoint) != Some(path))
        {
            let service = self.services.get(path).cloned().unwrap_or_default();
            simulation.set_service(endpoint.clone(), service);
        }
    }
}

/// The paths of the webhooks of a configuration.
type Webhooks = BTreeMap<Endpoint, String>;

/// Adds what was sent since to webhooks.
fn collect(simulation: &Simulation, webhooks: &Webhooks, told: &mut usize, sent: &mut Vec<Expected>) {
    let notifications = &simulation.history().notifications;
    for one in notifications.iter().skip(*told) {
        if let Some(path) = webhooks.get(&one.endpoint) {
            sent.push(Expected::of(one, path));
        }
    }
    *told = notifications.len();
}

impl Expected {
    /// A notification as a webhook sees it.
    fn of(notification: &Notification, path: &str) -> Expected {
        let alerts = notification.alerts.iter().map(|alert| {
            let name = alert.labels.get("n").or_else(|| alert.labels.get("alertname"));
            (name.cloned().unwrap_or_default(), alert.status.as_str().to_string())
        });
        Expected {
            at: notification.at,
            webhook: path.to_string(),
            delivered: notification.delivered,
            status: notification.status.as_str().to_string(),
            reason: notification.reason.to_string(),
            alerts: alerts.collect(),
            group_key: notification.group_key.clone(),
        }
    }
}
