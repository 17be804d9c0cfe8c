//! A whole review: the changes of all projects and environments, each told once.

use std::collections::BTreeMap;

use serde::Serialize;

use super::change::{Change, Kind, Verdict};
use super::compare::compare;
use super::facts::Facts;
use super::replay::Replay;
use super::risk;
use crate::project::Risk;

/// What a change means.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Review {
    /// What is compared, as its author named it.
    pub before: String,
    /// With what.
    pub after: String,
    /// What differs: what silences somebody first, then by kind and name.
    pub changes: Vec<Change>,
    /// What would have fired differently.
    pub replay: Replay,
    /// The texts that are emitted before and after, by path: only those that differ, and only if asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub texts: Vec<Text>,
}

/// An emitted file before and after.
#[derive(Debug, Clone, Serialize)]
pub struct Text {
    /// Its path in the output tree.
    pub path: String,
    /// Before; none: it is new.
    pub before: Option<String>,
    /// After; none: it is gone.
    pub after: Option<String>,
}

/// How programs are compared.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Receivers that page; empty: those with an integration that wakes people up.
    pub paging: Vec<String>,
    /// What must not happen unless it is allowed.
    pub risks: Vec<Risk>,
    /// What is allowed all the same.
    pub allowed: Vec<risk::Allowed>,
}

/// Facts of both sides that belong together.
pub type Paired<'a> = (Option<&'a Facts>, Option<&'a Facts>);

/// The same environment of the same project on both sides; one that is on one side only stands beside nothing. YAML
/// belongs to a project by its directory: `shop/prod` is the environment `prod` of `shop`, and so is `prod` where nothing
/// else is called so.
pub fn pairs<'a>(before: &[&'a Facts], after: &[&'a Facts]) -> Vec<Paired<'a>> {
    // Of each there is only one: it needs no name.
    if let ([a], [b]) = (before, after) {
        return vec![(Some(a), Some(b))];
    }
    // A project that gets environments, or loses them: each is compared with what was the only one.
    let only = |side: &[&'a Facts], f: &Facts| -> Option<&'a Facts> {
        let belongs = |s: &&&Facts| s.project == f.project || s.project.is_empty() || f.project.is_empty();
        let mut of_project = side.iter().filter(belongs);
        match (of_project.next(), of_project.next()) {
            (Some(one), None) if one.environment.is_none() || f.environment.is_none() => Some(*one),
            _ => None,
        }
    };
    let mut found: Vec<Paired<'a>> = Vec::new();
    for b in after {
        let alike = |same: fn(&Facts, &Facts) -> bool| {
            let mut alike = before.iter().filter(|a| same(a, b));
            let first = alike.next();
            first.filter(|_| alike.next().is_none())
        };
        let a = alike(|a, b| place(a) == place(b))
            .or_else(|| alike(|a, b| (a.project.is_empty() || b.project.is_empty()) && last(a) == last(b)));
        found.push((a.copied().or_else(|| only(before, b)), Some(b)));
    }
    for a in before {
        let taken = found.iter().any(|(old, _)| old.is_some_and(|o| std::ptr::eq(o, *a)));
        if !taken {
            found.push((Some(a), only(after, a)));
        }
    }
    found
}

/// Where the output of a program stands, from the directory of all on: `shop/prod`.
fn place(facts: &Facts) -> String {
    let parts = [Some(facts.project.as_str()), facts.environment.as_deref()];
    parts.into_iter().flatten().filter(|p| !p.is_empty()).collect::<Vec<_>>().join("/")
}

fn last(facts: &Facts) -> String {
    place(facts).rsplit('/').next().unwrap_or_default().to_string()
}

/// Compares everything with everything.
pub fn changes(before: &[&Facts], after: &[&Facts], options: &Options) -> Vec<Change> {
    let pairs = pairs(before, after);
    let projects: Vec<&str> = {
        let both = pairs.iter().filter_map(|(a, b)| b.or(*a));
        let mut names: Vec<&str> = both.map(|f| f.project.as_str()).collect();
        names.dedup();
        names
    };
    let mut found: Vec<Change> = Vec::new();
    let mut places: BTreeMap<(String, Kind, String), Vec<usize>> = BTreeMap::new();
    let mut environments: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let nothing = Facts::default();
    for (a, b) in &pairs {
        // YAML is called as the project that it is compared with.
        let sides = || [*b, *a].into_iter().flatten();
        let Some(facts) = sides().find(|f| !f.project.is_empty()).or(b.or(*a)) else { continue };
        let project = if projects.len() > 1 { facts.project.clone() } else { String::new() };
        if let Some(name) = &facts.environment {
            environments.entry(project.clone()).or_default().push(name.clone());
        }
        let severities = [*a, *b].into_iter().flatten().find(|f| !f.severities.is_empty());
        let severities = severities.map_or(&[][..], |f| f.severities.as_slice());
        for mut change in compare(a.unwrap_or(&nothing), b.unwrap_or(&nothing), &options.paging) {
            change.project = project.clone();
            (change.risks, change.allowed) = risk::of(&change, severities, options);
            let key = (project.clone(), change.kind, change.name.clone());
            let places = places.entry(key).or_default();
            let same = places.iter().find(|at| {
                found.get(**at).is_some_and(|c| Change { environments: Vec::new(), ..c.clone() } == change)
            });
            let at = match same {
                Some(at) => *at,
                None => {
                    places.push(found.len());
                    found.push(change);
                    found.len() - 1
                }
            };
            if let (Some(known), Some(name)) = (found.get_mut(at), &facts.environment) {
                known.environments.push(name.clone());
            }
        }
    }
    for change in &mut found {
        if environments.get(&change.project).is_some_and(|all| *all == change.environments) {
            change.environments.clear();
        }
    }
    found.sort_by_cached_key(|c| {
        let level = |v: Verdict| match v {
            Verdict::Removed => 0,
            Verdict::Changed => 1,
            Verdict::Renamed => 2,
            Verdict::Added => 3,
        };
        (!c.silences(), c.project.clone(), c.kind, level(c.verdict), c.name.clone())
    });
    found
}

impl Review {
    /// True when nothing differs.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.replay.is_empty() && self.texts.is_empty()
    }

    /// True when the risk policy is broken.
    pub fn is_risky(&self) -> bool {
        self.changes.iter().any(|c| !c.risks.is_empty())
    }

    /// `2 alerts changed, 1 route added`, what silences first.
    pub fn summary(&self) -> String {
        if self.changes.is_empty() {
            return "nothing changes for the person on call".to_string();
        }
        let mut words = Vec::new();
        let silenced = self.changes.iter().filter(|c| c.silences()).count();
        if silenced > 0 {
            words.push(format!("{silenced} no longer paged"));
        }
        let mut counts: BTreeMap<(Kind, &str), usize> = BTreeMap::new();
        for change in &self.changes {
            *counts.entry((change.kind, change.verdict.as_str())).or_default() += 1;
        }
        for ((kind, verdict), count) in counts {
            let plural = if count == 1 { "" } else { "s" };
            words.push(format!("{count} {}{plural} {verdict}", kind.as_str()));
        }
        words.join(", ")
    }
}
