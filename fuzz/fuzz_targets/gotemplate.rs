//! Go templates: parsed and executed, they end, within bounds, in a text or an error.
//!
//! `cargo +nightly fuzz run gotemplate`
#![no_main]

use alertc::gotemplate::prometheus::{LATEST, functions};
use alertc::gotemplate::{Environment, Template, Value};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(template) = Template::parse("fuzz", text, functions(LATEST)) else { return };
    for data in [Value::Nil, Value::string("text")] {
        let _ = template.execute(&data, &Environment::default());
        let _ = template.execute_html(&data, &Environment::default());
    }
});
