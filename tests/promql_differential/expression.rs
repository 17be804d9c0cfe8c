//! Random well-typed expressions over the series of `data`.
//!
//! Left out is what gives other results in promtool 3.5 than in Prometheus 3.14, or results that depend on the accidental order of series in promtool
//! (see docs/conformance.md).

use super::random::Random;

/// An expression that yields an instant vector or a scalar.
pub fn expression(random: &mut Random) -> String {
    if random.one_in(12) { scalar(random, 2) } else { vector(random, 3) }
}

fn number(random: &mut Random) -> String {
    match random.below(10) {
        0 => random.pick(&["0", "-1", "NaN", "Inf", "-Inf", "1e3", "0x1f", "1m"]).to_string(),
        1..=4 => random.below(10).to_string(),
        _ => random.decimal().to_string(),
    }
}

fn scalar(random: &mut Random, depth: usize) -> String {
    if depth == 0 {
        return number(random);
    }
    match random.below(10) {
        0 => "time()".to_string(),
        1 => "pi()".to_string(),
        2 => format!("scalar({})", vector(random, depth - 1)),
        3 => format!("-({})", scalar(random, depth - 1)),
        4 => {
            let op = random.pick(&["==", "!=", "<", ">", "<=", ">="]);
            format!("({} {op} bool {})", scalar(random, depth - 1), scalar(random, depth - 1))
        }
        5 => {
            let op = random.pick(&["+", "-", "*", "/", "%", "^", "atan2"]);
            format!("({} {op} {})", scalar(random, depth - 1), scalar(random, depth - 1))
        }
        _ => number(random),
    }
}

fn matchers(random: &mut Random) -> String {
    let matcher = random.pick(&[
        "",
        "",
        "",
        "{job=\"a\"}",
        "{job!=\"a\"}",
        "{job=~\"a|b\"}",
        "{job!~\"b.*\"}",
        "{instance=\"0\"}",
        "{instance=~\".+\"}",
        "{team=\"\"}",
        "{job=~\"[bc]\",instance!=\"1\"}",
    ]);
    matcher.to_string()
}

fn modifiers(random: &mut Random) -> String {
    match random.below(16) {
        0 => " offset 1m".to_string(),
        1 => " offset -30s".to_string(),
        2 => " @ 300".to_string(),
        3 => " @ 600 offset 90s".to_string(),
        _ => String::new(),
    }
}

/// A selector of floats.
fn selector(random: &mut Random) -> String {
    let name = random.pick(&["g", "g", "g", "c_total", "k", "b_bucket"]);
    format!("{name}{}{}", matchers(random), modifiers(random))
}

fn matrix(random: &mut Random, depth: usize) -> String {
    let range = random.pick(&["1m", "2m30s", "5m", "7m", "31s"]);
    if depth > 0 && random.one_in(4) {
        let step = random.pick(&["", "30s", "1m", "40s"]);
        return format!("({})[{range}:{step}]{}", vector(random, depth - 1), modifiers(random));
    }
    let name = random.pick(&["g", "g", "c_total", "c_total", "k", "b_bucket"]);
    format!("{name}{}[{range}]{}", matchers(random), modifiers(random))
}

fn vector(random: &mut Random, depth: usize) -> String {
    if depth == 0 {
        return selector(random);
    }
    match random.below(20) {
        0..=2 => selector(random),
        3..=6 => over_time(random, depth),
        7..=8 => elementwise(random, depth),
        9..=11 => aggregation(random, depth),
        12 => {
            let op = random.pick(&["+", "-", "*", "/", "%", "^", "atan2"]);
            if random.one_in(2) {
                format!("({} {op} {})", vector(random, depth - 1), scalar(random, depth - 1))
            } else {
                format!("({} {op} {})", scalar(random, depth - 1), vector(random, depth - 1))
            }
        }
        13 => {
            let op = random.pick(&["==", "!=", "<", ">", "<=", ">="]);
            let bool = random.pick(&["", " bool"]);
            format!("({} {op}{bool} {})", vector(random, depth - 1), scalar(random, depth - 1))
        }
        14..=15 => matching(random, depth),
        16 => {
            let op = random.pick(&["and", "or", "unless"]);
            let on = random.pick(&["", " on (job)", " ignoring (instance)", " on ()", " ignoring (le)"]);
            format!("({} {op}{on} {})", vector(random, depth - 1), vector(random, depth - 1))
        }
        17 => histogram(random, depth),
        18 => labels(random, depth),
        _ => match random.below(5) {
            0 => format!("absent({})", selector(random)),
            1 => format!("absent_over_time({})", matrix(random, 0)),
            2 => format!("vector({})", scalar(random, depth - 1)),
            3 => format!("-{}", selector(random)),
            _ => format!("timestamp({})", vector(random, depth - 1)),
        },
    }
}

fn over_time(random: &mut Random, depth: usize) -> String {
    let range = matrix(random, depth - 1);
    match random.below(24) {
        0 => format!("quantile_over_time({}, {range})", number(random)),
        1 => format!("predict_linear({range}, {})", number(random)),
        2 => format!("double_exponential_smoothing({range}, 0.3, 0.6)"),
        n => {
            let functions = [
                "rate",
                "rate",
                "increase",
                "increase",
                "delta",
                "irate",
                "idelta",
                "deriv",
                "changes",
                "resets",
                "sum_over_time",
                "avg_over_time",
                "min_over_time",
                "max_over_time",
                "count_over_time",
                "last_over_time",
                "present_over_time",
                "stddev_over_time",
                "stdvar_over_time",
                "ts_of_max_over_time",
                "ts_of_last_over_time",
            ];
            format!("{}({range})", functions[n - 3])
        }
    }
}

fn elementwise(random: &mut Random, depth: usize) -> String {
    let v = vector(random, depth - 1);
    match random.below(4) {
        0 => match random.below(5) {
            0 => format!("clamp({v}, {}, {})", number(random), number(random)),
            1 => format!("clamp_min({v}, {})", number(random)),
            2 => format!("clamp_max({v}, {})", number(random)),
            3 => format!("round({v}, {})", number(random)),
            _ => format!("round({v})"),
        },
        1 => {
            let date = [
                "day_of_month",
                "day_of_week",
                "day_of_year",
                "days_in_month",
                "hour",
                "minute",
                "month",
                "year",
            ];
            // Go converts numbers beyond 64 bits in ways that depend on the processor.
            format!("{}(clamp({v}, -1e9, 1e9))", date[random.below(date.len())])
        }
        _ => {
            let functions = [
                "abs", "ceil", "floor", "exp", "ln", "log2", "log10", "sqrt", "sgn", "sin", "cos", "tan",
                "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "deg", "rad",
            ];
            format!("{}({v})", functions[random.below(functions.len())])
        }
    }
}

fn aggregation(random: &mut Random, depth: usize) -> String {
    let grouping = random.pick(&[
        "",
        "by (job)",
        "by (instance)",
        "without (instance)",
        "without (le)",
        "by (team, job)",
        "by ()",
        "without ()",
    ]);
    match random.below(12) {
        0 => format!("quantile {grouping} ({}, {})", number(random), vector(random, depth - 1)),
        1 => format!("count_values {grouping} (\"v\", {})", vector(random, depth - 1)),
        // Ties would be broken by the order of series, so only over numbers that differ.
        2 => format!("{} {grouping} ({}, u)", random.pick(&["topk", "bottomk"]), random.below(4)),
        _ => {
            let ops = ["sum", "sum", "avg", "avg", "count", "min", "max", "group", "stddev", "stdvar"];
            format!("{} {grouping} ({})", ops[random.below(ops.len())], vector(random, depth - 1))
        }
    }
}

fn matching(random: &mut Random, depth: usize) -> String {
    let (l, r) = (vector(random, depth - 1), vector(random, depth - 1));
    let op = random
        .pick(&["+", "-", "*", "/", "%", "^", "atan2", "== bool", "< bool", ">= bool", "!=", ">", "<="]);
    let on = random.pick(&[
        "",
        "on (job)",
        "on (job, instance)",
        "ignoring (instance)",
        "ignoring (le)",
        "on (job) group_left ()",
        "on (job) group_left (team)",
        "on (job) group_right ()",
        "ignoring (instance) group_left ()",
    ]);
    // A vector against an aggregation of it matches far more often.
    match random.below(3) {
        0 => format!("({l} {op} {on} {r})"),
        1 => format!("({l} {op} on (job) group_left () sum by (job) ({r}))"),
        _ => format!("(avg by (job) ({l}) {op} on (job) max by (job) ({r}))"),
    }
}

fn histogram(random: &mut Random, depth: usize) -> String {
    let q = random.pick(&["0", "0.1", "0.5", "0.9", "0.99", "1", "NaN", "-1", "2"]);
    let classic = match random.below(3) {
        0 => format!("b_bucket{}", matchers(random)),
        1 => format!("rate(b_bucket[{}])", random.pick(&["1m", "5m"])),
        _ => "sum by (le) (rate(b_bucket[5m]))".to_string(),
    };
    let native = match random.below(6) {
        4 => "n".to_string(),
        5 => format!("({} (n))", random.pick(&["sum", "sum by (job)", "2 *"])),
        0 => "sum(h)".to_string(),
        1 => "sum by (job) (h)".to_string(),
        2 => format!("(h * {})", random.below(9) + 1),
        _ => format!("h{}", matchers(random)),
    };
    let _ = depth;
    match random.below(8) {
        0..=2 => format!("histogram_quantile({q}, {classic})"),
        3..=4 => format!("histogram_quantile({q}, {native})"),
        // Fractions of custom buckets have changed in 3.8.
        5 => format!("histogram_fraction({}, {}, h)", number(random), number(random)),
        6 => native,
        _ => {
            let functions =
                ["histogram_count", "histogram_sum", "histogram_avg", "histogram_stddev", "histogram_stdvar"];
            format!("{}({native})", functions[random.below(functions.len())])
        }
    }
}

fn labels(random: &mut Random, depth: usize) -> String {
    let v = vector(random, depth - 1);
    match random.below(4) {
        0 => format!("label_replace({v}, \"x\", \"$1-y\", \"job\", \"(.*)\")"),
        1 => format!("label_replace({v}, \"instance\", \"\", \"job\", \"a\")"),
        2 => format!("label_join({v}, \"x\", \"/\", \"job\", \"instance\", \"le\")"),
        _ => format!("sort_by_label({v}, \"job\")"),
    }
}
