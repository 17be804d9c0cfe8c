//! Syntax tree to checked program: names, kinds, units, label flow, severities, lets, routes.

pub mod types;
mod url;
