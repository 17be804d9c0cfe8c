//! Functions that make labels: `absent`, `label_replace`, `label_join`.

use super::labels::{Cause, LabelSet, Presence, Values};
use super::range::Range;
use super::walk::Walker;
use super::{Sort, Type, UnitOf};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::types as codes;
use crate::promql::ast::{Call, Expr, ExprKind, METRIC_NAME, MatchOp, VectorSelector};
use crate::promql::types::ValueType;
use crate::source::Span;

impl Walker<'_> {
    pub(super) fn absent(&mut self, call: &Call, vector: &Expr, arg: &Type, span: Span) -> Type {
        let mut ty = Type {
            value: ValueType::Vector,
            always: arg.empty,
            empty: arg.always,
            ..Type::scalar(Range::exactly(1.0), UnitOf::Number, span)
        };
        ty.labels = LabelSet::none(Cause::Absent, call.name_span);
        if let Some(selector) = selector_of(vector) {
            for matcher in &selector.matchers {
                let label = matcher.label.name.as_str();
                let once = selector.matchers.iter().filter(|m| m.label.name == label).count() == 1;
                if matcher.op == MatchOp::Equal && once && label != METRIC_NAME && !matcher.value.is_empty() {
                    let values = match matcher.bare_param || !matcher.params().is_empty() {
                        true => Values::Any,
                        false => Values::exactly(&matcher.value),
                    };
                    ty.labels.insert(label, true, values, Cause::Matcher, matcher.span);
                }
            }
        }
        if ty.empty && !arg.empty {
            let finding = Diagnostic::new(
                &codes::ALWAYS_EMPTY,
                span,
                format!("`{}` of something that is always there", call.function.name),
            )
            .label("never gives a result")
            .also(vector.span, "this has a result whatever the data");
            self.report(finding);
        }
        ty.sort = Sort::Derived;
        ty
    }

    pub(super) fn label_replace(&mut self, call: &Call, ty: &mut Type, span: Span) {
        let text = |i: usize| match call.args.get(i).map(|a| &a.kind) {
            Some(ExprKind::String(s)) => Some(s.value.as_str()),
            _ => None,
        };
        let (Some(target), Some(replacement), Some(source), Some(pattern)) =
            (text(1), text(2), text(3), text(4))
        else {
            return;
        };
        let matches_all = matches!(pattern, ".*" | "(.*)" | "^(.*)$" | "^.*$");
        let source_presence = ty.labels.get(source);
        let constant = !replacement.contains('$');
        let source_known = source.is_empty() || source_presence.is_possible();
        if !source_known && super::regexp::needs_text(pattern) && !ty.empty {
            let reason = ty.labels.reason(source);
            let source_span = call.args.get(3).map_or(span, |a| a.span);
            let finding = Diagnostic::new(
                &codes::LABEL_GONE,
                source_span,
                format!("`label_replace` has no effect: the operand never has the label `{source}`"),
            )
            .also(reason.span, reason.absence());
            self.report(finding);
            return;
        }
        if matches_all && replacement.is_empty() {
            ty.labels.remove(target, Cause::Rewrite, span);
            return;
        }
        let old_sure = matches!(ty.labels.get(target), Presence::Surely(_));
        let (sure, values) = if matches_all && constant {
            (true, Values::exactly(replacement))
        } else if matches_all && matches!(replacement, "$1" | "${1}") && pattern.contains('(') {
            match source_presence {
                Presence::Surely(values) => (true, values.clone()),
                Presence::Possibly(values) => (false, values.clone()),
                Presence::Never(_) => (false, Values::Any),
            }
        } else {
            (old_sure && !replacement.is_empty() && constant, Values::Any)
        };
        ty.labels.insert(target, sure, values, Cause::Rewrite, span);
    }
}

pub(super) fn label_join(call: &Call, ty: &mut Type, span: Span) {
    let text = |arg: &Expr| match &arg.kind {
        ExprKind::String(s) => Some(s.value.clone()),
        _ => None,
    };
    let Some(target) = call.args.get(1).and_then(text) else { return };
    let sources: Vec<String> = call.args.iter().skip(3).filter_map(text).collect();
    let separator = call.args.get(2).and_then(text).unwrap_or_default();
    let sure = sources.iter().any(|s| matches!(ty.labels.get(s), Presence::Surely(_)))
        || (sources.len() > 1 && !separator.is_empty());
    ty.labels.insert(&target, sure, Values::Any, Cause::Rewrite, span);
}

/// The selector whose matchers `absent` reads.
fn selector_of(expr: &Expr) -> Option<&VectorSelector> {
    match &expr.unwrap_parens().kind {
        ExprKind::VectorSelector(selector) => Some(selector),
        ExprKind::MatrixSelector(matrix) => matrix.vector(),
        _ => None,
    }
}
