//! Canary analyses: when a measurement is good and when it is bad.

use super::expr::opposite;
use crate::check::model::{CheckedAnalysis, CheckedMeasure};
use crate::ir::{Analysis, Measure};

pub(super) fn lower(analyses: &[CheckedAnalysis]) -> Vec<Analysis> {
    let mut all: Vec<Analysis> = analyses.iter().map(one).collect();
    all.sort_by(|a, b| a.name.cmp(&b.name));
    all
}

fn one(analysis: &CheckedAnalysis) -> Analysis {
    Analysis {
        name: analysis.name.clone(),
        namespace: analysis.namespace.clone(),
        args: analysis.args.clone(),
        measures: analysis.metrics.iter().map(measure).collect(),
        span: analysis.span,
    }
}

/// A query gives a list of values. Where there are none, or they are no numbers, it is neither good nor bad: Argo Rollouts
/// then asks a person.
fn measure(measure: &CheckedMeasure) -> Measure {
    let CheckedMeasure { op, number, limits, .. } = measure;
    Measure {
        name: measure.name.clone(),
        address: measure.address.clone(),
        query: measure.query.clone(),
        success: format!("len(result) > 0 && all(result, # {} {number})", opposite(*op).as_str()),
        failure: format!("any(result, # {} {number})", op.as_str()),
        interval: limits.interval,
        initial_delay: limits.initial_delay,
        count: limits.count,
        failure_limit: limits.failure_limit,
        inconclusive_limit: limits.inconclusive_limit,
        consecutive_error_limit: limits.consecutive_error_limit,
    }
}
