//! The one integration test binary.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test may stop where it stands, and says what it skips"
)]

mod check;
mod ci;
mod cli;
mod files;
mod generated;
mod import;
mod gotemplate;
mod lower;
mod message;
mod promql_engine;
mod promql_syntax;
mod promql_differential;
mod promqltest;
mod syntax;
mod systems;
mod routes;
mod readme;
mod review;
mod simulation;
mod slo;
mod stack;
mod tester;
mod tidy;
mod types;
