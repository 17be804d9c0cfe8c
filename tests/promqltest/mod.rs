//! PromQL test files: our own, and Prometheus' if they are there.

use std::fs;
use std::path::{Path, PathBuf};

use alertc::promql::promqltest;

fn test_files(dir: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(dir) else { return Vec::new() };
    let mut files: Vec<_> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "test"))
        .collect();
    files.sort();
    files
}

/// Runs all files of a directory; returns the number of evaluations and what failed.
fn run(dir: &Path) -> (usize, Vec<String>) {
    let mut evaluations = 0;
    let mut failures = Vec::new();
    for file in test_files(dir) {
        let report = promqltest::run(&fs::read_to_string(&file).unwrap());
        evaluations += report.evaluations;
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        failures.extend(
            report.failures.iter().map(|failure| format!("{name}:{}: {}", failure.line, failure.message)),
        );
    }
    (evaluations, failures)
}

#[test]
fn own_cases() {
    let (evaluations, failures) = run(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/promql"));
    assert!(failures.is_empty(), "{} of {evaluations} failed:\n{}", failures.len(), failures.join("\n"));
    assert!(evaluations > 200, "{evaluations} evaluations only");
}

/// All evaluations of Prometheus v3.14.0, promql/promqltest/testdata.
#[test]
fn conformance() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/conformance/promqltest");
    let (evaluations, failures) = run(&dir);
    if evaluations == 0 {
        eprintln!("skipped: no test files in {}", dir.display());
        return;
    }
    assert!(failures.is_empty(), "{} of {evaluations} failed:\n{}", failures.len(), failures.join("\n"));
    assert_eq!(evaluations, 2195);
}
