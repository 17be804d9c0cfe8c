//! The committed output tree: up to date, and of the form that the Prometheus operator's CRD asks for.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_yaml::Value;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(dir: &Path, out: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() { files(&path, out) } else { out.push(path) }
    }
}

#[test]
fn the_committed_tree_is_up_to_date() {
    let output = Command::new(env!("CARGO_BIN_EXE_alertc"))
        .args(["build", "--check"])
        .current_dir(root())
        .output()
        .unwrap();
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
}

#[test]
fn manifests_are_what_the_operators_crd_asks_for() {
    let Ok(crd) = fs::read_to_string(root().join("../shared/conformance/crd/prometheusrules.yaml")) else {
        eprintln!("skipped: the CRD is not here");
        return;
    };
    let crd: Value = serde_yaml::from_str(&crd).unwrap();
    let schema = &crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"];
    assert!(schema["properties"]["spec"].is_mapping());
    let mut all = Vec::new();
    files(&root().join("generated"), &mut all);
    let manifests: Vec<_> =
        all.iter().filter(|p| p.parent().is_some_and(|d| d.ends_with("kubernetes"))).collect();
    assert!(!manifests.is_empty());
    for path in manifests {
        let manifest: Value = serde_yaml::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        if manifest["kind"] != "PrometheusRule" {
            continue;
        }
        let mut wrong = Vec::new();
        validate(&manifest, schema, "", &mut wrong);
        assert!(wrong.is_empty(), "{}: {wrong:#?}", path.display());
    }
    // The validator itself finds something.
    let mut wrong = Vec::new();
    let bad = "spec: {groups: [{interval: 5 m, rules: [{alert: A, lable: x}]}, {name: 1}]}";
    validate(&serde_yaml::from_str(bad).unwrap(), schema, "", &mut wrong);
    assert_eq!(wrong.len(), 5, "{wrong:#?}");
}

/// The part of a structural schema that the CRD uses.
fn validate(value: &Value, schema: &Value, at: &str, wrong: &mut Vec<String>) {
    let mut fail = |why: String| wrong.push(format!("{at}: {why}"));
    let kind = schema["type"].as_str().unwrap_or("");
    let fits = match kind {
        "object" => value.is_mapping(),
        "array" => value.is_sequence(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_bool(),
        _ => true,
    };
    if !fits {
        return fail(format!("is no {kind}"));
    }
    if let (Some(text), Some(pattern)) = (value.as_str(), schema["pattern"].as_str())
        && !regex::Regex::new(pattern).unwrap().is_match(text)
    {
        fail(format!("`{text}` does not match"));
    }
    if value.as_str().is_some_and(|t| (t.len() as u64) < schema["minLength"].as_u64().unwrap_or(0)) {
        fail("is too short".to_string());
    }
    for name in schema["required"].as_sequence().into_iter().flatten() {
        if value.get(name).is_none() {
            fail(format!("lacks {}", name.as_str().unwrap_or("")));
        }
    }
    if schema["x-kubernetes-list-type"].as_str() == Some("map") {
        let mut seen = HashSet::new();
        for item in value.as_sequence().into_iter().flatten() {
            if !seen.insert(format!("{:?}", item["name"])) {
                fail(format!("{:?} comes twice", item["name"]));
            }
        }
    }
    for (key, item) in value.as_mapping().into_iter().flatten() {
        let name = key.as_str().unwrap_or("?");
        let known = schema["properties"].get(key).or_else(|| schema.get("additionalProperties"));
        match known {
            Some(schema) => validate(item, schema, &format!("{at}/{name}"), wrong),
            // Kubernetes' own metadata has no schema in a CRD.
            None if schema.get("properties").is_none() => {}
            None => wrong.push(format!("{at}: unknown field {name}")),
        }
    }
    for (index, item) in value.as_sequence().into_iter().flatten().enumerate() {
        validate(item, &schema["items"], &format!("{at}/{index}"), wrong);
    }
}
