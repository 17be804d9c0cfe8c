//! Writes promtool unit tests with the rules they test: `cargo run --release --example generate_tests -- …`
//!
//!     suite RULES TESTS PER_FILE DIR   many small tests: a test gives the series of one rule, over half an hour
//!     long SERIES HOURS DIR            one test of many series, a sample a minute, 20 rules
//!     week SERIES DAYS DIR             one test, a sample every 30 seconds, 50 rules with windows up to three days
//!
//! Every assertion holds. No randomness: the same arguments give the same bytes.

use std::fmt::Write;
use std::fs;
use std::io;
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let number = |text: &str| text.parse::<usize>().ok().filter(|n| *n > 0);
    let written = match words.as_slice() {
        ["suite", rules, tests, per_file, dir] => match (number(rules), number(tests), number(per_file)) {
            (Some(rules), Some(tests), Some(per_file)) => suite(rules, tests, per_file, Path::new(dir)),
            _ => return ExitCode::from(2),
        },
        ["long", series, hours, dir] => match (number(series), number(hours)) {
            (Some(series), Some(hours)) => long(series, hours, Path::new(dir)),
            _ => return ExitCode::from(2),
        },
        ["week", series, days, dir] => match (number(series), number(days)) {
            (Some(series), Some(days)) => week(series, days, Path::new(dir)),
            _ => return ExitCode::from(2),
        },
        _ => return ExitCode::from(2),
    };
    if written.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Rules of four shapes in turn, and tests of each: quiet, pending, firing with its text, over.
fn suite(rules: usize, tests: usize, per_file: usize, dir: &Path) -> io::Result<()> {
    fs::create_dir_all(dir)?;
    for (file, first) in (0..rules).step_by(per_file).enumerate() {
        let numbers = first..(first + per_file).min(rules);
        let mut text = String::from("groups:\n");
        for number in numbers.clone() {
            if (number - first) % 10 == 0 {
                let _ = writeln!(text, "- name: service-{number:05}\n  rules:");
            }
            text.push_str(&rule(number));
        }
        fs::write(dir.join(format!("rules-{file:03}.yml")), text)?;
        let mut text = format!("rule_files: [rules-{file:03}.yml]\nevaluation_interval: 1m\ntests:\n");
        let mine = (0..tests).filter(|t| numbers.contains(&(t % rules)));
        mine.for_each(|t| text.push_str(&test(t, t % rules)));
        fs::write(dir.join(format!("test-{file:03}.yml")), text)?;
    }
    Ok(())
}

fn rule(number: usize) -> String {
    let job = format!("job=\"service-{number:05}\"");
    let (name, expr, hold, text) = match number % 4 {
        0 => (
            "Errors",
            format!("sum by (job, instance) (rate(http_requests_total{{{job},code=~\"5..\"}}[5m])) > 1"),
            "5m",
            "{{ $labels.instance }} answers {{ printf \"%.2f\" $value }} requests a second with errors",
        ),
        1 => (
            "Slow",
            format!(
                "histogram_quantile(0.99, sum by (job, le) (rate(request_seconds_bucket{{{job}}}[5m]))) > 0.5"
            ),
            "5m",
            "99 % of the requests to {{ $labels.job }} take up to {{ $value | humanizeDuration }}",
        ),
        2 => (
            "Budget",
            format!(
                "sum by (job) (rate(failures_total{{{job}}}[5m])) / sum by (job) (rate(calls_total{{{job}}}[5m])) > 0.05"
            ),
            "10m",
            "{{ $value | humanizePercentage }} of the calls of {{ $labels.job }} fail",
        ),
        _ => {
            ("Down", format!("up{{{job}}} == 0"), "5m", "{{ $labels.instance }} of {{ $labels.job }} is down")
        }
    };
    format!(
        "  - alert: {name}{number:05}\n    expr: '{expr}'\n    for: {hold}\n    labels: {{severity: page, team: team-{}}}\n    annotations:\n      summary: '{text}'\n      runbook_url: 'https://runbooks.example/{name}'\n",
        number % 7
    )
}

fn test(test: usize, number: usize) -> String {
    let job = format!("service-{number:05}");
    let label = format!("job=\"{job}\"");
    let mut text = format!("- name: test-{test:05}\n  interval: 1m\n  input_series:\n");
    let mut series = |name: String, values: &str| {
        let _ = writeln!(text, "  - {{series: '{name}', values: '{values}'}}");
    };
    // Something is wrong from the sixth to the twentieth minute.
    let (name, instance, summary) = match number % 4 {
        0 => {
            for host in ["a:80", "b:80"] {
                let wrong = if host == "a:80" { "0x5 120+120x14 1800x9" } else { "0x30" };
                series(format!("http_requests_total{{{label},instance=\"{host}\",code=\"200\"}}"), "0+60x30");
                series(format!("http_requests_total{{{label},instance=\"{host}\",code=\"404\"}}"), "0x30");
                series(format!("http_requests_total{{{label},instance=\"{host}\",code=\"500\"}}"), wrong);
            }
            ("Errors", Some("a:80"), "a:80 answers 2.00 requests a second with errors".to_string())
        }
        1 => {
            for host in ["a:80", "b:80"] {
                for le in ["0.1", "0.25", "0.5", "1.0", "2.5", "+Inf"] {
                    let slow =
                        if matches!(le, "2.5" | "+Inf") { "0+60x30" } else { "0+60x5 300x14 360+60x9" };
                    series(
                        format!("request_seconds_bucket{{{label},instance=\"{host}\",le=\"{le}\"}}"),
                        slow,
                    );
                }
            }
            ("Slow", None, format!("99 % of the requests to {job} take up to 2.485s"))
        }
        2 => {
            for host in ["a:80", "b:80"] {
                series(format!("failures_total{{{label},instance=\"{host}\"}}"), "0x5 30+30x14 450x9");
                series(format!("calls_total{{{label},instance=\"{host}\"}}"), "0+120x30");
            }
            ("Budget", None, format!("25% of the calls of {job} fail"))
        }
        _ => {
            series(format!("up{{{label},instance=\"a:80\"}}"), "1x5 0x14 1x9");
            series(format!("up{{{label},instance=\"b:80\"}}"), "1x30");
            series(format!("up{{{label},instance=\"c:80\"}}"), "1x30");
            ("Down", Some("a:80"), format!("a:80 of {job} is down"))
        }
    };
    text.push_str("  alert_rule_test:\n");
    for at in ["4m", "8m", "18m", "30m"] {
        let _ = writeln!(text, "  - eval_time: {at}\n    alertname: {name}{number:05}");
        if at == "18m" {
            let instance = instance.map_or(String::new(), |i| format!(", instance: '{i}'"));
            let _ = writeln!(
                text,
                "    exp_alerts:\n    - exp_labels: {{severity: page, team: team-{}, job: {job}{instance}}}\n      exp_annotations: {{summary: '{summary}', runbook_url: 'https://runbooks.example/{name}'}}",
                number % 7
            );
        }
    }
    text
}

/// A day of a service of many instances: rates, latencies and ratios of every instance, recorded and alerted on.
fn long(series: usize, hours: usize, dir: &Path) -> io::Result<()> {
    fs::create_dir_all(dir)?;
    let samples = hours * 60;
    let instances = (series / 20).max(1);
    let (from, to) = (samples / 4, samples / 3);
    // A counter that rises by one step and, for a while, by another.
    let counter = |usual: usize, then: usize| {
        let (middle, end) = (usual * from, usual * from + then * (to - from));
        format!(
            "0+{usual}x{from} {}+{then}x{} {}+{usual}x{}",
            middle + then,
            to - from - 1,
            end + usual,
            samples - to - 1
        )
    };
    let mut text = String::from(
        "rule_files: [rules.yml]\nevaluation_interval: 1m\ntests:\n- name: long\n  interval: 1m\n  input_series:\n",
    );
    let mut add = |name: &str, labels: &str, values: &str| {
        let _ = writeln!(text, "  - {{series: '{name}{{{labels}}}', values: '{values}'}}");
    };
    for instance in 0..instances {
        let labels = format!("job=\"api\",instance=\"i{instance:04}\",zone=\"z{}\"", instance % 3);
        let bad = instance < 5;
        for (code, usual) in [("200", 60), ("404", 2), ("500", 0), ("503", 0)] {
            let then = if bad && code == "500" { 30 } else { usual };
            add("http_requests_total", &format!("{labels},code=\"{code}\""), &counter(usual, then));
        }
        for le in ["0.05", "0.1", "0.25", "0.5", "1.0", "2.5", "+Inf"] {
            let then = if bad && !matches!(le, "2.5" | "+Inf") { 0 } else { 60 };
            add("request_seconds_bucket", &format!("{labels},le=\"{le}\""), &counter(60, then));
        }
        add("request_seconds_sum", &labels, &format!("0+9x{samples}"));
        add("request_seconds_count", &labels, &format!("0+60x{samples}"));
        for (mode, step) in [("idle", 45), ("user", 12), ("system", 3)] {
            add("cpu_seconds_total", &format!("{labels},mode=\"{mode}\""), &format!("0+{step}x{samples}"));
        }
        add("memory_bytes", &format!("{labels},kind=\"total\""), &format!("16000000000x{samples}"));
        add("memory_bytes", &format!("{labels},kind=\"free\""), &format!("4000000000-1000x{samples}"));
        add("disk_free_bytes", &labels, &format!("100000000000-10000000x{samples}"));
        let down = format!("1x{from} 0x{} 1x{}", to - from - 1, samples - to - 1);
        let always = format!("1x{samples}");
        add("up", &labels, if bad { &down } else { &always });
    }
    let at = (from + to) / 2 + samples / 48;
    let _ = writeln!(text, "  alert_rule_test:\n  - {{eval_time: {}m, alertname: TargetDown}}", from - 1);
    let _ = writeln!(text, "  - eval_time: {at}m\n    alertname: TargetDown\n    exp_alerts:");
    for instance in 0..5.min(instances) {
        let _ = writeln!(
            text,
            "    - exp_labels: {{severity: page, job: api, instance: i{instance:04}, zone: z{}}}\n      exp_annotations: {{summary: 'i{instance:04} is down'}}",
            instance % 3
        );
    }
    text.push_str("  promql_expr_test:\n");
    let _ = writeln!(
        text,
        "  - {{expr: 'count(job:up:count)', eval_time: {samples}m, exp_samples: [{{labels: '{{}}', value: 1}}]}}"
    );
    fs::write(dir.join("test.yml"), text)?;
    let records = [
        ("instance:requests:rate5m", "sum by (job, instance, zone) (rate(http_requests_total[5m]))"),
        (
            "instance:errors:rate5m",
            "sum by (job, instance, zone) (rate(http_requests_total{code=~\"5..\"}[5m]))",
        ),
        ("instance:errors:ratio", "instance:errors:rate5m / instance:requests:rate5m"),
        ("zone:requests:rate5m", "sum by (job, zone) (instance:requests:rate5m)"),
        ("job:requests:rate1h", "sum by (job) (rate(http_requests_total[1h]))"),
        (
            "instance:latency:p99",
            "histogram_quantile(0.99, sum by (job, instance, le) (rate(request_seconds_bucket[5m])))",
        ),
        ("job:latency:p99", "histogram_quantile(0.99, sum by (job, le) (rate(request_seconds_bucket[5m])))"),
        (
            "instance:cpu:ratio",
            "1 - sum by (job, instance) (rate(cpu_seconds_total{mode=\"idle\"}[5m])) / sum by (job, instance) (rate(cpu_seconds_total[5m]))",
        ),
        ("job:up:count", "count by (job) (up == 1)"),
        ("zone:memory:free", "min by (zone) (memory_bytes{kind=\"free\"})"),
    ];
    let alerts = [
        ("ManyErrors", "instance:errors:rate5m > 0.3", "5m"),
        ("ErrorRatio", "instance:errors:ratio > 0.1", "10m"),
        ("SlowInstance", "instance:latency:p99 > 1", "5m"),
        ("SlowJob", "job:latency:p99 > 2.4", "5m"),
        ("TargetDown", "up == 0", "5m"),
        ("CpuBusy", "instance:cpu:ratio > 0.9", "15m"),
        (
            "MemoryLow",
            "memory_bytes{kind=\"free\"} / on (job, instance, zone) memory_bytes{kind=\"total\"} < 0.1",
            "5m",
        ),
        ("DiskFull", "predict_linear(disk_free_bytes[1h], 4 * 3600) < 0", "15m"),
        ("NoTraffic", "job:requests:rate1h < 1", "1h"),
        ("FewUp", "job:up:count < 10", "5m"),
    ];
    let mut text = String::from("groups:\n- name: long\n  rules:\n");
    for (name, expr) in records {
        let _ = writeln!(text, "  - {{record: '{name}', expr: '{expr}'}}");
    }
    for (name, expr, hold) in alerts {
        let _ = writeln!(
            text,
            "  - alert: {name}\n    expr: '{expr}'\n    for: {hold}\n    labels: {{severity: page}}\n    annotations: {{summary: '{{{{ $labels.instance }}}} is down'}}"
        );
    }
    fs::write(dir.join("rules.yml"), text)
}

/// Objectives with five windows, latencies and plain conditions over days.
fn week(series: usize, days: usize, dir: &Path) -> io::Result<()> {
    fs::create_dir_all(dir)?;
    let samples = days * 24 * 120;
    let instances = (series / 50).max(1);
    let mut text = String::from(
        "rule_files: [rules.yml]\nevaluation_interval: 1m\ntests:\n- name: week\n  interval: 30s\n  input_series:\n",
    );
    let mut add = |name: &str, labels: String, values: &str| {
        let _ = writeln!(text, "  - {{series: '{name}{{{labels}}}', values: '{values}'}}");
    };
    // Restarts three times, at another moment in each series.
    let counter = |step: f64, shift: usize| {
        let (mut left, mut parts, run) = (samples, Vec::new(), samples / 3 + 7 * (shift % 13));
        while left > 0 {
            let now = run.min(left);
            parts.push(format!("0+{step}x{}", now - 1));
            left -= now;
        }
        parts.join(" ")
    };
    let saw = |shift: usize| {
        let (mut left, mut parts, run, mut up) = (samples, Vec::new(), 150 + shift % 40, true);
        while left > 0 {
            let now = run.min(left);
            let step = 75.0 / run as f64;
            parts.push(if up {
                format!("20+{step:.6}x{}", now - 1)
            } else {
                format!("95-{step:.6}x{}", now - 1)
            });
            (left, up) = (left - now, !up);
        }
        parts.join(" ")
    };
    for number in 0..instances {
        for job in 0..10 {
            let labels = format!("job=\"j{job}\",instance=\"i{number}\"");
            let shift = number * 10 + job;
            let slow = 0.2 + 0.05 * (number % 5) as f64;
            add(
                "requests_total",
                format!("{labels},code=\"200\""),
                &counter(30.0 + (number % 7) as f64, shift),
            );
            add("requests_total", format!("{labels},code=\"500\""), &counter(slow, shift));
            add("cpu_usage", labels.clone(), &saw(shift));
            add("up", labels.clone(), &format!("1x{} 0x19 1x{}", 200 + 37 * (shift % 50), samples));
            add("latency_bucket", format!("{labels},le=\"+Inf\""), &counter(5.0, shift));
        }
    }
    let _ = writeln!(
        text,
        "  promql_expr_test:\n  - {{expr: 'count(up)', eval_time: {}m, exp_samples: [{{labels: '{{}}', value: {}}}]}}",
        days * 1440 - 1,
        instances * 10
    );
    fs::write(dir.join("test.yml"), text)?;
    let mut text = String::from("groups:\n- name: week\n  rules:\n");
    let mut rule = |name: String, expr: String| {
        let kind = if name.contains(':') { "record" } else { "alert" };
        let hold = if kind == "alert" { ", for: 5m, labels: {severity: page}" } else { "" };
        let _ = writeln!(text, "  - {{{kind}: '{name}', expr: '{expr}'{hold}}}");
    };
    for window in ["5m", "1h", "6h", "1d", "3d"] {
        rule(
            format!("job:errors:rate{window}"),
            format!("sum by (job) (rate(requests_total{{code=\"500\"}}[{window}]))"),
        );
        rule(format!("job:requests:rate{window}"), format!("sum by (job) (rate(requests_total[{window}]))"));
        rule(
            format!("job:ratio:rate{window}"),
            format!("job:errors:rate{window} / job:requests:rate{window}"),
        );
    }
    for quantile in ["0.5", "0.9", "0.99"] {
        rule(
            format!("job:latency:q{}", &quantile[2..]),
            format!("histogram_quantile({quantile}, sum by (le, job) (rate(latency_bucket[5m])))"),
        );
    }
    rule("job:cpu:avg".into(), "avg by (job) (cpu_usage)".into());
    rule("job:cpu:max".into(), "max by (job) (cpu_usage)".into());
    for number in 0..5 {
        rule(
            format!("Burns{number}"),
            format!("job:ratio:rate6h > 0.00{} and job:ratio:rate5m > 0.00{}", 5 + number, 5 + number),
        );
        rule(format!("Down{number}"), format!("up{{job=\"j{number}\"}} == 0"));
        rule(format!("Busy{number}"), format!("cpu_usage{{job=\"j{number}\"}} > 90"));
        rule(
            format!("Rises{number}"),
            format!("predict_linear(cpu_usage{{job=\"j{number}\"}}[1h], 4 * 3600) > 100"),
        );
        rule(format!("Gone{number}"), format!("absent(up{{job=\"j{number}\"}})"));
    }
    rule("Grows".into(), "increase(requests_total{code=\"500\"}[10m]) > 10".into());
    rule("Jumps".into(), "deriv(cpu_usage[30m]) > 1".into());
    rule("Slow".into(), "job:latency:q99 > 0.4".into());
    rule(
        "Share".into(),
        "sum by (job, instance) (rate(requests_total{code=\"500\"}[5m])) / on (job, instance) sum by (job, instance) (rate(requests_total[5m])) > 0.02".into(),
    );
    rule("Joined".into(), "cpu_usage * on (job) group_left () job:ratio:rate5m > 5".into());
    fs::write(dir.join("rules.yml"), text)
}
