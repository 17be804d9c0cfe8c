//! alertc compiles typed alert sources to Prometheus rules and Alertmanager configuration, and tests them.
//!
//! This file is the map: modules stand in the order in which data flows, and a module imports only modules
//! declared above it (held by `tests/tidy.rs`).

pub mod source;
pub mod diagnostic;
pub mod gostd;
pub mod yaml;
pub mod promql;
pub mod project;
pub mod gotemplate;
pub mod prometheus;
pub mod alertmanager;
pub mod argo;
pub mod existing;
pub mod syntax;
pub mod check;
pub mod ir;
pub mod lower;
pub mod render;
pub mod tester;
pub mod import;
pub mod diff;
pub mod pipeline;
pub mod cli;
