//! The engine's face: options, preparing an expression, running it.

use std::sync::Arc;
use std::time::Duration;

use super::annotation::Annotations;
use super::ast::Expr;
use super::error::{ErrorKind, EvalError};
use super::eval::{Evaluator, Horizon, Mode, QueryTimes, Row, Run};
use super::features::Version;
use super::plan::{self, Kind, Node, Type};
use super::storage::Storage;
use super::value::{Column, ColumnSeries, RangeSeries, Sample, Steps, Value};

/// How the engine evaluates.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// The Prometheus whose semantics count. Before 3.0, windows and lookback are closed on the left.
    pub version: Version,
    /// How old a sample may be to still count at an instant (default 5 minutes).
    pub lookback: Duration,
    /// The step of subqueries that name none (Prometheus' evaluation interval; default 1 minute).
    pub default_subquery_step: Duration,
    /// The most samples an evaluation may hold (default 50,000,000); of [`Prepared::instants`], each instant.
    pub max_samples: u64,
    /// The longest an evaluation may take (default 2 minutes, as in Prometheus); none: no limit.
    pub time_budget: Option<Duration>,
    /// `promql-delayed-name-removal`: names are dropped at the end, not at each step of the way.
    pub delayed_name_removal: bool,
    /// `type-and-unit-labels`: counters are recognised by `__type__`, not by their name.
    pub type_and_unit_labels: bool,
    /// `use-start-timestamps`: rates know when a counter began.
    pub use_start_timestamps: bool,
    /// What [`Prepared::instants`] sees at each instant.
    pub visibility: Visibility,
}

/// Which samples an evaluation at an instant may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Visibility {
    /// All that the storage holds: negative offsets and `@` can look ahead.
    #[default]
    All,
    /// Only those that are not newer than the instant: what Prometheus knew at that time. `promtool test rules`
    /// loads its samples that way.
    UpToInstant,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            version: Version::LATEST,
            lookback: Duration::from_secs(300),
            default_subquery_step: Duration::from_secs(60),
            max_samples: 50_000_000,
            time_budget: Some(Duration::from_secs(120)),
            delayed_name_removal: false,
            type_and_unit_labels: false,
            use_start_timestamps: false,
            visibility: Visibility::All,
        }
    }
}

impl Options {
    pub(crate) fn lookback_ms(&self) -> i64 {
        i64::try_from(self.lookback.as_millis()).unwrap_or(i64::MAX)
    }

    pub(crate) fn default_subquery_step_ms(&self) -> i64 {
        i64::try_from(self.default_subquery_step.as_millis()).unwrap_or(i64::MAX)
    }

    /// Before Prometheus 3, a range held the sample right at its start too.
    pub(crate) fn has_closed_windows(&self) -> bool {
        self.version < Version::new(3, 0)
    }
}

/// A result and the remarks on it.
#[derive(Debug, Clone, PartialEq)]
pub struct Output<T> {
    /// The result.
    pub value: T,
    /// Warnings and infos.
    pub annotations: Annotations,
}

/// An expression's results at many instants, as far as it could be evaluated.
#[derive(Debug, Clone)]
pub struct Instants {
    /// The results; only steps before the failure hold any.
    pub steps: Steps,
    /// Warnings and infos of all steps.
    pub annotations: Annotations,
    /// The first step (an index into the instants asked for) at which evaluation failed, and why.
    pub failure: Option<(usize, EvalError)>,
}

/// An expression ready to be run: made once, run over any number of storages and times.
#[derive(Debug, Clone)]
pub struct Prepared {
    root: Node,
}

impl Prepared {
    /// Prepares an expression that was parsed without errors.
    ///
    /// Errors: what only the engine knows to be wrong, such as a tree that is too deep.
    pub fn new(expr: &Expr) -> Result<Prepared, EvalError> {
        Ok(Prepared { root: plan::lower(expr)? })
    }

    /// Evaluates at one instant (milliseconds since 1970).
    ///
    /// Errors: the data do not fit the expression, or a budget is spent.
    pub fn instant(&self, storage: &Storage, options: &Options, t: i64) -> Result<Output<Value>, EvalError> {
        let run = Run::new(options);
        let evaluator = self.evaluator(storage, options, &run, Arc::from([t]), QueryTimes::EachStep);
        let value = match self.root.ty() {
            Type::Scalar => Value::Scalar(evaluator.scalar(&self.root)?.at(0)),
            Type::String => match &self.root.kind {
                Kind::String(text) => Value::String(text.clone()),
                _ => return Err(EvalError::execution(self.root.span, "expected a string")),
            },
            Type::Vector => {
                let rows = evaluator.remove_names(self.root.span, evaluator.vector(&self.root)?)?;
                let sample = |row: Row| Some(Sample { point: row.column.get(0)?, labels: row.labels });
                Value::Vector(rows.into_iter().filter_map(sample).collect())
            }
            Type::Matrix => Value::Matrix(evaluator.matrix(&self.root)?),
        };
        Ok(Output { value, annotations: run.into_annotations() })
    }

    /// Evaluates as a range query, at every `step` from `start` to `end` (milliseconds since 1970 and milliseconds).
    ///
    /// Errors: as [`Prepared::instant`]; and an expression that is neither a scalar nor an instant vector, or a step
    /// that is not positive.
    pub fn range(
        &self,
        storage: &Storage,
        options: &Options,
        (start, end): (i64, i64),
        step: i64,
    ) -> Result<Output<Vec<RangeSeries>>, EvalError> {
        let name = match self.root.ty() {
            Type::Matrix => Some("range vector"),
            Type::String => Some("string"),
            Type::Scalar | Type::Vector => None,
        };
        if let Some(name) = name {
            let message = format!(
                "invalid expression type \"{name}\" for range query, must be Scalar or instant Vector"
            );
            return Err(EvalError::execution(self.root.span, message));
        }
        let steps = self.steps(options, (start, end), step)?;
        let run = Run::new(options);
        let query = QueryTimes::Range { start, end, step };
        let mut evaluator = self.evaluator(storage, options, &run, steps.clone(), query);
        evaluator.mode = Mode::Range;
        evaluator.horizon = Horizon::Open;
        let mut series = Vec::new();
        if !steps.is_empty() {
            for row in self.rows(&evaluator)? {
                let points = row.column.points().map(|(i, point)| (steps[i], point)).collect();
                series.push(RangeSeries { labels: row.labels, points });
            }
        }
        series.sort_by(|a, b| a.labels.cmp(&b.labels));
        Ok(Output { value: series, annotations: run.into_annotations() })
    }

    fn steps(&self, options: &Options, (start, end): (i64, i64), step: i64) -> Result<Arc<[i64]>, EvalError> {
        if step <= 0 {
            return Err(EvalError::execution(self.root.span, "zero or negative query resolution step"));
        }
        let count = (i128::from(end) - i128::from(start)).div_euclid(i128::from(step)) + 1;
        if count > i128::from(options.max_samples) {
            return Err(EvalError::of(ErrorKind::Budget, self.root.span, "the query has too many steps")
                .help("ask for a shorter range or a longer step"));
        }
        Ok((0..).map_while(|i: i64| Some(start + i * step).filter(|t| *t <= end)).collect())
    }

    /// Evaluates at each of `times` (milliseconds since 1970, ascending) as an instant query of its own: what rules
    /// and tests need. Far cheaper than as many calls of [`Prepared::instant`].
    ///
    /// A failure ends the results at the step it occurs at; see [`Instants::failure`].
    pub fn instants(&self, storage: &Storage, options: &Options, times: &Arc<[i64]>) -> Instants {
        let mut times = times.clone();
        let mut failure = None;
        loop {
            if times.is_empty() {
                let steps = Steps { series: Vec::new() };
                return Instants { steps, annotations: Annotations::default(), failure };
            }
            let run = Run::new(options);
            let evaluator = self.evaluator(storage, options, &run, times.clone(), QueryTimes::EachStep);
            let result = match self.rows(&evaluator) {
                Err(error) if error.kind == ErrorKind::Shared => self.rows_one_by_one(&evaluator),
                result => result,
            };
            match result {
                Ok(rows) => {
                    let series =
                        rows.into_iter().map(|r| ColumnSeries { labels: r.labels, column: r.column });
                    let steps = Steps { series: series.collect() };
                    return Instants { steps, annotations: run.into_annotations(), failure };
                }
                Err(error) => {
                    // The steps before may fail for another reason, or not at all.
                    times = Arc::from(&times[..error.step.min(times.len() - 1)]);
                    failure = Some((error.step, error));
                }
            }
        }
    }

    /// The expression's series over all steps; a scalar is one without labels.
    fn rows(&self, evaluator: &Evaluator<'_>) -> Result<Vec<Row>, EvalError> {
        match self.root.ty() {
            Type::Vector => evaluator.remove_names(self.root.span, evaluator.vector(&self.root)?),
            Type::Scalar => {
                let cells = evaluator.scalar(&self.root)?.to_vec(evaluator.steps.len());
                Ok(vec![Row { column: Column::of_floats(cells), ..Row::default() }])
            }
            Type::Matrix | Type::String => {
                Err(EvalError::execution(self.root.span, "expected a scalar or an instant vector"))
            }
        }
    }

    /// As [`Prepared::rows`], each step alone.
    fn rows_one_by_one(&self, evaluator: &Evaluator<'_>) -> Result<Vec<Row>, EvalError> {
        let mut rows = super::eval::RowsByLabels::default();
        for step in 0..evaluator.steps.len() {
            for row in self.rows(&evaluator.at_step(step)).map_err(|error| error.at_step(step))? {
                rows.add(step, evaluator.steps.len(), &row);
            }
        }
        Ok(rows.rows)
    }

    fn evaluator<'a>(
        &self,
        storage: &'a Storage,
        options: &'a Options,
        run: &'a Run,
        steps: Arc<[i64]>,
        query: QueryTimes,
    ) -> Evaluator<'a> {
        let horizon = match options.visibility {
            Visibility::All => Horizon::Open,
            Visibility::UpToInstant => Horizon::EachStep,
        };
        Evaluator { storage, options, steps, mode: Mode::Instants, query, horizon, run }
    }
}

impl Evaluator<'_> {
    /// A range vector as the result of an instant query: its samples as they are, by labels.
    ///
    /// Source: Prometheus promql/engine.go `matrixSelector`.
    fn matrix(&self, node: &Node) -> Result<Vec<RangeSeries>, EvalError> {
        let mut series = match &node.kind {
            Kind::Matrix(_) => self.matrix_samples(node)?,
            Kind::Subquery(subquery) => self.subquery_matrix(node.span, subquery)?,
            _ => return Err(EvalError::execution(node.span, "expected a range vector")),
        };
        series.sort_by(|a, b| a.labels.cmp(&b.labels));
        Ok(series)
    }
}
