//! What alertc says is told.

use std::collections::BTreeMap;
use std::sync::Arc;

use alertc::alertmanager::simulation::{
    FlushedAlert, Notification, PostedAlert, Reason, Semantics, Simulation,
};
use alertc::prometheus::Duration;
use alertc::prometheus::rules::{Options, RuleSet, sent};
use alertc::promql::labels::Labels;
use alertc::promql::series_notation::parse_series;
use alertc::promql::storage::Storage;
use alertc::promql::value::Point;
use alertc::source::FileId;

use super::{LONGEST, Message, Millis, Play};

/// The shortest resend delay that Prometheus is given.
pub const RESEND_DELAY: Millis = 1_000;

/// Every message but repetitions, of which the last bits of the clock decide.
pub fn told(play: &Play) -> Vec<Message> {
    let groups = || play.rules.iter().flat_map(|f| &f.groups);
    let base = groups().filter_map(|g| g.interval).map(Duration::millis).fold(1_000, gcd);
    let times: Arc<[Millis]> = (0..LONGEST / base).map(|i| i * base).collect();
    let options = Options {
        evaluation_interval: base,
        external_labels: play.external_labels.iter().collect(),
        group_intervals: true,
        ..Options::default()
    };
    let set = RuleSet::new(groups(), &options).unwrap();
    let mut storage = Storage::new();
    for (name, samples) in &play.series {
        let (labels, _, found) = parse_series(name, FileId::NONE, 0);
        assert!(found.is_empty(), "{name}: {found:?}");
        let id = storage.series_id(&Labels::new(labels));
        for slot in 0..LONGEST / play.interval {
            if let Some(value) = sample(samples, usize::try_from(slot).unwrap()) {
                storage.append(id, slot * play.interval, Point::Float(value));
            }
        }
    }
    let timeline = set.evaluate(storage, &times, &options);
    assert!(timeline.errors().is_empty(), "{:?}", timeline.errors());
    let mut simulation = Simulation::new(play.config.clone(), 0, Semantics::V0_33);
    for (at, alerts) in sent(&timeline, &options.external_labels, RESEND_DELAY, |_, _| true) {
        let alerts: Vec<PostedAlert> = alerts
            .into_iter()
            .map(|alert| PostedAlert {
                labels: alert.labels.iter().map(|(n, v)| (n.to_string(), v.to_string())).collect(),
                annotations: alert.annotations,
                starts_at: Some(alert.starts_at),
                ends_at: Some(alert.ends_at),
                generator_url: alert.generator_url.to_string(),
            })
            .collect();
        simulation.post(at, &alerts).unwrap();
    }
    let end = play.series.iter().map(|(_, samples)| samples.len()).max().unwrap_or(0);
    let end = i64::try_from(end).unwrap() * play.interval + play.longest_group_interval();
    simulation.run_until(end).unwrap();
    let history = &simulation.history().notifications;
    history.iter().filter(|n| n.reason != Reason::Repeat && n.at <= end).map(|n| message(play, n)).collect()
}

/// The sample of a slot: the last one stays.
pub fn sample(samples: &[Option<f64>], slot: usize) -> Option<f64> {
    samples.get(slot).or(samples.last()).copied().flatten()
}

fn message(play: &Play, told: &Notification) -> Message {
    let receiver = play.config.receivers.iter().position(|r| r.name == told.endpoint.receiver).unwrap();
    let alert = |a: &FlushedAlert| {
        let map = |labels: &BTreeMap<String, String>| labels.clone();
        (map(&a.labels), a.status.as_str().to_string(), map(&a.annotations))
    };
    let mut alerts: Vec<_> = told.alerts.iter().map(alert).collect();
    alerts.sort();
    Message {
        endpoint: (receiver, told.endpoint.index),
        group_key: told.group_key.clone(),
        at: told.at,
        status: told.status.as_str().to_string(),
        alerts,
    }
}

fn gcd(a: Millis, b: Millis) -> Millis {
    if b == 0 { a } else { gcd(b, a % b) }
}
