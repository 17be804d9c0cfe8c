//! An Alertmanager configuration as an alert source.

use std::fmt::Write;

use crate::alertmanager::config::{Config, GroupBy, Route, Setting, Settings};
use crate::alertmanager::matcher::Matcher;
use crate::alertmanager::schema::{self, EVENT_RECORDER, Field, GLOBAL, Kind, TRACING};
use crate::alertmanager::time_interval::TimeInterval;
use crate::alertmanager::time_interval::{MONTHS, WEEKDAYS};
use crate::gostd::strconv::quote;
use crate::prometheus::Duration;

use super::comments::ConfigComments;
use super::layout::WIDTH;
use super::text::{self, Idiom, quoted};

/// The source of a configuration, its comments where they stood.
pub(super) fn source(config: &Config, comments: ConfigComments) -> String {
    let mut writer = Writer { out: String::new(), comments };
    writer.globals(config);
    writer.receivers(config);
    writer.intervals(config);
    writer.gap();
    writer.route(0, "route", &["route"], &config.route);
    writer.inhibitions(config);
    let rest = writer.comments.rest();
    if !rest.is_empty() {
        writer.gap();
        writer.lines(0, &rest);
    }
    writer.out
}

struct Writer {
    out: String,
    /// Those that were not written yet.
    comments: ConfigComments,
}

/// A line of a block, or a block inside it, with the comments before it.
struct Entry {
    comments: Vec<String>,
    key: String,
    value: Value,
}

enum Value {
    Text(String),
    Block(Vec<Entry>),
}

impl Entry {
    fn inline(&self) -> String {
        match &self.value {
            Value::Text(value) => format!("{} {value}", self.key),
            Value::Block(inner) => format!("{} {}", self.key, braces(inner)),
        }
    }

    fn has_comments(&self) -> bool {
        let inside = matches!(&self.value, Value::Block(inner) if inner.iter().any(Entry::has_comments));
        inside || !self.comments.is_empty()
    }
}

fn braces(entries: &[Entry]) -> String {
    let inner: Vec<String> = entries.iter().map(Entry::inline).collect();
    if inner.is_empty() { "{}".to_string() } else { format!("{{ {} }}", inner.join("  ")) }
}

impl Writer {
    fn lines(&mut self, indent: usize, lines: &[String]) {
        let margin = " ".repeat(indent);
        lines.iter().for_each(|line| self.out.push_str(&format!("{margin}{line}\n")));
    }

    fn gap(&mut self) {
        if !self.out.is_empty() {
            self.out.push('\n');
        }
    }

    fn globals(&mut self, config: &Config) {
        let mut head = self.comments.at(&["global"]);
        let mut global = self.fields(&config.global, Some(GLOBAL), &["global"]);
        if !config.templates.is_empty() {
            let paths: Vec<String> = config.templates.iter().map(|t| quoted(t, Idiom::NONE)).collect();
            let value = Value::Text(format!("[{}]", paths.join(", ")));
            let comments = self.comments.within(&["templates"]);
            global.push(Entry { comments, key: "templates".into(), value });
        }
        let parts = [
            ("tracing", &config.tracing, TRACING),
            ("event_recorder", &config.event_recorder, EVENT_RECORDER),
        ];
        for (key, settings, known) in parts.into_iter().filter(|(_, settings, _)| !settings.is_empty()) {
            let mut comments = self.comments.at(&[key]);
            let value = Value::Block(self.fields(settings, Some(known), &[key]));
            comments.extend(self.comments.within(&[key]));
            global.push(Entry { comments, key: key.into(), value });
        }
        head.extend(self.comments.within(&["global"]));
        self.lines(0, &head);
        if !global.is_empty() {
            self.block(0, "global", &global);
        }
        self.gap();
    }

    fn receivers(&mut self, config: &Config) {
        let head = self.comments.at(&["receivers"]);
        self.lines(0, &head);
        for receiver in &config.receivers {
            let path = ["receivers", receiver.name.as_str()];
            let mut head = self.comments.at(&path);
            let mut entries = Vec::new();
            for (index, one) in receiver.indexed() {
                let number = index.to_string();
                let list = [path[0], path[1], one.integration.key];
                let at = [path[0], path[1], one.integration.key, number.as_str()];
                let mut comments = self.comments.at(&list);
                comments.extend(self.comments.at(&at));
                let fields = self.fields(&one.settings, Some(one.integration.fields), &at);
                comments.extend(self.comments.within(&at));
                let key = one.integration.name.to_string();
                entries.push(Entry { comments, key, value: Value::Block(fields) });
            }
            head.extend(self.comments.within(&path));
            self.lines(0, &head);
            self.block(0, &format!("receiver {}", text::name(&receiver.name)), &entries);
        }
    }

    fn block(&mut self, indent: usize, head: &str, entries: &[Entry]) {
        let line = format!("{head} {}", braces(entries));
        let commented = entries.iter().any(Entry::has_comments);
        if !commented && indent + line.chars().count() <= WIDTH && !line.contains('\n') {
            return self.lines(indent, &[line]);
        }
        self.lines(indent, &[format!("{head} {{")]);
        for entry in entries {
            self.lines(indent + 2, &entry.comments);
            match &entry.value {
                Value::Text(value) => self.lines(indent + 2, &[format!("{} {value}", entry.key)]),
                Value::Block(inner) => self.block(indent + 2, &entry.key, inner),
            }
        }
        self.lines(indent, &["}".to_string()]);
    }

    /// The fields of a block at `path`.
    fn fields(&mut self, settings: &Settings, known: Option<&'static [Field]>, path: &[&str]) -> Vec<Entry> {
        let mut entries = Vec::new();
        for (name, setting) in settings.iter() {
            let schema = known.and_then(|k| schema::field(k, name));
            let inner = schema.and_then(Field::block);
            let at = [path, &[name]].concat();
            let mut comments = self.comments.at(&at);
            let value = match setting {
                // Of names with a block each, the names are not fields.
                Setting::Map(map) if schema.is_some_and(|f| matches!(f.kind, Kind::BlockMap(_))) => {
                    Value::Block(self.named(map, inner, &at))
                }
                Setting::Map(map) => Value::Block(self.fields(map, inner, &at)),
                other => Value::Text(value(other, schema, inner)),
            };
            comments.extend(self.comments.within(&at));
            // The secret itself stood there.
            if let Some(secret) = name.strip_suffix("_file") {
                comments.extend(self.comments.within(&[path, &[secret]].concat()));
            }
            entries.push(Entry { comments, key: text::label(name), value });
        }
        entries
    }

    fn named(&mut self, map: &Settings, inner: Option<&'static [Field]>, path: &[&str]) -> Vec<Entry> {
        let mut entries = Vec::new();
        for (name, setting) in map.iter() {
            let at = [path, &[name]].concat();
            let mut comments = self.comments.at(&at);
            let value = match setting {
                Setting::Map(map) => Value::Block(self.fields(map, inner, &at)),
                other => Value::Text(value(other, None, inner)),
            };
            comments.extend(self.comments.within(&at));
            entries.push(Entry { comments, key: text::label(name), value });
        }
        entries
    }

    fn intervals(&mut self, config: &Config) {
        if config.time_intervals.is_empty() {
            return;
        }
        self.gap();
        let head = self.comments.at(&["time_intervals"]);
        self.lines(0, &head);
        for named in &config.time_intervals {
            let comments = self.comments.within(&["time_intervals", &named.name]);
            self.lines(0, &comments);
            let head = format!("time_interval {}", text::name(&named.name));
            let pieces = spans(&named.time_intervals);
            let line = format!("{head} {{ {} }}", pieces.join(" "));
            if line.chars().count() <= WIDTH {
                self.lines(0, &[line]);
                continue;
            }
            self.lines(0, &[format!("{head} {{")]);
            self.lines(2, &pieces);
            self.lines(0, &["}".to_string()]);
        }
    }

    fn inhibitions(&mut self, config: &Config) {
        if config.inhibit_rules.is_empty() {
            return;
        }
        self.gap();
        let head = self.comments.at(&["inhibit_rules"]);
        self.lines(0, &head);
        for (index, rule) in config.inhibit_rules.iter().enumerate() {
            let number = index.to_string();
            let comments = self.comments.within(&["inhibit_rules", rule.name.as_deref().unwrap_or(&number)]);
            self.lines(0, &comments);
            let (target, source) = (matchers(&rule.target_matchers), matchers(&rule.source_matchers));
            let mut line = format!("inhibit {target} by {source}");
            if !rule.equal.is_empty() {
                let equal: Vec<String> = rule.equal.iter().map(|l| text::label(l)).collect();
                let _ = write!(line, " equal {}", equal.join(", "));
            }
            self.lines(0, &[line]);
        }
    }

    /// A route, `head` without its receiver. `path` leads to it.
    fn route(&mut self, indent: usize, head: &str, path: &[&str], route: &Route) {
        let mut settings = Vec::new();
        for (key, text) in settings_of(route) {
            settings.push((self.comments.within(&[path, &[key]].concat()), text));
        }
        let before = self.comments.within_but(path, "routes");
        self.lines(indent, &before);
        let mut head = head.to_string();
        if let Some(receiver) = &route.receiver {
            let _ = write!(head, " -> {}", text::name(receiver));
        }
        if route.routes.is_empty() && settings.is_empty() {
            let braces = if route.receiver.is_none() { " {}" } else { "" };
            return self.lines(indent, &[format!("{head}{braces}")]);
        }
        let texts: Vec<&str> = settings.iter().map(|(_, text)| text.as_str()).collect();
        let line = format!("{head} {{ {} }}", texts.join("  "));
        let commented = settings.iter().any(|(comments, _)| !comments.is_empty());
        let short = indent > 0 && indent + line.chars().count() <= WIDTH;
        if route.routes.is_empty() && short && !commented {
            return self.lines(indent, &[line]);
        }
        self.lines(indent, &[format!("{head} {{")]);
        // How long it is waited stands together.
        let waits = |a: &(Vec<String>, String), b: &(Vec<String>, String)| {
            b.0.is_empty() && [a, b].iter().all(|(_, text)| text.split(' ').next().is_some_and(is_wait))
        };
        for line in settings.chunk_by(waits) {
            let texts: Vec<&str> = line.iter().map(|(_, text)| text.as_str()).collect();
            self.lines(indent + 2, line.first().map_or(&[], |(comments, _)| comments));
            self.lines(indent + 2, &[texts.join("  ")]);
        }
        let children = [path, &["routes"]].concat();
        let comments = self.comments.at(&children);
        self.lines(indent + 2, &comments);
        for (index, child) in route.routes.iter().enumerate() {
            let number = index.to_string();
            let head = format!("when {}", matchers(&child.matchers));
            self.route(indent + 2, &head, &[children.as_slice(), &[&number]].concat(), child);
        }
        let rest = self.comments.within(path);
        self.lines(indent + 2, &rest);
        self.lines(indent, &["}".to_string()]);
    }
}

fn is_wait(key: &str) -> bool {
    matches!(key, "group_wait" | "group_interval" | "repeat_interval")
}

/// What a route says beside its receiver and its children, by its keys.
fn settings_of(route: &Route) -> Vec<(&'static str, String)> {
    let mut settings = Vec::new();
    match &route.group_by {
        Some(GroupBy::All) => settings.push(("group_by", "group_by ...".to_string())),
        Some(GroupBy::Labels(labels)) if !labels.is_empty() => {
            let labels: Vec<String> = labels.iter().map(|l| text::name(l)).collect();
            settings.push(("group_by", format!("group_by {}", labels.join(", "))));
        }
        _ => {}
    }
    let durations = [
        ("group_wait", route.group_wait),
        ("group_interval", route.group_interval),
        ("repeat_interval", route.repeat_interval),
    ];
    settings.extend(durations.into_iter().filter_map(|(key, d)| d.map(|d| (key, format!("{key} {d}")))));
    let intervals = [
        ("mute_time_intervals", &route.mute_time_intervals),
        ("active_time_intervals", &route.active_time_intervals),
    ];
    for (key, names) in intervals.into_iter().filter(|(_, names)| !names.is_empty()) {
        let names: Vec<String> = names.iter().map(|n| text::name(n)).collect();
        settings.push((key, format!("{key} {}", names.join(", "))));
    }
    if route.continues {
        settings.push(("continue", "continue".to_string()));
    }
    settings
}

fn value(setting: &Setting, schema: Option<&Field>, inner: Option<&'static [Field]>) -> String {
    match setting {
        Setting::Null => "\"\"".to_string(),
        Setting::Bool(b) => b.to_string(),
        Setting::Int(i) => i.to_string(),
        Setting::Float(f) => f.to_string(),
        Setting::Text(t) => {
            let duration = schema.is_some_and(|f| f.kind == Kind::Duration);
            match t.parse::<Duration>() {
                Ok(d) if duration => d.to_string(),
                _ => quote(t),
            }
        }
        Setting::Secret(secret) => quote(secret.reveal()),
        Setting::List(items) => {
            let items: Vec<String> = items.iter().map(|i| value(i, None, inner)).collect();
            format!("[{}]", items.join(", "))
        }
        Setting::Map(map) => inline(map, inner),
    }
}

/// A block inside a list.
fn inline(map: &Settings, inner: Option<&'static [Field]>) -> String {
    let mut writer = Writer { out: String::new(), comments: ConfigComments::default() };
    braces(&writer.fields(map, inner, &[]))
}

fn matchers(matchers: &[Matcher]) -> String {
    let items: Vec<String> = matchers
        .iter()
        .map(|m| format!("{}{}{}", text::label(m.name()), m.op().as_str(), quote(m.value())))
        .collect();
    format!("{{{}}}", items.join(", "))
}

/// Spans and their zones. What can never hold is left out: any of the spans counts.
fn spans(intervals: &[TimeInterval]) -> Vec<String> {
    let intervals: Vec<&TimeInterval> = intervals.iter().filter(|i| i.can_hold()).collect();
    // A zone holds for the spans before it too, so one without has to say UTC.
    let zone = |i: usize| {
        let interval = intervals.get(i)?;
        let later = || intervals.iter().skip(i).any(|next| next.location.is_some());
        interval.location.as_deref().or_else(|| later().then_some("UTC"))
    };
    let mut pieces = Vec::new();
    for (i, interval) in intervals.iter().enumerate() {
        let comma = if i + 1 < intervals.len() { "," } else { "" };
        let alone = i == 0 || zone(i - 1) != zone(i);
        match zone(i).filter(|own| zone(i + 1) != Some(own)) {
            Some(own) if alone => pieces.push(format!("{} in {}{comma}", span(interval), quote(own))),
            Some(own) => pieces.extend([span(interval), format!("in {}{comma}", quote(own))]),
            None => pieces.push(format!("{}{comma}", span(interval))),
        }
    }
    pieces
}

fn span(interval: &TimeInterval) -> String {
    let name = |names: &[&str], i: i32| {
        usize::try_from(i).ok().and_then(|i| names.get(i)).map_or_else(String::new, ToString::to_string)
    };
    let range = |first: String, last: String| if first == last { first } else { format!("{first}:{last}") };
    let clock = |m: u16| format!("{:02}:{:02}", m / 60, m % 60);
    let mut parts = Vec::new();
    for day in interval.weekdays.iter().flatten() {
        parts.push(range(name(&WEEKDAYS, day.first), name(&WEEKDAYS, day.last)));
    }
    for time in interval.times.iter().flatten() {
        parts.push(format!("{}-{}", clock(time.start), clock(time.end)));
    }
    for month in interval.months.iter().flatten() {
        parts.push(range(name(&MONTHS, month.first - 1), name(&MONTHS, month.last - 1)));
    }
    for days in interval.days_of_month.iter().flatten() {
        parts.push(format!("days {}", range(days.first.to_string(), days.last.to_string())));
    }
    for years in interval.years.iter().flatten() {
        parts.push(format!("years {}", range(years.first.to_string(), years.last.to_string())));
    }
    // Without any limit it always holds.
    if parts.is_empty() { "00:00-24:00".to_string() } else { parts.join(" ") }
}
