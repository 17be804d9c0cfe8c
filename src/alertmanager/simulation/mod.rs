//! Alertmanager in virtual time: from posted alerts to notifications, with what held each alert back.
//!
//! [`Simulation`] is one Alertmanager without peers. There is no clock and no thread: a caller posts alerts, sets
//! silences and loads configurations at times of its own, in order, and all that falls due in between happens.
//! At the same time actions of the caller come first, then ticks of groups, then messages and their answers.
//! `scenario` reads and plays such actions from YAML.

mod alert;
mod calendar;
mod engine;
mod flush;
mod group;
mod inhibition;
mod log;
mod queue;
mod record;
pub mod scenario;
mod service;
mod silence;

pub use alert::{Alert, PostedAlert, RefusedAlert, fingerprint, notification_order};
pub use calendar::{any_holds, first_tick, held_by_time, holds};
pub use engine::{Exhausted, Simulation};
pub use inhibition::Inhibition;
pub use log::{Decision, Endpoint, Reason};
pub use record::{Arrival, FlushedAlert, Held, History, Notification, Status, Tick};
pub use service::{Answer, Service, Writer};
pub use silence::Silence;

/// Which Alertmanager is meant where a version differs from its documentation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Semantics {
    /// As documented: the version after 0.34.1.
    #[default]
    Documented,
    /// 0.30.0 to 0.34.0: of several sources with the same `equal` labels only one inhibits, and the days of a month
    /// in which a location's clock goes forward are one too few.
    V0_33,
}

impl Semantics {
    /// Those of a version (major, minor, patch); none: as documented.
    pub fn of(version: Option<(u16, u16, u16)>) -> Semantics {
        match version {
            Some(version) if ((0, 30, 0)..=(0, 34, 0)).contains(&version) => Semantics::V0_33,
            _ => Semantics::Documented,
        }
    }
}
