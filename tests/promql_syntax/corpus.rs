//! Every expression of real rule files has promtool's verdict.

use std::collections::BTreeMap;
use std::fs;

use serde_yaml::Value;

use super::{accept, shared};
use alertc::promql::parser::Options;

/// The `expr` of every rule in a document, however deep it stands.
fn expressions(value: &Value, out: &mut Vec<String>) {
    match value {
        Value::Mapping(map) => {
            for (key, value) in map {
                match (key.as_str(), value) {
                    (Some("expr"), Value::String(text)) => out.push(text.clone()),
                    (Some("expr"), Value::Number(n)) => out.push(n.to_string()),
                    _ => expressions(value, out),
                }
            }
        }
        Value::Sequence(items) => items.iter().for_each(|v| expressions(v, out)),
        _ => {}
    }
}

#[test]
fn every_expression_of_real_rule_files_has_promtools_verdict() {
    let Some(corpus) = shared("corpus") else { return };
    let index = fs::read_to_string(corpus.join("index.tsv")).unwrap();
    let mut verdicts: BTreeMap<String, bool> = BTreeMap::new();
    for line in index.lines().skip(1) {
        let fields: Vec<&str> = line.split('\t').collect();
        let [repo, _, path, kind, _, _, _, _, _, verdict, error, ..] = fields.as_slice() else { continue };
        if !matches!(*kind, "rules" | "prometheusrule-crd") {
            continue;
        }
        let file = corpus.join(repo.replace('/', "+")).join(path);
        let Ok(text) = fs::read_to_string(file) else { continue };
        let mut found = Vec::new();
        for document in serde_yaml::Deserializer::from_str(&text) {
            let Ok(value) = <Value as serde::Deserialize>::deserialize(document) else { continue };
            expressions(&value, &mut found);
        }
        let refused = *verdict != "pass";
        for text in found {
            // A refused file may be refused for another reason: then its expressions are not judged.
            if !refused {
                verdicts.insert(text, true);
            } else if error.contains("could not parse expression") {
                verdicts.entry(text).or_insert(false);
            }
        }
    }
    assert!(verdicts.len() > 3000, "only {} expressions", verdicts.len());
    let options = Options::default();
    let wrong: Vec<String> = verdicts
        .iter()
        .filter(|(_, accepted)| **accepted)
        .filter_map(|(text, _)| accept(text, &options).err().map(|d| format!("{}\n    {text}", d[0].message)))
        .collect();
    assert!(wrong.is_empty(), "{} of {}\n{}", wrong.len(), verdicts.len(), wrong.join("\n"));
}
