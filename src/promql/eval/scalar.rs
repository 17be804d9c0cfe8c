//! Expressions that yield one number at each step.

use super::Evaluator;
use crate::gostd::math as go;
use crate::promql::ast::BinaryOp;
use crate::promql::error::EvalError;
use crate::promql::functions::math::{go_max, go_min};
use crate::promql::functions::{Function, QueryPart};
use crate::promql::plan::{Call, Kind, Node};
use crate::promql::value::is_float;

/// A number at each step.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Scalars {
    /// The same at all of them.
    Const(f64),
    Each(Vec<f64>),
}

impl Scalars {
    /// The number at a step.
    #[inline(always)]
    pub(crate) fn at(&self, step: usize) -> f64 {
        match self {
            Scalars::Const(v) => *v,
            Scalars::Each(values) => values[step],
        }
    }

    /// All of them.
    pub(crate) fn to_vec(&self, steps: usize) -> Vec<f64> {
        (0..steps).map(|step| self.at(step)).collect()
    }

    fn map(self, f: impl Fn(f64) -> f64) -> Scalars {
        match self {
            Scalars::Const(v) => Scalars::Const(f(v)),
            Scalars::Each(mut values) => {
                values.iter_mut().for_each(|v| *v = f(*v));
                Scalars::Each(values)
            }
        }
    }

    fn zip(&self, other: &Scalars, steps: usize, f: impl Fn(f64, f64) -> f64) -> Scalars {
        match (self, other) {
            (Scalars::Const(a), Scalars::Const(b)) => Scalars::Const(f(*a, *b)),
            _ => Scalars::Each((0..steps).map(|step| f(self.at(step), other.at(step))).collect()),
        }
    }
}

impl Evaluator<'_> {
    /// Evaluates a node that yields a scalar.
    pub(crate) fn scalar(&self, node: &Node) -> Result<Scalars, EvalError> {
        let steps = self.steps.len();
        match &node.kind {
            Kind::Number(v) => Ok(Scalars::Const(*v)),
            Kind::Negate(inner) => Ok(self.scalar(inner)?.map(|v| -v)),
            Kind::Binary(_) => {
                // A chain of operators is walked along, not down.
                let mut links = Vec::new();
                let mut first = node;
                while let Kind::Binary(binary) = &first.kind {
                    links.push(binary);
                    first = &binary.lhs;
                }
                let mut value = self.scalar(first)?;
                for binary in links.into_iter().rev() {
                    let rhs = self.scalar(&binary.rhs)?;
                    value = value.zip(&rhs, steps, |a, b| scalar_operation(binary.op, a, b));
                }
                Ok(value)
            }
            Kind::Call(call) => self.scalar_call(node, call),
            _ => Err(EvalError::execution(node.span, "expected a scalar")),
        }
    }

    fn scalar_call(&self, node: &Node, call: &Call) -> Result<Scalars, EvalError> {
        let steps = self.steps.len();
        let argument = |i: usize| {
            call.args.get(i).ok_or_else(|| EvalError::execution(node.span, "an argument is missing"))
        };
        match call.function {
            Function::Pi => Ok(Scalars::Const(std::f64::consts::PI)),
            Function::Time => Ok(Scalars::Each(self.steps.iter().map(|t| *t as f64 / 1000.0).collect())),
            Function::MaxOf => Ok(self.scalar(argument(0)?)?.zip(&self.scalar(argument(1)?)?, steps, go_max)),
            Function::MinOf => Ok(self.scalar(argument(0)?)?.zip(&self.scalar(argument(1)?)?, steps, go_min)),
            Function::Query(part) => Ok(self.query_scalar(part)),
            Function::Scalar => self.scalar_of_vector(argument(0)?),
            _ => Err(EvalError::execution(node.span, "expected a scalar")),
        }
    }

    /// Source: Prometheus promql/engine.go `foldQueryContextFunctions`.
    fn query_scalar(&self, part: QueryPart) -> Scalars {
        let shape = self.query_shape();
        match part {
            QueryPart::Range => Scalars::Const(shape.range as f64 / 1000.0),
            QueryPart::Step if shape.range == 0 => Scalars::Const(0.0),
            QueryPart::Step => Scalars::Const(shape.step as f64 / 1000.0),
            QueryPart::Start | QueryPart::End => {
                let of = |step| {
                    let (start, end) = self.query_span(step);
                    if part == QueryPart::Start { start } else { end }
                };
                Scalars::Each((0..self.steps.len()).map(|step| of(step) as f64 / 1000.0).collect())
            }
        }
    }

    /// The only number of a vector; NaN when there is none or more than one.
    fn scalar_of_vector(&self, node: &Node) -> Result<Scalars, EvalError> {
        let mut values = vec![f64::NAN; self.steps.len()];
        let mut found = vec![0u8; self.steps.len()];
        self.stream(node, &mut |row| {
            for ((cell, value), found) in row.column.cells.iter().zip(&mut values).zip(&mut found) {
                if is_float(*cell) {
                    *found = found.saturating_add(1);
                    *value = if *found == 1 { *cell } else { f64::NAN };
                }
            }
            Ok(())
        })?;
        Ok(Scalars::Each(values))
    }
}

/// An operation between scalars; comparisons yield 0 or 1.
///
/// Source: Prometheus promql/engine.go `scalarBinop`.
pub(super) fn scalar_operation(op: BinaryOp, a: f64, b: f64) -> f64 {
    match op {
        BinaryOp::Eq => f64::from(u8::from(a == b)),
        BinaryOp::Ne => f64::from(u8::from(a != b)),
        BinaryOp::Gt => f64::from(u8::from(a > b)),
        BinaryOp::Lt => f64::from(u8::from(a < b)),
        BinaryOp::Ge => f64::from(u8::from(a >= b)),
        BinaryOp::Le => f64::from(u8::from(a <= b)),
        op => arithmetic(op, a, b),
    }
}

/// An arithmetic operation; NaN for the operators that are not defined for numbers.
#[inline(always)]
pub(super) fn arithmetic(op: BinaryOp, a: f64, b: f64) -> f64 {
    match op {
        BinaryOp::Add => a + b,
        BinaryOp::Sub => a - b,
        BinaryOp::Mul => a * b,
        BinaryOp::Div => a / b,
        BinaryOp::Mod => a % b,
        BinaryOp::Pow => go::pow(a, b),
        BinaryOp::Atan2 => go::atan2(a, b),
        _ => f64::NAN,
    }
}

/// A comparison; false for other operators.
#[inline(always)]
pub(super) fn compare(op: BinaryOp, a: f64, b: f64) -> bool {
    match op {
        BinaryOp::Eq => a == b,
        BinaryOp::Ne => a != b,
        BinaryOp::Gt => a > b,
        BinaryOp::Lt => a < b,
        BinaryOp::Ge => a >= b,
        BinaryOp::Le => a <= b,
        _ => false,
    }
}
