//! Whether the date a test starts at has a part in what comes out: a test without may run at any date, the epoch included.

use crate::prometheus::{Rule, RuleFile};
use crate::promql::ast::{Expr, ExprKind, Modifiers};
use crate::promql::parser::{Options, parse};
use crate::source::FileId;
use crate::syntax::ast::{ClaimKind, StepKind, Test};

/// Functions that tell the time, or a part of the date when they have no argument.
const CLOCK: [&str; 10] = [
    "time",
    "timestamp",
    "minute",
    "hour",
    "day_of_week",
    "day_of_month",
    "day_of_year",
    "days_in_month",
    "month",
    "year",
];

/// True when a rule asks for the time, in its expression or (any template function may) in its texts.
pub(super) fn rules_read_the_clock(files: &[RuleFile], options: &Options<'_>) -> bool {
    let asks = |text: &str| text.contains("{{") && ["query", "now"].iter().any(|f| text.contains(f));
    files.iter().flat_map(|f| &f.groups).flat_map(|g| &g.rules).any(|rule| {
        let texts = match rule {
            Rule::Alerting(r) => r.annotations.iter().chain(r.labels.iter()).any(|(_, t)| asks(t)),
            Rule::Recording(_) => false,
        };
        texts || reads_the_clock(&parse(rule.expr(), FileId(0), 0, options).0)
    })
}

/// True when a claim of the test asks for the time.
pub(super) fn claims_read_the_clock(test: &Test) -> bool {
    test.body.items.iter().any(|step| match &step.kind {
        StepKind::Claim(claim) => match &claim.kind {
            ClaimKind::Value { expr, .. } => reads_the_clock(&expr.expr),
            _ => false,
        },
        _ => false,
    })
}

/// Steps of a subquery stand at multiples of their length since the epoch, so it tells the date, too. A let may hide anything.
fn reads_the_clock(expr: &Expr) -> bool {
    let fixed = |m: &Modifiers| m.at.is_some();
    let mut reads = false;
    expr.walk(&mut |e| {
        reads |= match &e.kind {
            ExprKind::Call(call) => CLOCK.contains(&call.function.name),
            ExprKind::VectorSelector(s) => fixed(&s.modifiers),
            ExprKind::MatrixSelector(s) => fixed(&s.modifiers),
            ExprKind::Subquery(_) | ExprKind::LetCall(_) | ExprKind::Param(_) => true,
            _ => false,
        };
    });
    reads
}
