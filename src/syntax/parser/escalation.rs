//! Escalations.

use crate::syntax::ast::{Escalation, EscalationEntry, Name, Property};
use crate::syntax::keywords::ESCALATION;

use super::Parser;

impl Parser<'_> {
    /// `escalation NAME { … }`, behind the keyword.
    pub(super) fn escalation(&mut self, start: usize) -> Option<Escalation> {
        let name = self.name("the escalation's name")?;
        let body = self.block(ESCALATION, |p| {
            let start = p.pos;
            let dash = p.dash();
            let (word, keyword) = p.keyword("`level` or `schedule`", ESCALATION)?;
            p.colon(dash, keyword);
            let kind = match word {
                "schedule" => EscalationEntry::Schedule(p.text("a link, as a string")?),
                _ => {
                    let who = p.name("who is called")?;
                    let within = match p.accept_word("within") {
                        Some(_) => p.duration(),
                        None => p.expected("`within` and a duration such as `5m`"),
                    };
                    EscalationEntry::Level { who, within }
                }
            };
            Some(Property { keyword, kind, span: p.since(start) })
        })?;
        self.once(&body.items, |e| matches!(e, EscalationEntry::Schedule(_)));
        Some(Escalation { name, body, span: self.since(start) })
    }

    /// `escalation NAME`, first in a receiver.
    pub(super) fn receiver_escalation(&mut self) -> Option<Name> {
        self.accept_word("escalation")?;
        self.name("an escalation")
    }
}
