//! Aggregations.

use super::labels::{Cause, LabelSet, Presence, Values};
use super::range::Range;
use super::unit::Unit;
use super::walk::Walker;
use super::{Sort, Type, UnitOf};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::types as codes;
use crate::promql::ast::{Aggregate, AggregateOp, ExprKind, GroupingKind, Label, METRIC_NAME};
use crate::source::Span;

impl Walker<'_> {
    pub(super) fn aggregate(&mut self, aggregate: &Aggregate, span: Span) -> Type {
        use AggregateOp::*;
        let param = aggregate.param.as_ref().map(|p| self.expr(p));
        let mut ty = self.expr(&aggregate.expr);
        let whole_samples = matches!(aggregate.op, Topk | Bottomk | Limitk | LimitRatio);
        self.grouping(aggregate, &ty);
        if !whole_samples {
            ty.labels = grouped(aggregate, &ty.labels, span);
        }
        let input = ty.range;
        match aggregate.op {
            Sum => ty.range = input.summed(),
            Avg | Min | Max => {}
            Topk | Bottomk => {
                if param.as_ref().and_then(|p| p.range.constant()).is_none_or(|k| k < 1.0) {
                    ty.always = false;
                }
            }
            Limitk | LimitRatio => ty.always = false,
            Quantile => {
                let phi = param.as_ref().and_then(|p| p.range.constant());
                self.phi(aggregate.param.as_ref(), phi);
                if !phi.is_some_and(|p| (0.0..=1.0).contains(&p)) {
                    ty.range = Range::ANY;
                }
            }
            Stddev | Stdvar => {
                ty.range = Range { nan: true, ..Range::NON_NEGATIVE };
                ty.unit = if aggregate.op == Stdvar { UnitOf::Unknown } else { ty.unit };
            }
            Count | CountValues => {
                ty.range = Range::new(1.0, f64::INFINITY);
                ty.unit = count_unit();
            }
            Group => {
                ty.range = Range::exactly(1.0);
                ty.unit = UnitOf::Number;
            }
        }
        self.aggregated_sort(aggregate, &mut ty);
        if let (CountValues, Some(ExprKind::String(label))) =
            (aggregate.op, aggregate.param.as_ref().map(|p| &p.kind))
        {
            ty.labels.insert(&label.value, true, Values::Any, Cause::CountValues, span);
        }
        ty
    }

    /// A sum of counters is a counter still; a sum of quantiles is nothing.
    fn aggregated_sort(&mut self, aggregate: &Aggregate, ty: &mut Type) {
        use AggregateOp::*;
        if ty.sort == Sort::Quantile && matches!(aggregate.op, Sum | Avg) {
            let verb = if aggregate.op == Sum { "sum" } else { "average" };
            let finding = Diagnostic::new(
                &codes::AGGREGATED_QUANTILES,
                aggregate.op_span,
                format!("the {verb} of quantiles is not a quantile of anything"),
            )
            .also(aggregate.expr.span, format!("{} gives a quantile per series", ty.describe()))
            .help("take `max`, or add the buckets of a histogram first and take the quantile of the sum");
            self.report(finding);
            ty.sort = Sort::Derived;
        }
        match aggregate.op {
            Count | CountValues | Group | Stddev | Stdvar => {
                ty.sort = Sort::Derived;
                ty.observed = None;
                ty.source = None;
            }
            _ => {}
        }
    }

    /// Labels in `by` or `without` that are gone already.
    fn grouping(&mut self, aggregate: &Aggregate, ty: &Type) {
        let Some(grouping) = &aggregate.grouping else { return };
        if ty.empty {
            return;
        }
        let keyword = if grouping.kind == GroupingKind::By { "by" } else { "without" };
        for label in &grouping.labels {
            // `without (le)` behind histogram_quantile and the like is harmless habit.
            if grouping.kind == GroupingKind::By {
                self.absent_label(label, &ty.labels, keyword);
            }
        }
    }

    /// Reports a label that is named in `clause` though the operand can't have it.
    pub(super) fn absent_label(&mut self, label: &Label, labels: &LabelSet, clause: &str) {
        let Presence::Never(reason) = labels.get(&label.name) else { return };
        if label.name == METRIC_NAME {
            return;
        }
        let mut finding = Diagnostic::new(
            &codes::LABEL_GONE,
            label.span,
            match clause {
                "on" => {
                    format!("one side never has the label `{}`: only series without it match", label.name)
                }
                _ => {
                    format!("`{}` in `{clause}` has no effect: the operand never has this label", label.name)
                }
            },
        );
        if reason.span != label.span {
            finding = finding.also(reason.span, reason.absence());
        }
        let near = crate::diagnostic::nearest(&label.name, labels.names());
        if let Some(near) = near {
            finding = finding.help(format!("did you mean `{near}`?"));
        }
        self.report(finding);
    }

    /// A quantile outside 0 to 1 is infinite.
    pub(super) fn phi(&mut self, expr: Option<&crate::promql::ast::Expr>, phi: Option<f64>) {
        let (Some(expr), Some(phi)) = (expr, phi) else { return };
        if (0.0..=1.0).contains(&phi) {
            return;
        }
        let mut finding = Diagnostic::new(
            &codes::QUANTILE_OUT_OF_RANGE,
            expr.span,
            format!("the quantile {phi} is not between 0 and 1"),
        )
        .label(if phi > 1.0 {
            "the result is always +Inf"
        } else {
            "the result is always -Inf, or NaN"
        });
        if phi > 1.0 && phi <= 100.0 {
            let hundredth =
                super::Decimal::parse(&phi.to_string()).and_then(|d| d.times(super::Scale::new(1, 100)));
            if let Some(hundredth) = hundredth {
                finding = finding.fix(format!("write {hundredth}"), expr.span, hundredth.to_string());
            }
        }
        self.report(finding);
    }
}

fn grouped(aggregate: &Aggregate, labels: &LabelSet, span: Span) -> LabelSet {
    match &aggregate.grouping {
        None => LabelSet::none(Cause::By, aggregate.op_span),
        Some(grouping) => {
            let names = grouping.labels.iter().map(|l| l.name.as_str());
            match grouping.kind {
                GroupingKind::By => labels.keep(names, Cause::By, grouping.span),
                GroupingKind::Without => {
                    let mut left = labels.discard(names, Cause::Without, grouping.span);
                    left.remove(METRIC_NAME, Cause::NameDropped, span);
                    left
                }
            }
        }
    }
}

/// The unit of a number of things.
pub(super) fn count_unit() -> UnitOf {
    UnitOf::Known(Unit::count(), super::Basis { firm: true, source: None })
}
