//! What the user is told: every expression of the files in tests/suite/promql_syntax, as the terminal shows it.

use alertc::diagnostic::render::to_plain_string;
use alertc::promql::parser::{Options, parse};
use alertc::source::Sources;

#[test]
fn messages() {
    insta::glob!("../suite/promql_syntax", "*.promql", |path| {
        let text = std::fs::read_to_string(path).unwrap();
        let mut out = String::new();
        for case in text.split("\n\n") {
            let case = case.trim_end_matches('\n');
            let mut sources = Sources::new();
            let file = sources.add("rules", case);
            let (_, diagnostics) = parse(case, file, 0, &Options::default());
            assert!(!diagnostics.is_empty(), "nothing is wrong with {case}");
            out += &format!("=== {case}\n{}", to_plain_string(&sources, &diagnostics));
        }
        insta::assert_snapshot!(out);
    });
}
