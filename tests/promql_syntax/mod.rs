//! PromQL's syntax and types: verdicts, trees, printing, and what the user is told.

mod conformance;
mod corpus;
mod errors;
mod prefix;
mod printing;
mod round_trip;
mod trees;
mod verdicts;

use std::path::PathBuf;

use alertc::diagnostic::Diagnostic;
use alertc::promql::ast::Expr;
use alertc::promql::features::Features;
use alertc::promql::parser::{Options, parse};
use alertc::source::FileId;

/// Everything of the newest Prometheus, with all feature flags.
fn all_features() -> Options<'static> {
    Options { features: Features::all(), ..Options::default() }
}

/// The tree, or what is wrong.
fn accept(text: &str, options: &Options<'_>) -> Result<Expr, Vec<Diagnostic>> {
    let (expr, diagnostics) = parse(text, FileId::NONE, 0, options);
    if diagnostics.iter().any(Diagnostic::is_error) { Err(diagnostics) } else { Ok(expr) }
}

/// A folder beside the repository that holds published test files; none where it is absent.
fn shared(folder: &str) -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared").join(folder);
    if !path.is_dir() {
        eprintln!("skipped: {} is not there", path.display());
        return None;
    }
    Some(path)
}
