//! Names: receivers and time intervals, each once, and routes that name them.

use std::collections::{BTreeSet, HashMap};

use super::{ConfigPlaces, RoutePlaces};
use crate::alertmanager::config::{Config, Route};
use crate::diagnostic::{Diagnostic, codes, nearest};
use crate::source::Span;
use crate::yaml::{Decoder, quote_as};

pub(super) fn check(config: &Config, places: &ConfigPlaces, text: &str, decoder: &mut Decoder) {
    let mut seen: HashMap<&str, Span> = HashMap::new();
    for (receiver, span) in config.receivers.iter().zip(&places.receivers) {
        if receiver.name.is_empty() {
            continue;
        }
        if let Some(first) = seen.get(receiver.name.as_str()) {
            let message = format!("notification config name {:?} is not unique", receiver.name);
            decoder.report(
                Diagnostic::new(&codes::alertmanager::NAME_NOT_UNIQUE, *span, message)
                    .label("again here")
                    .also(*first, "first here")
                    .help("give one of them another name, or put their integrations together"),
            );
        } else {
            seen.insert(&receiver.name, *span);
        }
    }
    let names = Names {
        receivers: config.receivers.iter().map(|r| r.name.as_str()).collect(),
        intervals: config.time_intervals.iter().map(|t| t.name.as_str()).collect(),
        text,
    };
    check_route(&config.route, &places.route, &names, decoder);
}

/// What a route may name.
struct Names<'c> {
    receivers: BTreeSet<&'c str>,
    intervals: BTreeSet<&'c str>,
    text: &'c str,
}

fn check_route(route: &Route, places: &RoutePlaces, names: &Names<'_>, decoder: &mut Decoder) {
    if let (Some(name), Some(span)) = (&route.receiver, places.receiver)
        && !names.receivers.contains(name.as_str())
    {
        let message = format!("undefined receiver {name:?} used in route");
        let diagnostic = Diagnostic::new(&codes::alertmanager::RECEIVER_NOT_DEFINED, span, message);
        decoder.report(suggest(diagnostic, name, names.receivers.iter().copied(), names.text));
    }
    let intervals = route.mute_time_intervals.iter().chain(&route.active_time_intervals);
    for (name, span) in intervals.zip(&places.intervals) {
        if !names.intervals.contains(name.as_str()) {
            let message = format!("undefined time interval {name:?} used in route");
            let diagnostic = Diagnostic::new(&codes::alertmanager::TIME_INTERVAL_NOT_DEFINED, *span, message);
            decoder.report(suggest(diagnostic, name, names.intervals.iter().copied(), names.text));
        }
    }
    for (child, place) in route.routes.iter().zip(&places.routes) {
        check_route(child, place, names, decoder);
    }
}

/// Adds the nearest name, or all of them.
fn suggest<'a>(
    diagnostic: Diagnostic,
    name: &str,
    names: impl Iterator<Item = &'a str> + Clone,
    text: &str,
) -> Diagnostic {
    let diagnostic = diagnostic.label("not defined");
    let span = diagnostic.primary.span;
    match nearest(name, names.clone()) {
        Some(near) => {
            let written = text.get(span.range()).unwrap_or("");
            diagnostic.fix(format!("write `{near}`"), span, quote_as(written, near))
        }
        None => {
            let names: Vec<String> =
                names.filter(|n| !n.is_empty()).take(20).map(|n| format!("`{n}`")).collect();
            if names.is_empty() {
                diagnostic
            } else {
                diagnostic.help(format!("there are {}", names.join(", ")))
            }
        }
    }
}
