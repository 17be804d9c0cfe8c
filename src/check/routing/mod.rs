//! Receivers, routes, inhibitions and intervals: the Alertmanager configuration that a project says.
//!
//! The source becomes the tree of a configuration whose nodes keep their places in the `.alert` files; the reader of
//! configurations then finds in it whatever it finds in YAML, and points at the author's text.

mod escalation;
mod field;
mod inhibition;
mod interval;
mod paging;
mod reach;
mod tree;
pub mod world;

use std::collections::{BTreeMap, BTreeSet};

use super::Context;
use super::model::{Body, Checked, CheckedAlert};
use crate::alertmanager::config::{Config, InhibitRule, Receiver};
use crate::alertmanager::matcher::{Matcher, Mode, Op};
use crate::alertmanager::schema::integration;
use crate::alertmanager::simulation::Endpoint;
use crate::alertmanager::{ConfigPlaces, read_config};
use crate::diagnostic::codes::{alertmanager, names, routing};
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::promql::ast::METRIC_NAME;
use crate::source::Span;
use crate::syntax::ast::{Branch, Name, RouteEntryKind};
use crate::yaml::Value;

/// A configuration, where its parts stand, and which receivers of the source each of its receivers holds.
#[derive(Debug, Clone)]
pub struct Routing {
    /// The configuration.
    pub config: Config,
    /// Where its parts stand.
    pub places: ConfigPlaces,
    /// For a receiver of the configuration, those of the source.
    pub holds: BTreeMap<String, Vec<String>>,
    /// For an integration of a receiver of the configuration, the receiver of the source that declares it.
    pub owners: BTreeMap<Endpoint, String>,
    /// The receivers of the source, each by itself.
    pub declared: Vec<Receiver>,
    /// Who is called, one after the other, for what takes each route of the tree; none without an escalation.
    pub escalations: Vec<Option<String>>,
}

pub(in crate::check) use reach::check as prove;
pub use world::{Sender, senders};

/// The name of the receiver that holds several.
fn joined(names: &[Name]) -> String {
    names.iter().map(|n| n.text.as_str()).collect::<Vec<_>>().join("+")
}

/// The routing of a project; `None` when it has no route or names in it are unknown.
pub(super) fn check(context: &Context<'_, '_>, out: &mut Vec<Diagnostic>) -> Option<Routing> {
    let all = context.all;
    let mut uses = Uses::default();
    if let Some(route) = all.route {
        if route.branch.receivers.is_empty() {
            out.push(
                Diagnostic::new(&alertmanager::INVALID_ROUTE, route.keyword, "the route has no receiver")
                    .label("who is told what no other route takes?")
                    .help("name one: `route -> NAME { … }`"),
            );
        }
        uses.branch(&route.branch);
    }
    let rootless = all.route.is_some_and(|r| r.branch.receivers.is_empty());
    let errors = check_names(context, &uses, out) || rootless;
    escalation::check(context, out);
    let mut found = Vec::new();
    field::check_secrets(context, &mut found);
    out.append(&mut found);
    all.route?;
    let root = tree::config(context, &uses, out);
    if errors {
        return None;
    }
    let read = read_config(&root, "", Mode::default());
    // What the source declares and which alerts there are tells more.
    let better = [
        &alertmanager::UNUSED_RECEIVER,
        &alertmanager::TOLD_TWICE,
        &alertmanager::LATE_INHIBITION,
        &routing::PAGES_NOBODY,
    ];
    out.extend(read.diagnostics.into_iter().filter(|d| better.iter().all(|code| code.name != d.code.name)));
    let holds = uses
        .sets
        .iter()
        .map(|names| (joined(names), names.iter().map(|n| n.text.clone()).collect()))
        .collect();
    let escalations = escalation::of_routes(context, &read.model, &holds);
    matches!(root.value, Value::Mapping(_)).then_some(Routing {
        escalations,
        config: read.model,
        places: read.places,
        holds,
        owners: owners(context, &uses),
        declared: read_config(&tree::receivers(context), "", Mode::default()).model.receivers,
    })
}

/// The integrations of each receiver of the configuration, as [`tree::config`] puts them together.
fn owners(context: &Context<'_, '_>, uses: &Uses<'_>) -> BTreeMap<Endpoint, String> {
    let mut owners = BTreeMap::new();
    for names in &uses.sets {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for name in *names {
            let declared = context.all.receivers.iter().filter(|r| r.name.text == name.text).take(1);
            for one in declared.flat_map(|r| &r.body.items) {
                let Some(known) = integration(&one.kind.text) else { continue };
                let count = counts.entry(known.name).or_default();
                let endpoint = Endpoint { receiver: joined(names), integration: known.name, index: *count };
                *count += 1;
                owners.insert(endpoint, name.text.clone());
            }
        }
    }
    owners
}

/// What the route tree names.
#[derive(Debug, Default)]
pub(super) struct Uses<'a> {
    /// Each set of receivers once, in the order of the tree.
    pub(super) sets: Vec<&'a [Name]>,
    intervals: Vec<&'a Name>,
}

impl<'a> Uses<'a> {
    fn branch(&mut self, branch: &'a Branch) {
        if !branch.receivers.is_empty() && !self.sets.iter().any(|s| joined(s) == joined(&branch.receivers)) {
            self.sets.push(&branch.receivers);
        }
        for entry in branch.body.iter().flat_map(|b| &b.items) {
            match &entry.kind {
                RouteEntryKind::When(when) => self.branch(&when.branch),
                RouteEntryKind::MuteTimeIntervals(names) | RouteEntryKind::ActiveTimeIntervals(names) => {
                    self.intervals.extend(names);
                }
                _ => {}
            }
        }
    }
}

/// Unknown receivers and intervals (true if there are any), and receivers nobody uses.
fn check_names(context: &Context<'_, '_>, uses: &Uses<'_>, out: &mut Vec<Diagnostic>) -> bool {
    let all = context.all;
    let receivers: Vec<&str> = all.receivers.iter().map(|r| r.name.text.as_str()).collect();
    let intervals: Vec<&str> = all.intervals.iter().map(|r| r.name.text.as_str()).collect();
    let before = out.len();
    for name in uses.sets.iter().flat_map(|s| s.iter()) {
        unknown("receiver", name, &receivers, &names::UNKNOWN_RECEIVER, out);
    }
    for name in &uses.intervals {
        unknown("time interval", name, &intervals, &names::UNKNOWN_TIME_INTERVAL, out);
    }
    let errors = out.len() > before;
    for receiver in &all.receivers {
        let name = &receiver.name;
        if !uses.sets.iter().flat_map(|s| s.iter()).any(|n| n.text == name.text) {
            out.push(
                Diagnostic::new(
                    &routing::UNUSED_RECEIVER_NAME,
                    name.span,
                    format!("receiver `{}` is never told", name.text),
                )
                .label("no route leads here")
                .help("add it to a route, or remove it"),
            );
        }
    }
    errors
}

/// Reports a name that is not declared.
pub(super) fn unknown(
    what: &str,
    name: &Name,
    known: &[&str],
    code: crate::diagnostic::Code,
    out: &mut Vec<Diagnostic>,
) -> bool {
    if known.contains(&name.text.as_str()) {
        return false;
    }
    let mut d =
        Diagnostic::new(code, name.span, format!("unknown {what} `{}`", name.text)).label("not declared");
    match crate::diagnostic::nearest(&name.text, known.iter().copied()) {
        Some(near) => d = d.fix(format!("write `{near}`"), name.span, near),
        None => d.help.extend(did_you_mean(&name.text, known.iter().copied())),
    }
    if d.fix.is_none() && !known.is_empty() {
        d = d.help(format!("declared: {}", known.join(", ")));
    }
    out.push(d);
    true
}

/// Levels of one alert: while the higher fires, the lower is silent. One rule for each pair of severities that some
/// alert has; it compares every label that tells two alerts of these apart (absent in both is equal).
pub(super) fn inhibitions(checked: &Checked<'_>, out: &mut Vec<Diagnostic>) -> Vec<InhibitRule> {
    let mut pairs: BTreeMap<(usize, usize), BTreeSet<String>> = BTreeMap::new();
    let rank = |severity: &str| checked.severities.iter().position(|s| s == severity);
    let rules = checked.files.iter().flat_map(|f| &f.groups).flat_map(|g| &g.rules);
    for rule in rules {
        let Some(alert) = rule.alert() else { continue };
        let (severities, signal): (Vec<&str>, Span) = match &alert.body {
            Body::Levels { levels, signal } => {
                (levels.iter().map(|l| l.severity.as_str()).collect(), signal.span)
            }
            // A page silences the ticket of the same objective.
            Body::Burns { tiers, .. } => {
                (tiers.iter().map(|t| t.severity.as_str()).collect(), alert.name.span)
            }
            Body::Condition { .. } => continue,
        };
        if severities.len() > 1 && !alert.result.is_closed() {
            out.push(unknown_labels(alert, signal));
        }
        let ranks: Vec<usize> = severities.iter().filter_map(|s| rank(s)).collect();
        for (index, high) in ranks.iter().enumerate() {
            for low in ranks.iter().skip(index + 1) {
                let equal = pairs.entry((*high, *low)).or_default();
                equal.insert("alertname".to_string());
                equal.extend(alert.result.names().filter(|n| *n != METRIC_NAME).map(str::to_string));
                equal.extend(alert.properties.labels.keys().map(ToString::to_string));
            }
        }
    }
    let severity = |rank: usize| {
        let name = checked.severities.get(rank).map_or("", String::as_str);
        Matcher::new("severity", Op::Equal, name).ok().into_iter().collect::<Vec<_>>()
    };
    pairs
        .into_iter()
        .map(|((high, low), mut equal)| {
            equal.remove("severity");
            InhibitRule {
                name: None,
                source_matchers: severity(high),
                target_matchers: severity(low),
                equal: equal.into_iter().collect(),
            }
        })
        .collect()
}

/// Without its labels, a level can't tell whose lower level it silences.
fn unknown_labels(alert: &CheckedAlert<'_>, signal: Span) -> Diagnostic {
    Diagnostic::new(
        &routing::UNKNOWN_LEVEL_LABELS,
        alert.name.span,
        format!("the levels of `{}` can't be told apart by labels that are not known", alert.name.text),
    )
    .label("a higher level of one silences the lower levels of all")
    .also(signal, "reads a metric that is not declared")
    .note("the inhibition between levels compares every label that the result has")
    .help("declare the metric with its labels, or keep some by name: `max by (instance) (…)`")
}

/// Where an empty part of the tree stands.
pub(super) fn nowhere() -> Span {
    Span::NONE
}
