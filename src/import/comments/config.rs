//! Comments of an Alertmanager configuration, by the path of what they stand at.

use crate::alertmanager::schema::{Field, GLOBAL, INTEGRATIONS, PLACEHOLDER, is_public};
use crate::yaml::{Node, Value};

use super::placed;

/// The keys, names and numbers that lead to a part of a configuration. In a list of named things the name leads to one.
type Path = Vec<String>;

/// The comments that were not written yet, in the order of the text, `#` included.
#[derive(Debug, Clone, Default)]
pub(in crate::import) struct ConfigComments {
    all: Vec<(Path, String)>,
}

impl ConfigComments {
    /// Reads those of `root`, a document of `text`.
    pub(in crate::import) fn read(text: &str, root: &Node) -> ConfigComments {
        let mut anchors = Vec::new();
        anchor(root, &mut Vec::new(), &mut anchors);
        anchors.sort();
        let all = placed(text, root, &anchors);
        let all = all.into_iter().map(|(path, c)| (path.cloned().unwrap_or_default(), without_secrets(c)));
        ConfigComments { all: all.collect() }
    }

    /// Takes those at exactly that path.
    pub(in crate::import) fn at(&mut self, path: &[&str]) -> Vec<String> {
        self.take(|p| p == path)
    }

    /// Takes those at that path and at all parts of it.
    pub(in crate::import) fn within(&mut self, path: &[&str]) -> Vec<String> {
        self.take(|p| p.starts_with(path))
    }

    /// As [`ConfigComments::within`], without those at the part called `but` of it.
    pub(in crate::import) fn within_but(&mut self, path: &[&str], but: &str) -> Vec<String> {
        self.take(|p| p.starts_with(path) && p.get(path.len()) != Some(&but))
    }

    /// Takes what is left.
    pub(in crate::import) fn rest(&mut self) -> Vec<String> {
        self.take(|_| true)
    }

    fn take(&mut self, wanted: impl Fn(&[&str]) -> bool) -> Vec<String> {
        let taken = self.all.extract_if(.., |(path, _)| {
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            wanted(&path)
        });
        taken.map(|(_, comment)| comment).collect()
    }
}

/// Where everything below `node` starts, with its path.
fn anchor(node: &Node, path: &mut Path, out: &mut Vec<(usize, Path)>) {
    let mut inside = |step: String, start: u32, node: &Node| {
        path.push(step);
        out.push((start as usize, path.clone()));
        anchor(node, path, out);
        path.pop();
    };
    match &node.value {
        Value::Scalar(_) => {}
        Value::Sequence(items) => {
            for (index, item) in items.iter().enumerate() {
                let name = item.as_mapping().and_then(|m| m.get("name")).and_then(Node::as_text);
                inside(name.map_or_else(|| index.to_string(), str::to_string), item.span.start, item);
            }
        }
        Value::Mapping(mapping) => {
            for entry in mapping.entries.iter().filter(|e| !e.merged) {
                let key = match entry.name() {
                    // The deprecated name of the same list.
                    "mute_time_intervals"
                        if entry
                            .value
                            .as_sequence()
                            .is_some_and(|i| i.iter().all(|i| i.as_mapping().is_some())) =>
                    {
                        "time_intervals"
                    }
                    key => key,
                };
                inside(key.to_string(), entry.key.span.start, &entry.value);
            }
        }
    }
}

/// A comment with [`PLACEHOLDER`] where a field in it, most likely one that was taken out, gives a secret.
fn without_secrets(comment: &str) -> String {
    let Some((before, value)) = comment.split_once(": ") else { return comment.to_string() };
    let key = before.rsplit(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).next().unwrap_or("");
    let value = value.trim();
    let secret = INTEGRATIONS.iter().map(|i| i.fields).chain([GLOBAL]).any(|fields| is_secret(fields, key));
    let bare = value.trim_matches(['"', '\'']);
    if !secret || bare.is_empty() || is_public(bare) {
        return comment.to_string();
    }
    format!("{before}: {PLACEHOLDER}")
}

fn is_secret(fields: &'static [Field], key: &str) -> bool {
    fields
        .iter()
        .any(|f| (f.name == key && f.is_secret()) || f.block().is_some_and(|inner| is_secret(inner, key)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;
    use crate::yaml;

    #[test]
    fn comments_stand_at_a_path() {
        let text = "# head\nroute:\n  # who\n  receiver: a # b\n  routes:\n  # first\n  - receiver: c\nreceivers:\n# the first\n- name: a\n  # old\n  # api_url: https://x/y\n  slack_configs:\n  - channel: c # where\n# end\n";
        let documents = yaml::read(FileId::NONE, text);
        let root = documents[0].root.as_ref().expect("a document");
        let mut comments = ConfigComments::read(text, root);
        assert_eq!(comments.at(&["route"]), ["# head"]);
        assert_eq!(comments.within(&["route", "receiver"]), ["# who", "# b"]);
        assert_eq!(comments.at(&["route", "routes", "0"]), ["# first"]);
        assert_eq!(comments.at(&["receivers", "a"]), ["# the first"]);
        assert_eq!(comments.at(&["receivers", "a", "slack_configs"]), ["# old", "# api_url: <secret>"]);
        assert_eq!(comments.within(&["receivers"]), ["# where"]);
        assert_eq!(comments.rest(), ["# end"]);
    }
}
