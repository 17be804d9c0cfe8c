//! Subqueries: an expression evaluated at all the steps that any range needs, once.

use std::sync::Arc;

use super::{Evaluator, Horizon, INNER_STEPS, Mode, QueryTimes, Row};
use crate::promql::error::{ErrorKind, EvalError};
use crate::promql::histogram::CounterResetHint;
use crate::promql::plan::Subquery;
use crate::promql::storage::{HistogramSample, Series};
use crate::promql::value::{Point, RangeSeries, is_absent, is_float};
use crate::source::Span;

impl Evaluator<'_> {
    /// Hands over the inner expression's series one at a time, and whether their name is to be dropped.
    ///
    /// Source: Prometheus promql/engine.go `runSubquery`, `evalSubquery`.
    pub(crate) fn stream_subquery(
        &self,
        span: Span,
        subquery: &Subquery,
        sink: &mut dyn FnMut(&Series, bool) -> Result<(), EvalError>,
    ) -> Result<(), EvalError> {
        let Some(inner) = self.inner_evaluator(span, subquery)? else { return Ok(()) };
        let unshared = self.mode == Mode::Instants && !self.is_single_step();
        let result = self.run.with_inner_steps(inner.steps.len(), || {
            inner.stream(&subquery.expr, &mut |row: &mut Row| {
                let drop_name = row.drop_name;
                sink(&series(row, &inner.steps), drop_name)
            })
        });
        match result {
            // The inner steps are those of many queries: which of them fails shows when they are taken apart.
            Err(error) if unshared && error.kind == ErrorKind::Execution => {
                Err(EvalError { kind: ErrorKind::Shared, ..error })
            }
            result => result,
        }
    }

    /// Evaluates at the multiples of the subquery's step that lie in any step's range.
    fn inner_evaluator(&self, span: Span, subquery: &Subquery) -> Result<Option<Evaluator<'_>>, EvalError> {
        let range = self.duration(&subquery.range)?;
        let offset = self.duration(&subquery.offset)?;
        let step = match &subquery.step {
            Some(step) => self.duration(step)?,
            None => self.options.default_subquery_step_ms(),
        };
        let step = step.max(1);
        let closed = i64::from(self.options.has_closed_windows());
        let mut steps: Vec<i64> = Vec::new();
        let bounds = self.bounds(subquery.at, offset, range, None);
        let most = self.run.inner_steps_left();
        let too_many = || {
            let message = "query processing would load too many samples into memory in query execution";
            EvalError::of(ErrorKind::Budget, span, message).help(format!(
                "the subquery has too many steps, more than {INNER_STEPS} with those around it: shorten its range or \
                 lengthen its step"
            ))
        };
        if usize::try_from(range / step).is_ok_and(|steps| steps > most) {
            return Err(too_many());
        }
        for bound in bounds {
            let after = bound.range_start.saturating_sub(closed);
            // Steps are absolute multiples, so that neighbouring ranges share them.
            let mut t = after.div_euclid(step).saturating_add(1).saturating_mul(step);
            if let Some(last) = steps.last() {
                t = t.max(last.saturating_add(step));
            }
            while t <= bound.range_end {
                if steps.len() >= most {
                    return Err(too_many());
                }
                steps.push(t);
                t = t.saturating_add(step);
            }
        }
        let (Some(start), Some(end)) = (steps.first().copied(), steps.last().copied()) else {
            return Ok(None);
        };
        let query = match self.query {
            QueryTimes::EachStep if self.is_single_step() => {
                let t = self.steps[0];
                QueryTimes::Range { start: t, end: t, step: 0 }
            }
            QueryTimes::EachStep => QueryTimes::Range { start, end, step: 0 },
            range => range,
        };
        let horizon = match self.horizon {
            Horizon::EachStep if self.is_single_step() => Horizon::At(self.steps[0]),
            // Nothing in it looks ahead: see `must_step_through`.
            Horizon::EachStep => Horizon::Open,
            horizon => horizon,
        };
        Ok(Some(Evaluator { steps: Arc::from(steps), mode: Mode::Range, query, horizon, ..self.clone() }))
    }
}

/// A row as a series. Hints of counter resets do not survive: samples between the steps are not seen, others may
/// be seen twice.
fn series(row: &mut Row, steps: &Arc<[i64]>) -> Series {
    let labels = row.labels.clone();
    let column = std::mem::take(&mut row.column);
    if !column.has_histograms() && column.cells.iter().all(|c| is_float(*c)) {
        return Series::computed_on(labels, steps.clone(), column.cells);
    }
    let mut times = Vec::new();
    let mut values = Vec::new();
    let mut histograms = Vec::new();
    for (step, t) in steps.iter().enumerate() {
        let cell = column.cells[step];
        if is_float(cell) {
            times.push(*t);
            values.push(cell);
        } else if !is_absent(cell)
            && let Some(h) = column.histogram(step)
        {
            let mut h = h.clone();
            if matches!(h.counter_reset_hint, CounterResetHint::Reset | CounterResetHint::NotReset) {
                Arc::make_mut(&mut h).counter_reset_hint = CounterResetHint::Unknown;
            }
            histograms.push(HistogramSample { t: *t, h, start: 0 });
        }
    }
    Series::computed(labels, times, values, histograms)
}

impl Evaluator<'_> {
    /// The points of a subquery that is the whole expression, at a single step.
    pub(crate) fn subquery_matrix(
        &self,
        span: Span,
        subquery: &Subquery,
    ) -> Result<Vec<RangeSeries>, EvalError> {
        let mut found = Vec::new();
        self.stream_subquery(span, subquery, &mut |series, drop_name| {
            let labels = if drop_name { series.labels().drop_metadata() } else { series.labels().clone() };
            found.push(RangeSeries { labels, points: points(series, i64::MIN, i64::MAX) });
            Ok(())
        })?;
        Ok(found)
    }
}

/// The samples of a series after `after` and until `until`, by time.
pub(crate) fn points(series: &Series, after: i64, until: i64) -> Vec<(i64, Point)> {
    let within = |t: i64| t > after && t <= until;
    let floats = series.times().iter().zip(series.values());
    let mut points: Vec<(i64, Point)> =
        floats.filter(|(t, _)| within(**t)).map(|(t, v)| (*t, Point::Float(*v))).collect();
    let histograms = series.histograms().iter().filter(|h| within(h.t));
    points.extend(histograms.map(|h| (h.t, Point::Histogram(h.h.clone()))));
    points.sort_by_key(|(t, _)| *t);
    points
}
