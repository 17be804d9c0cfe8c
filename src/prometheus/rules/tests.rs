//! States over time, and what rules see of each other.

use super::*;
use crate::prometheus::{AlertingRule, Duration, RecordingRule, Rule as ModelRule};
use crate::promql::labels::Labels;

fn record(name: &str, expr: &str) -> ModelRule {
    ModelRule::Recording(RecordingRule { record: name.into(), expr: expr.into(), ..Default::default() })
}

fn alert(name: &str, expr: &str, hold: i64, keep: i64) -> ModelRule {
    ModelRule::Alerting(AlertingRule {
        alert: name.into(),
        expr: expr.into(),
        hold: Some(Duration::from_millis(hold)),
        keep_firing_for: Some(Duration::from_millis(keep)),
        labels: [("severity", "page"), ("gone", "{{ $labels.nope }}")].into_iter().collect(),
        annotations: [("value", "{{ $value }}")].into_iter().collect(),
    })
}

fn group(rules: Vec<ModelRule>) -> RuleGroup {
    RuleGroup { name: "g".into(), rules, ..RuleGroup::default() }
}

fn minutes(n: i64) -> Arc<[Millis]> {
    (0..=n).map(|m| m * 60_000).collect()
}

fn storage(values: &[f64]) -> Storage {
    let mut storage = Storage::new();
    let id = storage.series_id(&Labels::new([("__name__", "m"), ("job", "a")]));
    let times: Arc<[Millis]> = (0..values.len() as i64).map(|m| m * 60_000).collect();
    storage.append_floats(id, &times, values.to_vec());
    storage
}

/// `name: value@minute …` of all series of a name.
fn series(timeline: &Timeline<'_>, name: &str) -> Vec<String> {
    let named = timeline.storage().iter().filter(|s| s.labels().metric_name() == name);
    named
        .map(|s| {
            let points = s.times().iter().zip(s.values()).map(|(t, v)| format!("{v}@{}", t / 60_000));
            let stale = s.stale().iter().map(|t| format!("stale@{}", t / 60_000));
            format!("{} {}", s.labels().drop_metadata(), points.chain(stale).collect::<Vec<_>>().join(" "))
        })
        .filter(|text| text.contains('@'))
        .collect()
}

fn states(timeline: &Timeline<'_>) -> String {
    let alerts: Vec<&Alert> = timeline.rules().flat_map(|(_, _, alerts)| alerts).collect();
    let at = |t: &Millis| alerts.iter().map(|a| a.state(*t)).max().unwrap_or(State::Inactive);
    timeline.times().iter().map(|t| &at(t).as_str()[..1]).collect()
}

#[test]
fn an_alert_is_pending_fires_and_goes_on_for_a_while() {
    let set =
        RuleSet::new([&group(vec![alert("A", "m > 1", 120_000, 120_000)])], &Options::default()).unwrap();
    let timeline = set.evaluate(
        storage(&[0.0, 2.0, 3.0, 4.0, 5.0, 0.0, 0.0, 0.0, 0.0]),
        &minutes(8),
        &Options::default(),
    );
    assert_eq!(states(&timeline), "ippffffii");
    let (rule, _, alerts) = timeline.rules().next().unwrap();
    assert_eq!(alerts[0].labels.to_string(), r#"{alertname="A", job="a", severity="page"}"#);
    let texts = timeline.annotations(rule, &alerts[0], 6);
    assert_eq!(texts["value"], "5", "the value of the last time at which the condition held");
    assert_eq!(
        series(&timeline, "ALERTS"),
        [
            r#"{alertname="A", alertstate="pending", gone="{{ $labels.nope }}", job="a", severity="page"} 1@1 1@2 stale@3"#,
            r#"{alertname="A", alertstate="firing", gone="{{ $labels.nope }}", job="a", severity="page"} 1@3 1@4 1@5 1@6 stale@7"#
        ]
    );
}

#[test]
fn rules_see_earlier_ones_now_and_later_ones_as_they_were() {
    let rules = vec![
        record("late", "later + 0"),
        record("later", "sum(m)"),
        record("count", "(count offset 1m or vector(0)) + 1"),
        record("now", "later + 0"),
    ];
    let set = RuleSet::new([&group(rules)], &Options::default()).unwrap();
    let timeline = set.evaluate(storage(&[1.0, 2.0, 3.0]), &minutes(2), &Options::default());
    assert!(timeline.errors().is_empty());
    assert_eq!(series(&timeline, "late"), ["{} 1@1 2@2"]);
    assert_eq!(series(&timeline, "now"), ["{} 1@0 2@1 3@2"]);
    assert_eq!(series(&timeline, "count"), ["{} 1@0 2@1 3@2"]);
}

#[test]
fn a_value_in_a_label_makes_a_new_alert_each_time() {
    let mut rule = AlertingRule { alert: "A".into(), expr: "m".into(), ..AlertingRule::default() };
    rule.labels.insert("v", "{{ $value }}");
    rule.hold = Some(Duration::from_millis(60_000));
    let set = RuleSet::new([&group(vec![ModelRule::Alerting(rule)])], &Options::default()).unwrap();
    let timeline = set.evaluate(storage(&[1.0, 2.0, 2.0]), &minutes(2), &Options::default());
    assert_eq!(states(&timeline), "ppf");
}

#[test]
fn a_failure_ends_the_evaluation() {
    let rules = vec![record("n", "m"), record("n", "m * 2"), alert("A", "m", 0, 0)];
    let set = RuleSet::new([&group(rules)], &Options::default()).unwrap();
    let timeline = set.evaluate(storage(&[0.0, 2.0]), &minutes(1), &Options::default());
    let errors: Vec<_> = timeline.errors().iter().map(|e| (e.step, e.rule, e.message.as_str())).collect();
    let message = "duplicate sample for timestamp [60000; overrides not allowed: existing 2, new value 4]";
    assert_eq!(errors, [(1, 1, message)]);
}

#[test]
fn what_vanishes_is_stale_and_limits_hold() {
    let mut limited = group(vec![record("n", "m > 1")]);
    limited.query_offset = Some(Duration::from_millis(60_000));
    let set = RuleSet::new([&limited], &Options::default()).unwrap();
    let timeline = set.evaluate(storage(&[2.0, 3.0, 0.0, 0.0]), &minutes(4), &Options::default());
    assert_eq!(series(&timeline, "n"), [r#"{job="a"} 2@0 3@1 stale@2"#]);
    let mut limited = group(vec![record("n", "m or label_replace(m, \"x\", \"y\", \"\", \"\")")]);
    limited.limit = Some(1);
    let set = RuleSet::new([&limited], &Options::default()).unwrap();
    let timeline = set.evaluate(storage(&[2.0]), &minutes(0), &Options::default());
    assert_eq!(timeline.errors()[0].message, "exceeded limit of 1 with 2 series");
}

#[test]
fn rules_that_take_turns_for_ever_are_stopped() {
    let rules = vec![record("a", "b + 1 or vector(0)"), record("b", "a + 1")];
    let set = RuleSet::new([&group(rules)], &Options::default()).unwrap();
    let options = Options { turns: 1_000, ..Options::default() };
    let timeline = set.evaluate(Storage::new(), &minutes(3_000), &options);
    let errors: Vec<_> = timeline.errors().iter().map(|e| (e.step, e.message.as_str())).collect();
    let message = "rules that read what later ones write take turns at each step: more than 1000 turns";
    assert_eq!(errors, [(500, message)]);
}
