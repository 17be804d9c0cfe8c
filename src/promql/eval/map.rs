//! What is done to every sample of a vector on its own: functions of a number, operations with a scalar, negation.

use std::sync::Arc;

use super::binary::element::{Element, Operands, element};
use super::scalar::{arithmetic, compare};
use super::{Evaluator, Row, Scalars, Sink};
use crate::promql::ast::BinaryOp;
use crate::promql::error::EvalError;
use crate::promql::functions::math::MapFunction;
use crate::promql::plan::{Binary, Call, Node, Type, changes_meaning};
use crate::promql::value::{ABSENT, Column, Point, is_float};

impl Evaluator<'_> {
    /// The name of a row whose values no longer are those of its metric goes, now or at the end.
    pub(super) fn drop_row_name(&self, row: &mut Row) {
        row.labels = self.drop_name(&row.labels);
        row.drop_name = true;
    }

    /// Source: Prometheus promql/functions.go `simpleFloatFunc`.
    pub(super) fn stream_map(
        &self,
        call: &Call,
        function: MapFunction,
        sink: &mut Sink<'_>,
    ) -> Result<(), EvalError> {
        let Some(vector) = call.args.first() else { return Ok(()) };
        let mut params = Vec::new();
        for arg in &call.args[1..] {
            params.push(self.scalar(arg)?);
        }
        // `round` rounds to integers unless told otherwise.
        let first = params.first().cloned().unwrap_or(Scalars::Const(1.0));
        let second = params.get(1).cloned().unwrap_or(Scalars::Const(0.0));
        self.stream(vector, &mut |row| {
            row.column.histograms.clear();
            for (step, cell) in row.column.cells.iter_mut().enumerate() {
                *cell = if is_float(*cell) {
                    function.apply(*cell, first.at(step), second.at(step)).unwrap_or(ABSENT)
                } else {
                    ABSENT
                };
            }
            self.drop_row_name(row);
            pass(row, sink)
        })
    }

    pub(super) fn stream_negate(&self, inner: &Node, sink: &mut Sink<'_>) -> Result<(), EvalError> {
        self.stream(inner, &mut |row| {
            for cell in &mut row.column.cells {
                if is_float(*cell) {
                    *cell = -*cell;
                }
            }
            for (_, h) in &mut row.column.histograms {
                Arc::make_mut(h).multiply(-1.0);
            }
            self.drop_row_name(row);
            sink(row)
        })
    }

    /// Source: Prometheus promql/engine.go `VectorscalarBinop`.
    pub(super) fn stream_vector_scalar(
        &self,
        node: &Node,
        binary: &Binary,
        sink: &mut Sink<'_>,
    ) -> Result<(), EvalError> {
        let swapped = binary.lhs.ty() == Type::Scalar;
        let (vector, scalar) = if swapped { (&binary.rhs, &binary.lhs) } else { (&binary.lhs, &binary.rhs) };
        // In the order of evaluation of the operands, which decides on the first error.
        let scalars = self.scalar(scalar)?;
        let drops_name = changes_meaning(binary.op) || binary.return_bool;
        self.stream(vector, &mut |row| {
            if row.column.has_histograms() {
                self.mixed_with_scalar(node, binary, swapped, &scalars, &mut row.column);
            } else {
                floats_with_scalar(binary, swapped, &scalars, &mut row.column.cells);
            }
            if drops_name {
                self.drop_row_name(row);
            }
            pass(row, sink)
        })
    }

    /// Element by element, for columns that hold histograms.
    fn mixed_with_scalar(
        &self,
        node: &Node,
        binary: &Binary,
        swapped: bool,
        scalars: &Scalars,
        column: &mut Column,
    ) {
        let input = std::mem::take(column);
        column.reset(input.len());
        let note = |annotation| self.note(annotation);
        for (step, point) in input.points() {
            let scalar = Point::Float(scalars.at(step));
            let (lhs, rhs) = if swapped { (&scalar, &point) } else { (&point, &scalar) };
            let operands = Operands { op: binary.op, lhs, rhs, span: node.span };
            let Some(Element { mut value, keep }) = element(&operands, &note) else { continue };
            // A comparison keeps the vector's element, whichever side it stands on.
            if binary.op.is_comparison() && swapped {
                value = point.clone();
            }
            if binary.return_bool {
                column.set(step, Point::Float(f64::from(u8::from(keep))));
            } else if keep {
                column.set(step, value);
            }
        }
    }
}

/// Hands on a row that may have become empty.
fn pass(row: &mut Row, sink: &mut Sink<'_>) -> Result<(), EvalError> {
    if row.column.any_present() { sink(row) } else { Ok(()) }
}

fn floats_with_scalar(binary: &Binary, swapped: bool, scalars: &Scalars, cells: &mut [f64]) {
    let op = binary.op;
    if matches!(op, BinaryOp::TrimLower | BinaryOp::TrimUpper) {
        cells.fill(ABSENT);
        return;
    }
    // The operator is matched outside of the loops, so that each of them is a tight one.
    macro_rules! with {
        ($op:ident) => {
            match (swapped, scalars) {
                (false, Scalars::Const(s)) => each(binary, cells, |_, v| apply(BinaryOp::$op, v, *s)),
                (true, Scalars::Const(s)) => each(binary, cells, |_, v| apply(BinaryOp::$op, *s, v)),
                (false, Scalars::Each(s)) => each(binary, cells, |i, v| apply(BinaryOp::$op, v, s[i])),
                (true, Scalars::Each(s)) => each(binary, cells, |i, v| apply(BinaryOp::$op, s[i], v)),
            }
        };
    }
    match op {
        BinaryOp::Add => with!(Add),
        BinaryOp::Sub => with!(Sub),
        BinaryOp::Mul => with!(Mul),
        BinaryOp::Div => with!(Div),
        BinaryOp::Mod => with!(Mod),
        BinaryOp::Pow => with!(Pow),
        BinaryOp::Atan2 => with!(Atan2),
        BinaryOp::Eq => with!(Eq),
        BinaryOp::Ne => with!(Ne),
        BinaryOp::Gt => with!(Gt),
        BinaryOp::Lt => with!(Lt),
        BinaryOp::Ge => with!(Ge),
        BinaryOp::Le => with!(Le),
        _ => cells.fill(ABSENT),
    }
}

/// The number, or whether the comparison holds.
#[inline(always)]
fn apply(op: BinaryOp, a: f64, b: f64) -> (f64, bool) {
    if op.is_comparison() { (0.0, compare(op, a, b)) } else { (arithmetic(op, a, b), true) }
}

#[inline(always)]
fn each(binary: &Binary, cells: &mut [f64], operation: impl Fn(usize, f64) -> (f64, bool)) {
    let comparison = binary.op.is_comparison();
    for (step, cell) in cells.iter_mut().enumerate() {
        if !is_float(*cell) {
            continue;
        }
        let (value, holds) = operation(step, *cell);
        if !comparison {
            *cell = value;
        } else if binary.return_bool {
            *cell = f64::from(u8::from(holds));
        } else if !holds {
            *cell = ABSENT;
        }
    }
}
