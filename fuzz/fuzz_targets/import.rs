//! Import: whatever YAML holds, it comes out as it went in, or with a finding about the YAML.
//!
//! `cargo +nightly fuzz run import fuzz/corpus/import tests/suite/import`
#![no_main]

use alertc::import::{Input, Options};
use alertc::pipeline;
use alertc::source::{MemoryLoader, Sources};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut sources = Sources::new();
    let file = sources.add("fuzz.yml", text);
    let input = Input { file, stem: "fuzz".to_string(), path: "/fuzz.yml".into() };
    let imported = pipeline::import(&MemoryLoader::new(), &mut sources, &[input], "fuzz", "", &Options::default());
    assert!(imported.notes.iter().all(|d| d.code.name != "import-differs"));
});
