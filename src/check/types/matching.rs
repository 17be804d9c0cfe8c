//! How two vectors match, and the labels of what comes out (Prometheus promql/engine.go resultMetric).

use super::Type;
use super::labels::{Cause, LabelSet, Presence, Values};
use super::walk::Walker;
use crate::diagnostic::codes::types as codes;
use crate::diagnostic::{Diagnostic, Severity};
use crate::promql::ast::{Binary, BinaryOp, Cardinality, METRIC_NAME};
use crate::source::Span;

impl Walker<'_> {
    /// The labels of `left op right`, both vectors.
    pub(super) fn matched_labels(&mut self, b: &Binary, left: &Type, right: &Type, span: Span) -> LabelSet {
        let matching = &b.matching;
        let names: Vec<&str> = matching.labels.iter().map(|l| l.name.as_str()).collect();
        let on = |label: &str| names.contains(&label) == matching.on && label != METRIC_NAME;
        let checked = !left.empty && !right.empty && matching.fill.span.is_none();
        let reported = checked && b.op != BinaryOp::Or && self.impossible_match(b, left, right, &on);
        if matching.on && checked && !reported {
            for label in &matching.labels {
                let without = [left, right].into_iter().find(|t| !t.labels.get(&label.name).is_possible());
                if let Some(side) = without {
                    self.absent_label(label, &side.labels, "on");
                }
            }
        }
        let (many, one) = match matching.card {
            Cardinality::OneToMany => (right, left),
            _ => (left, right),
        };
        let clause_span = matching.labels_span.unwrap_or(b.op_span);
        match matching.card {
            Cardinality::ManyToMany => match b.op {
                BinaryOp::Or => left.labels.join(&right.labels),
                BinaryOp::And => left.labels.meet(&right.labels, on),
                _ => left.labels.clone(),
            },
            _ if matching.fill.span.is_some() => {
                // Invented samples have only the labels they match on.
                let joined = many.labels.join(&one.labels);
                self.included(b, one, joined)
            }
            Cardinality::OneToOne => {
                let mut met = many.labels.meet(&one.labels, on);
                if matching.on {
                    met.keep(names.iter().copied(), Cause::On, clause_span)
                } else {
                    met.close_like(&one.labels);
                    met.discard(names.iter().copied(), Cause::Ignoring, clause_span)
                }
            }
            Cardinality::ManyToOne | Cardinality::OneToMany => {
                let met = many.labels.meet(&one.labels, on);
                self.included(b, one, met)
            }
        }
        .without_name_if(drops_name(b), span)
    }

    /// Adds what `group_left` and `group_right` take from the "one" side.
    fn included(&mut self, b: &Binary, one: &Type, mut labels: LabelSet) -> LabelSet {
        let Some(span) = b.matching.group_span else { return labels };
        for label in &b.matching.include {
            match one.labels.get(&label.name) {
                Presence::Surely(values) => {
                    labels.insert(&label.name, true, values.clone(), Cause::Include, span);
                }
                Presence::Possibly(values) => {
                    labels.insert(&label.name, false, values.clone(), Cause::Include, span);
                }
                Presence::Never(_) => {
                    let clause =
                        if b.matching.card == Cardinality::OneToMany { "group_right" } else { "group_left" };
                    self.absent_label(label, &one.labels, clause);
                    labels.remove(&label.name, Cause::Include, span);
                }
            }
        }
        labels
    }

    /// A label that one side surely has and the other never, or fixed values that differ.
    fn impossible_match(&mut self, b: &Binary, left: &Type, right: &Type, on: &dyn Fn(&str) -> bool) -> bool {
        let sides = [(left, right, b.lhs.span, b.rhs.span), (right, left, b.rhs.span, b.lhs.span)];
        for (with, without, with_span, without_span) in sides {
            for (label, presence) in with.labels.listed() {
                if !on(label) {
                    continue;
                }
                let Presence::Never(reason) = without.labels.get(label) else {
                    if self.fixed_values_differ(b, left, right, label) {
                        return true;
                    }
                    continue;
                };
                // `by (x)` keeps a label that is there in practice; that it is there is certain only sometimes.
                let sure = matches!(presence, Presence::Surely(_));
                let grouped = with.labels.is_closed() && with.labels.reason(label).cause != Cause::Target;
                if !sure && !grouped {
                    continue;
                }
                let no_result = if b.op == BinaryOp::Unless { "removes nothing" } else { "nothing matches" };
                let mut finding = Diagnostic::new(
                    &codes::IMPOSSIBLE_MATCH,
                    b.op_span,
                    format!("{no_result}: only one side has the label `{label}`"),
                )
                .also(with_span, format!("has `{label}`"))
                .also(without_span, format!("has no `{label}`"));
                if reason.span != without_span && reason.span != Span::NONE {
                    finding = finding.also(reason.span, reason.absence());
                }
                if !sure {
                    finding.severity = Severity::Warning;
                }
                self.report(finding.help(advice(b, left, right, on)));
                return true;
            }
        }
        false
    }

    fn fixed_values_differ(&mut self, b: &Binary, left: &Type, right: &Type, label: &str) -> bool {
        let (Presence::Surely(l), Presence::Surely(r)) = (left.labels.get(label), right.labels.get(label))
        else {
            return false;
        };
        let (Values::OneOf(a), Values::OneOf(c)) = (l, r) else { return false };
        if l.meet(r).is_some() {
            return false;
        }
        let show = |values: &[std::sync::Arc<str>]| {
            values.iter().take(3).map(|v| format!("\"{v}\"")).collect::<Vec<_>>().join(" or ")
        };
        let no_result = if b.op == BinaryOp::Unless { "removes nothing" } else { "nothing matches" };
        let finding = Diagnostic::new(
            &codes::IMPOSSIBLE_MATCH,
            b.op_span,
            format!("{no_result}: the sides have different values of `{label}`"),
        )
        .also(b.lhs.span, format!("`{label}` is {}", show(a)))
        .also(b.rhs.span, format!("`{label}` is {}", show(c)))
        .help(format!("add `ignoring ({label})` behind the operator, or match `on (…)` other labels"));
        self.report(finding);
        true
    }
}

/// What to write so that the sides match.
fn advice(b: &Binary, left: &Type, right: &Type, on: &dyn Fn(&str) -> bool) -> String {
    let shared: Vec<&str> = left
        .labels
        .names()
        .filter(|n| *n != METRIC_NAME && right.labels.get(n).is_possible() && (on(n) || !b.matching.on))
        .collect();
    if b.matching.on {
        return "match `on (…)` labels that both sides have".to_string();
    }
    let shared = shared.join(", ");
    match b.op {
        BinaryOp::And | BinaryOp::Unless => {
            format!("match on what both have: `{} on ({shared})`", b.op.as_str())
        }
        _ => format!(
            "match on what both have: `{} on ({shared}) group_left`, or group both sides alike",
            b.op.as_str()
        ),
    }
}

/// Arithmetic and `bool` make a new value; a filter keeps the name.
fn drops_name(b: &Binary) -> bool {
    !(b.op.is_set() || (b.op.is_comparison() && b.return_bool.is_none()))
}

impl LabelSet {
    fn without_name_if(mut self, drop: bool, span: Span) -> LabelSet {
        if drop {
            self.remove(METRIC_NAME, Cause::NameDropped, span);
        }
        self
    }
}
