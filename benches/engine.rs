//! The PromQL engine over 1,000 series of 7 days at 30 seconds, evaluated every minute: `cargo bench --bench engine`.
//!
//! docs/performance.md says what the figures mean and how near they come to the limits of the machine.

#![allow(clippy::print_stdout, reason = "it prints what it measures")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use alertc::promql::engine::{Options, Prepared};
use alertc::promql::labels::Labels;
use alertc::promql::parser;
use alertc::promql::storage::Storage;
use alertc::source::FileId;

const SERIES: usize = 1000;
const INTERVAL: i64 = 30_000;
const STEP: i64 = 60_000;
const WEEK: i64 = 7 * 24 * 3600 * 1000;

struct Data {
    storage: Storage,
    steps: Arc<[i64]>,
}

/// Counters with resets (`requests_total`), gauges (`load`, `limits`) and classic histograms (`latency_bucket`), 1,000
/// series each, 10 series a job; their timestamps are one grid.
fn data() -> Data {
    let mut storage = Storage::new();
    let times: Arc<[i64]> = (0..=WEEK / INTERVAL).map(|i| i * INTERVAL).collect();
    for series in 0..SERIES {
        let (job, instance) = ((series / 10).to_string(), series.to_string());
        let labels = |name: &str| {
            Labels::new([("__name__", name), ("job", job.as_str()), ("instance", instance.as_str())])
        };
        let mut value = 0.0;
        let counter = times.iter().enumerate().map(|(i, _)| {
            value = if i % (6000 + series) == 5999 { 0.0 } else { value + 0.2 + 0.05 * (series % 17) as f64 };
            value
        });
        let counter: Vec<f64> = counter.collect();
        let id = storage.series_id(&labels("requests_total"));
        storage.append_floats(id, &times, counter.clone());
        let bounds = ["0.01", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "10", "+Inf"];
        let bucket = series % bounds.len();
        let id = storage.series_id(&labels("latency_bucket").with("instance", "").with("le", bounds[bucket]));
        storage.append_floats(id, &times, counter.iter().map(|v| v * (bucket + 1) as f64).collect());
        let gauge = |i: usize| 50.0 + ((i * 7 + series * 13) % 97) as f64 * 0.37;
        let id = storage.series_id(&labels("load"));
        storage.append_floats(id, &times, (0..times.len()).map(gauge).collect());
        let id = storage.series_id(&labels("limits"));
        storage.append_floats(id, &times, vec![80.0; times.len()]);
    }
    let steps = (0..=WEEK / STEP).map(|i| i * STEP).collect();
    Data { storage, steps }
}

/// What is measured. Each is evaluated at every minute of the week, each minute a query of its own, as rules do.
const EXPRESSIONS: [(&str, &str); 18] = [
    ("selector", "load"),
    ("rate, 5 minutes", "rate(requests_total[5m])"),
    ("rate, 1 hour", "rate(requests_total[1h])"),
    ("rate, 6 hours", "rate(requests_total[6h])"),
    ("sum by job of rate", "sum by (job) (rate(requests_total[5m]))"),
    ("histogram_quantile", "histogram_quantile(0.9, sum by (job, le) (rate(latency_bucket[5m])))"),
    ("join, one to one", "load / on (job, instance) limits"),
    ("join, many to one", "load / on (job) group_left () sum by (job) (limits)"),
    ("comparison", "load > 80"),
    ("max over subquery", "max_over_time(load[1h:1m])"),
    ("max_over_time", "max_over_time(load[1h])"),
    ("avg_over_time", "avg_over_time(load[1h])"),
    ("predict_linear", "predict_linear(load[1h], 14400)"),
    ("quantile_over_time", "quantile_over_time(0.9, load[1h])"),
    ("stddev_over_time", "stddev_over_time(load[1h])"),
    ("topk", "topk(5, load)"),
    ("quantile by job", "quantile by (job) (0.9, load)"),
    ("nothing matches", "rate(no_such_metric[5m]) > 0"),
];

/// Time that this thread has been running: unlike wall time it does not grow when the machine is busy with
/// something else. Wall time where the system does not tell.
fn cpu_time(since: Instant) -> Duration {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = stat.and_then(|s| s.split(' ').next()?.parse().ok());
    nanoseconds.map_or_else(|| since.elapsed(), Duration::from_nanos)
}

/// The best of three evaluations.
fn measure(data: &Data, expr: &str) -> Duration {
    let (expr, diagnostics) = parser::parse(expr, FileId::NONE, 0, &parser::Options::default());
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let prepared = Prepared::new(&expr).expect("it can be prepared");
    let options = Options { time_budget: None, ..Options::default() };
    let once = || {
        let start = Instant::now();
        let before = cpu_time(start);
        let result = prepared.instants(&data.storage, &options, &data.steps);
        assert!(result.failure.is_none(), "{:?}", result.failure);
        cpu_time(start).saturating_sub(before)
    };
    (0..3).map(|_| once()).min().unwrap_or_default()
}

fn main() {
    // `cargo bench` passes options of its own; anything else is a part of a name.
    let wanted: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with('-')).collect();
    let data = data();
    let samples = SERIES as f64 * (WEEK / INTERVAL) as f64;
    for (name, expr) in EXPRESSIONS {
        if !wanted.is_empty() && !wanted.iter().any(|w| name.contains(w.as_str())) {
            continue;
        }
        let time = measure(&data, expr).as_secs_f64();
        println!("{name:20} {:10.1} ms {:8.2} ns/sample   {expr}", time * 1e3, time * 1e9 / samples);
    }
}
