//! The engine's promise about many instants at once: the results are those of each instant evaluated alone.

use std::sync::Arc;

use alertc::promql::engine::{Options, Prepared, Visibility};
use alertc::promql::error::ErrorKind;
use alertc::promql::features::{Features, Version};
use alertc::promql::labels::Labels;
use alertc::promql::storage::Storage;
use alertc::promql::value::{Point, Steps, Value};
use alertc::promql::{parser, promqltest};
use alertc::source::FileId;

fn prepare(text: &str) -> Prepared {
    let options = parser::Options { features: Features::all(), ..parser::Options::default() };
    let (expr, diagnostics) = parser::parse(text, FileId::NONE, 0, &options);
    assert!(diagnostics.is_empty(), "{:.80}: {:?}", text, diagnostics[0].message);
    Prepared::new(&expr).unwrap()
}

/// Counters with resets, gaps, stale markers, NaN, native histograms, series that come and go.
fn storage() -> Storage {
    promqltest::load(
        r#"load 30s
  requests_total{job="a", instance="1"} 0+10x20 0+7x20
  requests_total{job="a", instance="2"} 5+3x10 _x6 40+3x20
  requests_total{job="b", instance="1"} 1+1x8 stale _x5 1+2x20
  requests_failed_total{job="a", instance="1"} 0+1x40
  requests_failed_total{job="b", instance="1"} _x9 0+0.5x25
  gauge{job="a"} 1 2.5 -3 NaN 4 1e3 0.1 Inf 7 3x10 1 5 2 8 _ _ 4 -1 stale 6x9
  gauge{job="b"} 3-0.25x40
  latency_bucket{job="a", le="0.1"} 0+1x40
  latency_bucket{job="a", le="1"} 0+3x40
  latency_bucket{job="a", le="+Inf"} 0+4x40
  latency{job="a"} {{schema:0 count:4 sum:6 buckets:[1 2 1]}}+{{schema:0 count:4 sum:6 buckets:[1 2 1]}}x40
  target_info{job="a", instance="1", version="1"} 1x15 stale
  target_info{job="a", instance="1", version="2"} _x16 1x20
"#,
    )
    .unwrap()
}

const EXPRESSIONS: &[&str] = &[
    "gauge",
    "gauge offset 2m",
    "gauge offset -2m",
    "gauge @ 300",
    "gauge @ start()",
    "requests_total - requests_total @ end() offset 1m",
    "rate(requests_total[2m])",
    "rate(requests_total[2m] offset -1m)",
    "increase(requests_total[3m])",
    "irate(requests_total[2m])",
    "sum by (job) (rate(requests_total[2m]))",
    "avg without (instance) (requests_total)",
    "stddev(requests_total)",
    "count(gauge)",
    "group by (job) ({job=\"a\"})",
    "quantile(0.3, requests_total)",
    "topk(1, requests_total)",
    "bottomk by (job) (1, requests_total)",
    "topk(scalar(count(gauge)), requests_total)",
    "limitk(2, requests_total)",
    "limit_ratio(0.5, requests_total)",
    "count_values(\"v\", gauge)",
    "requests_total / on (job, instance) requests_failed_total",
    "requests_failed_total / ignoring (version) group_left () sum by (job, instance) (requests_total)",
    "requests_total * on (job, instance) group_left (version) target_info",
    "requests_total + fill(0) requests_failed_total",
    "requests_total > 20",
    "requests_total > bool 20",
    "2 < gauge",
    "gauge and on (job) requests_failed_total",
    "gauge or requests_total",
    "requests_total unless requests_failed_total",
    "requests_total or requests_failed_total",
    "-gauge",
    "abs(gauge) + 1",
    "clamp(gauge, 0, scalar(requests_failed_total{job=\"a\"}))",
    "round(gauge, 0.5)",
    "absent(gauge{job=\"c\"})",
    "absent(requests_failed_total{job=\"b\"})",
    "absent_over_time(requests_total{job=\"b\"}[1m])",
    "present_over_time(gauge[1m])",
    "max_over_time(gauge[90s])",
    "min_over_time(gauge[5m])",
    "avg_over_time(gauge{job=\"b\"}[5m])",
    "sum_over_time(gauge[5m])",
    "stddev_over_time(gauge{job=\"b\"}[5m])",
    "quantile_over_time(0.7, gauge{job=\"b\"}[5m])",
    "deriv(gauge{job=\"b\"}[5m])",
    "predict_linear(gauge{job=\"b\"}[5m], 600)",
    "double_exponential_smoothing(gauge{job=\"b\"}[5m], 0.5, 0.5)",
    "changes(gauge[5m])",
    "resets(requests_total[10m])",
    "last_over_time(gauge[5m])",
    "timestamp(gauge)",
    "time() - timestamp(gauge)",
    "scalar(gauge{job=\"a\"}) + 1",
    "vector(time())",
    "hour() + day_of_week(requests_total)",
    "label_replace(gauge, \"x\", \"$1\", \"job\", \"(.)\")",
    "label_join(requests_total, \"x\", \"-\", \"job\", \"instance\")",
    "histogram_quantile(0.9, rate(latency_bucket[2m]))",
    "histogram_quantile(0.9, rate(latency[2m]))",
    "histogram_quantiles(latency, \"q\", 0.5, 0.9)",
    "histogram_count(increase(latency[2m]))",
    "sum(latency)",
    "sum(latency) + avg(latency)",
    "info(requests_total)",
    "max_over_time(gauge[5m:1m])",
    "rate(requests_total[5m:30s])",
    "sum_over_time(rate(requests_total[1m])[5m:1m])",
    "max_over_time(gauge[5m:1m] offset 1m)",
    "max_over_time(gauge[5m:1m] @ 600)",
    "max_over_time(gauge[2m:30s] offset -2m)",
    "sum_over_time((gauge offset -1m)[3m:1m])",
    "sum_over_time((gauge @ start())[3m:1m])",
    "sum_over_time((gauge > bool 3)[5m:])",
    "max_over_time((requests_total or requests_failed_total)[3m:1m])",
    "absent_over_time((gauge @ end())[3m:1m])",
    "rate(requests_total[2m] anchored)",
    "rate(requests_total[2m] smoothed)",
    "gauge{job=\"b\"} smoothed",
    "start() + end() + step() + range()",
    "sort_desc(requests_total)",
    "rate({__name__=~\"requests_total|requests_failed_total\", instance=\"2\"}[2m])",
];

/// What is visible at each instant and how.
fn options() -> Vec<Options> {
    let old = Options { version: Version::new(2, 53), ..Options::default() };
    let delayed = Options { delayed_name_removal: true, ..Options::default() };
    let hidden = Options { visibility: Visibility::UpToInstant, ..Options::default() };
    vec![Options::default(), hidden, delayed, old]
}

/// The points at a step, by labels.
fn at(steps: &Steps, step: usize) -> Vec<(Labels, Point)> {
    let mut points: Vec<_> = steps
        .series
        .iter()
        .filter_map(|series| Some((series.labels.clone(), series.column.get(step)?)))
        .collect();
    points.sort_by(|a, b| a.0.cmp(&b.0));
    points
}

fn alone(value: Value) -> Vec<(Labels, Point)> {
    let mut points = match value {
        Value::Scalar(v) => vec![(Labels::EMPTY, Point::Float(v))],
        Value::Vector(samples) => samples.into_iter().map(|s| (s.labels, s.point)).collect(),
        other => panic!("{other:?}"),
    };
    points.sort_by(|a, b| a.0.cmp(&b.0));
    points
}

#[test]
fn many_instants_at_once_are_each_instant_alone() {
    let storage = storage();
    let times: Arc<[i64]> = (0..45).map(|i| i * 37_000 - 60_000).collect();
    let mut wrong = Vec::new();
    for text in EXPRESSIONS {
        let prepared = prepare(text);
        for options in options() {
            let all = prepared.instants(&storage, &options, &times);
            let failed_at = all.failure.as_ref().map_or(times.len(), |(step, _)| *step);
            for (step, t) in times.iter().enumerate().take(failed_at + 1) {
                let expected = prepared.instant(&storage, &options, *t);
                let agree = match (expected, &all.failure) {
                    (Ok(output), _) if step < failed_at => alone(output.value) == at(&all.steps, step),
                    (Err(error), Some((_, failure))) if step == failed_at => error.message == failure.message,
                    _ => false,
                };
                if !agree {
                    wrong.push(format!("{text} at {t} ms, {:?}", options.visibility));
                    break;
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nothing_is_known_of_the_future_when_it_is_hidden() {
    let full = storage();
    let options = Options { visibility: Visibility::UpToInstant, ..Options::default() };
    let mut wrong = Vec::new();
    for t in [0, 100_000, 610_000] {
        // The same storage as it was at that time.
        let mut past = Storage::new();
        for series in full.iter() {
            let id = past.series_id(series.labels());
            for (time, value) in series.times().iter().zip(series.values()).filter(|(time, _)| **time <= t) {
                past.append(id, *time, Point::Float(*value));
            }
            for sample in series.histograms().iter().filter(|h| h.t <= t) {
                past.append(id, sample.t, Point::Histogram(sample.h.clone()));
            }
            series.stale().iter().filter(|time| **time <= t).for_each(|time| past.append_stale(id, *time));
        }
        for text in EXPRESSIONS {
            let prepared = prepare(text);
            let hidden = prepared.instant(&full, &options, t).map(|o| alone(o.value)).map_err(|e| e.message);
            let expected = prepared.instant(&past, &Options::default(), t);
            if hidden != expected.map(|o| alone(o.value)).map_err(|e| e.message) {
                wrong.push(format!("{text} at {t} ms"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_failure_ends_the_results_at_its_step() {
    let storage = promqltest::load("load 1m\n  a{x=\"1\"} 1x9\n  a{x=\"2\"} _x5 1x4\n  b 1x9\n").unwrap();
    let times: Arc<[i64]> = (0..10).map(|i| i * 60_000).collect();
    let result = prepare("b * on () a").instants(&storage, &Options::default(), &times);
    let (step, error) = result.failure.unwrap();
    assert_eq!(step, 5, "a second series of `a` appears in the fifth minute");
    assert!(
        error.message.starts_with("found duplicate series for the match group {} on the right"),
        "{error}"
    );
    assert_eq!(result.steps.series.len(), 1);
    assert_eq!(result.steps.series[0].column.len(), 5);
}

#[test]
fn budgets_end_an_evaluation() {
    let storage = storage();
    let few = Options { max_samples: 2, ..Options::default() };
    let error = prepare("requests_total").instant(&storage, &few, 60_000).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Budget);
    let error =
        prepare("max_over_time(gauge[100y:1s])").instant(&storage, &Options::default(), 0).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Budget);
    let no_time = Options { time_budget: Some(std::time::Duration::ZERO), ..Options::default() };
    let error = prepare("requests_total").instant(&storage, &no_time, 60_000).unwrap_err();
    assert_eq!(error.message, "query timed out in expression evaluation");
}

#[test]
fn long_chains_are_walked_and_deep_trees_refused() {
    let storage = storage();
    let chain = vec!["gauge"; 450].join(" or ");
    let Value::Vector(samples) = prepare(&chain).instant(&storage, &Options::default(), 0).unwrap().value
    else {
        panic!()
    };
    assert_eq!(samples.len(), 2);
    let sum = vec!["1"; 450].join(" + ");
    assert_eq!(prepare(&sum).instant(&storage, &Options::default(), 0).unwrap().value, Value::Scalar(450.0));
    let deep = format!("{}gauge{}", "abs(".repeat(150), ")".repeat(150));
    assert!(prepare(&deep).instant(&storage, &Options::default(), 0).is_ok());
    let scaled = format!("gauge{}", " * 2".repeat(240));
    assert!(prepare(&scaled).instant(&storage, &Options::default(), 0).is_ok());
    let power = vec!["gauge"; 400].join(" ^ ");
    let (expr, diagnostics) = parser::parse(&power, FileId::NONE, 0, &parser::Options::default());
    assert!(
        !diagnostics.is_empty() && Prepared::new(&expr).is_err(),
        "the parser stops before the engine has to"
    );
}
