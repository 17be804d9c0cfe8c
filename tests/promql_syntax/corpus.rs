//! Every expression of real rule files has promtool's verdict.

use std::collections::BTreeMap;
use std::fs;
use std::sync::OnceLock;

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

/// Every expression of the corpus, and whether promtool accepted it. Those of a file that promtool refused for
/// another reason than an expression are not judged.
fn verdicts() -> &'static BTreeMap<String, bool> {
    static VERDICTS: OnceLock<BTreeMap<String, bool>> = OnceLock::new();
    VERDICTS.get_or_init(read_verdicts)
}

fn read_verdicts() -> BTreeMap<String, bool> {
    let mut verdicts = BTreeMap::new();
    let Some(corpus) = shared("corpus") else { return verdicts };
    let index = fs::read_to_string(corpus.join("index.tsv")).unwrap();
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
        for text in found {
            if *verdict == "pass" {
                verdicts.insert(text, true);
            } else if error.contains("could not parse expression") {
                verdicts.entry(text).or_insert(false);
            }
        }
    }
    verdicts
}

/// The expressions that promtool accepted.
pub(super) fn accepted() -> Vec<String> {
    verdicts().iter().filter(|(_, accepted)| **accepted).map(|(text, _)| text.clone()).collect()
}

#[test]
fn every_expression_of_real_rule_files_has_promtools_verdict() {
    if shared("corpus").is_none() {
        return;
    }
    let verdicts = verdicts();
    assert!(verdicts.len() > 3000, "only {} expressions", verdicts.len());
    let options = Options::default();
    let (good, bad): (Vec<_>, Vec<_>) = verdicts.iter().partition(|(_, accepted)| **accepted);
    let wrong: Vec<String> = good
        .iter()
        .filter_map(|(text, _)| accept(text, &options).err().map(|d| format!("{}\n    {text}", d[0].message)))
        .collect();
    assert!(wrong.is_empty(), "{} of {}\n{}", wrong.len(), good.len(), wrong.join("\n"));
    // Of a file that was refused for an expression, at least one is.
    let refused = bad.iter().filter(|(text, _)| accept(text, &options).is_err()).count();
    assert!(refused >= 10, "only {refused} of {} refused", bad.len());
}
