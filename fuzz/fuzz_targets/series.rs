//! Series notation: parsed, findings lie inside the text, and repeats are not expanded.
//!
//! `cargo +nightly fuzz run series`
#![no_main]

use alertc::promql::series_notation::parse_series;
use alertc::source::FileId;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (_, items, diagnostics) = parse_series(text, FileId(0), 0);
    for diagnostic in &diagnostics {
        assert!(text.get(diagnostic.primary.span.range()).is_some());
    }
    assert!(items.len() <= text.len());
});
