//! The routing tree with everything inherited, which routes an alert takes, and the keys of routes and groups
//! (dispatch/route.go).

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::config::{Config, GroupBy, Route};
use super::matcher::Matcher;
use crate::gostd::strconv;
use crate::prometheus::Duration;

/// Labels of an alert or a group, sorted by name.
pub type Labels = BTreeMap<String, String>;

/// Whether labels pass every matcher; a label that is absent is the empty text.
pub fn matches(matchers: &[Matcher], labels: &Labels) -> bool {
    matchers.iter().all(|m| m.matches(labels.get(m.name()).map_or("", String::as_str)))
}

/// The routes of a configuration, each before its children; the first is the root.
#[derive(Debug, Clone, PartialEq)]
pub struct RouteTree {
    nodes: Vec<RouteNode>,
}

/// A route with everything that it inherits. Durations are milliseconds.
#[derive(Debug, Clone, PartialEq)]
pub struct RouteNode {
    /// The route above it; none above the root.
    pub parent: Option<usize>,
    /// Its children in the order in which they are tried, as numbers of the tree.
    pub children: Vec<usize>,
    /// What an alert must be like, sorted as Alertmanager sorts them.
    pub matchers: Vec<Matcher>,
    /// Whether the siblings behind are tried too.
    pub continues: bool,
    /// Who is told.
    pub receiver: String,
    /// Which alerts share a notification.
    pub group_by: GroupBy,
    /// How long the first notification of a group waits.
    pub group_wait: i64,
    /// The time between two ticks of a group.
    pub group_interval: i64,
    /// The time after which an unchanged group is told again.
    pub repeat_interval: i64,
    /// When nobody is told; not inherited.
    pub mute_time_intervals: Vec<String>,
    /// When somebody is told at all, empty: always; not inherited.
    pub active_time_intervals: Vec<String>,
    /// The matchers from the root to here, as group keys begin; two routes may share it.
    pub key: String,
}

impl RouteTree {
    /// The tree of a configuration, with Alertmanager's defaults at the root (30s, 5m, 4h, one group).
    pub fn new(config: &Config) -> RouteTree {
        let defaults = RouteNode {
            parent: None,
            children: Vec::new(),
            matchers: Vec::new(),
            continues: false,
            receiver: String::new(),
            group_by: GroupBy::Labels(Vec::new()),
            group_wait: 30_000,
            group_interval: 300_000,
            repeat_interval: 4 * 3_600_000,
            mute_time_intervals: Vec::new(),
            active_time_intervals: Vec::new(),
            key: String::new(),
        };
        let mut tree = RouteTree { nodes: Vec::new() };
        tree.add(&config.route, &defaults, None);
        tree
    }

    /// Adds a route and its children, returns its number. The reader of YAML bounds the depth.
    fn add(&mut self, route: &Route, parent: &RouteNode, above: Option<usize>) -> usize {
        let ms = |own: Option<Duration>, inherited: i64| own.map_or(inherited, Duration::millis);
        let matchers: Vec<String> = route.matchers.iter().map(ToString::to_string).collect();
        let separator = if self.nodes.is_empty() { "" } else { "/" };
        let node = RouteNode {
            parent: above,
            children: Vec::new(),
            matchers: route.matchers.clone(),
            continues: route.continues,
            receiver: route.receiver.as_ref().unwrap_or(&parent.receiver).clone(),
            group_by: route.group_by.as_ref().unwrap_or(&parent.group_by).clone(),
            group_wait: ms(route.group_wait, parent.group_wait),
            group_interval: ms(route.group_interval, parent.group_interval),
            repeat_interval: ms(route.repeat_interval, parent.repeat_interval),
            mute_time_intervals: route.mute_time_intervals.clone(),
            active_time_intervals: route.active_time_intervals.clone(),
            key: format!("{}{separator}{{{}}}", parent.key, matchers.join(",")),
        };
        let number = self.nodes.len();
        self.nodes.push(node.clone());
        let children = route.routes.iter().map(|child| self.add(child, &node, Some(number))).collect();
        if let Some(added) = self.nodes.get_mut(number) {
            added.children = children;
        }
        number
    }

    /// The route of a number.
    pub fn get(&self, number: usize) -> Option<&RouteNode> {
        self.nodes.get(number)
    }

    /// Every route with its number, parents first.
    pub fn iter(&self) -> impl Iterator<Item = (usize, &RouteNode)> {
        self.nodes.iter().enumerate()
    }

    /// The routes from the root to this one.
    pub fn path(&self, number: usize) -> Vec<usize> {
        let mut path: Vec<usize> =
            std::iter::successors(Some(number), |n| self.get(*n).and_then(|node| node.parent)).collect();
        path.reverse();
        path
    }

    /// The routes that an alert takes, in the order of the tree (dispatch/route.go Match).
    pub fn matching(&self, labels: &Labels) -> Vec<usize> {
        let mut taken = Vec::new();
        self.visit(0, labels, &mut taken);
        taken
    }

    /// Adds the routes taken at or below a node; false when its matchers refuse the labels.
    fn visit(&self, number: usize, labels: &Labels, taken: &mut Vec<usize>) -> bool {
        let Some(node) = self.nodes.get(number).filter(|n| matches(&n.matchers, labels)) else {
            return false;
        };
        let before = taken.len();
        for child in &node.children {
            let continues = self.nodes.get(*child).is_some_and(|c| c.continues);
            if self.visit(*child, labels, taken) && !continues {
                break;
            }
        }
        if taken.len() == before {
            taken.push(number);
        }
        true
    }
}

impl RouteNode {
    /// What an alert must be like, in Alertmanager's words: `{a="1",b=~"2"}`.
    pub fn conditions(&self) -> String {
        let matchers: Vec<String> = self.matchers.iter().map(ToString::to_string).collect();
        format!("{{{}}}", matchers.join(","))
    }

    /// After how many milliseconds an unchanged group is told again: repeats happen at ticks only, at the first one
    /// that is later than `repeat_interval`.
    pub fn effective_repeat(&self) -> i64 {
        let interval = self.group_interval.max(1);
        (self.repeat_interval / interval + 1).saturating_mul(interval)
    }

    /// The labels that make an alert's group: of `group_by` those that the alert has.
    pub fn group_labels(&self, labels: &Labels) -> Labels {
        match &self.group_by {
            GroupBy::All => labels.clone(),
            GroupBy::Labels(names) => {
                let found = names.iter().filter_map(|name| labels.get_key_value(name));
                found.map(|(name, value)| (name.clone(), value.clone())).collect()
            }
        }
    }

    /// The key of a group of this route, as in `groupKey` of webhooks and in the notification log.
    pub fn group_key(&self, group_labels: &Labels) -> String {
        let mut key = format!("{}:{{", self.key);
        for (i, (name, value)) in group_labels.iter().enumerate() {
            let separator = if i == 0 { "" } else { ", " };
            // Writing to a String cannot fail.
            let _ = write!(key, "{separator}{name}={}", strconv::quote(value));
        }
        key.push('}');
        key
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alertmanager::matcher::Mode;
    use crate::alertmanager::read_config;
    use crate::source::FileId;

    fn tree(text: &str) -> RouteTree {
        let root = crate::yaml::read(FileId::NONE, text).remove(0).root.unwrap();
        RouteTree::new(&read_config(&root, text, Mode::default()).model)
    }

    #[test]
    fn options_are_inherited_but_time_intervals_are_not() {
        let tree = tree(
            "route:\n  receiver: r\n  group_by: [a]\n  group_wait: 1s\n  routes:\n  - matchers: [x=\"1\"]\n    \
             mute_time_intervals: [n]\n    group_by: ['...']\n    routes: [{matchers: [y=\"2\"], group_interval: 2s}]\n\
             receivers: [{name: r}]\ntime_intervals: [{name: n, time_intervals: []}]\n",
        );
        let leaf = tree.get(2).unwrap();
        assert_eq!((leaf.group_wait, leaf.group_interval, leaf.repeat_interval), (1000, 2000, 14_400_000));
        assert_eq!((leaf.receiver.as_str(), &leaf.group_by), ("r", &GroupBy::All));
        assert!(leaf.mute_time_intervals.is_empty());
        assert_eq!(leaf.key, "{}/{x=\"1\"}/{y=\"2\"}");
    }

    #[test]
    fn a_parent_is_taken_only_when_no_child_is_and_its_own_continue_decides() {
        let tree = tree(
            "route:\n  receiver: r\n  routes:\n  - matchers: [a=\"1\"]\n    routes: [{matchers: [b=\"1\"], continue: true}]\n  \
             - matchers: [a=~\".+\"]\n    continue: true\n  - matchers: [c=\"1\"]\nreceivers: [{name: r}]\n",
        );
        let taken = |pairs: &[(&str, &str)]| {
            let labels = pairs.iter().map(|(n, v)| ((*n).to_string(), (*v).to_string())).collect();
            tree.matching(&labels)
        };
        assert_eq!(taken(&[("a", "1"), ("b", "1"), ("c", "1")]), [2]);
        assert_eq!(taken(&[("a", "1")]), [1]);
        assert_eq!(taken(&[("a", "2"), ("c", "1")]), [3, 4]);
        assert_eq!(taken(&[("z", "1")]), [0]);
    }
}
