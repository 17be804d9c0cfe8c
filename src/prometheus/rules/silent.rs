//! Rules that give nothing where there is nothing: most rules of a file have no series in most tests.

use super::RuleSet;
use super::prepare::Rule;
use crate::promql::ast::{Aggregate, Binary, Call, Expr, ExprKind, METRIC_NAME};
use crate::promql::storage::{Storage, Wanted};

/// Functions that give something, or fail, for an empty vector too.
const SPEAK_OF_NOTHING: [&str; 7] = [
    "absent",
    "absent_over_time",
    "label_replace",
    "label_join",
    "sort_by_label",
    "sort_by_label_desc",
    "info",
];

/// True when an expression is an empty vector, without an error, if none of its selectors finds a series.
pub(super) fn without_series(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::VectorSelector(_) | ExprKind::MatrixSelector(_) => true,
        ExprKind::Subquery(subquery) => without_series(&subquery.expr),
        ExprKind::Paren(inner) | ExprKind::Unary(_, inner) => without_series(inner),
        ExprKind::Call(call) => call_without_series(call),
        ExprKind::Aggregate(aggregate) => {
            let Aggregate { param, expr, .. } = aggregate.as_ref();
            param.as_ref().is_none_or(is_literal) && without_series(expr)
        }
        ExprKind::Binary(binary) => {
            let Binary { lhs, rhs, matching, .. } = binary.as_ref();
            let (left, right) = (without_series(lhs), without_series(rhs));
            let unfilled = *matching == Default::default() || matching.fill == Default::default();
            unfilled && (left && (right || is_literal(rhs)) || is_literal(lhs) && right)
        }
        _ => false,
    }
}

fn call_without_series(call: &Call) -> bool {
    let is_vector = |e: &&Expr| !is_literal(e);
    let mut vectors = call.args.iter().filter(is_vector);
    !SPEAK_OF_NOTHING.contains(&call.function.name)
        && call.function.returns == crate::promql::types::ValueType::Vector
        && vectors.next().is_some_and(without_series)
        && vectors.next().is_none()
}

fn is_literal(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Number(_) | ExprKind::String(_) => true,
        ExprKind::Paren(inner) | ExprKind::Unary(_, inner) => is_literal(inner),
        _ => false,
    }
}

impl Rule {
    /// True when the rule certainly gives nothing over this storage.
    pub(super) fn is_silent(&self, storage: &Storage) -> bool {
        self.silent_without_series && !self.reads.iter().any(|wanted| storage.has_any(wanted))
    }
}

impl RuleSet {
    /// Which rules may give something over storages that hold no other series than this one, in the order of their groups.
    pub fn speaking(&self, storage: &Storage) -> Vec<bool> {
        let is_named = |wanted: &Wanted, name: &str| {
            let mut names = wanted.matchers().iter().filter(|m| m.name == METRIC_NAME);
            names.all(|m| m.matches(name))
        };
        let reads_alerts =
            |rule: &Rule| rule.reads.iter().any(|w| is_named(w, "ALERTS") || is_named(w, "ALERTS_FOR_STATE"));
        let mut speaking: Vec<bool> =
            self.rules.iter().map(|rule| !rule.is_silent(storage) || reads_alerts(rule)).collect();
        // What reads a recorded series may speak when its writer does.
        let mut writers: Vec<&Rule> = self
            .rules
            .iter()
            .zip(&speaking)
            .filter(|(r, s)| **s && r.alert.is_none())
            .map(|(r, _)| r)
            .collect();
        while !writers.is_empty() {
            let mut more = Vec::new();
            for (rule, speaks) in self.rules.iter().zip(&mut speaking).filter(|(_, s)| !**s) {
                if writers.iter().any(|writer| rule.may_read(writer)) {
                    *speaks = true;
                    more.extend(rule.alert.is_none().then_some(rule));
                }
            }
            writers = more;
        }
        speaking
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::promql::engine::{Options, Prepared};
    use crate::promql::features::Features;
    use crate::promql::parser::{self, parse};
    use crate::source::FileId;
    use std::sync::Arc;

    #[test]
    fn what_is_called_silent_is_empty() {
        let cases = [
            (true, "up == 0"),
            (true, "sum by (job) (rate(x[5m])) / sum by (job) (rate(y[5m])) > 0.05"),
            (true, "histogram_quantile(0.9, sum by (le) (rate(x_bucket[5m]))) and on (a) y"),
            (true, "topk(3, -x) unless (y or z)"),
            (true, "max_over_time((x * 2)[1h:5m])"),
            (true, "1 - x"),
            (false, "absent(up)"),
            (false, "vector(1)"),
            (false, "up or vector(0)"),
            (false, "x unless on () vector(1)"),
            (false, "count(up) + time()"),
            (false, "x * scalar(y)"),
            (false, "label_replace(x, \"a\", \"b\", \"c\", \"(\")"),
            (false, "x + fill(0) y"),
            (false, "clamp_max(x, scalar(y))"),
            (false, "hour()"),
            (false, "1 > bool 2"),
        ];
        let options = parser::Options { features: Features::all(), ..parser::Options::default() };
        for (silent, text) in cases {
            let (expr, found) = parse(text, FileId::NONE, 0, &options);
            assert!(found.is_empty(), "{text}: {found:?}");
            assert_eq!(without_series(&expr), silent, "{text}");
            if silent {
                let prepared = Prepared::new(&expr).unwrap();
                let run = prepared.instants(&Storage::new(), &Options::default(), &Arc::from([0, 60_000]));
                assert!(run.failure.is_none() && run.steps.series.is_empty(), "{text}");
            }
        }
    }

    #[test]
    fn what_reads_a_speaking_record_speaks() {
        let text = "groups:\n- name: g\n  rules:\n\
            - {record: a:b, expr: sum(x)}\n\
            - {alert: Far, expr: a:b:c > 1}\n\
            - {record: 'a:b:c', expr: 'a:b * 2'}\n\
            - {alert: Silent, expr: y > 1}\n\
            - {alert: Meta, expr: 'ALERTS{alertstate=\"firing\"}'}\n\
            - {alert: Gone, expr: absent(y)}\n\
            - {alert: Other, expr: 'x{job=\"b\"} > 1'}\n";
        let text = text.replace("\n- {", "\n  - {");
        let root = crate::yaml::read(FileId::NONE, &text).remove(0).root.unwrap();
        let file = crate::prometheus::read_rule_file(&root, &text, crate::prometheus::Target::widest()).model;
        let set = RuleSet::new(&file.groups, &super::super::Options::default()).unwrap();
        let mut storage = Storage::new();
        let labels = [("__name__", "x"), ("job", "a")].map(|(n, v)| (n.to_string(), v.to_string()));
        storage.series_id(&crate::promql::labels::Labels::new(labels.to_vec()));
        let speaking: Vec<&str> = set
            .rules
            .iter()
            .zip(set.speaking(&storage))
            .filter(|(_, s)| *s)
            .map(|(r, _)| r.name.as_str())
            .collect();
        assert_eq!(speaking, ["a:b", "Far", "a:b:c", "Meta", "Gone"]);
    }
}
