//! Matchers on a result, moved into the selectors that it is made of: `sum by (uri) (rate(x[5m]))` of one `uri` only
//! is `sum by (uri) (rate(x{uri="…"}[5m]))`.

use super::expand::Expanded;
use super::model::Line;
use super::scope;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::alerts;
use crate::promql::ast::{BinaryOp, Call, Cardinality, Expr, ExprKind, GroupingKind, VectorMatching};
use crate::source::{Sources, Span};
use crate::syntax::ast::{MatchOp, Matcher, Matchers};

/// A place where a matcher on `label` can't pass, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Barrier {
    /// The place in the tree.
    pub span: Span,
    /// As a clause.
    pub why: String,
}

/// One condition to be added to selectors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// The label.
    pub label: String,
    /// As PromQL.
    pub text: String,
}

impl Condition {
    /// The matcher as written.
    pub fn of(matcher: &Matcher) -> Condition {
        Condition { label: matcher.name.text.clone(), text: scope::promql(matcher) }
    }

    /// What the matcher leaves over.
    pub fn not(matcher: &Matcher) -> Condition {
        let op = scope::negated(matcher.op);
        let value = crate::gostd::strconv::quote(&scope::value_text(matcher));
        Condition {
            label: matcher.name.text.clone(),
            text: format!("{}{}{value}", scope::label(&matcher.name.text), op.as_str()),
        }
    }
}

/// Reports a line of a level whose matchers can't be moved into its signal.
pub fn check(signal: &Expanded<'_>, line: &Line<'_>, out: &mut Vec<Diagnostic>) {
    for matcher in line.scope.into_iter().flat_map(|s| &s.items) {
        let label = matcher.name.text.as_str();
        let mut places = Vec::new();
        if let Err(barrier) = find(&signal.expr, label, &mut places) {
            out.push(
                Diagnostic::new(
                    &alerts::SCOPE_BARRIER,
                    matcher.span(),
                    format!("`{label}` does not reach the result unchanged from every metric"),
                )
                .label("a level can't be limited by it")
                .also(signal.origin(barrier.span), barrier.why)
                .note("a level by label becomes matchers in each selector of the value")
                .help("keep the label through the whole expression, or write two alerts"),
            );
        }
    }
}

/// The signal's text with the conditions in every selector; `None` if one can't pass (reported by [`check`]).
pub fn apply(signal: &Expanded<'_>, sources: &Sources, conditions: &[Condition]) -> Option<String> {
    let places = places(signal, conditions)?;
    Some(signal.edited(sources, &edits(&places)))
}

/// The selectors of a signal and what is to be added to each; `None` if a condition can't pass.
pub fn places<'e>(signal: &'e Expanded<'_>, conditions: &[Condition]) -> Option<Vec<(&'e Expr, Condition)>> {
    let mut all = Vec::new();
    for condition in conditions {
        let mut places = Vec::new();
        find(&signal.expr, &condition.label, &mut places).ok()?;
        all.extend(places.into_iter().map(|place| (place, condition.clone())));
    }
    Some(all)
}

/// The edits that add conditions to selectors.
pub fn edits(places: &[(&Expr, Condition)]) -> Vec<(Span, String)> {
    let mut edits: Vec<(Span, String)> = Vec::new();
    for (place, condition) in places {
        let at = insertion(place);
        match edits.iter_mut().find(|(span, _)| *span == at.0) {
            Some((_, text)) => {
                let end = if at.1 == Braces::Missing { text.len() - 1 } else { text.len() };
                text.insert_str(end, &format!(", {}", condition.text));
            }
            None => edits.push((
                at.0,
                match at.1 {
                    Braces::Missing => format!("{{{}}}", condition.text),
                    Braces::Empty => condition.text.clone(),
                    Braces::Filled => format!(", {}", condition.text),
                },
            )),
        }
    }
    edits
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Braces {
    Missing,
    Empty,
    Filled,
}

/// Where a matcher is added to a selector.
fn insertion(selector: &Expr) -> (Span, Braces) {
    let ExprKind::VectorSelector(v) = &selector.kind else {
        return (selector.span.at_end(), Braces::Missing);
    };
    match (v.matchers.last(), &v.braces, &v.name) {
        (Some(last), _, _) => (last.span.at_end(), Braces::Filled),
        (None, Some(braces), _) => {
            let inside = Span { start: braces.start + 1, end: braces.start + 1, ..*braces };
            (inside, Braces::Empty)
        }
        (None, None, Some(name)) => (name.span.at_end(), Braces::Missing),
        (None, None, None) => (selector.span.at_end(), Braces::Missing),
    }
}

/// Collects the selectors that a condition on `label` must be added to.
fn find<'a>(expr: &'a Expr, label: &str, out: &mut Vec<&'a Expr>) -> Result<(), Barrier> {
    let stop = |why: &str| Err(Barrier { span: expr.span, why: why.to_string() });
    match &expr.kind {
        ExprKind::VectorSelector(_) => {
            out.push(expr);
            Ok(())
        }
        ExprKind::MatrixSelector(m) => find(&m.selector, label, out),
        ExprKind::Subquery(s) => find(&s.expr, label, out),
        ExprKind::Paren(e) | ExprKind::Unary(_, e) => find(e, label, out),
        ExprKind::Number(_) | ExprKind::String(_) => stop("a number has no labels"),
        ExprKind::Call(c) => find_in_call(expr, c, label, out),
        ExprKind::Aggregate(a) => {
            let kept = match &a.grouping {
                Some(g) => g.labels.iter().any(|l| l.name == label) == (g.kind == GroupingKind::By),
                None => false,
            };
            if !kept {
                return stop(&format!("the aggregation drops `{label}` here"));
            }
            find(&a.expr, label, out)
        }
        ExprKind::Binary(b) => {
            let vector = |e: &Expr| e.value_type() == crate::promql::types::ValueType::Vector;
            match (vector(&b.lhs), vector(&b.rhs)) {
                (true, false) => find(&b.lhs, label, out),
                (false, true) => find(&b.rhs, label, out),
                (false, false) => stop("a number has no labels"),
                (true, true) => find_in_match(expr, b.op, &b.matching, [&b.lhs, &b.rhs], label, out),
            }
        }
        ExprKind::Param(_) | ExprKind::LetCall(_) | ExprKind::Error => stop("unknown"),
    }
}

fn find_in_match<'a>(
    expr: &'a Expr,
    op: BinaryOp,
    matching: &VectorMatching,
    [lhs, rhs]: [&'a Expr; 2],
    label: &str,
    out: &mut Vec<&'a Expr>,
) -> Result<(), Barrier> {
    let matched = matching.labels.iter().any(|l| l.name == label) == matching.on;
    if matched {
        find(lhs, label, out)?;
        return find(rhs, label, out);
    }
    let included = matching.include.iter().any(|l| l.name == label);
    match (op, matching.card) {
        (BinaryOp::And | BinaryOp::Unless, _) => find(lhs, label, out),
        (_, Cardinality::ManyToOne) if !included => find(lhs, label, out),
        (_, Cardinality::OneToMany) if !included => find(rhs, label, out),
        _ => Err(Barrier { span: expr.span, why: format!("the two sides do not match on `{label}` here") }),
    }
}

fn find_in_call<'a>(
    expr: &'a Expr,
    call: &'a Call,
    label: &str,
    out: &mut Vec<&'a Expr>,
) -> Result<(), Barrier> {
    let stop = |why: String| Err(Barrier { span: expr.span, why });
    match call.function.name {
        "absent" | "absent_over_time" | "scalar" | "vector" | "time" | "pi" | "info" => {
            return stop(format!("`{}` does not carry labels through", call.function.name));
        }
        "label_replace" | "label_join" => {
            if let Some(ExprKind::String(s)) = call.args.get(1).map(|a| &a.kind)
                && s.value == label
            {
                return stop(format!("`{label}` is written here"));
            }
        }
        "histogram_quantile" | "histogram_fraction" if label == "le" => {
            return stop("`le` is consumed here".to_string());
        }
        _ => {}
    }
    let mut vectors = call.args.iter().filter(|a| {
        matches!(
            a.value_type(),
            crate::promql::types::ValueType::Vector | crate::promql::types::ValueType::Matrix
        )
    });
    match (vectors.next(), vectors.next()) {
        (Some(only), None) => find(only, label, out),
        (None, _) => stop("a number has no labels".to_string()),
        _ => stop(format!("`{}` has several vectors", call.function.name)),
    }
}

/// Disjoint sets of conditions for the lines of a level: the first line that matches counts.
///
/// A line's set is its own matchers and the negation of every earlier line that could match too.
pub fn disjoint(lines: &[Line<'_>]) -> Vec<(usize, Vec<Condition>)> {
    let mut sets = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let own: Vec<Condition> = line.scope.into_iter().flat_map(|s| &s.items).map(Condition::of).collect();
        let mut branches = vec![own];
        for earlier in lines.iter().take(index).filter_map(|l| l.scope) {
            if line.scope.is_some_and(|s| surely_apart(s, earlier)) {
                continue;
            }
            branches = branches.into_iter().flat_map(|branch| without(&branch, earlier)).collect();
        }
        sets.extend(branches.into_iter().map(|b| (index, b)));
    }
    sets
}

/// A set of conditions and not all of the matchers: `!a`, or `a` and `!b`, and so on.
fn without(branch: &[Condition], matchers: &Matchers) -> Vec<Vec<Condition>> {
    let mut out = Vec::new();
    let mut held: Vec<Condition> = Vec::new();
    for matcher in &matchers.items {
        let mut set = branch.to_vec();
        for condition in held.iter().cloned().chain([Condition::not(matcher)]) {
            if !set.contains(&condition) {
                set.push(condition);
            }
        }
        out.push(set);
        held.push(Condition::of(matcher));
    }
    out
}

/// True when no result matches both: some label must have two different values.
fn surely_apart(a: &Matchers, b: &Matchers) -> bool {
    let values = |m: &Matcher| -> Option<Vec<String>> {
        let text = scope::value_text(m);
        match m.op {
            MatchOp::Equal => Some(vec![text]),
            // A plain alternation; anything else may match anything.
            MatchOp::Regex if text.chars().all(|c| c.is_alphanumeric() || "_|-/ ".contains(c)) => {
                Some(text.split('|').map(str::to_string).collect())
            }
            _ => None,
        }
    };
    a.items.iter().any(|x| {
        b.items.iter().any(|y| {
            x.name.text == y.name.text
                && match (values(x), values(y)) {
                    (Some(v), Some(w)) => !v.iter().any(|value| w.contains(value)),
                    _ => false,
                }
        })
    })
}
