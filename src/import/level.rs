//! Conditions that compare a signal with a number: what becomes a `value` with levels.

use crate::gostd::strconv::parse_float;
use crate::prometheus::AlertingRule;
use crate::promql::ast::{Binary, BinaryOp, Expr, ExprKind};
use crate::promql::duration::Duration;

use super::rules::core;
use super::text;

/// A condition that compares a signal with a number.
pub(super) struct Level {
    pub(super) signal: String,
    pub(super) op: &'static str,
    pub(super) threshold: String,
    pub(super) severity: String,
}

impl Level {
    /// The level that a rule is; none for a rule of another shape.
    pub(super) fn of(rule: &AlertingRule) -> Option<Level> {
        let severity = rule.labels.get("severity").filter(|s| text::is_word(s))?;
        let core = core(&rule.expr);
        let ExprKind::Binary(binary) = &core.expr.kind else { return None };
        let ExprKind::Number(number) = &binary.rhs.kind else { return None };
        let op = comparison(binary)?;
        let slice = |e: &Expr| rule.expr.get(e.span.range()).unwrap_or("");
        let threshold = slice(&binary.rhs);
        let digits = threshold.trim_start_matches('-');
        if number.duration || !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
            return None;
        }
        let signal = match &binary.lhs.kind {
            ExprKind::Paren(inner) if matches!(&inner.kind, ExprKind::Binary(b) if b.op.precedence() <= 3) => {
                slice(inner)
            }
            ExprKind::Number(_) => return None,
            _ => slice(&binary.lhs),
        };
        let signal = signal.split('\n').map(str::trim_end).collect::<Vec<_>>().join("\n");
        Some(Level { signal, op, threshold: threshold.to_string(), severity: severity.to_string() })
    }
}

fn comparison(binary: &Binary) -> Option<&'static str> {
    if binary.return_bool.is_some() {
        return None;
    }
    Some(match binary.op {
        BinaryOp::Gt => ">",
        BinaryOp::Ge => ">=",
        BinaryOp::Lt => "<",
        BinaryOp::Le => "<=",
        BinaryOp::Eq => "==",
        BinaryOp::Ne => "!=",
        _ => return None,
    })
}

/// A threshold as people say it, when the alert's own texts print its value so.
pub(super) fn in_unit(number: &str, rule: &AlertingRule) -> String {
    let prints = |humanizer: &str| {
        rule.annotations.iter().any(|(_, text)| {
            let texts = text.split("{{").skip(1).filter_map(|t| t.split("}}").next());
            texts.into_iter().any(|t| t.trim().starts_with("$value") && t.trim().ends_with(humanizer))
        })
    };
    let Ok(value) = parse_float(number) else { return number.to_string() };
    if prints("humanizePercentage") && (0.0..=10.0).contains(&value) {
        let percent = format!("{:.6}", value * 100.0);
        return format!("{}%", percent.trim_end_matches('0').trim_end_matches('.'));
    }
    if prints("humanizeDuration") && value > 0.0 && value.fract() == 0.0 && value < 1e9 {
        return Duration::from_millis((value * 1000.0) as i64).to_string();
    }
    number.to_string()
}
