//! Proofs over every alert and every route: who is reached, which routes nobody takes, which policies hold.

use std::collections::{BTreeMap, BTreeSet};

use super::Routing;
use super::paging::{Paging, is_watchdog};
use super::world::{Sender, senders};
use crate::alertmanager::matcher::Matcher;
use crate::alertmanager::route::{Labels, RouteTree, matches};
use crate::alertmanager::worlds::{Worlds, matchers};
use crate::check::model::{Body, Checked};
use crate::check::{Context, duration_text, scope};
use crate::diagnostic::codes::{alertmanager, alerts, names, routing};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use crate::syntax::ast::{Comparison, HoldKind, Need, Policy, Require, TextKey};

/// Checks routes and policies.
pub(in crate::check) fn check<'m>(
    context: &Context<'_, '_>,
    checked: &'m Checked<'m>,
    routing: Option<&Routing>,
    out: &mut Vec<Diagnostic>,
) {
    let senders = senders(checked);
    for require in &context.all.requires {
        has(context, require, &senders, out);
    }
    let Some(routing) = routing else { return };
    // Routes alone: nothing is known of what arrives.
    if senders.is_empty() {
        policies(context, out);
        return;
    }
    let tree = RouteTree::new(&routing.config);
    let places: Vec<Span> = routing.places.route.all().iter().map(|p| p.span).collect();
    let mut tried = BTreeSet::new();
    let mut route_matchers = matchers(&routing.config.route);
    let policy_matchers = policies(context, out);
    route_matchers.extend(policy_matchers.iter().flat_map(|(_, m, _)| m));
    let called = super::escalation::policies(context, out);
    route_matchers.extend(called.iter().flat_map(|(_, m)| m));
    let escalations = super::escalation::Escalations::new(context);
    let mut uncalled = BTreeSet::new();
    // The text of what is found for an alert does not depend on the world, so one finding for each alert is enough.
    let mut told = BTreeSet::new();
    let mut all_worlds = Worlds::new(&route_matchers);
    let mut taken_by: BTreeMap<Labels, Vec<usize>> = BTreeMap::new();
    let paging = Paging::new(context, routing, &tree);
    let mut twice = Twice { routing, tree: &tree, told: BTreeSet::new() };
    for sender in &senders {
        let (worlds, complete) = all_worlds.of(sender);
        let is_top = is_top(sender, checked);
        let paging = paging.as_ref().filter(|_| is_top && !is_watchdog(sender));
        // By who is told, label sets for which nobody is paged.
        let mut unpaged: BTreeMap<Vec<String>, Vec<&Labels>> = BTreeMap::new();
        let mut unpaged_by = None;
        for world in worlds.iter() {
            if !taken_by.contains_key(world) {
                let taken = tree.matching(world);
                tried.extend(taken.iter().copied());
                taken_by.insert(world.clone(), taken);
            }
            let Some(taken) = taken_by.get(world) else { continue };
            let falls = *taken == [0] && !routing.config.route.routes.is_empty();
            if falls && is_top && told.insert((sender.name.clone(), usize::MAX)) {
                out.push(falls_through(sender, routing, &tree, world));
            }
            if taken.len() > 1 {
                twice.look(sender, world, taken, out);
            }
            if let Some(paging) = paging {
                let mut told: Vec<String> =
                    taken.iter().flat_map(|route| receivers(routing, &tree, *route)).collect();
                told.sort();
                told.dedup();
                // Where a policy says whom it reaches, that is what is meant.
                let is_stated = || policy_matchers.iter().any(|(_, m, _)| matches(m, world));
                if !falls && !paging.may_page(&told) && !is_stated() {
                    unpaged_by = unpaged_by.or(taken.first().and_then(|route| places.get(*route).copied()));
                    unpaged.entry(told).or_default().push(world);
                }
            }
            for (index, (require, matchers)) in called.iter().enumerate() {
                let known = uncalled.contains(&(sender.name.clone(), index));
                let called = || {
                    let always = taken.iter().filter(|route| limited(&tree, **route).is_none());
                    always
                        .copied()
                        .any(|route| escalations.of(route, &receivers(routing, &tree, route)).is_some())
                };
                if !known && matches(matchers, world) && !called() {
                    uncalled.insert((sender.name.clone(), index));
                    out.push(not_called(require, sender, routing, (&tree, &places), taken, world));
                }
            }
            for (index, (require, matchers, names)) in policy_matchers.iter().enumerate() {
                if matches(matchers, world)
                    && !told.contains(&(sender.name.clone(), index))
                    && let Some(d) =
                        unreached(require, names, sender, (routing, &tree, &places), taken, world)
                {
                    told.insert((sender.name.clone(), index));
                    out.push(d);
                }
            }
        }
        if let Some(paging) = paging.filter(|_| !unpaged.is_empty()) {
            out.push(paging.finding(sender, &unpaged, (&worlds, &route_matchers), unpaged_by));
        }
        if !complete {
            tried.extend(tree.iter().map(|(number, _)| number));
        }
    }
    super::inhibition::check(checked, &senders, routing, &tree, out);
    let context =
        Unreached { senders: &senders, matchers: matchers(&routing.config.route), tree, places, tried };
    context.report(0, out);
}

fn is_top(sender: &Sender<'_>, checked: &Checked<'_>) -> bool {
    checked.severities.len() > 1 && checked.severities.first().map(String::as_str) == sender.severity
}

/// The receivers of the source that a route tells.
pub(super) fn receivers(routing: &Routing, tree: &RouteTree, route: usize) -> Vec<String> {
    let name = tree.get(route).map_or("", |node| node.receiver.as_str());
    routing.holds.get(name).cloned().unwrap_or_else(|| vec![name.to_string()])
}

/// When a route tells nobody: the first interval that limits it.
fn limited(tree: &RouteTree, route: usize) -> Option<String> {
    let node = tree.get(route)?;
    if let Some(mute) = node.mute_time_intervals.first() {
        return Some(format!("muted during `{mute}`"));
    }
    node.active_time_intervals.first().map(|active| format!("active only during `{active}`"))
}

/// The labels of a counter-example, those first that the alert does not fix.
fn shown(world: &Labels, sender: &Sender<'_>) -> String {
    let open: Vec<String> = world
        .iter()
        .filter(|(name, value)| {
            !matches!(name.as_str(), "alertname" | "severity")
                && !sender.alert.properties.labels.contains_key(name.as_str())
                && !value.is_empty()
        })
        .map(|(name, value)| format!("{}={}", scope::label(name), crate::gostd::strconv::quote(value)))
        .collect();
    if open.is_empty() { String::new() } else { format!(" with {{{}}}", open.join(", ")) }
}

pub(super) fn level_of(sender: &Sender<'_>) -> String {
    match sender.severity {
        Some(severity) => format!("`{}` ({severity})", sender.name),
        None => format!("`{}`", sender.name),
    }
}

fn falls_through(sender: &Sender<'_>, routing: &Routing, tree: &RouteTree, world: &Labels) -> Diagnostic {
    let default = receivers(routing, tree, 0).join(", ");
    Diagnostic::new(
        &routing::FALLS_TO_DEFAULT,
        sender.alert.name.span,
        format!("{} reaches only the default receiver{}", level_of(sender), shown(world, sender)),
    )
    .label(format!("tells {default}"))
    .also(routing.places.route.span, "no route below takes it")
    .help("add a route for it, or say that this is meant: `require alert{…} reaches …`")
}

type PolicyOf<'a> = (&'a Require, Vec<Matcher>, Vec<String>);

/// The `reaches` policies with their matchers; unknown receivers are reported.
fn policies<'a>(context: &Context<'_, 'a>, out: &mut Vec<Diagnostic>) -> Vec<PolicyOf<'a>> {
    let known: Vec<&str> = context.all.receivers.iter().map(|r| r.name.text.as_str()).collect();
    let mut policies = Vec::new();
    for require in &context.all.requires {
        let Some(Policy::Reaches(names)) = &require.policy else { continue };
        let mut wrong = false;
        for name in names {
            wrong |= super::unknown("receiver", name, &known, &names::UNKNOWN_RECEIVER, out);
        }
        if !wrong {
            let names = names.iter().map(|n| n.text.clone()).collect();
            policies.push((*require, matchers_of(context, require, out), names));
        }
    }
    policies
}

pub(super) fn matchers_of(
    context: &Context<'_, '_>,
    require: &Require,
    out: &mut Vec<Diagnostic>,
) -> Vec<Matcher> {
    let written = require.matchers.iter().flat_map(|m| &m.items);
    written.filter_map(|m| super::tree::matcher(context, m, out)).collect()
}

/// A policy refuted by one label set.
fn unreached(
    require: &Require,
    names: &[String],
    sender: &Sender<'_>,
    (routing, tree, places): (&Routing, &RouteTree, &[Span]),
    taken: &[usize],
    world: &Labels,
) -> Option<Diagnostic> {
    let mut always = BTreeSet::new();
    let mut sometimes = BTreeMap::new();
    for route in taken {
        for name in receivers(routing, tree, *route) {
            match limited(tree, *route) {
                None => drop(always.insert(name)),
                Some(when) => drop(sometimes.insert(name, when)),
            }
        }
    }
    let missing = names.iter().find(|n| !always.contains(*n))?;
    let told: Vec<&str> = always.iter().map(String::as_str).collect();
    let reached = if told.is_empty() {
        "it reaches nobody at that time".to_string()
    } else {
        format!("reaches {}", told.join(", "))
    };
    let label = sometimes.get(missing).cloned().unwrap_or(reached);
    let mut d = Diagnostic::new(
        &alerts::POLICY_VIOLATED,
        sender.alert.name.span,
        format!("{} does not always reach `{missing}`{}", level_of(sender), shown(world, sender)),
    )
    .label(label)
    .also(require.span, "required here");
    if let Some(place) = taken.first().and_then(|route| places.get(*route)) {
        d = d.also(*place, "the route that takes it");
    }
    Some(d.help(format!("tell `{missing}` in that route, or narrow the policy with matchers")))
}

/// An alert for which nobody is called when the first does not answer.
fn not_called(
    require: &Require,
    sender: &Sender<'_>,
    routing: &Routing,
    (tree, places): (&RouteTree, &[Span]),
    taken: &[usize],
    world: &Labels,
) -> Diagnostic {
    let told: Vec<String> = taken.iter().flat_map(|route| receivers(routing, tree, *route)).collect();
    let mut d = Diagnostic::new(
        &alerts::POLICY_VIOLATED,
        sender.alert.name.span,
        format!("{} has no escalation{}", level_of(sender), shown(world, sender)),
    )
    .label(format!("reaches {}", told.join(", ")))
    .also(require.span, "required here");
    if let Some(place) = taken.first().and_then(|route| places.get(*route)) {
        d = d.also(*place, "the route that takes it");
    }
    d.help("name an escalation in that route or in a receiver of it: `escalation NAME`")
}

/// Receivers that two routes tell of one alert.
struct Twice<'t> {
    routing: &'t Routing,
    tree: &'t RouteTree,
    /// Pairs of routes that have been found.
    told: BTreeSet<(usize, usize)>,
}

impl Twice<'_> {
    fn look(&mut self, sender: &Sender<'_>, world: &Labels, taken: &[usize], out: &mut Vec<Diagnostic>) {
        let always: Vec<usize> =
            taken.iter().copied().filter(|route| limited(self.tree, *route).is_none()).collect();
        for (at, second) in always.iter().enumerate() {
            let own = receivers(self.routing, self.tree, *second);
            let first = always[..at].iter().find_map(|first| {
                let name =
                    receivers(self.routing, self.tree, *first).into_iter().find(|n| own.contains(n))?;
                Some((*first, name))
            });
            let Some((first, name)) = first else { continue };
            if !self.told.insert((first, *second)) {
                continue;
            }
            let places = self.routing.places.route.all();
            let place = |route: usize| places.get(route).map_or(Span::NONE, |p| p.span);
            let message = format!("{} is told to `{name}` twice{}", level_of(sender), shown(world, sender));
            out.push(
                Diagnostic::new(&alertmanager::TOLD_TWICE, place(*second), message)
                    .label("told again")
                    .also(place(first), "told here, and passed on")
                    .note("each of the two routes sends a message of its own")
                    .help(format!("take `{name}` out of one of them, or the `continue` out of the first")),
            );
        }
    }
}

/// Whether something of the code is found at a place or in it.
pub(super) fn is_told(code: Code, place: Span, found: &[Diagnostic]) -> bool {
    let inside = |span: Span| span.file == place.file && place.start <= span.start && span.end <= place.end;
    found.iter().any(|d| d.code.name == code.name && inside(d.primary.span))
}

struct Unreached<'u, 'm> {
    senders: &'u [Sender<'m>],
    /// Every matcher of the tree.
    matchers: Vec<&'u Matcher>,
    tree: RouteTree,
    places: Vec<Span>,
    /// The routes that some alert takes.
    tried: BTreeSet<usize>,
}

impl Unreached<'_, '_> {
    /// Reports the topmost routes below one that no alert takes.
    fn report(&self, route: usize, out: &mut Vec<Diagnostic>) {
        for child in self.children(route) {
            if self.is_used(*child) {
                self.report(*child, out);
            } else if !is_told(&alertmanager::UNREACHABLE_ROUTE, self.place(*child), out) {
                out.push(self.explain(route, *child));
            }
        }
    }

    fn children(&self, route: usize) -> &[usize] {
        self.tree.get(route).map_or(&[], |node| node.children.as_slice())
    }

    fn is_used(&self, route: usize) -> bool {
        self.tried.contains(&route) || self.children(route).iter().any(|child| self.is_used(*child))
    }

    fn place(&self, route: usize) -> Span {
        self.places.get(route).copied().unwrap_or(Span::NONE)
    }

    fn explain(&self, parent: usize, route: usize) -> Diagnostic {
        let own = self.tree.get(route).map_or(&[][..], |node| node.matchers.as_slice());
        for matcher in own {
            let mut worlds = Worlds::new(&[matcher]);
            let mut has =
                |s: &Sender<'_>| worlds.of(s).0.iter().any(|w| matches(std::slice::from_ref(matcher), w));
            if !self.senders.iter().any(&mut has) {
                return Diagnostic::new(
                    &routing::DEAD_ROUTE,
                    self.place(route),
                    format!("no alert takes this route: none has {}", matcher.to_config()),
                )
                .label("never taken")
                .help("correct the matcher, or remove the route");
            }
        }
        let d = Diagnostic::new(&routing::DEAD_ROUTE, self.place(route), "no alert takes this route")
            .label("never taken");
        // Alone it would be taken: something before it takes its alerts first.
        let earlier: Vec<usize> = self.children(parent).iter().copied().take_while(|r| *r != route).collect();
        let takes_first = |world: &Labels| {
            let node =
                |r: &&usize| self.tree.get(**r).is_some_and(|n| !n.continues && matches(&n.matchers, world));
            earlier.iter().find(node).copied()
        };
        let mut worlds = Worlds::new(&self.matchers);
        let shadow = self.senders.iter().find_map(|s| {
            let (found, _) = worlds.of(s);
            found.iter().filter(|w| matches(own, w)).find_map(takes_first)
        });
        match shadow {
            Some(earlier) => d
                .also(self.place(earlier), "this one takes its alerts first")
                .help("put the narrower route first, or let the earlier one `continue`"),
            None => {
                d.help("no alert has all these labels at once: correct the matchers, or remove the route")
            }
        }
    }
}

/// `require alert{…} has …`
fn has(context: &Context<'_, '_>, require: &Require, senders: &[Sender<'_>], out: &mut Vec<Diagnostic>) {
    let Some(Policy::Has(needs)) = &require.policy else { return };
    let matchers = matchers_of(context, require, out);
    let refs: Vec<&Matcher> = matchers.iter().collect();
    let mut all_worlds = Worlds::new(&refs);
    for sender in senders {
        let (worlds, _) = all_worlds.of(sender);
        if !worlds.iter().any(|w| matches(&matchers, w)) {
            continue;
        }
        for need in needs {
            if let Some(missing) = lacks(context, need, sender, out) {
                out.push(
                    Diagnostic::new(
                        &alerts::POLICY_VIOLATED,
                        sender.alert.name.span,
                        format!("{} {missing}", level_of(sender)),
                    )
                    .also(require.span, "required here"),
                );
            }
        }
    }
}

fn lacks(
    context: &Context<'_, '_>,
    need: &Need,
    sender: &Sender<'_>,
    out: &mut Vec<Diagnostic>,
) -> Option<String> {
    let properties = &sender.alert.properties;
    match need {
        Need::Property(word) => {
            let key = match word.text.as_str() {
                "summary" => Some(TextKey::Summary),
                "description" => Some(TextKey::Description),
                "runbook" | "runbook_url" => Some(TextKey::Runbook),
                "dashboard" | "dashboard_url" => Some(TextKey::Dashboard),
                _ => None,
            };
            // The alert for missing data has a summary of its own, and so has an slo.
            let has_own = sender.no_data || matches!(sender.alert.body, Body::Burns { .. });
            let there = match (key, has_own) {
                (Some(TextKey::Summary), true) => true,
                (Some(key), _) => properties.texts.contains_key(&key),
                (None, _) if word.text == "severity" => sender.severity.is_some(),
                // Asked of routes.
                (None, _) if word.text == "escalation" => true,
                (None, _) => properties.annotations.contains_key(word.text.as_str()),
            };
            (!there).then(|| format!("has no {}", word.text))
        }
        Need::Label { name, .. } => {
            let set = properties.labels.contains_key(name.text.as_str())
                || (name.text == "severity" && sender.severity.is_some())
                || matches!(sender.alert.result.get(&name.text), crate::check::types::Presence::Surely(_));
            (!set).then(|| format!("does not surely have the label `{}`", name.text))
        }
        Need::Hold { kind, op, duration, .. } => {
            let given = match kind {
                HoldKind::For => sender.holds.hold,
                HoldKind::KeepFiringFor => sender.holds.keep_firing_for,
            }
            .unwrap_or(0);
            let bound = context.values.duration(duration, out)?;
            let holds = match op.op {
                Comparison::Greater => given > bound,
                Comparison::GreaterEqual => given >= bound,
                Comparison::Less => given < bound,
                Comparison::LessEqual => given <= bound,
                Comparison::Equal => given == bound,
                Comparison::NotEqual => given != bound,
            };
            let words = kind.as_str();
            let format = duration_text;
            (!holds)
                .then(|| format!("has `{words} {}`, not {} {}", format(given), op.op.as_str(), format(bound)))
        }
    }
}
