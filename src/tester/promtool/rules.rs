//! The rule files of test files: each read once, each set of them prepared once.

use std::collections::HashMap;
use std::path::PathBuf;

use rayon::prelude::*;

use super::file::TestFile;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::tester::{INVALID_TEST, MISSING_RULE_FILE};
use crate::project;
use crate::prometheus::rules::{Options, RuleSet};
use crate::prometheus::{RuleFile, Target, read_manifest, read_rule_file};
use crate::source::{FileId, LoadErrorKind, Loader, Sources};
use crate::yaml;

/// All sets of rules of a run.
#[derive(Default)]
pub(super) struct Library {
    files: Vec<FileId>,
    by_path: HashMap<PathBuf, Option<usize>>,
    sets: Vec<Key>,
    by_key: HashMap<Key, usize>,
    prepared: Vec<Prepared>,
}

/// Which files, and in which order their groups are evaluated.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    files: Vec<usize>,
    order: Vec<String>,
}

/// A set of rules, ready to be evaluated.
pub(super) struct Prepared {
    pub(super) set: RuleSet,
    /// What is wrong with its files.
    pub(super) findings: Vec<Diagnostic>,
}

impl Library {
    /// Finds and reads the rule files of a test file; the number of its set.
    pub(super) fn load(
        &mut self,
        loader: &dyn Loader,
        file: &TestFile,
        sources: &mut Sources,
        findings: &mut Vec<Diagnostic>,
    ) -> Option<usize> {
        let mut files = Vec::new();
        for (pattern, span) in &file.rule_files {
            let paths = match crate::source::glob(loader, &file.dir, pattern) {
                Ok(paths) => paths,
                Err(error) => {
                    findings.push(Diagnostic::new(&INVALID_TEST, *span, format!("`{pattern}`: {error}")));
                    return None;
                }
            };
            if paths.is_empty() {
                findings.push(
                    Diagnostic::new(&MISSING_RULE_FILE, *span, format!("no file matches `{pattern}`"))
                        .label("no such file")
                        .note("promtool runs the tests without these rules")
                        .help(format!("paths are relative to `{}`", loader.display_name(&file.dir))),
                );
            }
            for path in paths {
                let known = match self.by_path.get(&path) {
                    Some(known) => *known,
                    None => {
                        let id = match project::read_source(loader, &path, sources, findings) {
                            Ok(id) => id,
                            // A directory matches as well; promtool then fails to read it.
                            Err(error) => {
                                let words = match error.kind {
                                    LoadErrorKind::NotFound => "it does not exist".to_string(),
                                    _ => error.to_string(),
                                };
                                findings.push(Diagnostic::new(&INVALID_TEST, *span, words));
                                None
                            }
                        };
                        let number = id.map(|id| {
                            self.files.push(id);
                            self.files.len() - 1
                        });
                        self.by_path.insert(path, number);
                        number
                    }
                };
                files.extend(known.filter(|n| !files.contains(n)));
            }
        }
        let key = Key { files, order: file.group_eval_order.clone() };
        let next = self.sets.len();
        let number = *self.by_key.entry(key.clone()).or_insert(next);
        if number == next {
            self.sets.push(key);
        }
        Some(number)
    }

    /// Reads the rules of all files, and prepares all sets.
    pub(super) fn prepare(&mut self, sources: &Sources) {
        let read: Vec<(RuleFile, Vec<Diagnostic>)> =
            self.files.par_iter().map(|id| rules(*id, sources)).collect();
        self.prepared = self
            .sets
            .par_iter()
            .map(|key| {
                let of_set = || key.files.iter().filter_map(|n| read.get(*n));
                let mut findings: Vec<Diagnostic> = of_set().flat_map(|(_, f)| f).cloned().collect();
                let mut groups: Vec<_> = of_set().flat_map(|(file, _)| &file.groups).collect();
                // Groups that are not named tie with the first that is.
                groups.sort_by_key(|g| key.order.iter().position(|n| *n == g.name).unwrap_or(0));
                let options = Options::default();
                let empty = || RuleSet::new([], &options);
                let sound = !findings.iter().any(Diagnostic::is_error);
                let set = if sound { RuleSet::new(groups, &options) } else { empty() };
                let set = set.or_else(|found| {
                    findings.extend(found);
                    empty()
                });
                set.ok().map(|set| Prepared { set, findings })
            })
            .collect::<Option<Vec<_>>>()
            .unwrap_or_default();
    }

    pub(super) fn get(&self, number: usize) -> Option<&Prepared> {
        self.prepared.get(number)
    }
}

/// A rule file, or the groups of a PrometheusRule. Lints are for `check`.
fn rules(id: FileId, sources: &Sources) -> (RuleFile, Vec<Diagnostic>) {
    let text = sources.get(id).map_or("", |f| f.text());
    let Some(document) = yaml::read(id, text).into_iter().next() else { return Default::default() };
    let mut findings = document.diagnostics;
    let Some(root) = document.root else { return (RuleFile::default(), findings) };
    let kind = root.as_mapping().and_then(|m| m.get("kind")).and_then(yaml::Node::as_text);
    let (model, found) = if kind == Some(crate::prometheus::PrometheusRule::KIND) {
        let manifest = read_manifest(&root, text, Target::widest());
        (RuleFile { groups: manifest.model.spec.groups }, manifest.diagnostics)
    } else {
        let read = read_rule_file(&root, text, Target::widest());
        (read.model, read.diagnostics)
    };
    findings.extend(found);
    findings.retain(Diagnostic::is_error);
    (model, findings)
}
