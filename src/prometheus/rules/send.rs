//! From alerts over time to what Prometheus posts to Alertmanager: when it sends them, when it sends them again, and
//! until when each is said to last.
//!
//! Source: Prometheus rules/alerting.go `needsSending`, `sendAlerts` and `Eval`, rules/manager.go `SendAlerts`,
//! notifier/alert.go at v3.14.0.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::timeline::{Alert, Timeline};
use super::{Millis, RuleInfo};
use crate::gostd::url::query_escape;
use crate::promql::labels::{Labels, LabelsBuilder};
use crate::promql::parser;
use crate::source::FileId;
use crate::yaml::StringMap;

/// How long an alert is not sent again, unless it is resolved (`--rules.alert.resend-delay`).
pub const RESEND_DELAY: Millis = 60_000;

/// How long a resolved alert is sent again and again.
const RESOLVED_RETENTION: Millis = 15 * 60_000;

/// An alert lasts for so many resend delays or intervals of its group, whichever is longer, unless it is sent again.
const LASTS: Millis = 4;

/// An alert as it is posted. Times are milliseconds since the Unix epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentAlert {
    /// Its labels, the external ones among them.
    pub labels: Labels,
    /// Its annotations.
    pub annotations: BTreeMap<String, String>,
    /// When it began to fire.
    pub starts_at: Millis,
    /// When it ended; of one that fires, until when it lasts if nothing more is heard.
    pub ends_at: Millis,
    /// The link to its expression.
    pub generator_url: Arc<str>,
}

/// What the rules that are `wanted` send, by time. The posts of one time are in the order of the rules; `alert_relabel_configs`
/// are not known here.
pub fn sent(
    timeline: &Timeline<'_>,
    external_labels: &StringMap,
    resend_delay: Millis,
    wanted: impl Fn(usize, &RuleInfo<'_>) -> bool,
) -> BTreeMap<Millis, Vec<SentAlert>> {
    let mut posts: BTreeMap<Millis, Vec<SentAlert>> = BTreeMap::new();
    for (number, rule, alerts) in timeline.rules() {
        if alerts.is_empty() || !wanted(number, &rule) {
            continue;
        }
        let stride = timeline.stride(number);
        let times = timeline.times();
        let interval = match (times.first(), times.get(stride)) {
            (Some(first), Some(second)) => second - first,
            _ => 0,
        };
        let link: Arc<str> = link(&timeline.context.url, rule.expr).into();
        for (alert, sends) in alerts.iter().zip(sends(alerts, times, stride, resend_delay)) {
            let labels = with_external(&alert.labels, external_labels);
            for step in sends {
                let Some(at) = times.get(step).copied() else { continue };
                let ended = alert.ended_at.filter(|end| *end <= at);
                posts.entry(at).or_default().push(SentAlert {
                    labels: labels.clone(),
                    annotations: timeline.annotations(number, alert, step),
                    starts_at: alert.fired_at.unwrap_or(at),
                    ends_at: ended.unwrap_or(at + LASTS * interval.max(resend_delay)),
                    generator_url: link.clone(),
                });
            }
        }
    }
    posts
}

/// For each alert of a rule the steps at which it is sent.
fn sends(alerts: &[Alert], times: &[Millis], stride: usize, resend_delay: Millis) -> Vec<Vec<usize>> {
    // An alert that comes again takes the place of the one that is resolved.
    let mut next_of: BTreeMap<&Labels, Millis> = BTreeMap::new();
    let mut all: Vec<Vec<usize>> = Vec::with_capacity(alerts.len());
    for alert in alerts.iter().rev() {
        let replaced_at = next_of.insert(&alert.labels, alert.active_at);
        all.push(steps(alert, replaced_at, times, stride, resend_delay));
    }
    all.reverse();
    all
}

fn steps(
    alert: &Alert,
    replaced_at: Option<Millis>,
    times: &[Millis],
    stride: usize,
    resend_delay: Millis,
) -> Vec<usize> {
    let Some(fired_at) = alert.fired_at else { return Vec::new() };
    let first = times.partition_point(|t| *t < fired_at).next_multiple_of(stride);
    let mut sent: Option<Millis> = None;
    let mut steps = Vec::new();
    for (step, at) in times.iter().copied().enumerate().skip(first).step_by(stride) {
        let resolved = alert.ended_at.filter(|end| *end <= at);
        let forgotten = resolved.is_some_and(|end| at - end > RESOLVED_RETENTION);
        if forgotten || replaced_at.is_some_and(|t| at >= t) {
            break;
        }
        let due = match (sent, resolved) {
            (None, _) => true,
            (Some(sent), Some(end)) if end > sent => true,
            (Some(sent), _) => sent + resend_delay < at,
        };
        if due {
            sent = Some(at);
            steps.push(step);
        }
    }
    steps
}

/// External labels stand where the alert has none of that name.
fn with_external(labels: &Labels, external: &StringMap) -> Labels {
    let mut builder = LabelsBuilder::from(labels);
    for (name, value) in external.iter().filter(|(name, _)| !labels.has(name)) {
        builder.set(name, value);
    }
    builder.labels()
}

/// The page of an expression in Prometheus (util/strutil `TableLinkForExpression`).
fn link(url: &str, expr: &str) -> String {
    let (tree, _) = parser::parse(expr, FileId::NONE, 0, &parser::Options::default());
    format!("{url}/graph?g0.expr={}&g0.tab=1", query_escape(&tree.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prometheus::model::{AlertingRule, Rule, RuleGroup};
    use crate::prometheus::rules::{Options, RuleSet};
    use crate::promql::duration::Duration;
    use crate::promql::storage::Storage;

    const SECOND: Millis = 1_000;

    /// The seconds at which an alert is sent, and how long it is said to last then, for the values of a series every
    /// `interval` seconds.
    fn sent_at(interval: Millis, resend_delay: Millis, values: &[f64]) -> Vec<(Millis, Millis, bool)> {
        let alert = AlertingRule {
            alert: "Up".to_string(),
            expr: "up == 1".to_string(),
            annotations: [("value", "{{ $value }}")].into_iter().collect(),
            ..AlertingRule::default()
        };
        let group = RuleGroup {
            name: "g".to_string(),
            interval: Some(Duration::from_millis(interval * SECOND)),
            rules: vec![Rule::Alerting(alert)],
            ..RuleGroup::default()
        };
        let options =
            Options { evaluation_interval: interval * SECOND, group_intervals: true, ..Options::default() };
        let set = RuleSet::new([&group], &options).unwrap();
        let times: Arc<[Millis]> = (0i64..).zip(values).map(|(i, _)| i * interval * SECOND).collect();
        let mut storage = Storage::default();
        let id = storage.series_id(&Labels::new([("__name__", "up"), ("a", "1")]));
        storage.append_floats(id, &times, values.to_vec());
        let timeline = set.evaluate(storage, &times, &options);
        let external: StringMap = [("a", "other"), ("b", "2")].into_iter().collect();
        let posts = sent(&timeline, &external, resend_delay * SECOND, |_, _| true);
        let posts = posts.into_iter().flat_map(|(at, alerts)| alerts.into_iter().map(move |a| (at, a)));
        posts
            .map(|(at, alert)| {
                assert_eq!(alert.labels, Labels::new([("alertname", "Up"), ("a", "1"), ("b", "2")]));
                assert_eq!(alert.annotations.get("value").map(String::as_str), Some("1"));
                assert_eq!(&*alert.generator_url, "/graph?g0.expr=up+%3D%3D+1&g0.tab=1");
                (at / SECOND, (alert.ends_at - at) / SECOND, alert.ends_at <= at)
            })
            .collect()
    }

    #[test]
    fn an_alert_is_sent_again_when_more_than_the_resend_delay_is_over() {
        let every = |interval, delay| -> Vec<(Millis, Millis)> {
            sent_at(interval, delay, &[1.0; 13]).into_iter().map(|(at, lasts, _)| (at, lasts)).collect()
        };
        assert_eq!(every(15, 60), [(0, 240), (75, 240), (150, 240)]);
        assert_eq!(every(60, 60)[..3], [(0, 240), (120, 240), (240, 240)]);
        assert_eq!(every(120, 60)[..3], [(0, 480), (120, 480), (240, 480)]);
    }

    #[test]
    fn a_resolved_alert_is_sent_at_once_and_for_a_quarter_of_an_hour() {
        let mut values = vec![1.0, 0.0];
        values.resize(40, 0.0);
        let sent = sent_at(60, 60, &values);
        assert_eq!(sent[..3], [(0, 240, false), (60, 0, true), (180, -120, true)]);
        assert_eq!(sent.last(), Some(&(60 + 14 * 60, -14 * 60, true)));
    }

    #[test]
    fn an_alert_that_comes_again_takes_the_place_of_the_resolved_one() {
        let sent = sent_at(60, 60, &[1.0, 0.0, 0.0, 1.0, 1.0, 0.0]);
        let shown: Vec<_> = sent.iter().map(|(at, _, resolved)| (*at, *resolved)).collect();
        assert_eq!(shown, [(0, false), (60, true), (180, false), (300, true)]);
    }
}
