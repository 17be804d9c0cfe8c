//! Expected alerts beside actual ones: which differ, and in what.

use std::collections::BTreeMap;

use crate::gostd::regexp::Regexp;
use crate::gostd::strconv::quote;

/// Labels and annotations of an alert.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Shown {
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) annotations: BTreeMap<String, String>,
}

/// What an alert should be like.
#[derive(Debug, Clone, Default)]
pub(crate) struct Expected {
    /// Labels and annotations as they should be.
    pub(crate) exact: Shown,
    /// What they should match.
    pub(crate) label_patterns: Vec<(String, Pattern)>,
    pub(crate) annotation_patterns: Vec<(String, Pattern)>,
    /// Labels and annotations that are not named may be there.
    pub(crate) partial: bool,
}

/// A regular expression as it was written.
#[derive(Debug, Clone)]
pub(crate) struct Pattern {
    pub(crate) text: String,
    pub(crate) regexp: Regexp,
}

impl Expected {
    fn is_exact(&self) -> bool {
        !self.partial && self.label_patterns.is_empty() && self.annotation_patterns.is_empty()
    }

    fn accepts(&self, actual: &Shown) -> bool {
        self.fields(actual).all(|field| field.accepted)
    }

    /// Every label and annotation that counts: of the expectation, and of the alert where all are to be named.
    fn fields<'a>(&'a self, actual: &'a Shown) -> impl Iterator<Item = Field<'a>> {
        let label = ("label", &self.exact.labels, &self.label_patterns, &actual.labels);
        let annotation =
            ("annotation", &self.exact.annotations, &self.annotation_patterns, &actual.annotations);
        [label, annotation].into_iter().flat_map(|(kind, exact, patterns, actual)| {
            let extra = actual.keys().filter(|_| !self.partial);
            let mut names: Vec<&String> =
                exact.keys().chain(patterns.iter().map(|(n, _)| n)).chain(extra).collect();
            names.sort();
            names.dedup();
            names.into_iter().map(move |name| {
                let found = actual.get(name);
                let pattern = patterns.iter().find(|(n, _)| n == name).map(|(_, p)| p);
                let (wanted, accepted) = match pattern {
                    Some(p) => (Some(Wanted::Like(p)), found.is_some_and(|f| p.regexp.is_match(f))),
                    None => (exact.get(name).map(Wanted::Exactly), exact.get(name) == found),
                };
                Field { kind, name, wanted, found, accepted }
            })
        })
    }
}

/// A label or annotation, expected and actual.
struct Field<'a> {
    kind: &'static str,
    name: &'a str,
    wanted: Option<Wanted<'a>>,
    found: Option<&'a String>,
    accepted: bool,
}

enum Wanted<'a> {
    Exactly(&'a String),
    Like(&'a Pattern),
}

/// Nothing when each alert is an expected one and the other way round, in any order; otherwise what differs, line by
/// line.
pub(super) fn difference(expected: &[Expected], mut actual: Vec<Shown>) -> Option<Vec<String>> {
    actual.sort();
    let partners = partners(expected, &actual);
    let mut missing: Vec<&Expected> =
        expected.iter().zip(&partners).filter(|(_, p)| p.is_none()).map(|(e, _)| e).collect();
    missing.sort_by(|a, b| a.exact.cmp(&b.exact));
    let mut taken = vec![false; actual.len()];
    for partner in partners.into_iter().flatten() {
        if let Some(slot) = taken.get_mut(partner) {
            *slot = true;
        }
    }
    let mut rest = taken.into_iter();
    actual.retain(|_| !rest.next().unwrap_or(false));
    if missing.is_empty() && actual.is_empty() {
        return None;
    }
    let mut lines = Vec::new();
    // Pairs that have most in common first.
    while let Some((e, a)) = closest(&missing, &actual) {
        let (expected, found) = (missing.remove(e), actual.remove(a));
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.extend(side_by_side(expected, &found));
    }
    lines.extend(
        missing.iter().map(|m| format!("missing     {}", braces(&m.exact.labels, &m.label_patterns))),
    );
    lines.extend(actual.iter().map(|a| format!("unexpected  {}", braces(&a.labels, &[]))));
    Some(lines)
}

/// For each expectation the alert, by its number, that it is given: as many as possible get one, each alert goes to
/// one at most.
fn partners(expected: &[Expected], actual: &[Shown]) -> Vec<Option<usize>> {
    let mut partner: Vec<Option<usize>> = vec![None; expected.len()];
    let mut owner: Vec<Option<usize>> = vec![None; actual.len()];
    for (e, wanted) in expected.iter().enumerate().filter(|(_, w)| w.is_exact()) {
        // The alerts are sorted; equal ones stand together.
        let first = actual.partition_point(|a| *a < wanted.exact);
        let free = (first..actual.len())
            .take_while(|at| actual.get(*at) == Some(&wanted.exact))
            .find(|at| owner.get(*at) == Some(&None));
        if let Some(slot) = free.and_then(|at| owner.get_mut(at)) {
            *slot = Some(e);
            partner[e] = free;
        }
    }
    // Patterns may accept several alerts: along alternating paths each finds the one it can have (Kuhn's algorithm).
    for (e, _) in expected.iter().enumerate().filter(|(_, w)| !w.is_exact()) {
        let mut seen = vec![false; actual.len()];
        let mut path: Vec<(usize, usize)> = vec![(e, 0)];
        while let Some((seeker, from)) = path.last().copied() {
            let next = (from..actual.len()).find(|at| !seen[*at] && expected[seeker].accepts(&actual[*at]));
            let Some(at) = next else {
                path.pop();
                continue;
            };
            seen[at] = true;
            if let Some(last) = path.last_mut() {
                last.1 = at + 1;
            }
            match owner[at] {
                Some(other) => path.push((other, 0)),
                None => {
                    // Each on the path takes the alert it has just come to.
                    for (seeker, behind) in &path {
                        partner[*seeker] = Some(behind - 1);
                        owner[behind - 1] = Some(*seeker);
                    }
                    break;
                }
            }
        }
    }
    partner
}

/// More pairs than this are not looked through: their order decides.
const MANY: usize = 200;

fn closest(expected: &[&Expected], actual: &[Shown]) -> Option<(usize, usize)> {
    let mut best = None;
    for (e, wanted) in expected.iter().enumerate().take(MANY) {
        for (a, found) in actual.iter().enumerate().take(MANY) {
            let weight = |f: &Field<'_>| if f.kind == "label" { 2 } else { 1 };
            let score: usize = wanted.fields(found).filter(|f| f.accepted).map(|f| weight(&f)).sum();
            if best.is_none_or(|(most, _, _)| score > most) {
                best = Some((score, e, a));
            }
        }
    }
    best.map(|(_, e, a)| (e, a))
}

/// The fields in which two alerts differ, expected and actual beneath each other.
fn side_by_side(expected: &Expected, actual: &Shown) -> Vec<String> {
    let mut lines = vec![braces(&actual.labels, &[])];
    for Field { kind, name, wanted, found, .. } in expected.fields(actual).filter(|f| !f.accepted) {
        let text = |value: Option<&String>| value.map_or("(none)".to_string(), |v| quote(v));
        let (word, wanted) = match wanted {
            Some(Wanted::Like(pattern)) => ("like    ", quote(&pattern.text)),
            Some(Wanted::Exactly(value)) => ("expected", quote(value)),
            None => ("expected", text(None)),
        };
        let found = text(found);
        lines.push(format!("  {kind} {name}"));
        lines.push(format!("    {word}  {wanted}"));
        lines.push(format!("    actual    {found}"));
        if let Some(mark) = mark(&wanted, &found).filter(|_| word == "expected") {
            lines.push(format!("              {mark}"));
        }
    }
    lines
}

/// A caret under the first character that differs, where the texts begin alike.
fn mark(wanted: &str, found: &str) -> Option<String> {
    let same = wanted.chars().zip(found.chars()).take_while(|(a, b)| a == b).count();
    (2..100).contains(&same).then(|| format!("{}^", " ".repeat(same)))
}

fn braces(labels: &BTreeMap<String, String>, patterns: &[(String, Pattern)]) -> String {
    let mut pairs: Vec<String> = labels.iter().map(|(k, v)| format!("{k}={}", quote(v))).collect();
    pairs.extend(patterns.iter().map(|(k, p)| format!("{k}=~{}", quote(&p.text))));
    pairs.sort();
    format!("{{{}}}", pairs.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gostd::regexp::Anchor;

    fn shown(labels: &[(&str, &str)], annotations: &[(&str, &str)]) -> Shown {
        let map =
            |pairs: &[(&str, &str)]| pairs.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
        Shown { labels: map(labels), annotations: map(annotations) }
    }

    fn exactly(shown: &Shown) -> Expected {
        Expected { exact: shown.clone(), ..Expected::default() }
    }

    #[test]
    fn only_what_differs_is_told() {
        let a = shown(&[("job", "a"), ("severity", "page")], &[("summary", "It is 90% full")]);
        let b = shown(&[("job", "b"), ("severity", "page")], &[]);
        assert_eq!(difference(&[exactly(&a), exactly(&b)], vec![b.clone(), a.clone()]), None);
        let other = shown(&[("job", "a"), ("severity", "page")], &[("summary", "It is 91% full")]);
        let lines = difference(&[exactly(&a), exactly(&b)], vec![other]).unwrap();
        let wanted = [
            r#"{job="a", severity="page"}"#,
            "  annotation summary",
            r#"    expected  "It is 90% full""#,
            r#"    actual    "It is 91% full""#,
            "                      ^",
            r#"missing     {job="b", severity="page"}"#,
        ];
        assert_eq!(lines, wanted);
        let twice = difference(&[exactly(&a)], vec![a.clone(), a.clone()]).unwrap();
        assert_eq!(twice, [r#"unexpected  {job="a", severity="page"}"#]);
    }

    #[test]
    fn patterns_leave_each_other_what_they_need() {
        let like = |pattern: &str| Expected {
            label_patterns: vec![(
                "job".to_string(),
                Pattern {
                    text: pattern.to_string(),
                    regexp: Regexp::new(pattern, Anchor::Prometheus).unwrap(),
                },
            )],
            partial: true,
            ..Expected::default()
        };
        let jobs = |names: &[&str]| -> Vec<Shown> {
            names.iter().map(|n| shown(&[("job", n), ("x", "y")], &[("summary", "s")])).collect()
        };
        // The first could have any, but the second only a, and the third only b.
        let expected = [like(".*"), like("a|c"), like("a|b")];
        assert_eq!(difference(&expected, jobs(&["a", "b", "c"])), None);
        let expected = [like(".*"), like("a"), like("a")];
        let wanted = [r#"{job="c", x="y"}"#, "  label job", r#"    like      "a""#, r#"    actual    "c""#];
        assert_eq!(difference(&expected, jobs(&["a", "b", "c"])).unwrap(), wanted);
    }
}
