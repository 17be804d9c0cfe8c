//! Functions of histograms: native ones, which are samples, and classic ones, which are groups of series.

use std::collections::HashMap;

use super::sort::text;
use super::{Evaluator, Row, Scalars};
use crate::gostd::strconv::{format_float, parse_float};
use crate::promql::annotation::Annotation;
use crate::promql::error::EvalError;
use crate::promql::functions::HistogramFunction;
use crate::promql::histogram::{
    ClassicBucket, FloatHistogram, NanEffect, classic_fraction, classic_quantile, fraction, quantile,
    sort_and_join,
};
use crate::promql::labels::{BUCKET_LABEL, Labels};
use crate::promql::plan::{Call, Node};
use crate::promql::value::{Column, Point, is_float};
use crate::source::Span;

impl Evaluator<'_> {
    pub(super) fn histogram_function(
        &self,
        node: &Node,
        call: &Call,
        function: HistogramFunction,
    ) -> Result<Vec<Row>, EvalError> {
        let missing = || EvalError::execution(node.span, "an argument is missing");
        let rows = match function {
            HistogramFunction::Quantile => {
                let [q, vector, ..] = call.args.as_slice() else { return Err(missing()) };
                let scalars = self.scalar(q)?;
                let histograms = self.histograms(vector)?;
                self.check_quantile(q.span, &scalars);
                let estimate = Estimate::Quantile(&scalars, vector.span);
                self.estimate(q.span, &histograms, &estimate, Clone::clone)
            }
            HistogramFunction::Quantiles => return self.quantiles(node, call),
            HistogramFunction::Fraction => {
                let [lower, upper, vector, ..] = call.args.as_slice() else { return Err(missing()) };
                let span = lower.span;
                let (lower, upper) = (self.scalar(lower)?, self.scalar(upper)?);
                let histograms = self.histograms(vector)?;
                let estimate = Estimate::Fraction(&lower, &upper);
                self.estimate(span, &histograms, &estimate, Clone::clone)
            }
            HistogramFunction::Count
            | HistogramFunction::Sum
            | HistogramFunction::Avg
            | HistogramFunction::Stddev
            | HistogramFunction::Stdvar => {
                let vector = call.args.first().ok_or_else(missing)?;
                self.each_native(vector, |h| match function {
                    HistogramFunction::Count => h.count,
                    HistogramFunction::Sum => h.sum,
                    HistogramFunction::Avg => h.mean(),
                    HistogramFunction::Stddev => h.variance().sqrt(),
                    _ => h.variance(),
                })?
            }
        };
        self.unify(node.span, rows)
    }

    /// A number of each native histogram. Of the metric's own labels only the name goes.
    ///
    /// Source: Prometheus promql/functions.go `simpleHistogramFunc`.
    fn each_native(
        &self,
        vector: &Node,
        number: impl Fn(&FloatHistogram) -> f64,
    ) -> Result<Vec<Row>, EvalError> {
        let mut rows = Vec::new();
        self.stream(vector, &mut |row| {
            if !row.column.has_histograms() {
                return Ok(());
            }
            let mut column = Column::absent(row.column.len());
            for (step, h) in &row.column.histograms {
                column.set(*step as usize, Point::Float(number(h)));
            }
            let labels =
                if self.options.delayed_name_removal { row.labels.clone() } else { row.labels.without(&[]) };
            rows.push(Row { labels, drop_name: true, column });
            Ok(())
        })?;
        Ok(rows)
    }

    /// Source: Prometheus promql/functions.go `funcHistogramQuantiles`.
    fn quantiles(&self, node: &Node, call: &Call) -> Result<Vec<Row>, EvalError> {
        let [vector, label, params @ ..] = call.args.as_slice() else {
            return Err(EvalError::execution(node.span, "an argument is missing"));
        };
        let label = text(label).unwrap_or_default();
        let histograms = self.histograms(vector)?;
        let mut rows = Vec::new();
        for param in params {
            let scalars = self.scalar(param)?;
            self.check_quantile(param.span, &scalars);
            // A quantile that varies has another label at each value.
            let mut values: Vec<f64> = scalars.to_vec(self.steps.len());
            values.dedup_by(|a, b| a.to_bits() == b.to_bits());
            values.sort_by(f64::total_cmp);
            values.dedup_by(|a, b| a.to_bits() == b.to_bits());
            for value in values {
                let estimate = Estimate::Quantile(&scalars, vector.span);
                let name = open_metrics_float(value);
                let mut found =
                    self.estimate(vector.span, &histograms, &estimate, |labels| labels.with(label, &name));
                for row in &mut found {
                    row.column.retain(|step| scalars.at(step).to_bits() == value.to_bits());
                }
                found.retain(|row| row.column.any_present());
                rows.extend(found);
            }
        }
        self.unify(node.span, rows)
    }

    fn check_quantile(&self, span: Span, q: &Scalars) {
        let mut check = |q: f64| {
            if !(0.0..=1.0).contains(&q) {
                self.note(Annotation::invalid_quantile(span, q));
            }
        };
        match q {
            Scalars::Const(q) => check(*q),
            Scalars::Each(values) => values.iter().copied().for_each(&mut check),
        }
    }

    /// Sorts the rows of a vector into native histograms and classic buckets, once for all steps.
    ///
    /// Source: Prometheus promql/engine.go `resetHistograms`.
    fn histograms(&self, vector: &Node) -> Result<Histograms, EvalError> {
        let mut histograms = Histograms::default();
        let mut index: HashMap<Labels, usize> = HashMap::new();
        let mut conflicts = false;
        for row in self.vector(vector)? {
            if row.column.has_histograms() {
                histograms.native.push(histograms.rows.len());
            }
            if row.column.cells.iter().any(|c| is_float(*c)) {
                let le = row.labels.get(BUCKET_LABEL);
                match parse_float(le) {
                    Ok(upper) => {
                        let signature = row.labels.remove(&[BUCKET_LABEL.to_string()]);
                        let at = *index.entry(signature.clone()).or_insert_with(|| {
                            histograms.classic.push(Classic { signature, buckets: Vec::new() });
                            histograms.classic.len() - 1
                        });
                        histograms.classic[at].buckets.push((upper, histograms.rows.len()));
                    }
                    Err(_) => {
                        self.note(Annotation::bad_bucket_label(
                            vector.span,
                            self.noted_name(&row.labels),
                            le,
                        ));
                    }
                }
            }
            histograms.rows.push(row);
        }
        for classic in &mut histograms.classic {
            classic.buckets.sort_by(|a, b| a.0.partial_cmp(&b.0).unwrap_or(std::cmp::Ordering::Equal));
        }
        for native in &histograms.native {
            let labels = &histograms.rows[*native].labels;
            conflicts |= index.contains_key(labels);
        }
        if conflicts {
            self.drop_conflicts(vector.span, &mut histograms, &index);
        }
        Ok(histograms)
    }

    /// At steps where a classic and a native histogram have the same labels, neither counts.
    fn drop_conflicts(&self, span: Span, histograms: &mut Histograms, index: &HashMap<Labels, usize>) {
        for native in &histograms.native {
            let labels = histograms.rows[*native].labels.clone();
            let Some(classic) = index.get(&labels) else { continue };
            let members: Vec<usize> =
                histograms.classic[*classic].buckets.iter().map(|(_, row)| *row).collect();
            let steps: Vec<usize> = histograms.rows[*native]
                .column
                .histograms
                .iter()
                .map(|(step, _)| *step as usize)
                .filter(|step| members.iter().any(|m| histograms.rows[*m].column.float(*step).is_some()))
                .collect();
            if steps.is_empty() {
                continue;
            }
            self.note(Annotation::mixed_classic_native(span, self.noted_name(&labels)));
            for row in members.iter().chain([native]) {
                histograms.rows[*row].column.retain(|step| !steps.contains(&step));
            }
        }
    }

    /// The metric's name as remarks show it: only while it has not been dropped.
    fn noted_name<'l>(&self, labels: &'l Labels) -> &'l str {
        if self.options.delayed_name_removal { labels.metric_name() } else { "" }
    }

    fn estimate(
        &self,
        span: Span,
        histograms: &Histograms,
        estimate: &Estimate<'_>,
        label: impl Fn(&Labels) -> Labels,
    ) -> Vec<Row> {
        let mut rows = Vec::new();
        for native in &histograms.native {
            let row = &histograms.rows[*native];
            let name = self.noted_name(&row.labels);
            let mut column = Column::absent(self.steps.len());
            for (step, h) in &row.column.histograms {
                let step = *step as usize;
                let (value, note) = estimate.native(step, h, span, name);
                if let Some(note) = note {
                    self.note(note);
                }
                column.set(step, Point::Float(value));
            }
            rows.push(Row { labels: label(&self.drop_name(&row.labels)), drop_name: true, column });
        }
        let mut buckets = Vec::new();
        for classic in &histograms.classic {
            let members: Vec<(f64, &[f64])> = classic
                .buckets
                .iter()
                .map(|(upper, row)| (*upper, histograms.rows[*row].column.cells.as_slice()))
                .collect();
            let distinct = members.windows(2).all(|pair| pair[0].0 < pair[1].0);
            let mut column = Column::absent(self.steps.len());
            let mut forced = None;
            for (step, cell) in column.cells.iter_mut().enumerate() {
                buckets.clear();
                for (upper_bound, cells) in &members {
                    let count = cells[step];
                    if is_float(count) {
                        buckets.push(ClassicBucket { upper_bound: *upper_bound, count });
                    }
                }
                if buckets.is_empty() {
                    continue;
                }
                if !distinct {
                    sort_and_join(&mut buckets);
                }
                *cell = estimate.classic(step, &mut buckets, &mut forced);
            }
            if let Some(span) = forced {
                self.note(Annotation::forced_monotonicity(span, self.noted_name(&classic.signature)));
            }
            let labels = label(&self.drop_name(&classic.signature));
            rows.push(Row { labels, drop_name: true, column });
        }
        rows.retain(|row| row.column.any_present());
        rows
    }
}

/// The rows of a vector as histograms.
#[derive(Default)]
struct Histograms {
    rows: Vec<Row>,
    /// Rows that hold native histograms.
    native: Vec<usize>,
    classic: Vec<Classic>,
}

/// A classic histogram: rows that differ in `le` alone.
struct Classic {
    /// All labels but `le`.
    signature: Labels,
    /// Upper bounds and rows, by bound.
    buckets: Vec<(f64, usize)>,
}

/// What is to be found out about each histogram.
enum Estimate<'a> {
    /// The quantile, and the place of the vector.
    Quantile(&'a Scalars, Span),
    /// The fraction between two values.
    Fraction(&'a Scalars, &'a Scalars),
}

impl Estimate<'_> {
    fn native(&self, step: usize, h: &FloatHistogram, span: Span, name: &str) -> (f64, Option<Annotation>) {
        match self {
            Estimate::Quantile(q, _) => {
                let (value, effect) = quantile(q.at(step), h);
                let note = effect.map(|effect| match effect {
                    NanEffect::Result => Annotation::quantile_nan_result(span, name),
                    NanEffect::Skew => Annotation::quantile_nan_skew(span, name),
                });
                (value, note)
            }
            Estimate::Fraction(lower, upper) => {
                let (value, has_nan) = fraction(lower.at(step), upper.at(step), h);
                (value, has_nan.then(|| Annotation::fraction_nans(span, name)))
            }
        }
    }

    fn classic(&self, step: usize, buckets: &mut [ClassicBucket], forced: &mut Option<Span>) -> f64 {
        match self {
            Estimate::Quantile(q, span) => {
                let (value, repaired) = classic_quantile(q.at(step), buckets);
                if repaired.is_some() {
                    *forced = Some(*span);
                }
                value
            }
            Estimate::Fraction(lower, upper) => classic_fraction(lower.at(step), upper.at(step), buckets),
        }
    }
}

/// A number as OpenMetrics writes it: `1.0`, `0.99`, `+Inf`.
///
/// Source: Prometheus model/labels/float.go `FormatOpenMetricsFloat`.
fn open_metrics_float(v: f64) -> String {
    let text = format_float(v, 'g', None);
    if v.is_finite() && !text.contains(['e', '.']) { format!("{text}.0") } else { text }
}

#[cfg(test)]
mod tests {
    use super::open_metrics_float;

    #[test]
    fn quantile_labels_are_open_metrics_floats() {
        let texts = [1.0, 0.0, 0.99, f64::INFINITY, 1e30].map(open_metrics_float);
        assert_eq!(texts, ["1.0", "0.0", "0.99", "+Inf", "1e+30"]);
    }
}
