//! Printing and parsing are inverse, and no text makes the parser panic or run away.

use alertc::promql::ast::{AggregateOp, BinaryOp, ExprKind};
use alertc::promql::parser::{Options, parse, parse_prefix};
use alertc::source::FileId;
use proptest::prelude::*;

use super::{accept, all_features};

/// Texts of expressions that the type checker accepts: vectors from scalars and vectors.
fn vector() -> impl Strategy<Value = String> {
    let duration =
        prop_oneof![Just("5m"), Just("1h30m"), Just("90s"), Just("step()*2"), Just("(1m + 5) ^ 2")];
    let offset = prop_oneof![
        Just(""),
        Just(" offset 5m"),
        Just(" offset -1h"),
        Just(" @ 12.5"),
        Just(" @ end() offset 300")
    ];
    let value = prop_oneof![Just("\"a\\n\\\"b\""), Just("'.*x|y'"), Just("`\\d+`"), Just("\"é😀\"")];
    let matcher = (
        prop_oneof![Just("a"), Just("sum"), Just("\"b c\"")],
        prop_oneof![Just("="), Just("!="), Just("=~"), Just("!~")],
        value,
    )
        .prop_map(|(l, o, v)| format!("{l}{o}{v}"));
    let name =
        prop_oneof![Just("up"), Just("job:x:rate5m"), Just("sum"), Just("offset"), Just("end"), Just("fill")];
    let selector = (name, prop::collection::vec(matcher, 0..3))
        .prop_map(|(n, m)| if m.is_empty() { n.to_string() } else { format!("{n}{{{}}}", m.join(",")) });
    let instant = (selector.clone(), offset.clone()).prop_map(|(s, o)| s + o);
    let over_time = (
        selector,
        duration.clone(),
        prop_oneof![Just(""), Just(" anchored"), Just(" smoothed")],
        offset.clone(),
    )
        .prop_map(|(s, d, e, o)| format!("rate({s}[{d}]{e}{o})"));
    let scalar = prop_oneof![
        Just("1"),
        Just("-0.5"),
        Just("0x1f"),
        Just("Inf"),
        Just("NaN"),
        Just("5m"),
        Just("time()"),
        Just("-(1 + 2) ^ 3"),
        Just("1e-9")
    ];
    prop_oneof![instant, over_time].prop_recursive(5, 40, 3, move |inner| {
        let modifiers = prop_oneof![
            Just(""),
            Just("on (a)"),
            Just("ignoring (\"b c\", by)"),
            Just("on () group_left ()"),
            Just("on (a) group_right (b) fill_left (-1) fill_right (2)"),
            Just("fill (NaN)"),
        ];
        let arithmetic =
            prop::sample::select(BinaryOp::ALL.iter().filter(|o| !o.is_set()).collect::<Vec<_>>());
        let set = prop::sample::select(BinaryOp::ALL.iter().filter(|o| o.is_set()).collect::<Vec<_>>());
        let op = prop::sample::select(AggregateOp::ALL.to_vec());
        let grouping = prop_oneof![Just(""), Just("by (a)"), Just("by ()"), Just("without (\"x.y\", on)")];
        prop_oneof![
            (inner.clone(), arithmetic.clone(), modifiers, inner.clone())
                .prop_map(|(a, o, m, b)| format!("({a}) {} {m} ({b})", o.as_str())),
            (inner.clone(), set, inner.clone())
                .prop_map(|(a, o, b)| format!("({a}) {} on (a) ({b})", o.as_str())),
            (inner.clone(), arithmetic, scalar.clone())
                .prop_map(|(a, o, b)| format!("{a} {} {b}", o.as_str())),
            (op, grouping, inner.clone()).prop_map(|(o, g, e)| {
                let param = match (o.takes_param(), o) {
                    (false, _) => "",
                    (true, AggregateOp::CountValues) => "\"v\", ",
                    (true, _) => "0.5, ",
                };
                format!("{} {g} ({param}{e})", o.as_str())
            }),
            inner.clone().prop_map(|e| format!("({e})")),
            inner.clone().prop_map(|e| format!("-{e}")),
            (inner.clone(), duration.clone(), offset.clone())
                .prop_map(|(e, d, o)| format!("max_over_time(({e})[{d}:1m]{o})")),
            (inner, scalar.clone()).prop_map(|(e, s)| format!("clamp_min({e}, {s})")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn print_then_parse_gives_the_same_tree(text in vector()) {
        let options = all_features();
        let Ok(tree) = accept(&text, &options) else { return Err(TestCaseError::fail(format!("refused: {text}: {:?}", accept(&text, &options)))) };
        let printed = tree.to_string();
        let again = accept(&printed, &options);
        prop_assert!(again.is_ok(), "{text}\nprinted {printed}\n{again:?}");
        let again = again.unwrap();
        prop_assert!(again.same_as(&tree), "{text}\nprinted {printed}");
        prop_assert_eq!(again.to_string(), printed);
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,60}") {
        never_panics(&text);
    }

    #[test]
    fn no_mix_of_tokens_makes_it_panic(tokens in prop::collection::vec(prop::sample::select(TOKENS), 0..25)) {
        never_panics(&tokens.join(" "));
        never_panics(&tokens.concat());
    }
}

const TOKENS: &[&str] = &[
    "sum",
    "by",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    "=",
    "==",
    "=~",
    "!",
    "foo",
    "a:b",
    "5m",
    "80%",
    "%",
    "1e",
    "\"x\"",
    "'",
    "`",
    "\n",
    "for",
    "$x",
    "${y}",
    "->",
    "offset",
    "@",
    "-",
    "+",
    "/",
    "</",
    "and",
    "on",
    "group_left",
    "fill",
    "bool",
    "step()",
    "start()",
    "#c\n",
    "é",
    "\0",
    "anchored",
    "topk",
    "rate",
    "5min",
    "}",
    "alert X {",
];

fn never_panics(text: &str) {
    let (tree, diagnostics) = parse(text, FileId::NONE, 0, &Options::default());
    let mut broken = false;
    tree.walk(&mut |e| {
        broken |= matches!(e.kind, ExprKind::Error | ExprKind::Param(_) | ExprKind::LetCall(_));
    });
    assert!(!broken || !diagnostics.is_empty(), "an error in the tree of {text:?} and no diagnostic");
    for d in &diagnostics {
        for span in [d.primary.span].into_iter().chain(d.secondary.iter().map(|l| l.span)) {
            assert!(text.get(span.range()).is_some(), "{text:?}: {d:?}");
        }
    }
    let stop = |w: &str| matches!(w, "for" | "alert" | "labels");
    let options = Options { params: true, lets: true, stop_word: Some(&stop), ..all_features() };
    let (_, end, _) = parse_prefix(text, 0, FileId::NONE, &options);
    assert!(text.is_char_boundary(end), "{text:?} ends at {end}");
}

#[test]
fn deep_nesting_is_an_error_and_never_an_overflow() {
    for (open, inner, close) in [
        ("(", "1", ")"),
        ("abs(", "x", ")"),
        ("-", "x", ""),
        ("sum by (a) (", "x", ")"),
        ("x[", "5m", "]"),
        ("x offset (", "1", ")"),
        ("x + ", "x", ""),
        ("1 ^ ", "1", ""),
        ("x{", "", "}"),
        ("", "x", "[5m:]"),
        ("sum ", "x", ""),
        ("(", "", ""),
    ] {
        let text = format!("{}{inner}{}", open.repeat(10_000), close.repeat(10_000));
        let (tree, diagnostics) = parse(&text, FileId::NONE, 0, &Options::default());
        assert!(!diagnostics.is_empty(), "{open} is accepted 10,000 times");
        assert!(diagnostics.len() < 300, "{open}: {} diagnostics", diagnostics.len());
        drop(tree);
    }
    let chain = vec!["up"; 490].join(" or ");
    assert!(accept(&chain, &Options::default()).is_ok());
    let nested = format!("{}up{}", "(".repeat(190), ")".repeat(190));
    assert!(accept(&nested, &Options::default()).is_ok());
}
