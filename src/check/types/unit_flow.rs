//! Units through binary operators.

use super::range::{Comparison, Range};
use super::unit::Unit;
use super::unit_check::Operands;
use super::walk::Walker;
use super::{Basis, Type, UnitOf};
use crate::promql::ast::{Binary, BinaryOp};

impl Walker<'_> {
    /// The unit of `left op right`; reports operands that do not go together.
    pub(super) fn operator_unit(
        &mut self,
        o: &Operands<'_>,
        b: &Binary,
        comparison: Option<Comparison>,
    ) -> UnitOf {
        use BinaryOp::*;
        match o.op {
            Add | Sub => self.sum_unit(o),
            Mul => product_unit(o.left, o.right),
            Div => self.quotient_unit(o),
            Mod => o.left.unit.clone(),
            And | Unless => o.left.unit.clone(),
            Or => match (&o.left.unit, &o.right.unit) {
                (UnitOf::Known(l, _), UnitOf::Known(r, _)) if !l.agrees(r) => UnitOf::Unknown,
                (UnitOf::Number, unit) | (unit, _) => unit.clone(),
            },
            _ if comparison.is_some() => {
                self.compared_units(o);
                match (b.return_bool, o.left.is_scalar() && !o.right.is_scalar()) {
                    (Some(_), _) => UnitOf::Number,
                    (None, true) => o.right.unit.clone(),
                    (None, false) => o.left.unit.clone(),
                }
            }
            TrimUpper | TrimLower => o.left.unit.clone(),
            _ => match (&o.left.unit, &o.right.unit) {
                (UnitOf::Number, UnitOf::Number) => UnitOf::Number,
                _ => UnitOf::Unknown,
            },
        }
    }

    fn compared_units(&mut self, o: &Operands<'_>) {
        let (UnitOf::Known(left, l), UnitOf::Known(right, r)) = (&o.left.unit, &o.right.unit) else { return };
        // A name that ends in `_seconds` may well be Unix time.
        let doubtful = (left.is_timestamp() && right.is_time() && !r.firm)
            || (right.is_timestamp() && left.is_time() && !l.firm);
        if !left.agrees(right) && !doubtful {
            self.mismatch(o);
        }
    }

    fn sum_unit(&mut self, o: &Operands<'_>) -> UnitOf {
        let (left, right) = (&o.left.unit, &o.right.unit);
        let (UnitOf::Known(l, l_basis), UnitOf::Known(r, r_basis)) = (left, right) else {
            return match (left, right) {
                (UnitOf::Number, UnitOf::Number) => UnitOf::Number,
                // Unknown plus bytes can only be bytes, but a timestamp may meet a time.
                (UnitOf::Known(u, _), UnitOf::Number) | (UnitOf::Number, UnitOf::Known(u, _))
                    if u.is_timestamp() =>
                {
                    if o.op == BinaryOp::Add || matches!(left, UnitOf::Known(..)) {
                        known_of(left, right)
                    } else {
                        UnitOf::Unknown
                    }
                }
                (UnitOf::Known(u, _), _) | (_, UnitOf::Known(u, _)) if u.is_timestamp() => UnitOf::Unknown,
                _ => known_of(left, right),
            };
        };
        let basis = weaker(l_basis, r_basis);
        let subtract = o.op == BinaryOp::Sub;
        match (l.is_timestamp(), r.is_timestamp()) {
            (true, true) if subtract => UnitOf::Known(Unit::seconds(), basis),
            // By its name this is a time in seconds, by its use a timestamp.
            (true, false) if subtract && r.is_time() && !r_basis.firm => {
                UnitOf::Known(Unit::seconds(), basis)
            }
            (false, true) if subtract && l.is_time() && !l_basis.firm => {
                UnitOf::Known(Unit::seconds(), basis)
            }
            (true, false) if Unit::seconds().agrees(r) => UnitOf::Known(Unit::timestamp(), basis),
            (false, true) if !subtract && Unit::seconds().agrees(l) => {
                UnitOf::Known(Unit::timestamp(), basis)
            }
            (false, false) if l.agrees(r) => {
                // A count that joins a ratio: the more special of both.
                UnitOf::Known(if l.is_ratio() { r.clone() } else { l.clone() }, basis)
            }
            _ => {
                self.mismatch(o);
                UnitOf::Unknown
            }
        }
    }

    fn quotient_unit(&mut self, o: &Operands<'_>) -> UnitOf {
        match (&o.left.unit, &o.right.unit) {
            (UnitOf::Known(l, l_basis), UnitOf::Known(r, r_basis)) => {
                if l.same_dimension(r)
                    && l.is_time() | l.is_data()
                    && l.scale() != r.scale()
                    && l_basis.firm
                    && r_basis.firm
                    && l_basis.source.is_some()
                    && r_basis.source.is_some()
                {
                    self.mismatch(o);
                }
                match l.quotient(r) {
                    Some(unit) => UnitOf::Known(unit, weaker(l_basis, r_basis)),
                    None => UnitOf::Unknown,
                }
            }
            (UnitOf::Known(l, basis), UnitOf::Number) => {
                let converted = o.right.range.constant().and_then(|c| l.converted_by(1.0 / c));
                match l.is_timestamp() {
                    true => UnitOf::Unknown,
                    false => UnitOf::Known(converted.unwrap_or_else(|| l.clone()), basis.clone()),
                }
            }
            (UnitOf::Number, UnitOf::Number) => UnitOf::Number,
            // A sum of truths by a count.
            (UnitOf::Number, UnitOf::Known(r, basis))
                if r.is_count() && o.left.range.constant().is_none() =>
            {
                UnitOf::Known(Unit::ratio(), basis.clone())
            }
            _ => UnitOf::Unknown,
        }
    }
}

fn product_unit(left: &Type, right: &Type) -> UnitOf {
    match (&left.unit, &right.unit) {
        (UnitOf::Known(l, l_basis), UnitOf::Known(r, r_basis)) => match l.product(r) {
            Some(unit) => UnitOf::Known(unit, weaker(l_basis, r_basis)),
            None => UnitOf::Unknown,
        },
        (UnitOf::Known(unit, basis), UnitOf::Number) => scaled(unit, basis, right.range),
        (UnitOf::Number, UnitOf::Known(unit, basis)) => scaled(unit, basis, left.range),
        (UnitOf::Number, UnitOf::Number) => UnitOf::Number,
        _ => UnitOf::Unknown,
    }
}

/// A unit times a bare number: converted, if that is what the number does.
fn scaled(unit: &Unit, basis: &Basis, by: Range) -> UnitOf {
    if unit.is_timestamp() {
        return UnitOf::Unknown;
    }
    let converted = by.constant().and_then(|factor| unit.converted_by(factor));
    UnitOf::Known(converted.unwrap_or_else(|| unit.clone()), basis.clone())
}

fn known_of(left: &UnitOf, right: &UnitOf) -> UnitOf {
    match (left, right) {
        (UnitOf::Known(..), _) => left.clone(),
        (_, UnitOf::Known(..)) => right.clone(),
        _ => UnitOf::Unknown,
    }
}

fn weaker(a: &Basis, b: &Basis) -> Basis {
    if a.firm && !b.firm { b.clone() } else { a.clone() }
}
