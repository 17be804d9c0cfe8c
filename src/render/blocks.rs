//! Models as blocks of YAML, which templates arrange.

use minijinja::Value;
use rayon::prelude::*;
use serde::Serialize;

use crate::prometheus::{RuleFile, RuleGroup};
use crate::promql::duration::Duration;
use crate::yaml::{StringMap, write};

/// A group without its rules.
#[derive(Serialize)]
struct Settings<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    interval: Option<Duration>,
    #[serde(skip_serializing_if = "Option::is_none")]
    query_offset: Option<Duration>,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<i64>,
    #[serde(skip_serializing_if = "StringMap::is_empty")]
    labels: &'a StringMap,
}

/// The groups of a file as templates see them: `settings` and `rules`, each a block.
pub(super) fn groups(file: &RuleFile) -> Result<Value, String> {
    let groups: Result<Vec<Value>, String> = file.groups.par_iter().map(group).collect();
    groups.map(Value::from)
}

fn group(group: &RuleGroup) -> Result<Value, String> {
    let settings = Settings {
        name: &group.name,
        interval: group.interval,
        query_offset: group.query_offset,
        limit: group.limit,
        labels: &group.labels,
    };
    let rules: Result<Vec<Value>, String> = group.rules.par_iter().map(block).collect();
    Ok(minijinja::context! { settings => block(&settings)?, rules => Value::from(rules?) })
}

/// The top-level parts of a model, each a block.
pub(super) fn sections(model: &impl Serialize) -> Result<Value, String> {
    let text = write::to_string(model)?;
    let mut sections: Vec<String> = Vec::new();
    for line in text.split_inclusive('\n') {
        match sections.last_mut() {
            Some(section) if line.starts_with([' ', '\n']) => section.push_str(line),
            _ => sections.push(line.to_string()),
        }
    }
    Ok(Value::from(sections))
}

/// A model as a block: its lines, the last one ended by a newline.
pub(super) fn block(model: &impl Serialize) -> Result<Value, String> {
    write::to_string(model).map(Value::from)
}

/// The block as an item of a list that stands at `indent`.
pub(super) fn item(block: &str, indent: usize) -> String {
    let mut out = indented(block, indent + 2);
    if out.len() > indent {
        out.replace_range(indent..indent + 1, "-");
    }
    out
}

/// The block with every line moved to the right, without the newline that ends it: the template has one.
pub(super) fn indented(block: &str, indent: usize) -> String {
    let block = block.strip_suffix('\n').unwrap_or(block);
    let margin = " ".repeat(indent);
    let mut out = String::with_capacity(block.len() + 16 * indent);
    for (index, line) in block.split('\n').enumerate() {
        if index > 0 {
            out.push('\n');
        }
        if !line.is_empty() {
            out.push_str(&margin);
            out.push_str(line);
        }
    }
    if block.ends_with('\n') {
        // A text that ends in empty lines would swallow the empty lines that a template puts behind it. A comment
        // ends it (YAML 1.2 section 8.1.1.2).
        out.push_str("\n# the text ends above");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_become_items() {
        assert_eq!(
            item("alert: A\nexpr: |-\n  a\n\n  b\n", 2),
            "  - alert: A\n    expr: |-\n      a\n\n      b"
        );
        assert_eq!(indented("a: 1\n", 2), "  a: 1");
    }
}
