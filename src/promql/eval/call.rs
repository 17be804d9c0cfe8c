//! Calls of functions: which way of evaluation each takes.

use super::selector::Take;
use super::{Evaluator, Row};
use crate::promql::error::EvalError;
use crate::promql::functions::Function;
use crate::promql::functions::date::{DatePart, go_int64};
use crate::promql::labels::Labels;
use crate::promql::plan::{Call, Kind, Node};
use crate::promql::value::{ABSENT, Column, is_absent, is_float};

impl Evaluator<'_> {
    pub(super) fn call(&self, node: &Node, call: &Call) -> Result<Vec<Row>, EvalError> {
        let first = call.args.first();
        let argument = || first.ok_or_else(|| EvalError::execution(node.span, "an argument is missing"));
        match call.function {
            Function::Map(_) | Function::Range(_) => self.collect(node),
            Function::AbsentOverTime => self.absent_over_time(node, call),
            Function::Absent => self.absent(argument()?),
            Function::Vector => {
                let cells = self.scalar(argument()?)?.to_vec(self.steps.len());
                Ok(vec![Row { column: Column::of_floats(cells), ..Row::default() }])
            }
            Function::Date(part) => self.date(node, first, part),
            Function::Timestamp => self.timestamp(node, argument()?),
            Function::StartTimestamp => self.start_timestamp(node, argument()?),
            Function::Sort { descending } => self.sort(node, argument()?, descending),
            Function::SortByLabel { descending } => self.sort_by_label(node, call, descending),
            Function::LabelReplace => self.label_replace(node, call),
            Function::LabelJoin => self.label_join(node, call),
            Function::Info => self.info(node, call),
            Function::Histogram(function) => self.histogram_function(node, call, function),
            Function::Scalar
            | Function::Time
            | Function::Pi
            | Function::MaxOf
            | Function::MinOf
            | Function::Query(_) => Err(EvalError::execution(node.span, "expected an instant vector")),
        }
    }

    /// Rows of an argument, changed one by one, without their names.
    pub(super) fn map_rows(
        &self,
        node: &Node,
        argument: &Node,
        mut change: impl FnMut(&mut Column),
    ) -> Result<Vec<Row>, EvalError> {
        let mut rows = Vec::new();
        self.stream(argument, &mut |row| {
            change(&mut row.column);
            if row.column.any_present() {
                self.drop_row_name(row);
                rows.push(std::mem::take(row));
            }
            Ok(())
        })?;
        self.unify(node.span, rows)
    }

    /// Source: Prometheus promql/functions.go `dateWrapper`.
    fn date(&self, node: &Node, argument: Option<&Node>, part: DatePart) -> Result<Vec<Row>, EvalError> {
        let Some(argument) = argument else {
            let cells = self.steps.iter().map(|t| part.of(t / 1000)).collect();
            return Ok(vec![Row {
                labels: Labels::EMPTY,
                column: Column::of_floats(cells),
                drop_name: false,
            }]);
        };
        self.map_rows(node, argument, |column| {
            column.histograms.clear();
            for cell in &mut column.cells {
                *cell = if is_float(*cell) { part.of(go_int64(*cell)) } else { ABSENT };
            }
        })
    }

    /// The time of each sample; of an expression other than a selector, the time of evaluation.
    ///
    /// Source: Prometheus promql/engine.go `rangeEvalTimestampFunctionOverVectorSelector`.
    fn timestamp(&self, node: &Node, argument: &Node) -> Result<Vec<Row>, EvalError> {
        if let Kind::Selector(selector) = &argument.kind {
            let mut rows = Vec::new();
            self.stream_samples(argument.span, selector, Take::Time, &mut |row| {
                self.drop_row_name(row);
                rows.push(std::mem::take(row));
                Ok(())
            })?;
            return self.unify(node.span, rows);
        }
        self.map_rows(node, argument, |column| {
            column.histograms.clear();
            for (cell, t) in column.cells.iter_mut().zip(self.steps.iter()) {
                if !is_absent(*cell) {
                    *cell = *t as f64 / 1000.0;
                }
            }
        })
    }

    /// Since when each sample counts; nothing unless start timestamps are in use.
    ///
    /// Source: Prometheus promql/functions.go `funcStartTimestamp`.
    fn start_timestamp(&self, node: &Node, argument: &Node) -> Result<Vec<Row>, EvalError> {
        let mut rows = Vec::new();
        if let Kind::Selector(selector) = &argument.kind
            && self.options.use_start_timestamps
        {
            self.stream_samples(argument.span, selector, Take::Start, &mut |row| {
                self.drop_row_name(row);
                rows.push(std::mem::take(row));
                Ok(())
            })?;
        }
        self.unify(node.span, rows)
    }
}
