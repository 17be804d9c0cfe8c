//! What each output form looks like.

use super::*;
use crate::source::Sources;
use render::Format;

fn example() -> (Sources, Vec<Diagnostic>) {
    let mut sources = Sources::new();
    let id = sources.add("shop.alert", "severity critical, warning\n\nalert Down {\n  waring > 5\n}\n");
    let span = Span::new(id, 43, 49);
    let diagnostic = Diagnostic::new(&codes::project::CONFIG_UNKNOWN_KEY, span, "unknown severity `waring`")
        .label("no such severity")
        .also(Span::new(id, 0, 26), "the severities of this project")
        .note("a level is written with its severity")
        .fix("write `warning`", span, "warning");
    (sources, vec![diagnostic])
}

fn rendered(format: Format) -> String {
    let (sources, diagnostics) = example();
    let mut out = Vec::new();
    render::write(&mut out, &sources, &diagnostics, format).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn human() {
    let (sources, diagnostics) = example();
    insta::assert_snapshot!(render::to_plain_string(&sources, &diagnostics));
}

#[test]
fn concise() {
    insta::assert_snapshot!(rendered(Format::Concise));
}

#[test]
fn github() {
    insta::assert_snapshot!(rendered(Format::Github));
}

#[test]
fn json() {
    insta::assert_snapshot!(rendered(Format::Json));
}

#[test]
fn sarif() {
    insta::assert_snapshot!(rendered(Format::Sarif));
}

#[test]
fn an_enormous_line_is_cut_around_its_label() {
    let mut sources = Sources::new();
    let id = sources.add("a", "x".repeat(10_000_000));
    let span = Span::new(id, 5_000_000, 5_000_003);
    let d = Diagnostic::new(&codes::project::CONFIG_SYNTAX, span, "m").label("here");
    let text = render::to_plain_string(&sources, &[d]);
    assert!(text.len() < 2_000, "{}", text.len());
    assert!(text.contains("here"));
}
