//! Files of `promtool test rules`, one for each thing that they can say: `tests/suite/tester/promtool/*.yml`.
//!
//! A test passes unless its name begins with `fails:`. A comment in a file's first line says what else is to be known:
//! `# refused` (by alertc and promtool), `# promtool 3.9` (what older ones refuse), `# promtool never`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use alertc::source::Sources;
use alertc::tester::{Running, promtool};

use super::{Disk, version};
use crate::promql_differential::promtool::find;

fn files() -> Vec<PathBuf> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/tester/promtool");
    let mut files: Vec<PathBuf> = fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()).collect();
    files.retain(|p| p.extension().is_some_and(|e| e == "yml"));
    files.sort();
    files
}

fn remark(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    text.lines().next().unwrap_or("").trim_start_matches(['#', ' ']).to_string()
}

fn should_pass(name: &str) -> bool {
    !name.starts_with("fails:")
}

#[test]
fn every_test_passes_unless_it_is_called_one_that_fails() {
    let mut wrong = Vec::new();
    for path in files() {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let reports =
            promtool::run(&Disk, std::slice::from_ref(&path), &Running::default(), &mut Sources::new())
                .unwrap();
        let report = reports.first().unwrap();
        if remark(&path) == "refused" {
            if report.passed() || !report.tests.is_empty() {
                wrong.push(format!("{name} is not refused"));
            }
            continue;
        }
        if report.tests.is_empty() {
            wrong.push(format!("{name}: nothing was run: {:?}", report.findings));
        }
        for test in &report.tests {
            if test.passed() != should_pass(&test.name) {
                let found: Vec<&str> = test.findings.iter().map(|f| f.message.as_str()).collect();
                wrong.push(format!(
                    "{name}: {:?} passes: {}: {}",
                    test.name,
                    test.passed(),
                    found.join("; ")
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The tests of a JUnit report, and whether each passed.
fn cases(junit: &str) -> Vec<(String, bool)> {
    let case = |text: &str| {
        let (name, rest) = text.split_once('"').expect("a name ends");
        (name.to_string(), !rest.contains("<failure") && !rest.contains("<error"))
    };
    junit.split("<testcase name=\"").skip(1).map(case).collect()
}

/// promtool and alertc, given the same arguments, write the same tests and verdicts into their JUnit reports.
#[test]
#[ignore = "needs promtool"]
fn promtool_says_the_same() {
    let Some(theirs) = find() else {
        println!("skipped: there is no promtool");
        return;
    };
    let knows_start = version(&theirs) >= (3, 9);
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("tester/promtool");
    fs::create_dir_all(&dir).unwrap();
    let junit = dir.join("report.xml");
    let run = |program: &Path, words: &[&str], path: &Path, patterns: &[&str]| {
        let _ = fs::remove_file(&junit);
        let mut command = Command::new(program);
        command.args(words).arg(format!("--junit={}", junit.display()));
        command.args(if words == ["test"] && program == theirs { &["rules"][..] } else { &[] });
        command.args(patterns.iter().map(|p| format!("--run={p}"))).arg(path);
        let output = command.output().unwrap();
        (output.status.success(), fs::read_to_string(&junit).unwrap_or_default())
    };
    let ours = Path::new(env!("CARGO_BIN_EXE_alertc"));
    let (mut wrong, mut compared) = (Vec::new(), 0);
    for path in files() {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let remark = remark(&path);
        for patterns in [&[][..], &["fails"], &["^a", "twice|gap"], &["nothing is called so"]] {
            let their = run(&theirs, &["test"], &path, patterns);
            let refuses = match remark.as_str() {
                "refused" | "promtool never" => true,
                "promtool 3.9" => !knows_start,
                _ => false,
            };
            if refuses {
                // promtool reads rule files for each test: without one it has nothing to refuse in them.
                if patterns.is_empty() && their.0 {
                    wrong.push(format!("{name}: promtool takes it"));
                }
                continue;
            }
            let our = run(ours, &["test", "--quiet"], &path, patterns);
            let (their, our) = (cases(&their.1), cases(&our.1));
            compared += our.len();
            if their != our {
                wrong.push(format!("{name} with {patterns:?}:\n  promtool {their:?}\n  alertc   {our:?}"));
            }
        }
    }
    println!("{compared} verdicts compared");
    assert!(wrong.is_empty() && compared >= 80, "{}", wrong.join("\n"));
}
