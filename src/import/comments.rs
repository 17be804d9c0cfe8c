//! Comments of a YAML file, and the parts of its rules or its configuration at which they stand.

mod config;

use std::collections::BTreeMap;

use crate::yaml::{Node, Value};

pub(super) use config::ConfigComments;

/// A part of a rule file that comments stand at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    /// The start of the file.
    Head,
    /// A group by its number.
    Group(usize),
    /// A rule by its group's and its own number.
    Rule(usize, usize),
    /// A field of a rule.
    Field(usize, usize, String),
    /// The end of the file.
    End,
}

/// The comments of a file by the part that they stand at, `#` included.
#[derive(Debug, Clone, Default)]
pub(super) struct Comments {
    by_place: BTreeMap<Place, Vec<String>>,
}

impl Comments {
    /// Those at one part.
    pub(super) fn at(&self, place: &Place) -> &[String] {
        self.by_place.get(place).map_or(&[], Vec::as_slice)
    }

    /// Those at any part of a rule.
    pub(super) fn of_rule(&self, group: usize, rule: usize) -> impl Iterator<Item = &String> {
        self.by_place
            .iter()
            .filter(move |(p, _)| matches!(p, Place::Field(g, r, _) if (*g, *r) == (group, rule)))
            .flat_map(|(_, all)| all)
    }

    /// True when a part of a rule has comments.
    pub(super) fn inside(&self, group: usize, rule: usize) -> bool {
        self.of_rule(group, rule).next().is_some()
    }

    /// Reads the comments of the groups in `root`, a document of `text`.
    pub(super) fn read(text: &str, root: &Node, groups: &[Node]) -> Comments {
        let mut comments = Comments::default();
        for (place, comment) in placed(text, root, &anchors(root, groups)) {
            let place = place.cloned().unwrap_or(Place::End);
            comments.by_place.entry(place).or_default().push(comment.to_string());
        }
        comments
    }
}

/// The comments of `root`, a document of `text`, each with what it stands at: what follows a line of its own, and what
/// started last before one behind something; none at the end. `anchors` are in the order of the text.
fn placed<'t, 'a, P>(text: &'t str, root: &Node, anchors: &'a [(usize, P)]) -> Vec<(Option<&'a P>, &'t str)> {
    let mut scalars = Vec::new();
    collect(text, root, &mut scalars);
    scalars.sort_unstable();
    let end = root.span.end as usize;
    let end = text.get(end..).and_then(|t| t.find("\n---")).map_or(text.len(), |n| n + end);
    let comments = found(text.get(..end).unwrap_or(""), &scalars).into_iter();
    let placed = comments.map(|(offset, own_line, comment)| {
        let place = if own_line {
            anchors.get(anchors.partition_point(|(start, _)| *start < offset))
        } else {
            let next = anchors.partition_point(|(start, _)| *start <= offset);
            next.checked_sub(1).and_then(|last| anchors.get(last)).or(anchors.first())
        };
        (place.map(|(_, place)| place), comment)
    });
    placed.collect()
}

/// Every comment with its place in the text, and whether it stands on a line of its own.
fn found<'t>(text: &'t str, scalars: &[(usize, usize)]) -> Vec<(usize, bool, &'t str)> {
    let mut comments = Vec::new();
    let mut start = 0;
    for line in text.split('\n') {
        let hashes = line.match_indices('#').map(|(at, _)| at);
        for at in
            hashes.filter(|at| line.get(..*at).is_some_and(|b| b.is_empty() || b.ends_with([' ', '\t'])))
        {
            let offset = start + at;
            let last = scalars.partition_point(|(from, _)| *from <= offset);
            let inside = last.checked_sub(1).and_then(|l| scalars.get(l)).is_some_and(|(_, to)| offset < *to);
            if !inside {
                let own = line.get(..at).is_some_and(|before| before.trim().is_empty());
                comments.push((offset, own, line.get(at..).unwrap_or("").trim_end()));
                break;
            }
        }
        start += line.len() + 1;
    }
    comments
}

/// Where scalars start and end.
fn collect(text: &str, node: &Node, out: &mut Vec<(usize, usize)>) {
    match &node.value {
        Value::Scalar(_) => {
            let (start, end) = (node.span.start as usize, node.span.end as usize);
            // The span of a quoted one reaches to the next token.
            let quoted = text.get(start..end).and_then(quoted_length);
            out.push((start, quoted.map_or(end, |length| start + length)));
        }
        Value::Sequence(items) => items.iter().for_each(|n| collect(text, n, out)),
        Value::Mapping(mapping) => {
            for entry in &mapping.entries {
                collect(text, &entry.key, out);
                collect(text, &entry.value, out);
            }
        }
    }
}

/// The length of the quoted scalar that `text` starts with.
fn quoted_length(text: &str) -> Option<usize> {
    let quote = text.bytes().next().filter(|b| matches!(b, b'"' | b'\''))?;
    let mut bytes = text.bytes().enumerate().skip(1).peekable();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'\\' if quote == b'"' => {
                bytes.next();
            }
            // Two stand for one.
            b'\'' if quote == byte && bytes.peek().is_some_and(|(_, next)| *next == quote) => {
                bytes.next();
            }
            _ if byte == quote => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// Where groups, rules and their fields start, in the order of the text. What an alias or a merge key brings in
/// stands elsewhere.
fn anchors(root: &Node, groups: &[Node]) -> Vec<(usize, Place)> {
    let mut anchors = vec![(root.span.start as usize, Place::Head)];
    for (g, group) in groups.iter().filter(|n| !n.is_null()).enumerate() {
        anchors.push((group.span.start as usize, Place::Group(g)));
        let rules = group.as_mapping().and_then(|m| m.get("rules")).and_then(Node::as_sequence);
        for (r, rule) in rules.unwrap_or_default().iter().enumerate() {
            anchors.push((rule.span.start as usize, Place::Rule(g, r)));
            let entries = rule.as_mapping().map_or(&[][..], |m| &m.entries);
            for entry in entries.iter().filter(|e| !e.merged).skip(1) {
                let place = Place::Field(g, r, entry.name().to_string());
                anchors.push((entry.key.span.start as usize, place));
            }
        }
    }
    anchors.sort();
    anchors
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;
    use crate::yaml;

    #[test]
    fn comments_stand_at_the_part_that_follows_them() {
        let text = "# head\ngroups:\n- name: a # the group\n  rules:\n  # the rule\n  - alert: X\n    expr: |\n      up # not this\n    # why\n    for: 5m\n    labels: {a: 'it''s # no'} # one\n    annotations:\n      b: \"\\\" # no\" # it's \"two\"\n# end\n";
        let documents = yaml::read(FileId::NONE, text);
        let root = documents[0].root.as_ref().expect("a document");
        let groups =
            root.as_mapping().and_then(|m| m.get("groups")).and_then(Node::as_sequence).expect("groups");
        let comments = Comments::read(text, root, groups);
        assert_eq!(comments.at(&Place::Head), ["# head"]);
        assert_eq!(comments.at(&Place::Group(0)), ["# the group"]);
        assert_eq!(comments.at(&Place::Rule(0, 0)), ["# the rule"]);
        assert_eq!(comments.at(&Place::Field(0, 0, "for".into())), ["# why"]);
        assert_eq!(comments.at(&Place::Field(0, 0, "labels".into())), ["# one"]);
        assert_eq!(comments.at(&Place::Field(0, 0, "annotations".into())), ["# it's \"two\""]);
        assert_eq!(comments.at(&Place::End), ["# end"]);
    }
}
