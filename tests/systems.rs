//! docs/systems.md against the packs: what it names exists, and no alert or objective of a pack is missing in it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// What a pack declares, by name: the files in which it stands.
type Names = BTreeMap<String, BTreeSet<String>>;

struct Pack {
    /// Alerts and objectives.
    alerts: Names,
    /// What else has a name: analyses, receivers, escalations, environments.
    others: Names,
    /// Titles of tests.
    tests: BTreeSet<String>,
}

impl Pack {
    fn read(dir: &Path) -> Pack {
        let mut pack = Pack { alerts: Names::new(), others: Names::new(), tests: BTreeSet::new() };
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|e| e != "alert") {
                continue;
            }
            let file = path.file_name().unwrap().to_string_lossy().into_owned();
            for line in fs::read_to_string(&path).unwrap().lines() {
                let mut words = line.split_whitespace();
                let (Some(keyword), Some(name)) = (words.next(), words.next()) else { continue };
                let names = match keyword {
                    "alert" | "slo" => &mut pack.alerts,
                    "analysis" | "receiver" | "escalation" | "environment" => &mut pack.others,
                    "test" => {
                        let title = line.split('"').nth(1).expect("a title");
                        pack.tests.insert(title.to_string());
                        continue;
                    }
                    _ => continue,
                };
                names.entry(name.trim_matches('"').to_string()).or_default().insert(file.clone());
            }
        }
        pack
    }

    fn find(&self, name: &str) -> Option<&BTreeSet<String>> {
        self.alerts.get(name).or_else(|| self.others.get(name))
    }

    /// True for a title that is written so; `…` is any text.
    fn has_test(&self, written: &str) -> bool {
        let pattern = regex::escape(written).replace(" …", ".+").replace('…', ".+");
        let pattern = regex::Regex::new(&format!("^{pattern}$")).unwrap();
        self.tests.iter().any(|title| pattern.is_match(title))
    }
}

/// What stands between two marks, all through a text.
fn between(text: &str, mark: char) -> impl Iterator<Item = &str> {
    text.split(mark).skip(1).step_by(2)
}

/// True for what can only be a name: no spaces, no punctuation of PromQL or of the language.
fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || "_-".contains(c))
}

/// What is wrong with the page.
fn mistakes(page: &str, packs: &Path) -> Vec<String> {
    let mut wrong = Vec::new();
    for section in page.split("\n## ").skip(1) {
        let dir = section.split("`alerts/").nth(1).and_then(|s| s.split('/').next()).expect("a directory");
        let pack = Pack::read(&packs.join(dir));
        let mut named = BTreeSet::new();
        for row in section.lines().filter(|l| l.starts_with("| ")).skip(1) {
            let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
            let [what, alert, tests] = cells[..] else {
                wrong.push(format!("{dir}: not three cells: {row}"));
                continue;
            };
            let mut last: Option<(&str, &BTreeSet<String>)> = None;
            for (i, part) in alert.split('`').enumerate() {
                if i % 2 == 0 {
                    // `Name` (file.alert)
                    let file = part.strip_prefix(" (").and_then(|p| p.split(')').next());
                    if let (Some(file), Some((name, files))) = (file.filter(|f| f.ends_with(".alert")), last)
                        && !files.contains(file)
                    {
                        wrong.push(format!("{dir}: {name} is not in {file}"));
                    }
                    last = None;
                } else if is_name(part) {
                    match pack.find(part) {
                        Some(files) => last = Some((part, files)),
                        // A runbook's page has a name, too.
                        None if alert.contains(&format!("runbook `{part}`")) => {}
                        None => wrong.push(format!("{dir}: `{part}` is not declared ({what})")),
                    }
                    named.insert(part);
                }
            }
            for title in between(tests, '"').filter(|t| !pack.has_test(t)) {
                wrong.push(format!("{dir}: no test {title:?} ({what})"));
            }
            let told = ["as above", "proved when it is built", "held by the generated tree"];
            if !tests.contains('"') && !told.iter().any(|t| row.contains(t)) {
                wrong.push(format!("{dir}: no test ({what})"));
            }
        }
        let missing = pack.alerts.keys().filter(|a| !named.contains(a.as_str()));
        wrong.extend(missing.map(|a| format!("{dir}: `{a}` has no row")));
    }
    wrong
}

#[test]
fn every_row_of_the_four_systems_stands_in_a_pack() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("docs/systems.md")).unwrap();
    assert_eq!(page.matches("\n## ").count(), 4, "a section for each system");
    let wrong = mistakes(&page, &root.join("alerts"));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_wrong_on_the_page_is_found() {
    let page = "# T\n\n## S\n\n`alerts/ecommerce/`\n\n| row | alert | tests |\n|---|---|---|\n\
                | a | `PodUp` (ecommerce.alert) | \"six per cent of … page\" |\n\
                | b | `PodDown` (slo.alert) | \"no such test\" |\n| c | `HighErrorRate` | |\n";
    let wrong = mistakes(page, &Path::new(env!("CARGO_MANIFEST_DIR")).join("alerts"));
    for expected in [
        "ecommerce: `PodUp` is not declared (a)",
        "ecommerce: PodDown is not in slo.alert",
        "ecommerce: no test \"no such test\" (b)",
        "ecommerce: `LowInventory` has no row",
    ] {
        assert!(wrong.iter().any(|w| w == expected), "{expected} in {wrong:#?}");
    }
    assert!(!wrong.iter().any(|w| w.contains("six per cent")), "{wrong:#?}");
}
