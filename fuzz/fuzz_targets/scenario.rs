//! Scenarios of `alertc simulate`: read and played within bounds.
//!
//! `cargo +nightly fuzz run scenario`
#![no_main]

use alertc::alertmanager::simulation::scenario;
use alertc::source::FileId;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(scenarios) = scenario::read(FileId::NONE, text) else { return };
    for scenario in &scenarios {
        let _ = scenario.play(Default::default());
    }
});
