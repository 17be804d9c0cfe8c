//! The house rules that a compiler does not hold: module order, file sizes, documentation.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Lines a file may have before its `#[cfg(test)]` part.
const MAX_LINES: usize = 1000;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn rust_files(dir: &Path, out: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            rust_files(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
}

fn sources() -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    rust_files(&root().join("src"), &mut files);
    files.into_iter().map(|p| (p.clone(), fs::read_to_string(&p).unwrap())).collect()
}

/// The part of a file before its tests.
fn code(text: &str) -> &str {
    text.split("\n#[cfg(test)]\n").next().unwrap_or(text)
}

#[test]
fn modules_import_only_what_is_declared_above_them() {
    let lib = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let order: BTreeMap<String, usize> = lib
        .lines()
        .filter_map(|l| l.strip_prefix("pub mod ")?.strip_suffix(';'))
        .enumerate()
        .map(|(i, name)| (name.to_string(), i))
        .collect();
    assert!(order.len() > 10, "lib.rs declares the modules one a line");
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let relative = path.strip_prefix(root().join("src")).unwrap().to_path_buf();
        let first = relative.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
        let module = first.trim_end_matches(".rs").to_string();
        let Some(own) = order.get(&module) else { continue };
        for (number, line) in text.lines().enumerate() {
            let mut rest = line.trim_start();
            if rest.starts_with("//") {
                continue;
            }
            while let Some(at) = rest.find("crate::") {
                rest = &rest[at + "crate::".len()..];
                let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                if order.get(&name).is_some_and(|other| other > own) {
                    wrong.push(format!("{}:{}: {module} is above {name}", relative.display(), number + 1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_file_says_what_it_is_for_and_stays_small() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let name = path.strip_prefix(root()).unwrap().display().to_string();
        if !text.starts_with("//!") {
            wrong.push(format!("{name}: starts without `//!`"));
        }
        let lines = code(&text).lines().count();
        if lines > MAX_LINES {
            wrong.push(format!("{name}: {lines} lines"));
        }
        if text.lines().any(|l| l.ends_with(' ')) {
            wrong.push(format!("{name}: trailing space"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn only_one_file_knows_serde_yaml() {
    let users: Vec<String> = sources()
        .iter()
        .filter(|(_, t)| {
            code(t).lines().any(|l| !l.trim_start().starts_with("//") && l.contains("serde_yaml::"))
        })
        .map(|(p, _)| p.strip_prefix(root()).unwrap().display().to_string())
        .collect();
    assert!(users.len() <= 1, "serde_yaml is used in {users:?}");
}

/// A finding is a product: somebody has looked at how it reads.
#[test]
fn every_code_is_shown_by_a_snapshot() {
    let mut seen = String::new();
    let mut queue = vec![root().join("tests"), root().join("src")];
    while let Some(dir) = queue.pop() {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                queue.push(path);
            } else if path.extension().is_some_and(|e| e == "snap" || e == "rs") {
                seen.push_str(&fs::read_to_string(path).unwrap());
            }
        }
    }
    let missing: Vec<&str> = alertc::diagnostic::codes::all()
        .map(|code| code.name)
        .filter(|name| {
            let levels = ["error", "warning", "info"];
            !levels.iter().any(|level| seen.contains(&format!("{level}[{name}]")))
        })
        .collect();
    assert!(missing.is_empty(), "no snapshot shows {missing:?}");
}
