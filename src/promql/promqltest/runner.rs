//! Evaluations and their repetitions.

use std::sync::LazyLock;

use regex::Regex;

use super::at_modifier;
use super::compare::{Wanted, WantedSeries, compare};
use super::script::{Eval, Expected, Grid, Remarks, When};
use super::series;
use crate::promql::annotation::{Annotation, Annotations, Level};
use crate::promql::engine::{Options, Output, Prepared};
use crate::promql::error::EvalError;
use crate::promql::features::Features;
use crate::promql::parser;
use crate::promql::storage::Storage;
use crate::promql::value::{Sample, Value};
use crate::source::FileId;

/// Functions of the query itself give something else in a range query.
static QUERY_FUNCTIONS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(start|end|range|step)\(\)").expect("a valid pattern"));

/// Distance of the steps of the range query that repeats an instant evaluation, in milliseconds.
const MINUTE: i64 = 60_000;

/// Series and how to evaluate over them.
pub(super) struct Runner {
    storage: Storage,
    options: Options,
}

impl Runner {
    pub(super) fn new() -> Self {
        let options =
            Options { delayed_name_removal: true, use_start_timestamps: true, ..Options::default() };
        Self { storage: Storage::new(), options }
    }

    pub(super) fn storage(&mut self) -> &mut Storage {
        &mut self.storage
    }

    pub(super) fn clear(&mut self) {
        self.storage = Storage::new();
    }

    /// Evaluates and compares; says what is different.
    pub(super) fn eval(&self, eval: &Eval) -> Result<(), String> {
        let parse = parser::Options { features: Features::all(), ..parser::Options::default() };
        let (expr, diagnostics) = parser::parse(&eval.expr, FileId::NONE, 0, &parse);
        if let Some(diagnostic) = diagnostics.first() {
            return Err(diagnostic.message.clone());
        }
        let wanted = wanted(&eval.expected)?;
        let prepared = Prepared::new(&expr);
        let t = match (eval.at, prepared) {
            (_, Err(error)) => return check_failure(eval, Some(&error)).map(drop),
            (When::Range(grid), Ok(prepared)) => {
                let result = self.range(&prepared, grid);
                return Self::check(eval, &wanted, result).map(drop);
            }
            (When::Instant(t), Ok(prepared)) => {
                self.eval_instant(eval, &prepared, t, &wanted)?;
                t
            }
        };
        let Some(pinned) = at_modifier::pinned(&expr, t) else { return Ok(()) };
        let prepared = Prepared::new(&pinned).map_err(|e| e.message)?;
        for other in at_modifier::other_times(t) {
            let with = |e| format!("with `@ {}`, evaluated at {other} ms: {e}", t as f64 / 1e3);
            self.eval_instant(eval, &prepared, other, &wanted).map_err(with)?;
        }
        Ok(())
    }

    /// Evaluates at one time, and as the middle step of a range query.
    fn eval_instant(&self, eval: &Eval, expr: &Prepared, t: i64, wanted: &Wanted) -> Result<(), String> {
        let result = expr.instant(&self.storage, &self.options, t);
        let Some(value) = Self::check(eval, wanted, result)? else { return Ok(()) };
        if matches!(value, Value::String(_))
            || eval.range_vector.is_some()
            || QUERY_FUNCTIONS.is_match(&eval.expr)
        {
            return Ok(());
        }
        let grid = Grid { start: t - MINUTE, end: t + MINUTE, step: MINUTE };
        let in_range = |e: &str| format!("in a range query: {e}");
        let range = self.range(expr, grid).map_err(|e| in_range(&e.message))?;
        // A range query has an order of its own.
        if eval.ordered {
            return Ok(());
        }
        let Value::Matrix(series) = range.value else { return Ok(()) };
        let samples: Vec<Sample> = series
            .into_iter()
            .filter_map(|series| {
                let point = series.points.into_iter().find(|(time, _)| *time == t)?.1;
                Some(Sample { labels: series.labels, point })
            })
            .collect();
        let middle = match (&value, samples.first()) {
            (Value::Scalar(_), Some(sample)) => Value::Scalar(sample.point.as_float().unwrap_or(f64::NAN)),
            _ => Value::Vector(samples),
        };
        compare(eval, wanted, &middle).map_err(|e| in_range(&e))
    }

    fn range(&self, expr: &Prepared, grid: Grid) -> Result<Output<Value>, EvalError> {
        let output = expr.range(&self.storage, &self.options, (grid.start, grid.end), grid.step)?;
        Ok(Output { value: Value::Matrix(output.value), annotations: output.annotations })
    }

    /// Checks failure, remarks and value; the value if there should be one.
    fn check(
        eval: &Eval,
        wanted: &Wanted,
        result: Result<Output<Value>, EvalError>,
    ) -> Result<Option<Value>, String> {
        let output = match result {
            Ok(output) if eval.fail.is_none() => output,
            result => return check_failure(eval, result.err().as_ref()).map(|()| None),
        };
        let texts = |level: Level| messages(&output.annotations, level);
        check_remarks("warning", &eval.warnings, &texts(Level::Warning))?;
        check_remarks("info", &eval.infos, &texts(Level::Info))?;
        compare(eval, wanted, &output.value)?;
        Ok(Some(output.value))
    }
}

fn messages(annotations: &Annotations, level: Level) -> Vec<String> {
    annotations.iter().filter(|annotation| annotation.level == level).map(Annotation::message).collect()
}

/// The expected series, read from their notation.
fn wanted(expected: &Expected) -> Result<Wanted, String> {
    let lines = match expected {
        Expected::Scalar(value) => return Ok(Wanted::Scalar(*value)),
        Expected::String(value) => return Ok(Wanted::String(value.clone())),
        Expected::Series(lines) => lines,
    };
    let mut series: Vec<WantedSeries> = Vec::new();
    for line in lines {
        let wanted = series::parse(&line.text).map_err(|e| format!("line {}: {e}", line.number))?;
        series.retain(|other| other.labels != wanted.labels);
        series.push(wanted);
    }
    Ok(Wanted::Series(series))
}

fn check_failure(eval: &Eval, error: Option<&EvalError>) -> Result<(), String> {
    match (&eval.fail, error) {
        (None, None) => Ok(()),
        (None, Some(error)) => Err(format!("failed: {}", error.message)),
        (Some(pattern), None) => Err(format!("expected to fail with {pattern}, but it did not fail")),
        (Some(pattern), Some(error)) if pattern.matches(&error.message) => Ok(()),
        (Some(pattern), Some(error)) => {
            Err(format!("expected to fail with {pattern}, got: {}", error.message))
        }
    }
}

fn check_remarks(kind: &str, expected: &Remarks, got: &[String]) -> Result<(), String> {
    if expected.none && !got.is_empty() {
        return Err(format!("unexpected {kind}: {}", got.join("; ")));
    }
    if expected.expected.is_empty() {
        return Ok(());
    }
    if let Some(missing) =
        expected.expected.iter().find(|pattern| !got.iter().any(|text| pattern.matches(text)))
    {
        return Err(format!("expected the {kind} {missing}, got {got:?}"));
    }
    match got.iter().find(|text| !expected.expected.iter().any(|pattern| pattern.matches(text))) {
        Some(text) => Err(format!("unexpected {kind}: {text}")),
        None => Ok(()),
    }
}
