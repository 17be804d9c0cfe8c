//! The one integration test binary.

mod check;
mod cli;
mod crd;
mod files;
mod gotemplate;
mod lower;
mod promql_syntax;
mod promql_differential;
mod promqltest;
mod syntax;
mod tidy;
mod types;
