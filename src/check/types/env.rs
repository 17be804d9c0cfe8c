//! What is declared: metrics, recorded results, and the types that parameters are bound to.

use std::collections::HashMap;
use std::sync::Arc;

use super::convention::by_name;
use super::decimal::Constant;
use super::labels::{Cause, LabelSet, Values};
use super::range::Range;
use super::unit::Unit;
use super::{Basis, Observed, Sort, Source, Type, UnitOf};
use crate::promql::features::Version;
use crate::source::Span;

/// A metric's kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Grows until it is reset.
    Counter,
    /// Goes up and down.
    Gauge,
    /// `_bucket`, `_sum` and `_count`, or one native histogram.
    Histogram,
    /// Precomputed quantiles, `_sum` and `_count`.
    Summary,
    /// Not told.
    Unknown,
}

impl Kind {
    /// As declarations write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
            Kind::Summary => "summary",
            Kind::Unknown => "unknown",
        }
    }
}

/// A histogram's buckets.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Buckets {
    /// Not declared.
    #[default]
    Unknown,
    /// Upper bounds in the metric's own unit, ascending, without `+Inf`.
    Classic(Vec<Constant>),
    /// A native histogram.
    Native,
}

/// A declaration.
#[derive(Debug, Clone, PartialEq)]
pub struct Metric {
    /// The name without `_bucket`, `_sum` or `_count`.
    pub name: String,
    /// The kind.
    pub kind: Kind,
    /// The unit of its values; for histograms and summaries, of what they observe.
    pub unit: Option<Unit>,
    /// Its labels, without those that every target adds (`job`, `instance`). None: not told.
    pub labels: Option<Vec<String>>,
    /// A histogram's buckets.
    pub buckets: Buckets,
    /// Where it is declared.
    pub span: Span,
}

/// Everything that names in an expression can mean.
#[derive(Debug, Default)]
pub struct Env {
    metrics: HashMap<String, Declared>,
    recorded: HashMap<String, Type>,
    params: HashMap<String, Type>,
    /// Prometheus 2, which stores `le` as programs write it.
    le_as_exposed: bool,
}

/// A declaration and the labels of every series of it.
#[derive(Debug)]
struct Declared {
    metric: Arc<Metric>,
    labels: Option<LabelSet>,
}

/// What a series' name stands for.
pub(super) struct Series {
    pub(super) sort: Sort,
    pub(super) unit: UnitOf,
    pub(super) range: Range,
    pub(super) source: Arc<Source>,
    pub(super) observed: Option<Arc<Observed>>,
    /// Its labels, when they are declared.
    pub(super) labels: Option<LabelSet>,
    /// The declaration that lists its labels.
    pub(super) metric: Option<Arc<Metric>>,
    /// A label that only this series of the metric has: `le` or `quantile`.
    pub(super) extra_label: Option<&'static str>,
    /// True when the metric is declared but has no series of this name.
    pub(super) missing: bool,
}

/// Labels that Prometheus itself adds to whatever it scrapes.
pub(super) const TARGET_LABELS: [&str; 2] = ["instance", "job"];

impl Env {
    /// Nothing declared.
    pub fn new() -> Env {
        Env::default()
    }

    /// For expressions that this version will run; without it, the newest.
    pub fn for_version(mut self, version: Version) -> Env {
        self.le_as_exposed = version < Version::new(3, 0);
        self
    }

    pub(super) fn le_as_exposed(&self) -> bool {
        self.le_as_exposed
    }

    /// Declares a metric; a later declaration of the same name replaces the earlier, which is returned.
    pub fn declare(&mut self, metric: Metric) -> Option<Arc<Metric>> {
        let labels = metric.labels.as_ref().map(|labels| declared_labels(labels, metric.span));
        let declared = Declared { metric: Arc::new(metric), labels };
        self.metrics.insert(declared.metric.name.clone(), declared).map(|d| d.metric)
    }

    /// Tells what a recording rule gives, so that expressions that read it know.
    /// `labels` are those that the rule sets.
    pub fn record<'l>(
        &mut self,
        name: &str,
        mut ty: Type,
        labels: impl Iterator<Item = (&'l str, &'l str, Span)>,
    ) {
        for (label, value, span) in labels {
            match value {
                "" => ty.labels.remove(label, Cause::Declaration, span),
                _ => ty.labels.insert(label, true, Values::exactly(value), Cause::Declaration, span),
            }
        }
        self.recorded.insert(name.to_string(), ty);
    }

    /// Binds `$name` to what its argument is.
    pub fn bind(&mut self, name: &str, ty: Type) {
        self.params.insert(name.to_string(), ty);
    }

    /// The declaration of a metric, by its declared name.
    pub fn metric(&self, name: &str) -> Option<&Metric> {
        self.metrics.get(name).map(|d| &*d.metric)
    }

    /// The declaration that a series belongs to: its own, or its histogram's or summary's.
    pub fn metric_of_series(&self, series: &str) -> Option<&Metric> {
        self.lookup(series).map(|(declared, _)| &*declared.metric)
    }

    /// Every declared name, in no order that matters.
    pub(super) fn recorded(&self, name: &str) -> Option<&Type> {
        self.recorded.get(name)
    }

    pub(super) fn param(&self, name: &str) -> Option<&Type> {
        self.params.get(name)
    }

    /// The declaration and the series' suffix to its name.
    fn lookup<'a>(&self, series: &'a str) -> Option<(&Declared, &'a str)> {
        if let Some(declared) = self.metrics.get(series) {
            return Some((declared, ""));
        }
        ["_bucket", "_sum", "_count"].into_iter().find_map(|suffix| {
            let declared = self.metrics.get(series.strip_suffix(suffix)?)?;
            let compound = matches!(declared.metric.kind, Kind::Histogram | Kind::Summary);
            compound.then(|| (declared, series.get(series.len() - suffix.len()..).unwrap_or_default()))
        })
    }

    /// What a series is, by its declaration or its name.
    pub(super) fn series(&self, name: &str, span: Span) -> Series {
        let (found, suffix) = match self.lookup(name) {
            Some((declared, suffix)) => (Some(declared), suffix),
            None => (None, ""),
        };
        let metric = found.map(|d| Arc::clone(&d.metric));
        let source =
            Arc::new(Source { metric: Arc::from(name), span, declared: metric.as_ref().map(|m| m.span) });
        match metric {
            Some(metric) => {
                Series { labels: found.and_then(|d| d.labels.clone()), ..declared(metric, suffix, source) }
            }
            None => conventional(name, source),
        }
    }
}

/// The declared labels, and those of every target.
fn declared_labels(labels: &[String], span: Span) -> LabelSet {
    let mut set = LabelSet::none(Cause::Declaration, span);
    for label in TARGET_LABELS {
        set.insert(label, false, Values::Any, Cause::Target, span);
    }
    for label in labels {
        set.insert(label, true, Values::Any, Cause::Declaration, span);
    }
    set
}

fn known(unit: Option<Unit>, firm: bool, source: &Arc<Source>) -> UnitOf {
    match unit {
        Some(unit) => UnitOf::Known(unit, Basis { firm, source: Some(Arc::clone(source)) }),
        None => UnitOf::Unknown,
    }
}

fn declared(metric: Arc<Metric>, suffix: &str, source: Arc<Source>) -> Series {
    let own = known(metric.unit.clone(), true, &source);
    let count = known(Some(Unit::count()), true, &source);
    let (mut range, mut missing, mut extra_label) = (Range::NON_NEGATIVE, false, None);
    let native = metric.buckets == Buckets::Native;
    let (sort, unit) = match (metric.kind, suffix) {
        (Kind::Histogram, "_bucket") => {
            extra_label = Some("le");
            missing = native;
            (Sort::Buckets { rated: false }, count)
        }
        (Kind::Histogram | Kind::Summary, "_count") => {
            missing = native;
            (Sort::Counter, count)
        }
        (Kind::Histogram | Kind::Summary, "_sum") => {
            missing = native;
            // A sum of observations that can be negative is no counter, but nearly all are durations and sizes.
            range = Range::ANY;
            (Sort::Counter, own.clone())
        }
        (Kind::Histogram, _) => {
            missing = matches!(metric.buckets, Buckets::Classic(_));
            range = Range::ANY;
            (Sort::Native { rated: false }, UnitOf::Unknown)
        }
        (Kind::Summary, "_bucket") => {
            missing = true;
            (Sort::Unknown, UnitOf::Unknown)
        }
        (Kind::Summary, _) => {
            extra_label = Some("quantile");
            range = Range::ANY;
            (Sort::Quantile, own.clone())
        }
        (Kind::Counter, _) => (Sort::Counter, own.clone()),
        (Kind::Gauge, _) => {
            range = Range::ANY;
            (Sort::Gauge, own.clone())
        }
        (Kind::Unknown, _) => {
            range = Range::ANY;
            (Sort::Unknown, own.clone())
        }
    };
    let histogram = metric.kind == Kind::Histogram && !missing && matches!(suffix, "" | "_bucket");
    let observed = histogram.then(|| {
        let buckets = metric.buckets.clone();
        Arc::new(Observed { unit: own, buckets, declared: Some(metric.span) })
    });
    Series { sort, unit, range, source, observed, labels: None, metric: Some(metric), extra_label, missing }
}

fn conventional(name: &str, source: Arc<Source>) -> Series {
    let told = by_name(name);
    let (sort, range) = match (told.buckets, told.kind) {
        (true, _) => (Sort::Buckets { rated: false }, Range::NON_NEGATIVE),
        (_, Kind::Counter) => (Sort::Counter, Range::ANY),
        _ if name == "up" => (Sort::Gauge, Range::new(0.0, 1.0)),
        _ => (Sort::Unknown, Range::ANY),
    };
    let observed = told.buckets.then(|| {
        let unit = known(told.observed, false, &source);
        Arc::new(Observed { unit, buckets: Buckets::Unknown, declared: None })
    });
    let unit = known(told.unit, false, &source);
    Series {
        sort,
        unit,
        range,
        source,
        observed,
        labels: None,
        metric: None,
        extra_label: None,
        missing: false,
    }
}
