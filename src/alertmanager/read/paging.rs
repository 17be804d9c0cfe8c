//! Critical alerts that wake nobody up while warnings do. Of the alerts nothing is known: two label sets are tried.

use super::ConfigPlaces;
use crate::alertmanager::config::{Config, Receiver};
use crate::alertmanager::route::{Labels, RouteTree};
use crate::alertmanager::schema::Wakes;
use crate::diagnostic::{Diagnostic, codes};
use crate::yaml::Decoder;

pub(super) fn check(config: &Config, places: &ConfigPlaces, decoder: &mut Decoder) {
    let tree = RouteTree::new(config);
    let taken =
        |severity: &str| tree.matching(&Labels::from([("severity".to_string(), severity.to_string())]));
    let receiver = |route: &usize| config.receiver(&tree.get(*route)?.receiver);
    let wakes = |routes: &[usize], how: Wakes| {
        let told: Vec<&Receiver> = routes.iter().filter_map(receiver).collect();
        told.iter().flat_map(|r| &r.integrations).any(|i| i.integration.wakes() == how)
    };
    let (high, low) = (taken("critical"), taken("warning"));
    if wakes(&high, Wakes::Yes) || wakes(&high, Wakes::Perhaps) || !wakes(&low, Wakes::Yes) {
        return;
    }
    let places = places.route.all();
    let (Some(high), Some(low)) = (high.first(), low.iter().find(|r| wakes(&[**r], Wakes::Yes))) else {
        return;
    };
    let named = |route: &usize| tree.get(*route).map_or("", |node| node.receiver.as_str());
    let place = |route: &usize| {
        let found = places.get(*route);
        found.map_or(places[0].span, |p| p.receiver.unwrap_or(p.span.at_start()))
    };
    let message = "an alert with severity=\"critical\" wakes nobody up, one with severity=\"warning\" does";
    decoder.report(
        Diagnostic::new(&codes::routing::PAGES_NOBODY, place(high), message)
            .label(format!("a critical alert tells {:?}", named(high)))
            .also(place(low), format!("a warning pages {:?}", named(low)))
            .help(format!("send severity=\"critical\" to {:?} too", named(low))),
    );
}
