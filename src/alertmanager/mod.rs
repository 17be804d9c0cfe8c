//! Alertmanager's configuration, matchers, route tree, and notifications over time.
//!
//! `schema` is every integration and field as data, `config` what a configuration says, `matcher` and `time_interval`
//! its two small languages.

pub mod config;
pub mod matcher;
mod read;
pub mod schema;
pub mod time_interval;

pub use read::{ConfigPlaces, ReadConfig, RoutePlaces, read_config};
