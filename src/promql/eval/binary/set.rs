//! `and`, `or`, `unless`: samples pass whole, depending on whether there is a partner at that step.

use super::{Row, Signatures};
use crate::promql::ast::BinaryOp;
use crate::promql::plan::Binary;
use crate::promql::value::is_absent;

/// Source: Prometheus promql/engine.go `VectorAnd`, `VectorOr`, `VectorUnless`.
pub(super) fn combine(binary: &Binary, mut lhs: Vec<Row>, mut rhs: Vec<Row>) -> Vec<Row> {
    let matching = &binary.matching;
    let (kept, partners) = match binary.op {
        BinaryOp::Or => (&mut rhs, &lhs),
        _ => (&mut lhs, &rhs),
    };
    let signatures = Signatures::of(matching, partners);
    let with_partner = binary.op == BinaryOp::And;
    let mut any = Vec::new();
    for row in kept.iter_mut() {
        match signatures.find(matching, &row.labels) {
            [] if with_partner => row.column.retain(|_| false),
            [] => {}
            [partner] => {
                let cells = &partners[*partner].column.cells;
                row.column.retain(|step| is_absent(cells[step]) != with_partner);
            }
            several => {
                any.clear();
                any.resize(row.column.len(), false);
                for partner in several {
                    for (any, cell) in any.iter_mut().zip(&partners[*partner].column.cells) {
                        *any |= !is_absent(*cell);
                    }
                }
                row.column.retain(|step| any[step] == with_partner);
            }
        }
    }
    kept.retain(|row| row.column.any_present());
    if binary.op == BinaryOp::Or {
        lhs.append(&mut rhs);
    }
    lhs
}
