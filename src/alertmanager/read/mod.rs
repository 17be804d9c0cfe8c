//! Configurations out of YAML, strictly: everything that Alertmanager refuses is an error, all of it at once, and
//! what it accepts though it can hardly be meant is a warning (config/config.go Load).

mod integrations;
mod intervals;
mod matchers;
mod paging;
mod reachable;
mod references;
mod route;
pub(in crate::alertmanager) mod settings;
mod shared;
mod sticky;
mod suspicious;
mod templates;

use super::config::{Config, InhibitRule, IntegrationConfig, Receiver, Setting, Settings};
use super::matcher::Mode;
use super::schema::{EVENT_RECORDER, GLOBAL, INTEGRATIONS, Integration, TRACING};
use crate::diagnostic::{Diagnostic, codes};
use crate::source::Span;
use crate::yaml::{Decoder, Entry, Mapping, Node};
use settings::Block;

/// A configuration, where its parts stand, and what is wrong with it.
#[derive(Debug, Clone)]
pub struct ReadConfig {
    /// What could be read; without errors it is the whole configuration.
    pub model: Config,
    /// Where its parts stand.
    pub places: ConfigPlaces,
    /// Errors, and warnings about what Alertmanager accepts.
    pub diagnostics: Vec<Diagnostic>,
}

/// Where the parts of a configuration stand, in the order of the model.
#[derive(Debug, Clone, PartialEq)]
pub struct ConfigPlaces {
    /// The routing tree.
    pub route: RoutePlaces,
    /// The names of the receivers.
    pub receivers: Vec<Span>,
    /// The names of the time intervals.
    pub time_intervals: Vec<Span>,
    /// The inhibition rules.
    pub inhibit_rules: Vec<InhibitPlaces>,
}

/// Where an inhibition rule stands.
#[derive(Debug, Clone, PartialEq)]
pub struct InhibitPlaces {
    /// The whole rule.
    pub span: Span,
    /// The labels of `equal`.
    pub equal: Vec<Span>,
}

/// Where a route stands.
#[derive(Debug, Clone, PartialEq)]
pub struct RoutePlaces {
    /// The whole route.
    pub span: Span,
    /// Its matchers, if it has any.
    pub matchers: Option<Span>,
    /// The value of its own `group_wait`.
    pub group_wait: Option<Span>,
    /// The value of its own `group_interval`.
    pub group_interval: Option<Span>,
    /// The value of its own `repeat_interval`.
    pub repeat_interval: Option<Span>,
    /// The name of its receiver, if it has its own.
    pub receiver: Option<Span>,
    /// The names of its time intervals, muting ones first.
    pub intervals: Vec<Span>,
    /// Its children.
    pub routes: Vec<RoutePlaces>,
}

impl RoutePlaces {
    /// A route of which nothing else is known.
    fn at(span: Span) -> RoutePlaces {
        RoutePlaces {
            span,
            matchers: None,
            group_wait: None,
            group_interval: None,
            repeat_interval: None,
            receiver: None,
            intervals: Vec::new(),
            routes: Vec::new(),
        }
    }

    /// What tells the route from others: its matchers, or else its beginning.
    pub fn head(&self) -> Span {
        self.matchers.unwrap_or_else(|| self.span.at_start())
    }

    /// This place and those of all routes below it, numbered as in their tree.
    pub fn all(&self) -> Vec<&RoutePlaces> {
        let mut all = vec![self];
        all.extend(self.routes.iter().flat_map(RoutePlaces::all));
        all
    }
}

const CONFIG_FIELDS: [&str; 9] = [
    "global",
    "route",
    "inhibit_rules",
    "receivers",
    "templates",
    "mute_time_intervals",
    "time_intervals",
    "tracing",
    "event_recorder",
];

/// What reading carries along.
struct Reader<'t> {
    decoder: Decoder,
    text: &'t str,
    mode: Mode,
    /// The service whose settings are being read: for messages.
    service: &'static str,
    /// Whether `templates` names files, in which any template may stand.
    has_template_files: bool,
}

/// Reads a configuration. `text` is the file's whole text, `mode` Alertmanager's way to read matchers.
pub fn read_config(root: &Node, text: &str, mode: Mode) -> ReadConfig {
    let mut reader = Reader { decoder: Decoder::new(), text, mode, service: "", has_template_files: false };
    let mut model = Config::default();
    let mut places = ConfigPlaces {
        route: RoutePlaces::at(root.span.at_start()),
        receivers: Vec::new(),
        time_intervals: Vec::new(),
        inhibit_rules: Vec::new(),
    };
    let empty = Mapping::default();
    let mapping = reader.decoder.mapping(root, "a configuration").unwrap_or(&empty);
    let head = root.span.at_start();

    reader.has_template_files =
        mapping.get("templates").and_then(Node::as_sequence).is_some_and(|t| !t.is_empty());
    // What the receivers inherit comes first, wherever it stands.
    if let Some(node) = mapping.get("global") {
        let global = reader.settings(node, GLOBAL, "`global`");
        if let Some(block) = Block::of(node, &global) {
            integrations::check_global(&block, &mut reader.decoder);
        }
        model.global = global;
    }
    for entry in &mapping.entries {
        reader.part(entry, &mut model, &mut places);
    }
    match mapping.get("route").filter(|n| !n.is_null()) {
        Some(node) => route::check_root(node, &model.route, &mut reader.decoder),
        None if root.is_null() => reader.decoder.missing_field(head, "no route provided in config"),
        None => reader.decoder.missing_field(head, "no routes provided"),
    }
    references::check(&model, &places, text, &mut reader.decoder);
    // Half a configuration looks odd in ways that mean nothing.
    if !reader.decoder.diagnostics.iter().any(Diagnostic::is_error) {
        suspicious::check(&model, &places, &mut reader.decoder);
        reachable::check(&model, &places, &mut reader.decoder);
        paging::check(&model, &places, &mut reader.decoder);
        sticky::check(&model, &places, &mut reader.decoder);
    }
    ReadConfig { model, places, diagnostics: reader.decoder.diagnostics }
}

impl Reader<'_> {
    fn part(&mut self, entry: &Entry, model: &mut Config, places: &mut ConfigPlaces) {
        let value = &entry.value;
        match entry.name() {
            "global" => {}
            "route" => (model.route, places.route) = self.route(value, 0),
            "inhibit_rules" => {
                for node in self.decoder.sequence(value, "`inhibit_rules`") {
                    let rule = self.inhibit_rule(node);
                    model.inhibit_rules.push(rule);
                    let equal = node.as_mapping().and_then(|m| m.get("equal"));
                    let equal = equal.map_or_else(Vec::new, route::item_spans);
                    places.inhibit_rules.push(InhibitPlaces { span: node.span, equal });
                }
            }
            "receivers" => {
                for node in self.decoder.sequence(value, "`receivers`") {
                    let (receiver, name) = self.receiver(node, &model.global);
                    model.receivers.push(receiver);
                    places.receivers.push(name);
                }
            }
            "templates" => model.templates = self.decoder.text_list(value, "`templates`"),
            key @ ("mute_time_intervals" | "time_intervals") => {
                let deprecated = key == "mute_time_intervals";
                if deprecated {
                    let message = "`mute_time_intervals` is deprecated";
                    let old = Diagnostic::new(&codes::alertmanager::DEPRECATED_FORM, entry.key.span, message);
                    self.decoder.report(old.fix("write `time_intervals`", entry.key.span, "time_intervals"));
                }
                let what = if deprecated { "mute time interval" } else { "time interval" };
                for node in self.decoder.sequence(value, &format!("`{key}`")) {
                    let (named, name) = self.named_intervals(node, what);
                    if !named.name.is_empty() && model.time_intervals.iter().any(|t| t.name == named.name) {
                        let message = format!("{what} {:?} is not unique", named.name);
                        self.decoder.report(Diagnostic::new(
                            &codes::alertmanager::NAME_NOT_UNIQUE,
                            name,
                            message,
                        ));
                    }
                    model.time_intervals.push(named);
                    places.time_intervals.push(name);
                }
            }
            "tracing" => model.tracing = self.settings(value, TRACING, "`tracing`"),
            "event_recorder" => {
                model.event_recorder = self.settings(value, EVENT_RECORDER, "`event_recorder`");
            }
            _ => self.decoder.unknown_field(entry, "a configuration", CONFIG_FIELDS),
        }
    }

    fn inhibit_rule(&mut self, node: &Node) -> InhibitRule {
        const FIELDS: [&str; 8] = [
            "name",
            "source_match",
            "source_match_re",
            "source_matchers",
            "target_match",
            "target_match_re",
            "target_matchers",
            "equal",
        ];
        let mut rule = InhibitRule::default();
        for entry in self.decoder.mapping(node, "an inhibition rule").map_or(&[][..], |m| &m.entries) {
            let value = &entry.value;
            match entry.name() {
                "name" => rule.name = self.decoder.text(value, "`name`").map(str::to_string),
                "source_match" => rule.source_matchers.extend(self.match_map(entry, false)),
                "source_match_re" => rule.source_matchers.extend(self.match_map(entry, true)),
                "source_matchers" => rule.source_matchers.extend(self.matchers(value, "`source_matchers`")),
                "target_match" => rule.target_matchers.extend(self.match_map(entry, false)),
                "target_match_re" => rule.target_matchers.extend(self.match_map(entry, true)),
                "target_matchers" => rule.target_matchers.extend(self.matchers(value, "`target_matchers`")),
                "equal" => {
                    rule.equal = self.decoder.text_list(value, "`equal`");
                    if rule.equal.iter().any(String::is_empty) {
                        let message = "invalid label name \"\" in equal list";
                        self.decoder.report(Diagnostic::new(
                            &codes::rules::INVALID_LABEL_NAME,
                            value.span,
                            message,
                        ));
                    }
                }
                _ => self.decoder.unknown_field(entry, "an inhibition rule", FIELDS),
            }
        }
        rule.source_matchers.sort();
        rule.target_matchers.sort();
        rule
    }

    /// The receiver, and where its name stands.
    fn receiver(&mut self, node: &Node, global: &Settings) -> (Receiver, Span) {
        let mut receiver = Receiver::default();
        let mut name = node.span.at_start();
        let empty = Mapping::default();
        let mapping = self.decoder.mapping(node, "a receiver").unwrap_or(&empty);
        for entry in &mapping.entries {
            let value = &entry.value;
            match entry.name() {
                "name" => {
                    receiver.name =
                        self.decoder.text(value, "the name of a receiver").unwrap_or("").to_string();
                    name = value.span;
                }
                "labels" => receiver.labels = self.decoder.string_map(value, "`labels`"),
                key => match INTEGRATIONS.iter().find(|i| i.key == key) {
                    Some(integration) => {
                        for item in self.decoder.sequence(value, &format!("`{key}`")) {
                            receiver.integrations.extend(self.integration(item, integration, global));
                        }
                    }
                    None => {
                        let known = ["name", "labels"].into_iter().chain(INTEGRATIONS.iter().map(|i| i.key));
                        self.decoder.unknown_field(entry, "a receiver", known);
                    }
                },
            }
        }
        if receiver.name.is_empty() {
            self.decoder.missing_field(name, "missing name in receiver");
        }
        if let Some(label) = receiver.labels.get("name").filter(|l| *l != receiver.name) {
            let message = format!(
                "receiver label \"name\" must match receiver name {:?}, got {label:?}",
                receiver.name
            );
            let span = mapping.get("labels").map_or(name, |n| n.span);
            self.decoder.report(Diagnostic::new(&codes::alertmanager::CONFLICTING_SETTINGS, span, message));
        }
        (receiver, name)
    }

    fn integration(
        &mut self,
        node: &Node,
        integration: &'static Integration,
        global: &Settings,
    ) -> Option<IntegrationConfig> {
        if node.is_null() {
            let message = format!("missing {} config", integration.name);
            self.decoder.missing_field(node.span, message);
            return None;
        }
        self.service = integration.title;
        let what = format!("{} {} integration", article(integration.title), integration.title);
        let settings = self.settings(node, integration.fields, &what);
        if let Some(block) = Block::of(node, &settings) {
            integrations::check(integration, &block, global, &mut self.decoder);
            if integration.keeps_incidents() && settings.get("send_resolved") == Some(&Setting::Bool(false)) {
                self.decoder.report(sticky::never_resolved(integration.title, block.value("send_resolved")));
            }
        }
        Some(IntegrationConfig { integration, settings })
    }
}

fn article(word: &str) -> &'static str {
    if word.starts_with(|c: char| "AEIOaeio".contains(c)) { "an" } else { "a" }
}
