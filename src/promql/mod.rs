//! PromQL alone: spanned syntax tree and parser, printer, types, functions, and the engine.

pub mod histogram;
