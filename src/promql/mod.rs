//! PromQL alone: spanned syntax tree and parser, printer, types, functions, and the engine.

pub mod ast;
pub mod duration;
pub mod features;
pub mod histogram;
pub mod lexer;
pub mod parser;
pub mod signatures;
pub mod types;
