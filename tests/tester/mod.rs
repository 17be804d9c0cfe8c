//! Tests of tests: promtool's verdicts, BuildNest's own tests, and what bad input gets.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use alertc::source::{Entry, LoadError, LoadErrorKind, Loader, Sources};
use alertc::tester::{Report, Running, promtool};
use rayon::prelude::*;

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

/// Every file, also those that take promtool minutes: `cargo test --release -- --ignored tester`.
#[test]
#[ignore = "for the release profile"]
fn all_verdicts_are_promtools() {
    corpus(f64::INFINITY);
}

/// The tests of the committed projects hold and show every alert; so does their export to promtool. The real one takes
/// minutes for it: .ci/run asks it.
#[test]
fn the_tests_of_this_tree_hold_and_their_export() {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("tester/export");
    let _ = std::fs::remove_dir_all(&dir);
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_alertc"))
        .args(["test", "--min-coverage", "100", "--format", "concise", "--export", "promtool"])
        .arg(&dir)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let mut tests: Vec<PathBuf> = std::fs::read_dir(&dir).unwrap().map(|e| e.unwrap().path()).collect();
    tests.retain(|p| p.to_string_lossy().ends_with(".test.yml"));
    assert!(!tests.is_empty(), "nothing was exported");
    let reports = promtool::run(&Disk, &tests, &Running::default(), &mut Sources::new()).unwrap();
    assert!(reports.iter().all(Report::passed), "the export does not pass ourselves");
}
