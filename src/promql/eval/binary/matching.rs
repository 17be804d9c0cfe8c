//! Arithmetic and comparisons between two vectors, one-to-one or many-to-one.

use std::collections::HashMap;

use super::element::{Element, Operands, element};
use super::{Evaluator, Row, Signatures};
use crate::promql::ast::BinaryOp;
use crate::promql::error::EvalError;
use crate::promql::eval::scalar::{arithmetic, compare};
use crate::promql::features::Version;
use crate::promql::labels::{Labels, METRIC_NAME, METRIC_TYPE, METRIC_UNIT};
use crate::promql::plan::{Binary, Cardinality, Matching, Node, changes_meaning};
use crate::promql::value::{ABSENT, Column, Point, is_absent, is_float};

/// The two vectors, named by how many of one signature they may have.
struct Sides<'a> {
    node: &'a Node,
    binary: &'a Binary,
    many: &'a [Row],
    one: &'a [Row],
    /// True when `many` is the right operand (`group_right`).
    swapped: bool,
}

/// What of an operation's result to put where.
struct Pair<'a> {
    many: &'a Column,
    one: &'a Column,
    swapped: bool,
}

impl Evaluator<'_> {
    /// Source: Prometheus promql/engine.go `VectorBinop`.
    pub(super) fn match_vectors(
        &self,
        node: &Node,
        binary: &Binary,
        lhs: &[Row],
        rhs: &[Row],
    ) -> Result<Vec<Row>, EvalError> {
        let matching = &binary.matching;
        let swapped = matching.cardinality == Cardinality::OneToMany;
        let (many, one) = if swapped { (rhs, lhs) } else { (lhs, rhs) };
        let sides = Sides { node, binary, many, one, swapped };
        let fills = matching.fill_left.is_some() || matching.fill_right.is_some();
        if (many.is_empty() || one.is_empty()) && !fills {
            return Ok(Vec::new());
        }
        let ones = Signatures::of(matching, one);
        let errors = [self.check_one_side(&sides, &ones, fills), self.check_many_side(&sides, &ones)];
        if let Some(error) = errors.into_iter().filter_map(Result::err).min_by_key(|e| e.step) {
            return Err(error);
        }
        let mut rows = Vec::new();
        let mut columns = Column::default();
        let mut one_matched: Vec<Vec<bool>> = Vec::new();
        if matching.fill_left.is_some() {
            one_matched = vec![Vec::new(); one.len()];
        }
        for row in many {
            let partners = ones.find(matching, &row.labels);
            for partner in partners {
                let labels = self.result_labels(binary, &row.labels, &one[*partner].labels);
                let pair = Pair { many: &row.column, one: &one[*partner].column, swapped };
                let matched = self.operate(&sides, &pair, &mut columns);
                if let Some(seen) = one_matched.get_mut(*partner) {
                    matched.merge_into(seen, &pair);
                }
                push(&mut rows, labels, binary.return_bool, &mut columns);
            }
            if let Some(fill) = matching.fill_right {
                let partner = self.fill_column(fill, &row.column, partners.iter().map(|p| &one[*p].column));
                let filled = self.match_labels(matching, &row.labels);
                let labels = self.result_labels(binary, &row.labels, &filled);
                let pair = Pair { many: &row.column, one: &partner, swapped };
                self.operate(&sides, &pair, &mut columns);
                push(&mut rows, labels, binary.return_bool, &mut columns);
            }
        }
        if let Some(fill) = matching.fill_left {
            for (row, matched) in one.iter().zip(&one_matched) {
                let mut column = self.fill_column(fill, &row.column, std::iter::empty());
                column.retain(|step| !matched.get(step).copied().unwrap_or(false));
                let filled = self.match_labels(matching, &row.labels);
                let labels = self.result_labels(binary, &filled, &row.labels);
                let pair = Pair { many: &column, one: &row.column, swapped };
                self.operate(&sides, &pair, &mut columns);
                push(&mut rows, labels, binary.return_bool, &mut columns);
            }
        }
        Ok(rows)
    }

    /// The "one" side may have only one sample of each signature at a step, even if it finds no partner.
    fn check_one_side(&self, sides: &Sides<'_>, ones: &Signatures, fills: bool) -> Result<(), EvalError> {
        let mut first: Option<(usize, usize, usize)> = None;
        let many_present = |step: usize| fills || sides.many.iter().any(|r| r.column.is_present(step));
        for rows in ones.rows.iter().filter(|rows| rows.len() > 1) {
            for step in 0..first.map_or(self.steps.len(), |(step, ..)| step) {
                let mut present = rows.iter().filter(|r| sides.one[**r].column.is_present(step));
                if let (Some(a), Some(b)) = (present.next(), present.next())
                    && many_present(step)
                {
                    first = Some((step, *a, *b));
                    break;
                }
            }
        }
        let Some((step, earlier, later)) = first else { return Ok(()) };
        let (earlier, later) = (&sides.one[earlier].labels, &sides.one[later].labels);
        let group = self.match_labels(&sides.binary.matching, later);
        let side = if sides.swapped { "left" } else { "right" };
        let message = format!(
            "found duplicate series for the match group {group} on the {side} hand-side of the operation: \
             [{later}, {earlier}];many-to-many matching not allowed: matching labels must be unique on one side"
        );
        Err(EvalError::execution(sides.node.span, message).at_step(step).help(format!(
            "name more labels in `on`, or aggregate the {side} side so that each group has one series"
        )))
    }

    /// Several series of the "many" side at a step: only when that is asked for, and only with different results.
    fn check_many_side(&self, sides: &Sides<'_>, ones: &Signatures) -> Result<(), EvalError> {
        let matching = &sides.binary.matching;
        let one_to_one = matching.cardinality == Cardinality::OneToOne;
        let mut groups = Signatures::of(matching, sides.many).rows;
        groups.retain(|rows| rows.len() > 1);
        let mut first: Option<usize> = None;
        for group in groups {
            let partners = ones.find(matching, &sides.many[group[0]].labels);
            // Results that would be one and the same series.
            let mut alike: HashMap<Labels, Vec<usize>> = HashMap::new();
            for row in group {
                let labels = &sides.many[row].labels;
                let result = match partners.first() {
                    _ if one_to_one => Labels::EMPTY,
                    Some(one) => self.result_labels(sides.binary, labels, &sides.one[*one].labels),
                    None => self.result_labels(sides.binary, labels, &self.match_labels(matching, labels)),
                };
                alike.entry(result).or_default().push(row);
            }
            let crowded = alike.into_values().filter(|rows| rows.len() > 1);
            let clash = |rows: Vec<usize>| {
                (0..first.unwrap_or(self.steps.len()))
                    .find(|step| self.matches_at(sides, partners, &rows, *step) > 1)
            };
            first = crowded.filter_map(clash).min().or(first);
        }
        let Some(step) = first else { return Ok(()) };
        let message = if one_to_one {
            "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)"
        } else {
            "multiple matches for labels: grouping labels must ensure unique matches"
        };
        Err(EvalError::execution(sides.node.span, message).at_step(step))
    }

    /// How many of these series of the "many" side find a partner at a step.
    fn matches_at(&self, sides: &Sides<'_>, partners: &[usize], rows: &[usize], step: usize) -> usize {
        let Binary { op, return_bool, matching, .. } = sides.binary;
        let partner = partners.iter().find_map(|one| sides.one[*one].column.get(step));
        let Some(one) = partner.or(matching.fill_right.map(Point::Float)) else { return 0 };
        // Before 3.9, what a comparison filtered out did not count.
        let filtered_first = self.options.version < Version::new(3, 9) && !return_bool && op.is_comparison();
        let counts = |row: &&usize| {
            let Some(many) = sides.many[**row].column.get(step) else { return false };
            match (many.as_float(), one.as_float()) {
                (Some(a), Some(b)) if filtered_first => {
                    if sides.swapped {
                        compare(*op, b, a)
                    } else {
                        compare(*op, a, b)
                    }
                }
                _ => true,
            }
        };
        rows.iter().filter(counts).count()
    }

    /// Computes where both columns have a sample.
    fn operate(&self, sides: &Sides<'_>, pair: &Pair<'_>, out: &mut Column) -> Matched {
        let binary = sides.binary;
        out.reset(self.steps.len());
        if !pair.many.has_histograms() && !pair.one.has_histograms() {
            let trims = matches!(binary.op, BinaryOp::TrimLower | BinaryOp::TrimUpper);
            if !trims {
                floats(binary, pair, &mut out.cells);
                return Matched::WhereBoth;
            }
        }
        let note = |annotation| self.note(annotation);
        let mut matched = vec![false; self.steps.len()];
        for (step, many) in pair.many.points() {
            let Some(one) = pair.one.get(step) else { continue };
            let (lhs, rhs) = if pair.swapped { (&one, &many) } else { (&many, &one) };
            let operands = Operands { op: binary.op, lhs, rhs, span: sides.node.span };
            let Some(Element { value, keep }) = element(&operands, &note) else { continue };
            matched[step] = true;
            if binary.return_bool {
                out.set(step, Point::Float(f64::from(u8::from(keep))));
            } else if keep {
                out.set(step, value);
            }
        }
        Matched::At(matched)
    }

    /// Source: Prometheus promql/engine.go `resultMetric`.
    fn result_labels(&self, binary: &Binary, many: &Labels, one: &Labels) -> Labels {
        let matching = &binary.matching;
        let mut labels = many.clone();
        if changes_meaning(binary.op) || (binary.return_bool && !self.options.delayed_name_removal) {
            labels = labels.remove(&[METRIC_NAME, METRIC_TYPE, METRIC_UNIT].map(str::to_string));
        }
        if matching.cardinality == Cardinality::OneToOne {
            labels = if matching.on { labels.keep(&matching.names) } else { labels.remove(&matching.names) };
        }
        for name in &matching.include {
            labels = labels.with(name, one.get(name));
        }
        labels
    }

    /// The labels that a match group shares.
    fn match_labels(&self, matching: &Matching, labels: &Labels) -> Labels {
        matching.signature(labels)
    }

    /// `fill` where `present` has a sample and none of `others` has.
    fn fill_column<'c>(
        &self,
        fill: f64,
        present: &Column,
        others: impl Iterator<Item = &'c Column>,
    ) -> Column {
        let mut cells: Vec<f64> =
            present.cells.iter().map(|c| if is_absent(*c) { ABSENT } else { fill }).collect();
        for other in others {
            for (cell, other) in cells.iter_mut().zip(&other.cells) {
                if !is_absent(*other) {
                    *cell = ABSENT;
                }
            }
        }
        Column::of_floats(cells)
    }
}

fn push(rows: &mut Vec<Row>, labels: Labels, drop_name: bool, column: &mut Column) {
    if column.any_present() {
        rows.push(Row { labels, drop_name, column: std::mem::take(column) });
    }
}

/// At which steps a pair gave a result, filtered or not.
enum Matched {
    /// Where both have a sample.
    WhereBoth,
    At(Vec<bool>),
}

impl Matched {
    fn merge_into(&self, seen: &mut Vec<bool>, pair: &Pair<'_>) {
        seen.resize(pair.many.len(), false);
        for (step, seen) in seen.iter_mut().enumerate() {
            *seen |= match self {
                Matched::WhereBoth => pair.many.is_present(step) && pair.one.is_present(step),
                Matched::At(matched) => matched[step],
            };
        }
    }
}

/// The operation on two columns of numbers. `out` is all absent.
fn floats(binary: &Binary, pair: &Pair<'_>, out: &mut [f64]) {
    // The operator is matched outside of the loop, so that each is a tight one.
    macro_rules! with {
        ($($op:ident)*) => {
            match binary.op {
                $(BinaryOp::$op => each(binary, pair, out, BinaryOp::$op),)*
                _ => {}
            }
        };
    }
    with!(Add Sub Mul Div Mod Pow Atan2 Eq Ne Gt Lt Ge Le);
}

#[inline(always)]
fn each(binary: &Binary, pair: &Pair<'_>, out: &mut [f64], op: BinaryOp) {
    let (lhs, rhs) = if pair.swapped { (pair.one, pair.many) } else { (pair.many, pair.one) };
    for ((out, a), b) in out.iter_mut().zip(&lhs.cells).zip(&rhs.cells) {
        if !is_float(*a) || !is_float(*b) {
            continue;
        }
        if !op.is_comparison() {
            *out = arithmetic(op, *a, *b);
        } else if binary.return_bool {
            *out = f64::from(u8::from(compare(op, *a, *b)));
        } else if compare(op, *a, *b) {
            *out = *a;
        }
    }
}
