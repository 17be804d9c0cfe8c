//! In which order rules are evaluated, and which of them can be evaluated over all times at once.
//!
//! A rule sees what earlier rules wrote at the same time, and what later ones (and itself) wrote at earlier times.
//! So a rule that reads only what earlier rules write can be evaluated over all times once those are done; one that
//! reads what a later rule writes has to take turns with it, step by step.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use super::prepare::Rule;
use crate::promql::ast::{METRIC_NAME, MatchOp};

/// Rules, by their numbers, that are evaluated one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Block {
    /// Rules over all times at once; none reads what another of them writes.
    Apart(Vec<usize>),
    /// Rules that take turns, in their order, at each time.
    Together(Vec<usize>),
}

/// The blocks in an order in which each reads only what is finished.
pub(super) fn blocks(rules: &[Rule]) -> Vec<Block> {
    blocks_of(rules.len(), &edges(rules))
}

/// For each rule those that it may read.
fn edges(rules: &[Rule]) -> Vec<Vec<usize>> {
    // Most selectors name their metric: only writers of that name need a look.
    let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, rule) in rules.iter().enumerate() {
        let names: &[&str] =
            if rule.alert.is_some() { &["ALERTS", "ALERTS_FOR_STATE"] } else { &[rule.name.as_str()] };
        for name in names {
            by_name.entry(name).or_default().push(at);
        }
    }
    let all: Vec<usize> = (0..rules.len()).collect();
    rules
        .iter()
        .map(|reader| {
            let mut read = Vec::new();
            let everything = reader.alert.as_ref().is_some_and(|a| a.labels_query);
            let names: Vec<Option<&str>> = reader
                .reads
                .iter()
                .map(|w| w.matchers().iter().find(|m| m.name == METRIC_NAME && m.op == MatchOp::Equal))
                .map(|m| m.map(|m| m.value.as_str()))
                .collect();
            let candidates: Vec<usize> = if everything || names.contains(&None) {
                all.clone()
            } else {
                names.iter().flatten().filter_map(|n| by_name.get(n)).flatten().copied().collect()
            };
            read.extend(candidates.into_iter().filter(|w| rules.get(*w).is_some_and(|w| reader.may_read(w))));
            read.sort_unstable();
            read.dedup();
            read
        })
        .collect()
}

/// `reads[r]` are the rules that rule `r` reads.
fn blocks_of(count: usize, reads: &[Vec<usize>]) -> Vec<Block> {
    // An arrow from a to b: b can only be evaluated when a is. Reading a later rule makes arrows both ways.
    let mut arrows: Vec<Vec<usize>> = vec![Vec::new(); count];
    for (reader, writers) in reads.iter().enumerate() {
        for &writer in writers {
            arrows[writer].push(reader);
            if writer > reader {
                arrows[reader].push(writer);
            }
        }
    }
    let component = components(&arrows);
    let mut members: Vec<Vec<usize>> = Vec::new();
    for (rule, &c) in component.iter().enumerate() {
        if members.len() <= c {
            members.resize(c + 1, Vec::new());
        }
        members[c].push(rule);
    }
    // Kahn's algorithm; of the components that are ready, the one whose first rule comes first.
    let mut waiting = vec![0usize; members.len()];
    for (from, to) in arrows.iter().enumerate().flat_map(|(f, ts)| ts.iter().map(move |t| (f, *t))) {
        if component[from] != component[to] {
            waiting[component[to]] += 1;
        }
    }
    let mut ready: BinaryHeap<Reverse<(usize, usize)>> = BinaryHeap::new();
    for (c, rules) in members.iter().enumerate() {
        if let (0, Some(first)) = (waiting[c], rules.first()) {
            ready.push(Reverse((*first, c)));
        }
    }
    let mut blocks: Vec<Block> = Vec::new();
    // The block of each rule that has one.
    let mut block_of: Vec<Option<usize>> = vec![None; count];
    while let Some(Reverse((_, c))) = ready.pop() {
        for &from in &members[c] {
            for &to in &arrows[from] {
                let other = component[to];
                if other == c {
                    continue;
                }
                waiting[other] -= 1;
                if let (0, Some(first)) = (waiting[other], members[other].first()) {
                    ready.push(Reverse((*first, other)));
                }
            }
        }
        let reads_itself = |r: &usize| reads.get(*r).is_some_and(|reads| reads.contains(r));
        let last = blocks.len().checked_sub(1);
        let reads_last = |r: &usize| reads[*r].iter().any(|read| last.is_some() && block_of[*read] == last);
        match (members[c].as_slice(), blocks.last_mut()) {
            ([rule], Some(Block::Apart(rules))) if !reads_itself(rule) && !reads_last(rule) => {
                rules.push(*rule);
            }
            ([rule], _) if !reads_itself(rule) => blocks.push(Block::Apart(vec![*rule])),
            (rules, _) => blocks.push(Block::Together(rules.to_vec())),
        }
        for &rule in &members[c] {
            block_of[rule] = blocks.len().checked_sub(1);
        }
    }
    blocks
}

/// The number of each node's strongly connected component (Tarjan's algorithm, without recursion).
fn components(arrows: &[Vec<usize>]) -> Vec<usize> {
    const NONE: usize = usize::MAX;
    let n = arrows.len();
    let (mut index, mut low, mut component) = (vec![NONE; n], vec![0; n], vec![NONE; n]);
    let (mut stack, mut next, mut found) = (Vec::new(), 0, 0);
    for root in 0..n {
        if index[root] != NONE {
            continue;
        }
        let mut path = vec![(root, 0usize)];
        while let Some((node, child)) = path.last_mut() {
            let node = *node;
            if *child == 0 {
                index[node] = next;
                low[node] = next;
                next += 1;
                stack.push(node);
            }
            if let Some(&to) = arrows[node].get(*child) {
                *child += 1;
                if index[to] == NONE {
                    path.push((to, 0));
                } else if component[to] == NONE {
                    low[node] = low[node].min(index[to]);
                }
                continue;
            }
            if low[node] == index[node] {
                while let Some(member) = stack.pop() {
                    component[member] = found;
                    if member == node {
                        break;
                    }
                }
                found += 1;
            }
            path.pop();
            if let Some((parent, _)) = path.last() {
                low[*parent] = low[*parent].min(low[node]);
            }
        }
    }
    component
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_comes_first() {
        let blocks = blocks_of(4, &[vec![], vec![], vec![0], vec![]]);
        assert_eq!(blocks, [Block::Apart(vec![0, 1]), Block::Apart(vec![2, 3])]);
    }

    #[test]
    fn readers_of_later_rules_take_turns_with_them() {
        // 0 reads 2; 1 reads 0; 3 reads itself.
        let blocks = blocks_of(4, &[vec![2], vec![0], vec![], vec![3]]);
        assert_eq!(blocks, [Block::Together(vec![0, 2]), Block::Apart(vec![1]), Block::Together(vec![3])]);
    }
}
