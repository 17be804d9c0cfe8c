//! Escalations: who is called, one after the other, when nobody answers. alertc calls nobody; it proves that every alert for
//! which a policy asks it has one, and hands it to PagerDuty.

use std::collections::BTreeMap;

use super::reach::matchers_of;
use super::tree::text;
use crate::alertmanager::config::Config;
use crate::alertmanager::matcher::Matcher;
use crate::alertmanager::route::RouteTree;
use crate::check::{Context, duration_text};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::{names, routing};
use crate::source::Span;
use crate::syntax::ast::{Branch, Escalation, EscalationEntry, Name, Need, Policy, Require, RouteEntryKind};
use crate::yaml::{Entry, Mapping, Node, Value};

/// Levels in their order, and names that nobody declares.
pub(super) fn check(context: &Context<'_, '_>, out: &mut Vec<Diagnostic>) {
    for escalation in &context.all.escalations {
        let mut last: Option<(i64, Span)> = None;
        let mut any = false;
        for entry in &escalation.body.items {
            let EscalationEntry::Level { within, .. } = &entry.kind else { continue };
            any = true;
            let Some(value) = within else { continue };
            let Some(ms) = context.values.duration(value, out) else { continue };
            if let Some((before, span)) = last.filter(|(before, _)| *before >= ms) {
                out.push(
                    Diagnostic::new(
                        &routing::ESCALATION_ORDER,
                        value.span(),
                        format!(
                            "this level is called within {}, no later than the one before",
                            duration_text(ms)
                        ),
                    )
                    .label("not later")
                    .also(span, format!("the one before is called within {}", duration_text(before)))
                    .help("put the levels in their order in time"),
                );
            }
            last = Some((ms, value.span()));
        }
        if !any {
            out.push(
                Diagnostic::new(
                    &routing::ESCALATION_ORDER,
                    escalation.name.span,
                    format!("escalation `{}` calls nobody", escalation.name.text),
                )
                .label("no level")
                .help("write `level WHO within 5m`"),
            );
        }
    }
    let known: Vec<&str> = context.all.escalations.iter().map(|e| e.name.text.as_str()).collect();
    let mut named: Vec<&Name> = context.all.receivers.iter().filter_map(|r| r.escalation.as_ref()).collect();
    if let Some(route) = context.all.route {
        in_branch(&route.branch, &mut named);
    }
    for name in named {
        super::unknown("escalation", name, &known, &names::UNKNOWN_ESCALATION, out);
    }
}

fn in_branch<'a>(branch: &'a Branch, out: &mut Vec<&'a Name>) {
    for entry in branch.body.iter().flat_map(|b| &b.items) {
        match &entry.kind {
            RouteEntryKind::Escalation(name) => out.push(name),
            RouteEntryKind::When(when) => in_branch(&when.branch, out),
            _ => {}
        }
    }
}

/// `require alert{…} has escalation`, with its matchers.
pub(super) fn policies<'a>(
    context: &Context<'_, 'a>,
    out: &mut Vec<Diagnostic>,
) -> Vec<(&'a Require, Vec<Matcher>)> {
    let asks = |r: &&&Require| match &r.policy {
        Some(Policy::Has(needs)) => {
            needs.iter().any(|n| matches!(n, Need::Property(word) if word.text == "escalation"))
        }
        _ => false,
    };
    let policies: Vec<&Require> = context.all.requires.iter().filter(asks).copied().collect();
    policies.into_iter().map(|r| (r, matchers_of(context, r, out))).collect()
}

/// Which escalation holds where.
pub(super) struct Escalations<'a> {
    /// Of each route, in the order of the tree; a child has its parent's.
    routes: Vec<Option<&'a str>>,
    receivers: Vec<(&'a str, &'a str)>,
}

impl<'a> Escalations<'a> {
    pub(super) fn new(context: &Context<'_, 'a>) -> Escalations<'a> {
        let mut routes = Vec::new();
        if let Some(route) = context.all.route {
            collect(&route.branch, None, &mut routes);
        }
        let receivers = context
            .all
            .receivers
            .iter()
            .filter_map(|r| Some((r.name.text.as_str(), r.escalation.as_ref()?.text.as_str())));
        Escalations { routes, receivers: receivers.collect() }
    }

    /// The escalation of what takes a route: the route's, or that of one of the receivers that it tells.
    pub(super) fn of(&self, route: usize, told: &[String]) -> Option<&'a str> {
        let own = self.routes.get(route).copied().flatten();
        own.or_else(|| {
            self.receivers.iter().find(|(name, _)| told.iter().any(|t| t == name)).map(|(_, e)| *e)
        })
    }
}

/// What is said of each route, in the order of the tree: `platform: primary within 5m, lead within 15m`.
pub(super) fn of_routes(
    context: &Context<'_, '_>,
    config: &Config,
    holds: &BTreeMap<String, Vec<String>>,
) -> Vec<Option<String>> {
    let escalations = Escalations::new(context);
    let tree = RouteTree::new(config);
    tree.iter()
        .map(|(number, node)| {
            let told = holds.get(&node.receiver).cloned().unwrap_or_else(|| vec![node.receiver.clone()]);
            let name = escalations.of(number, &told)?;
            let escalation = context.all.escalations.iter().find(|e| e.name.text == name)?;
            Some(format!("{name}: {}", shown(context, escalation).0))
        })
        .collect()
}

fn collect<'a>(branch: &'a Branch, inherited: Option<&'a str>, out: &mut Vec<Option<&'a str>>) {
    let entries = || branch.body.iter().flat_map(|b| &b.items);
    let own = entries().find_map(|e| match &e.kind {
        RouteEntryKind::Escalation(name) => Some(name.text.as_str()),
        _ => None,
    });
    let escalation = own.or(inherited);
    out.push(escalation);
    for entry in entries() {
        if let RouteEntryKind::When(when) = &entry.kind {
            collect(&when.branch, escalation, out);
        }
    }
}

/// The levels as a person reads them: `primary within 5m, lead within 15m`.
fn shown(context: &Context<'_, '_>, escalation: &Escalation) -> (String, Option<String>) {
    let mut levels = Vec::new();
    let mut schedule = None;
    for entry in &escalation.body.items {
        match &entry.kind {
            EscalationEntry::Schedule(link) => schedule = Some(link.value.clone()),
            EscalationEntry::Level { who, within } => {
                let within = within.as_ref().and_then(|v| context.values.duration(v, &mut Vec::new()));
                levels.push(match within {
                    Some(ms) => format!("{} within {}", who.text, duration_text(ms)),
                    None => who.text.clone(),
                });
            }
        }
    }
    (levels.join(", "), schedule)
}

/// Puts the escalation into the details of a PagerDuty integration; what the author says there stays.
pub(super) fn carry(context: &Context<'_, '_>, name: &Name, integration: &mut Node) {
    let Some(escalation) = context.all.escalations.iter().find(|e| e.name.text == name.text) else { return };
    let (levels, schedule) = shown(context, escalation);
    let Value::Mapping(fields) = &mut integration.value else { return };
    let entry =
        |key: &str, value: Node| Entry { key: text(key.to_string(), name.span), value, merged: false };
    if fields.entries.iter().all(|e| e.name() != "details") {
        let empty = Node { span: name.span, value: Value::Mapping(Mapping { entries: Vec::new() }) };
        fields.entries.push(entry("details", empty));
    }
    let details = fields.entries.iter_mut().find(|e| e.name() == "details");
    let Some(Value::Mapping(details)) = details.map(|d| &mut d.value.value) else { return };
    for (key, value) in [("escalation", Some(levels)), ("schedule", schedule)] {
        if let Some(value) = value
            && details.entries.iter().all(|e| e.name() != key)
        {
            details.entries.push(entry(key, text(value, name.span)));
        }
    }
}
