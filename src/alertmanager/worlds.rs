//! The label sets that an alert may have, as far as matchers can tell them apart.
//!
//! Matchers look at labels one by one, so a label's values fall into as many classes as there are ways to be matched;
//! one value of each class stands for all of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::config::Route;
use super::matcher::{Matcher, Op};
use super::route::Labels;

/// More label sets than this are not tried: what is left is taken as unknown.
const MAX_WORLDS: usize = 4096;

/// What is known of a label of an alert.
#[derive(Debug, Clone)]
pub struct Known {
    /// Its values.
    pub values: Values,
    /// Whether it may be absent.
    pub may_miss: bool,
}

/// The values that a label may have.
#[derive(Debug, Clone)]
pub enum Values {
    /// One of these.
    OneOf(Vec<String>),
    /// Whatever this matches.
    Matching(Matcher),
    /// Any text.
    Any,
}

impl Known {
    /// Nothing is known.
    pub fn nothing() -> Known {
        Known { values: Values::Any, may_miss: true }
    }

    /// It surely has this value; the empty text is no label.
    pub fn value(value: impl Into<String>) -> Known {
        Known { values: Values::OneOf(vec![value.into()]), may_miss: false }
    }

    /// The values that differ in what matches them, those that the author wrote first; absent is the empty text.
    fn classes(self, matchers: &[&Matcher]) -> Vec<String> {
        let mut candidates = match self.values {
            Values::OneOf(values) => values,
            Values::Any => samples_of(matchers),
            Values::Matching(pattern) => {
                let mut candidates = samples_of(matchers);
                candidates.extend(samples(&pattern));
                candidates.retain(|s| pattern.matches(s));
                candidates
            }
        };
        if self.may_miss {
            candidates.push(String::new());
        }
        // One value for each way to match.
        let mut seen = BTreeSet::new();
        candidates.retain(|c| seen.insert(matchers.iter().map(|m| m.matches(c)).collect::<Vec<_>>()));
        candidates
    }
}

/// An alert on its way to Alertmanager.
pub trait Arriving {
    /// What is known of one of its labels.
    fn known(&self, label: &str) -> Known;
}

/// Label sets, and whether they are all there can be.
pub type Found = (Arc<[Labels]>, bool);

/// The label sets that a set of matchers can tell apart, for one alert after the other. Alerts that the matchers see
/// alike share them.
pub struct Worlds<'m> {
    labels: BTreeMap<&'m str, Vec<&'m Matcher>>,
    /// For each label and way to be matched, the first value seen.
    representatives: BTreeMap<(&'m str, Vec<bool>), String>,
    known: BTreeMap<Vec<Vec<String>>, Found>,
}

impl<'m> Worlds<'m> {
    /// Label sets for these matchers.
    pub fn new(matchers: &[&'m Matcher]) -> Worlds<'m> {
        let mut labels: BTreeMap<&str, Vec<&Matcher>> = BTreeMap::new();
        for matcher in matchers {
            labels.entry(matcher.name()).or_default().push(matcher);
        }
        Worlds { labels, representatives: BTreeMap::new(), known: BTreeMap::new() }
    }

    /// The label sets of an alert; exhaustive unless the second is false.
    pub fn of(&mut self, alert: &impl Arriving) -> Found {
        let mut key = Vec::with_capacity(self.labels.len());
        for (label, matchers) in &self.labels {
            let values = alert.known(label).classes(matchers).into_iter().map(|value| {
                let how = matchers.iter().map(|m| m.matches(&value)).collect();
                self.representatives.entry((label, how)).or_insert(value).clone()
            });
            key.push(values.collect::<Vec<_>>());
        }
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        let mut worlds = vec![Labels::new()];
        let mut complete = true;
        for (label, values) in self.labels.keys().zip(&key) {
            if worlds.len() * values.len() > MAX_WORLDS {
                complete = false;
                break;
            }
            worlds = worlds
                .into_iter()
                .flat_map(|world| {
                    values.iter().map(move |value| {
                        let mut world = world.clone();
                        world.insert((*label).to_string(), value.clone());
                        world
                    })
                })
                .collect();
        }
        let found: Found = (worlds.into(), complete);
        self.known.insert(key, found.clone());
        found
    }
}

/// Values that matchers may be about, and one that none of them is.
fn samples_of(matchers: &[&Matcher]) -> Vec<String> {
    matchers.iter().flat_map(|m| samples(m)).chain(["other".to_string()]).collect()
}

/// Values that a matcher may be about.
fn samples(matcher: &Matcher) -> Vec<String> {
    match matcher.op() {
        Op::Equal | Op::NotEqual => vec![matcher.value().to_string()],
        Op::Match | Op::NotMatch => alternatives(matcher.value()),
    }
}

/// A text for each alternative of a simple pattern: `a|b.*` gives `a` and `b`.
fn alternatives(pattern: &str) -> Vec<String> {
    if let Some(values) = literals(pattern) {
        return values;
    }
    let plain = |part: &str| {
        let text = part.trim_matches(['^', '$', '(', ')']);
        text.replace("\\.", "\u{0}")
            .replace(".*", "")
            .replace(".+", "x")
            .replace('.', "x")
            .replace('\u{0}', ".")
    };
    unwrapped(pattern).split('|').map(plain).collect()
}

/// The values of a pattern that is nothing but values: `a|b\.c`.
pub fn literals(pattern: &str) -> Option<Vec<String>> {
    let found = beginnings(pattern)?;
    found.into_iter().map(|(value, open)| (!open).then_some(value)).collect()
}

/// The alternatives of a pattern like `a|b\.c.*`: how each begins, and whether anything may follow (`.*` or `.+`). None
/// for patterns of other forms.
pub fn beginnings(pattern: &str) -> Option<Vec<(String, bool)>> {
    let mut found = vec![(String::new(), false)];
    let mut chars = unwrapped(pattern).chars().peekable();
    while let Some(c) = chars.next() {
        let (text, open) = found.last_mut()?;
        match c {
            '|' => found.push((String::new(), false)),
            // What may be followed by anything is followed by no more.
            _ if *open => return None,
            '\\' => text.push(chars.next().filter(|c| !c.is_alphanumeric())?),
            '.' if matches!(chars.peek(), Some('*' | '+')) => {
                chars.next();
                *open = true;
            }
            '.' | '*' | '+' | '?' | '(' | ')' | '[' | ']' | '{' | '}' | '^' | '$' => return None,
            c => text.push(c),
        }
    }
    Some(found)
}

/// A pattern without what encloses all of it: `^(?:a|b)$` is `a|b`.
fn unwrapped(pattern: &str) -> &str {
    let inner = pattern.strip_prefix('^').and_then(|p| p.strip_suffix('$')).unwrap_or(pattern);
    let inner = inner.strip_prefix("(?:").or_else(|| inner.strip_prefix('('));
    let inner = inner.and_then(|p| p.strip_suffix(')'));
    inner.filter(|p| !p.contains(['(', ')'])).unwrap_or(pattern)
}

/// Every matcher of a tree of routes.
pub fn matchers(route: &Route) -> Vec<&Matcher> {
    let mut all: Vec<&Matcher> = route.matchers.iter().collect();
    for child in &route.routes {
        all.extend(matchers(child));
    }
    all
}
