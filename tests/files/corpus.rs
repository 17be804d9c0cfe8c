//! Real files of many repositories, and the verdicts of the real tools.

use std::collections::BTreeMap;

use alertc::existing::{Kind, Options, check};
use alertc::prometheus::Target;
use alertc::promql::features::Version;
use alertc::source::FileId;
use rayon::prelude::*;

/// Files about which we say something else, each with the reason why that is right: `path<TAB>reason`.
const EXCEPTIONS: &str = include_str!("../suite/files/corpus-exceptions.tsv");

#[test]
fn every_file_gets_the_verdict_of_the_real_tool() {
    let Some(dir) = super::shared("corpus") else { return };
    let index = std::fs::read_to_string(dir.join("index.tsv")).unwrap();
    let rows: Vec<(String, Kind, bool, String)> = index
        .lines()
        .skip(1)
        .filter_map(|line| {
            let [repo, _, path, kind, .., verdict, error, _] = *line.split('\t').collect::<Vec<_>>() else {
                panic!("a row of the index: {line}")
            };
            let kind = match kind {
                "rules" => Kind::RuleFile,
                "prometheusrule-crd" => Kind::Manifest,
                "alertmanager" => Kind::AlertmanagerConfig,
                _ => return None,
            };
            Some((
                format!("{}/{path}", repo.replacen('/', "+", 1)),
                kind,
                verdict == "pass",
                error.to_string(),
            ))
        })
        .collect();
    let exceptions: BTreeMap<&str, &str> = EXCEPTIONS
        .lines()
        .filter(|l| !l.is_empty() && !l.starts_with('#'))
        .map(|l| l.split_once('\t').expect("path and reason"))
        .collect();
    // The promtool of the index is 3.5.3.
    let target = Target { version: Version::new(3, 5), ..Target::default() };
    let options = Options { target, ..Options::default() };
    let mut wrong: Vec<String> = rows
        .par_iter()
        .filter_map(|(path, kind, accepted, error)| {
            let bytes = std::fs::read(dir.join(path)).unwrap();
            let text = String::from_utf8_lossy(&bytes);
            let mut checked = check(FileId(0), &text, &options);
            let told = checked.kind;
            if told.is_none() {
                checked = check(FileId(0), &text, &Options { kind: Some(*kind), ..options });
            }
            let errors: Vec<_> = checked
                .diagnostics
                .iter()
                .filter(|d| d.is_error())
                .map(|d| format!("{}: {} at {}", d.code.name, d.message, d.primary.span.start))
                .collect();
            let agrees = errors.is_empty() == *accepted;
            match (agrees, exceptions.get(path.as_str())) {
                (false, None) => Some(format!("{path}: accepted {accepted} ({error}), ours {errors:?}")),
                (true, Some(_)) => Some(format!("{path}: an exception that is none")),
                _ if told.is_some_and(|t| t != *kind) => Some(format!("{path}: {kind:?} taken for {told:?}")),
                _ => None,
            }
        })
        .collect();
    wrong.sort();
    assert!(wrong.is_empty(), "{} of {}\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}
