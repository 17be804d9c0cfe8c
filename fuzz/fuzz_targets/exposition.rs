//! What servers expose and dumps hold: metrics for declarations, samples for a review.
//!
//! `cargo +nightly fuzz run exposition`
#![no_main]

use alertc::{diff, import};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(metrics) = import::exposition::read(text) {
        import::metrics::source(&metrics);
    }
    let _ = diff::series::read(text);
});
