//! Operations between two vectors. Who meets whom follows from the labels alone, so it is found out once; only what
//! depends on which series have a sample is looked at step by step.

pub(crate) mod element;
mod matching;
mod set;

use std::collections::HashMap;

use super::{Evaluator, Row};
use crate::promql::error::EvalError;
use crate::promql::labels::Labels;
use crate::promql::plan::{Binary, Kind, Matching, Node};

impl Evaluator<'_> {
    /// An operation between two vectors. Operators that group to the left (`a or b or c …`) form a chain, which is
    /// walked along, not down.
    pub(super) fn binary(&self, node: &Node, binary: &Binary) -> Result<Vec<Row>, EvalError> {
        let charged = self.charged();
        let mut links = vec![(node, binary)];
        let mut first = &binary.lhs;
        while let Kind::Binary(binary) = &first.kind
            && !super::is_map(binary)
        {
            links.push((first, binary));
            first = &binary.lhs;
        }
        let mut rows = self.vector(first)?;
        for (node, binary) in links.into_iter().rev() {
            // Nothing on the left often settles it.
            if rows.is_empty() && nothing_without_left(binary) && cannot_fail(&binary.rhs) {
                continue;
            }
            let rhs = self.vector(&binary.rhs)?;
            let combined = if binary.op.is_set() {
                set::combine(binary, rows, rhs)
            } else {
                self.match_vectors(node, binary, &rows, &rhs)?
            };
            rows = self.unify(node.span, combined)?;
            self.uncharge(charged);
            self.charge(node.span, rows.iter().map(|r| r.column.present()).sum())?;
        }
        Ok(rows)
    }
}

/// True when evaluating the node can neither fail nor remark on anything.
fn cannot_fail(node: &Node) -> bool {
    matches!(node.kind, Kind::Selector(_))
}

/// True when there is no result without a left operand.
fn nothing_without_left(binary: &Binary) -> bool {
    use crate::promql::ast::BinaryOp;
    binary.op != BinaryOp::Or && binary.matching.fill_left.is_none() && binary.matching.fill_right.is_none()
}

impl Matching {
    /// The labels by which a series finds its partner.
    pub(super) fn signature(&self, labels: &Labels) -> Labels {
        if self.on { labels.keep(&self.names) } else { labels.without(&self.names) }
    }
}

/// The rows of each signature.
#[derive(Default)]
struct Signatures {
    index: HashMap<Labels, usize>,
    /// By signature: the rows that have it.
    rows: Vec<Vec<usize>>,
}

impl Signatures {
    fn of(matching: &Matching, rows: &[Row]) -> Signatures {
        let mut signatures = Signatures::default();
        for (i, row) in rows.iter().enumerate() {
            let next = signatures.rows.len();
            let at = *signatures.index.entry(matching.signature(&row.labels)).or_insert(next);
            if at == next {
                signatures.rows.push(Vec::new());
            }
            signatures.rows[at].push(i);
        }
        signatures
    }

    /// The rows that have the signature of these labels.
    fn find(&self, matching: &Matching, labels: &Labels) -> &[usize] {
        let at = self.index.get(&matching.signature(labels));
        at.and_then(|at| self.rows.get(*at)).map_or(&[], Vec::as_slice)
    }
}
