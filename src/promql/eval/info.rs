//! `info`: adds the data labels of info metrics (`target_info` and its like) to the series they describe.

use std::collections::{BTreeMap, HashMap};

use super::selector::Take;
use super::{Evaluator, Row};
use crate::promql::ast::MatchOp;
use crate::promql::error::EvalError;
use crate::promql::labels::{Labels, LabelsBuilder, METRIC_NAME};
use crate::promql::matcher::Matcher;
use crate::promql::plan::{At, Call, Duration, Edges, Kind, Node, Selector};
use crate::promql::value::{Column, is_absent, is_float};
use crate::source::Span;

/// The labels by which an info series finds the series it describes.
///
/// Source: Prometheus promql/info.go `identifyingLabels`.
const IDENTIFYING: [&str; 2] = ["instance", "job"];

impl Evaluator<'_> {
    /// Source: Prometheus promql/info.go `evalInfo`.
    pub(super) fn info(&self, node: &Node, call: &Call) -> Result<Vec<Row>, EvalError> {
        let [vector, rest @ ..] = call.args.as_slice() else {
            return Err(EvalError::execution(node.span, "an argument is missing"));
        };
        let base = self.vector(vector)?;
        let matchers: &[Matcher] = match rest.first().map(|n| &n.kind) {
            Some(Kind::Selector(selector)) => &selector.matchers,
            _ => &[],
        };
        let (names, data): (Vec<_>, Vec<_>) = matchers.iter().cloned().partition(|m| m.name == METRIC_NAME);
        let names = effective_names(node.span, names)?;
        let is_info = |labels: &Labels| names.iter().all(|m| m.matches(labels.metric_name()));
        let described = |row: &Row| !is_info(&row.labels);
        if !base.iter().any(|r| described(r) && IDENTIFYING.iter().any(|l| r.labels.has(l))) {
            // No info series can belong to any of them.
            return self.enrich(node, base, &[], &data, &is_info);
        }
        let selector = Selector {
            matchers: names.iter().cloned().chain(data.iter().cloned()).collect(),
            offset: Duration::Fixed(0),
            at: At::Step,
            edges: Edges::Plain,
            explicit_hints: false,
        };
        let mut info = Vec::new();
        self.check_info_samples(node.span, &selector)?;
        self.stream_samples(node.span, &selector, Take::Time, &mut |row| {
            info.push(std::mem::take(row));
            Ok(())
        })?;
        self.enrich(node, base, &info, &data, &is_info)
    }

    /// Info series are numbers.
    fn check_info_samples(&self, span: Span, selector: &Selector) -> Result<(), EvalError> {
        self.stream_samples(span, selector, Take::Value, &mut |row| match row.column.histograms.first() {
            None => Ok(()),
            Some((step, _)) => {
                let message = format!("this should be an info metric, with float samples: {}", row.labels);
                Err(EvalError::execution(span, message).at_step(*step as usize))
            }
        })
    }

    /// Source: Prometheus promql/info.go `combineWithInfoSeries`.
    fn enrich(
        &self,
        node: &Node,
        base: Vec<Row>,
        info: &[Row],
        data: &[Matcher],
        is_info: &dyn Fn(&Labels) -> bool,
    ) -> Result<Vec<Row>, EvalError> {
        // Info series by name and identifying labels.
        let mut by_signature: BTreeMap<Labels, BTreeMap<&str, Vec<usize>>> = BTreeMap::new();
        for (i, row) in info.iter().enumerate() {
            let names = by_signature.entry(signature(&row.labels)).or_default();
            names.entry(row.labels.metric_name()).or_default().push(i);
        }
        for step in 0..self.steps.len() {
            for group in by_signature.values().flat_map(BTreeMap::values) {
                newest(node.span, info, group, step)?;
            }
        }
        // A series without info stays unless a label is asked for that only info could give.
        let needs_info = data.iter().any(|m| !m.matches(""));
        let mut out = Vec::new();
        for row in base {
            if is_info(&row.labels) {
                out.push(Row { drop_name: false, ..row });
                continue;
            }
            let groups = by_signature.get(&signature(&row.labels));
            // Which info series apply changes with time; each combination is a series of its own.
            let mut combinations: HashMap<Vec<usize>, usize> = HashMap::new();
            let mut parts: Vec<Row> = Vec::new();
            for (step, point) in row.column.points() {
                let mut applying = Vec::new();
                for group in groups.into_iter().flat_map(BTreeMap::values) {
                    applying.extend(newest(node.span, info, group, step)?);
                }
                if applying.is_empty() && needs_info {
                    continue;
                }
                let at = match combinations.get(&applying) {
                    Some(at) => *at,
                    None => {
                        let labels = with_data(node.span, &row.labels, info, &applying, data)
                            .map_err(|e| e.at_step(step))?;
                        parts.push(Row {
                            labels,
                            drop_name: false,
                            column: Column::absent(self.steps.len()),
                        });
                        combinations.insert(applying, parts.len() - 1);
                        parts.len() - 1
                    }
                };
                parts[at].column.set(step, point);
            }
            out.extend(parts);
        }
        self.unify(node.span, out)
    }
}

/// The conditions on the names of info series: those given; `target_info` when none is given; anything that ends in
/// `_info` when all given ones are negative.
///
/// Source: Prometheus promql/info.go `effectiveInfoNameMatchers`.
fn effective_names(span: Span, mut names: Vec<Matcher>) -> Result<Vec<Matcher>, EvalError> {
    if names.iter().any(|m| matches!(m.op, MatchOp::Equal | MatchOp::Regexp)) {
        return Ok(names);
    }
    let default = if names.is_empty() {
        Matcher::new(METRIC_NAME, MatchOp::Equal, "target_info")
    } else {
        Matcher::new(METRIC_NAME, MatchOp::Regexp, ".+_info")
    };
    names.insert(0, default.map_err(|e| EvalError::execution(span, e.to_string()))?);
    Ok(names)
}

fn signature(labels: &Labels) -> Labels {
    labels.keep(&IDENTIFYING.map(str::to_string))
}

/// The info series of a group whose sample at a step is the newest.
fn newest(span: Span, info: &[Row], group: &[usize], step: usize) -> Result<Option<usize>, EvalError> {
    let mut best: Option<(usize, f64)> = None;
    for i in group {
        let time = info[*i].column.cells[step];
        if is_absent(time) || !is_float(time) {
            continue;
        }
        match best {
            Some((_, newest)) if newest > time => {}
            Some((other, newest)) if newest == time => {
                let ms = (time * 1000.0).round();
                let message = format!(
                    "found duplicate series for info metric: existing {} @ {ms}, new {} @ {ms}",
                    info[other].labels, info[*i].labels
                );
                return Err(EvalError::execution(span, message).at_step(step));
            }
            _ => best = Some((*i, time)),
        }
    }
    Ok(best.map(|(i, _)| i))
}

/// The labels with the data labels of all info series that apply; labels that are there stay as they are.
///
/// Source: Prometheus promql/info.go `combineWithInfoVector`.
fn with_data(
    span: Span,
    labels: &Labels,
    info: &[Row],
    applying: &[usize],
    data: &[Matcher],
) -> Result<Labels, EvalError> {
    let mut added = LabelsBuilder::default();
    for i in applying {
        for (name, value) in info[*i].labels.iter() {
            let wanted = data.is_empty() || data.iter().any(|m| m.name == name);
            if name == METRIC_NAME || !wanted {
                continue;
            }
            let other = added.get(name);
            if !other.is_empty() && other != value {
                return Err(EvalError::execution(span, format!("conflicting label: {name}")));
            }
            if !labels.has(name) {
                added.set(name, value);
            }
        }
    }
    let mut result = LabelsBuilder::from(labels);
    for (name, value) in added.labels().iter() {
        result.set(name, value);
    }
    Ok(result.labels())
}
