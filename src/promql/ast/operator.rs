//! Operators: aggregations, binary operators and how they match vectors.

use super::{Expr, Label};
use crate::source::Span;

/// A sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnaryOp {
    /// `+`
    Plus,
    /// `-`
    Minus,
}

/// `topk by (job) (5, expr)`.
#[derive(Debug, Clone, PartialEq)]
pub struct Aggregate {
    /// The operator.
    pub op: AggregateOp,
    /// Where its name stands.
    pub op_span: Span,
    /// `by (…)` or `without (…)`, before or behind the arguments.
    pub grouping: Option<Grouping>,
    /// From `(` to `)` around the arguments.
    pub parens: Span,
    /// The first of two arguments, for the operators that take a parameter.
    pub param: Option<Expr>,
    /// What is aggregated.
    pub expr: Expr,
}

/// `by (job, instance)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grouping {
    /// Which of the two.
    pub kind: GroupingKind,
    /// The labels as written.
    pub labels: Vec<Label>,
    /// From the keyword to `)`.
    pub span: Span,
}

/// `by` or `without`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupingKind {
    /// Keep these labels.
    By,
    /// Keep all but these labels.
    Without,
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $(#[doc = concat!("`", $text, "`")] $variant,)* }

        impl $name {
            /// Every one of them.
            pub const ALL: &'static [$name] = &[$($name::$variant),*];

            /// As Prometheus writes it.
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $text,)* }
            }
        }
    };
}

words! {
    /// An aggregation operator.
    AggregateOp {
        Sum = "sum",
        Avg = "avg",
        Count = "count",
        Min = "min",
        Max = "max",
        Group = "group",
        Stddev = "stddev",
        Stdvar = "stdvar",
        Topk = "topk",
        Bottomk = "bottomk",
        CountValues = "count_values",
        Quantile = "quantile",
        Limitk = "limitk",
        LimitRatio = "limit_ratio",
    }
}

impl AggregateOp {
    /// True when a parameter stands before the vector.
    pub fn takes_param(self) -> bool {
        use AggregateOp::*;
        matches!(self, Topk | Bottomk | CountValues | Quantile | Limitk | LimitRatio)
    }

    /// True for those behind `promql-experimental-functions`.
    pub fn is_experimental(self) -> bool {
        matches!(self, AggregateOp::Limitk | AggregateOp::LimitRatio)
    }
}

words! {
    /// A binary operator.
    BinaryOp {
        Add = "+",
        Sub = "-",
        Mul = "*",
        Div = "/",
        Mod = "%",
        Pow = "^",
        Atan2 = "atan2",
        Eq = "==",
        Ne = "!=",
        Gt = ">",
        Lt = "<",
        Ge = ">=",
        Le = "<=",
        TrimUpper = "</",
        TrimLower = ">/",
        And = "and",
        Or = "or",
        Unless = "unless",
    }
}

impl BinaryOp {
    /// `==`, `!=`, `>`, `<`, `>=`, `<=`.
    pub fn is_comparison(self) -> bool {
        use BinaryOp::*;
        matches!(self, Eq | Ne | Gt | Lt | Ge | Le)
    }

    /// `and`, `or`, `unless`.
    pub fn is_set(self) -> bool {
        use BinaryOp::*;
        matches!(self, And | Or | Unless)
    }

    /// How tightly it binds, from 1 (`or`) to 6 (`^`).
    pub fn precedence(self) -> u8 {
        use BinaryOp::*;
        match self {
            Or => 1,
            And | Unless => 2,
            Eq | Ne | Gt | Lt | Ge | Le | TrimUpper | TrimLower => 3,
            Add | Sub => 4,
            Mul | Div | Mod | Atan2 => 5,
            Pow => 6,
        }
    }

    /// `a ^ b ^ c` is `a ^ (b ^ c)`; all others group to the left.
    pub fn is_right_associative(self) -> bool {
        self == BinaryOp::Pow
    }
}

/// `a + on (job) group_left (team) b`.
#[derive(Debug, Clone, PartialEq)]
pub struct Binary {
    /// The operator.
    pub op: BinaryOp,
    /// Where the operator itself stands, without modifiers.
    pub op_span: Span,
    /// Left operand.
    pub lhs: Expr,
    /// Right operand.
    pub rhs: Expr,
    /// Where `bool` stands, if it does: 0 or 1 in place of filtering.
    pub return_bool: Option<Span>,
    /// How the two vectors match; the default when nothing is written. Without meaning unless both are vectors.
    pub matching: VectorMatching,
}

/// How the elements of two vectors find each other.
#[derive(Debug, Clone, PartialEq)]
pub struct VectorMatching {
    /// One-to-one unless `group_left` or `group_right` is written, or the operator is a set operator.
    pub card: Cardinality,
    /// `on` (true) or `ignoring` (false).
    pub on: bool,
    /// The labels of `on` or `ignoring`.
    pub labels: Vec<Label>,
    /// From `on` or `ignoring` to `)`, if written.
    pub labels_span: Option<Span>,
    /// The labels of `group_left` or `group_right`: taken from the "one" side.
    pub include: Vec<Label>,
    /// From `group_left` or `group_right` to its `)` if any, if written.
    pub group_span: Option<Span>,
    /// `fill`, `fill_left`, `fill_right`.
    pub fill: Fill,
}

impl Default for VectorMatching {
    fn default() -> VectorMatching {
        VectorMatching {
            card: Cardinality::OneToOne,
            on: false,
            labels: Vec::new(),
            labels_span: None,
            include: Vec::new(),
            group_span: None,
            fill: Fill::default(),
        }
    }
}

/// How many elements of each side belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cardinality {
    /// Neither side may hold two elements of one signature.
    OneToOne,
    /// `group_left`.
    ManyToOne,
    /// `group_right`.
    OneToMany,
    /// Set operators.
    ManyToMany,
}

/// Values for elements without a partner.
#[derive(Debug, Clone, Copy, Default)]
pub struct Fill {
    /// In place of a missing left element.
    pub left: Option<f64>,
    /// In place of a missing right element.
    pub right: Option<f64>,
    /// From the first `fill…` to the last `)`, if written.
    pub span: Option<Span>,
}

impl PartialEq for Fill {
    /// Equal bits, so that NaN equals itself.
    fn eq(&self, other: &Fill) -> bool {
        let bits = |f: &Fill| (f.left.map(f64::to_bits), f.right.map(f64::to_bits), f.span);
        bits(self) == bits(other)
    }
}
