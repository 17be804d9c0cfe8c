//! The parser of the alert language: for every text a tree, findings inside the text, and an end.
//!
//! `cargo +nightly fuzz run language fuzz/corpus/language tests/suite/syntax`
#![no_main]

use alertc::diagnostic::render::to_plain_string;
use alertc::source::Sources;
use alertc::syntax;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut sources = Sources::new();
    let id = sources.add("fuzz.alert", text);
    let parsed = syntax::parse(id, text, &syntax::Options::default());
    for item in &parsed.file.items {
        assert!(text.get(item.span().range()).is_some());
    }
    for diagnostic in &parsed.diagnostics {
        assert!(text.get(diagnostic.primary.span.range()).is_some());
    }
    syntax::dump(&parsed.file, text);
    to_plain_string(&sources, &parsed.diagnostics);
});
