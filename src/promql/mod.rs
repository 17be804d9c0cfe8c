//! PromQL alone: spanned syntax tree and parser, printer, types, functions, and the engine.
//!
//! # The engine
//!
//! Text becomes an [`ast::Expr`]; [`engine::Prepared`] resolves it once; then it can be run over any number of
//! [`storage::Storage`]s, at one instant, over a range, or at many instants at once (what rules need). All times are
//! milliseconds since 1970.
//!
//! ```
//! use std::sync::Arc;
//! use alertc::promql::engine::{Options, Prepared};
//! use alertc::promql::labels::Labels;
//! use alertc::promql::storage::Storage;
//! use alertc::promql::value::Value;
//! use alertc::source::FileId;
//!
//! let mut storage = Storage::new();
//! let times: Arc<[i64]> = (0..=10).map(|i| i * 60_000).collect();
//! let id = storage.series_id(&Labels::new([("__name__", "requests_total"), ("job", "api")]));
//! storage.append_floats(id, &times, (0..=10).map(|i| f64::from(i) * 30.0).collect());
//!
//! let text = "sum by (job) (rate(requests_total[5m]))";
//! let (expr, diagnostics) = alertc::promql::parser::parse(text, FileId::NONE, 0, &Default::default());
//! assert!(diagnostics.is_empty());
//! let prepared = Prepared::new(&expr)?;
//! let options = Options::default();
//! let Value::Vector(samples) = prepared.instant(&storage, &options, 600_000)?.value else { panic!() };
//! assert_eq!(samples[0].point.as_float(), Some(0.5));
//!
//! let instants = prepared.instants(&storage, &options, &times);
//! assert!(instants.failure.is_none());
//! assert_eq!(instants.steps.series[0].column.float(10), Some(0.5));
//! # Ok::<(), alertc::promql::error::EvalError>(())
//! ```

pub mod annotation;
pub mod ast;
pub mod duration;
pub mod engine;
pub mod error;
mod eval;
pub mod features;
mod functions;
pub mod gate;
pub mod histogram;
pub mod kahan;
pub mod labels;
pub mod lexer;
pub mod matcher;
pub mod parser;
mod plan;
pub mod printer;
pub mod series_notation;
pub mod promqltest;
pub mod signatures;
pub mod storage;
pub mod types;
pub mod value;
