//! What Alertmanager accepts though it can hardly be meant.

use std::collections::BTreeSet;

use super::{ConfigPlaces, RoutePlaces};
use crate::alertmanager::config::{Config, Route};
use crate::alertmanager::time_interval::TimeInterval;
use crate::diagnostic::{Diagnostic, codes};
use crate::prometheus::Duration;
use crate::yaml::Decoder;

/// The root's intervals when it sets none (dispatch/route.go).
const GROUP_INTERVAL: Duration = Duration::from_millis(5 * 60_000);
const REPEAT_INTERVAL: Duration = Duration::from_millis(4 * 3_600_000);

pub(super) fn check(config: &Config, places: &ConfigPlaces, decoder: &mut Decoder) {
    let mut used = BTreeSet::new();
    route(&config.route, &places.route, (GROUP_INTERVAL, REPEAT_INTERVAL), &mut used, decoder);
    for (receiver, span) in config.receivers.iter().zip(&places.receivers) {
        if !receiver.name.is_empty() && !used.contains(receiver.name.as_str()) {
            let message = format!("no route names the receiver {:?}", receiver.name);
            decoder.report(Diagnostic::new(&codes::alertmanager::UNUSED_RECEIVER, *span, message));
        }
    }
    for (rule, place) in config.inhibit_rules.iter().zip(&places.inhibit_rules) {
        let (message, help) = if rule.target_matchers.is_empty() {
            ("this inhibition silences every alert", "say with `target_matchers` which alerts are silenced")
        } else if rule.source_matchers.is_empty() {
            ("any alert at all sets off this inhibition", "say with `source_matchers` which alerts silence")
        } else if rule.equal.is_empty() {
            (
                "one source alert anywhere silences every target",
                "name in `equal` the labels that both must share, such as `alertname` or `cluster`",
            )
        } else {
            continue;
        };
        decoder
            .report(Diagnostic::new(&codes::alertmanager::BROAD_INHIBITION, place.span, message).help(help));
    }
    for (named, span) in config.time_intervals.iter().zip(&places.time_intervals) {
        if !named.name.is_empty() && named.time_intervals.iter().all(never) {
            let message = format!("the time interval {:?} never holds", named.name);
            decoder.report(
                Diagnostic::new(&codes::alertmanager::NEVER_HOLDS, *span, message)
                    .note("a route muted by it is never muted, a route active in it never notifies"),
            );
        }
    }
}

/// True when no moment lies in it: an empty list, or months that are none.
fn never(interval: &TimeInterval) -> bool {
    interval.times.as_ref().is_some_and(Vec::is_empty)
        || interval.weekdays.as_ref().is_some_and(Vec::is_empty)
        || interval.days_of_month.as_ref().is_some_and(Vec::is_empty)
        || interval.years.as_ref().is_some_and(Vec::is_empty)
        || interval.months.as_ref().is_some_and(|m| m.iter().all(|r| r.last < 1 || r.first > 12))
}

fn route<'c>(
    node: &'c Route,
    places: &RoutePlaces,
    inherited: (Duration, Duration),
    used: &mut BTreeSet<&'c str>,
    decoder: &mut Decoder,
) {
    used.extend(node.receiver.as_deref());
    let group = node.group_interval.unwrap_or(inherited.0);
    let repeat = node.repeat_interval.unwrap_or(inherited.1);
    if repeat < group && (node.group_interval.is_some() || node.repeat_interval.is_some()) {
        let place =
            places.repeat_interval.or(places.group_interval).unwrap_or_else(|| places.span.at_start());
        let message = format!("repeat_interval {repeat} is shorter than group_interval {group}");
        decoder.report(
            Diagnostic::new(&codes::alertmanager::SUSPICIOUS_SETTING, place, message)
                .note("a group is looked at once every group_interval, so that is how often it repeats"),
        );
    }
    for (child, place) in node.routes.iter().zip(&places.routes) {
        route(child, place, (group, repeat), used, decoder);
    }
}
