//! Comparisons: what is decided before any sample is seen, and counters that are compared as they are.

use super::range::{Comparison, Range, Truth};
use super::same::same;
use super::threshold::{Limit, between_buckets, counter_without_rate};
use super::unit_check::Operands;
use super::walk::Walker;
use super::{Sort, Type};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::types as codes;
use crate::source::Span;

impl Walker<'_> {
    /// `==`, `>` and the like.
    pub(super) fn compare(
        &mut self,
        o: &Operands<'_>,
        op: Comparison,
        returns_bool: bool,
        ty: &mut Type,
        span: Span,
    ) {
        let mut truth = o.left.range.compare(op, o.right.range);
        if truth == Truth::Depends
            && matches!(op, Comparison::Gt | Comparison::Lt)
            && !o.left.is_scalar()
            && same(o.lhs, o.rhs)
        {
            truth = Truth::Never;
        }
        if returns_bool {
            ty.range = match truth {
                Truth::Never => Range::exactly(0.0),
                Truth::Always => Range::exactly(1.0),
                Truth::Depends => Range::new(0.0, 1.0),
            };
            ty.sort = Sort::Derived;
            ty.source = None;
            return;
        }
        ty.range = match o.left.is_scalar() && !o.right.is_scalar() {
            true => o.right.range.filtered(op.flipped(), o.left.range),
            false => o.left.range.filtered(op, o.right.range),
        };
        ty.always &= truth == Truth::Always;
        let already = o.left.empty || o.right.empty;
        match truth {
            Truth::Never => {
                ty.empty = true;
                if !already {
                    self.never(o, op, span);
                }
            }
            // `absent(x) == 1` and `vector(1) > 0` say what is meant, if at length.
            Truth::Always
                if !already
                    && o.left.range.constant().is_none()
                    && o.right.range.constant().is_some_and(|c| !asks_for_any(op, c)) =>
            {
                let finding = Diagnostic::new(
                    &codes::ALWAYS_TRUE,
                    span,
                    format!("`{} {}` lets everything through", op.as_str(), show(o.right.range)),
                )
                .also(o.lhs.span, o.left.range.describe());
                self.report(finding);
            }
            _ => {
                let limit = o.right.range.constant().map(|value| (value, o.rhs.span));
                if let Some((value, span)) = limit {
                    let limit = Limit { op, value, shown: &value.to_string(), bare: true, span };
                    if let Some(finding) = between_buckets(o.left, limit) {
                        self.report(finding);
                    }
                }
            }
        }
    }

    fn never(&mut self, o: &Operands<'_>, op: Comparison, span: Span) {
        let mut finding =
            Diagnostic::new(&codes::ALWAYS_EMPTY, span, format!("this `{}` is never true", op.as_str()));
        finding = finding.label("never gives a result");
        let (constant, other) = match (o.right.range.constant(), o.left.range.constant()) {
            (Some(_), _) => (o.right, (o.lhs, o.left)),
            (None, Some(_)) => (o.left, (o.rhs, o.right)),
            _ => {
                let same_text = same(o.lhs, o.rhs);
                let text =
                    if same_text { "both sides are the same" } else { "the values of the sides never meet" };
                self.report(finding.note(text));
                return;
            }
        };
        let (expr, ty) = other;
        if ty.range != (Range { nan: ty.range.nan, ..Range::ANY }) {
            finding = finding.also(expr.span, ty.range.describe());
        }
        let one_or_more = ty.range.lo == 1.0 && ty.range.hi == f64::INFINITY;
        if one_or_more {
            finding = finding
                .help("a count of nothing is no result, not 0: use `absent(…)`, or `count(…) or vector(0)`");
        } else if ty.range.is_share_of_whole() && constant.range.lo > 1.0 {
            finding = finding.help("1 is the whole: 5 % is 0.05");
        } else if constant.range.constant().is_some_and(f64::is_nan) {
            finding = finding.help("nothing equals NaN, NaN itself included; `x != x` finds NaN");
        }
        self.report(finding);
    }

    /// A counter says how much since the process started: a limit on it is reached by waiting.
    pub(super) fn counter_compared(&mut self, o: &Operands<'_>, op: Comparison) {
        if !op.is_ordering() {
            return;
        }
        let sides = [(o.left, o.lhs, o.right), (o.right, o.rhs, o.left)];
        let Some((ty, expr, other)) = sides.into_iter().find(|(ty, ..)| ty.sort == Sort::Counter) else {
            return;
        };
        let declared = ty.source.as_ref().and_then(|s| s.declared);
        // `uptime < 60`: low just after a start, which is what is asked.
        let upward = op.is_upward() == std::ptr::eq(ty, o.left);
        if declared.is_none() && !upward {
            return;
        }
        // Against another counter, or itself earlier, the difference is what counts. `> 0` asks whether it ever happened.
        if matches!(other.sort, Sort::Counter) || other.range.constant() == Some(0.0) {
            return;
        }
        self.report(counter_without_rate(ty, expr.span));
    }
}

/// `count(x) > 0` and `count(x) >= 1` ask whether there is any, and people like to say so.
fn asks_for_any(op: Comparison, limit: f64) -> bool {
    (op == Comparison::Ge && limit == 1.0) || (matches!(op, Comparison::Gt | Comparison::Ne) && limit == 0.0)
}

fn show(range: Range) -> String {
    range.constant().map_or("it".to_string(), |c| c.to_string())
}
