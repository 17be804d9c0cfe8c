//! Alertmanager's configuration, matchers, route tree, and notifications over time.
//!
//! `schema` is every integration and field as data, `config` what a configuration says, `matcher` and `time_interval`
//! its two small languages; `route` is the tree that alerts take, `worlds` the label sets that routes can tell apart, `satisfy` whether there is any at all, `ways` what that makes of an alert,
//! `simulation` who is told what and when, `message` the very text of it.

pub mod config;
pub mod matcher;
pub mod message;
mod read;
pub mod route;
pub mod satisfy;
pub mod schema;
pub mod simulation;
pub mod time_interval;
pub mod ways;
pub mod worlds;

pub use read::{ConfigPlaces, InhibitPlaces, ReadConfig, RoutePlaces, read_config};
