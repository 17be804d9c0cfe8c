//! The one integration test binary.

mod cli;
mod promql_syntax;
mod tidy;
