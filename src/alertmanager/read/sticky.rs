//! What the notification log makes of a configuration: incidents that stay open, alerts that are told twice or forgotten
//! (notify/dedup_stage.go, nflog/nflog.go).

use super::{ConfigPlaces, RoutePlaces};
use crate::alertmanager::config::{Config, IntegrationConfig, Receiver};
use crate::alertmanager::matcher::Matcher;
use crate::alertmanager::route::{RouteNode, RouteTree};
use crate::alertmanager::satisfy::Space;
use crate::diagnostic::codes::alertmanager as codes;
use crate::diagnostic::{Code, Diagnostic};
use crate::prometheus::Duration;
use crate::source::Span;
use crate::yaml::Decoder;

/// How long the log remembers what was told, unless `--data.retention` says otherwise.
const RETENTION_HOURS: i64 = 120;
/// How many elder siblings of a route are looked at.
const MAX_SIBLINGS: usize = 1000;

pub(super) fn check(config: &Config, places: &ConfigPlaces, decoder: &mut Decoder) {
    let tree = RouteTree::new(config);
    let places = places.route.all();
    let place = |number: usize| places.get(number).copied();
    for (number, node) in tree.iter() {
        let Some(at) = place(number) else { continue };
        if let Some(found) = open_incidents(config, node, at) {
            decoder.report(found);
        }
        if let (Some(span), true) = (at.repeat_interval, node.repeat_interval > RETENTION_HOURS * 3_600_000) {
            decoder.report(forgotten(node, span));
        }
        if let Some(found) = at_once(config, &tree, number, at) {
            decoder.report(found);
        }
        for (index, child) in node.children.iter().enumerate().skip(1) {
            let elders = &node.children[index.saturating_sub(MAX_SIBLINGS)..index];
            let first = elders.iter().find(|elder| tell_the_same(&tree, **elder, *child));
            if let (Some(first), Some(at)) = (first.and_then(|f| place(*f)), place(*child)) {
                let receiver = tree.get(*child).map_or("", |n| n.receiver.as_str());
                decoder.report(
                    Diagnostic::new(
                        &codes::TOLD_TWICE,
                        at.head(),
                        format!("an alert of this route is told to {receiver:?} twice"),
                    )
                    .label("told again")
                    .also(first.head(), "told here, and passed on")
                    .note("each of the two routes sends a message of its own")
                    .help("remove one of the routes, or the `continue` of the first"),
                );
            }
        }
    }
}

/// The integrations that hold incidents open and close them.
fn closing<'c>(config: &'c Config, node: &RouteNode) -> Option<&'c IntegrationConfig> {
    let integrations = config.receiver(&node.receiver).map_or(&[][..], |r: &Receiver| &r.integrations);
    integrations.iter().find(|i| i.integration.keeps_incidents() && i.send_resolved())
}

/// A route with time intervals to a service that holds incidents open.
fn open_incidents(config: &Config, node: &RouteNode, place: &RoutePlaces) -> Option<Diagnostic> {
    let service = closing(config, node)?.integration.title;
    let span = *place.intervals.first()?;
    let when = match (node.mute_time_intervals.first(), node.active_time_intervals.first()) {
        (Some(mute), _) => format!("during {mute:?}"),
        (None, Some(active)) => format!("outside of {active:?}"),
        (None, None) => return None,
    };
    let again = Duration::from_millis(node.repeat_interval);
    let message = format!("an incident in {service} whose alert ends {when} stays open");
    Some(
        Diagnostic::new(&codes::RESOLVE_LOST, span, message)
            .label("muted, it is never told that it is over")
            .note(format!("if the same alert fires again, nobody is told before {again} have passed"))
            .help(format!("mute it in {service}, or tell a receiver without incidents at such times")),
    )
}

/// A repeat interval that is longer than the log remembers.
fn forgotten(node: &RouteNode, span: Span) -> Diagnostic {
    let repeat = Duration::from_millis(node.repeat_interval);
    let message = format!(
        "repeat_interval {repeat} is longer than Alertmanager remembers what it told ({RETENTION_HOURS}h)"
    );
    Diagnostic::new(&codes::SUSPICIOUS_SETTING, span, message)
        .note("what it has forgotten it tells as if it were new")
        .help(format!(
            "write {RETENTION_HOURS}h at most, or start Alertmanager with a longer `--data.retention`"
        ))
}

/// A route without a wait whose alerts are all to be silenced by others.
fn at_once(config: &Config, tree: &RouteTree, number: usize, place: &RoutePlaces) -> Option<Diagnostic> {
    let node = tree.get(number).filter(|n| n.group_wait == 0)?;
    let span = place.group_wait?;
    let path: Vec<&Matcher> =
        tree.path(number).into_iter().filter_map(|n| tree.get(n)).flat_map(|n| &n.matchers).collect();
    let rule = config.inhibit_rules.iter().filter(|r| !r.target_matchers.is_empty()).find(|rule| {
        let all: Vec<&Matcher> = path.iter().copied().chain(&rule.target_matchers).collect();
        let mut space = Space::new(&all);
        let own: Vec<Matcher> = path.iter().copied().cloned().collect();
        let own = space.conditions(&own);
        let target = space.refusal(&rule.target_matchers);
        // Nothing takes this route that is no target.
        target.is_some_and(|target| space.may_be(&[&own], &[]) && !space.may_be(&[&own], &[&target]))
    })?;
    let source: Vec<String> = rule.source_matchers.iter().map(Matcher::to_config).collect();
    let wait = if node.children.is_empty() { "at once" } else { "at once, unless a route below takes them" };
    Some(
        Diagnostic::new(
            &codes::LATE_INHIBITION,
            span,
            "these alerts do not wait for what is to silence them",
        )
        .label(format!("told {wait}"))
        .note(format!("an alert with {{{}}} silences them only if it is there first", source.join(", ")))
        .help("wait a little for it: `group_wait` of 30s"),
    )
}

/// Whether an alert that takes the second of two siblings is surely told to the same receiver by the first.
fn tell_the_same(tree: &RouteTree, first: usize, second: usize) -> bool {
    let (Some(a), Some(b)) = (tree.get(first), tree.get(second)) else { return false };
    let always = |n: &RouteNode| {
        n.children.is_empty() && n.mute_time_intervals.is_empty() && n.active_time_intervals.is_empty()
    };
    let within =
        |narrow: &RouteNode, wide: &RouteNode| wide.matchers.iter().all(|m| narrow.matchers.contains(m));
    if !a.continues || a.receiver != b.receiver || !always(a) || !always(b) {
        return false;
    }
    let narrow = if within(b, a) {
        b
    } else if within(a, b) {
        a
    } else {
        return false;
    };
    // Unless one between the two takes them for itself.
    let between = tree.get(second).and_then(|n| tree.get(n.parent?)).map_or(&[][..], |p| &p.children);
    let between = between.iter().filter(|n| **n > first && **n < second).filter_map(|n| tree.get(*n));
    !between.into_iter().any(|n| !n.continues && within(narrow, n))
}

/// The service is never told that anything is resolved.
pub(super) fn never_resolved(service: &str, span: Span) -> Diagnostic {
    const CODE: Code = &codes::NEVER_RESOLVED;
    Diagnostic::new(CODE, span, format!("{service} is never told that an alert is resolved"))
        .label("its incidents stay open until somebody closes them")
        .fix("tell it", span, "true")
}
