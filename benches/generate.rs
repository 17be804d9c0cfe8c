//! Writes a realistic project of N alerting rules: `cargo run --release --example generate -- N DIR`.
//!
//! A file a service, groups of ten alerts in four shapes (a rate, a latency through a `let`, an error ratio with two
//! levels, a plain condition), metrics declared once, a team's route and receiver each. No randomness: the same
//! arguments give the same bytes.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

/// Alerting rules in one file.
const RULES_PER_FILE: usize = 200;
/// Teams at most, each with a receiver and a route.
const TEAMS: usize = 20;

const METRICS: &str = "\
severity critical, warning

project {
  labels     {app=\"bench\"}
  runbook    \"https://runbooks.example/{alertname}\"
  dashboard  \"https://grafana.example/d/bench\"
}

metric up                             gauge             {job, instance}
metric http_requests_total            counter requests  {job, instance, code}
metric http_request_duration_seconds  histogram seconds {job, instance}
       buckets 100ms, 250ms, 500ms, 1s, 2.5s
metric errors_total                   counter errors    {job, instance}
metric requests_total                 counter errors    {job, instance}

let p99(of) = histogram_quantile(0.99, sum by (job, le) (rate($of[5m])))
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (Some(rules), Some(dir)) = (arguments.first().and_then(|n| n.parse().ok()), arguments.get(1)) else {
        return ExitCode::from(2);
    };
    match write(rules, Path::new(dir)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn write(rules: usize, dir: &Path) -> std::io::Result<()> {
    fs::create_dir_all(dir)?;
    fs::write(dir.join("alertc.toml"), "[project]\nname = \"bench\"\n")?;
    fs::write(dir.join("metrics.alert"), METRICS)?;
    let teams = TEAMS.min(rules.div_ceil(RULES_PER_FILE));
    fs::write(dir.join("routes.alert"), routes(teams))?;
    let mut left = rules;
    let mut service = 0;
    while left > 0 {
        let here = left.min(RULES_PER_FILE);
        fs::write(dir.join(format!("service-{service:04}.alert")), file(service, here))?;
        left -= here;
        service += 1;
    }
    Ok(())
}

fn routes(teams: usize) -> String {
    let mut out = String::from("receiver everyone { webhook { url_file \"/etc/alertmanager/everyone\" } }\n");
    for team in 0..teams {
        let _ = writeln!(
            out,
            "receiver team-{team} {{ webhook {{ url_file \"/etc/alertmanager/team-{team}\" }} }}"
        );
    }
    out.push_str("\nroute -> everyone {\n  group_by alertname, job\n");
    for team in 0..teams {
        let _ = writeln!(out, "  when {{team=\"team-{team}\"}} -> team-{team} {{ group_wait 10s }}");
    }
    out.push_str("}\n");
    out
}

/// Alerts of one service that make `rules` rules.
fn file(service: usize, rules: usize) -> String {
    let mut out = format!("defaults {{\n  labels {{team=\"team-{}\"}}\n}}\n", service % TEAMS);
    let (mut left, mut index) = (rules, 0);
    while left > 0 {
        if index % 10 == 0 {
            let _ = write!(
                out,
                "{}\ngroup service-{service:04}.{} {{\n",
                if index > 0 { "}\n" } else { "" },
                index / 10
            );
        }
        left -= alert(&mut out, service, index, left);
        index += 1;
    }
    out.push_str("}\n");
    out
}

/// Writes one alert; how many rules it makes.
fn alert(out: &mut String, service: usize, index: usize, left: usize) -> usize {
    let name = format!("{service:04}x{index:03}");
    let job = format!("job=\"svc_{service:04}_{index:03}\"");
    let shape = if left == 1 && index % 4 == 2 { 3 } else { index % 4 };
    let (body, rules) = match shape {
        0 => (
            format!(
                "  alert HighErrorRate{name} {{
    expr      sum by (job, instance) (rate(http_requests_total{{{job}, code=~\"5..\"}}[5m])) > 1
    for       5m
    severity  warning
    summary   \"{{job}} on {{instance}} serves {{value}} errors\"
  }}\n"
            ),
            1,
        ),
        1 => (
            format!(
                "  alert HighLatency{name} {{
    value     p99(http_request_duration_seconds_bucket{{{job}}})
    warning   > 500ms for 5m
    summary   \"99 % of the requests to {{job}} take up to {{value}}, the limit is {{threshold}}\"
  }}\n"
            ),
            1,
        ),
        2 => (
            format!(
                "  alert ErrorBudget{name} {{
    value       sum by (job) (rate(errors_total{{{job}}}[5m]))
              / sum by (job) (rate(requests_total{{{job}}}[5m]))
    warning   > 1% for 10m
    critical  > 5% for 5m
    summary   \"{{value}} of the requests to {{job}} fail\"
  }}\n"
            ),
            2,
        ),
        _ => (
            format!(
                "  alert TargetDown{name} {{
    expr      up{{{job}}} == 0
    for       5m
    severity  critical
    summary   \"{{instance}} of {{job}} does not answer\"
  }}\n"
            ),
            1,
        ),
    };
    out.push_str(&body);
    rules
}
