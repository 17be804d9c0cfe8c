//! Functions of range vectors: one series at a time, all its steps at once.

use std::borrow::Cow;
use std::collections::HashMap;

use super::selector::{histogram_slice, slice, with_explicit_hints};
use super::window::{Bound, WindowCache};
use super::{Evaluator, Horizon, Mode, Row, Scalars, Sink};
use crate::promql::annotation::Annotation;
use crate::promql::error::EvalError;
use crate::promql::functions::range::extend_floats;
use crate::promql::functions::range::kernels::{Grid, Kernel};
use crate::promql::functions::range::{Notes, RangeFunction, Window, evaluate};
use crate::promql::labels::Labels;
use crate::promql::plan::{At, Call, Edges, Kind, Node, Type};
use crate::promql::storage::Series;
use crate::promql::value::{Column, Point, RangeSeries};
use crate::source::Span;

/// How many times longer a sample takes where there is no fast path.
const SLOW: usize = 20;

/// What each step sees of a range vector.
pub(crate) struct RangeBounds {
    pub(crate) bounds: Vec<Bound>,
    /// In milliseconds.
    pub(crate) range: i64,
    pub(crate) edges: Edges,
}

/// A function over a range vector, about to be applied to series after series.
struct RangeCall<'c> {
    function: RangeFunction,
    span: Span,
    first_arg: Span,
    params: Vec<Scalars>,
    source: RangeBounds,
    kernel: Option<Kernel>,
    cache: WindowCache,
    steps: &'c [i64],
    use_starts: bool,
    explicit_hints: bool,
}

impl Evaluator<'_> {
    /// The range vector among the arguments of a call.
    pub(super) fn matrix_argument<'n>(&self, node: &Node, call: &'n Call) -> Result<&'n Node, EvalError> {
        let found = call.args.iter().find(|a| a.ty() == Type::Matrix);
        found.ok_or_else(|| EvalError::execution(node.span, "expected a range vector"))
    }

    pub(super) fn stream_range(
        &self,
        node: &Node,
        call: &Call,
        function: RangeFunction,
        sink: &mut Sink<'_>,
    ) -> Result<(), EvalError> {
        let argument = self.matrix_argument(node, call)?;
        if self.must_step_through(argument) {
            return self.range_step_by_step(node, call, function, sink);
        }
        let mut found = Vec::new();
        if let Kind::Matrix(matrix) = &argument.kind {
            if !function.accepts(matrix.selector.edges) {
                return Err(unsafe_edges(argument.span, call.name, matrix.selector.edges));
            }
            found = self.storage.select(&matrix.selector.matchers);
            if found.is_empty() {
                // Most rules of most tests: they shall cost next to nothing.
                return self.duration(&matrix.range).map(drop);
            }
        }
        let mut params = Vec::new();
        for arg in call.args.iter().filter(|a| a.ty() == Type::Scalar) {
            params.push(self.scalar(arg)?);
        }
        let source = self.range_bounds(argument)?;
        let use_starts = self.options.use_start_timestamps && function.uses_starts();
        let mut range_call = RangeCall {
            function,
            span: argument.span,
            first_arg: call.args.first().map_or(node.span, |a| a.span),
            kernel: (source.edges == Edges::Plain).then(|| Kernel::new(function, source.range)).flatten(),
            params,
            source,
            cache: WindowCache::default(),
            steps: &self.steps,
            use_starts,
            explicit_hints: matches!(&argument.kind, Kind::Matrix(matrix) if matrix.selector.explicit_hints),
        };
        let mut row = Row::default();
        let mut apply = |series: &Series, pinned: bool, drop_name: bool| {
            self.check_time(node.span)?;
            row.column.reset(self.steps.len());
            self.apply_range(&mut range_call, series, pinned, &mut row)?;
            let points = row.column.present();
            if points == 0 {
                return Ok(());
            }
            self.charge(node.span, points)?;
            if function.expects_counter() {
                self.check_counter(range_call.first_arg, series.labels(), &row);
            }
            row.drop_name = drop_name || !function.keeps_name();
            row.labels =
                if row.drop_name { self.drop_name(series.labels()) } else { series.labels().clone() };
            sink(&mut row)
        };
        match &argument.kind {
            Kind::Matrix(_) => {
                found.into_iter().try_for_each(|id| apply(self.storage.series(id), true, false))
            }
            Kind::Subquery(subquery) => {
                self.stream_subquery(argument.span, subquery, &mut |series, drop_name| {
                    apply(series, false, drop_name)
                })
            }
            _ => Err(EvalError::execution(argument.span, "expected a range vector")),
        }
    }

    /// One series through the function.
    fn apply_range(
        &self,
        call: &mut RangeCall<'_>,
        series: &Series,
        pinned: bool,
        row: &mut Row,
    ) -> Result<(), EvalError> {
        let bounds = &call.source.bounds;
        let plain = series.histograms().is_empty() && (series.starts().is_empty() || !call.use_starts);
        if plain && let Some(kernel) = &mut call.kernel {
            let (mut times, mut values) = (series.times(), series.values());
            if let [bound] = bounds.as_slice() {
                // A single step sees little of a long series.
                let (from, to) = slice(times, bound);
                (times, values) = (&times[from..to], &values[from..to]);
            }
            let (windows, known) = call.cache.get(times, pinned, bounds);
            let grid = Grid { times, windows: &windows, bounds, steps: call.steps, params: &call.params };
            let samples = windows.samples();
            if kernel.fits(samples) {
                self.look_at(call.span, kernel.looks_at(samples))?;
                if !known {
                    kernel.prepare(&grid);
                }
                kernel.run(&grid, values, &mut row.column.cells);
                if call.function == RangeFunction::QuantileOverTime {
                    self.check_quantiles(call, &row.column);
                }
                return Ok(());
            }
        }
        let add = |annotation| self.note(annotation);
        let notes = Notes { labels: series.labels(), span: call.span, first_arg: call.first_arg, add: &add };
        for (step, bound) in bounds.iter().enumerate() {
            let (from, to) = slice(series.times(), bound);
            let mut histograms = Cow::Borrowed(histogram_slice(series.histograms(), bound));
            if from == to && histograms.is_empty() {
                continue;
            }
            self.look_at(call.span, ((to - from + histograms.len()) * SLOW) as u64)?;
            if call.explicit_hints {
                histograms = with_explicit_hints(histogram_slice(series.histograms(), bound));
            }
            let param = |i: usize| call.params.get(i).map_or(0.0, |p| p.at(step));
            let window = Window {
                times: &series.times()[from..to],
                values: &series.values()[from..to],
                starts: if call.use_starts { series.starts().get(from..to).unwrap_or_default() } else { &[] },
                histograms: &histograms,
                use_starts: call.use_starts,
                range_start: bound.range_start,
                range_end: bound.range_end,
                time: call.steps[step],
                range_seconds: call.source.range as f64 / 1000.0,
                edges: call.source.edges,
                params: [param(0), param(1)],
            };
            if let Some(point) =
                evaluate(call.function, &window, &notes).map_err(|error| error.at_step(step))?
            {
                row.column.set(step, point);
            }
        }
        Ok(())
    }

    /// Remarks on quantiles outside of 0 … 1 where they were asked for.
    fn check_quantiles(&self, call: &RangeCall<'_>, column: &Column) {
        let Some(q) = call.params.first() else { return };
        let is_valid = |q: f64| (0.0..=1.0).contains(&q);
        if matches!(q, Scalars::Const(q) if is_valid(*q)) {
            return;
        }
        for step in (0..column.len()).filter(|step| column.is_present(*step) && !is_valid(q.at(*step))) {
            self.note(Annotation::invalid_quantile(call.first_arg, q.at(step)));
        }
    }

    /// Says so when the rate of something is taken that does not look like a counter.
    ///
    /// Source: Prometheus promql/engine.go, after the loop over a range function's series.
    fn check_counter(&self, span: Span, labels: &Labels, row: &Row) {
        let name = labels.metric_name();
        let only_histograms = row.column.histograms.len() == row.column.present();
        if name.is_empty() || only_histograms {
            return;
        }
        if self.options.type_and_unit_labels {
            let type_label = labels.get(crate::promql::labels::METRIC_TYPE);
            if !matches!(type_label, "counter" | "histogram") {
                self.note(Annotation::possible_non_counter_label(span, name, type_label));
            }
        } else if !["_total", "_sum", "_count", "_bucket"].iter().any(|suffix| name.ends_with(suffix)) {
            self.note(Annotation::possible_non_counter(span, name));
        }
    }

    /// The bounds of a range vector at every step.
    pub(crate) fn range_bounds(&self, argument: &Node) -> Result<RangeBounds, EvalError> {
        let (at, offset, range, edges) = match &argument.kind {
            Kind::Matrix(m) => {
                let offset = self.duration(&m.selector.offset)?;
                (m.selector.at, offset, self.duration(&m.range)?, Some(m.selector.edges))
            }
            Kind::Subquery(s) => (s.at, self.duration(&s.offset)?, self.duration(&s.range)?, None),
            _ => return Err(EvalError::execution(argument.span, "expected a range vector")),
        };
        let bounds = self.bounds(at, offset, range, edges);
        Ok(RangeBounds { bounds, range, edges: edges.unwrap_or(Edges::Plain) })
    }

    /// The bounds of a range that ends at each step. Samples are hidden behind the horizon; results of a subquery are
    /// not, as each was computed from what was visible.
    pub(crate) fn bounds(&self, at: At, offset: i64, range: i64, edges: Option<Edges>) -> Vec<Bound> {
        let lookback = self.options.lookback_ms();
        let (before, ahead) = match edges {
            None | Some(Edges::Plain) => (0, 0),
            Some(Edges::Anchored) => (lookback, 0),
            Some(Edges::Smoothed) => (lookback, lookback),
        };
        let closed = i64::from(self.options.has_closed_windows());
        self.reference_times(at, offset)
            .enumerate()
            .map(|(step, t)| {
                let start = t.saturating_sub(range);
                Bound {
                    after: start.saturating_sub(before).saturating_sub(closed),
                    until: edges.map_or(t, |_| t.saturating_add(ahead).min(self.horizon(step))),
                    range_start: start,
                    range_end: t,
                }
            })
            .collect()
    }

    /// True when the steps can't share one evaluation of a subquery's inner expression: it depends on the query, and
    /// each step is a query of its own, or on what was known at each step.
    pub(super) fn must_step_through(&self, argument: &Node) -> bool {
        if self.is_single_step() || self.mode == Mode::Range {
            return false;
        }
        let Kind::Subquery(subquery) = &argument.kind else { return false };
        let future = subquery.inner.future || subquery.at != At::Step || subquery.offset.may_be_negative();
        subquery.inner.query || (future && self.horizon == Horizon::EachStep)
    }

    /// Evaluates each step on its own and puts the results together.
    fn range_step_by_step(
        &self,
        node: &Node,
        call: &Call,
        function: RangeFunction,
        sink: &mut Sink<'_>,
    ) -> Result<(), EvalError> {
        let mut rows = RowsByLabels::default();
        for step in 0..self.steps.len() {
            self.at_step(step)
                .stream_range(node, call, function, &mut |row| {
                    rows.add(step, self.steps.len(), row);
                    Ok(())
                })
                .map_err(|error| error.at_step(step))?;
        }
        rows.rows.iter_mut().try_for_each(sink)
    }
}

/// Rows that grow by a step at a time.
#[derive(Default)]
pub(crate) struct RowsByLabels {
    index: HashMap<(Labels, usize), usize>,
    pub(crate) rows: Vec<Row>,
    /// How many rows of the current step had these labels already: rows that collide stay apart.
    seen: HashMap<Labels, usize>,
    step: usize,
}

impl RowsByLabels {
    /// Adds the only point of `row` at `step` of `steps`.
    pub(crate) fn add(&mut self, step: usize, steps: usize, row: &Row) {
        if step != self.step {
            self.seen.clear();
            self.step = step;
        }
        let Some(point) = row.column.get(0) else { return };
        let nth = self.seen.entry(row.labels.clone()).or_default();
        let at = *self.index.entry((row.labels.clone(), *nth)).or_insert_with(|| {
            self.rows.push(Row {
                labels: row.labels.clone(),
                drop_name: row.drop_name,
                column: Column::absent(steps),
            });
            self.rows.len() - 1
        });
        *nth += 1;
        self.rows[at].column.set(step, point);
    }
}

/// Source: Prometheus promql/engine.go, `AnchoredSafeFunctions` and `SmoothedSafeFunctions`.
fn unsafe_edges(span: Span, name: &str, edges: Edges) -> EvalError {
    let (modifier, functions) = match edges {
        Edges::Anchored => ("anchored", "changes, delta, increase, rate, resets"),
        _ => ("smoothed", "delta, increase, rate"),
    };
    EvalError::execution(
        span,
        format!("{modifier} modifier can only be used with: {functions} - not with {name}"),
    )
}

impl Evaluator<'_> {
    /// The samples of a range selector at a single step.
    ///
    /// Source: Prometheus promql/engine.go `matrixSelector`.
    pub(crate) fn matrix_samples(&self, node: &Node) -> Result<Vec<RangeSeries>, EvalError> {
        let Kind::Matrix(matrix) = &node.kind else { return Ok(Vec::new()) };
        let source = self.range_bounds(node)?;
        let Some(bound) = source.bounds.first() else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        for id in self.storage.select(&matrix.selector.matchers) {
            let series = self.storage.series(id);
            let (from, to) = slice(series.times(), bound);
            let histograms = histogram_slice(series.histograms(), bound);
            if from == to && histograms.is_empty() {
                continue;
            }
            self.charge(node.span, to - from + histograms.len())?;
            let points = if source.edges == Edges::Plain {
                super::subquery::points(series, bound.after, bound.until)
            } else if histograms.is_empty() {
                let (times, values) = (&series.times()[from..to], &series.values()[from..to]);
                let range = (bound.range_start, bound.range_end);
                let points = extend_floats(times, values, range, source.edges);
                points.into_iter().map(|(t, v)| (t, Point::Float(v))).collect()
            } else {
                let modifier = if source.edges == Edges::Anchored { "anchored" } else { "smoothed" };
                let message = format!("{modifier} modifier is not supported with histograms");
                return Err(EvalError::execution(node.span, message));
            };
            if !points.is_empty() {
                found.push(RangeSeries { labels: series.labels().clone(), points });
            }
        }
        Ok(found)
    }
}
