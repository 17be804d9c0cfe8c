//! promtool's test files: read and run, over rules of their own, within bounds.
//!
//! `cargo +nightly fuzz run promtool`
#![no_main]

use std::path::PathBuf;

use alertc::source::{MemoryLoader, Sources};
use alertc::tester::Running;
use alertc::tester::promtool::run;
use libfuzzer_sys::fuzz_target;

const RULES: &str = "groups: [{name: a, rules: [{alert: Up, expr: up == 0, for: 1m, labels: {a: b}}]}]";

fuzz_target!(|data: &[u8]| {
    let mut loader = MemoryLoader::new();
    loader.add("/rules.yml", RULES).add("/test.yml", data);
    let _ = run(&loader, &[PathBuf::from("/test.yml")], &Running::default(), &mut Sources::new());
});
