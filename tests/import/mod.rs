//! `alertc import`.

mod corpus;
mod real;

use std::fmt::Write;
use std::path::PathBuf;

use alertc::diagnostic::render::to_plain_string;
use alertc::import::{Input, Options, stem};
use alertc::pipeline::{self, Imported};
use alertc::source::{MemoryLoader, Sources};

fn import(name: &str, text: &str, options: &Options) -> (Sources, Imported) {
    let mut sources = Sources::new();
    let file = sources.add(name, text);
    let input = Input { file, stem: stem(name), path: PathBuf::from("/shop").join(name) };
    let imported = pipeline::import(&MemoryLoader::new(), &mut sources, &[input], "shop", "", options);
    (sources, imported)
}

/// What a user gets: notes, files, findings.
fn shown(name: &str, text: &str, options: &Options) -> String {
    let (sources, imported) = import(name, text, options);
    let mut out = to_plain_string(&sources, &imported.notes);
    for (path, text) in &imported.files {
        let _ = write!(out, "== {path}\n{text}");
    }
    let _ = writeln!(out, "== findings");
    for finding in &imported.findings {
        let _ = writeln!(out, "{}: {}", finding.code.name, finding.message);
    }
    let s = imported.summary;
    let _ = writeln!(
        out,
        "== {} lines become {}; {} expressions the same to the byte, {} but for layout",
        s.lines_before, s.lines_after, s.expressions_same, s.expressions_same_but_layout
    );
    out
}

#[test]
fn files_become_sources() {
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true, snapshot_path => "../snapshots/import" }, {
        insta::glob!("../suite/import", "*.*", |path| {
            let text = std::fs::read_to_string(path).unwrap();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            insta::assert_snapshot!(shown(&name, &text, &Options::default()));
        });
    });
}

#[test]
fn literal_keeps_the_words_of_the_yaml() {
    let text = include_str!("../suite/import/idioms.yml");
    let literal = Options { literal: true, ..Options::default() };
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true, snapshot_path => "../snapshots/import" }, {
        insta::assert_snapshot!("literal", shown("idioms.yml", text, &literal));
    });
}

#[test]
fn lets_name_what_returns() {
    let quantile = |m: &str| format!("histogram_quantile(0.99, sum by (le, job) (rate({m}_bucket[5m])))");
    let rules: String = ["read_seconds", "write_seconds", "list_seconds"]
        .map(|m| {
            format!("  - alert: Slow_{m}\n    expr: {} > 1\n    labels: {{severity: warning}}\n", quantile(m))
        })
        .concat();
    let text = format!("groups:\n- name: rules\n  rules:\n{rules}");
    let lets = Options { lets: true, ..Options::default() };
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true, snapshot_path => "../snapshots/import" }, {
        insta::assert_snapshot!("lets", shown("rules.yml", &text, &lets));
    });
}

/// Whatever stands in an annotation, a label or a name, comes back.
#[test]
fn any_text_comes_back() {
    use proptest::prelude::*;
    let text = "([a-z{}$`\"'\\\\#: \t\n\r]|\\{[a-z]{1,3}\\}|\\{\\{ \\$labels\\.[a-z] \\}\\}|\u{a0}|\u{200b}|ü|\u{2028}){0,24}";
    proptest!(ProptestConfig::with_cases(64), |(summary in text, note in text, name in "[A-Za-z ]{1,8}")| {
        prop_assume!(!name.trim().is_empty());
        let rules = serde_json::json!({"groups": [{"name": "g", "rules": [{
            "alert": name, "expr": "up == 0", "labels": {"severity": "critical"},
            "annotations": {"summary": summary, "note": note},
        }]}]});
        let (sources, imported) = import("rules.json", &rules.to_string(), &Options::default());
        let errors: Vec<_> = imported.notes.iter().filter(|d| d.is_error()).cloned().collect();
        // A template that Prometheus refuses is refused here too.
        if !errors.iter().any(|d| d.code.name == "invalid-template") {
            prop_assert!(errors.is_empty(), "{}", to_plain_string(&sources, &errors));
        }
    });
}

/// A large file costs seconds, not more.
#[test]
#[ignore = "a minute without optimisation"]
fn a_hundred_thousand_rules_in_one_file() {
    let mut text = String::from("groups:\n- name: g\n  rules:\n");
    for i in 0..100_000 {
        let _ = write!(text, "  - alert: A{i}\n    expr: m{i} > {i}\n    labels: {{severity: warning}}\n");
    }
    let (_, imported) = import("rules.yml", &text, &Options::default());
    assert!(imported.notes.iter().all(|d| !d.is_error()));
    assert_eq!(imported.summary.alerts, 100_000);
}
