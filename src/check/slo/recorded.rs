//! What slos record, as the type analysis knows metrics.

use crate::check::types::{Buckets, Kind, Metric, Unit};
use crate::source::Span;

/// Shares: of bad events in a window, or of the budget; 1 is all.
const RATIOS: [&str; 14] = [
    "slo:errors:ratio_rate5m",
    "slo:errors:ratio_rate15m",
    "slo:errors:ratio_rate30m",
    "slo:errors:ratio_rate1h",
    "slo:errors:ratio_rate1h30m",
    "slo:errors:ratio_rate2h",
    "slo:errors:ratio_rate6h",
    "slo:errors:ratio_rate18h",
    "slo:errors:ratio_rate1d",
    "slo:errors:ratio_rate3d",
    "slo:objective:ratio",
    "slo:error_budget:ratio",
    "slo:period_burn_rate:ratio",
    "slo:period_error_budget_remaining:ratio",
];

/// The metrics that slos record; `span` is that of one of them. Their labels are those of what is measured.
pub(in crate::check) fn metrics(span: Span) -> impl Iterator<Item = Metric> {
    let ratios = RATIOS.iter().map(|name| (*name, Some(Unit::ratio())));
    let rates = ["slo:total:rate5m", "slo:errors:rate5m"].map(|name| (name, Unit::from_suffix("/s")));
    // How many times too fast the budget burns is a number as such.
    let others =
        [("slo:time_period:days", Some(Unit::from_word("days"))), ("slo:current_burn_rate:ratio", None)];
    ratios.chain(rates).chain(others).map(move |(name, unit)| Metric {
        name: name.to_string(),
        kind: Kind::Gauge,
        unit,
        labels: None,
        buckets: Buckets::Unknown,
        span,
    })
}
