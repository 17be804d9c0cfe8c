//! A whole program: checked, built, its tests run. Nothing that alertc itself would have to answer for may come out.
//!
//! `cargo +nightly fuzz run program fuzz/corpus/program tests/suite/check tests/suite/lower`
#![no_main]

use std::path::Path;

use alertc::diagnostic::render::to_plain_string;
use alertc::pipeline::{self, ProjectSources, Selection, TestSelection};
use alertc::project;
use alertc::source::{MemoryLoader, Sources};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut sources = Sources::new();
    let file = sources.add("fuzz.alert", text);
    let project = project::standalone(Path::new("/project"), Vec::new());
    let input = ProjectSources {
        project: &project,
        files: vec![(file, "fuzz.alert".to_string())],
        shared: Vec::new(),
        today: Some("2026-01-31".to_string()),
    };
    let built = pipeline::build(&MemoryLoader::new(), &mut sources, &input, "", &Selection::default());
    let built = built.expect("nothing is read from the loader");
    let ours = ["readback-failed", "expression-refused", "format-defect"];
    assert!(built.diagnostics.iter().all(|d| !ours.contains(&d.code.name)));
    to_plain_string(&sources, &built.diagnostics);
    // Long tests are bounded by their budget, which is more than a fuzzer has time for.
    if !text.contains('h') || text.len() < 600 {
        let tested = pipeline::test(&sources, &input, &TestSelection::default());
        to_plain_string(&sources, &tested.diagnostics);
    }
});
