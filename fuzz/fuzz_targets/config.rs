//! alertc.toml: settings, or findings that lie inside the text.
//!
//! `cargo +nightly fuzz run config`
#![no_main]

use std::path::Path;

use alertc::project;
use alertc::source::{MemoryLoader, Sources};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut loader = MemoryLoader::new();
    loader.add("/alertc.toml", data).add("/a.alert", "");
    let (mut sources, mut found) = (Sources::new(), Vec::new());
    let _ = project::load(&loader, Path::new("/"), &mut sources, &mut found);
    for finding in &found {
        let text = sources.get(finding.primary.span.file).map(|f| f.text());
        assert!(text.is_none_or(|text| text.get(finding.primary.span.range()).is_some()));
    }
});
