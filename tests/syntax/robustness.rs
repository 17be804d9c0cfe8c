//! Whatever the text, there is a tree, findings inside the text, and an end.

use std::fs;

use alertc::diagnostic::Diagnostic;
use alertc::diagnostic::render::to_plain_string;
use alertc::source::{FileId, Sources, Span};
use alertc::syntax::{self, Options};
use proptest::prelude::*;

const EVERY_CONSTRUCT: &str = include_str!("../suite/syntax/every-construct.alert");

/// Parses, and holds what holds for every text.
fn parse(text: &str) -> Vec<Diagnostic> {
    let parsed = syntax::parse(FileId(0), text, &Options::default());
    let inside = |span: Span| text.get(span.range()).is_some() && span.file == FileId(0);
    for item in &parsed.file.items {
        assert!(inside(item.span()), "{:?} of {text:?}", item.span());
    }
    for comment in &parsed.comments {
        assert!(text[comment.range()].starts_with('#'));
    }
    for d in &parsed.diagnostics {
        let labels = d.secondary.iter().map(|l| l.span);
        let edits = d.fix.iter().flat_map(|f| f.edits.iter().map(|(s, _)| *s));
        for span in labels.chain(edits).chain([d.primary.span]) {
            assert!(inside(span), "{span:?} of {} in {text:?}", d.message);
        }
    }
    syntax::dump(&parsed.file, text);
    parsed.diagnostics
}

/// Formats: what can be formatted keeps its meaning and stays as it is when formatted again.
fn format(text: &str) {
    match syntax::format::format(text) {
        Ok(formatted) => {
            let again = syntax::format::format(&formatted);
            assert_eq!(again.as_ref(), Ok(&formatted), "from {text:?}");
        }
        Err(findings) => {
            let defect = findings.iter().any(|d| d.code.name == "format-defect");
            assert!(!defect, "{text:?}");
        }
    }
}

#[test]
fn nesting_without_end() {
    let deep = 10_000;
    for text in [
        "group g { ".repeat(deep),
        "{".repeat(deep),
        format!("receiver r {{ {} }}", "a { ".repeat(deep)),
        format!("receiver r {{ slack {{ x {} }} }}", "[".repeat(deep)),
        format!("route {{ {} }}", "when {a=\"b\"} { ".repeat(deep)),
        format!("environment e {{ {}", "environment f { ".repeat(deep)),
        format!("alert A {{ expr {} }}", "(".repeat(deep)),
        format!("alert A {{ expr {}a }}", "-".repeat(deep)),
        format!("alert A {{ expr {} }}", "{a=\"".repeat(deep)),
        format!("let x = {}", "sum by (a) (".repeat(deep)),
        "}".repeat(deep),
    ] {
        assert!(!parse(&text).is_empty());
        format(&text);
    }
    // The limit is told once, and what follows is read.
    let fields = format!(
        "receiver r {{ slack {{ {} x \"y\" {} }} }}\nalert A {{ xpr a == 0 }}",
        "a { ".repeat(deep),
        "}".repeat(deep)
    );
    let found: Vec<&str> = parse(&fields).iter().map(|d| d.code.name).collect();
    assert_eq!(found, ["nested-too-deep", "unknown-keyword"]);
}

#[test]
fn long_lines_and_many_errors() {
    let long = 300_000;
    for text in [
        "x".repeat(long),
        "\u{0}".repeat(long),
        "\"".repeat(long),
        "`\n".repeat(long / 2),
        "# ".repeat(long / 2),
        "alert A { expr up == 0 } ".repeat(long / 25),
        "sumary x\n".repeat(long / 9),
        "🚨\u{202e}".repeat(long / 7),
        format!("alert A {{ summary \"{}\" }}", "x".repeat(long)),
        format!("alert A {{ expr up{{a=\"{}\"}} == 0 }}", "\\n".repeat(long / 2)),
        "alert A {\n  critical {a=\"b\" \n".repeat(long / 30),
    ] {
        let found = parse(&text);
        assert!(found.len() <= 1001, "{} findings", found.len());
    }
    let found = parse(&"record\n".repeat(5000));
    let last = found.last().map(|d| format!("error[{}]: {}", d.code.name, d.message));
    assert_eq!(
        last.as_deref(),
        Some("error[too-many-errors]: more than 1000 errors: the rest of this file was not read")
    );
}

#[test]
fn every_prefix_of_a_program_has_a_tree() {
    for (i, _) in EVERY_CONSTRUCT.match_indices(|c: char| !c.is_ascii_alphanumeric()) {
        parse(&EVERY_CONSTRUCT[..i]);
        parse(&EVERY_CONSTRUCT[..=i]);
    }
}

/// Removing one line hides nothing that stands elsewhere: a mistake at the end of the file is still found.
#[test]
fn no_broken_line_hides_a_mistake_further_down() {
    let text = format!("{EVERY_CONSTRUCT}\nalert Last {{\n  expr up == 0\n  sumary \"x\"\n}}\n");
    let lines: Vec<&str> = text.lines().collect();
    for removed in 0..lines.len() - 4 {
        let rest: Vec<&str> =
            lines.iter().enumerate().filter(|(i, _)| *i != removed).map(|(_, l)| *l).collect();
        let found = parse(&rest.join("\n"));
        assert!(
            found.iter().any(|d| d.message.contains("`sumary`")),
            "without line {}: {}",
            removed + 1,
            lines[removed]
        );
    }
}

fn mutated() -> impl Strategy<Value = String> {
    let sources: Vec<String> =
        ["every-construct", "ten-mistakes", "half-written", "yaml-habits", "braces", "strings"]
            .iter()
            .map(|n| {
                fs::read_to_string(format!("{}/tests/suite/syntax/{n}.alert", env!("CARGO_MANIFEST_DIR")))
                    .unwrap()
            })
            .collect();
    let piece = prop_oneof![
        prop::sample::select(vec![
            "{",
            "}",
            "(",
            ")",
            "[",
            "]",
            "\"",
            "'",
            "`",
            "#",
            "\n",
            " ",
            ",",
            "=",
            "->",
            "alert A {",
            "expr ",
            "for 5m",
            "\\",
            "$x",
            "{{",
            "80 %",
            "é",
            "🚨",
            "\u{0}",
            "\t",
            "\r\n",
            "- alert:",
            "test \"",
            "offset",
            "-",
        ])
        .prop_map(ToString::to_string),
        "\\PC{0,8}",
    ];
    let edit = (any::<prop::sample::Index>(), 0usize..40, piece);
    (prop::sample::select(sources), prop::collection::vec(edit, 1..6)).prop_map(|(mut text, edits)| {
        for (at, length, piece) in edits {
            let mut start = at.index(text.len() + 1);
            while !text.is_char_boundary(start) {
                start -= 1;
            }
            // Half of the edits insert, half replace.
            let mut end = if length < 20 { start } else { (start + length - 20).min(text.len()) };
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            text.replace_range(start..end.max(start), &piece);
        }
        text
    })
}

/// A program with white space and comments put between its tokens.
fn spread() -> impl Strategy<Value = String> {
    let programs = vec![EVERY_CONSTRUCT, include_str!("../suite/fmt/untidy.alert")];
    let gap =
        prop::sample::select(vec!["\n", " ", "  ", "\n\n", " # c\n", "\n# own\n", "\t", "\r\n", "\n    "]);
    let edits = prop::collection::vec((any::<prop::sample::Index>(), gap), 1..5);
    (prop::sample::select(programs), edits).prop_map(|(program, edits)| {
        let mut text = program.to_string();
        for (at, gap) in edits {
            let places: Vec<usize> =
                text.match_indices([' ', '\n', ',', '{', '}', '=']).map(|(i, _)| i).collect();
            text.insert_str(places[at.index(places.len())], gap);
        }
        text
    })
}

/// The parsed items with other white space between their tokens.
fn respaced() -> impl Strategy<Value = String> {
    let lines: Vec<String> = EVERY_CONSTRUCT.lines().map(ToString::to_string).collect();
    let count = lines.len();
    (prop::collection::vec((0usize..6, 0usize..3, any::<bool>()), count),).prop_map(move |(choices,)| {
        let mut out = String::new();
        for (line, (indent, blank, comment)) in lines.iter().zip(choices) {
            // Inside the backtick string white space is text, and still must be kept.
            out.push_str(&" ".repeat(indent));
            out.push_str(line.trim_start());
            if comment && !line.contains('`') && !line.contains("{{") && indent == 3 {
                out.push_str("  # remark");
            }
            out.push('\n');
            if blank == 2 {
                out.push('\n');
            }
        }
        out
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text(text in "\\PC*|[a-z{}\"#\n =>-]*") {
        parse(&text);
    }

    #[test]
    fn mutated_programs(text in mutated()) {
        let mut sources = Sources::new();
        sources.add("x.alert", text.clone());
        let found = parse(&text);
        to_plain_string(&sources, &found);
        format(&text);
    }

    #[test]
    fn programs_with_gaps_format_to_a_fixed_point(text in spread()) {
        format(&text);
    }

    #[test]
    fn respaced_programs_format_to_the_same_meaning(text in respaced()) {
        let parsed = syntax::parse(FileId(0), &text, &Options::default());
        prop_assert!(parsed.diagnostics.is_empty(), "{text}");
        let formatted = syntax::format::format(&text);
        prop_assert!(formatted.is_ok(), "{formatted:?}\n{text}");
        format(&text);
    }
}
