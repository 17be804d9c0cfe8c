//! The formatter: what it gives means the same, and formatting it again changes nothing.
//!
//! `cargo +nightly fuzz run fmt fuzz/corpus/fmt tests/suite/fmt`
#![no_main]

use alertc::syntax::format::format;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match format(text) {
        Ok(formatted) => assert_eq!(format(&formatted).as_ref(), Ok(&formatted)),
        Err(findings) => assert!(findings.iter().all(|d| d.code.name != "format-defect")),
    }
});
