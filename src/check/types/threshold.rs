//! A signal and the limit of one of its levels: what `value > limit` would be told if it were written out.

use super::env::Buckets;
use super::range::{Comparison, Truth};
use super::{Sort, Type};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::types as codes;
use crate::source::Span;

/// A limit in its signal's unit.
#[derive(Debug, Clone, Copy)]
pub struct Limit<'a> {
    /// How the signal is compared with it.
    pub op: Comparison,
    /// The number.
    pub value: f64,
    /// As it is written (`500ms`).
    pub shown: &'a str,
    /// True when it is written without a unit.
    pub bare: bool,
    /// Where.
    pub span: Span,
}

/// What is wrong with comparing the signal at `signal` with that limit.
pub fn check_limit(ty: &Type, signal: Span, limit: Limit<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let exact = super::Range::exactly(limit.value);
    match ty.range.compare(limit.op, exact) {
        _ if ty.empty => {}
        Truth::Never => found.push(
            Diagnostic::new(
                &codes::ALWAYS_EMPTY,
                limit.span,
                format!("no value is {} {}", limit.op.as_str(), limit.shown),
            )
            .label("never fires")
            .also(signal, ty.range.describe()),
        ),
        Truth::Always => found.push(
            Diagnostic::new(
                &codes::ALWAYS_TRUE,
                limit.span,
                format!("every value is {} {}", limit.op.as_str(), limit.shown),
            )
            .label("fires for every series there is")
            .also(signal, ty.range.describe()),
        ),
        Truth::Depends => {}
    }
    if !found.is_empty() {
        return found;
    }
    if limit.bare
        && limit.op.is_ordering()
        && ty.known_unit().is_some_and(super::Unit::is_ratio)
        && is_percentage(limit.value)
    {
        let share =
            ty.source.as_ref().is_some_and(|s| s.metric.ends_with("_ratio")) || ty.range.is_share_of_whole();
        if share {
            found.push(
                Diagnostic::new(
                    &codes::PERCENT_OF_RATIO,
                    limit.span,
                    format!("a ratio compared with {}", limit.value),
                )
                .label("1 is the whole")
                .also(signal, "a ratio")
                .fix(format!("write {}%", limit.value), limit.span.at_end(), "%"),
            );
        }
    }
    if ty.sort == Sort::Counter && limit.op.is_ordering() && limit.value != 0.0 {
        found.push(counter_without_rate(ty, signal));
    }
    found.extend(between_buckets(ty, limit));
    found
}

/// Numbers that are meant as hundredths when a ratio is compared with them.
pub(super) fn is_percentage(value: f64) -> bool {
    (10.0..=100.0).contains(&value)
}

pub(super) fn counter_without_rate(ty: &Type, span: Span) -> Diagnostic {
    let finding = Diagnostic::new(
        &codes::COUNTER_WITHOUT_RATE,
        span,
        format!(
            "{} is a counter: compared as it is, this depends on how long the process has run",
            ty.describe()
        ),
    )
    .label("counts since the process started")
    .help("compare how fast it grows: `rate(…[5m])`, or `increase(…[1h])`");
    match ty.source.as_ref().and_then(|s| s.declared) {
        Some(span) => finding.also(span, "declared here"),
        None => finding.note("its name says so (`_total`); if it can fall, declare it a `gauge`"),
    }
}

/// A quantile is known at the bounds of buckets; between them it is a guess, as coarse as the bucket is wide.
pub(super) fn between_buckets(ty: &Type, limit: Limit<'_>) -> Option<Diagnostic> {
    let observed = ty.observed.as_ref().filter(|_| ty.sort == Sort::Quantile && limit.op.is_ordering())?;
    let Buckets::Classic(bounds) = &observed.buckets else { return None };
    let at = bounds.partition_point(|b| b.to_f64() < limit.value);
    let (above, below) = (bounds.get(at)?, at.checked_sub(1).and_then(|i| bounds.get(i)));
    let (high, low) = (above.to_f64(), below.map_or(0.0, |b| b.to_f64()));
    // Near is within a tenth of the bucket's width.
    let near = (high - limit.value).min(limit.value - low) <= (high - low) * 0.1;
    if near || limit.value <= 0.0 {
        return None;
    }
    let low = below.map_or("0".to_string(), ToString::to_string);
    let mut finding = Diagnostic::new(
        &codes::LIMIT_BETWEEN_BUCKETS,
        limit.span,
        format!("{} lies between the buckets {low} and {above}", limit.shown),
    )
    .label("the quantile is a guess here")
    .note("inside a bucket observations are taken to be spread evenly")
    .help("choose a bound as the limit, or give the histogram a bucket there");
    if let Some(span) = observed.declared {
        finding = finding.also(span, "its buckets are declared here");
    }
    Some(finding)
}
