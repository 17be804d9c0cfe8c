//! Matcher texts, read as the real Alertmanager reads them in its three modes.

use alertc::alertmanager::matcher::{Disagreement, Matcher, Mode, parse};
use alertc::source::FileId;
use alertc::yaml::{Node, read};

/// As the conformance file writes a result.
fn show(text: &str, mode: Mode) -> String {
    let parsed = match parse(text, mode) {
        Ok(parsed) => parsed,
        Err(error) => return format!("ERR {error}"),
    };
    let mut matchers = parsed.matchers;
    matchers.sort();
    let shown = match matchers.as_slice() {
        [] => "default-route".to_string(),
        some => format!("{{{}}}", some.iter().map(Matcher::to_string).collect::<Vec<_>>().join(",")),
    };
    match parsed.disagreement {
        Some(Disagreement::OnlyClassic(_)) => format!("{shown} [FALLBACK→classic]"),
        Some(Disagreement::Otherwise(_)) => format!("{shown} [DISAGREE→classic]"),
        None => shown,
    }
}

#[test]
fn every_text_is_read_as_alertmanager_does() {
    let Some(path) = super::shared("conformance/alertmanager/matchers.yml") else { return };
    // The file shows backquotes as acute accents.
    let text = std::fs::read_to_string(path).unwrap().replace('´', "`");
    let root = read(FileId(0), &text)[0].root.clone().unwrap();
    let cases = root.as_mapping().and_then(|m| m.get("cases")).and_then(Node::as_sequence).unwrap();
    assert!(cases.len() >= 47);
    let mut wrong = Vec::new();
    for case in cases {
        let field = |name: &str| case.as_mapping().and_then(|m| m.get(name)).and_then(Node::as_text).unwrap();
        let input = field("input");
        for (mode, column) in
            [(Mode::Fallback, "default"), (Mode::Classic, "classic"), (Mode::Utf8, "utf8_strict")]
        {
            // Go tells an empty list of matchers from none, which nobody can see.
            let wanted = field(column).replace("default-route [DISAGREE→classic]", "default-route");
            let found = show(input, mode);
            if found != wanted {
                wrong.push(format!("{input:?} {column}\n  wanted {wanted}\n  found  {found}"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn what_is_written_reads_the_same_in_every_mode() {
    use alertc::alertmanager::matcher::Op;
    for value in ["x", "", "a\"b", "a\\b", "a\nb", "a\tb", "b{2}", "é", "a,b", "{}", " x "] {
        for op in [Op::Equal, Op::NotEqual] {
            let matcher = Matcher::new("label", op, value).unwrap();
            for mode in [Mode::Classic, Mode::Utf8, Mode::Fallback] {
                let read = parse(&matcher.to_config(), mode).map(|p| p.matchers);
                assert_eq!(read, Ok(vec![matcher.clone()]), "{value:?} {mode:?}");
            }
        }
    }
}
