//! Random expressions over random series: our results against promtool's, to the last bit.
//!
//! Takes minutes, so it does not run with the other tests:
//! `PROMTOOL=… cargo test --test main promql_differential -- --ignored --nocapture`.
//! `DIFFERENTIAL_CASES` says how many expressions (default 20000), `DIFFERENTIAL_SEED` where to begin (default 1).

mod batches;
mod data;
mod expression;
pub mod promtool;
mod random;

use std::collections::BTreeMap;

use alertc::gostd::strconv::format_float;
use alertc::promql::ast::Expr;
use alertc::promql::engine::{Options, Prepared};
use alertc::promql::features::{Feature, Features};
use alertc::promql::parser;
use alertc::promql::promqltest;
use alertc::promql::storage::Storage;
use alertc::promql::value::{Point, Value};
use alertc::source::FileId;

use promtool::Answer;
use random::Random;

/// After the last sample, in seconds.
const END: u64 = 1260;
/// Expressions of one run of promtool, all over the same series.
const BATCH: usize = 200;

#[test]
#[ignore = "takes minutes and needs promtool 3.5"]
fn random_expressions() {
    let Some(promtool) = promtool::find() else {
        eprintln!("SKIPPED: no promtool in the PATH, and PROMTOOL does not name one");
        return;
    };
    let cases = setting("DIFFERENTIAL_CASES", 20_000);
    let first = setting("DIFFERENTIAL_SEED", 1);
    let dir = std::env::temp_dir().join(format!("alertc-differential-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let mut tally = Tally::default();
    for seed in first..first + cases.div_ceil(BATCH as u64) {
        let mut random = Random::new(seed);
        let series = data::series(&mut random);
        let mut cases: Vec<(String, u64)> = (0..BATCH)
            .map(|_| (expression::expression(&mut random), 10 * random.below(125) as u64))
            .collect();
        // promtool has loaded the samples up to the latest of its cases when it evaluates the first.
        cases.push(("vector(1)".to_string(), END));
        // Every other batch with names dropped at the end.
        let options = Options { delayed_name_removal: seed % 2 == 0, ..Options::default() };
        let theirs = promtool::evaluate(&promtool, &dir, &series, &cases, options.delayed_name_removal);
        let storage = load(&series);
        for ((expression, time), theirs) in cases.iter().zip(&theirs) {
            let ours = evaluate(&storage, &options, expression, *time);
            let mut varies = || varies_with_order(series.clone(), &mut random, &options, expression, *time);
            tally.count(seed, expression, *time, &ours, theirs, &mut varies);
        }
    }
    std::fs::remove_dir_all(&dir).unwrap();
    eprintln!("{tally}");
    assert!(tally.different.is_empty(), "{} differences", tally.different.len());
}

/// A number from the environment.
fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |value| value.parse().unwrap())
}

fn load(series: &[(String, String)]) -> Storage {
    let lines: Vec<String> = series.iter().map(|(name, values)| format!("  {name} {values}")).collect();
    promqltest::load(&format!("load 30s\n{}", lines.join("\n"))).unwrap()
}

/// True when our own result changes with the order in which the series are created, which in promtool is accidental.
fn varies_with_order(
    mut series: Vec<(String, String)>,
    random: &mut Random,
    options: &Options,
    expression: &str,
    time: u64,
) -> bool {
    let mut results = Vec::new();
    for _ in 0..20 {
        for i in (1..series.len()).rev() {
            series.swap(i, random.below(i + 1));
        }
        results.push(evaluate(&load(&series), options, expression, time));
    }
    results.iter().any(|result| *result != results[0])
}

fn parse(expression: &str) -> Result<Expr, String> {
    let features = Features::none().with(Feature::ExperimentalFunctions);
    let options = parser::Options { features, ..Default::default() };
    let (expr, diagnostics) = parser::parse(expression, FileId::NONE, 0, &options);
    diagnostics.first().map_or(Ok(expr), |diagnostic| Err(diagnostic.message.clone()))
}

fn evaluate(storage: &Storage, options: &Options, expression: &str, time: u64) -> Answer {
    let output = parse(expression).and_then(|expr| {
        let prepared = Prepared::new(&expr).map_err(|e| e.message)?;
        prepared.instant(storage, options, time as i64 * 1000).map_err(|e| e.message)
    });
    match output {
        Err(error) => Answer::Error(error),
        Ok(output) => Answer::Samples(samples(output.value)),
    }
}

fn show(point: &Point) -> String {
    match point {
        Point::Float(value) => format_float(*value, 'E', None),
        Point::Histogram(histogram) => histogram.test_expression(),
    }
}

fn samples(value: Value) -> BTreeMap<String, String> {
    match value {
        Value::Scalar(value) => [("{}".to_string(), show(&Point::Float(value)))].into(),
        Value::Vector(samples) => samples.iter().map(|s| (s.labels.to_string(), show(&s.point))).collect(),
        Value::String(_) | Value::Matrix(_) => panic!("the generator makes vectors and scalars only"),
    }
}

/// How the comparisons ended.
#[derive(Default)]
struct Tally {
    equal: usize,
    both_failed: usize,
    /// Different only as promtool's own results differ from run to run: by the order in which it happens to meet the series.
    order: usize,
    /// By reason.
    explained: BTreeMap<&'static str, usize>,
    different: Vec<String>,
}

impl Tally {
    fn count(
        &mut self,
        seed: u64,
        expression: &str,
        time: u64,
        ours: &Answer,
        theirs: &Answer,
        varies_with_order: &mut dyn FnMut() -> bool,
    ) {
        if ours == theirs {
            self.equal += 1;
        } else if let (Answer::Error(_), Answer::Error(_)) = (ours, theirs) {
            self.both_failed += 1;
        } else if let Some(reason) = explanation(expression, ours, theirs) {
            *self.explained.entry(reason).or_default() += 1;
        } else if depends_on_order(expression) && (nearly_equal(ours, theirs) || varies_with_order()) {
            self.order += 1;
        } else {
            let difference =
                format!("seed {seed}, {time}s: {expression}\n    ours:   {ours:?}\n    theirs: {theirs:?}");
            eprintln!("{difference}");
            self.different.push(difference);
        }
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Tally { equal, both_failed, order, explained, different } = self;
        let total = equal + both_failed + order + explained.values().sum::<usize>() + different.len();
        writeln!(
            f,
            "{total} comparisons: {equal} equal, {both_failed} failed in both, {order} equal but for the order of addition"
        )?;
        for (reason, count) in explained {
            writeln!(f, "{count} explained: {reason}")?;
        }
        write!(f, "{} different", different.len())
    }
}

/// Why the results may differ.
fn explanation(expression: &str, ours: &Answer, theirs: &Answer) -> Option<&'static str> {
    match (ours, theirs) {
        (_, Answer::Error(error)) if error.contains("too many samples") => {
            Some("promtool holds 10,000 samples at most")
        }
        // Prometheus 3.9 checks for several matches before it knows whether there is a result (#17668).
        (Answer::Error(error), _)
            if error.contains("multiple matches for labels") && may_filter(expression) =>
        {
            Some("many-to-one checks before it is known whether there is a result, since 3.9")
        }
        _ if has_pinned_selector_in_moved_subquery(expression) => Some(
            "Prometheus misses to move `@` within a moved subquery that happens to begin at the evaluation time",
        ),
        (Answer::Samples(ours), Answer::Samples(theirs))
            if without(ours, is_hint) == without(theirs, is_hint) =>
        {
            Some("counter reset hints of negative and subtracted histograms, since 3.7")
        }
        (Answer::Samples(ours), Answer::Samples(theirs))
            if without(ours, is_zero) == without(theirs, is_zero) =>
        {
            Some("promtool prints gaps between buckets in the wrong place if there are several")
        }
        (Answer::Samples(ours), Answer::Samples(_))
            if is_rate(expression) && ours.values().any(|v| v.starts_with("{{")) =>
        {
            Some("rates of native histograms are not stretched below zero, since 3.6")
        }
        _ if expression.contains("last_over_time((") => {
            Some("names that last_over_time keeps of subqueries, since 3.12")
        }
        _ if expression.contains("avg") && expression.contains("h)") && nearly_equal(ours, theirs) => {
            Some("compensated means of native histograms, since 3.10")
        }
        _ => None,
    }
}

fn is_hint(word: &str) -> bool {
    word.starts_with("counter_reset_hint:")
}

fn is_zero(word: &str) -> bool {
    word == "0"
}

fn is_rate(expression: &str) -> bool {
    ["rate((", "increase(("].iter().any(|function| expression.contains(function))
}

/// Samples without the words of histograms for which `drop` holds.
fn without(samples: &BTreeMap<String, String>, drop: fn(&str) -> bool) -> Vec<(&str, String)> {
    let keep = |value: &str| {
        let words =
            value.split_inclusive([' ', '[', ']']).filter(|word| !drop(word.trim_end_matches([' ', ']'])));
        words.collect::<Vec<_>>().join(" ")
    };
    samples.iter().map(|(labels, value)| (labels.as_str(), keep(value))).collect()
}

/// True for the likes of `(x @ 300)[5m:1m] offset 1m`: see promql/engine.go runSubquery, where it asks `subqStart != ev.startTimestamp`.
fn has_pinned_selector_in_moved_subquery(expression: &str) -> bool {
    expression.match_indices(")[").any(|(at, _)| {
        let (inside, behind) = expression.split_at(at);
        let modifiers = behind.split_once(']').map_or("", |(_, rest)| rest);
        inside.contains(" @ ") && (modifiers.starts_with(" @") || modifiers.starts_with(" offset"))
    })
}

/// True for comparisons and for operations with native histograms.
fn may_filter(expression: &str) -> bool {
    [" == ", " != ", " > ", " < ", " >= ", " <= ", "(h)", " h)", "(h * ", "h{", "(n)", " n)"]
        .iter()
        .any(|op| expression.contains(op))
}

fn depends_on_order(expression: &str) -> bool {
    ["sum", "avg", "stddev", "stdvar", "min", "max"].iter().any(|name| expression.contains(name))
}

fn nearly_equal(ours: &Answer, theirs: &Answer) -> bool {
    let (Answer::Samples(ours), Answer::Samples(theirs)) = (ours, theirs) else { return false };
    let near_number = |a: &str, b: &str| {
        let (Ok(a), Ok(b)) = (a.parse::<f64>(), b.parse::<f64>()) else { return a == b };
        a == b || a.is_nan() && b.is_nan() || (a - b).abs() <= 1e-9 * a.abs().max(b.abs())
    };
    // Histograms are many numbers.
    let words = |text: &str| text.split([' ', ':', '[', ']']).map(str::to_string).collect::<Vec<_>>();
    let near = |a: &str, b: &str| {
        let (a, b) = (words(a), words(b));
        a.len() == b.len() && a.iter().zip(&b).all(|(a, b)| near_number(a, b))
    };
    ours.len() == theirs.len()
        && rounded(ours).iter().zip(rounded(theirs)).all(|((l, a), (m, b))| *l == m && near(a, b))
}

/// Samples with the values that `count_values` has made labels of cut to nine digits.
fn rounded(samples: &BTreeMap<String, String>) -> BTreeMap<String, &str> {
    let cut = |labels: &str| {
        let Some((before, value)) = labels.split_once("v=\"") else { return labels.to_string() };
        let Some((value, after)) = value.split_once('"') else { return labels.to_string() };
        value.parse::<f64>().map_or(labels.to_string(), |value| format!("{before}v=\"{value:.9e}\"{after}"))
    };
    samples.iter().map(|(labels, value)| (cut(labels), value.as_str())).collect()
}
