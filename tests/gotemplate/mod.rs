//! Templates: texts that the real promtool and amtool gave, and cases of our own.

mod alertmanager;
mod prometheus;
mod robustness;

use std::path::{Path, PathBuf};

/// A file of the conformance set next to the project, or nothing where there is none.
fn conformance(file: &str) -> Option<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/conformance/gotemplate").join(file);
    let text = std::fs::read_to_string(&path).ok();
    if text.is_none() {
        println!("skipped: {} is not there", path.display());
    }
    text
}

/// A file of our own cases.
fn suite(file: &str) -> String {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/gotemplate").join(file);
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Fails with all differences at once.
fn report(failures: &[String], total: usize) {
    assert!(failures.is_empty(), "{} of {total} differ:\n\n{}", failures.len(), failures.join("\n\n"));
    println!("{total} cases agree");
}
