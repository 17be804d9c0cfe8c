//! The strict readers of YAML: whatever a rule file, a manifest or an Alertmanager configuration holds, findings lie
//! inside the text.
//!
//! `cargo +nightly fuzz run existing`
#![no_main]

use alertc::diagnostic::render::to_plain_string;
use alertc::existing::{Kind, Options, check};
use alertc::source::Sources;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut sources = Sources::new();
    let id = sources.add("fuzz.yml", text);
    for kind in [Kind::RuleFile, Kind::Manifest, Kind::AlertmanagerConfig] {
        let options = Options { kind: Some(kind), ..Options::default() };
        let diagnostics = check(id, text, &options).diagnostics;
        for diagnostic in &diagnostics {
            assert!(text.get(diagnostic.primary.span.range()).is_some());
        }
        to_plain_string(&sources, &diagnostics);
    }
});
