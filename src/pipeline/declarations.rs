//! Metric declarations in a source brought up to date.

use crate::diagnostic::Diagnostic;
use crate::import::Metrics;
use crate::import::metrics::declaration;
use crate::promql::features::Features;
use crate::source::FileId;
use crate::syntax::ast::{Buckets, Item};
use crate::syntax::{self, format};

/// A source with its declarations brought up to date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refreshed {
    /// The whole text.
    pub text: String,
    /// How many metrics were not declared before.
    pub added: usize,
    /// How many are declared in another way now.
    pub changed: usize,
    /// How many were declared so already.
    pub same: usize,
}

/// Replaces the declarations of metrics that are known, adds those that are missing at the end, and leaves all else
/// as it is.
///
/// # Errors
/// The text has errors: what can't be read can't be brought up to date.
pub fn declarations(text: &str, metrics: &Metrics) -> Result<Refreshed, String> {
    let options = syntax::Options { features: Features::all(), ..syntax::Options::default() };
    let parsed = syntax::parse(FileId(0), text, &options);
    if let Some(error) = parsed.diagnostics.iter().find(|d| d.is_error()) {
        return Err(format!("it has errors: {}", error.message));
    }
    let mut out = text.to_string();
    let mut left = metrics.clone();
    let (mut changed, mut same) = (0, 0);
    for item in parsed.file.items.iter().rev() {
        let Item::Metric(metric) = item else { continue };
        let Some(mut known) = left.remove(&metric.name.text) else { continue };
        // What is not known anew stays as it was said.
        let slice = |span: crate::source::Span| text.get(span.range()).unwrap_or("").to_string();
        if known.labels.is_none() {
            known.labels = metric.labels.as_ref().map(|l| l.items.iter().map(|n| n.text.clone()).collect());
        }
        known.unit = known.unit.or_else(|| metric.unit.as_ref().map(|u| u.text.clone()));
        if let (true, Some(Buckets::Bounds { bounds, .. })) = (known.buckets.is_empty(), &metric.buckets) {
            known.buckets = bounds.iter().map(|b| slice(b.span)).collect();
        }
        let (range, new) = (metric.span.range(), declaration(&metric.name.text, &known));
        let words = |t: &str| t.split_whitespace().map(str::to_string).collect::<Vec<_>>();
        if words(out.get(range.clone()).unwrap_or("")) == words(&new) {
            same += 1;
        } else {
            out.replace_range(range, &new);
            changed += 1;
        }
    }
    let added = left.len();
    if added > 0 && !out.is_empty() && !out.ends_with('\n') {
        out.push('\n');
    }
    out.push_str(&crate::import::metrics::source(&left));
    match format::format_file(FileId(0), &out, &options) {
        Ok(text) => Ok(Refreshed { text, added, changed, same }),
        Err(found) => Err(found.first().map_or_else(String::new, |d: &Diagnostic| d.message.clone())),
    }
}
