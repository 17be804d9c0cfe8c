//! The PrometheusRule manifests hold against the operator's own schema.
//!
//! The schema is read where it is (`../shared/conformance/crd`); without it there is nothing to compare with.

use std::path::{Path, PathBuf};

use serde_yaml::Value;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What of a value its schema refuses; the keywords that the operator's schema uses, no more.
fn violations(schema: &Value, value: &Value, path: &str, out: &mut Vec<String>) {
    if schema.get("x-kubernetes-int-or-string").and_then(Value::as_bool) == Some(true) {
        if !(value.is_string() || value.is_i64() || value.is_u64()) {
            out.push(format!("{path}: neither integer nor string"));
        }
        return;
    }
    let matches = match schema.get("type").and_then(Value::as_str) {
        Some("object") => value.is_mapping(),
        Some("array") => value.is_sequence(),
        Some("string") => value.is_string(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("boolean") => value.is_bool(),
        Some(other) => panic!("{path}: a type that this test does not know: {other}"),
        None => true,
    };
    if !matches {
        out.push(format!("{path}: not of type {:?}", schema.get("type")));
        return;
    }
    if let Some(text) = value.as_str() {
        if let Some(pattern) = schema.get("pattern").and_then(Value::as_str)
            && !regex::Regex::new(pattern).unwrap().is_match(text)
        {
            out.push(format!("{path}: {text:?} does not match {pattern}"));
        }
        let shortest = schema.get("minLength").and_then(Value::as_u64).unwrap_or(0);
        if (text.chars().count() as u64) < shortest {
            out.push(format!("{path}: shorter than {shortest}"));
        }
        if let Some(allowed) = schema.get("enum").and_then(Value::as_sequence)
            && !allowed.contains(value)
        {
            out.push(format!("{path}: {text:?} is not allowed"));
        }
    }
    if let Some(map) = value.as_mapping() {
        for name in schema.get("required").and_then(Value::as_sequence).into_iter().flatten() {
            if !map.contains_key(name) {
                out.push(format!("{path}: {name:?} is missing"));
            }
        }
        for (key, inner) in map {
            let name = key.as_str().unwrap_or_default();
            let properties = schema.get("properties").and_then(|p| p.get(name));
            match properties.or_else(|| schema.get("additionalProperties")) {
                Some(schema) => violations(schema, inner, &format!("{path}.{name}"), out),
                // `metadata` is described elsewhere.
                None if schema.get("properties").is_none() => {}
                None => out.push(format!("{path}: no field {name:?}")),
            }
        }
    }
    if let (Some(items), Some(schema)) = (value.as_sequence(), schema.get("items")) {
        for (index, item) in items.iter().enumerate() {
            violations(schema, item, &format!("{path}[{index}]"), out);
        }
    }
}

fn manifests(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            manifests(&path, out);
        } else if path.extension().is_some_and(|e| e == "yml") {
            out.push(path);
        }
    }
}

#[test]
fn generated_manifests_hold_against_the_schema() {
    let file = root().join("../shared/conformance/crd/prometheusrules.yaml");
    let Ok(text) = std::fs::read_to_string(&file) else {
        println!("skipped: no {}", file.display());
        return;
    };
    let crd: Value = serde_yaml::from_str(&text).unwrap();
    let versions = crd["spec"]["versions"].as_sequence().unwrap();
    let schema = &versions.iter().find(|v| v["name"] == "v1").unwrap()["schema"]["openAPIV3Schema"];
    let mut files = Vec::new();
    manifests(&root().join("generated"), &mut files);
    let mut found = Vec::new();
    let mut checked = 0;
    for path in files {
        let manifest: Value = serde_yaml::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        if manifest.get("kind").and_then(Value::as_str) == Some("PrometheusRule") {
            violations(schema, &manifest, &path.display().to_string(), &mut found);
            checked += 1;
        }
    }
    assert!(checked > 0, "no manifest in generated/");
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}
