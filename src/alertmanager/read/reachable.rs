//! Routes and inhibitions that no alert at all gets to, whatever its labels.

use super::{ConfigPlaces, InhibitPlaces, RoutePlaces};
use crate::alertmanager::config::{Config, InhibitRule, Route};
use crate::alertmanager::matcher::{Matcher, Op};
use crate::alertmanager::satisfy::{Conditions, Space};
use crate::alertmanager::worlds::matchers;
use crate::diagnostic::codes::{alertmanager, routing};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use crate::yaml::Decoder;

/// More routes that take the alerts together are not named.
const MANY: usize = 4;

pub(super) fn check(config: &Config, places: &ConfigPlaces, decoder: &mut Decoder) {
    let space = Space::new(&matchers(&config.route));
    let mut routes = Routes { space, path: Vec::new(), takers: Vec::new(), decoder };
    routes.children(&config.route, &places.route);
    for (rule, place) in config.inhibit_rules.iter().zip(&places.inhibit_rules) {
        inhibition(rule, place, decoder);
    }
}

/// A route that is passed on the way down, or that stands before one and passes nothing on.
struct Passed<'c> {
    matchers: &'c [Matcher],
    conditions: Conditions,
    span: Span,
}

struct Routes<'c, 'd> {
    space: Space<'c>,
    /// The routes above.
    path: Vec<Passed<'c>>,
    /// Elder siblings of the route and of those above that take an alert for themselves.
    takers: Vec<Passed<'c>>,
    decoder: &'d mut Decoder,
}

impl<'c> Routes<'c, '_> {
    fn children(&mut self, route: &'c Route, places: &RoutePlaces) {
        let elders = self.takers.len();
        for (child, place) in route.routes.iter().zip(&places.routes) {
            let span = place.head();
            let conditions = self.space.conditions(&child.matchers);
            let passed = Passed { matchers: &child.matchers, conditions, span };
            self.path.push(passed);
            if self.can_be(self.takers.len()) {
                self.children(child, place);
            } else {
                let finding = self.finding();
                self.decoder.report(finding);
            }
            // Of a matcher that can't be judged nobody knows what it leaves to the others.
            if let (Some(mut passed), Some(whole)) = (self.path.pop(), self.space.refusal(&child.matchers))
                && !child.continues
            {
                passed.conditions = whole;
                self.takers.push(passed);
            }
        }
        self.takers.truncate(elders);
    }

    /// Whether anything gets to the end of the path past the first so many takers.
    fn can_be(&mut self, takers: usize) -> bool {
        let path: Vec<&Conditions> = self.path.iter().map(|p| &p.conditions).collect();
        let refused: Vec<&Conditions> = self.takers.iter().take(takers).map(|t| &t.conditions).collect();
        self.space.may_be(&path, &refused)
    }

    /// Why nothing gets to the end of the path.
    fn finding(&mut self) -> Diagnostic {
        let Some((own, above)) = self.path.split_last() else {
            return unreachable(Span::NONE, String::new());
        };
        let span = own.span;
        if !self.space.may_be(&[&own.conditions], &[]) {
            return contradiction(&alertmanager::UNREACHABLE_ROUTE, own.matchers, span, "no alert gets here");
        }
        let path: Vec<&Conditions> = self.path.iter().map(|p| &p.conditions).collect();
        if !self.space.may_be(&path, &[]) {
            let all = [&own.conditions];
            let one = above.iter().find(|a| !self.space.may_be(&[all[0], &a.conditions], &[]));
            let d =
                unreachable(span, "no alert gets here: the route above lets none of these in".to_string());
            let at = one.or(above.last()).map_or(span, |a| a.span);
            return d
                .also(at, "only these get past here")
                .help("correct the matchers, or move the route out of that one");
        }
        let d = unreachable(span, "no alert gets here".to_string());
        let alone = self.takers.iter().find(|t| !self.space.may_be(&path, &[&t.conditions]));
        if let Some(taker) = alone {
            return d
                .also(taker.span, "this route takes them all")
                .help("put the narrower route first, or let the other `continue`");
        }
        // Several together: those without which something would get here.
        let mut needed: Vec<&Passed<'_>> = self.takers.iter().collect();
        let mut at = 0;
        while at < needed.len() {
            let without: Vec<&Conditions> =
                needed.iter().enumerate().filter(|(i, _)| *i != at).map(|(_, t)| &t.conditions).collect();
            if self.space.may_be(&path, &without) {
                at += 1;
            } else {
                needed.remove(at);
            }
        }
        let label = |at: usize| if at == 0 { "this route takes some of them" } else { "this one others" };
        let shown = needed.iter().take(MANY).enumerate();
        let mut d = shown.fold(d, |d, (at, taker)| d.also(taker.span, label(at)));
        if needed.len() > MANY {
            d = d.note(format!("and {} more routes before it", needed.len() - MANY));
        }
        d.note("together they take all of them").help("put this route before one of them, or remove it")
    }
}

fn unreachable(span: Span, message: String) -> Diagnostic {
    Diagnostic::new(&alertmanager::UNREACHABLE_ROUTE, span, message)
}

/// Matchers of which no label set passes all.
fn contradiction(code: Code, matchers: &[Matcher], span: Span, so: &str) -> Diagnostic {
    let refs: Vec<&Matcher> = matchers.iter().collect();
    let mut space = Space::new(&refs);
    let mut excluding = |a: &Matcher, b: &Matcher| {
        let both = space.conditions(&[a.clone(), b.clone()]);
        !space.may_be(&[&both], &[])
    };
    let pairs = matchers.iter().enumerate().flat_map(|(i, a)| matchers[i..].iter().map(move |b| (a, b)));
    let pair = pairs.take(1000).find(|(a, b)| excluding(a, b));
    let why = match pair {
        Some((a, b)) if a == b => format!("nothing passes {}", a.to_config()),
        Some((a, b)) => format!("{} and {} exclude each other", a.to_config(), b.to_config()),
        None => "these matchers exclude each other".to_string(),
    };
    let both = match pair {
        Some((a, b)) if a != b && [a, b].iter().all(|m| m.op() == Op::Equal && !m.value().is_empty()) => {
            let values = [a, b].map(|m| crate::gostd::regexp::quote_meta(m.value()));
            let pattern = Matcher::new(a.name(), Op::Match, values.join("|")).map(|m| m.to_config());
            pattern.ok().map(|p| format!("if either will do, write `{p}`"))
        }
        _ => None,
    };
    Diagnostic::new(code, span, format!("{so}: {why}"))
        .help(both.unwrap_or_else(|| "correct the matchers, or remove them".to_string()))
}

fn inhibition(rule: &InhibitRule, place: &InhibitPlaces, decoder: &mut Decoder) {
    let all: Vec<&Matcher> = rule.source_matchers.iter().chain(&rule.target_matchers).collect();
    let mut space = Space::new(&all);
    let source = space.conditions(&rule.source_matchers);
    let target = space.conditions(&rule.target_matchers);
    for (side, conditions, matchers) in
        [("source", &source, &rule.source_matchers), ("target", &target, &rule.target_matchers)]
    {
        if !space.may_be(&[conditions], &[]) {
            let so = format!("no alert is the {side} of this inhibition");
            decoder.report(contradiction(&routing::USELESS_INHIBITION, matchers, place.span, &so));
            return;
        }
    }
    for (label, span) in rule.equal.iter().zip(&place.equal) {
        if !space.may_agree(label, &source, &target) {
            let of = |matchers: &[Matcher]| {
                let own = matchers.iter().filter(|m| m.name() == label).map(Matcher::to_config);
                own.collect::<Vec<_>>().join(" and ")
            };
            decoder.report(
                Diagnostic::new(
                    &routing::USELESS_INHIBITION,
                    *span,
                    format!("this inhibition never silences anything: its source and target never have the same `{label}`"),
                )
                .label("must be the same in both")
                .note(format!("the source has {}, the target {}", of(&rule.source_matchers), of(&rule.target_matchers)))
                .help(format!("take `{label}` out of `equal`")),
            );
        }
    }
}
