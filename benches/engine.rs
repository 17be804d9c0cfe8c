//! The PromQL engine over 1,000 series of 7 days at 30 seconds, evaluated every minute: `cargo bench --bench engine`.
//!
//! docs/performance.md says what the figures mean and how near they come to the limits of the machine.

use std::sync::{Arc, LazyLock};

use alertc::promql::engine::{Options, Prepared};
use alertc::promql::labels::Labels;
use alertc::promql::parser;
use alertc::promql::storage::Storage;
use alertc::source::FileId;
use divan::Bencher;
use divan::counter::ItemsCount;

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
static DATA: LazyLock<Data> = LazyLock::new(|| {
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
});

/// Evaluates at every minute of the week, each minute a query of its own, as rules do.
fn run(bencher: Bencher<'_, '_>, expr: &str) {
    let (expr, diagnostics) = parser::parse(expr, FileId::NONE, 0, &parser::Options::default());
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let prepared = Prepared::new(&expr).expect("prepares");
    let data = &*DATA;
    let samples = SERIES * (WEEK / INTERVAL) as usize;
    bencher.counter(ItemsCount::new(samples)).bench_local(|| {
        let result = prepared.instants(&data.storage, &Options::default(), &data.steps);
        assert!(result.failure.is_none(), "{:?}", result.failure);
        result.steps.series.len()
    });
}

/// Declares one benchmark for each expression.
macro_rules! expressions {
    ($($name:ident = $expr:literal;)*) => {
        $(
            #[divan::bench(sample_count = 5, sample_size = 1)]
            fn $name(bencher: Bencher<'_, '_>) {
                run(bencher, $expr);
            }
        )*
    };
}

expressions! {
    selector = "load";
    rate_5m = "rate(requests_total[5m])";
    rate_1h = "rate(requests_total[1h])";
    rate_6h = "rate(requests_total[6h])";
    sum_by_job_rate_5m = "sum by (job) (rate(requests_total[5m]))";
    histogram_quantile = "histogram_quantile(0.9, sum by (job, le) (rate(latency_bucket[5m])))";
    join_one_to_one = "load / on (job, instance) limits";
    join_many_to_one = "load / on (job) group_left () sum by (job) (limits)";
    filter = "load > 80";
    max_over_subquery = "max_over_time(load[1h:1m])";
    max_over_time_1h = "max_over_time(load[1h])";
    avg_over_time_1h = "avg_over_time(load[1h])";
    predict_linear_1h = "predict_linear(load[1h], 14400)";
    quantile_over_time_1h = "quantile_over_time(0.9, load[1h])";
    stddev_over_time_1h = "stddev_over_time(load[1h])";
    topk = "topk(5, load)";
    quantile = "quantile by (job) (0.9, load)";
    nothing = "rate(no_such_metric[5m]) > 0";
}

fn main() {
    divan::main();
}
