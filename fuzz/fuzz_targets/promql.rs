//! The parser of PromQL: for every text a tree, findings inside the text, and an end.
//!
//! `cargo +nightly fuzz run promql`
#![no_main]

use alertc::promql::parser::{Options, parse, parse_prefix};
use alertc::source::FileId;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (expr, diagnostics) = parse(text, FileId(0), 0, &Options::default());
    assert!(text.get(expr.span.range()).is_some());
    for diagnostic in &diagnostics {
        assert!(text.get(diagnostic.primary.span.range()).is_some());
    }
    let ours = |word: &str| matches!(word, "for" | "labels" | "critical");
    let embedded = Options { params: true, lets: true, stop_word: Some(&ours), ..Options::default() };
    let (_, end, _) = parse_prefix(text, 0, FileId(0), &embedded);
    assert!(text.is_char_boundary(end));
});
