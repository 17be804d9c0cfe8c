//! Routes, inhibition, policies and environments.

use crate::diagnostic::{Diagnostic, codes};
use crate::source::Span;
use crate::syntax::ast::{
    Branch, Change, Disable, DisableKind, Environment, GroupBy, HoldKind, Inhibit, Name, Need, Override,
    Policy, Property, Require, Route, RouteEntry, RouteEntryKind, When, Word,
};
use crate::syntax::keywords::{CHANGES, ITEMS, ROUTE};

use super::{Parser, Peek};

/// The words of an environment's block.
const CHANGE_WORDS: &[&str] = &[
    "external_labels",
    "disable",
    "severity",
    "project",
    "defaults",
    "metric",
    "let",
    "group",
    "alert",
    "record",
    "slo",
    "global",
    "receiver",
    "route",
    "time_interval",
    "inhibit",
    "require",
    "test",
];

impl Parser<'_> {
    /// `route -> …`, behind the keyword.
    pub(super) fn route(&mut self, keyword: Span) -> Option<Route> {
        let branch = self.branch()?;
        Some(Route { keyword, branch, span: self.since(keyword.start as usize) })
    }

    /// `-> a, b { … }`
    fn branch(&mut self) -> Option<Branch> {
        let arrow = self.arrow();
        let mut receivers = Vec::new();
        if arrow.is_some() {
            receivers = self.bracketed(|p| p.list(|p| p.name("a receiver")));
        }
        if self.lost {
            return Some(Branch { arrow, receivers, body: None });
        }
        if self.peek() != Peek::Mark("{") {
            if arrow.is_none() {
                return self.expected("`->` and receivers, or `{`");
            }
            return Some(Branch { arrow, receivers, body: None });
        }
        let body = self.block(ROUTE, Parser::route_entry)?;
        self.once(&body.items, |e| !matches!(e, RouteEntryKind::When(_)));
        Some(Branch { arrow, receivers, body: Some(body) })
    }

    fn route_entry(&mut self) -> Option<RouteEntry> {
        let start = self.pos;
        let dash = self.dash();
        let (word, keyword) = self.keyword("a setting of a route or `when`", ROUTE)?;
        self.colon(dash, keyword);
        let kind = match word {
            "group_by" => RouteEntryKind::GroupBy(self.group_by()),
            "group_wait" => RouteEntryKind::GroupWait(self.duration()?),
            "group_interval" => RouteEntryKind::GroupInterval(self.duration()?),
            "repeat_interval" => RouteEntryKind::RepeatInterval(self.duration()?),
            "mute_time_intervals" => RouteEntryKind::MuteTimeIntervals(self.names("a time interval")),
            "active_time_intervals" => RouteEntryKind::ActiveTimeIntervals(self.names("a time interval")),
            "escalation" => RouteEntryKind::Escalation(self.name("an escalation")?),
            "continue" => RouteEntryKind::Continue,
            _ => {
                let matchers = self.matchers("matchers in braces")?;
                if self.lost {
                    return None;
                }
                RouteEntryKind::When(When { matchers, branch: self.branch()? })
            }
        };
        Some(Property { keyword, kind, span: self.since(start) })
    }

    fn group_by(&mut self) -> GroupBy {
        match self.accept("...") {
            Some(span) => GroupBy::All(span),
            None => GroupBy::Labels(self.names("a label, or `...` for all")),
        }
    }

    fn names(&mut self, what: &str) -> Vec<Name> {
        self.bracketed(|p| p.list(|p| p.label_or_word(what)))
    }

    /// A label or another name that is a word or a string.
    pub(super) fn label_or_word(&mut self, what: &str) -> Option<Name> {
        self.name(what)
    }

    /// `inhibit {…} by {…} equal …`, behind the keyword.
    pub(super) fn inhibit(&mut self, start: usize) -> Option<Inhibit> {
        let target = self.matchers("matchers in braces: the alerts to silence")?;
        let mut item = Inhibit { target, source: None, equal: Vec::new(), span: self.since(start) };
        if self.lost {
            return Some(item);
        }
        match self.accept_word("by") {
            Some(_) => item.source = self.matchers("matchers in braces: the alerts that silence them"),
            None => self.expected("`by` and matchers of the alerts that silence them")?,
        }
        if !self.lost && self.accept_word("equal").is_some() {
            item.equal = self.names("a label");
        }
        item.span = self.since(start);
        Some(item)
    }

    /// `require alert {…}? reaches …` or `has …`, behind the keyword.
    pub(super) fn require(&mut self, start: usize) -> Option<Require> {
        if self.accept_word("alert").is_none() {
            return self.expected("`alert`");
        }
        let mut matchers = None;
        if self.peek() == Peek::Mark("{") {
            matchers = self.matchers("matchers");
        }
        let mut policy = None;
        if !self.lost {
            let (word, span) = self.keyword("`reaches` or `has`", &["reaches", "has"])?;
            self.colon(None, span);
            policy = Some(match word {
                "reaches" => Policy::Reaches(self.bracketed(|p| p.list(|p| p.name("a receiver")))),
                _ => Policy::Has(self.bracketed(|p| p.list(Parser::need))),
            });
        }
        Some(Require { matchers, policy, span: self.since(start) })
    }

    fn need(&mut self) -> Option<Need> {
        let Peek::Word(word) = self.peek() else {
            return self.expected("what alerts must have: `summary`, `label team`, `for >= 1m`");
        };
        let kind = match word {
            "label" => {
                let keyword = self.take(word.len());
                return self.name("a label").map(|name| Need::Label { keyword, name });
            }
            "for" => HoldKind::For,
            "keep_firing_for" => HoldKind::KeepFiringFor,
            _ => {
                return self
                    .word("a property")
                    .map(|Word { text, span }| Need::Property(Word { text, span }));
            }
        };
        let keyword = self.take(word.len());
        // `has for` alone: any.
        if self.peek() == Peek::Mark(",") || self.ends_need() {
            return Some(Need::Property(Word { text: kind.as_str().to_string(), span: keyword }));
        }
        let op = self.operator("a comparison such as `>=`")?;
        let duration = self.duration()?;
        Some(Need::Hold { kind, keyword, op, duration })
    }

    fn ends_need(&self) -> bool {
        self.opens_line || matches!(self.peek(), Peek::End | Peek::Mark("}"))
    }

    /// `environment NAME { … }`, behind the keyword.
    pub(super) fn environment(&mut self, start: usize) -> Option<Environment> {
        let name = self.name("the environment's name")?;
        let body = self.block(CHANGE_WORDS, Parser::change)?;
        Some(Environment { name, body, span: self.since(start) })
    }

    /// `override { … }`, behind the keyword.
    pub(super) fn override_item(&mut self, start: usize) -> Option<Override> {
        let body = self.block(CHANGE_WORDS, Parser::change)?;
        Some(Override { body, span: self.since(start) })
    }

    fn change(&mut self) -> Option<Change> {
        let start = self.pos;
        match self.peek() {
            Peek::Word("external_labels") => {
                let keyword = self.take("external_labels".len());
                self.colon(None, keyword);
                let labels = self.labels("labels in braces")?;
                Some(Change::ExternalLabels { keyword, labels })
            }
            Peek::Word("disable") => {
                self.take("disable".len());
                self.disable(start).map(Change::Disable)
            }
            Peek::Word("environment" | "override") => self.misplaced_change(),
            // A misspelt word is told of all that can stand here.
            Peek::Word(word) if !ITEMS.contains(&word) && !self.near_item(word) => {
                let (word, keyword) = self.keyword("a change or an item", CHANGES)?;
                if word == "disable" {
                    return self.disable(start).map(Change::Disable);
                }
                let labels = self.labels("labels in braces")?;
                Some(Change::ExternalLabels { keyword, labels })
            }
            _ => self.item().map(Change::Item),
        }
    }

    fn near_item(&self, word: &str) -> bool {
        word.len() < 40
            && crate::diagnostic::nearest(word, CHANGES.iter().chain(ITEMS).copied())
                .is_some_and(|w| ITEMS.contains(&w))
    }

    fn misplaced_change(&mut self) -> Option<Change> {
        let span = self.token_span();
        self.report(
            Diagnostic::new(
                &codes::syntax::MISPLACED_ITEM,
                span,
                "an environment holds no other environment",
            )
            .label("expected a change or an item"),
        );
        self.lost = true;
        self.skip_token();
        None
    }

    /// `KIND NAME until DATE "reason"`, behind `disable`.
    fn disable(&mut self, start: usize) -> Option<Disable> {
        const KINDS: &[&str] = &["alert", "group", "slo", "record"];
        let (kind, _) = self.keyword("what is disabled: `alert`, `group`, `slo` or `record`", KINDS)?;
        let kind = match kind {
            "alert" => DisableKind::Alert,
            "group" => DisableKind::Group,
            "slo" => DisableKind::Slo,
            _ => DisableKind::Record,
        };
        let name = match kind {
            DisableKind::Record => self.series_name("its name")?,
            _ => self.name("its name")?,
        };
        let mut until = None;
        if self.accept_word("until").is_some() {
            until = self.date();
        }
        let reason = if self.lost { None } else { self.text("the reason, as a string") };
        Some(Disable { kind, name, until, reason, span: self.since(start) })
    }
}
