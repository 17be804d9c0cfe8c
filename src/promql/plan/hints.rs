//! Where counter resets of histograms are worked out sample by sample.

use super::{Kind, Node};
use crate::promql::ast::BinaryOp;
use crate::promql::functions::{Function, HistogramFunction};

/// Marks the selectors of which only counts and sums of histograms are used. Prometheus reads these without their buckets, and in doing so finds
/// out about each sample whether there was a counter reset, where the stored hint says nothing.
///
/// Source: Prometheus promql/engine.go `detectHistogramStatsDecoding`.
pub(super) fn mark(node: &mut Node, counts_only: bool) {
    match &mut node.kind {
        Kind::Selector(selector) => selector.explicit_hints = counts_only,
        Kind::Matrix(matrix) => matrix.selector.explicit_hints = counts_only,
        // From here down buckets are needed, whatever stands further down or up.
        Kind::Subquery(_) => {}
        Kind::Binary(binary) if matches!(binary.op, BinaryOp::TrimUpper | BinaryOp::TrimLower) => {}
        Kind::Call(call) => {
            let counts_only = match call.function {
                Function::Histogram(
                    HistogramFunction::Count | HistogramFunction::Sum | HistogramFunction::Avg,
                ) => true,
                Function::Histogram(
                    HistogramFunction::Quantile | HistogramFunction::Quantiles | HistogramFunction::Fraction,
                ) => return,
                _ => counts_only,
            };
            call.args.iter_mut().for_each(|arg| mark(arg, counts_only));
        }
        Kind::Aggregate(aggregate) => {
            aggregate.param.iter_mut().for_each(|param| mark(param, counts_only));
            mark(&mut aggregate.expr, counts_only);
        }
        Kind::Binary(binary) => {
            mark(&mut binary.lhs, counts_only);
            mark(&mut binary.rhs, counts_only);
        }
        Kind::Negate(inner) => mark(inner, counts_only),
        Kind::Number(_) | Kind::String(_) => {}
    }
}
