//! The words of PromQL. Case does not matter to any of them.

use crate::promql::ast::{AggregateOp, BinaryOp};

/// A keyword of PromQL, as the lexer knows them (Prometheus promql/parser/lex.go).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Keyword {
    /// `and`, `or`, `unless`, `atan2`.
    Operator(BinaryOp),
    /// `sum` and the other aggregations; a metric's name unless `(`, `by` or `without` follows.
    Aggregate(AggregateOp),
    /// `offset`
    Offset,
    /// `smoothed`
    Smoothed,
    /// `anchored`
    Anchored,
    /// `by`
    By,
    /// `without`
    Without,
    /// `on`
    On,
    /// `ignoring`
    Ignoring,
    /// `group_left`
    GroupLeft,
    /// `group_right`
    GroupRight,
    /// `fill`
    Fill,
    /// `fill_left`
    FillLeft,
    /// `fill_right`
    FillRight,
    /// `bool`
    Bool,
    /// `start`
    Start,
    /// `end`
    End,
    /// `step`
    Step,
    /// `range`
    Range,
    /// `max_of`
    MaxOf,
    /// `min_of`
    MinOf,
}

/// The longest keyword, `count_values`.
const LONGEST: usize = 12;

impl Keyword {
    /// The words that continue a complete expression, or stand behind a binary operator: no keyword of a language
    /// that embeds PromQL may be one of them, in any case.
    pub const CONTINUING: &'static [&'static str] = &[
        "and",
        "or",
        "unless",
        "atan2",
        "by",
        "without",
        "on",
        "ignoring",
        "group_left",
        "group_right",
        "bool",
        "offset",
        "smoothed",
        "anchored",
        "fill",
        "fill_left",
        "fill_right",
    ];

    /// The keyword that is written so, in any case.
    pub fn find(word: &str) -> Option<Keyword> {
        let mut lower = [0; LONGEST];
        let lower = lower.get_mut(..word.len())?;
        lower.copy_from_slice(word.as_bytes());
        lower.make_ascii_lowercase();
        Some(match &*lower {
            b"and" => Keyword::Operator(BinaryOp::And),
            b"or" => Keyword::Operator(BinaryOp::Or),
            b"unless" => Keyword::Operator(BinaryOp::Unless),
            b"atan2" => Keyword::Operator(BinaryOp::Atan2),
            b"offset" => Keyword::Offset,
            b"smoothed" => Keyword::Smoothed,
            b"anchored" => Keyword::Anchored,
            b"by" => Keyword::By,
            b"without" => Keyword::Without,
            b"on" => Keyword::On,
            b"ignoring" => Keyword::Ignoring,
            b"group_left" => Keyword::GroupLeft,
            b"group_right" => Keyword::GroupRight,
            b"fill" => Keyword::Fill,
            b"fill_left" => Keyword::FillLeft,
            b"fill_right" => Keyword::FillRight,
            b"bool" => Keyword::Bool,
            b"start" => Keyword::Start,
            b"end" => Keyword::End,
            b"step" => Keyword::Step,
            b"range" => Keyword::Range,
            b"max_of" => Keyword::MaxOf,
            b"min_of" => Keyword::MinOf,
            lower => {
                let op = AggregateOp::ALL.iter().find(|op| op.as_str().as_bytes() == lower)?;
                Keyword::Aggregate(*op)
            }
        })
    }

    /// `fill`, `fill_left` or `fill_right`.
    pub(super) fn is_fill(self) -> bool {
        matches!(self, Keyword::Fill | Keyword::FillLeft | Keyword::FillRight)
    }

    /// True when a metric may be called so without quotes (grammar rule metric_identifier).
    pub fn can_name_metric(self) -> bool {
        !matches!(
            self,
            Keyword::Bool
                | Keyword::On
                | Keyword::Ignoring
                | Keyword::GroupLeft
                | Keyword::GroupRight
                | Keyword::Operator(BinaryOp::Atan2)
        )
    }
}
