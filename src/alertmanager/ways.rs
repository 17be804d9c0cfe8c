//! Every way that an alert can take through the routing tree, and the labels that decide between them.

use std::collections::{BTreeMap, BTreeSet};

use super::config::{Config, InhibitRule};
use super::matcher::{Matcher, Op};
use super::route::{Labels, RouteTree, matches};
use super::worlds::{Arriving, Worlds, literals, matchers};

/// One way through the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// The routes taken, as numbers of the tree, in its order.
    pub routes: Vec<usize>,
    /// When it is taken: one of these holds, each a conjunction. One without parts: always.
    pub when: Vec<Vec<String>>,
}

/// The ways of an alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ways {
    /// In the order of their first routes.
    pub ways: Vec<Way>,
    /// False when there are too many label sets to try them all.
    pub is_complete: bool,
}

/// Every way of an alert through the tree of a configuration.
pub fn ways(config: &Config, tree: &RouteTree, alert: &impl Arriving) -> Ways {
    let all = matchers(&config.route);
    let (worlds, is_complete) = Worlds::new(&all).of(alert);
    let mut by_routes: BTreeMap<Vec<usize>, Vec<&Labels>> = BTreeMap::new();
    for world in worlds.iter() {
        by_routes.entry(tree.matching(world)).or_default().push(world);
    }
    let ways =
        by_routes.into_iter().map(|(routes, some)| Way { routes, when: conditions(&some, &worlds, &all) });
    Ways { ways: ways.collect(), is_complete }
}

/// What holds in some of the label sets that an alert may have and in no others: one of these, each a conjunction of
/// matchers. One without parts: always.
pub fn conditions(some: &[&Labels], all: &[Labels], matchers: &[&Matcher]) -> Vec<Vec<String>> {
    // Labels of which nothing is open tell nothing.
    let mut values: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (label, value) in all.iter().flatten() {
        values.entry(label).or_default().insert(value);
    }
    values.retain(|_, values| values.len() > 1);
    let found = joined(some, &values);
    found.iter().map(|one| one.iter().map(|(label, value)| shown(label, value, matchers)).collect()).collect()
}

/// The label sets without the labels that decide nothing.
fn joined<'w>(
    worlds: &[&'w Labels],
    values: &BTreeMap<&'w str, BTreeSet<&'w str>>,
) -> BTreeSet<BTreeMap<&'w str, &'w str>> {
    let open = |world: &&'w Labels| -> BTreeMap<&'w str, &'w str> {
        let pairs = world.iter().map(|(label, value)| (label.as_str(), value.as_str()));
        pairs.filter(|(label, _)| values.contains_key(label)).collect()
    };
    let mut all: BTreeSet<BTreeMap<&str, &str>> = worlds.iter().map(open).collect();
    for (label, values) in values {
        // Conditions that differ in this label only, and together have all of its values, are one without it.
        let mut rest: BTreeMap<BTreeMap<&str, &str>, BTreeSet<&str>> = BTreeMap::new();
        let mut done = BTreeSet::new();
        for condition in &all {
            let mut others = condition.clone();
            match others.remove(label) {
                Some(value) => drop(rest.entry(others).or_default().insert(value)),
                None => drop(done.insert(others)),
            }
        }
        for (others, found) in rest {
            if found == *values {
                done.insert(others);
            } else {
                for value in found {
                    let mut condition = others.clone();
                    condition.insert(label, value);
                    done.insert(condition);
                }
            }
        }
        all = done;
    }
    all
}

/// What is true of a label with this value or one that is matched alike, as matchers.
fn shown(label: &str, value: &str, all: &[&Matcher]) -> String {
    let own: Vec<&Matcher> = all.iter().filter(|m| m.name() == label).copied().collect();
    let is_equality = |m: &Matcher| matches!(m.op(), Op::Equal | Op::NotEqual);
    if value.is_empty() || own.iter().any(|m| is_equality(m) && m.value() == value) {
        return text(label, Op::Equal, value);
    }
    let alike = |other: &str| own.iter().all(|m| m.matches(other) == m.matches(value));
    let patterns = || own.iter().filter(|m| !is_equality(m));
    let is_inside = |m: &Matcher| m.matches(value) == (m.op() == Op::Match);
    // Of a list of values those that are matched alike, which says it all.
    let lists = patterns().filter(|m| is_inside(m)).filter_map(|m| literals(m.value()));
    for list in lists {
        let alike: Vec<String> = list.into_iter().filter(|v| alike(v)).collect();
        match alike.as_slice() {
            [] => {}
            [one] => return text(label, Op::Equal, one),
            several => return text(label, Op::Match, &several.join("|")),
        }
    }
    let mut parts: Vec<String> = Vec::new();
    let inside: Vec<&Matcher> = patterns().filter(|m| is_inside(m)).copied().collect();
    parts.extend(inside.iter().map(|m| text(label, Op::Match, m.value())));
    // What it is not, unless that follows from what it is.
    let follows = |other: &str| inside.iter().any(|m| m.matches(other) != (m.op() == Op::Match));
    for matcher in &own {
        let part = if is_equality(matcher) {
            (!follows(matcher.value())).then(|| text(label, Op::NotEqual, matcher.value()))
        } else if is_inside(matcher) {
            None
        } else {
            let all_follow = literals(matcher.value()).is_some_and(|list| list.iter().all(|v| follows(v)));
            (!all_follow).then(|| text(label, Op::NotMatch, matcher.value()))
        };
        parts.extend(part);
    }
    let mut seen = BTreeSet::new();
    parts.retain(|part| seen.insert(part.clone()));
    parts.join(" and ")
}

fn text(label: &str, op: Op, value: &str) -> String {
    // A pattern that was one before is one again.
    Matcher::new(label, op, value).map(|m| m.to_config()).unwrap_or_default()
}

/// The inhibition rules that can silence an alert, with their numbers.
pub fn inhibitions<'c>(config: &'c Config, alert: &impl Arriving) -> Vec<(usize, &'c InhibitRule)> {
    let rules = config.inhibit_rules.iter().enumerate();
    rules.filter(|(_, rule)| can_have(alert, &rule.target_matchers)).collect()
}

/// Whether an alert can have labels that pass all matchers.
pub fn can_have(alert: &impl Arriving, matchers: &[Matcher]) -> bool {
    let refs: Vec<&Matcher> = matchers.iter().collect();
    let (worlds, complete) = Worlds::new(&refs).of(alert);
    !complete || worlds.iter().any(|world| matches(matchers, world))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alertmanager::matcher::Mode;
    use crate::alertmanager::read_config;
    use crate::alertmanager::worlds::Known;
    use crate::source::FileId;

    struct Named(&'static str);

    impl Arriving for Named {
        fn known(&self, label: &str) -> Known {
            if label == "alertname" { Known::value(self.0) } else { Known::nothing() }
        }
    }

    #[test]
    fn only_the_labels_that_decide_are_told() {
        let text = "route:\n  receiver: r\n  routes:\n  - matchers: [alertname=\"X\", team=~\"db|web\"]\n    \
                    receiver: a\n  - matchers: [severity=\"page\"]\n    receiver: b\n  - matchers: [alertname=\"Y\", z=\"1\"]\n\
                    receivers: [{name: r}, {name: a}, {name: b}]\n";
        let root = crate::yaml::read(FileId::NONE, text).remove(0).root.unwrap();
        let config = read_config(&root, text, Mode::default()).model;
        let tree = RouteTree::new(&config);
        let told: Vec<String> = ways(&config, &tree, &Named("X"))
            .ways
            .iter()
            .map(|way| {
                let when: Vec<String> = way.when.iter().map(|c| c.join(" and ")).collect();
                format!("{:?}: {}", way.routes, when.join(" | "))
            })
            .collect();
        assert_eq!(
            told,
            [
                "[0]: severity!=\"page\" and team!~\"db|web\"",
                "[1]: team=~\"db|web\"",
                "[2]: severity=\"page\" and team!~\"db|web\"",
            ]
        );
    }
}
