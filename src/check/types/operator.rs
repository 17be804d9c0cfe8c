//! Binary operators: units, ranges, and what is decided before any sample is seen.

use super::range::{Comparison, Range, Truth};
use super::same::{is_part_of, same};
use super::threshold::{Limit, between_buckets, counter_without_rate};
use super::unit::Unit;
use super::unit_check::Operands;
use super::walk::Walker;
use super::{Basis, Sort, Type, UnitOf};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::types as codes;
use crate::promql::ast::{Binary, BinaryOp, Expr, ExprKind};
use crate::promql::types::ValueType;
use crate::source::Span;

impl Walker<'_> {
    /// A chain of operators, from its innermost left operand outwards: long chains cost no stack.
    pub(super) fn operators(&mut self, expr: &Expr) -> Type {
        let mut spine = Vec::new();
        let mut inner = expr;
        while let ExprKind::Binary(binary) = &inner.kind {
            spine.push((inner.span, &**binary));
            inner = &binary.lhs;
        }
        let mut left = self.expr(inner);
        let outermost = spine.len();
        for (i, (span, binary)) in spine.into_iter().rev().enumerate() {
            let right = self.expr(&binary.rhs);
            left = self.operator(binary, &left, &right, span);
            if i + 1 < outermost {
                self.note(span, &left);
            }
        }
        left
    }

    fn operator(&mut self, b: &Binary, left: &Type, right: &Type, span: Span) -> Type {
        let o = Operands { op: b.op, op_span: b.op_span, lhs: &b.lhs, rhs: &b.rhs, left, right };
        let vectors = !left.is_scalar() && !right.is_scalar();
        let comparison = comparison(b.op);
        let unit = self.unit(&o, b, comparison);
        if let Some(op) = comparison {
            self.percent_of_ratio(&o, op);
            if b.return_bool.is_none() {
                self.counter_compared(&o, op);
            }
        }
        let mut ty = if left.is_scalar() && !right.is_scalar() { right.clone() } else { left.clone() };
        ty.unit = unit;
        ty.value = match (left.value, right.value) {
            (ValueType::Scalar, ValueType::Scalar) => ValueType::Scalar,
            (ValueType::Any, _) | (_, ValueType::Any) if !vectors || !b.op.is_set() => ValueType::Any,
            _ => ValueType::Vector,
        };
        if vectors {
            ty.labels = self.matched_labels(b, left, right, span);
        } else if comparison.is_none() || b.return_bool.is_some() {
            ty.drop_name(span);
        }
        ty.empty = left.empty || right.empty;
        ty.always = !vectors && left.always && right.always;
        match (b.op, comparison) {
            (_, Some(op)) => self.compare(&o, op, b.return_bool.is_some(), &mut ty, span),
            (BinaryOp::And | BinaryOp::Or | BinaryOp::Unless, _) => self.set(b, &o, &mut ty),
            _ => arithmetic(&o, &mut ty),
        }
        ty
    }

    fn unit(&mut self, o: &Operands<'_>, b: &Binary, comparison: Option<Comparison>) -> UnitOf {
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

    /// `==`, `>` and the like.
    fn compare(&mut self, o: &Operands<'_>, op: Comparison, returns_bool: bool, ty: &mut Type, span: Span) {
        let mut truth = o.left.range.compare(op, o.right.range);
        if truth == Truth::Depends
            && matches!(op, Comparison::Gt | Comparison::Lt)
            && !o.left.is_scalar()
            && same(o.lhs, o.rhs)
        {
            truth = Truth::Never;
        }
        if returns_bool {
            ty.range = match truth {
                Truth::Never => Range::exactly(0.0),
                Truth::Always => Range::exactly(1.0),
                Truth::Depends => Range::new(0.0, 1.0),
            };
            ty.sort = Sort::Derived;
            ty.source = None;
            return;
        }
        ty.range = match o.left.is_scalar() && !o.right.is_scalar() {
            true => o.right.range.filtered(op.flipped(), o.left.range),
            false => o.left.range.filtered(op, o.right.range),
        };
        ty.always &= truth == Truth::Always;
        let already = o.left.empty || o.right.empty;
        match truth {
            Truth::Never => {
                ty.empty = true;
                if !already {
                    self.never(o, op, span);
                }
            }
            // `absent(x) == 1` and `vector(1) > 0` say what is meant, if at length.
            Truth::Always
                if !already
                    && o.left.range.constant().is_none()
                    && o.right.range.constant().is_some_and(|c| !asks_for_any(op, c)) =>
            {
                let finding = Diagnostic::new(
                    &codes::ALWAYS_TRUE,
                    span,
                    format!("`{} {}` lets everything through", op.as_str(), show(o.right.range)),
                )
                .also(o.lhs.span, o.left.range.describe());
                self.report(finding);
            }
            _ => {
                let limit = o.right.range.constant().map(|value| (value, o.rhs.span));
                if let Some((value, span)) = limit {
                    let limit = Limit { op, value, shown: &value.to_string(), bare: true, span };
                    if let Some(finding) = between_buckets(o.left, limit) {
                        self.report(finding);
                    }
                }
            }
        }
    }

    fn never(&mut self, o: &Operands<'_>, op: Comparison, span: Span) {
        let mut finding =
            Diagnostic::new(&codes::ALWAYS_EMPTY, span, format!("this `{}` is never true", op.as_str()));
        finding = finding.label("never gives a result");
        let (constant, other) = match (o.right.range.constant(), o.left.range.constant()) {
            (Some(_), _) => (o.right, (o.lhs, o.left)),
            (None, Some(_)) => (o.left, (o.rhs, o.right)),
            _ => {
                let same_text = same(o.lhs, o.rhs);
                let text =
                    if same_text { "both sides are the same" } else { "the values of the sides never meet" };
                self.report(finding.note(text));
                return;
            }
        };
        let (expr, ty) = other;
        if ty.range != (Range { nan: ty.range.nan, ..Range::ANY }) {
            finding = finding.also(expr.span, ty.range.describe());
        }
        let one_or_more = ty.range.lo == 1.0 && ty.range.hi == f64::INFINITY;
        if one_or_more {
            finding = finding
                .help("a count of nothing is no result, not 0: use `absent(…)`, or `count(…) or vector(0)`");
        } else if ty.range.is_share_of_whole() && constant.range.lo > 1.0 {
            finding = finding.help("1 is the whole: 5 % is 0.05");
        } else if constant.range.constant().is_some_and(f64::is_nan) {
            finding = finding.help("nothing equals NaN, NaN itself included; `x != x` finds NaN");
        }
        self.report(finding);
    }

    /// A counter says how much since the process started: a limit on it is reached by waiting.
    fn counter_compared(&mut self, o: &Operands<'_>, op: Comparison) {
        if !op.is_ordering() {
            return;
        }
        let sides = [(o.left, o.lhs, o.right), (o.right, o.rhs, o.left)];
        let Some((ty, expr, other)) = sides.into_iter().find(|(ty, ..)| ty.sort == Sort::Counter) else {
            return;
        };
        let declared = ty.source.as_ref().and_then(|s| s.declared);
        // `uptime < 60`: low just after a start, which is what is asked.
        let upward = op.is_upward() == std::ptr::eq(ty, o.left);
        if declared.is_none() && !upward {
            return;
        }
        // Against another counter, or itself earlier, the difference is what counts. `> 0` asks whether it ever happened.
        if matches!(other.sort, Sort::Counter) || other.range.constant() == Some(0.0) {
            return;
        }
        self.report(counter_without_rate(ty, expr.span));
    }

    /// `and`, `or`, `unless`.
    fn set(&mut self, b: &Binary, o: &Operands<'_>, ty: &mut Type) {
        let default_matching = b.matching.labels_span.is_none();
        match b.op {
            BinaryOp::Or => {
                ty.empty = o.left.empty && o.right.empty;
                ty.always = o.left.always || o.right.always;
                ty.range = match (o.left.empty, o.right.empty) {
                    (true, false) => o.right.range,
                    (false, true) => o.left.range,
                    _ => o.left.range.join(o.right.range),
                };
                if o.left.sort != o.right.sort {
                    ty.sort = Sort::Derived;
                    ty.observed = None;
                }
            }
            BinaryOp::Unless => {
                ty.empty = o.left.empty;
                let nothing_left = (default_matching && same(o.lhs, o.rhs))
                    || (b.matching.on && b.matching.labels.is_empty() && o.right.always);
                if nothing_left && !ty.empty {
                    ty.empty = true;
                    let why =
                        if o.right.always { "this is always there" } else { "the same as the left side" };
                    let finding =
                        Diagnostic::new(&codes::ALWAYS_EMPTY, b.op_span, "this `unless` removes everything")
                            .label("never gives a result")
                            .also(b.rhs.span, why);
                    self.report(finding);
                }
                ty.always = false;
            }
            _ => {
                ty.always = false;
                if default_matching && !ty.empty && same(filtered(o.lhs), filtered(o.rhs)) {
                    ty.range = o.left.range.meet(o.right.range);
                    if ty.range.is_empty() {
                        ty.empty = true;
                        let finding = Diagnostic::new(
                            &codes::ALWAYS_EMPTY,
                            b.op_span,
                            "both conditions are never true at once",
                        )
                        .label("never gives a result")
                        .also(b.lhs.span, o.left.range.describe())
                        .also(b.rhs.span, o.right.range.describe());
                        self.report(finding);
                    }
                }
            }
        }
    }
}

fn arithmetic(o: &Operands<'_>, ty: &mut Type) {
    let (l, r) = (o.left.range, o.right.range);
    ty.range = match o.op {
        BinaryOp::Add => l.plus(r),
        // The difference of a thing with itself need not be exact: nothing is gained by knowing it.
        BinaryOp::Sub => l.minus(r),
        BinaryOp::Mul => l.times(r),
        BinaryOp::Div if l.is_non_negative() && is_part_of(o.lhs, o.rhs) => {
            // Sums in another order may differ in the last digits.
            Range { lo: 0.0, hi: 1.0 + 1e-9, nan: true }
        }
        BinaryOp::Div => l.over(r),
        BinaryOp::Pow if l.is_non_negative() => Range { nan: true, ..Range::NON_NEGATIVE },
        _ => Range::ANY,
    };
    // Two infinities may meet where values are unbounded.
    ty.sort = match (o.left.sort, o.right.sort) {
        (Sort::Counter, Sort::Counter) if o.op == BinaryOp::Add => Sort::Counter,
        (Sort::Unknown, _) | (_, Sort::Unknown) => Sort::Unknown,
        (sort @ (Sort::Buckets { .. } | Sort::Native { .. }), _) if o.right.is_scalar() => sort,
        (Sort::Quantile, Sort::Derived) if o.right.is_scalar() => Sort::Quantile,
        (Sort::Counter, Sort::Derived) if o.right.is_scalar() => Sort::Counter,
        _ => Sort::Derived,
    };
    if !matches!(ty.sort, Sort::Buckets { .. } | Sort::Native { .. }) {
        ty.observed = None;
    }
    if !(o.left.is_scalar() || o.right.is_scalar()) {
        ty.source = None;
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

fn comparison(op: BinaryOp) -> Option<Comparison> {
    Some(match op {
        BinaryOp::Eq => Comparison::Eq,
        BinaryOp::Ne => Comparison::Ne,
        BinaryOp::Gt => Comparison::Gt,
        BinaryOp::Lt => Comparison::Lt,
        BinaryOp::Ge => Comparison::Ge,
        BinaryOp::Le => Comparison::Le,
        _ => return None,
    })
}

/// What a chain of filters by numbers filters.
fn filtered(expr: &Expr) -> &Expr {
    let mut expr = expr.unwrap_parens();
    while let ExprKind::Binary(b) = &expr.kind {
        if comparison(b.op).is_none() || b.return_bool.is_some() {
            break;
        }
        expr = match (b.lhs.value_type(), b.rhs.value_type()) {
            (ValueType::Vector, ValueType::Scalar) => b.lhs.unwrap_parens(),
            (ValueType::Scalar, ValueType::Vector) => b.rhs.unwrap_parens(),
            _ => break,
        };
    }
    expr
}

/// `count(x) > 0` and `count(x) >= 1` ask whether there is any, and people like to say so.
fn asks_for_any(op: Comparison, limit: f64) -> bool {
    (op == Comparison::Ge && limit == 1.0) || (matches!(op, Comparison::Gt | Comparison::Ne) && limit == 0.0)
}

fn show(range: Range) -> String {
    range.constant().map_or("it".to_string(), |c| c.to_string())
}
