//! From the syntax tree to the prepared form.

use super::duration::{Computed, Duration, Term, TermOp};
use super::{
    Aggregate, At, Binary, Call, Cardinality, Edges, Grouping, Kind, Matching, Matrix, Node, Selector,
    Subquery, Type,
};
use crate::promql::ast::{
    self, AtKind, DurationExpr, DurationKind, DurationOp, Expr, ExprKind, GroupingKind, METRIC_NAME, MatchOp,
    Modifiers, UnaryOp,
};
use crate::promql::error::{ErrorKind, EvalError};
use crate::promql::functions::Function;
use crate::promql::matcher::Matcher;
use crate::source::Span;

/// How deep an expression may nest: evaluation recurses.
const MAX_DEPTH: usize = 250;

/// Prepares an expression.
pub(crate) fn lower(expr: &Expr) -> Result<Node, EvalError> {
    let mut node = expression(expr, MAX_DEPTH)?;
    super::hints::mark(&mut node, false);
    Ok(node)
}

fn not_promql(span: Span) -> EvalError {
    EvalError::execution(span, "this is no expression of PromQL")
        .help("repair the errors of its syntax first")
}

fn expression(expr: &Expr, depth: usize) -> Result<Node, EvalError> {
    let span = expr.span;
    let Some(depth) = depth.checked_sub(1) else {
        return Err(too_deep(span));
    };
    let kind = match &expr.kind {
        ExprKind::Number(n) => Kind::Number(n.value),
        ExprKind::String(s) => Kind::String(s.value.clone()),
        // Parentheses have done their work.
        ExprKind::Paren(inner) => return expression(inner, depth),
        ExprKind::Unary(UnaryOp::Plus, inner) => return expression(inner, depth),
        ExprKind::Unary(UnaryOp::Minus, inner) => Kind::Negate(Box::new(expression(inner, depth)?)),
        ExprKind::VectorSelector(vector) => Kind::Selector(selector(vector, &vector.modifiers, None, span)?),
        ExprKind::MatrixSelector(matrix) => {
            let Some(vector) = matrix.vector() else { return Err(not_promql(matrix.selector.span)) };
            let range = duration(&matrix.range, false)?;
            let selector = selector(vector, &matrix.modifiers, Some(&vector.modifiers), span)?;
            Kind::Matrix(Matrix { selector, range })
        }
        ExprKind::Subquery(subquery) => {
            let inner = expression(&subquery.expr, depth)?;
            let dependence = inner.dependence();
            Kind::Subquery(Box::new(Subquery {
                expr: inner,
                range: duration(&subquery.range, false)?,
                step: subquery.step.as_ref().map(|s| duration(s, false)).transpose()?,
                offset: offset(&subquery.modifiers)?,
                at: at(&subquery.modifiers),
                inner: dependence,
            }))
        }
        ExprKind::Call(call) => {
            let name = call.function.name;
            let function = Function::find(name).ok_or_else(|| {
                EvalError::execution(call.name_span, format!("unknown function with name \"{name}\""))
            })?;
            if matches!(name, "label_replace" | "label_join" | "histogram_quantiles")
                && let Some(label) = call.args.get(1)
            {
                label_name(label, &format!("invalid destination label name in {name}(): "))?;
            }
            let args = call.args.iter().map(|a| expression(a, depth)).collect::<Result<_, _>>()?;
            Kind::Call(Call { function, name, args })
        }
        ExprKind::Aggregate(aggregate) => {
            if let Some(param) = &aggregate.param {
                label_name(param, "invalid label name ")?;
            }
            Kind::Aggregate(Box::new(Aggregate {
                op: aggregate.op,
                param: aggregate.param.as_ref().map(|p| expression(p, depth)).transpose()?,
                expr: expression(&aggregate.expr, depth)?,
                grouping: aggregate.grouping.as_ref().map(grouping).unwrap_or_default(),
            }))
        }
        ExprKind::Binary(_) => return chain(expr, depth),
        ExprKind::Param(_) | ExprKind::LetCall(_) | ExprKind::Error => return Err(not_promql(span)),
    };
    Ok(Node { kind, span })
}

/// A chain of operators that group to the left, such as `a or b or c`, however long: only its other operands nest.
fn chain(expr: &Expr, depth: usize) -> Result<Node, EvalError> {
    let mut links = Vec::new();
    let mut first = expr;
    while let ExprKind::Binary(binary) = &first.kind {
        links.push((first.span, binary));
        first = &binary.lhs;
    }
    let mut node = expression(first, depth)?;
    let mut scalars = 0;
    for (span, binary) in links.into_iter().rev() {
        let rhs = expression(&binary.rhs, depth)?;
        if (rhs.ty() == Type::Scalar) != (node.ty() == Type::Scalar) {
            scalars += 1;
        }
        if scalars > MAX_DEPTH {
            return Err(too_deep(span));
        }
        let binary = Binary {
            op: binary.op,
            lhs: node,
            rhs,
            return_bool: binary.return_bool.is_some(),
            matching: matching(&binary.matching),
        };
        node = Node { kind: Kind::Binary(Box::new(binary)), span };
    }
    Ok(node)
}

fn too_deep(span: Span) -> EvalError {
    EvalError::of(ErrorKind::Budget, span, "the expression is nested too deeply")
        .help(format!("at most {MAX_DEPTH} levels are evaluated: name parts of it with recording rules"))
}

/// Refuses a string that cannot be a label's name because it is no UTF-8.
fn label_name(expr: &Expr, message: &str) -> Result<(), EvalError> {
    match &expr.unwrap_parens().kind {
        ExprKind::String(ast::StringLiteral { not_utf8: Some(quoted), .. }) => {
            Err(EvalError::execution(expr.span, format!("{message}{quoted}")))
        }
        _ => Ok(()),
    }
}

fn names(labels: &[ast::Label]) -> Vec<String> {
    labels.iter().map(|l| l.name.clone()).collect()
}

fn grouping(grouping: &ast::Grouping) -> Grouping {
    Grouping { without: grouping.kind == GroupingKind::Without, names: names(&grouping.labels) }
}

fn matching(matching: &ast::VectorMatching) -> Matching {
    Matching {
        cardinality: match matching.card {
            ast::Cardinality::OneToOne | ast::Cardinality::ManyToMany => Cardinality::OneToOne,
            ast::Cardinality::ManyToOne => Cardinality::ManyToOne,
            ast::Cardinality::OneToMany => Cardinality::OneToMany,
        },
        on: matching.on,
        names: names(&matching.labels),
        include: names(&matching.include),
        fill_left: matching.fill.left,
        fill_right: matching.fill.right,
    }
}

fn selector(
    vector: &ast::VectorSelector,
    modifiers: &Modifiers,
    inner: Option<&Modifiers>,
    span: Span,
) -> Result<Selector, EvalError> {
    let mut matchers = Vec::new();
    let compile = |name: &str, op, value: &str, span| {
        Matcher::new(name, op, value).map_err(|error| EvalError::execution(span, error.to_string()))
    };
    if let Some(name) = &vector.name {
        matchers.push(compile(METRIC_NAME, MatchOp::Equal, &name.name, name.span)?);
    }
    for matcher in &vector.matchers {
        matchers.push(compile(&matcher.label.name, matcher.op, &matcher.value, matcher.value_span)?);
    }
    let has = |of: fn(&Modifiers) -> bool| of(modifiers) || inner.is_some_and(of);
    let edges = match (has(|m| m.anchored.is_some()), has(|m| m.smoothed.is_some())) {
        (true, true) => {
            return Err(EvalError::execution(
                span,
                "anchored and smoothed modifiers cannot be used together",
            ));
        }
        (true, false) => Edges::Anchored,
        (false, true) => Edges::Smoothed,
        (false, false) => Edges::Plain,
    };
    Ok(Selector { matchers, offset: offset(modifiers)?, at: at(modifiers), edges, explicit_hints: false })
}

fn at(modifiers: &Modifiers) -> At {
    match modifiers.at.map(|at| at.kind) {
        None => At::Step,
        Some(AtKind::Timestamp(t)) => At::Time(t),
        Some(AtKind::Start) => At::Start,
        Some(AtKind::End) => At::End,
    }
}

fn offset(modifiers: &Modifiers) -> Result<Duration, EvalError> {
    match &modifiers.offset {
        None => Ok(Duration::Fixed(0)),
        Some(offset) => duration(&offset.duration, true),
    }
}

fn duration(expr: &DurationExpr, may_be_negative: bool) -> Result<Duration, EvalError> {
    if let Some(ms) = expr.literal_ms() {
        return Ok(Duration::Fixed(ms));
    }
    let term = term(expr, MAX_DEPTH)?;
    Ok(Duration::Computed(Box::new(Computed { term, span: expr.span, may_be_negative })))
}

fn term(expr: &DurationExpr, depth: usize) -> Result<Term, EvalError> {
    let Some(depth) = depth.checked_sub(1) else {
        return Err(EvalError::of(ErrorKind::Budget, expr.span, "the duration is nested too deeply"));
    };
    let binary = |op, left: &DurationExpr, right: &DurationExpr| {
        Ok(Term::Binary(op, Box::new(term(left, depth)?), Box::new(term(right, depth)?), expr.span))
    };
    match &expr.kind {
        DurationKind::Number(n) => Ok(Term::Number(n.value)),
        DurationKind::Step => Ok(Term::Step),
        DurationKind::Range => Ok(Term::Range),
        DurationKind::Neg(inner) => Ok(Term::Negate(Box::new(term(inner, depth)?))),
        DurationKind::Paren(inner) => term(inner, depth),
        DurationKind::MinOf(left, right) => binary(TermOp::Min, left, right),
        DurationKind::MaxOf(left, right) => binary(TermOp::Max, left, right),
        DurationKind::Binary(op, left, right) => {
            let op = match op {
                DurationOp::Add => TermOp::Add,
                DurationOp::Sub => TermOp::Sub,
                DurationOp::Mul => TermOp::Mul,
                DurationOp::Div => TermOp::Div,
                DurationOp::Mod => TermOp::Mod,
                DurationOp::Pow => TermOp::Pow,
            };
            binary(op, left, right)
        }
        DurationKind::Param(_) | DurationKind::Error => Err(not_promql(expr.span)),
    }
}
