//! Matchers of the language as PromQL and Alertmanager know them.

use crate::promql::ast::params_in;
use crate::syntax::ast::{MatchOp, Matcher, MatcherValue, Matchers};

/// The value of a matcher as text; of a parameter, its name with `$`.
pub fn value_text(matcher: &Matcher) -> String {
    match &matcher.value {
        MatcherValue::Text(t) => t.value.clone(),
        MatcherValue::Param(p) => format!("${}", p.name),
    }
}

/// As PromQL writes it: `uri=~"/search.*"`.
pub fn promql(matcher: &Matcher) -> String {
    format!(
        "{}{}{}",
        label(&matcher.name.text),
        matcher.op.as_str(),
        crate::gostd::strconv::quote(&value_text(matcher))
    )
}

/// A label's name as PromQL writes it: in quotes unless it is a plain word.
pub fn label(name: &str) -> String {
    let plain = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if plain { name.to_string() } else { crate::gostd::strconv::quote(name) }
}

/// The matcher that takes just the rest.
pub fn negated(op: MatchOp) -> MatchOp {
    match op {
        MatchOp::Equal => MatchOp::NotEqual,
        MatchOp::NotEqual => MatchOp::Equal,
        MatchOp::Regex => MatchOp::NotRegex,
        MatchOp::NotRegex => MatchOp::Regex,
    }
}

/// True when a parameter stands in one of the matchers.
pub fn has_params(matchers: &Matchers) -> bool {
    matchers.items.iter().any(|m| match &m.value {
        MatcherValue::Text(t) => !params_in(&t.value).is_empty(),
        MatcherValue::Param(_) => true,
    })
}
