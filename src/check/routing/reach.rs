//! Proofs over every alert and every route: who is reached, which routes nobody takes, which policies hold.

use std::collections::{BTreeMap, BTreeSet};

use super::Routing;
use super::world::{Arriving, World, Worlds, matchers, matches};
use crate::alertmanager::RoutePlaces;
use crate::alertmanager::config::Route;
use crate::alertmanager::matcher::Matcher;
use crate::check::model::{Body, Checked, CheckedAlert, Holds};
use crate::check::{Context, duration_text, scope};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::{alerts, names, routing};
use crate::source::Span;
use crate::syntax::ast::{Comparison, HoldKind, Need, Policy, Require, TextKey};

/// A rule that sends alerts.
struct Sender<'m> {
    alert: &'m CheckedAlert<'m>,
    name: String,
    severity: Option<&'m str>,
    holds: Holds,
    no_data: bool,
}

/// A route by its position in the tree: the index of the child at each depth.
type Path = Vec<usize>;

/// Checks routes and policies.
pub(in crate::check) fn check<'m>(
    context: &Context<'_, '_>,
    checked: &'m Checked<'m>,
    routing: Option<&Routing>,
    out: &mut Vec<Diagnostic>,
) {
    let senders = senders(checked);
    for require in &context.all.requires {
        has(context, require, &senders, checked, out);
    }
    let Some(routing) = routing else { return };
    // Routes alone: nothing is known of what arrives.
    if senders.is_empty() {
        policies(context, out);
        return;
    }
    let mut tried: BTreeMap<Path, bool> = BTreeMap::new();
    paths(&routing.config.route, &mut Vec::new(), &mut tried);
    let mut route_matchers = matchers(&routing.config.route);
    let policy_matchers = policies(context, out);
    route_matchers.extend(policy_matchers.iter().flat_map(|(_, m, _)| m));
    // The text of what is found for an alert does not depend on the world, so one finding for each alert is enough.
    let mut told = BTreeSet::new();
    let mut all_worlds = Worlds::new(&route_matchers);
    let mut taken_by: BTreeMap<World, Vec<Path>> = BTreeMap::new();
    for sender in &senders {
        let arriving = Arriving::new(sender.alert, &sender.name, sender.severity, checked);
        let (worlds, complete) = all_worlds.of(&arriving);
        for world in worlds.iter() {
            if !taken_by.contains_key(world) {
                let taken = routes(&routing.config.route, world);
                tried.extend(taken.iter().map(|path| (path.clone(), true)));
                taken_by.insert(world.clone(), taken);
            }
            let Some(taken) = taken_by.get(world) else { continue };
            if *taken == [Path::new()]
                && is_top(sender, checked)
                && !routing.config.route.routes.is_empty()
                && told.insert((sender.name.clone(), usize::MAX))
            {
                out.push(falls_through(sender, routing, world));
            }
            for (index, (require, matchers, names)) in policy_matchers.iter().enumerate() {
                if matches(matchers, world)
                    && !told.contains(&(sender.name.clone(), index))
                    && let Some(d) = unreached(require, names, sender, routing, taken, world)
                {
                    told.insert((sender.name.clone(), index));
                    out.push(d);
                }
            }
        }
        if !complete {
            tried.values_mut().for_each(|t| *t = true);
        }
    }
    let ctx = Unreached { senders: &senders, checked, routing, tried: &tried };
    ctx.report(&routing.config.route, &routing.places.route, &mut Vec::new(), out);
    inhibitions(&senders, checked, routing, out);
}

fn senders<'m>(checked: &'m Checked<'m>) -> Vec<Sender<'m>> {
    let mut senders = Vec::new();
    for rule in checked.files.iter().flat_map(|f| &f.groups).flat_map(|g| &g.rules) {
        let Some(alert) = rule.alert() else { continue };
        let name = alert.name.text.clone();
        let mut add = |name: String, severity, holds, no_data| {
            senders.push(Sender { alert, name, severity, holds, no_data });
        };
        match &alert.body {
            Body::Condition { severity, holds, .. } => add(name.clone(), severity.as_deref(), *holds, false),
            Body::Levels { levels, .. } => {
                for level in levels {
                    add(name.clone(), Some(level.severity.as_str()), level.holds, false);
                }
            }
            Body::Burns { tiers, holds } => {
                for tier in tiers {
                    add(name.clone(), Some(tier.severity.as_str()), *holds, false);
                }
            }
        }
        if let Some(no_data) = &alert.no_data {
            add(format!("{name}NoData"), Some(no_data.severity.as_str()), no_data.holds, true);
        }
    }
    senders
}

fn is_top(sender: &Sender<'_>, checked: &Checked<'_>) -> bool {
    checked.severities.len() > 1 && checked.severities.first().map(String::as_str) == sender.severity
}

/// The routes that an alert takes (Alertmanager dispatch/route.go Route.Match).
fn routes(root: &Route, world: &World) -> Vec<Path> {
    fn walk(route: &Route, world: &World, path: &mut Path, out: &mut Vec<Path>) -> bool {
        if !matches(&route.matchers, world) {
            return false;
        }
        let before = out.len();
        for (index, child) in route.routes.iter().enumerate() {
            path.push(index);
            let taken = walk(child, world, path, out);
            path.pop();
            if taken && !child.continues {
                break;
            }
        }
        if out.len() == before {
            out.push(path.clone());
        }
        true
    }
    let mut out = Vec::new();
    walk(root, world, &mut Vec::new(), &mut out);
    out
}

fn paths(route: &Route, path: &mut Path, out: &mut BTreeMap<Path, bool>) {
    out.insert(path.clone(), false);
    for (index, child) in route.routes.iter().enumerate() {
        path.push(index);
        paths(child, path, out);
        path.pop();
    }
}

/// The routes from the root to the one at `path`.
fn chain<'r>(root: &'r Route, path: &[usize]) -> Vec<&'r Route> {
    let mut route = root;
    let mut chain = vec![root];
    for index in path {
        let Some(child) = route.routes.get(*index) else { break };
        route = child;
        chain.push(child);
    }
    chain
}

/// The receivers of the source that a route tells.
fn receivers(routing: &Routing, path: &[usize]) -> Vec<String> {
    let chain = chain(&routing.config.route, path);
    let name = chain.iter().rev().find_map(|r| r.receiver.as_deref()).unwrap_or_default();
    routing.holds.get(name).cloned().unwrap_or_else(|| vec![name.to_string()])
}

/// When a route tells nobody: the first interval that limits it.
fn limited(routing: &Routing, path: &[usize]) -> Option<String> {
    let chain = chain(&routing.config.route, path);
    let route = chain.last()?;
    if let Some(mute) = route.mute_time_intervals.first() {
        return Some(format!("muted during `{mute}`"));
    }
    route.active_time_intervals.first().map(|active| format!("active only during `{active}`"))
}

/// The labels of a counter-example, those first that the alert does not fix.
fn shown(world: &World, sender: &Sender<'_>) -> String {
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

fn level_of(sender: &Sender<'_>) -> String {
    match sender.severity {
        Some(severity) => format!("`{}` ({severity})", sender.name),
        None => format!("`{}`", sender.name),
    }
}

fn falls_through(sender: &Sender<'_>, routing: &Routing, world: &World) -> Diagnostic {
    let default = receivers(routing, &[]).join(", ");
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

fn matchers_of(context: &Context<'_, '_>, require: &Require, out: &mut Vec<Diagnostic>) -> Vec<Matcher> {
    let written = require.matchers.iter().flat_map(|m| &m.items);
    written.filter_map(|m| super::tree::matcher(context, m, out)).collect()
}

/// A policy refuted by one label set.
fn unreached(
    require: &Require,
    names: &[String],
    sender: &Sender<'_>,
    routing: &Routing,
    taken: &[Path],
    world: &World,
) -> Option<Diagnostic> {
    let mut always = BTreeSet::new();
    let mut sometimes = BTreeMap::new();
    for path in taken {
        for name in receivers(routing, path) {
            match limited(routing, path) {
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
    if let Some(path) = taken.first() {
        d = d.also(place(&routing.places.route, path), "the route that takes it");
    }
    Some(d.help(format!("tell `{missing}` in that route, or narrow the policy with matchers")))
}

fn place(root: &RoutePlaces, path: &[usize]) -> Span {
    let mut at = root;
    for index in path {
        match at.routes.get(*index) {
            Some(child) => at = child,
            None => break,
        }
    }
    at.span
}

struct Unreached<'u, 'm> {
    senders: &'u [Sender<'m>],
    checked: &'u Checked<'m>,
    routing: &'u Routing,
    tried: &'u BTreeMap<Path, bool>,
}

impl Unreached<'_, '_> {
    /// Reports the topmost routes that no alert takes.
    fn report(&self, route: &Route, places: &RoutePlaces, path: &mut Path, out: &mut Vec<Diagnostic>) {
        for (index, (child, child_places)) in route.routes.iter().zip(&places.routes).enumerate() {
            path.push(index);
            let used = self.tried.iter().any(|(p, used)| *used && p.starts_with(path));
            if used {
                self.report(child, child_places, path, out);
            } else {
                out.push(self.explain(route, child, child_places, index));
            }
            path.pop();
        }
    }

    fn explain(&self, parent: &Route, route: &Route, places: &RoutePlaces, index: usize) -> Diagnostic {
        let all: Vec<&Matcher> = matchers(&self.routing.config.route);
        for matcher in &route.matchers {
            let possible = self.senders.iter().any(|s| {
                let arriving = Arriving::new(s.alert, &s.name, s.severity, self.checked);
                let (worlds, _) = arriving.worlds(&[matcher]);
                worlds.iter().any(|w| matches(std::slice::from_ref(matcher), w))
            });
            if !possible {
                return Diagnostic::new(
                    &routing::DEAD_ROUTE,
                    places.span,
                    format!("no alert takes this route: none has {}", matcher.to_config()),
                )
                .label("never taken")
                .help("correct the matcher, or remove the route");
            }
        }
        let d = Diagnostic::new(&routing::DEAD_ROUTE, places.span, "no alert takes this route")
            .label("never taken");
        // Alone it would be taken: something before it takes its alerts first.
        let shadow = self.senders.iter().find_map(|s| {
            let arriving = Arriving::new(s.alert, &s.name, s.severity, self.checked);
            let (worlds, _) = arriving.worlds(&all);
            worlds.iter().filter(|w| matches(&route.matchers, w)).find_map(|w| {
                parent
                    .routes
                    .iter()
                    .take(index)
                    .position(|earlier| !earlier.continues && matches(&earlier.matchers, w))
            })
        });
        match shadow {
            Some(earlier) => {
                let at = self.sibling(places, earlier);
                d.also(at, "this one takes its alerts first")
                    .help("put the narrower route first, or let the earlier one `continue`")
            }
            None => {
                d.help("no alert has all these labels at once: correct the matchers, or remove the route")
            }
        }
    }

    /// The place of an earlier sibling of the route at `places`.
    fn sibling(&self, places: &RoutePlaces, index: usize) -> Span {
        fn find<'p>(parent: &'p RoutePlaces, child: &RoutePlaces) -> Option<&'p RoutePlaces> {
            if parent.routes.iter().any(|r| r.span == child.span) {
                return Some(parent);
            }
            parent.routes.iter().find_map(|r| find(r, child))
        }
        find(&self.routing.places.route, places)
            .and_then(|p| p.routes.get(index))
            .map_or(places.span, |p| p.span)
    }
}

/// Inhibitions whose matchers no alert can have.
fn inhibitions(senders: &[Sender<'_>], checked: &Checked<'_>, routing: &Routing, out: &mut Vec<Diagnostic>) {
    for (rule, span) in routing.config.inhibit_rules.iter().zip(&routing.places.inhibit_rules) {
        for (side, matchers) in [("source", &rule.source_matchers), ("target", &rule.target_matchers)] {
            let refs: Vec<&Matcher> = matchers.iter().collect();
            let possible = senders.iter().any(|s| {
                let (worlds, complete) = Arriving::new(s.alert, &s.name, s.severity, checked).worlds(&refs);
                !complete || worlds.iter().any(|w| matches(matchers, w))
            });
            if !possible {
                let shown: Vec<String> = matchers.iter().map(Matcher::to_config).collect();
                out.push(
                    Diagnostic::new(
                        &routing::USELESS_INHIBITION,
                        *span,
                        format!(
                            "no alert is the {side} of this inhibition: none has {{{}}}",
                            shown.join(", ")
                        ),
                    )
                    .label("never in force")
                    .help("correct the matchers, or remove the line"),
                );
            }
        }
    }
}

/// `require alert{…} has …`
fn has(
    context: &Context<'_, '_>,
    require: &Require,
    senders: &[Sender<'_>],
    checked: &Checked<'_>,
    out: &mut Vec<Diagnostic>,
) {
    let Some(Policy::Has(needs)) = &require.policy else { return };
    let matchers = matchers_of(context, require, out);
    let refs: Vec<&Matcher> = matchers.iter().collect();
    let mut all_worlds = Worlds::new(&refs);
    for sender in senders {
        let arriving = Arriving::new(sender.alert, &sender.name, sender.severity, checked);
        let (worlds, _) = all_worlds.of(&arriving);
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
