//! What the inhibitions of the source do to the alerts of the program: which never silence anything, which compare labels
//! that nobody has, which come too late, and whose incidents stay open.

use std::collections::{BTreeMap, BTreeSet};

use super::reach::{is_told, level_of};
use super::{Routing, Sender};
use crate::alertmanager::InhibitPlaces;
use crate::alertmanager::config::{GroupBy, InhibitRule};
use crate::alertmanager::matcher::{Matcher, Op};
use crate::alertmanager::route::{RouteTree, matches};
use crate::alertmanager::worlds::{Arriving, Known, Values, Worlds, matchers};
use crate::check::duration_text;
use crate::check::model::{Body, Checked, CheckedAlert, Millis};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::{alertmanager, routing};

/// More alerts than these are counted.
const MANY: usize = 3;
/// More pairs of a source and a target are not looked through.
const MAX_PAIRS: usize = 250_000;

/// Checks every inhibition that the source writes.
pub(super) fn check(
    checked: &Checked<'_>,
    senders: &[Sender<'_>],
    routing: &Routing,
    tree: &RouteTree,
    out: &mut Vec<Diagnostic>,
) {
    let rules = checked.files.iter().flat_map(|f| &f.groups).enumerate().flat_map(|(group, g)| {
        let alerts = g.rules.iter().filter_map(|r| r.alert());
        alerts.enumerate().map(move |(number, alert)| (std::ptr::from_ref(alert).addr(), (group, number)))
    });
    let order: BTreeMap<usize, (usize, usize)> = rules.collect();
    let mut lost = BTreeSet::new();
    for (rule, place) in routing.config.inhibit_rules.iter().zip(&routing.places.inhibit_rules) {
        // Told already, as what nothing at all can have.
        if is_told(&routing::USELESS_INHIBITION, place.span, out) {
            continue;
        }
        let sources = side(senders, &rule.source_matchers);
        let targets = side(senders, &rule.target_matchers);
        let before = out.len();
        for (side, alerts, matchers) in
            [("source", &sources, &rule.source_matchers), ("target", &targets, &rule.target_matchers)]
        {
            if alerts.is_empty() {
                out.push(nobody(side, matchers, place));
            }
        }
        if out.len() > before || sources.len().saturating_mul(targets.len()) > MAX_PAIRS {
            continue;
        }
        let sources = Side::new(sources, &rule.equal, &rule.source_matchers, (routing, tree));
        let targets = Side::new(targets, &rule.equal, &rule.target_matchers, (routing, tree));
        let inhibition = Inhibition { rule, place, sources, targets, routing, tree, order: &order };
        if inhibition.labels(out) {
            inhibition.late(out);
            inhibition.stays_open(&mut lost, out);
        }
    }
}

/// The alerts that can have labels which pass.
fn side<'s, 'm>(senders: &'s [Sender<'m>], matchers: &[Matcher]) -> Vec<&'s Sender<'m>> {
    let refs: Vec<&Matcher> = matchers.iter().collect();
    let mut all_worlds = Worlds::new(&refs);
    let possible = |s: &&Sender<'_>| {
        let (worlds, complete) = all_worlds.of(*s);
        !complete || worlds.iter().any(|w| matches(matchers, w))
    };
    senders.iter().filter(possible).collect()
}

fn nobody(side: &str, matchers: &[Matcher], place: &InhibitPlaces) -> Diagnostic {
    let shown: Vec<String> = matchers.iter().map(Matcher::to_config).collect();
    Diagnostic::new(
        &routing::USELESS_INHIBITION,
        place.span,
        format!("no alert is the {side} of this inhibition: none has {{{}}}", shown.join(", ")),
    )
    .label("never in force")
    .help("correct the matchers, or remove the line")
}

/// The values that a label may have.
struct Possible {
    /// None: any at all.
    values: Option<BTreeSet<String>>,
    may_miss: bool,
}

impl Possible {
    fn of(sender: &Sender<'_>, label: &str, matchers: &[Matcher]) -> Possible {
        let own: Vec<&Matcher> = matchers.iter().filter(|m| m.name() == label).collect();
        let passes = |value: &str| own.iter().all(|m| m.matches(value));
        let Known { values, may_miss } = sender.known(label);
        let named = own.iter().find(|m| m.op() == Op::Equal && !m.value().is_empty());
        let values = match (values, named) {
            (Values::OneOf(values), _) => {
                Some(values.into_iter().filter(|v| !v.is_empty() && passes(v)).collect())
            }
            (_, Some(named)) => Some(BTreeSet::from([named.value().to_string()])),
            _ => None,
        };
        Possible { values, may_miss: may_miss && passes("") }
    }

    fn is_never_there(&self) -> bool {
        self.values.as_ref().is_some_and(BTreeSet::is_empty)
    }

    /// A label that is missing on both sides is the same in both.
    fn agrees(&self, other: &Possible) -> bool {
        let some = match (&self.values, &other.values) {
            (Some(a), Some(b)) => a.intersection(b).next().is_some(),
            (Some(one), None) | (None, Some(one)) => !one.is_empty(),
            (None, None) => true,
        };
        some || self.may_miss && other.may_miss
    }
}

/// The alerts of one side, with what each of the labels behind `equal` may be.
struct Side<'s, 'm>(Vec<Member<'s, 'm>>);

struct Member<'s, 'm> {
    sender: &'s Sender<'m>,
    equal: Vec<Possible>,
    /// The routes that it takes with labels that pass.
    routes: Vec<usize>,
}

impl<'s, 'm> Side<'s, 'm> {
    fn new(
        senders: Vec<&'s Sender<'m>>,
        labels: &[String],
        own: &[Matcher],
        (routing, tree): (&Routing, &RouteTree),
    ) -> Side<'s, 'm> {
        let mut all = matchers(&routing.config.route);
        all.extend(own);
        let mut all_worlds = Worlds::new(&all);
        // Alerts that the matchers see alike share their label sets.
        let mut known: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        let mut members = Vec::with_capacity(senders.len());
        for sender in senders {
            let (worlds, _) = all_worlds.of(sender);
            let routes = known.entry(worlds.as_ptr().addr()).or_insert_with(|| {
                let passing = worlds.iter().filter(|w| matches(own, w));
                let taken: BTreeSet<usize> = passing.flat_map(|w| tree.matching(w)).collect();
                taken.into_iter().collect()
            });
            let equal = labels.iter().map(|label| Possible::of(sender, label, own)).collect();
            members.push(Member { sender, equal, routes: routes.clone() });
        }
        Side(members)
    }
}

impl Member<'_, '_> {
    fn is(&self, other: &Member<'_, '_>) -> bool {
        std::ptr::eq(self.sender, other.sender)
    }

    fn is_of_alert(&self, other: &Member<'_, '_>) -> bool {
        std::ptr::eq(self.sender.alert, other.sender.alert)
    }

    /// Whether the label of that number can be the same in both.
    fn agrees(&self, label: usize, other: &Member<'_, '_>) -> bool {
        match (self.equal.get(label), other.equal.get(label)) {
            (Some(own), Some(other)) => own.agrees(other),
            _ => true,
        }
    }

    /// What is known of a label, in words.
    fn tells(&self, number: usize, label: &str) -> String {
        let name = level_of(self.sender);
        match self.equal.get(number).and_then(|p| p.values.as_ref()) {
            Some(values) if values.is_empty() => format!("{name} has no `{label}`"),
            Some(values) => {
                let values: Vec<String> = values.iter().map(|v| crate::gostd::strconv::quote(v)).collect();
                format!("{name} has `{label}` {}", values.join(" or "))
            }
            None => format!("{name} always has `{label}`"),
        }
    }
}

struct Inhibition<'r, 's, 'm> {
    rule: &'r InhibitRule,
    place: &'r InhibitPlaces,
    sources: Side<'s, 'm>,
    targets: Side<'s, 'm>,
    routing: &'r Routing,
    tree: &'r RouteTree,
    /// Group and number of each alert's rule, by address.
    order: &'r BTreeMap<usize, (usize, usize)>,
}

impl<'s, 'm> Inhibition<'_, 's, 'm> {
    /// The sources that can silence a target.
    fn sources_of(&self, target: &Member<'_, '_>) -> impl Iterator<Item = &Member<'s, 'm>> {
        let others = self.sources.0.iter().filter(|source| !source.is(target));
        others.filter(|source| (0..self.rule.equal.len()).all(|label| source.agrees(label, target)))
    }

    /// Labels behind `equal` that never are the same, or that nobody has; false when nothing is ever silenced.
    fn labels(&self, out: &mut Vec<Diagnostic>) -> bool {
        let pairs = || {
            let all = self.targets.0.iter().flat_map(|t| self.sources.0.iter().map(move |s| (s, t)));
            all.filter(|(source, target)| !source.is(target))
        };
        let labels = || self.rule.equal.iter().zip(&self.place.equal).enumerate();
        if let Some((source, target)) = pairs().next()
            && !self.targets.0.iter().any(|t| self.sources_of(t).next().is_some())
        {
            let so = "this inhibition never silences anything";
            let never = labels().find(|(number, _)| !pairs().any(|(s, t)| s.agrees(*number, t)));
            out.push(match never {
                Some((number, (label, span))) => Diagnostic::new(
                    &routing::USELESS_INHIBITION,
                    *span,
                    format!("{so}: no source and target have the same `{label}`"),
                )
                .label("must be the same in both")
                .note(format!("{}, {}", source.tells(number, label), target.tells(number, label)))
                .help(format!("take `{label}` out of `equal`, or give both sides the label")),
                None => Diagnostic::new(
                    &routing::USELESS_INHIBITION,
                    self.place.span,
                    format!("{so}: no source has the same labels as any target"),
                )
                .label(format!("{} must be the same in both", self.rule.equal.join(", ")))
                .help("take labels out of `equal`, or remove the line"),
            });
            return false;
        }
        for (number, (label, span)) in labels() {
            let is_missing = |m: &Member<'_, '_>| m.equal.get(number).is_some_and(Possible::is_never_there);
            if self.sources.0.iter().chain(&self.targets.0).all(is_missing) {
                let message = format!("no alert that this inhibition is about has the label `{label}`");
                out.push(
                    Diagnostic::new(&alertmanager::BROAD_INHIBITION, *span, message)
                        .label("missing in both counts as the same")
                        .help(format!(
                            "correct or remove it; if Prometheus adds it: `external_labels {{{label}=\"…\"}}`"
                        )),
                );
            }
        }
        true
    }

    /// When every target is told before any of its sources can fire, though all begin at once.
    fn late(&self, out: &mut Vec<Diagnostic>) {
        let mut found = Vec::new();
        for member in &self.targets.0 {
            let target = member.sender;
            let others = self.sources_of(member).filter(|source| !source.is_of_alert(member));
            let others: Vec<&Sender<'_>> = others.map(|source| source.sender).collect();
            let Some(first) = others.iter().min_by_key(|s| hold(s)) else { continue };
            let routes = member.routes.iter().filter_map(|r| self.tree.get(*r));
            let Some(wait) = routes.map(|n| n.group_wait).max() else {
                continue;
            };
            // For some it comes in time: those it is for.
            if !others.iter().all(|source| self.is_late(source, target, wait)) {
                return;
            }
            found.push((target, *first, wait));
        }
        let Some((target, source, _)) = found.first() else { return };
        let more = match found.len() - 1 {
            0 => String::new(),
            more => format!(", and {more} more"),
        };
        let message =
            format!("{} is told before {} can silence it{more}", level_of(target), level_of(source));
        let d = Diagnostic::new(&alertmanager::LATE_INHIBITION, self.place.span, message)
            .label("too late for the first message");
        let mut d = d.also(source.alert.name.span, format!("fires after {}", duration_text(hold(source))));
        for (target, source, wait) in found.iter().take(MANY) {
            let (name, by) = (level_of(target), level_of(source));
            let (after, later) = (duration_text(hold(target)), duration_text(hold(source)));
            d = d.note(match duration_text(*wait) {
                _ if hold(source) == hold(target) => {
                    format!("both fire after {after}: where {name} comes first, it is told at once")
                }
                wait => {
                    format!("{name} fires after {after} and is told {wait} later, {by} fires after {later}")
                }
            });
        }
        out.push(
            d.help("let the source fire as early, or what it silences wait longer: `for`, or `group_wait`"),
        );
    }

    fn is_late(&self, source: &Sender<'_>, target: &Sender<'_>, wait: Millis) -> bool {
        // When the windows of an objective are full nobody knows.
        let burns = |s: &Sender<'_>| matches!(s.alert.body, Body::Burns { .. }) && !s.no_data;
        if burns(source) || burns(target) {
            return false;
        }
        let place = |s: &Sender<'_>| self.order.get(&std::ptr::from_ref::<CheckedAlert<'_>>(s.alert).addr());
        let is_sent_first = match (place(source), place(target)) {
            (Some((a, first)), Some((b, second))) => a == b && first < second,
            _ => true,
        };
        let told = hold(target) + wait;
        hold(source) > told || wait == 0 && hold(source) == told && !is_sent_first
    }

    /// Targets whose incident stays open when they end while a source goes on.
    fn stays_open(&self, told: &mut BTreeSet<usize>, out: &mut Vec<Diagnostic>) {
        let mut found = Vec::new();
        for member in &self.targets.0 {
            let alert = member.sender.alert;
            let source = self
                .sources_of(member)
                .find(|source| !source.is_of_alert(member) && !same_signal(source.sender.alert, alert));
            let Some(source) = source else { continue };
            let service = member.routes.iter().find_map(|route| {
                let receiver = self.routing.config.receiver(&self.tree.get(*route)?.receiver)?;
                let mut closing = receiver.integrations.iter().filter(|i| i.send_resolved());
                let service = closing.find(|i| i.integration.keeps_incidents())?;
                (!self.share_a_group(*route, source, member)).then_some(service.integration.title)
            });
            if let Some(service) = service
                && told.insert(std::ptr::from_ref::<CheckedAlert<'_>>(alert).addr())
            {
                found.push((member.sender, level_of(source.sender), service));
            }
        }
        let why = "unless both end within 15 minutes: so long Prometheus repeats that it is resolved";
        let help = |service: &str| format!("let {service} close incidents after a time, or group both alike");
        // Of many it is said once, where it comes from.
        if let ([(target, by, service), rest @ ..], true) = (found.as_slice(), found.len() > MANY) {
            let (name, more) = (level_of(target), rest.len());
            let message =
                format!("{name} and {more} more stay open in {service} if they end while {by} fires");
            out.push(
                Diagnostic::new(&alertmanager::RESOLVE_LOST, self.place.span, message)
                    .label("silenced, they are never told that they are over")
                    .note(why)
                    .help(help(service)),
            );
            return;
        }
        for (target, by, service) in found {
            let message = format!("{} stays open in {service} if it ends while {by} fires", level_of(target));
            out.push(
                Diagnostic::new(&alertmanager::RESOLVE_LOST, target.alert.name.span, message)
                    .label("silenced, it is never told that it is over")
                    .also(self.place.span, "silences it")
                    .note(why)
                    .help(format!("{}; if that is meant: `allow resolve-lost \"…\"`", help(service))),
            );
        }
    }

    /// Whether both stand in one group of a route: an incident ends with the last alert of its group.
    fn share_a_group(&self, route: usize, source: &Member<'_, '_>, target: &Member<'_, '_>) -> bool {
        let Some(GroupBy::Labels(labels)) = self.tree.get(route).map(|node| &node.group_by) else {
            return false;
        };
        let fixed = |s: &Sender<'_>, label: &str| match s.known(label) {
            Known { values: Values::OneOf(values), may_miss } => match (values.as_slice(), may_miss) {
                ([one], false) => Some(one.clone()),
                ([], _) => Some(String::new()),
                _ => None,
            },
            _ => None,
        };
        let is_shared = |label: &String| {
            self.rule.equal.contains(label)
                || fixed(source.sender, label).is_some_and(|value| Some(value) == fixed(target.sender, label))
        };
        source.routes.contains(&route) && labels.iter().all(is_shared)
    }
}

fn hold(sender: &Sender<'_>) -> Millis {
    sender.holds.hold.unwrap_or(0)
}

/// Whether two alerts look at the same: the lower limit then does not end before the higher.
fn same_signal(a: &CheckedAlert<'_>, b: &CheckedAlert<'_>) -> bool {
    match (&a.body, &b.body) {
        (Body::Levels { signal: a, .. }, Body::Levels { signal: b, .. }) => a.text == b.text,
        _ => false,
    }
}
