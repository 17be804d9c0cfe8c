//! Expressions as Prometheus prints them (promql/parser/printer.go, `expr.String()`): one line, sorted matchers.

use std::fmt::{self, Display, Formatter, Write};

use super::ast::{
    Aggregate, At, AtKind, Binary, Cardinality, DurationExpr, DurationKind, Expr, ExprKind, GroupingKind,
    Label, Matcher, Modifiers, NumberLiteral, Offset, UnaryOp, VectorMatching, VectorSelector,
};
use super::duration::Duration;
use super::types::ValueType;
use crate::gostd::strconv::{format_float, format_value, quote};

impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ExprKind::Number(n) => number(f, n),
            ExprKind::String(s) => match &s.not_utf8 {
                Some(quoted) => f.write_str(quoted),
                None => f.write_str(&quote(&s.value)),
            },
            ExprKind::VectorSelector(v) => {
                selector(f, v)?;
                at(f, &v.modifiers)?;
                extended(f, &v.modifiers)?;
                offset(f, &v.modifiers)
            }
            ExprKind::MatrixSelector(m) => {
                write!(f, "{}[{}]", m.selector, Literal(&m.range))?;
                extended(f, &m.modifiers)?;
                at(f, &m.modifiers)?;
                offset(f, &m.modifiers)
            }
            ExprKind::Subquery(s) => {
                write!(f, "{}[{}:", s.expr, Literal(&s.range))?;
                if let Some(step) = &s.step {
                    write!(f, "{}", Literal(step))?;
                }
                f.write_char(']')?;
                at(f, &s.modifiers)?;
                offset(f, &s.modifiers)
            }
            ExprKind::Call(c) => call(f, c.function.name, &c.args),
            ExprKind::LetCall(c) => call(f, &c.name.name, &c.args),
            ExprKind::Aggregate(a) => aggregate(f, a),
            ExprKind::Binary(b) => binary(f, b),
            ExprKind::Unary(op, e) => write!(f, "{}{e}", if *op == UnaryOp::Minus { '-' } else { '+' }),
            ExprKind::Paren(e) => write!(f, "({e})"),
            ExprKind::Param(p) => {
                write!(f, "${}", p.name)?;
                extended(f, &p.modifiers)?;
                at(f, &p.modifiers)?;
                offset(f, &p.modifiers)
            }
            ExprKind::Error => f.write_str("<error>"),
        }
    }
}

fn number(f: &mut Formatter<'_>, n: &NumberLiteral) -> fmt::Result {
    if n.duration {
        return Duration::from_millis((n.value * 1e9) as i64 / 1_000_000).fmt(f);
    }
    f.write_str(&format_float(n.value, 'f', None))
}

fn selector(f: &mut Formatter<'_>, v: &VectorSelector) -> fmt::Result {
    if let Some(name) = &v.name {
        f.write_str(&name.name)?;
    }
    let mut matchers: Vec<String> = v.matchers.iter().map(ToString::to_string).collect();
    if matchers.is_empty() {
        // `{}` stands for itself, or it would be nothing.
        return if v.name.is_none() { f.write_str("{}") } else { Ok(()) };
    }
    matchers.sort();
    write!(f, "{{{}}}", matchers.join(","))
}

impl Display for Matcher {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        label(f, &self.label.name)?;
        f.write_str(self.op.as_str())?;
        if self.bare_param { f.write_str(&self.value) } else { f.write_str(&quote(&self.value)) }
    }
}

/// A label, quoted unless it is made of letters, digits and `_`.
fn label(f: &mut Formatter<'_>, name: &str) -> fmt::Result {
    let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if plain && name.bytes().next().is_some_and(|b| !b.is_ascii_digit()) {
        f.write_str(name)
    } else {
        f.write_str(&quote(name))
    }
}

fn labels(f: &mut Formatter<'_>, list: &[Label]) -> fmt::Result {
    for (i, l) in list.iter().enumerate() {
        if i > 0 {
            f.write_str(", ")?;
        }
        label(f, &l.name)?;
    }
    Ok(())
}

fn at(f: &mut Formatter<'_>, modifiers: &Modifiers) -> fmt::Result {
    match modifiers.at {
        Some(At { kind: AtKind::Timestamp(ms), .. }) => {
            write!(f, " @ {}", format_float(ms as f64 / 1000.0, 'f', Some(3)))
        }
        Some(At { kind: AtKind::Start, .. }) => f.write_str(" @ start()"),
        Some(At { kind: AtKind::End, .. }) => f.write_str(" @ end()"),
        None => Ok(()),
    }
}

fn extended(f: &mut Formatter<'_>, modifiers: &Modifiers) -> fmt::Result {
    match (modifiers.anchored, modifiers.smoothed) {
        (Some(_), _) => f.write_str(" anchored"),
        (None, Some(_)) => f.write_str(" smoothed"),
        (None, None) => Ok(()),
    }
}

fn offset(f: &mut Formatter<'_>, modifiers: &Modifiers) -> fmt::Result {
    match &modifiers.offset {
        Some(Offset { duration, .. }) if duration.literal_ms() != Some(0) => {
            write!(f, " offset {}", Literal(duration))
        }
        _ => Ok(()),
    }
}

/// A duration by itself: a number is printed as a duration too.
struct Literal<'a>(&'a DurationExpr);

impl Display for Literal<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0.literal_ms() {
            Some(ms) => Duration::from_millis(ms).fmt(f),
            None => self.0.fmt(f),
        }
    }
}

impl Display for DurationExpr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.kind {
            DurationKind::Number(n) => number(f, n),
            DurationKind::Step => f.write_str("step()"),
            DurationKind::Range => f.write_str("range()"),
            DurationKind::Neg(d) => write!(f, "-{d}"),
            DurationKind::Binary(op, a, b) => write!(f, "{a} {} {b}", op.as_str()),
            DurationKind::MinOf(a, b) => write!(f, "min_of({a}, {b})"),
            DurationKind::MaxOf(a, b) => write!(f, "max_of({a}, {b})"),
            // Parentheses around a number are lost, as in Prometheus.
            DurationKind::Paren(d) if matches!(d.kind, DurationKind::Number(_) | DurationKind::Paren(_)) => {
                d.fmt(f)
            }
            DurationKind::Paren(d) => write!(f, "({d})"),
            DurationKind::Param(name) => write!(f, "${name}"),
            DurationKind::Error => f.write_str("<error>"),
        }
    }
}

fn call(f: &mut Formatter<'_>, name: &str, args: &[Expr]) -> fmt::Result {
    write!(f, "{name}(")?;
    for (i, arg) in args.iter().enumerate() {
        if i > 0 {
            f.write_str(", ")?;
        }
        arg.fmt(f)?;
    }
    f.write_char(')')
}

fn aggregate(f: &mut Formatter<'_>, a: &Aggregate) -> fmt::Result {
    f.write_str(a.op.as_str())?;
    if let Some(grouping) = &a.grouping {
        let without = grouping.kind == GroupingKind::Without;
        if without || !grouping.labels.is_empty() {
            f.write_str(if without { " without (" } else { " by (" })?;
            labels(f, &grouping.labels)?;
            f.write_str(") ")?;
        }
    }
    f.write_char('(')?;
    if let Some(param) = &a.param {
        write!(f, "{param}, ")?;
    }
    write!(f, "{})", a.expr)
}

fn binary(f: &mut Formatter<'_>, b: &Binary) -> fmt::Result {
    write!(f, "{} {}", b.lhs, b.op.as_str())?;
    if b.return_bool.is_some() {
        f.write_str(" bool")?;
    }
    if matches_vectors(b) {
        matching(f, &b.matching)?;
    }
    write!(f, " {}", b.rhs)
}

/// Matching is printed between vectors only: elsewhere it has no meaning.
pub(super) fn matches_vectors(b: &Binary) -> bool {
    let plain = b.matching.labels_span.is_none()
        && b.matching.group_span.is_none()
        && b.matching.fill == Default::default();
    let vector = |e: &Expr| e.value_type().fits(ValueType::Vector);
    !plain && vector(&b.lhs) && vector(&b.rhs)
}

fn matching(f: &mut Formatter<'_>, m: &VectorMatching) -> fmt::Result {
    let group = match m.card {
        Cardinality::ManyToOne => Some("left"),
        Cardinality::OneToMany => Some("right"),
        Cardinality::OneToOne | Cardinality::ManyToMany => None,
    };
    if !m.labels.is_empty() || m.on || group.is_some() {
        f.write_str(if m.on { " on (" } else { " ignoring (" })?;
        labels(f, &m.labels)?;
        f.write_char(')')?;
    }
    if let Some(side) = group {
        write!(f, " group_{side} (")?;
        labels(f, &m.include)?;
        f.write_char(')')?;
    }
    match (m.fill.left, m.fill.right) {
        (Some(l), Some(r)) if l == r => write!(f, " fill ({})", format_value(l)),
        (left, right) => {
            if let Some(l) = left {
                write!(f, " fill_left ({})", format_value(l))?;
            }
            if let Some(r) = right {
                write!(f, " fill_right ({})", format_value(r))?;
            }
            Ok(())
        }
    }
}
