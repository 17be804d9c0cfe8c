//! Functions of histograms, native and classic. A classic histogram is one series for each bucket, told apart by `le`.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Evaluator, Row, Scalars};
use crate::gostd::strconv::{format_value, parse_float};
use crate::promql::annotation::Annotation;
use crate::promql::error::EvalError;
use crate::promql::functions::HistogramFunction;
use crate::promql::histogram::{
    ClassicBucket, FloatHistogram, NanEffect, classic_fraction, classic_quantile, fraction, quantile,
};
use crate::promql::labels::{BUCKET_LABEL, Labels};
use crate::promql::plan::{Call, Kind, Node};
use crate::promql::value::{Column, is_float};

impl Evaluator<'_> {
    /// Evaluates the call of a function of histograms.
    pub(super) fn histogram_function(
        &self,
        node: &Node,
        call: &Call,
        function: HistogramFunction,
    ) -> Result<Vec<Row>, EvalError> {
        let argument = |i: usize| {
            call.args.get(i).ok_or_else(|| EvalError::execution(node.span, "an argument is missing"))
        };
        let rows = match function {
            HistogramFunction::Count => self.histogram_numbers(argument(0)?, |h| h.count),
            HistogramFunction::Sum => self.histogram_numbers(argument(0)?, |h| h.sum),
            HistogramFunction::Avg => self.histogram_numbers(argument(0)?, FloatHistogram::mean),
            HistogramFunction::Stdvar => self.histogram_numbers(argument(0)?, FloatHistogram::variance),
            HistogramFunction::Stddev => self.histogram_numbers(argument(0)?, |h| h.variance().sqrt()),
            HistogramFunction::Quantile => {
                let q = self.quantile_argument(argument(0)?)?;
                let histograms = Histograms::collect(self, argument(1)?)?;
                Ok(histograms.quantiles(self, &q, argument(0)?, argument(1)?))
            }
            HistogramFunction::Quantiles => self.histogram_quantiles(call, argument(0)?, argument(1)?),
            HistogramFunction::Fraction => {
                let (lower, upper) = (self.scalar(argument(0)?)?, self.scalar(argument(1)?)?);
                let histograms = Histograms::collect(self, argument(2)?)?;
                Ok(histograms.fractions(self, &lower, &upper, argument(0)?))
            }
        }?;
        if self.options.delayed_name_removal { Ok(rows) } else { self.unify(node.span, rows) }
    }

    /// One number of each native histogram; other samples are left out.
    ///
    /// Source: Prometheus promql/functions.go `simpleHistogramFunc`.
    fn histogram_numbers(
        &self,
        arg: &Node,
        number: impl Fn(&FloatHistogram) -> f64,
    ) -> Result<Vec<Row>, EvalError> {
        let mut rows = Vec::new();
        self.stream(arg, &mut |row: &mut Row| {
            if !row.column.has_histograms() {
                return Ok(());
            }
            let mut column = Column::absent(self.steps.len());
            for (step, histogram) in &row.column.histograms {
                column.cells[*step as usize] = number(histogram);
            }
            // Unlike other functions these keep type and unit.
            let labels =
                if self.options.delayed_name_removal { row.labels.clone() } else { row.labels.without(&[]) };
            rows.push(Row { labels, drop_name: true, column });
            Ok(())
        })?;
        Ok(rows)
    }

    /// The scalar of a quantile; a remark if it is none.
    ///
    /// Source: Prometheus promql/functions.go `validateQuantile`.
    fn quantile_argument(&self, arg: &Node) -> Result<Scalars, EvalError> {
        let q = self.scalar(arg)?;
        for step in 0..self.steps.len() {
            let q = q.at(step);
            if !(0.0..=1.0).contains(&q) {
                self.note(Annotation::invalid_quantile(arg.span, q));
            }
        }
        Ok(q)
    }

    /// Several quantiles at once, each in rows with a label that tells which.
    ///
    /// Source: Prometheus promql/functions.go `funcHistogramQuantiles`.
    fn histogram_quantiles(&self, call: &Call, vector: &Node, label: &Node) -> Result<Vec<Row>, EvalError> {
        let Kind::String(label) = &label.kind else {
            return Err(EvalError::execution(label.span, "expected a string literal"));
        };
        let args = call.args.get(2..).unwrap_or_default();
        let quantiles = args.iter().map(|arg| self.quantile_argument(arg)).collect::<Result<Vec<_>, _>>()?;
        let histograms = Histograms::collect(self, vector)?;
        let mut rows = Vec::new();
        for (q, arg) in quantiles.iter().zip(args) {
            for row in histograms.quantiles(self, q, arg, vector) {
                rows.extend(self.label_with_quantile(&row, label, q));
            }
        }
        Ok(rows)
    }

    /// The row with the quantile in a label: one row for each value that the quantile takes.
    fn label_with_quantile(&self, row: &Row, label: &str, q: &Scalars) -> Vec<Row> {
        let mut by_quantile: Vec<(u64, Row)> = Vec::new();
        for (step, cell) in row.column.cells.iter().enumerate().filter(|(_, cell)| is_float(**cell)) {
            let q = q.at(step);
            let known = by_quantile.iter().position(|(bits, _)| *bits == q.to_bits());
            let at = known.unwrap_or_else(|| {
                let labels = row.labels.with(label, &open_metrics_float(q));
                let column = Column::absent(self.steps.len());
                by_quantile.push((q.to_bits(), Row { labels, drop_name: row.drop_name, column }));
                by_quantile.len() - 1
            });
            if let Some((_, row)) = by_quantile.get_mut(at) {
                row.column.cells[step] = *cell;
            }
        }
        by_quantile.into_iter().map(|(_, row)| row).collect()
    }

    /// The metric's name in remarks: known only while names are not dropped yet.
    fn name_for_remarks<'l>(&self, labels: &'l Labels) -> &'l str {
        if self.options.delayed_name_removal { labels.metric_name() } else { "" }
    }
}

/// As in the text format of metrics: `1.0` where Go prints `1`.
///
/// Source: Prometheus model/labels/float.go `FormatOpenMetricsFloat`.
fn open_metrics_float(value: f64) -> String {
    let text = format_value(value);
    if !value.is_finite() || text.contains(['.', 'e']) { text } else { text + ".0" }
}

/// The histograms of a vector.
struct Histograms {
    native: Vec<Native>,
    classic: Vec<Classic>,
}

struct Native {
    labels: Labels,
    column: Column,
}

struct Classic {
    /// Without `le`.
    labels: Labels,
    /// Upper bound and counts, by bound.
    buckets: Vec<(f64, Column)>,
}

impl Histograms {
    /// Evaluates the vector and sorts its samples into histograms. A native histogram with the labels of a classic one, at the same step, and that
    /// classic one are both left out.
    ///
    /// Source: Prometheus promql/engine.go `resetHistograms`.
    fn collect(evaluator: &Evaluator<'_>, arg: &Node) -> Result<Self, EvalError> {
        let mut native = Vec::new();
        let mut classic: Vec<Classic> = Vec::new();
        let mut by_labels: HashMap<Labels, usize> = HashMap::new();
        evaluator.stream(arg, &mut |row: &mut Row| {
            let column = std::mem::take(&mut row.column);
            if column.has_histograms() {
                native.push(Native { labels: row.labels.clone(), column: column.clone() });
            }
            if !column.cells.iter().any(|cell| is_float(*cell)) {
                return Ok(());
            }
            let le = row.labels.get(BUCKET_LABEL);
            let Ok(bound) = parse_float(le) else {
                let name = evaluator.name_for_remarks(&row.labels);
                evaluator.note(Annotation::bad_bucket_label(arg.span, name, le));
                return Ok(());
            };
            let labels = row.labels.with(BUCKET_LABEL, "");
            let at = *by_labels.entry(labels).or_insert_with_key(|labels| {
                classic.push(Classic { labels: labels.clone(), buckets: Vec::new() });
                classic.len() - 1
            });
            if let Some(classic) = classic.get_mut(at) {
                classic.buckets.push((bound, column));
            }
            Ok(())
        })?;
        for classic in &mut classic {
            classic.buckets.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        }
        for native in &mut native {
            if let Some(classic) = by_labels.get(&native.labels).and_then(|at| classic.get_mut(*at)) {
                leave_out_conflicts(evaluator, arg, native, classic);
            }
        }
        Ok(Self { native, classic })
    }

    /// A row for each histogram with a quantile.
    fn quantiles(&self, evaluator: &Evaluator<'_>, q: &Scalars, q_arg: &Node, vector: &Node) -> Vec<Row> {
        self.rows(
            evaluator,
            |step, histogram, labels| {
                let (value, effect) = quantile(q.at(step), histogram);
                if let Some(effect) = effect {
                    let name = evaluator.name_for_remarks(labels);
                    evaluator.note(match effect {
                        NanEffect::Result => Annotation::quantile_nan_result(q_arg.span, name),
                        NanEffect::Skew => Annotation::quantile_nan_skew(q_arg.span, name),
                    });
                }
                value
            },
            |step, buckets, labels| {
                let (value, forced) = classic_quantile(q.at(step), buckets);
                if forced.is_some() {
                    let name = evaluator.name_for_remarks(labels);
                    evaluator.note(Annotation::forced_monotonicity(vector.span, name));
                }
                value
            },
        )
    }

    /// A row for each histogram with the fraction of its observations between two values.
    fn fractions(&self, evaluator: &Evaluator<'_>, lower: &Scalars, upper: &Scalars, arg: &Node) -> Vec<Row> {
        self.rows(
            evaluator,
            |step, histogram, labels| {
                let (value, has_nan) = fraction(lower.at(step), upper.at(step), histogram);
                if has_nan {
                    let name = evaluator.name_for_remarks(labels);
                    evaluator.note(Annotation::fraction_nans(arg.span, name));
                }
                value
            },
            |step, buckets, _| classic_fraction(lower.at(step), upper.at(step), buckets),
        )
    }

    /// Native histograms first, then classic ones, each in the order of the vector.
    fn rows(
        &self,
        evaluator: &Evaluator<'_>,
        of_native: impl Fn(usize, &FloatHistogram, &Labels) -> f64,
        of_classic: impl Fn(usize, &mut [ClassicBucket], &Labels) -> f64,
    ) -> Vec<Row> {
        let steps = evaluator.steps.len();
        let mut rows = Vec::with_capacity(self.native.len() + self.classic.len());
        let mut push = |labels: &Labels, cells: Vec<f64>| {
            let column = Column::of_floats(cells);
            if column.any_present() {
                rows.push(Row { labels: evaluator.drop_name(labels), drop_name: true, column });
            }
        };
        for native in &self.native {
            let mut cells = Column::absent(steps).cells;
            for (step, histogram) in &native.column.histograms {
                cells[*step as usize] = of_native(*step as usize, histogram, &native.labels);
            }
            push(&native.labels, cells);
        }
        let mut buckets = Vec::new();
        for classic in &self.classic {
            let mut cells = Column::absent(steps).cells;
            for (step, cell) in cells.iter_mut().enumerate() {
                classic.buckets_at(step, &mut buckets);
                if !buckets.is_empty() {
                    *cell = of_classic(step, &mut buckets, &classic.labels);
                }
            }
            push(&classic.labels, cells);
        }
        rows
    }
}

impl Classic {
    /// The buckets that have a count at a step, those of equal bounds joined.
    fn buckets_at(&self, step: usize, buckets: &mut Vec<ClassicBucket>) {
        buckets.clear();
        for (upper_bound, column) in &self.buckets {
            let count = column.cells[step];
            if !is_float(count) {
                continue;
            }
            match buckets.last_mut() {
                Some(last) if last.upper_bound == *upper_bound => last.count += count,
                _ => buckets.push(ClassicBucket { upper_bound: *upper_bound, count }),
            }
        }
    }

    fn is_present(&self, step: usize) -> bool {
        self.buckets.iter().any(|(_, column)| is_float(column.cells[step]))
    }
}

fn leave_out_conflicts(evaluator: &Evaluator<'_>, arg: &Node, native: &mut Native, classic: &mut Classic) {
    let steps: Vec<usize> = native.column.histograms.iter().map(|(step, _)| *step as usize).collect();
    for step in steps.into_iter().filter(|step| classic.is_present(*step)) {
        let name = evaluator.name_for_remarks(&native.labels);
        evaluator.note(Annotation::mixed_classic_native(arg.span, name));
        native.column.retain(|s| s != step);
        for (_, column) in &mut classic.buckets {
            column.retain(|s| s != step);
        }
    }
}
