//! Importing real files: every one that the real tool takes comes out as it went in.

use std::path::{Path, PathBuf};

use alertc::diagnostic::Diagnostic;
use alertc::import::{Input, Options, stem};
use alertc::pipeline::{self, Imported};
use alertc::source::{Entry as Dir, LoadError, LoadErrorKind, Loader, MemoryLoader, Sources};
use rayon::prelude::*;

/// A line of the corpus' index.
pub(super) struct Entry {
    pub(super) path: PathBuf,
    pub(super) kind: String,
    rules: usize,
}

pub(super) fn corpus() -> Vec<Entry> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let Ok(index) = std::fs::read_to_string(root.join("index.tsv")) else { return Vec::new() };
    let mut lines = index.lines();
    let head: Vec<&str> = lines.next().unwrap_or_default().split('\t').collect();
    let column = |name: &str| head.iter().position(|h| *h == name).expect("a column of the index");
    let (repo, path, kind) = (column("repo"), column("path"), column("kind"));
    let (rules, verdict) = (column("rules"), column("verdict"));
    lines
        .map(|l| l.split('\t').collect::<Vec<_>>())
        .filter(|row| row[verdict] == "pass")
        .map(|row| Entry {
            path: root.join(row[repo].replace('/', "+")).join(row[path]),
            kind: row[kind].to_string(),
            rules: row[rules].parse().unwrap_or(0),
        })
        .collect()
}

pub(super) fn import(path: &Path, options: &Options) -> (Sources, Imported) {
    let mut sources = Sources::new();
    let name = path.to_string_lossy().into_owned();
    let text = String::from_utf8_lossy(&std::fs::read(path).expect("a file of the corpus")).into_owned();
    let stem = stem(&name);
    let file = sources.add(name, text);
    let input = Input { file, stem, path: path.to_path_buf() };
    let imported = pipeline::import(&MemoryLoader::new(), &mut sources, &[input], "corpus", "", options);
    (sources, imported)
}

fn median(mut ratios: Vec<f64>) -> f64 {
    ratios.sort_by(f64::total_cmp);
    ratios.get(ratios.len() / 2).copied().unwrap_or_default()
}

/// What a set of files gave.
#[derive(Default)]
struct Counts {
    files: usize,
    same: usize,
    rules: usize,
    bytes: usize,
    layout: usize,
    ratios: Vec<f64>,
    with_metrics: Vec<f64>,
    failed: Vec<String>,
}

fn run(kind: &str, options: &Options) -> Counts {
    let entries: Vec<Entry> = corpus().into_iter().filter(|e| e.kind == kind).collect();
    let results: Vec<_> = entries.par_iter().map(|e| (e, import(&e.path, options))).collect();
    let mut counts = Counts::default();
    for (entry, (sources, imported)) in results {
        counts.files += 1;
        let errors: Vec<Diagnostic> = imported.notes.iter().filter(|d| d.is_error()).cloned().collect();
        if !errors.is_empty() {
            let told = alertc::diagnostic::render::to_plain_string(&sources, &errors);
            let told: Vec<&str> = told.lines().take(12).collect();
            counts.failed.push(format!("{}\n{}", entry.path.display(), told.join("\n")));
            continue;
        }
        let s = &imported.summary;
        counts.same += 1;
        counts.rules += s.alerts + s.records;
        counts.bytes += s.expressions_same;
        counts.layout += s.expressions_same_but_layout;
        if s.lines_before > 0 && entry.rules < 5000 {
            counts.ratios.push(s.lines_after as f64 / s.lines_before as f64);
            counts.with_metrics.push((s.lines_after + s.lines_of_metrics) as f64 / s.lines_before as f64);
        }
    }
    counts
}

/// The whole corpus, in the YAML's own words and in the language's.
#[test]
#[ignore = "minutes; .ci/run runs it where the corpus is"]
fn every_file_that_the_real_tool_takes_comes_out_as_it_went_in() {
    let literal = Options { literal: true, ..Options::default() };
    let mut failed = Vec::new();
    for (form, options) in [("literal", &literal), ("idiomatic", &Options::default())] {
        for kind in ["rules", "prometheusrule-crd", "alertmanager"] {
            let counts = run(kind, options);
            eprintln!(
                "{form:>9} {kind:<18} {:>4} of {:>4} files the same, {:>6} rules, {:>6} expressions to the byte, {} but for layout; lines {:.2}, {:.2} with metrics (median)",
                counts.same,
                counts.files,
                counts.rules,
                counts.bytes,
                counts.layout,
                median(counts.ratios),
                median(counts.with_metrics),
            );
            failed.extend(counts.failed);
        }
    }
    assert!(failed.is_empty(), "{} files differ:\n{}", failed.len(), failed.join("\n\n"));
}

/// promtool's tests, each with its rule files: those that are imported keep their verdict.
#[test]
#[ignore = "minutes; .ci/run runs it where the corpus is"]
fn every_test_that_is_imported_keeps_its_verdict() {
    let entries: Vec<Entry> = corpus().into_iter().filter(|e| e.kind == "promtool-test").collect();
    // A file of thousands of series and rules takes promtool half an hour.
    let slow = |e: &&Entry| std::fs::metadata(&e.path).is_ok_and(|m| m.len() > 400_000);
    let results: Vec<_> = entries.par_iter().filter(|e| !slow(e)).map(|e| (e, tests_of(&e.path))).collect();
    let (mut files, mut tests, mut kept, mut failed) = (0, 0, 0, Vec::new());
    for (entry, (sources, imported, count)) in results {
        let errors: Vec<Diagnostic> = imported.notes.iter().filter(|d| d.is_error()).cloned().collect();
        if !errors.is_empty() {
            let told = alertc::diagnostic::render::to_plain_string(&sources, &errors);
            failed.push(format!("{}\n{told}", entry.path.display()));
        }
        files += 1;
        tests += count;
        kept += imported.summary.tests;
    }
    eprintln!("{kept} of {tests} tests in {files} files became `test` blocks with the same verdict");
    assert!(failed.is_empty(), "{} files differ:\n{}", failed.len(), failed.join("\n\n"));
    assert!(files == 0 || kept * 3 > tests, "many tests can be said");
}

/// A test file imported with its rule files, and how many tests it has.
fn tests_of(path: &Path) -> (Sources, Imported, usize) {
    let mut sources = Sources::new();
    let mut paths = vec![path.to_path_buf()];
    let mut inputs = Vec::new();
    let mut count = 0;
    let mut at = 0;
    while let Some(path) = paths.get(at).cloned() {
        at += 1;
        let text = String::from_utf8_lossy(&std::fs::read(&path).expect("a file of the corpus")).into_owned();
        let name = path.to_string_lossy().into_owned();
        let file = sources.add(name.clone(), text.clone());
        let root = alertc::yaml::read(file, &text).into_iter().next().and_then(|d| d.root);
        if at == 1 {
            let root = root.as_ref().expect("a test file");
            let tests = root.as_mapping().and_then(|m| m.get("tests")).and_then(|t| t.as_sequence());
            count = tests.map_or(0, <[_]>::len);
            paths.extend(alertc::import::rule_files(&Files, root, &path));
        }
        inputs.push(Input { file, stem: format!("{}-{at}", stem(&name)), path });
    }
    let imported = pipeline::import(&Files, &mut sources, &inputs, "corpus", "", &Options::default());
    (sources, imported, count)
}

/// The disk.
struct Files;

impl Loader for Files {
    fn read(&self, path: &Path) -> Result<Vec<u8>, LoadError> {
        std::fs::read(path)
            .map_err(|_| LoadError { name: self.display_name(path), kind: LoadErrorKind::NotFound })
    }

    fn list(&self, dir: &Path) -> Result<Vec<Dir>, LoadError> {
        let entries = std::fs::read_dir(dir)
            .map_err(|_| LoadError { name: self.display_name(dir), kind: LoadErrorKind::NotFound })?;
        let mut all: Vec<Dir> = entries
            .flatten()
            .map(|e| Dir { name: e.file_name().to_string_lossy().into_owned(), is_dir: e.path().is_dir() })
            .collect();
        all.sort();
        Ok(all)
    }

    fn display_name(&self, path: &Path) -> String {
        path.to_string_lossy().into_owned()
    }
}
