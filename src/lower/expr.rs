//! The PromQL of levels and of missing data, laid out as a person would.

use crate::check::expand::Expanded;
use crate::check::model::{CheckedLevel, Line, Threshold};
use crate::check::push;
use crate::promql::ast::{Expr, ExprKind, Matcher};
use crate::source::Sources;
use crate::syntax::ast::Comparison;

/// The condition of one level. `ignored` are the labels that the rule sets, `alerts` its `ALERTS` selector.
pub(super) fn level(
    signal: &Expanded<'_>,
    level: &CheckedLevel<'_>,
    ignored: &[&str],
    alerts: &str,
    sources: &Sources,
) -> String {
    let mut parts = Vec::new();
    for (index, conditions) in push::disjoint(&level.lines) {
        let Some(line) = level.lines.get(index) else { continue };
        let text = push::apply(signal, sources, &conditions).unwrap_or_else(|| signal.text.clone());
        let operand = operand(&text, &signal.expr);
        parts.push(compare(&operand, line.op, &line.threshold));
        if let Some((end, threshold)) = &line.until {
            let goes_on = compare(&operand, opposite(*end), threshold);
            parts.push(format!("{goes_on}\nand ignoring ({}) {alerts}", ignored.join(", ")));
        }
    }
    join_or(&parts)
}

/// Alternatives, one under the other when one of them needs several lines.
pub(super) fn join_or(parts: &[String]) -> String {
    parts.join("\nor\n")
}

/// The value in parentheses when the comparison would bind tighter than its own operator.
fn operand(text: &str, expr: &Expr) -> String {
    let loose = matches!(&expr.kind, ExprKind::Binary(b) if b.op.precedence() <= 3);
    match (loose, text.contains('\n')) {
        (false, _) => text.to_string(),
        (true, false) => format!("({text})"),
        (true, true) => format!("(\n{}\n)", indented(text)),
    }
}

pub(super) fn indented(text: &str) -> String {
    text.lines()
        .map(|l| if l.is_empty() { String::new() } else { format!("  {l}") })
        .collect::<Vec<_>>()
        .join("\n")
}

fn compare(operand: &str, op: Comparison, threshold: &Threshold) -> String {
    let separator = if operand.contains('\n') && !operand.ends_with(')') || operand.lines().count() > 1 {
        '\n'
    } else {
        ' '
    };
    let separator = if operand.ends_with("\n)") { ' ' } else { separator };
    format!("{operand}{separator}{} {}", op.as_str(), threshold.number)
}

/// An alarm that ends at `< 80%` goes on while `>= 80%`.
pub(super) fn opposite(op: Comparison) -> Comparison {
    match op {
        Comparison::Greater => Comparison::LessEqual,
        Comparison::GreaterEqual => Comparison::Less,
        Comparison::Less => Comparison::GreaterEqual,
        Comparison::LessEqual => Comparison::Greater,
        Comparison::Equal => Comparison::NotEqual,
        Comparison::NotEqual => Comparison::Equal,
    }
}

/// `absent()` of each metric that an expression reads, with the matchers that all its selectors share.
pub(super) fn absent(expr: &Expr) -> (String, Vec<String>) {
    let mut metrics: Vec<(String, Vec<Matcher>)> = Vec::new();
    expr.walk(&mut |e| {
        let ExprKind::VectorSelector(v) = &e.kind else { return };
        let name = v.metric_name().unwrap_or_default().to_string();
        let matchers = v.matchers.iter().filter(|m| m.label.name != crate::promql::ast::METRIC_NAME);
        match metrics.iter_mut().find(|(n, _)| *n == name) {
            Some((_, shared)) => shared.retain(|s| matchers.clone().any(|m| same(m, s))),
            None => metrics.push((name, matchers.cloned().collect())),
        }
    });
    let parts: Vec<String> = metrics.iter().map(|(name, matchers)| selector(name, matchers)).collect();
    let absent: Vec<String> = parts.iter().map(|p| format!("absent({p})")).collect();
    (join_or(&absent), metrics.into_iter().map(|(name, _)| name).collect())
}

fn same(a: &Matcher, b: &Matcher) -> bool {
    a.label.name == b.label.name && a.op == b.op && a.value == b.value
}

fn selector(name: &str, matchers: &[Matcher]) -> String {
    let legacy = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || c == ':')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == ':');
    let mut inside: Vec<String> = Vec::new();
    if !legacy && !name.is_empty() {
        inside.push(crate::gostd::strconv::quote(name));
    }
    for matcher in matchers {
        let op = matcher.op.as_str();
        let label = crate::check::scope::label(&matcher.label.name);
        inside.push(format!("{label}{op}{}", crate::gostd::strconv::quote(&matcher.value)));
    }
    let name = if legacy { name } else { "" };
    if inside.is_empty() { name.to_string() } else { format!("{name}{{{}}}", inside.join(", ")) }
}

/// The threshold of a level as annotations show it: a text, or a template when it depends on labels.
pub(super) fn shown_threshold(lines: &[Line<'_>]) -> String {
    let mut out = String::new();
    let mut branches = 0;
    for line in lines {
        let Some(scope) = line.scope else {
            out.push_str(if branches > 0 { "{{ else }}" } else { "" });
            out.push_str(&line.threshold.shown);
            break;
        };
        let conditions: Vec<String> = scope.items.iter().map(condition).collect();
        let condition = match conditions.as_slice() {
            [one] => one.clone(),
            many => format!("and {}", many.iter().map(|c| format!("({c})")).collect::<Vec<_>>().join(" ")),
        };
        out.push_str(if branches > 0 { "{{ else if " } else { "{{ if " });
        out.push_str(&condition);
        out.push_str(" }}");
        out.push_str(&line.threshold.shown);
        branches += 1;
    }
    if branches > 0 {
        out.push_str("{{ end }}");
    }
    out
}

/// A matcher as a condition of a Go template.
fn condition(matcher: &crate::syntax::ast::Matcher) -> String {
    use crate::syntax::ast::MatchOp;
    let label = format!("$labels.{}", matcher.name.text);
    let value = crate::check::scope::value_text(matcher);
    let quoted = crate::gostd::strconv::quote(&value);
    let pattern = crate::gostd::strconv::quote(&format!("^(?s:{value})$"));
    match matcher.op {
        MatchOp::Equal => format!("eq {label} {quoted}"),
        MatchOp::NotEqual => format!("ne {label} {quoted}"),
        MatchOp::Regex => format!("match {pattern} {label}"),
        MatchOp::NotRegex => format!("not (match {pattern} {label})"),
    }
}
