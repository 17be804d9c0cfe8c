//! An Alertmanager configuration as an alert source.

use std::fmt::Write;

use crate::alertmanager::config::{Config, GroupBy, Route, Setting, Settings};
use crate::alertmanager::matcher::Matcher;
use crate::alertmanager::schema::{self, EVENT_RECORDER, Field, GLOBAL, Kind, TRACING};
use crate::alertmanager::time_interval::{MONTHS, WEEKDAYS};
use crate::alertmanager::time_interval::{NamedIntervals, TimeInterval};
use crate::gostd::strconv::quote;
use crate::prometheus::Duration;

use super::text::{self, Idiom, quoted};

const WIDTH: usize = 100;

/// The source of a configuration, without header.
pub(super) fn source(config: &Config) -> String {
    let mut out = String::new();
    let mut global = fields(&config.global, Some(GLOBAL));
    if !config.templates.is_empty() {
        let paths: Vec<String> = config.templates.iter().map(|t| quoted(t, Idiom::NONE)).collect();
        global.push(Entry::One("templates".into(), format!("[{}]", paths.join(", "))));
    }
    for (key, settings, known) in
        [("tracing", &config.tracing, TRACING), ("event_recorder", &config.event_recorder, EVENT_RECORDER)]
    {
        if !settings.is_empty() {
            global.push(Entry::Block(key.into(), fields(settings, Some(known))));
        }
    }
    if !global.is_empty() {
        block(&mut out, 0, "global", &global);
        out.push('\n');
    }
    for receiver in &config.receivers {
        let entries: Vec<Entry> = receiver
            .integrations
            .iter()
            .map(|i| {
                Entry::Block(i.integration.name.to_string(), fields(&i.settings, Some(i.integration.fields)))
            })
            .collect();
        block(&mut out, 0, &format!("receiver {}", text::name(&receiver.name)), &entries);
    }
    if !config.time_intervals.is_empty() {
        out.push('\n');
    }
    for named in &config.time_intervals {
        interval(&mut out, named);
    }
    out.push('\n');
    route(&mut out, 0, "route", &config.route);
    if !config.inhibit_rules.is_empty() {
        out.push('\n');
    }
    for rule in &config.inhibit_rules {
        let equal: Vec<String> = rule.equal.iter().map(|l| text::label(l)).collect();
        let (target, source) = (matchers(&rule.target_matchers), matchers(&rule.source_matchers));
        let _ = write!(out, "inhibit {target} by {source}");
        if !equal.is_empty() {
            let _ = write!(out, " equal {}", equal.join(", "));
        }
        out.push('\n');
    }
    out
}

/// A line of a block, or a block inside it.
enum Entry {
    One(String, String),
    Block(String, Vec<Entry>),
}

impl Entry {
    fn inline(&self) -> String {
        match self {
            Entry::One(key, value) => format!("{key} {value}"),
            Entry::Block(key, inner) => format!("{key} {}", braces(inner)),
        }
    }
}

fn braces(entries: &[Entry]) -> String {
    let inner: Vec<String> = entries.iter().map(Entry::inline).collect();
    if inner.is_empty() { "{}".to_string() } else { format!("{{ {} }}", inner.join("  ")) }
}

fn block(out: &mut String, indent: usize, head: &str, entries: &[Entry]) {
    let margin = " ".repeat(indent);
    let line = format!("{margin}{head} {}", braces(entries));
    if line.chars().count() <= WIDTH && !line.contains('\n') {
        out.push_str(&line);
        out.push('\n');
        return;
    }
    let _ = writeln!(out, "{margin}{head} {{");
    for entry in entries {
        match entry {
            Entry::One(key, value) => {
                let _ = writeln!(out, "{margin}  {key} {value}");
            }
            Entry::Block(key, inner) => block(out, indent + 2, key, inner),
        }
    }
    let _ = writeln!(out, "{margin}}}");
}

fn fields(settings: &Settings, known: Option<&'static [Field]>) -> Vec<Entry> {
    settings
        .iter()
        .map(|(name, setting)| {
            let schema = known.and_then(|k| schema::field(k, name));
            let inner = schema.and_then(Field::block);
            let key = text::label(name);
            match setting {
                Setting::Map(map) => {
                    // Of names with a block each, the names are not fields.
                    let by_name = schema.is_some_and(|f| matches!(f.kind, Kind::BlockMap(_)));
                    let entries = if by_name { named(map, inner) } else { fields(map, inner) };
                    Entry::Block(key, entries)
                }
                other => Entry::One(key, value(other, schema, inner)),
            }
        })
        .collect()
}

fn named(map: &Settings, inner: Option<&'static [Field]>) -> Vec<Entry> {
    map.iter()
        .map(|(name, setting)| match setting {
            Setting::Map(map) => Entry::Block(text::label(name), fields(map, inner)),
            other => Entry::One(text::label(name), value(other, None, inner)),
        })
        .collect()
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
        Setting::Map(map) => braces(&fields(map, inner)),
    }
}

fn matchers(matchers: &[Matcher]) -> String {
    let items: Vec<String> = matchers
        .iter()
        .map(|m| format!("{}{}{}", text::label(m.name()), m.op().as_str(), quote(m.value())))
        .collect();
    format!("{{{}}}", items.join(", "))
}

fn route(out: &mut String, indent: usize, head: &str, route: &Route) {
    let mut head = head.to_string();
    if let Some(receiver) = &route.receiver {
        let _ = write!(head, " -> {}", text::name(receiver));
    }
    let mut settings = Vec::new();
    match &route.group_by {
        Some(GroupBy::All) => settings.push("group_by ...".to_string()),
        Some(GroupBy::Labels(labels)) if !labels.is_empty() => {
            let labels: Vec<String> = labels.iter().map(|l| text::name(l)).collect();
            settings.push(format!("group_by {}", labels.join(", ")));
        }
        _ => {}
    }
    let durations = [
        ("group_wait", route.group_wait),
        ("group_interval", route.group_interval),
        ("repeat_interval", route.repeat_interval),
    ];
    settings.extend(durations.into_iter().filter_map(|(key, d)| d.map(|d| format!("{key} {d}"))));
    let intervals = [
        ("mute_time_intervals", &route.mute_time_intervals),
        ("active_time_intervals", &route.active_time_intervals),
    ];
    for (key, names) in intervals.into_iter().filter(|(_, names)| !names.is_empty()) {
        let names: Vec<String> = names.iter().map(|n| text::name(n)).collect();
        settings.push(format!("{key} {}", names.join(", ")));
    }
    if route.continues {
        settings.push("continue".to_string());
    }
    let margin = " ".repeat(indent);
    if route.routes.is_empty() && settings.is_empty() {
        let braces = if route.receiver.is_none() { " {}" } else { "" };
        let _ = writeln!(out, "{margin}{head}{braces}");
        return;
    }
    let line = format!("{margin}{head} {{ {} }}", settings.join("  "));
    if route.routes.is_empty() && line.chars().count() <= WIDTH && indent > 0 {
        let _ = writeln!(out, "{line}");
        return;
    }
    let _ = writeln!(out, "{margin}{head} {{");
    for setting in settings {
        let _ = writeln!(out, "{margin}  {setting}");
    }
    for child in &route.routes {
        self::route(out, indent + 2, &format!("when {}", matchers(&child.matchers)), child);
    }
    let _ = writeln!(out, "{margin}}}");
}

/// The zone stands once for the whole interval.
fn interval(out: &mut String, named: &NamedIntervals) {
    let _ = write!(out, "time_interval {} {{", text::name(&named.name));
    let spans: Vec<String> = named.time_intervals.iter().map(span).collect();
    let zone = named.time_intervals.iter().find_map(|i| i.location.as_deref());
    let mut parts = spans.join(", ");
    if let Some(zone) = zone {
        let _ = write!(parts, " in {}", quote(zone));
    }
    if parts.len() < WIDTH - 20 {
        let _ = writeln!(out, " {parts} }}");
    } else {
        let zone = zone.map(|z| format!("\n  in {}", quote(z))).unwrap_or_default();
        let _ = writeln!(out, "\n  {}{zone}\n}}", spans.join(",\n  "));
    }
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
    parts.join(" ")
}
