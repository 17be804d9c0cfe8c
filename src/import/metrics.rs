//! Metric declarations: what names, functions, expositions and metadata tell of metrics.

use std::collections::{BTreeMap, BTreeSet};

use crate::promql::ast::{Expr, ExprKind};
use crate::promql::features::Features;
use crate::promql::parser::{Options, parse};
use crate::source::FileId;

use super::text;

/// A metric as it is declared.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Known {
    /// `counter`, `gauge`, `histogram` or `summary`.
    pub kind: &'static str,
    /// The unit of its samples, when something tells it.
    pub unit: Option<String>,
    /// Labels beside those of every target; none when nothing tells them.
    pub labels: Option<BTreeSet<String>>,
    /// A histogram's upper bounds in its unit, `+Inf` left out.
    pub buckets: Vec<String>,
}

impl Known {
    /// The series of the metric called `name`.
    pub(super) fn series(&self, name: &str) -> Vec<String> {
        let suffixes: &[&str] = match self.kind {
            "histogram" => &["", "_bucket", "_count", "_sum"],
            "summary" => &["", "_count", "_sum"],
            _ => &[""],
        };
        suffixes.iter().map(|suffix| format!("{name}{suffix}")).collect()
    }
}

/// Metrics by name; of a histogram or summary without suffix.
pub type Metrics = BTreeMap<String, Known>;

/// How expressions use a series.
#[derive(Debug, Clone, Copy, Default)]
struct Use {
    rated: bool,
    gauged: bool,
    quantile: bool,
}

/// The names of all series that expressions read.
pub(super) fn series<'e>(expressions: impl Iterator<Item = &'e str>) -> BTreeSet<String> {
    uses(expressions).into_keys().collect()
}

fn uses<'e>(expressions: impl Iterator<Item = &'e str>) -> BTreeMap<String, Use> {
    let mut uses = BTreeMap::new();
    let options = Options { features: Features::all(), ..Options::default() };
    for text in expressions {
        walk(&parse(text, FileId::NONE, 0, &options).0, Use::default(), &mut uses);
    }
    uses
}

/// What expressions tell of the metrics that they read. `recorded` are series of rules, which need no declaration.
pub fn used<'e>(expressions: impl Iterator<Item = &'e str>, recorded: &BTreeSet<&str>) -> Metrics {
    let uses = uses(expressions);
    let mut metrics = Metrics::new();
    for (name, how) in uses.iter().filter(|(n, _)| !n.contains(':') && !recorded.contains(n.as_str())) {
        if let Some(stem) = name.strip_suffix("_bucket").filter(|_| how.quantile || how.rated) {
            metrics.insert(stem.to_string(), known("histogram", stem));
        }
    }
    for (name, how) in &uses {
        if name.contains(':')
            || recorded.contains(name.as_str())
            || matches!(name.as_str(), "ALERTS" | "ALERTS_FOR_STATE" | "up")
        {
            continue;
        }
        let part = ["_bucket", "_count", "_sum"].iter().find_map(|s| name.strip_suffix(s));
        if part.is_some() {
            continue;
        }
        if (name.ends_with("_total") && !how.gauged) || (how.rated && !how.gauged && name.ends_with("_total"))
        {
            metrics.insert(name.clone(), known("counter", name.trim_end_matches("_total")));
        } else if !how.rated && (how.gauged || unit_of(name).is_some()) && !name.ends_with("_total") {
            metrics.insert(name.clone(), known("gauge", name));
        }
    }
    metrics
}

fn known(kind: &'static str, stem: &str) -> Known {
    Known { kind, unit: unit_of(stem), labels: None, buckets: Vec::new() }
}

/// The unit that a name ends in; `_seconds` of a moment is no duration and left to be told.
pub(super) fn unit_of(name: &str) -> Option<String> {
    const UNITS: [&str; 7] = ["seconds", "bytes", "celsius", "ratio", "watts", "volts", "milliseconds"];
    const MOMENTS: [&str; 10] =
        ["time", "date", "expir", "last", "since", "not_after", "not_before", "created", "next", "start"];
    let (stem, word) = name.rsplit_once('_')?;
    let moment = word == "seconds" && MOMENTS.iter().any(|m| stem.contains(m));
    (UNITS.contains(&word) && !moment).then(|| word.to_string())
}

fn walk(expr: &Expr, how: Use, uses: &mut BTreeMap<String, Use>) {
    match &expr.kind {
        ExprKind::VectorSelector(v) => {
            if let Some(name) = v.metric_name() {
                let seen = uses.entry(name.to_string()).or_default();
                seen.rated |= how.rated;
                seen.gauged |= how.gauged;
                seen.quantile |= how.quantile;
            }
        }
        ExprKind::Call(call) => {
            let name = call.function.name;
            let range = call.args.iter().any(|a| matches!(a.kind, ExprKind::MatrixSelector(_)));
            let how = match name {
                "rate" | "increase" | "irate" if range => Use { rated: true, ..how },
                "delta" | "idelta" | "deriv" | "predict_linear" if range => {
                    Use { gauged: true, ..Use::default() }
                }
                "histogram_quantile" => Use { quantile: true, ..Use::default() },
                _ if name.ends_with("_over_time") => Use::default(),
                _ => how,
            };
            call.args.iter().for_each(|a| walk(a, how, uses));
        }
        _ => expr.children().into_iter().for_each(|c| walk(c, how, uses)),
    }
}

/// The declarations as a source, in columns.
pub fn source(metrics: &Metrics) -> String {
    let mut out = String::new();
    for (name, known) in metrics {
        out.push_str(&declaration(name, known));
        out.push('\n');
    }
    out
}

/// One declaration.
pub fn declaration(name: &str, known: &Known) -> String {
    let mut line = format!("metric {} {}", text::metric(name), known.kind);
    if let Some(unit) = &known.unit {
        line.push(' ');
        line.push_str(unit);
    }
    if let Some(labels) = known.labels.as_ref().filter(|l| !l.is_empty()) {
        let labels: Vec<String> = labels.iter().map(|l| text::label(l)).collect();
        line.push_str(&format!(" {{{}}}", labels.join(", ")));
    }
    if !known.buckets.is_empty() {
        let suffix = if known.unit.as_deref() == Some("seconds") { "s" } else { "" };
        let bare = |b: &str| b.ends_with(|c: char| c.is_ascii_digit());
        let bounds: Vec<String> =
            known.buckets.iter().map(|b| format!("{b}{}", if bare(b) { suffix } else { "" })).collect();
        line.push_str(&format!("\n       buckets {}", bounds.join(", ")));
    }
    line
}
