//! The alert language's parser and formatter over the files of `tests/suite/syntax` and `tests/suite/fmt`.

mod robustness;

use std::fs;
use std::path::{Path, PathBuf};

use alertc::diagnostic::render::to_plain_string;
use alertc::source::Sources;
use alertc::syntax;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The findings as a user sees them; of a file without any, the tree.
fn outcome(name: &str, text: &str) -> String {
    let mut sources = Sources::new();
    let id = sources.add(name, text);
    let parsed = syntax::parse(id, text, &syntax::Options::default());
    if parsed.diagnostics.is_empty() {
        syntax::dump(&parsed.file, text)
    } else {
        to_plain_string(&sources, &parsed.diagnostics)
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

#[test]
fn parses_as_the_snapshots_say() {
    insta::glob!("../suite/syntax", "*.alert", |path| {
        let text = fs::read_to_string(path).unwrap();
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false, snapshot_path => "../suite/syntax" }, {
            insta::assert_snapshot!(outcome(&file_name(path), &text));
        });
    });
}

/// The worked examples of the design, where they are there.
fn examples() -> Vec<PathBuf> {
    let dir = root().join("../shared/design/examples");
    let mut files = Vec::new();
    for system in fs::read_dir(&dir).into_iter().flatten().flatten() {
        files.extend(fs::read_dir(system.path()).into_iter().flatten().flatten().map(|f| f.path()));
    }
    files.sort();
    if files.is_empty() {
        eprintln!("skipped: {} is not there", dir.display());
    }
    files
}

#[test]
fn the_worked_examples_parse() {
    for path in examples() {
        let text = fs::read_to_string(&path).unwrap();
        let parsed = syntax::parse(alertc::source::FileId(0), &text, &syntax::Options::default());
        assert!(parsed.diagnostics.is_empty(), "{}", outcome(&path.display().to_string(), &text));
    }
}

#[test]
fn formats_as_the_snapshots_say() {
    insta::glob!("../suite/fmt", "*.alert", |path| {
        let text = fs::read_to_string(path).unwrap();
        let formatted = syntax::format::format(&text).unwrap_or_else(|d| panic!("{d:#?}"));
        assert_eq!(
            syntax::format::format(&formatted).as_ref(),
            Ok(&formatted),
            "formatting again changes nothing"
        );
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false, snapshot_path => "../suite/fmt" }, {
            insta::assert_snapshot!(formatted);
        });
    });
}

#[test]
fn the_worked_examples_format() {
    for path in examples() {
        let text = fs::read_to_string(&path).unwrap();
        let formatted =
            syntax::format::format(&text).unwrap_or_else(|d| panic!("{}: {d:#?}", path.display()));
        assert_eq!(syntax::format::format(&formatted).as_ref(), Ok(&formatted));
        let lines = |t: &str| t.lines().filter(|l| !l.trim().is_empty()).count();
        assert_eq!(lines(&formatted), lines(&text), "{}: lines stay lines", path.display());
    }
}

#[test]
fn the_reference_parses_and_is_laid_out_as_it_says() {
    let reference = fs::read_to_string(root().join("docs/language.md")).unwrap();
    let blocks: Vec<&str> =
        reference.split("```alert\n").skip(1).map(|rest| rest.split("```").next().unwrap_or("")).collect();
    assert!(blocks.len() > 10);
    for block in blocks {
        let parsed = syntax::parse(alertc::source::FileId(0), block, &syntax::Options::default());
        assert!(parsed.diagnostics.is_empty(), "{}", outcome("docs/language.md", block));
        assert_same_text(block, &syntax::format::format(block).unwrap());
    }
}

/// Equal, or a readable difference.
fn assert_same_text(expected: &str, found: &str) {
    let diff = similar::TextDiff::from_lines(expected, found);
    assert!(expected == found, "{}", diff.unified_diff());
}
