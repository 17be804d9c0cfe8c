//! Operations between two vectors. Who meets whom follows from the labels alone, so it is found out once; only what
//! depends on which series have a sample is looked at step by step.

pub(crate) mod element;
mod matching;
mod set;

use std::collections::HashMap;

use super::{Evaluator, Row};
use crate::promql::error::EvalError;
use crate::promql::labels::Labels;
use crate::promql::plan::{Binary, Matching, Node};

impl Evaluator<'_> {
    /// An operation between two vectors.
    pub(super) fn binary(&self, node: &Node, binary: &Binary) -> Result<Vec<Row>, EvalError> {
        let charged = self.charged();
        let lhs = self.vector(&binary.lhs)?;
        // Most rules compare with something that is there; but nothing on the left often settles it.
        if lhs.is_empty() && nothing_without_left(binary) && self.can_skip(&binary.rhs) {
            return Ok(lhs);
        }
        let rhs = self.vector(&binary.rhs)?;
        let rows = if binary.op.is_set() {
            set::combine(binary, lhs, rhs)
        } else {
            self.match_vectors(node, binary, &lhs, &rhs)?
        };
        let rows = self.unify(node.span, rows)?;
        self.uncharge(charged);
        self.charge(node.span, rows.iter().map(|r| r.column.present()).sum())?;
        Ok(rows)
    }

    /// True when evaluating the node can neither fail nor remark on anything.
    fn can_skip(&self, node: &Node) -> bool {
        matches!(node.kind, crate::promql::plan::Kind::Selector(_))
    }
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
