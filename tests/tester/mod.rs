//! Tests of tests: promtool's verdicts, BuildNest's own tests, and what bad input gets.

mod promtool_files;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use alertc::source::{Entry, LoadError, LoadErrorKind, Loader, Sources};
use alertc::tester::{Report, Running, promtool};
use rayon::prelude::*;

use crate::promql_differential::promtool::find;

/// Files about whose verdict we differ from promtool 3.5.3, each with the reason: `path<TAB>reason`.
const DIFFERENCES: &str = include_str!("../suite/tester/promtool-differences.tsv");

struct Disk;

impl Loader for Disk {
    fn read(&self, path: &Path) -> Result<Vec<u8>, LoadError> {
        std::fs::read(path)
            .map_err(|_| LoadError { name: self.display_name(path), kind: LoadErrorKind::NotFound })
    }

    fn list(&self, dir: &Path) -> Result<Vec<Entry>, LoadError> {
        let failure = |_| LoadError { name: self.display_name(dir), kind: LoadErrorKind::NotFound };
        let mut entries: Vec<Entry> = std::fs::read_dir(dir)
            .map_err(failure)?
            .filter_map(Result::ok)
            .map(|e| Entry { name: e.file_name().to_string_lossy().into_owned(), is_dir: e.path().is_dir() })
            .collect();
        entries.sort();
        Ok(entries)
    }
}

/// Runs the test files of the corpus that took promtool at most so many seconds.
fn corpus(seconds: f64) {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let Ok(index) = std::fs::read_to_string(dir.join("index.tsv")) else {
        println!("skipped: there is no ../shared/corpus");
        return;
    };
    let differences: BTreeMap<&str, &str> = DIFFERENCES
        .lines()
        .filter(|l| !l.is_empty() && !l.starts_with('#'))
        .map(|l| l.split_once('\t').expect("path and reason"))
        .collect();
    let rows: Vec<(String, bool)> = index
        .lines()
        .map(|l| l.split('\t').collect::<Vec<_>>())
        .filter(|r| r[3] == "promtool-test" && r[11].parse::<f64>().unwrap() <= seconds)
        .map(|r| (format!("{}/{}", r[0].replacen('/', "+", 1), r[2]), r[9] == "pass"))
        .collect();
    assert!(rows.len() > 200, "the corpus has {} of its test files", rows.len());
    let mut wrong: Vec<String> = rows
        .par_iter()
        .filter_map(|(path, passes)| {
            let file: PathBuf = alertc::source::join(&dir, path);
            let reports = promtool::run(&Disk, &[file], &Running::default(), &mut Sources::new()).unwrap();
            let ours = reports.iter().all(Report::passed);
            match (ours == *passes, differences.get(path.as_str())) {
                (false, None) => Some(format!("{path}: promtool passes {passes}, we {ours}")),
                (true, Some(_)) => Some(format!("{path}: a difference that is none")),
                _ => None,
            }
        })
        .collect();
    wrong.sort();
    assert!(wrong.is_empty(), "{} of {}\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

#[test]
fn verdicts_are_promtools() {
    corpus(0.6);
}

/// Every file, also those that take promtool minutes.
#[test]
#[ignore = "takes half a minute"]
fn all_verdicts_are_promtools() {
    corpus(f64::INFINITY);
}

/// Tests a project, or a workspace, and exports the tests; the exported files.
fn exported(project: &str, name: &str) -> Vec<PathBuf> {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("tester").join(name);
    let _ = std::fs::remove_dir_all(&dir);
    let output = Command::new(env!("CARGO_BIN_EXE_alertc"))
        .args(["test", "--min-coverage", "100", "--format", "concise", "--export", "promtool"])
        .arg(&dir)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(project))
        .output()
        .unwrap();
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let mut tests: Vec<PathBuf> = std::fs::read_dir(&dir).unwrap().map(|e| e.unwrap().path()).collect();
    tests.retain(|p| p.to_string_lossy().contains(".test."));
    tests.sort();
    assert!(!tests.is_empty(), "nothing was exported");
    tests
}

/// The tests of the committed projects hold and show every alert; so does their export to promtool. The real one takes
/// minutes for it: .ci/run asks it.
#[test]
fn the_tests_of_this_tree_hold_and_their_export() {
    let tests = exported("", "export");
    let reports = promtool::run(&Disk, &tests, &Running::default(), &mut Sources::new()).unwrap();
    assert!(reports.iter().all(Report::passed), "the export does not pass ourselves");
}

/// Tests of the language that use all of it, and what they become for promtool.
#[test]
fn the_languages_tests_hold_and_their_export() {
    let tests = exported("tests/suite/tester/language", "language");
    let reports = promtool::run(&Disk, &tests, &Running::default(), &mut Sources::new()).unwrap();
    assert!(reports.iter().all(Report::passed), "the export does not pass ourselves");
}

/// States, labels and annotations that the language's tests claim are those that promtool sees.
#[test]
#[ignore = "needs promtool"]
fn promtool_agrees_with_the_languages_tests() {
    let Some(promtool) = find() else {
        println!("skipped: there is no promtool");
        return;
    };
    let version = version(&promtool);
    let files = exported("tests/suite/tester/language", "language-promtool").into_iter();
    // Files with a start time are for newer ones.
    for file in files.filter(|f| !f.to_string_lossy().contains("promtool-3.9") || version >= (3, 9)) {
        let output = Command::new(&promtool).args(["test", "rules"]).arg(&file).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: {said}", file.display());
    }
}

/// The version of a promtool.
fn version(promtool: &Path) -> (u32, u32) {
    let output = Command::new(promtool).arg("--version").output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let numbers = text.split_once("version ").and_then(|(_, rest)| {
        let mut parts = rest.split('.').map(|p| p.parse().ok());
        Some((parts.next()??, parts.next()??))
    });
    numbers.expect("promtool tells its version")
}
