//! Scenarios out of YAML, strictly.

use std::collections::BTreeMap;

use super::{Action, Expected, Scenario, URL};
use crate::alertmanager::config::Config;
use crate::alertmanager::matcher::{Matcher, Mode, Op};
use crate::alertmanager::read_config;
use crate::alertmanager::route::Labels;
use crate::alertmanager::simulation::{Answer, PostedAlert, Semantics, Service, Silence};
use crate::diagnostic::{Diagnostic, codes};
use crate::source::FileId;
use crate::yaml::{self, Decoder, Mapping, Node, StringMap};

/// The start unless a scenario says another: a Monday, 2024-01-01T00:00:00Z.
const START: i64 = 1_704_067_200_000;
/// The longest time in seconds: 100 years.
const LONGEST: f64 = 100.0 * 366.0 * 86_400.0;

/// Reads the scenarios of a file. A single scenario may stand at the top instead of a list `scenarios`.
///
/// # Errors
/// Everything that is wrong. What is wrong in a configuration is said where that configuration stands.
pub fn read(file: FileId, text: &str) -> Result<Vec<Scenario>, Vec<Diagnostic>> {
    read_with(file, text, None)
}

/// The same, with a configuration to begin with in place of the scenarios' own.
///
/// # Errors
/// Everything that is wrong.
pub fn read_with(
    file: FileId,
    text: &str,
    config: Option<&Config>,
) -> Result<Vec<Scenario>, Vec<Diagnostic>> {
    let document = yaml::read(file, text).into_iter().next();
    let mut reader = Reader { decoder: Decoder::new(), start: START, config };
    let mut scenarios = Vec::new();
    let root = document.and_then(|d| {
        d.diagnostics.into_iter().for_each(|found| reader.decoder.report(found));
        d.root
    });
    if let Some(top) = root.as_ref().and_then(|root| reader.decoder.mapping(root, "a file of scenarios")) {
        match top.get("scenarios") {
            Some(list) => {
                reader.known(top, "a file of scenarios", &["about", "scenarios"]);
                for one in reader.decoder.sequence(list, "`scenarios`").to_vec() {
                    let mapping = reader.decoder.mapping(&one, "a scenario").cloned();
                    scenarios.extend(mapping.map(|m| reader.scenario(&one, &m)));
                }
            }
            None => scenarios.extend(root.as_ref().map(|root| reader.scenario(root, top))),
        }
    }
    let mut diagnostics = reader.decoder.diagnostics;
    diagnostics.retain(Diagnostic::is_error);
    if diagnostics.is_empty() { Ok(scenarios) } else { Err(diagnostics) }
}

/// What reading carries along.
struct Reader<'c> {
    decoder: Decoder,
    /// What every scenario begins with, if that is given.
    config: Option<&'c Config>,
    /// The start of the scenario that is read.
    start: i64,
}

impl Reader<'_> {
    fn known(&mut self, mapping: &Mapping, what: &str, fields: &'static [&'static str]) {
        for entry in mapping.entries.iter().filter(|e| !fields.contains(&e.name())) {
            self.decoder.unknown_field(entry, what, fields.iter().copied());
        }
    }

    fn scenario(&mut self, node: &Node, fields: &Mapping) -> Scenario {
        const FIELDS: &[&str] = &[
            "name",
            "config",
            "start",
            "semantics",
            "duration_s",
            "timer_delay_s",
            "webhook_answers",
            "webhook_latency_s",
            "actions",
            "notifications",
        ];
        self.known(fields, "a scenario", FIELDS);
        self.start = fields.get("start").map_or(START, |start| self.date(start));
        let semantics =
            fields.get("semantics").map_or(Semantics::Documented, |n| match self.text(n).as_str() {
                "0.33" => Semantics::V0_33,
                "documented" => Semantics::Documented,
                _ => {
                    self.wrong(n, "`semantics` is `documented` or `\"0.33\"`");
                    Semantics::Documented
                }
            });
        let config = match (self.config, fields.get("config")) {
            (Some(given), _) => given.clone(),
            (None, Some(config)) => self.config(config),
            (None, None) => {
                self.decoder.missing_field(node.span.at_start(), "a scenario needs `config`");
                Config::default()
            }
        };
        let mut scenario = Scenario {
            name: fields.get("name").map(|n| self.text(n)).unwrap_or_default(),
            config,
            start: self.start,
            end: self.start + fields.get("duration_s").map_or(0, |n| self.seconds(n)),
            timer_delay: fields.get("timer_delay_s").map_or(0, |n| self.seconds(n)),
            semantics,
            services: self.services(fields),
            actions: Vec::new(),
            expected: Vec::new(),
        };
        for action in self.list(fields, "actions") {
            self.action(&action, &mut scenario.actions);
        }
        for notification in self.list(fields, "notifications") {
            scenario.expected.extend(self.expected(&notification));
        }
        scenario.actions.sort_by_key(|(at, _)| *at);
        scenario
    }

    fn services(&mut self, fields: &Mapping) -> BTreeMap<String, Service> {
        let mut services = BTreeMap::new();
        let latencies = fields.get("webhook_latency_s").and_then(|n| self.mapping(n, "`webhook_latency_s`"));
        let answers = fields.get("webhook_answers").and_then(|n| self.mapping(n, "`webhook_answers`"));
        let latencies = latencies.unwrap_or_default();
        let answers = answers.unwrap_or_default();
        for entry in latencies.entries.iter().chain(&answers.entries) {
            let path = entry.name();
            let latency = latencies.get(path).map_or(0, |n| self.seconds(n));
            let codes =
                answers.get(path).map(|n| self.decoder.sequence(n, "the answers of a webhook").to_vec());
            let mut answers = Vec::new();
            for code in codes.unwrap_or_default() {
                answers.push(match self.decoder.integer(&code, "an HTTP status") {
                    Some(200..=299) => Answer::Accepted,
                    Some(500..=599) => Answer::Unavailable,
                    _ => Answer::Refused,
                });
            }
            services.insert(path.to_string(), Service::new(latency, answers));
        }
        services
    }

    fn action(&mut self, node: &Node, actions: &mut Vec<(i64, Action)>) {
        let Some(fields) = self.mapping(node, "an action") else { return };
        self.known(&fields, "an action", &["at", "post_alerts", "silence", "reload_config"]);
        let at = self.start + fields.get("at").map_or(0, |n| self.seconds(n));
        if let Some(silence) = fields.get("silence") {
            let id = format!("silence {}", actions.len() + 1);
            actions.extend(self.silence(silence, id, at).map(|s| (at, Action::Silence(s))));
        }
        if let Some(config) = fields.get("reload_config") {
            actions.push((at, Action::Reload(Box::new(self.config(config)))));
        }
        let alerts: Vec<PostedAlert> =
            self.list(&fields, "post_alerts").iter().filter_map(|alert| self.alert(alert, at)).collect();
        if !alerts.is_empty() {
            actions.push((at, Action::Post(alerts)));
        }
    }

    fn alert(&mut self, node: &Node, at: i64) -> Option<PostedAlert> {
        const FIELDS: &[&str] = &[
            "labels",
            "ann",
            "startsAt_offset_from_post",
            "startsAt_offset_from_t0",
            "endsAt_offset_from_post",
            "endsAt_offset_from_t0",
        ];
        let fields = self.mapping(node, "an alert")?;
        self.known(&fields, "an alert", FIELDS);
        let mut time = |from_post: &str, from_start: &str| {
            let from_post = fields.get(from_post).map(|n| at + self.seconds(n));
            from_post.or_else(|| fields.get(from_start).map(|n| self.start + self.seconds(n)))
        };
        let starts_at = time("startsAt_offset_from_post", "startsAt_offset_from_t0");
        let ends_at = time("endsAt_offset_from_post", "endsAt_offset_from_t0");
        let labels = self.labels(&fields, "labels");
        let annotations = self.labels(&fields, "ann");
        Some(PostedAlert { labels, annotations, starts_at, ends_at, generator_url: String::new() })
    }

    fn silence(&mut self, node: &Node, id: String, at: i64) -> Option<Silence> {
        let fields = self.mapping(node, "a silence")?;
        self.known(&fields, "a silence", &["matchers", "starts_in", "ends_in"]);
        let mut matchers = Vec::new();
        for one in self.list(&fields, "matchers") {
            let Some(matcher) = self.mapping(&one, "a matcher") else { continue };
            self.known(&matcher, "a matcher", &["name", "value", "isRegex", "isEqual"]);
            let mut flag = |name: &str, or: bool| {
                matcher.get(name).and_then(|n| self.decoder.boolean(n, name)).unwrap_or(or)
            };
            let op = match (flag("isRegex", false), flag("isEqual", true)) {
                (false, true) => Op::Equal,
                (false, false) => Op::NotEqual,
                (true, true) => Op::Match,
                (true, false) => Op::NotMatch,
            };
            let name = matcher.get("name").map(|n| self.text(n)).unwrap_or_default();
            let value = matcher.get("value").map(|n| self.text(n)).unwrap_or_default();
            match Matcher::new(name, op, value) {
                Ok(matcher) => matchers.push(matcher),
                Err(error) => self.wrong(matcher.get("value").unwrap_or(&one), &error.to_string()),
            }
        }
        let starts_at = at + fields.get("starts_in").map_or(0, |n| self.seconds(n));
        let ends_at = at + fields.get("ends_in").map_or(0, |n| self.seconds(n));
        Some(Silence { id, matchers: vec![matchers], starts_at, ends_at })
    }

    fn expected(&mut self, node: &Node) -> Option<Expected> {
        let fields = self.mapping(node, "a notification")?;
        let known = &["at", "webhook", "http", "status", "reason", "alerts", "group_key"];
        self.known(&fields, "a notification", known);
        let mut text = |name: &str| fields.get(name).map(|n| self.text(n)).unwrap_or_default();
        let (webhook, status, reason) = (text("webhook"), text("status"), text("reason"));
        let group_key = text("group_key");
        let http = fields.get("http").and_then(|n| self.decoder.integer(n, "an HTTP status")).unwrap_or(200);
        let mut alerts = Vec::new();
        for one in self.list(&fields, "alerts") {
            let Some(alert) = self.mapping(&one, "an alert") else { continue };
            self.known(&alert, "an alert of a notification", &["n", "status"]);
            let mut text = |name: &str| alert.get(name).map(|n| self.text(n)).unwrap_or_default();
            alerts.push((text("n"), text("status")));
        }
        let at = self.start + fields.get("at").map_or(0, |n| self.seconds(n));
        let delivered = (200..300).contains(&http);
        Some(Expected { at, webhook, delivered, status, reason, alerts, group_key })
    }

    /// The configuration in a text.
    fn config(&mut self, node: &Node) -> Config {
        let text = self.text(node).replace(URL.0, URL.1);
        let document = yaml::read(node.span.file, &text).into_iter().next();
        let Some(document) = document else { return Config::default() };
        let read = document.root.map(|root| read_config(&root, &text, Mode::default()));
        let (model, found) = read.map_or_else(Default::default, |r| (r.model, r.diagnostics));
        for mut wrong in document.diagnostics.into_iter().chain(found).filter(Diagnostic::is_error) {
            // Places in the text of a scalar are none in the file.
            wrong.map_spans(&|_| node.span);
            self.decoder.report(wrong);
        }
        model
    }

    /// Reports a value of the right type that does not fit.
    fn wrong(&mut self, node: &Node, message: &str) {
        self.decoder.report(Diagnostic::new(&codes::yaml::WRONG_TYPE, node.span, message));
    }

    fn mapping(&mut self, node: &Node, what: &str) -> Option<Mapping> {
        self.decoder.mapping(node, what).cloned()
    }

    fn list(&mut self, fields: &Mapping, name: &str) -> Vec<Node> {
        fields.get(name).map(|n| self.decoder.sequence(n, &format!("`{name}`")).to_vec()).unwrap_or_default()
    }

    fn labels(&mut self, fields: &Mapping, name: &str) -> Labels {
        let map = fields.get(name).map(|n| self.decoder.string_map(n, &format!("`{name}`")));
        map.iter().flat_map(StringMap::iter).map(|(n, v)| (n.to_string(), v.to_string())).collect()
    }

    fn text(&mut self, node: &Node) -> String {
        self.decoder.text(node, "this").unwrap_or_default().to_string()
    }

    /// Seconds in the file, as milliseconds.
    fn seconds(&mut self, node: &Node) -> i64 {
        match self.decoder.float(node, "a time in seconds") {
            // Within bounds that fit.
            Some(seconds) if seconds.abs() <= LONGEST => (seconds * 1000.0).round() as i64,
            Some(_) => {
                self.wrong(node, "a time in seconds is at most a hundred years");
                0
            }
            None => 0,
        }
    }

    fn date(&mut self, node: &Node) -> i64 {
        match self.text(node).parse::<jiff::Timestamp>() {
            Ok(time) => time.as_millisecond(),
            Err(_) => {
                self.wrong(node, "`start` is a time such as `2024-01-06T22:00:00Z`");
                START
            }
        }
    }
}
