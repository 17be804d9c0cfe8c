//! Alerts of the highest severity that wake nobody up, in a tree that does wake somebody up for others.

use std::collections::{BTreeMap, BTreeSet};

use super::reach::level_of;
use super::{Routing, Sender, nowhere};
use crate::alertmanager::matcher::Matcher;
use crate::alertmanager::route::{Labels, RouteTree};
use crate::alertmanager::schema::Wakes;
use crate::alertmanager::ways::conditions;
use crate::check::model::Body;
use crate::check::{Context, types};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::routing;
use crate::gostd::strconv::quote;
use crate::source::Span;

/// More label sets, or receivers, than these are counted.
const MANY: usize = 3;

/// The receivers of the source that page.
pub(super) struct Paging {
    /// They do, and some route leads to them.
    surely: BTreeSet<String>,
    /// Nobody knows: a webhook leads anywhere.
    perhaps: BTreeSet<String>,
}

impl Paging {
    /// None where no route leads to a receiver that pages: there it is not expected.
    pub(super) fn new(context: &Context<'_, '_>, routing: &Routing, tree: &RouteTree) -> Option<Paging> {
        let told: BTreeSet<String> =
            tree.iter().flat_map(|(number, _)| super::reach::receivers(routing, tree, number)).collect();
        let wakes = |name: &str, how: Wakes| {
            let declared = routing.declared.iter().filter(|r| r.name == name);
            declared.flat_map(|r| &r.integrations).any(|i| i.integration.wakes() == how)
        };
        let (surely, perhaps): (BTreeSet<String>, BTreeSet<String>) = if context.paging.is_empty() {
            let those = |how| told.iter().filter(|name| wakes(name, how)).cloned().collect();
            (those(Wakes::Yes), those(Wakes::Perhaps))
        } else {
            (told.into_iter().filter(|name| context.paging.contains(name)).collect(), BTreeSet::new())
        };
        (!surely.is_empty()).then_some(Paging { surely, perhaps })
    }

    /// Whether one of these receivers pages, as far as is known.
    pub(super) fn may_page(&self, told: &[String]) -> bool {
        told.iter().any(|name| self.surely.contains(name) || self.perhaps.contains(name))
    }

    /// What is found for an alert: the label sets for which nobody is paged with those told instead, all that it may
    /// have, and where the route stands that takes the first.
    pub(super) fn finding(
        &self,
        sender: &Sender<'_>,
        unpaged: &BTreeMap<Vec<String>, Vec<&Labels>>,
        (all, matchers): (&[Labels], &[&Matcher]),
        route: Option<Span>,
    ) -> Diagnostic {
        let groups: Vec<(String, Vec<String>)> = unpaged
            .iter()
            .map(|(told, some)| {
                let when = conditions(some, all, matchers);
                let when = when.iter().filter(|c| !c.is_empty()).map(|c| c.join(" and "));
                (told.join(", "), when.collect())
            })
            .collect();
        let told = groups.first().map_or("", |(told, _)| told.as_str());
        let (when, label) = match groups.as_slice() {
            [(told, when)] if when.len() < 2 => {
                (when.first().map_or(String::new(), |w| format!(" when {w}")), format!("tells {told}"))
            }
            _ => (" with some labels".to_string(), "not always".to_string()),
        };
        let message = format!("{} wakes nobody up{when}", level_of(sender));
        let mut d = Diagnostic::new(&routing::PAGES_NOBODY, sender.alert.name.span, message).label(label);
        d = d.also(route.unwrap_or_else(nowhere), "the route that takes it");
        if when == " with some labels" {
            for (told, when) in &groups {
                d = d.note(format!("tells {told} when {}", some_of(when, " or when ")));
            }
        }
        let pagers: Vec<String> = self.surely.iter().map(|name| format!("`{name}`")).collect();
        let name = quote(&sender.name);
        d.help(format!(
            "tell {} in that route, or say that this is meant: `require alert{{alertname={name}}} reaches {told}`",
            some_of(&pagers, " or "),
        ))
    }
}

/// The first of several, and how many more there are.
fn some_of(all: &[String], between: &str) -> String {
    match all.len().saturating_sub(MANY) {
        0 => all.join(between),
        more => format!("{} and {more} more", all[..MANY].join(between)),
    }
}

/// A dead man's switch fires always: it goes to what misses it, and nobody is to wake up.
pub(super) fn is_watchdog(sender: &Sender<'_>) -> bool {
    match &sender.alert.body {
        Body::Condition { expr, .. } => !sender.no_data && types::is_constant(&expr.expr),
        Body::Levels { .. } | Body::Burns { .. } => false,
    }
}
