//! The prepared form of an expression: names resolved, regular expressions compiled, parentheses gone. Made once,
//! run over any number of storages.

mod duration;
mod hints;
mod lower;

use crate::promql::ast::{AggregateOp, BinaryOp};
use crate::promql::functions::Function;
use crate::promql::matcher::Matcher;
use crate::source::Span;

pub(crate) use duration::{Duration, QueryShape};
pub(crate) use lower::lower;

/// A prepared expression.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    pub(crate) span: Span,
}

/// What a node computes.
#[derive(Debug, Clone)]
pub(crate) enum Kind {
    Number(f64),
    String(String),
    Selector(Selector),
    /// A range selector: only as an argument or as the whole expression.
    Matrix(Matrix),
    Subquery(Box<Subquery>),
    Call(Call),
    Aggregate(Box<Aggregate>),
    Binary(Box<Binary>),
    /// `-x`.
    Negate(Box<Node>),
}

/// The type of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Type {
    Scalar,
    String,
    Vector,
    Matrix,
}

/// A function with its arguments.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) function: Function,
    pub(crate) name: &'static str,
    pub(crate) args: Vec<Node>,
}

/// Which series, at which time.
#[derive(Debug, Clone)]
pub(crate) struct Selector {
    pub(crate) matchers: Vec<Matcher>,
    pub(crate) offset: Duration,
    pub(crate) at: At,
    pub(crate) edges: Edges,
    /// Counter reset hints that the storage leaves open are to be worked out.
    pub(crate) explicit_hints: bool,
}

impl Selector {
    /// True when all series have one and the same name, so that dropping it makes no two alike.
    pub(crate) fn has_one_name(&self) -> bool {
        use crate::promql::ast::MatchOp;
        self.matchers.iter().any(|m| m.op == MatchOp::Equal && m.name == crate::promql::labels::METRIC_NAME)
    }
}

/// What `@` says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum At {
    /// Nothing: the evaluation time.
    Step,
    /// A fixed time in milliseconds since 1970.
    Time(i64),
    /// `@ start()`
    Start,
    /// `@ end()`
    End,
}

/// How a selector treats the ends of its range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Edges {
    /// Only samples within.
    Plain,
    /// With the last sample in front of it.
    Anchored,
    /// With interpolated values at both ends.
    Smoothed,
}

/// A range selector.
#[derive(Debug, Clone)]
pub(crate) struct Matrix {
    pub(crate) selector: Selector,
    pub(crate) range: Duration,
}

/// An expression evaluated over a range.
#[derive(Debug, Clone)]
pub(crate) struct Subquery {
    pub(crate) expr: Node,
    pub(crate) range: Duration,
    /// None: the default step.
    pub(crate) step: Option<Duration>,
    pub(crate) offset: Duration,
    pub(crate) at: At,
    /// What the inner expression depends on beside its own steps.
    pub(crate) inner: Dependence,
}

/// What an expression depends on beside the times it is evaluated at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Dependence {
    /// On start, end, range or step of the query.
    pub(crate) query: bool,
    /// On samples newer than the evaluation time, if they are visible.
    pub(crate) future: bool,
}

/// An aggregation.
#[derive(Debug, Clone)]
pub(crate) struct Aggregate {
    pub(crate) op: AggregateOp,
    pub(crate) param: Option<Node>,
    pub(crate) expr: Node,
    pub(crate) grouping: Grouping,
}

/// `by (names)` or `without (names)`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Grouping {
    pub(crate) without: bool,
    pub(crate) names: Vec<String>,
}

/// True for the operators whose result is something else than their operands, so that it loses their name.
///
/// Source: Prometheus promql/engine.go `changesMetricSchema`.
pub(crate) fn changes_meaning(op: BinaryOp) -> bool {
    use BinaryOp::{Add, Atan2, Div, Mod, Mul, Pow, Sub};
    matches!(op, Add | Sub | Mul | Div | Mod | Pow | Atan2)
}

/// True for the aggregations that pick series instead of making new ones.
pub(crate) fn picks_series(op: AggregateOp) -> bool {
    use AggregateOp::{Bottomk, LimitRatio, Limitk, Topk};
    matches!(op, Topk | Bottomk | Limitk | LimitRatio)
}

/// A binary operation.
#[derive(Debug, Clone)]
pub(crate) struct Binary {
    pub(crate) op: BinaryOp,
    pub(crate) lhs: Node,
    pub(crate) rhs: Node,
    pub(crate) return_bool: bool,
    pub(crate) matching: Matching,
}

/// Which side of a vector operation may have several series for one match group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cardinality {
    OneToOne,
    /// `group_left`
    ManyToOne,
    /// `group_right`
    OneToMany,
}

/// How the series of two vectors find each other.
#[derive(Debug, Clone)]
pub(crate) struct Matching {
    pub(crate) cardinality: Cardinality,
    /// `on (names)`; otherwise `ignoring (names)`.
    pub(crate) on: bool,
    pub(crate) names: Vec<String>,
    /// Labels that `group_left` or `group_right` copies from the "one" side.
    pub(crate) include: Vec<String>,
    pub(crate) fill_left: Option<f64>,
    pub(crate) fill_right: Option<f64>,
}

impl Node {
    /// The type.
    pub(crate) fn ty(&self) -> Type {
        match &self.kind {
            Kind::Number(_) => Type::Scalar,
            Kind::String(_) => Type::String,
            Kind::Selector(_) | Kind::Aggregate(_) => Type::Vector,
            Kind::Matrix(_) | Kind::Subquery(_) => Type::Matrix,
            Kind::Call(call) => call.function.result(),
            Kind::Binary(b) if b.lhs.ty() == Type::Scalar && b.rhs.ty() == Type::Scalar => Type::Scalar,
            Kind::Binary(_) => Type::Vector,
            Kind::Negate(inner) => inner.ty(),
        }
    }

    /// The direct parts.
    pub(crate) fn children(&self) -> Vec<&Node> {
        match &self.kind {
            Kind::Number(_) | Kind::String(_) | Kind::Selector(_) | Kind::Matrix(_) => Vec::new(),
            Kind::Subquery(s) => vec![&s.expr],
            Kind::Call(call) => call.args.iter().collect(),
            Kind::Aggregate(a) => a.param.iter().chain([&a.expr]).collect(),
            Kind::Binary(b) => vec![&b.lhs, &b.rhs],
            Kind::Negate(inner) => vec![inner],
        }
    }

    /// What the expression depends on beside the times it is evaluated at.
    pub(crate) fn dependence(&self) -> Dependence {
        let own = match &self.kind {
            Kind::Selector(s) => s.dependence(),
            Kind::Matrix(m) => {
                let own = m.selector.dependence();
                Dependence { query: own.query || m.range.needs_query(), ..own }
            }
            Kind::Subquery(s) => {
                let durations = [Some(&s.range), Some(&s.offset), s.step.as_ref()].into_iter().flatten();
                let query = at_needs_query(s.at) || durations.into_iter().any(Duration::needs_query);
                let future = s.at != At::Step || s.offset.may_be_negative();
                return Dependence { query: query || s.inner.query, future: future || s.inner.future };
            }
            Kind::Call(call) => Dependence { query: call.function.needs_query(), future: false },
            _ => Dependence::default(),
        };
        self.children().iter().fold(own, |sum, child| {
            let child = child.dependence();
            Dependence { query: sum.query || child.query, future: sum.future || child.future }
        })
    }
}

impl Selector {
    fn dependence(&self) -> Dependence {
        Dependence {
            query: at_needs_query(self.at) || self.offset.needs_query(),
            future: self.at != At::Step || self.offset.may_be_negative() || self.edges == Edges::Smoothed,
        }
    }
}

fn at_needs_query(at: At) -> bool {
    matches!(at, At::Start | At::End)
}
