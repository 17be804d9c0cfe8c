//! The same rules, routes and samples, faster.

use alertc::alertmanager::config::{Config, IntegrationConfig, Route, Setting, Settings};
use alertc::alertmanager::schema::integration;
use alertc::prometheus::{Duration, Rule, RuleFile};
use alertc::promql::series_notation::{SeriesItem, parse_values};
use alertc::source::FileId;

use super::FACTOR;

/// Prometheus' default interval of groups.
const MINUTE: i64 = 60_000;

fn faster(duration: Duration) -> Duration {
    Duration::from_millis(duration.millis() / FACTOR)
}

pub fn rules(mut file: RuleFile) -> RuleFile {
    for group in &mut file.groups {
        group.interval = Some(faster(group.interval.unwrap_or(Duration::from_millis(MINUTE))));
        group.query_offset = group.query_offset.map(faster);
        for rule in &mut group.rules {
            match rule {
                Rule::Alerting(alert) => {
                    alert.expr = expression(&alert.expr);
                    alert.hold = alert.hold.map(faster);
                    alert.keep_firing_for = alert.keep_firing_for.map(faster);
                }
                Rule::Recording(record) => record.expr = expression(&record.expr),
            }
        }
    }
    file
}

/// Durations stand in brackets, `[5m]` and `[1h:1m]`, and behind `offset`.
fn expression(text: &str) -> String {
    let pattern = regex::Regex::new(r"(\[\s*|:\s*|\boffset\s+-?)((?:\d+(?:ms|[smhdwy]))+)").unwrap();
    let replaced = pattern.replace_all(text, |found: &regex::Captures<'_>| {
        let duration: Duration = found[2].parse().unwrap();
        format!("{}{}", &found[1], faster(duration))
    });
    replaced.into_owned()
}

/// Every integration is a webhook whose path, once its host stands before it, tells which one it is; time intervals and
/// all that other services need are left out.
pub fn config(mut config: Config) -> Config {
    let webhook = integration("webhook").unwrap();
    for (number, receiver) in config.receivers.iter_mut().enumerate() {
        for (index, one) in receiver.integrations.iter_mut().enumerate() {
            let mut settings = Settings::new();
            settings.set_text(webhook.fields, "url", format!("http://127.0.0.1:1/{number}/{index}"));
            settings.set("send_resolved", Setting::Bool(one.send_resolved()));
            *one = IntegrationConfig { integration: webhook, settings };
        }
    }
    let route =
        |own: Option<Duration>, default: i64| Some(faster(own.unwrap_or(Duration::from_millis(default))));
    let root = &mut config.route;
    root.group_wait = route(root.group_wait, MINUTE / 2);
    root.group_interval = route(root.group_interval, 5 * MINUTE);
    root.repeat_interval = route(root.repeat_interval, 240 * MINUTE);
    root.routes.iter_mut().for_each(child);
    Config {
        global: Settings::new(),
        templates: Vec::new(),
        time_intervals: Vec::new(),
        tracing: Settings::new(),
        event_recorder: Settings::new(),
        ..config
    }
}

fn child(route: &mut Route) {
    route.group_wait = route.group_wait.map(faster);
    route.group_interval = route.group_interval.map(faster);
    route.repeat_interval = route.repeat_interval.map(faster);
    route.mute_time_intervals.clear();
    route.active_time_intervals.clear();
    route.routes.iter_mut().for_each(child);
}

/// Samples of a series. What a counter counts in a minute it counts in a second now; so that its rates are the same, it
/// counts less.
pub fn samples(series: &str, values: &str) -> Vec<Option<f64>> {
    let (items, found) = parse_values(values, FileId::NONE, 0);
    assert!(found.is_empty(), "{series}: {found:?}");
    let name = series.split('{').next().unwrap_or(series);
    let counts = ["_total", "_count", "_sum", "_bucket"].iter().any(|end| name.ends_with(end));
    let scale = if counts { FACTOR as f64 } else { 1.0 };
    let points = items.iter().flat_map(SeriesItem::points).map(|point| point.unwrap());
    let value = |point: alertc::promql::value::Point| match point.as_float() {
        Some(value) if alertc::promql::value::is_stale_nan(value) => None,
        Some(value) => Some(value / scale),
        None => panic!("{series}: histograms can't be played"),
    };
    points.map(|point| point.and_then(value)).collect()
}
