//! What the user sees of broken files: each file in `suite/files/bad/` with its findings.

use alertc::diagnostic::render::to_plain_string;
use alertc::existing::{Options, check};
use alertc::source::Sources;

#[test]
fn findings_read_well() {
    insta::glob!("../suite/files/bad", "*.*", |path| {
        let bytes = std::fs::read(path).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        let mut sources = Sources::new();
        let file = sources.add(path.file_name().unwrap().to_string_lossy(), &*text);
        let checked = check(file, &text, &Options::default());
        assert!(!checked.diagnostics.is_empty(), "{} has no finding", path.display());
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(to_plain_string(&sources, &checked.diagnostics));
        });
    });
}
