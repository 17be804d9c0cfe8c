//! Templates that are broken, hostile or without end.

use alertc::gotemplate::alertmanager::{Data, Templates};
use alertc::gotemplate::prometheus::{AlertData, LATEST, RuleTemplate, functions};
use alertc::gotemplate::{Environment, StringMap, Value};
use proptest::prelude::*;

fn expand(text: &str) -> String {
    let data = AlertData::new(StringMap::new([("x", "abc")]), StringMap::default(), "", Value::Float(1.5));
    match RuleTemplate::parse("A", text, functions(LATEST)) {
        Ok(template) => template.expand(&data, &Environment::default()),
        Err(error) => {
            assert!(error.offset + error.length <= text.len(), "{text}: {error:?}");
            error.to_string()
        }
    }
}

#[test]
fn what_never_ends_is_stopped() {
    for (text, reason) in [
        ("{{ range 1000000000000 }}{{ end }}", "the template does not end: stopped after 1000000 steps"),
        ("{{ range 1000000000000 }}xxxxxxxxxxxxxxxx{{ end }}", "the output is larger than 4194304 bytes"),
        (
            "{{ define \"t\" }}{{ template \"t\" }}{{ end }}{{ template \"t\" }}",
            "exceeded maximum template depth",
        ),
        (
            "{{ $x := \"ab\" }}{{ range 64 }}{{ $x = print $x $x }}{{ end }}",
            "the text is larger than 4194304 bytes",
        ),
        (
            "{{ $x := \"ab\" }}{{ range 64 }}{{ $x = reReplaceAll \"\" $x $x }}{{ end }}",
            "the replaced text is too large",
        ),
        ("{{ printf \"%1000000[1]d%1000000[1]d%1000000[1]d%1000000[1]d%1000000[1]d\" 1 }}", "larger than"),
        (
            "{{ $x := printf \"%1000000d\" 1 }}{{ range 1000000 }}{{ $y := urlquery $x }}{{ end }}",
            "does not end",
        ),
    ] {
        let got = expand(text);
        assert!(got.contains(reason), "{text}\n{}", got.chars().take(400).collect::<String>());
    }
    let list = "{{ $x := list 1 }}{{ range 100000 }}{{ $x = append $x . }}{{ end }}";
    let error = Templates::default().expand(list, &Data::default(), &Environment::default()).unwrap_err();
    assert!(error.reason.contains("does not end"), "{error}");
}

#[test]
fn deep_nesting_is_refused() {
    for text in ["{{ if true }}".repeat(10_000), format!("{{{{ {} }}}}", "(".repeat(10_000))] {
        assert!(expand(&text).ends_with("nested deeper than 100 levels"));
    }
    let long = format!("{}{}", "{{ if true }}".repeat(40), "{{ end }}".repeat(40));
    assert_eq!(expand(&long), "");
}

#[test]
fn errors_point_into_the_text() {
    let error = RuleTemplate::parse("A", "é\n{{ $labels.x }} {{ nope 1 }}", functions(LATEST)).unwrap_err();
    assert_eq!(error.message, "template: __alert_A:2: function \"nope\" not defined");
    assert_eq!((error.reason.as_str(), error.offset, error.length), ("function \"nope\" not defined", 22, 4));
    let template = RuleTemplate::parse("A", "ab {{ $value.foo }}", functions(LATEST)).unwrap();
    let data = AlertData::new(StringMap::default(), StringMap::default(), "", Value::Float(1.0));
    let error = template.execute(&data, &Environment::default()).unwrap_err();
    assert_eq!((error.reason.as_str(), error.offset), ("can't evaluate field foo in type float64", 12));
}

proptest! {
    #[test]
    fn any_text_gets_an_answer(text in any::<String>()) {
        expand(&text);
        expand(&format!("{{{{ {text} }}}}"));
    }

    #[test]
    fn any_pieces_get_an_answer(pieces in prop::collection::vec(prop::sample::select(vec![
        "{{", "}}", "{{- ", " -}}", "if ", "else ", "end ", "range ", "with ", "define ", "block ", "template ", "break ",
        "$x", " := ", " = ", " | ", "(", ")", "\"a\"", "`r`", "'c'", ".", ".Labels", "$labels", "1", "1.5", "-3", "nil",
        "true", "eq ", "len ", "print ", "printf \"%*d\" ", "index ", "slice ", " ", "\n", ",", "/*", "*/", "{{end}}",
        "{{else}}", "{{if true}}", "{{range $labels}}", "{{define \"t\"}}", "{{template \"t\" .}}", "é", "\"", "'", "\\",
    ]), 0..24)) {
        expand(&pieces.concat());
        expand(&format!("{{{{ {} }}}}", pieces.concat()));
    }

    #[test]
    fn any_format_gets_an_answer(format in "(%[#0+ -]{0,2}([0-9]{1,3}|[*])?([.][0-9*]{0,2})?([\\[][0-9]?[\\]])?[a-zA-Z!]|x|é){0,6}") {
        for args in ["", "1", "$value \"a\"", "nil $labels", "(toTime 1) (toTime 1).Month 'a'"] {
            expand(&format!("{{{{ printf `{format}` {args} }}}}"));
        }
    }

    #[test]
    fn any_html_gets_an_answer(before in "[<>a-z\"'=/! -]{0,16}", value in any::<String>()) {
        let data = Data { status: value, ..Data::default() };
        let text = format!("{before}{{{{ .Status }}}}");
        if let Err(error) = Templates::default().expand_html(&text, &data, &Environment::default()) {
            prop_assert!(error.reason.starts_with("a value cannot be escaped here"));
        }
    }
}
