//! Where documents go, and what Kubernetes calls them.

use std::collections::BTreeSet;

use crate::ir::{Program, RuleFile};
use crate::project::dns_name;

/// `project/` or `project/environment/`.
pub(super) fn prefix(program: &Program) -> String {
    match &program.environment {
        Some(environment) => format!("{}/{}/", program.project, path_part(environment)),
        None => format!("{}/", program.project),
    }
}

/// `rules/<stem>.yml`
pub(super) fn rules(program: &Program, file: &RuleFile) -> String {
    format!("{}rules/{}.yml", prefix(program), path_part(&file.stem))
}

/// `kubernetes/<stem>.yml`
pub(super) fn manifest(program: &Program, file: &RuleFile) -> String {
    format!("{}kubernetes/{}.yml", prefix(program), path_part(&file.stem))
}

/// `alertmanager.yml`
pub(super) fn alertmanager(program: &Program) -> String {
    format!("{}alertmanager.yml", prefix(program))
}

/// `kubernetes/<name>.analysis.yml`
pub(super) fn analysis(program: &Program, name: &str) -> String {
    format!("{}kubernetes/{}.analysis.yml", prefix(program), path_part(name))
}

/// The names of the manifests, one for each file: DNS names (RFC 1123), each once.
pub(super) fn objects(program: &Program) -> Vec<String> {
    let mut taken = BTreeSet::new();
    let mut names = Vec::with_capacity(program.files.len());
    for file in &program.files {
        let mut parts = vec![program.project.as_str()];
        parts.extend(program.environment.as_deref());
        if file.stem != program.project {
            parts.push(&file.stem);
        }
        let name = dns_name(&parts.join("-"));
        let mut free = name.clone();
        let mut next = 2;
        while !taken.insert(free.clone()) {
            free = format!("{name}-{next}");
            next += 1;
        }
        names.push(free);
    }
    names
}

/// A name as one part of a path: no separators, nothing hidden, nothing that a shell or a file system dislikes.
fn path_part(name: &str) -> String {
    let clean: String = name
        .chars()
        .map(|c| if c.is_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '-' })
        .collect();
    let clean = clean.trim_start_matches(['.', '-']);
    if clean.is_empty() { "unnamed".to_string() } else { clean.to_string() }
}
