//! Arbitrary bytes never panic, and mutilated real files neither.

use alertc::existing::{Kind, Options, check};
use alertc::source::FileId;
use proptest::prelude::*;

const KINDS: [Option<Kind>; 4] =
    [None, Some(Kind::RuleFile), Some(Kind::Manifest), Some(Kind::AlertmanagerConfig)];

/// Every span lies in the text, on the borders of characters.
fn sound(text: &str) {
    for kind in KINDS {
        for diagnostic in check(FileId(0), text, &Options { kind, ..Options::default() }).diagnostics {
            let labels = diagnostic.secondary.iter().map(|l| l.span);
            let edits = diagnostic.fix.iter().flat_map(|f| f.edits.iter().map(|(span, _)| *span));
            for span in labels.chain(edits).chain([diagnostic.primary.span]) {
                assert!(text.get(span.range()).is_some(), "{span:?} of {text:?}: {diagnostic:?}");
            }
        }
    }
}

const RULES: &str = "groups:\n- name: é\n  interval: 1m\n  rules:\n  - alert: A\n    expr: |\n      up{a=\"b\"}\n        > 1\n    for: 5m\n    labels: &l {severity: page, \"x\": 'it''s'}\n    annotations:\n      summary: \"{{ $value }} \\u00e9\\n\"\n  - record: a:b\n    expr: >-\n      sum(\n      x)\n    labels:\n      <<: *l\n";
const CONFIG: &str = "global: {resolve_timeout: 5m, slack_api_url: 'https://h/x'}\nroute:\n  receiver: a\n  group_by: [x, '...']\n  routes:\n  - matchers: ['é=~\"b{2}\"', \"c=d\"]\n    mute_time_intervals: [n]\n    match_re: {a: '(b'}\nreceivers:\n- name: a\n  slack_configs:\n  - {channel: '#x', fields: [{title: a}]}\n  webhook_configs: [{url: 'http://h/{{ .x }}'}]\ntime_intervals:\n- name: n\n  time_intervals: [{times: [{start_time: '09:00', end_time: '24:00'}], months: ['5:x']}]\n";

/// A quadratic step anywhere would take minutes here.
#[test]
fn huge_files_are_read_in_linear_time() {
    let many =
        |count: usize, line: &str| (0..count).map(|i| line.replace('#', &i.to_string())).collect::<String>();
    let labels = format!(
        "groups:\n- name: a\n  labels:\n{}  rules:\n  - alert: A\n    expr: up\n    labels:\n{}",
        many(20_000, "    g#: v\n"),
        many(20_000, "      k#: v\n")
    );
    assert!(check(FileId(0), &labels, &Options::default()).diagnostics.is_empty());
    let routes = format!(
        "route:\n  receiver: r0\n  routes:\n{}receivers:\n{}",
        many(2_000, "  - {receiver: r#, matchers: [a#=b]}\n"),
        many(2_000, "- name: r#\n")
    );
    assert!(check(FileId(0), &routes, &Options::default()).diagnostics.is_empty());
    let wrong = format!("groups: []\n{}", many(20_000, "key#: v\n"));
    assert_eq!(check(FileId(0), &wrong, &Options::default()).diagnostics.len(), 1000);
    sound(&format!("groups: [{{name: {}", "a".repeat(500_000)));
    sound(&"- [a, {b: c}]\n".repeat(10_000));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        sound(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn any_yaml(text in "[a-c:{}\\[\\]|>&*!'\"\\\\#%@,? \n\t-]{0,80}") {
        sound(&text);
    }

    #[test]
    fn mutilated_files(which in any::<bool>(), at in 0usize..900, cut in 0usize..30, put in "[ -~\n\té]{0,4}") {
        let text = if which { RULES } else { CONFIG };
        let border = |mut i: usize| { i = i.min(text.len()); while !text.is_char_boundary(i) { i -= 1 } i };
        let (start, end) = (border(at), border(at + cut));
        sound(&format!("{}{put}{}", &text[..start], &text[end..]));
    }
}
