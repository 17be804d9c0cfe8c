//! Whether there is any label set at all that passes some matchers and that others refuse.
//!
//! The values of a label are cut into classes that its matchers see alike: each value that a matcher names, and the
//! values that begin as a pattern `a.*` wants. A pattern of any other form may match what is in a class or not, so a
//! class stands once for each answer. What is found impossible therefore is.

use std::collections::{BTreeMap, BTreeSet};

use super::matcher::{Matcher, Op};
use super::worlds::beginnings;

/// Most patterns of a form that is not looked into, on one label: each doubles the classes.
const MAX_OPAQUE: usize = 5;
/// Most answers kept for one label; a label with more is taken as unknown.
const MAX_ANSWERS: usize = 1_000_000;
/// Most sets of matchers that all questions together look at; what is asked then is taken as possible.
const MAX_STEPS: usize = 300_000;

/// Matchers as a [`Space`] sees them.
#[derive(Debug, Clone, Default)]
pub struct Conditions(Vec<Condition>);

#[derive(Debug, Clone, Copy)]
struct Condition {
    label: usize,
    pattern: usize,
    /// True for `!=` and `!~`.
    negated: bool,
}

/// What a set of matchers can tell apart.
#[derive(Debug)]
pub struct Space<'m> {
    numbers: BTreeMap<&'m str, usize>,
    labels: Vec<Label<'m>>,
    steps: usize,
}

#[derive(Debug)]
struct Label<'m> {
    patterns: BTreeMap<(bool, &'m str), usize>,
    /// The classes that each pattern matches.
    matching: Vec<Bits>,
    all: Bits,
    /// True when there are too many classes.
    is_unknown: bool,
}

/// A set of classes.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Bits(Vec<u64>);

impl Bits {
    fn none(count: usize) -> Bits {
        Bits(vec![0; count.div_ceil(64)])
    }

    fn insert(&mut self, at: usize) {
        if let Some(word) = self.0.get_mut(at / 64) {
            *word |= 1 << (at % 64);
        }
    }

    fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    /// Keeps what is in the other, or, negated, what is not.
    fn keep(&mut self, other: &Bits, negated: bool) {
        for (own, other) in self.0.iter_mut().zip(&other.0) {
            *own &= if negated { !other } else { *other };
        }
    }

    fn kept(&self, other: &Bits, negated: bool) -> Bits {
        let mut found = self.clone();
        found.keep(other, negated);
        found
    }
}

/// For each label that anything is asked of, the classes that are left.
type Domains = BTreeMap<usize, Bits>;

impl<'m> Space<'m> {
    /// What these matchers can tell apart.
    pub fn new(matchers: &[&'m Matcher]) -> Space<'m> {
        let mut by_label: BTreeMap<&str, Vec<&Matcher>> = BTreeMap::new();
        for matcher in matchers {
            by_label.entry(matcher.name()).or_default().push(matcher);
        }
        let numbers = by_label.keys().enumerate().map(|(number, name)| (*name, number)).collect();
        let labels = by_label.values().map(|own| Label::new(own)).collect();
        Space { numbers, labels, steps: MAX_STEPS }
    }

    /// Matchers that the space was made of.
    pub fn conditions(&self, matchers: &[Matcher]) -> Conditions {
        let found = matchers.iter().filter_map(|matcher| {
            let label = *self.numbers.get(matcher.name())?;
            let known = self.labels.get(label).filter(|l| !l.is_unknown)?;
            let pattern = *known.patterns.get(&key(matcher))?;
            Some(Condition { label, pattern, negated: matches!(matcher.op(), Op::NotEqual | Op::NotMatch) })
        });
        let found: Vec<Condition> = found.collect();
        Conditions(found)
    }

    /// Whether matchers say more than the space knows of them.
    fn is_whole(&self, matchers: &[Matcher], conditions: &Conditions) -> bool {
        matchers.len() == conditions.0.len()
    }

    /// Matchers that all refuse what they are asked of only when it is known how; none when some can't be judged.
    pub fn refusal(&self, matchers: &[Matcher]) -> Option<Conditions> {
        let found = self.conditions(matchers);
        self.is_whole(matchers, &found).then_some(found)
    }

    /// False when surely no label set passes all of `passed` and is refused by every one of `refused`.
    pub fn may_be(&mut self, passed: &[&Conditions], refused: &[&Conditions]) -> bool {
        let Some(domains) = self.domains(passed) else { return false };
        self.solve(domains, refused.to_vec())
    }

    /// False when surely the label has different values in what passes the one and what passes the other.
    pub fn may_agree(&self, label: &str, one: &Conditions, other: &Conditions) -> bool {
        let Some(number) = self.numbers.get(label) else { return true };
        let (Some(mut one), Some(other)) = (self.domains(&[one]), self.domains(&[other])) else {
            return false;
        };
        match (one.get_mut(number), other.get(number)) {
            (Some(one), Some(other)) => {
                one.keep(other, false);
                !one.is_empty()
            }
            _ => true,
        }
    }

    /// What is left of each label; none when nothing is left of one.
    fn domains(&self, passed: &[&Conditions]) -> Option<Domains> {
        let mut domains = Domains::new();
        for condition in passed.iter().flat_map(|c| &c.0) {
            self.restrict(&mut domains, *condition, condition.negated);
        }
        domains.values().all(|left| !left.is_empty()).then_some(domains)
    }

    fn restrict(&self, domains: &mut Domains, condition: Condition, negated: bool) {
        if let Some((label, matching)) = self.classes(condition) {
            domains.entry(condition.label).or_insert_with(|| label.all.clone()).keep(matching, negated);
        }
    }

    fn classes(&self, condition: Condition) -> Option<(&Label<'m>, &Bits)> {
        let label = self.labels.get(condition.label)?;
        Some((label, label.matching.get(condition.pattern)?))
    }

    /// The classes left of the condition's label in which it holds, or does not.
    fn left(&self, domains: &Domains, condition: Condition, holds: bool) -> Bits {
        let Some((label, matching)) = self.classes(condition) else { return Bits(Vec::new()) };
        let domain = domains.get(&condition.label).unwrap_or(&label.all);
        domain.kept(matching, condition.negated == holds)
    }

    fn solve(&mut self, mut domains: Domains, mut refused: Vec<&Conditions>) -> bool {
        loop {
            let before = refused.len();
            let mut forced = None;
            for one in std::mem::take(&mut refused) {
                if self.steps == 0 {
                    return true;
                }
                self.steps -= 1;
                // Refused whatever else is chosen.
                if one.0.iter().any(|c| self.left(&domains, *c, true).is_empty()) {
                    continue;
                }
                let open: Vec<Condition> =
                    one.0.iter().filter(|c| !self.left(&domains, **c, false).is_empty()).copied().collect();
                match open.as_slice() {
                    [] => return false,
                    [only] => {
                        self.restrict(&mut domains, *only, !only.negated);
                        forced = Some(());
                    }
                    _ => refused.push(one),
                }
            }
            self.choose_freely(&mut domains, &mut refused);
            if refused.is_empty() {
                return true;
            }
            if forced.is_none() && refused.len() == before {
                break;
            }
        }
        let Some(first) = refused.pop() else { return true };
        first.0.iter().any(|condition| {
            if self.left(&domains, *condition, false).is_empty() {
                return false;
            }
            let mut tried = domains.clone();
            self.restrict(&mut tried, *condition, !condition.negated);
            self.solve(tried, refused.clone())
        })
    }

    /// Where one choice of a label's value is refused by all that ask for it, nothing speaks against it.
    fn choose_freely(&self, domains: &mut Domains, refused: &mut Vec<&Conditions>) {
        let mut common: BTreeMap<usize, Bits> = BTreeMap::new();
        for condition in refused.iter().flat_map(|c| &c.0) {
            let Some((label, matching)) = self.classes(*condition) else { continue };
            let start = || domains.get(&condition.label).unwrap_or(&label.all).clone();
            common.entry(condition.label).or_insert_with(start).keep(matching, !condition.negated);
        }
        common.retain(|_, left| !left.is_empty());
        refused.retain(|one| !one.0.iter().any(|c| common.contains_key(&c.label)));
        domains.extend(common);
    }
}

fn key(matcher: &Matcher) -> (bool, &str) {
    (matches!(matcher.op(), Op::Match | Op::NotMatch), matcher.value())
}

impl<'m> Label<'m> {
    fn new(matchers: &[&'m Matcher]) -> Label<'m> {
        let mut distinct: BTreeMap<(bool, &str), &Matcher> = BTreeMap::new();
        for matcher in matchers {
            distinct.entry(key(matcher)).or_insert(matcher);
        }
        // How a pattern's values begin, and whether more may follow; none for one that is not looked into.
        let forms: Vec<Option<Vec<(String, bool)>>> = distinct
            .iter()
            .map(|((is_pattern, value), _)| match is_pattern {
                true => beginnings(value),
                false => Some(vec![((*value).to_string(), false)]),
            })
            .collect();
        // No label, and the values that matchers name; then values with a beginning that are none of these.
        let mut named = BTreeSet::from([String::new()]);
        let mut begun = BTreeSet::from([String::new()]);
        for (text, open) in forms.iter().flatten().flatten() {
            named.insert(text.clone());
            if *open {
                begun.insert(text.clone());
            }
        }
        let opaque = forms.iter().filter(|f| f.is_none()).count();
        let copies = 1 << opaque.min(MAX_OPAQUE);
        let count = named.len() + begun.len() * copies;
        let patterns = distinct.keys().enumerate().map(|(number, key)| (*key, number)).collect();
        let is_unknown = opaque > MAX_OPAQUE || count.saturating_mul(forms.len()) > MAX_ANSWERS;
        if is_unknown {
            return Label { patterns, matching: Vec::new(), all: Bits(Vec::new()), is_unknown };
        }
        let mut all = Bits::none(count);
        (0..count).for_each(|class| all.insert(class));
        let mut seen = 0;
        let matching = distinct.values().zip(&forms).map(|(matcher, form)| {
            let mut found = Bits::none(count);
            let negated = matches!(matcher.op(), Op::NotEqual | Op::NotMatch);
            for (class, value) in named.iter().enumerate() {
                if matcher.matches(value) != negated {
                    found.insert(class);
                }
            }
            for (number, beginning) in begun.iter().enumerate() {
                for copy in 0..copies {
                    let holds = match form {
                        Some(form) => form.iter().any(|(text, open)| *open && beginning.starts_with(text)),
                        None => copy >> seen & 1 == 1,
                    };
                    if holds {
                        found.insert(named.len() + number * copies + copy);
                    }
                }
            }
            seen += usize::from(form.is_none());
            found
        });
        Label { patterns, matching: matching.collect(), all, is_unknown }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alertmanager::matcher::{Mode, parse};

    fn matchers(text: &str) -> Vec<Matcher> {
        parse(text, Mode::Fallback).unwrap().matchers
    }

    /// Whether something passes the first and is refused by all others.
    fn possible(passed: &str, refused: &[&str]) -> bool {
        let passed = matchers(passed);
        let refused: Vec<Vec<Matcher>> = refused.iter().map(|r| matchers(r)).collect();
        let all: Vec<&Matcher> = passed.iter().chain(refused.iter().flatten()).collect();
        let mut space = Space::new(&all);
        let refused: Vec<Conditions> = refused.iter().map(|r| space.conditions(r)).collect();
        let passed = space.conditions(&passed);
        space.may_be(&[&passed], &refused.iter().collect::<Vec<_>>())
    }

    #[test]
    fn what_is_impossible_is_found_and_nothing_else() {
        for (passed, refused, wanted) in [
            (r#"a="1",a="2""#, &[][..], false),
            (r#"a="1",a=~"1|2""#, &[], true),
            (r#"a="",a=~".+""#, &[], false),
            (r#"a=~"x.*",a!~"x.+",a!="x""#, &[], false),
            (r#"a="1",b="2""#, &[r#"a="1""#], false),
            (r#"a="1""#, &[r#"a="1",b="2""#], true),
            (r#"a="1""#, &[r#"a="1",b="2""#, r#"b!="2""#], false),
            (r#"a="1""#, &[r#"b="2""#, r#"c="2""#, r#"b!="2",c!="2""#], false),
            (r#"a="1""#, &[r#"b="2""#, r#"c="2""#, r#"b!="2",c="3""#], true),
            (r#"s=~"a|b""#, &[r#"s="a""#, r#"s="b""#], false),
            (r#"s=~"a|b|c""#, &[r#"s="a""#, r#"s="b""#], true),
            (r#"n="KubePod""#, &[r#"n=~"Kube.*""#], false),
            (r#"n=~"KubePod.*""#, &[r#"n=~"Kube.*|Node.*""#], false),
            (r#"n=~"Kube.*""#, &[r#"n=~"KubePod.*""#], true),
            (r#"n=~"Kube.+""#, &[r#"n=~"Kube.*""#], false),
            // Of these patterns nothing is known but that they are the same, or what they say of a value.
            (r#"n=~"K[a-z]+""#, &[r#"n=~"[A-Z].*""#], true),
            (r#"n=~"K[a-z]+",x="1""#, &[r#"n=~"K[a-z]+""#], false),
            (r#"n="Kube""#, &[r#"n=~"K[a-z]+""#], false),
            (r#"n="Node""#, &[r#"n=~"K[a-z]+""#], true),
            (r#"n=~"(?i)kube.*",n="KUBE""#, &[], true),
        ] {
            assert_eq!(possible(passed, refused), wanted, "{passed} without {refused:?}");
        }
    }
}
