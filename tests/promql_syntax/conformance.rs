//! Every expression of Prometheus' own PromQL tests is accepted, or refused where the test says so.

use std::fs;

use super::{accept, all_features, shared};

/// An expression of a test file, and whether the test expects it to fail (in parsing or in evaluation).
pub(super) struct Case {
    pub(super) place: String,
    pub(super) text: String,
    pub(super) fails: bool,
}

/// The expressions of the `eval` commands of all files.
pub(super) fn cases() -> Vec<Case> {
    let Some(folder) = shared("conformance/promqltest") else { return Vec::new() };
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    let mut cases = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        for (number, line) in lines.iter().enumerate() {
            let Some(expr) = expression(line) else { continue };
            let fails = line.starts_with("eval_fail")
                || lines[number + 1..]
                    .iter()
                    .take_while(|l| l.starts_with([' ', '\t']))
                    .any(|l| l.trim_start().starts_with("expect fail"));
            let place = format!("{}:{}", file.file_name().unwrap().to_string_lossy(), number + 1);
            cases.push(Case { place, text: expr.to_string(), fails });
        }
    }
    cases
}

/// The expression of `eval[_fail|_warn|…] instant [at T] [offset D] EXPR` or `eval… range from T to T step D EXPR`.
fn expression(line: &str) -> Option<&str> {
    let mut rest = line.strip_prefix("eval")?.trim_start_matches(|c: char| c == '_' || c.is_alphabetic());
    let mut word = || -> Option<&str> {
        rest = rest.trim_start();
        let end = rest.find(char::is_whitespace)?;
        let word = &rest[..end];
        rest = &rest[end..];
        Some(word)
    };
    let words = if word()? == "instant" { 2 } else { 6 };
    for _ in 0..words {
        word()?;
    }
    Some(rest.trim())
}

#[test]
fn every_expression_of_promqltest_has_its_verdict() {
    let cases = cases();
    let mut wrong = Vec::new();
    for case in &cases {
        match accept(&case.text, &all_features()) {
            Ok(_) => {}
            Err(d) if !case.fails => {
                wrong.push(format!("{}: {}\n    {}", case.place, case.text, d[0].message));
            }
            Err(_) => {}
        }
    }
    assert!(wrong.is_empty(), "{} of {}\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}
