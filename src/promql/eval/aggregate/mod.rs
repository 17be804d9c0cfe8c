//! Aggregations: series of a group become one, or some of them are picked.
//!
//! A series' group is found once; then its whole column is added to the group's. Series come in their own order, so
//! that at every step values are added up in the same order as Prometheus does it.

mod count_values;
mod moments;
mod pick;
mod quantile;
mod simple;
mod sum;

use std::collections::HashMap;

use super::{Evaluator, Row};
use crate::promql::annotation::Annotation;
use crate::promql::ast::AggregateOp;
use crate::promql::error::EvalError;
use crate::promql::labels::Labels;
use crate::promql::plan::{Aggregate, Grouping, Node};
use crate::promql::value::Column;

use moments::Moments;
use simple::{Counts, Extreme, Presence};
use sum::Mean;

/// Takes in the columns of a group's series one after another.
trait Accumulator {
    /// Takes in one series.
    fn add(&mut self, row: &Row, notes: &Remarks<'_>);
    /// The group's column.
    fn finish(self, notes: &Remarks<'_>) -> Column;
}

/// Who to tell what is odd about the input.
struct Remarks<'a> {
    evaluator: &'a Evaluator<'a>,
    op: AggregateOp,
    /// The aggregated expression.
    expr: &'a Node,
    node: &'a Node,
}

impl Remarks<'_> {
    fn add(&self, annotation: Annotation) {
        self.evaluator.note(annotation);
    }

    fn histogram_ignored(&self) {
        self.add(Annotation::histogram_ignored_in_aggregation(self.expr.span, self.op.as_str()));
    }
}

impl Evaluator<'_> {
    pub(super) fn aggregate(&self, node: &Node, aggregate: &Aggregate) -> Result<Vec<Row>, EvalError> {
        use AggregateOp::*;
        let steps = self.steps.len();
        let charged = self.charged();
        let rows = match aggregate.op {
            Sum => self.fold(node, aggregate, || sum::Sum::new(steps)),
            Avg => self.fold(node, aggregate, || Mean::new(steps)),
            Count => self.fold(node, aggregate, || Counts::new(steps)),
            Group => self.fold(node, aggregate, || Presence::new(steps)),
            Min => self.fold(node, aggregate, || Extreme::new(steps, false)),
            Max => self.fold(node, aggregate, || Extreme::new(steps, true)),
            Stddev => self.fold(node, aggregate, || Moments::new(steps, true)),
            Stdvar => self.fold(node, aggregate, || Moments::new(steps, false)),
            Quantile => self.quantile(node, aggregate),
            CountValues => self.count_values(node, aggregate),
            Topk | Bottomk => self.top(node, aggregate),
            Limitk => self.limit_count(node, aggregate),
            LimitRatio => self.limit_ratio(node, aggregate),
        }?;
        // The input is gone; the output stays.
        self.uncharge(charged);
        self.charge(node.span, rows.iter().map(|r| r.column.present()).sum())?;
        Ok(rows)
    }

    fn fold<A: Accumulator>(
        &self,
        node: &Node,
        aggregate: &Aggregate,
        new: impl Fn() -> A,
    ) -> Result<Vec<Row>, EvalError> {
        let notes = Remarks { evaluator: self, op: aggregate.op, expr: &aggregate.expr, node };
        let mut groups: Groups<(A, bool)> = Groups::default();
        self.stream(&aggregate.expr, &mut |row| {
            let (accumulator, drop_name) =
                groups.entry(aggregate.grouping.labels_of(&row.labels), || (new(), false));
            *drop_name |= row.drop_name;
            accumulator.add(row, &notes);
            Ok(())
        })?;
        let rows = groups.into_iter().map(|(labels, (accumulator, drop_name))| Row {
            labels,
            drop_name,
            column: accumulator.finish(&notes),
        });
        Ok(rows.filter(|row| row.column.any_present()).collect())
    }
}

impl Grouping {
    /// The labels of a series' group.
    ///
    /// Source: Prometheus promql/engine.go `generateGroupingLabels`.
    fn labels_of(&self, labels: &Labels) -> Labels {
        if self.without {
            labels.without(&self.names)
        } else if self.names.is_empty() {
            Labels::EMPTY
        } else {
            labels.keep(&self.names)
        }
    }
}

/// Groups in the order of their first series.
struct Groups<T> {
    index: HashMap<Labels, usize>,
    groups: Vec<(Labels, T)>,
}

impl<T> Default for Groups<T> {
    fn default() -> Groups<T> {
        Groups { index: HashMap::new(), groups: Vec::new() }
    }
}

impl<T> Groups<T> {
    fn entry(&mut self, labels: Labels, new: impl FnOnce() -> T) -> &mut T {
        let next = self.groups.len();
        let at = *self.index.entry(labels).or_insert_with_key(|labels| {
            self.groups.push((labels.clone(), new()));
            next
        });
        &mut self.groups[at].1
    }

    fn into_iter(self) -> impl Iterator<Item = (Labels, T)> {
        self.groups.into_iter()
    }
}
