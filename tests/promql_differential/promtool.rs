//! What promtool computes, read from the failures that it reports for expectations that nothing meets.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A result: an error, or samples by labels.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    Error(String),
    Samples(BTreeMap<String, String>),
}

/// promtool: what the variable PROMTOOL names, or the first in the PATH.
pub fn find() -> Option<PathBuf> {
    let named = std::env::var_os("PROMTOOL").map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    named
        .into_iter()
        .chain(std::env::split_paths(&path).map(|dir| dir.join("promtool")))
        .find(|path| path.is_file())
}

/// Evaluates each expression at its time (seconds) over the series.
pub fn evaluate(
    promtool: &Path,
    dir: &Path,
    series: &[(String, String)],
    cases: &[(String, u64)],
    delayed_name_removal: bool,
) -> Vec<Answer> {
    let quote = |text: &str| format!("'{}'", text.replace('\'', "''"));
    let mut yaml = "evaluation_interval: 1m\ntests:\n- interval: 30s\n  input_series:\n".to_string();
    for (name, values) in series {
        yaml += &format!("  - series: {}\n    values: {}\n", quote(name), quote(values));
    }
    yaml += "  promql_expr_test:\n";
    for (expression, time) in cases {
        yaml += &format!(
            "  - expr: {}\n    eval_time: {time}s\n    exp_samples: [{{labels: never, value: 0}}]\n",
            quote(expression)
        );
    }
    let file = dir.join("cases.yml");
    fs::write(&file, yaml).unwrap();
    let mut command = Command::new(promtool);
    command.arg("--enable-feature=promql-experimental-functions");
    if delayed_name_removal {
        command.arg("--enable-feature=promql-delayed-name-removal");
    }
    let output = command.args(["test", "rules"]).arg(&file).output().expect("promtool runs");
    let text =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    let answers = parse(&text);
    assert_eq!(answers.len(), cases.len(), "promtool reports every case:\n{text}");
    answers
}

fn parse(text: &str) -> Vec<Answer> {
    let mut answers = Vec::new();
    for line in text.lines().map(str::trim_start) {
        if line.starts_with("expr: ") {
            if let Some((_, error)) = line.split_once(", err: ") {
                answers.push(Answer::Error(error.to_string()));
            }
        } else if let Some(got) = line.strip_prefix("got: ") {
            answers.push(Answer::Samples(if got == "nil" { BTreeMap::new() } else { samples(got) }));
        }
    }
    answers
}

/// `{a="b"} 1E+00, {a="c"} {{count:1}}`: labels have no braces here but their own.
fn samples(text: &str) -> BTreeMap<String, String> {
    let mut samples = BTreeMap::new();
    let mut rest = text;
    loop {
        let end = if rest.starts_with("{} ") { "} " } else { "\"} " };
        let Some((labels, after)) = rest.split_once(end) else { return samples };
        let (value, next) = if after.starts_with("{{") {
            let end = after.find("}}").map_or(after.len(), |end| end + 2);
            after.split_at(end)
        } else {
            after.split_at(after.find(", ").unwrap_or(after.len()))
        };
        samples.insert(labels.to_string() + end.trim_end(), value.to_string());
        rest = next.strip_prefix(", ").unwrap_or(next);
    }
}
