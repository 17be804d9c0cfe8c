//! Evaluation of a prepared expression over a storage, at all its timestamps at once.
//!
//! Every node is computed as columns: one dense array a series with a slot for each step. Series are the outer
//! loop and steps the inner one, so that labels are looked at once and windows slide; within a step, series are
//! still added up in their own order, so that results agree with Prometheus to the last bit.

mod absent;
mod aggregate;
mod binary;
mod call;
mod histogram;
mod info;
mod labels;
mod map;
mod range;
mod scalar;
mod selector;
mod sort;
mod subquery;
pub(crate) mod window;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use super::annotation::{Annotation, Annotations};
use super::engine::Options;
use super::error::{ErrorKind, EvalError};
use super::labels::Labels;
use super::plan::{Binary, Duration, Kind, Node, QueryShape, Type, changes_meaning, picks_series};
use super::storage::Storage;
use super::value::Column;
use crate::promql::functions::Function;
use crate::source::Span;

pub(crate) use range::RowsByLabels;
pub(crate) use scalar::Scalars;

/// How the steps belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Every step is an instant query of its own: what rules need.
    Instants,
    /// All steps are one range query.
    Range,
}

/// Start, end and step of the query that an expression belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum QueryTimes {
    /// Every step is a query of its own.
    EachStep,
    /// Milliseconds.
    Range { start: i64, end: i64, step: i64 },
}

/// Up to which time samples are visible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Horizon {
    /// All are.
    Open,
    /// Those that are not newer than the step: what was known then.
    EachStep,
    /// Those that are not newer than a fixed time.
    At(i64),
}

/// A series on its way through the evaluation.
#[derive(Debug, Clone, Default)]
pub(crate) struct Row {
    pub(crate) labels: Labels,
    /// The name is to be dropped at the end (delayed name removal).
    pub(crate) drop_name: bool,
    pub(crate) column: Column,
}

/// Takes rows one at a time, so that not all have to be in memory; may take the column out of the row.
pub(crate) type Sink<'s> = dyn FnMut(&mut Row) -> Result<(), EvalError> + 's;

/// What all parts of one evaluation share.
pub(crate) struct Run {
    annotations: RefCell<Annotations>,
    deadline: Option<Instant>,
    samples: Cell<u64>,
    /// Steps of the subqueries under way.
    inner_steps: Cell<usize>,
    /// Samples in all windows that were looked through so far.
    looked_at: Cell<u64>,
}

/// The most steps that subqueries, one inside the other, may have together: a step takes some hundred bytes.
pub(crate) const INNER_STEPS: usize = 4_000_000;
/// The most samples that all windows of one evaluation may hold together: some seconds.
const LOOKED_AT: u64 = 2_000_000_000;

impl Run {
    /// Begins now.
    pub(crate) fn new(options: &Options) -> Run {
        Run {
            annotations: RefCell::default(),
            deadline: options.time_budget.and_then(|budget| Instant::now().checked_add(budget)),
            samples: Cell::new(0),
            inner_steps: Cell::new(0),
            looked_at: Cell::new(0),
        }
    }

    /// How many more steps a subquery may have.
    pub(crate) fn inner_steps_left(&self) -> usize {
        INNER_STEPS.saturating_sub(self.inner_steps.get())
    }

    /// Does something with that many steps in memory.
    pub(crate) fn with_inner_steps<T>(&self, steps: usize, work: impl FnOnce() -> T) -> T {
        self.inner_steps.set(self.inner_steps.get() + steps);
        let done = work();
        self.inner_steps.set(self.inner_steps.get() - steps);
        done
    }

    /// The remarks, once it is over.
    pub(crate) fn into_annotations(self) -> Annotations {
        self.annotations.into_inner()
    }
}

/// Evaluates nodes at a fixed list of steps.
#[derive(Clone)]
pub(crate) struct Evaluator<'a> {
    pub(crate) storage: &'a Storage,
    pub(crate) options: &'a Options,
    /// Evaluation times in milliseconds since 1970, ascending.
    pub(crate) steps: Arc<[i64]>,
    pub(crate) mode: Mode,
    pub(crate) query: QueryTimes,
    pub(crate) horizon: Horizon,
    pub(crate) run: &'a Run,
}

impl<'a> Evaluator<'a> {
    /// Evaluates a node that yields an instant vector: all rows with any point, in the engine's order.
    pub(crate) fn vector(&self, node: &Node) -> Result<Vec<Row>, EvalError> {
        match &node.kind {
            Kind::Aggregate(aggregate) => self.aggregate(node, aggregate),
            Kind::Binary(binary) if is_map(binary) => self.collect(node),
            Kind::Binary(binary) => self.binary(node, binary),
            Kind::Call(call) => self.call(node, call),
            Kind::Selector(_) | Kind::Negate(_) => self.collect(node),
            Kind::Number(_) | Kind::String(_) | Kind::Matrix(_) | Kind::Subquery(_) => {
                Err(EvalError::execution(node.span, "expected an instant vector"))
            }
        }
    }

    /// As [`Evaluator::vector`], but hands over one row at a time where the node allows it.
    pub(crate) fn stream(&self, node: &Node, sink: &mut Sink<'_>) -> Result<(), EvalError> {
        self.check_time(node.span)?;
        // Rows whose names are dropped on the way may turn out to be one and the same series.
        let distinct = self.options.delayed_name_removal || self.distinct_without_name(node);
        match &node.kind {
            Kind::Selector(selector) => self.stream_selector(node, selector, sink),
            Kind::Call(call) if distinct => match call.function {
                Function::Range(function) => self.stream_range(node, call, function, sink),
                Function::Map(function) => self.stream_map(call, function, sink),
                _ => self.each(node, sink),
            },
            Kind::Negate(inner) if distinct => self.stream_negate(inner, sink),
            Kind::Binary(binary) if distinct && is_map(binary) => {
                self.stream_vector_scalar(node, binary, sink)
            }
            _ => self.each(node, sink),
        }
    }

    fn each(&self, node: &Node, sink: &mut Sink<'_>) -> Result<(), EvalError> {
        for mut row in self.vector(node)? {
            sink(&mut row)?;
        }
        Ok(())
    }

    /// All rows of a node that can be streamed; rows that dropping names has made alike become one.
    fn collect(&self, node: &Node) -> Result<Vec<Row>, EvalError> {
        let mut rows = Vec::new();
        let mut push = |row: &mut Row| {
            rows.push(std::mem::take(row));
            Ok(())
        };
        let mut strict = false;
        match &node.kind {
            Kind::Selector(selector) => self.stream_selector(node, selector, &mut push)?,
            Kind::Negate(inner) => self.stream_negate(inner, &mut push)?,
            Kind::Binary(binary) => self.stream_vector_scalar(node, binary, &mut push)?,
            Kind::Call(call) => match call.function {
                Function::Map(function) => self.stream_map(call, function, &mut push)?,
                Function::Range(function) => {
                    strict = true;
                    self.stream_range(node, call, function, &mut push)?;
                }
                _ => return Err(EvalError::execution(node.span, "expected a function of samples")),
            },
            _ => return Err(EvalError::execution(node.span, "expected an instant vector")),
        }
        if self.options.delayed_name_removal || self.distinct_without_name(node) {
            return Ok(rows);
        }
        if strict { self.reject_same_labels(node.span, rows) } else { self.unify(node.span, rows) }
    }

    /// Makes one row of rows with the same labels; an error if they have points at the same step.
    ///
    /// Source: Prometheus promql/engine.go `rangeEval`, `mergeSeriesWithSameLabelset`.
    pub(crate) fn unify(&self, span: Span, rows: Vec<Row>) -> Result<Vec<Row>, EvalError> {
        if rows.len() < 2 {
            return Ok(rows);
        }
        let mut seen: HashMap<Labels, usize> = HashMap::with_capacity(rows.len());
        let mut unified: Vec<Row> = Vec::with_capacity(rows.len());
        let mut first_clash = None;
        for row in rows {
            match seen.get(&row.labels) {
                None => {
                    seen.insert(row.labels.clone(), unified.len());
                    unified.push(row);
                }
                Some(at) => {
                    if let Some(step) = unified[*at].column.merge(&row.column) {
                        first_clash = Some(first_clash.map_or(step, |first: usize| first.min(step)));
                    }
                }
            }
        }
        match first_clash {
            Some(step) => Err(EvalError::same_labels(span, step)),
            None => Ok(unified),
        }
    }

    /// As [`Evaluator::unify`], but in a range query rows with the same labels are an error even if they have no
    /// points in common.
    ///
    /// Source: Prometheus promql/engine.go `ContainsSameLabelset`, asked after functions of ranges.
    fn reject_same_labels(&self, span: Span, rows: Vec<Row>) -> Result<Vec<Row>, EvalError> {
        let before = rows.len();
        let rows = self.unify(span, rows)?;
        if self.mode == Mode::Range && rows.len() < before {
            return Err(EvalError::same_labels(span, 0));
        }
        Ok(rows)
    }

    /// True when no two rows of the node become alike by losing their metric's name.
    fn distinct_without_name(&self, node: &Node) -> bool {
        if self.storage.has_metadata_labels() {
            return false;
        }
        match &node.kind {
            Kind::Selector(selector) => selector.has_one_name(),
            Kind::Matrix(matrix) => matrix.selector.has_one_name(),
            Kind::Subquery(subquery) => self.distinct_without_name(&subquery.expr),
            Kind::Negate(inner) => self.distinct_without_name(inner),
            Kind::Binary(binary) if is_map(binary) => {
                let vector = if binary.lhs.ty() == Type::Vector { &binary.lhs } else { &binary.rhs };
                self.distinct_without_name(vector)
            }
            Kind::Binary(binary) => changes_meaning(binary.op),
            Kind::Aggregate(aggregate) => {
                !picks_series(aggregate.op)
                    && (aggregate.grouping.without
                        || !aggregate.grouping.names.iter().any(|n| super::labels::is_metadata_label(n)))
            }
            Kind::Call(call) => match call.function {
                Function::Map(_) | Function::Range(_) => call
                    .args
                    .iter()
                    .find(|a| matches!(a.ty(), Type::Vector | Type::Matrix))
                    .is_some_and(|a| self.distinct_without_name(a)),
                Function::Vector | Function::Absent | Function::AbsentOverTime => true,
                _ => false,
            },
            Kind::Number(_) | Kind::String(_) => true,
        }
    }

    /// The labels of a result that no longer is the metric it came from.
    pub(crate) fn drop_name(&self, labels: &Labels) -> Labels {
        if self.options.delayed_name_removal { labels.clone() } else { labels.drop_metadata() }
    }

    /// Drops the names whose removal was delayed.
    ///
    /// Source: Prometheus promql/engine.go `cleanupMetricLabels`.
    pub(crate) fn remove_names(&self, span: Span, mut rows: Vec<Row>) -> Result<Vec<Row>, EvalError> {
        if !self.options.delayed_name_removal {
            return Ok(rows);
        }
        for row in &mut rows {
            if row.drop_name {
                row.labels = row.labels.drop_metadata();
            }
        }
        self.unify(span, rows)
    }

    /// Adds a remark.
    pub(crate) fn note(&self, annotation: Annotation) {
        self.run.annotations.borrow_mut().add(annotation);
    }

    /// Start and end of the query, seen from a step.
    pub(crate) fn query_span(&self, step: usize) -> (i64, i64) {
        match self.query {
            QueryTimes::EachStep => (self.steps[step], self.steps[step]),
            QueryTimes::Range { start, end, .. } => (start, end),
        }
    }

    /// Range and step of the query; both are 0 in an instant query.
    pub(crate) fn query_shape(&self) -> QueryShape {
        match self.query {
            QueryTimes::EachStep => QueryShape { range: 0, step: 0 },
            QueryTimes::Range { start, end, step } => QueryShape { range: end - start, step },
        }
    }

    /// A duration in milliseconds.
    pub(crate) fn duration(&self, duration: &Duration) -> Result<i64, EvalError> {
        duration.resolve(self.query_shape())
    }

    /// The newest time visible at a step.
    pub(crate) fn horizon(&self, step: usize) -> i64 {
        match self.horizon {
            Horizon::Open => i64::MAX,
            Horizon::EachStep => self.steps[step],
            Horizon::At(t) => t,
        }
    }

    /// This evaluation at one of its steps alone.
    pub(crate) fn at_step(&self, step: usize) -> Evaluator<'a> {
        let t = self.steps[step];
        Evaluator {
            steps: Arc::from([t]),
            horizon: if self.horizon == Horizon::EachStep { Horizon::At(t) } else { self.horizon },
            ..self.clone()
        }
    }

    /// True when the steps are several steps of one query.
    pub(crate) fn is_range_query(&self) -> bool {
        self.mode == Mode::Range && self.steps.len() > 1
    }

    /// True when the order of rows is the order of a result.
    pub(crate) fn is_single_step(&self) -> bool {
        self.steps.len() == 1
    }

    /// An error when the time budget is spent.
    ///
    /// Source: Prometheus promql/engine.go `contextDone`.
    pub(crate) fn check_time(&self, span: Span) -> Result<(), EvalError> {
        match self.run.deadline {
            Some(deadline) if Instant::now() > deadline => {
                Err(EvalError::of(ErrorKind::Budget, span, "query timed out in expression evaluation")
                    .help("ask for a shorter range or fewer series, or raise the time budget"))
            }
            _ => Ok(()),
        }
    }

    /// Counts points that are held in memory: those of a step when each step is a query of its own.
    ///
    /// Source: Prometheus promql/engine.go `ErrTooManySamples`.
    pub(crate) fn charge(&self, span: Span, points: usize) -> Result<(), EvalError> {
        let steps = if self.mode == Mode::Instants { self.steps.len().max(1) } else { 1 };
        let samples = self.run.samples.get() + (points / steps) as u64;
        self.run.samples.set(samples);
        if samples <= self.options.max_samples {
            return Ok(());
        }
        Err(EvalError::of(
            ErrorKind::Budget,
            span,
            "query processing would load too many samples into memory in query execution",
        )
        .help(format!("the budget is {} samples", self.options.max_samples)))
    }

    /// Counts samples of windows that are about to be looked through one by one.
    pub(crate) fn look_at(&self, span: Span, samples: u64) -> Result<(), EvalError> {
        let all = self.run.looked_at.get().saturating_add(samples);
        self.run.looked_at.set(all);
        if all <= LOOKED_AT {
            return Ok(());
        }
        let message = format!("the windows of the expression hold more than {LOOKED_AT} samples together");
        Err(EvalError::of(ErrorKind::Budget, span, message)
            .help("shorten its ranges, lengthen the steps of its subqueries, or record what is inside"))
    }

    /// The points counted so far, to go back to when intermediate results are gone.
    pub(crate) fn charged(&self) -> u64 {
        self.run.samples.get()
    }

    /// Goes back to an earlier count.
    pub(crate) fn uncharge(&self, charged: u64) {
        self.run.samples.set(charged);
    }
}

/// True for operations between a vector and a scalar.
fn is_map(binary: &Binary) -> bool {
    (binary.lhs.ty() == Type::Scalar) != (binary.rhs.ty() == Type::Scalar)
}
