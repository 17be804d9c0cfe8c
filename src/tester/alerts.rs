//! Expected alerts beside actual ones: which differ, and in what.

use std::collections::BTreeMap;

use crate::gostd::strconv::quote;

/// Labels and annotations of an alert.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Shown {
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) annotations: BTreeMap<String, String>,
}

/// Nothing when both are the same, in any order; otherwise what differs, line by line.
pub(super) fn difference(mut expected: Vec<Shown>, mut actual: Vec<Shown>) -> Option<Vec<String>> {
    expected.sort();
    actual.sort();
    if expected == actual {
        return None;
    }
    let mut missing = Vec::new();
    for alert in expected {
        match actual.iter().position(|a| *a == alert) {
            Some(at) => {
                actual.remove(at);
            }
            None => missing.push(alert),
        }
    }
    let mut lines = Vec::new();
    // Pairs that have most in common first.
    while let Some((e, a)) = closest(&missing, &actual) {
        let (expected, found) = (missing.remove(e), actual.remove(a));
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.extend(side_by_side(&expected, &found));
    }
    lines.extend(missing.iter().map(|m| format!("missing     {}", braces(&m.labels))));
    lines.extend(actual.iter().map(|a| format!("unexpected  {}", braces(&a.labels))));
    Some(lines)
}

/// More pairs than this are not looked through: their order decides.
const MANY: usize = 200;

fn closest(expected: &[Shown], actual: &[Shown]) -> Option<(usize, usize)> {
    let common = |a: &BTreeMap<String, String>, b: &BTreeMap<String, String>| {
        a.iter().filter(|(k, v)| b.get(*k) == Some(v)).count()
    };
    let mut best = None;
    for (e, wanted) in expected.iter().enumerate().take(MANY) {
        for (a, found) in actual.iter().enumerate().take(MANY) {
            let score =
                2 * common(&wanted.labels, &found.labels) + common(&wanted.annotations, &found.annotations);
            if best.is_none_or(|(most, _, _)| score > most) {
                best = Some((score, e, a));
            }
        }
    }
    best.map(|(_, e, a)| (e, a))
}

/// The fields in which two alerts differ, expected and actual beneath each other.
fn side_by_side(expected: &Shown, actual: &Shown) -> Vec<String> {
    let mut lines = vec![braces(&actual.labels)];
    let parts = [
        ("label", &expected.labels, &actual.labels),
        ("annotation", &expected.annotations, &actual.annotations),
    ];
    for (kind, wanted, found) in parts {
        let mut names: Vec<&String> = wanted.keys().chain(found.keys()).collect();
        names.sort();
        names.dedup();
        for name in names {
            let (wanted, found) = (wanted.get(name), found.get(name));
            if wanted == found {
                continue;
            }
            let text = |value: Option<&String>| value.map_or("(none)".to_string(), |v| quote(v));
            let (wanted, found) = (text(wanted), text(found));
            lines.push(format!("  {kind} {name}"));
            lines.push(format!("    expected  {wanted}"));
            lines.push(format!("    actual    {found}"));
            if let Some(mark) = mark(&wanted, &found) {
                lines.push(format!("              {mark}"));
            }
        }
    }
    lines
}

/// A caret under the first character that differs, where the texts begin alike.
fn mark(wanted: &str, found: &str) -> Option<String> {
    let same = wanted.chars().zip(found.chars()).take_while(|(a, b)| a == b).count();
    (2..100).contains(&same).then(|| format!("{}^", " ".repeat(same)))
}

fn braces(labels: &BTreeMap<String, String>) -> String {
    let pairs: Vec<String> = labels.iter().map(|(k, v)| format!("{k}={}", quote(v))).collect();
    format!("{{{}}}", pairs.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(labels: &[(&str, &str)], annotations: &[(&str, &str)]) -> Shown {
        let map =
            |pairs: &[(&str, &str)]| pairs.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
        Shown { labels: map(labels), annotations: map(annotations) }
    }

    #[test]
    fn only_what_differs_is_told() {
        let a = shown(&[("job", "a"), ("severity", "page")], &[("summary", "It is 90% full")]);
        let b = shown(&[("job", "b"), ("severity", "page")], &[]);
        assert_eq!(difference(vec![a.clone(), b.clone()], vec![b.clone(), a.clone()]), None);
        let other = shown(&[("job", "a"), ("severity", "page")], &[("summary", "It is 91% full")]);
        let lines = difference(vec![a, b], vec![other]).unwrap();
        let wanted = [
            r#"{job="a", severity="page"}"#,
            "  annotation summary",
            r#"    expected  "It is 90% full""#,
            r#"    actual    "It is 91% full""#,
            "                      ^",
            r#"missing     {job="b", severity="page"}"#,
        ];
        assert_eq!(lines, wanted);
    }
}
