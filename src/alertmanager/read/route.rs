//! The routing tree.

use std::collections::HashSet;

use super::{Reader, RoutePlaces};
use crate::alertmanager::config::{GroupBy, Route};
use crate::diagnostic::{Diagnostic, codes};
use crate::prometheus::Duration;
use crate::yaml::{Decoder, Node};

const FIELDS: [&str; 12] = [
    "receiver",
    "group_by",
    "match",
    "match_re",
    "matchers",
    "mute_time_intervals",
    "active_time_intervals",
    "continue",
    "routes",
    "group_wait",
    "group_interval",
    "repeat_interval",
];

impl Reader<'_> {
    /// A route and its children; the tree's depth is bounded by the reader of YAML.
    pub(super) fn route(&mut self, node: &Node, depth: usize) -> (Route, RoutePlaces) {
        let mut route = Route::default();
        let mut places = RoutePlaces::at(node.span);
        let mut active = Vec::new();
        if node.is_null() && depth > 0 {
            self.decoder.report(
                Diagnostic::new(&codes::alertmanager::INVALID_ROUTE, node.span, "an empty item in `routes`")
                    .note("Alertmanager 0.33 crashes on it")
                    .help("remove it"),
            );
        }
        for entry in self.decoder.mapping(node, "a route").map_or(&[][..], |m| &m.entries) {
            let value = &entry.value;
            let place = match entry.name() {
                "matchers" | "match" | "match_re" => Some(&mut places.matchers),
                "group_wait" => Some(&mut places.group_wait),
                "group_interval" => Some(&mut places.group_interval),
                "repeat_interval" => Some(&mut places.repeat_interval),
                _ => None,
            };
            if let Some(place) = place {
                place.get_or_insert(value.span);
            }
            match entry.name() {
                "receiver" => {
                    route.receiver =
                        self.decoder.text(value, "`receiver`").filter(|r| !r.is_empty()).map(str::to_string);
                    places.receiver = route.receiver.is_some().then_some(value.span);
                }
                "group_by" => route.group_by = self.group_by(value),
                "match" => route.matchers.extend(self.match_map(entry, false)),
                "match_re" => route.matchers.extend(self.match_map(entry, true)),
                "matchers" => route.matchers.extend(self.matchers(value, "`matchers`")),
                "mute_time_intervals" => {
                    route.mute_time_intervals = self.decoder.text_list(value, "`mute_time_intervals`");
                    places.intervals.extend(item_spans(value));
                }
                "active_time_intervals" => {
                    route.active_time_intervals = self.decoder.text_list(value, "`active_time_intervals`");
                    active = item_spans(value);
                }
                "continue" => route.continues = self.decoder.boolean(value, "`continue`").unwrap_or(false),
                "routes" => {
                    for child in self.decoder.sequence(value, "`routes`") {
                        let (child, place) = self.route(child, depth + 1);
                        route.routes.push(child);
                        places.routes.push(place);
                    }
                }
                "group_wait" => route.group_wait = self.duration(value, "`group_wait`"),
                "group_interval" => route.group_interval = self.positive(value, "group_interval"),
                "repeat_interval" => route.repeat_interval = self.positive(value, "repeat_interval"),
                _ => self.decoder.unknown_field(entry, "a route", FIELDS),
            }
        }
        places.intervals.extend(active);
        route.matchers.sort();
        (route, places)
    }

    fn positive(&mut self, node: &Node, field: &str) -> Option<Duration> {
        let duration = self.duration(node, &format!("`{field}`"))?;
        if duration.millis() == 0 {
            let message = format!("{field} cannot be zero");
            self.decoder.report(Diagnostic::new(&codes::alertmanager::INVALID_ROUTE, node.span, message));
        }
        Some(duration)
    }

    fn group_by(&mut self, node: &Node) -> Option<GroupBy> {
        let labels = self.decoder.text_list(node, "`group_by`");
        let items = node.as_sequence()?;
        let invalid =
            |span, message: String| Diagnostic::new(&codes::alertmanager::INVALID_GROUP_BY, span, message);
        let mut seen = HashSet::new();
        for item in items.iter().filter(|n| n.as_scalar().is_some()) {
            let label = item.as_text().unwrap_or("");
            if label.is_empty() {
                self.decoder
                    .report(invalid(item.span, format!("invalid label name {label:?} in group_by list")));
            } else if !seen.insert(label) && label != "..." {
                let message = format!("duplicated label {label:?} in group_by");
                self.decoder.report(invalid(item.span, message).help("remove it"));
            }
        }
        let all = labels.iter().any(|l| l == "...");
        if all && labels.iter().any(|l| l != "...") {
            let message = "cannot have wildcard group_by (`...`) and other labels at the same time";
            self.decoder.report(
                invalid(node.span, message.into())
                    .help("`...` groups by every label: remove it, or the others"),
            );
        }
        Some(if all { GroupBy::All } else { GroupBy::Labels(labels) })
    }
}

pub(super) fn item_spans(node: &Node) -> Vec<crate::source::Span> {
    node.as_sequence()
        .unwrap_or_default()
        .iter()
        .filter(|n| n.as_scalar().is_some())
        .map(|n| n.span)
        .collect()
}

/// What holds of the root route alone.
pub(super) fn check_root(node: &Node, route: &Route, decoder: &mut Decoder) {
    let Some(mapping) = node.as_mapping() else { return };
    let at = |field: &str| mapping.entry(field).map(|e| e.key.span);
    let mut report = |span, message: &str, help: &str| {
        decoder.report(Diagnostic::new(&codes::alertmanager::INVALID_ROUTE, span, message).help(help));
    };
    if route.receiver.is_none() {
        let help = "name the receiver of alerts that no route below wants: `receiver: NAME`";
        report(node.span.at_start(), "root route must specify a default receiver", help);
    }
    for field in ["match", "match_re", "matchers"] {
        let given =
            mapping.get(field).is_some_and(|n| !n.is_null() && !n.as_sequence().is_some_and(<[_]>::is_empty));
        if let (Some(span), true, false) = (at(field), given, route.matchers.is_empty()) {
            let help = "the root takes every alert; put matchers on the routes under `routes`";
            report(span, "root route must not have any matchers", help);
        }
    }
    let intervals = [
        (
            "mute_time_intervals",
            route.mute_time_intervals.is_empty(),
            "root route must not have any mute time intervals",
        ),
        (
            "active_time_intervals",
            route.active_time_intervals.is_empty(),
            "root route must not have any active time intervals",
        ),
    ];
    for (field, empty, message) in intervals {
        if let (Some(span), false) = (at(field), empty) {
            report(span, message, "put them on the routes under `routes`");
        }
    }
    if let (Some(span), true) = (at("continue"), route.continues) {
        report(span, "cannot have continue in root route", "remove it: the root has no siblings");
    }
}
