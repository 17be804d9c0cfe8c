//! Alertmanager's matchers in all modes: what is read is written so that it is read again as the same.
//!
//! `cargo +nightly fuzz run matchers`
#![no_main]

use alertc::alertmanager::matcher::{Mode, parse};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    for mode in [Mode::Classic, Mode::Utf8, Mode::Fallback] {
        let Ok(parsed) = parse(text, mode) else { continue };
        for matcher in &parsed.matchers {
            let again = parse(&matcher.to_config(), Mode::Utf8).expect("what is written can be read");
            assert_eq!(again.matchers, [matcher.clone()]);
        }
    }
});
