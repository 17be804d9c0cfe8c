//! Durations of ranges, offsets and steps, which may be computed from the query's own range and step.

use crate::promql::error::EvalError;
use crate::source::Span;

/// A duration in an expression.
#[derive(Debug, Clone)]
pub(crate) enum Duration {
    /// Milliseconds.
    Fixed(i64),
    /// Computed when the query's range and step are known.
    Computed(Box<Computed>),
}

/// A duration expression and its place.
#[derive(Debug, Clone)]
pub(crate) struct Computed {
    pub(crate) term: Term,
    pub(crate) span: Span,
    /// Offsets may be negative; ranges and steps must be positive.
    pub(crate) may_be_negative: bool,
}

/// A duration expression, in seconds.
#[derive(Debug, Clone)]
pub(crate) enum Term {
    Number(f64),
    /// `step()`
    Step,
    /// `range()`
    Range,
    Negate(Box<Term>),
    Binary(TermOp, Box<Term>, Box<Term>, Span),
}

/// An operator between durations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TermOp {
    Add,
    Sub,
    Mul,
    Div,
    Mod,
    Pow,
    Min,
    Max,
}

/// Range and step of a query, in milliseconds: what durations may be computed from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct QueryShape {
    pub(crate) range: i64,
    pub(crate) step: i64,
}

impl Duration {
    /// In milliseconds.
    ///
    /// Source: Prometheus promql/durations.go `calculateDuration`.
    pub(crate) fn resolve(&self, query: QueryShape) -> Result<i64, EvalError> {
        let computed = match self {
            Duration::Fixed(ms) => return Ok(*ms),
            Duration::Computed(computed) => computed,
        };
        let seconds = computed.term.resolve(query)?;
        let fail = |text: &str| Err(EvalError::execution(computed.span, text));
        if !seconds.is_finite() {
            return fail("duration is NaN or infinite");
        }
        if seconds <= 0.0 && !computed.may_be_negative {
            return fail("duration must be greater than 0");
        }
        if seconds.abs() > i64::MAX as f64 / 1e9 {
            return fail("duration is out of range");
        }
        Ok((seconds * 1000.0) as i64)
    }

    /// True when it depends on the query.
    pub(crate) fn needs_query(&self) -> bool {
        match self {
            Duration::Fixed(_) => false,
            Duration::Computed(computed) => computed.term.needs_query(),
        }
    }

    /// True unless it is known not to be negative.
    pub(crate) fn may_be_negative(&self) -> bool {
        match self {
            Duration::Fixed(ms) => *ms < 0,
            Duration::Computed(computed) => computed.may_be_negative,
        }
    }
}

impl Term {
    fn resolve(&self, query: QueryShape) -> Result<f64, EvalError> {
        Ok(match self {
            Term::Number(seconds) => *seconds,
            Term::Step => query.step as f64 / 1000.0,
            Term::Range => query.range as f64 / 1000.0,
            Term::Negate(term) => -term.resolve(query)?,
            Term::Binary(op, left, right, span) => {
                let (left, right) = (left.resolve(query)?, right.resolve(query)?);
                match op {
                    TermOp::Add => left + right,
                    TermOp::Sub => left - right,
                    TermOp::Mul => left * right,
                    TermOp::Div if right == 0.0 => {
                        return Err(EvalError::execution(*span, "division by zero"));
                    }
                    TermOp::Div => left / right,
                    TermOp::Mod if right == 0.0 => return Err(EvalError::execution(*span, "modulo by zero")),
                    TermOp::Mod => left % right,
                    TermOp::Pow => crate::gostd::math::pow(left, right),
                    TermOp::Min => crate::promql::functions::math::go_min(left, right),
                    TermOp::Max => crate::promql::functions::math::go_max(left, right),
                }
            }
        })
    }

    fn needs_query(&self) -> bool {
        match self {
            Term::Number(_) => false,
            Term::Step | Term::Range => true,
            Term::Negate(term) => term.needs_query(),
            Term::Binary(_, left, right, _) => left.needs_query() || right.needs_query(),
        }
    }
}
