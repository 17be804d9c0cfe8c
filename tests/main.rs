//! The one integration test binary.

mod cli;
mod files;
mod promql_syntax;
mod tidy;
