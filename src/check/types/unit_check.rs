//! Units that do not go together.

use super::range::Comparison;
use super::unit::Unit;
use super::walk::Walker;
use super::{Basis, Type, UnitOf};
use crate::diagnostic::codes::types as codes;
use crate::diagnostic::{Diagnostic, Severity};
use crate::promql::ast::{BinaryOp, Expr, ExprKind};
use crate::source::Span;

/// A binary operation whose operands have been typed.
pub(super) struct Operands<'a> {
    pub(super) op: BinaryOp,
    pub(super) op_span: Span,
    pub(super) lhs: &'a Expr,
    pub(super) rhs: &'a Expr,
    pub(super) left: &'a Type,
    pub(super) right: &'a Type,
}

impl Walker<'_> {
    /// Says that the operands measure different things.
    pub(super) fn mismatch(&mut self, o: &Operands<'_>) {
        let (UnitOf::Known(left, left_basis), UnitOf::Known(right, right_basis)) =
            (&o.left.unit, &o.right.unit)
        else {
            return;
        };
        let what = match o.op {
            BinaryOp::Add => format!("{left} plus {right}"),
            BinaryOp::Sub => format!("{left} minus {right}"),
            BinaryOp::Div => format!("{left} divided by {right}"),
            _ => format!("{left} compared with {right}"),
        };
        let mut finding = Diagnostic::new(&codes::UNIT_MISMATCH, o.op_span, what)
            .also(o.lhs.span, format!("this is {left}"))
            .also(o.rhs.span, format!("this is {right}"));
        finding = because(because(finding, o.left, left_basis), o.right, right_basis);
        if !(left_basis.firm && right_basis.firm) {
            finding.severity = Severity::Warning;
        }
        finding = repair(finding, o, left, right);
        self.report(finding);
    }

    /// A share compared with a number of hundredths (`> 80` for `> 0.8`).
    pub(super) fn percent_of_ratio(&mut self, o: &Operands<'_>, op: Comparison) {
        let (ratio, number, number_expr) = match (&o.left.unit, &o.right.unit) {
            (UnitOf::Known(unit, basis), UnitOf::Number) => ((unit, basis), o.right.range, o.rhs),
            (UnitOf::Number, UnitOf::Known(unit, basis)) => ((unit, basis), o.left.range, o.lhs),
            _ => return,
        };
        let Some(value) = number.constant().filter(|_| op.is_ordering()) else { return };
        let ratio_ty = if std::ptr::eq(number_expr, o.rhs) { o.left } else { o.right };
        // A quotient can well exceed one, and so can the rate of seconds of CPU: only a metric that is a ratio itself,
        // or a part of a whole, hardly reaches ten.
        let metric = ratio_ty.source.as_ref().is_some_and(
            |s| matches!(self.env.series(&s.metric, s.span).unit, UnitOf::Known(unit, _) if unit.is_ratio()),
        );
        let share = super::threshold::is_percentage(value) && (metric || ratio_ty.range.is_share_of_whole());
        if !ratio.0.is_ratio() || !share {
            return;
        }
        let mut finding = Diagnostic::new(
            &codes::PERCENT_OF_RATIO,
            number_expr.span,
            format!("a ratio compared with {value}"),
        )
        .label("1 is the whole");
        let ratio_expr = if std::ptr::eq(number_expr, o.rhs) { o.lhs } else { o.rhs };
        finding = finding.also(ratio_expr.span, "a ratio");
        finding = because(finding, ratio_ty, ratio.1);
        let hundredth =
            super::Decimal::parse(&value.to_string()).and_then(|d| d.times(super::Scale::new(1, 100)));
        if let Some(hundredth) = hundredth.filter(|_| matches!(number_expr.kind, ExprKind::Number(_))) {
            finding = finding.fix(format!("write {hundredth}"), number_expr.span, hundredth.to_string());
        }
        self.report(finding);
    }
}

/// Adds how a unit is known.
fn because(finding: Diagnostic, ty: &Type, basis: &Basis) -> Diagnostic {
    let source = basis.source.as_ref().or(ty.source.as_ref());
    let Some(source) = source else { return finding };
    match source.declared {
        Some(span) => finding.also(span, format!("`{}` is declared here", source.metric)),
        None => finding
            .note(format!("the unit of `{}` follows from its name; declare it to be sure", source.metric)),
    }
}

fn repair(finding: Diagnostic, o: &Operands<'_>, left: &Unit, right: &Unit) -> Diagnostic {
    if left.is_timestamp() != right.is_timestamp() && (left.is_time() || right.is_time()) {
        return finding.help("for an age write `time() - timestamp`");
    }
    if left.same_dimension(right) {
        // A duration in PromQL is seconds, whatever it is compared with.
        if let ExprKind::Number(number) = &o.rhs.kind {
            let factor = right.scale().over(left.scale());
            if let Some(factor) = factor.filter(|_| number.duration) {
                let value = number.value * factor.to_f64();
                return finding.note("PromQL reads a duration as a number of seconds").fix(
                    format!("write {value}, in {left}"),
                    o.rhs.span,
                    value.to_string(),
                );
            }
        }
        let factor = right.scale().over(left.scale()).map_or(f64::NAN, super::Scale::to_f64);
        return finding.help(format!("multiply the right side by {factor} to have {left} on both sides"));
    }
    if left.is_per_time() != right.is_per_time() {
        return finding.help("`rate(…[5m])` is per second, `increase(…[5m])` is not");
    }
    finding
}
