//! Escalations: who is called, one after the other, when nobody answers.

use crate::source::Span;

use super::{Block, Name, Property, Text, Value};

/// `escalation NAME { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct Escalation {
    /// The name.
    pub name: Name,
    /// Levels and where the schedule stands.
    pub body: Block<Property<EscalationEntry>>,
    /// The whole item.
    pub span: Span,
}

/// What can stand in an escalation.
#[derive(Debug, Clone, PartialEq)]
pub enum EscalationEntry {
    /// `schedule "https://…"`: who is on call when.
    Schedule(Text),
    /// `level WHO within 15m`
    Level {
        /// A person, a rotation or a team.
        who: Name,
        /// How long after the alert it is theirs; `None` if it could not be read.
        within: Option<Value>,
    },
}
