//! alertc.toml: which files are one program, for which Prometheus, and what is written where.
//!
//! [`load`] finds the nearest alertc.toml upwards, as cargo does, and the workspace that lists it. Every key is
//! checked: an unknown one is an error, so that no setting is silently without force.

mod discover;
mod reader;
mod review;
mod settings;
mod write;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::promql::features::{Features, Version};
use crate::source::{FileId, Span};

pub use discover::{CONFIG_FILE, decode, load, read_source, standalone};
pub use review::{Review, Risk};
pub use settings::dns_name;
pub use write::toml_of;

/// The projects of one run.
#[derive(Debug, Clone)]
pub struct Workspace {
    /// The directory of the alertc.toml that decides: the workspace's, or the only project's.
    pub root: PathBuf,
    /// Where the output trees go, absolute.
    pub output: PathBuf,
    /// True when `projects` are all that write to `output`; false when one member of several was asked for.
    pub whole: bool,
    /// In the order in which they are listed.
    pub projects: Vec<Project>,
}

impl Workspace {
    /// A project's directory as seen from the workspace's, with a `/` at its end unless it is the same.
    pub fn location(&self, project: &Project) -> String {
        let within = project.root.strip_prefix(&self.root).unwrap_or(Path::new(""));
        let parts: Vec<_> = within.components().map(|c| c.as_os_str().to_string_lossy()).collect();
        if parts.is_empty() { String::new() } else { format!("{}/", parts.join("/")) }
    }
}

/// One project: all its `.alert` files are one program.
#[derive(Debug, Clone)]
pub struct Project {
    /// The name of its output tree: lower-case letters, digits, `-` and `.`.
    pub name: String,
    /// The directory of its alertc.toml, absolute.
    pub root: PathBuf,
    /// What its alertc.toml says.
    pub settings: Settings,
    /// Its source files, absolute, in the order of their paths.
    pub files: Vec<PathBuf>,
    /// Projects whose declarations it shares, each once, those it names first.
    pub dependencies: Vec<Dependency>,
}

/// A project that another depends on.
#[derive(Debug, Clone)]
pub struct Dependency {
    /// The name given to it.
    pub name: String,
    /// The directory of its alertc.toml, absolute.
    pub root: PathBuf,
    /// Its source files, absolute, in the order of their paths.
    pub files: Vec<PathBuf>,
}

/// The settings of one project, those of its workspace included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// What is written.
    pub targets: BTreeSet<Target>,
    /// What goes into the metadata of each PrometheusRule.
    pub manifest: Manifest,
    /// The directory of the project's own templates, absolute.
    pub templates: Option<PathBuf>,
    /// The Prometheus that runs the rules.
    pub prometheus: Version,
    /// The feature flags that this Prometheus runs with.
    pub features: Features,
    /// The Alertmanager that is told (major, minor, patch); none: as it is documented.
    pub alertmanager: Option<(u16, u16, u16)>,
    /// Labels that this Prometheus adds to every alert it sends.
    pub external_labels: BTreeMap<String, String>,
    /// Changed severities of findings.
    pub lints: Lints,
    /// What a review of changes looks at.
    pub review: Review,
}

/// The Prometheus that a project is for unless it says otherwise: the newest with long-term support.
const DEFAULT_VERSION: Version = Version::new(3, 5);

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            targets: Target::ALL.into_iter().collect(),
            manifest: Manifest::default(),
            templates: None,
            prometheus: DEFAULT_VERSION,
            features: Features::none(),
            alertmanager: None,
            external_labels: BTreeMap::new(),
            lints: Lints::default(),
            review: Review::default(),
        }
    }
}

/// Metadata of the PrometheusRule manifests.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Manifest {
    /// `metadata.namespace`; absent leaves it to whoever applies the manifest.
    pub namespace: Option<String>,
    /// `metadata.labels`, by which a Prometheus selects its rules.
    pub labels: BTreeMap<String, String>,
    /// `metadata.annotations`.
    pub annotations: BTreeMap<String, String>,
}

/// A kind of output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// Rule files as Prometheus loads them.
    Prometheus,
    /// PrometheusRule manifests for the Prometheus operator.
    PrometheusRule,
    /// Alertmanager's configuration.
    Alertmanager,
    /// Argo Rollouts' AnalysisTemplates of canary analyses.
    AnalysisTemplate,
}

impl Target {
    /// Every target.
    pub const ALL: [Target; 4] =
        [Target::Prometheus, Target::PrometheusRule, Target::Alertmanager, Target::AnalysisTemplate];

    /// The name in alertc.toml and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Target::Prometheus => "prometheus",
            Target::PrometheusRule => "prometheusrule",
            Target::Alertmanager => "alertmanager",
            Target::AnalysisTemplate => "analysistemplate",
        }
    }
}

/// Severities that a project gives to findings in place of their own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lints {
    levels: BTreeMap<&'static str, Option<Severity>>,
}

impl Lints {
    /// Gives `code` a level; none hides its findings.
    pub fn set(&mut self, code: Code, level: Option<Severity>) {
        self.levels.insert(code.name, level);
    }

    /// Applies the levels: the one place where a finding's severity changes.
    pub fn apply(&self, diagnostics: &mut Vec<Diagnostic>) {
        if self.levels.is_empty() {
            return;
        }
        diagnostics.retain_mut(|finding| match self.levels.get(finding.code.name) {
            Some(Some(severity)) => {
                finding.severity = *severity;
                true
            }
            Some(None) => false,
            None => true,
        });
    }
}

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Located<T> {
    value: T,
    span: Span,
}

/// One alertc.toml as it stands, before paths are followed.
#[derive(Debug, Clone)]
struct Config {
    file: FileId,
    /// `[project]`: its name, where given.
    project: Option<ProjectTable>,
    /// `[workspace] members`.
    members: Option<Vec<Located<String>>>,
    output: Option<Located<String>>,
    dependencies: BTreeMap<String, Located<String>>,
    settings: Settings,
}

#[derive(Debug, Clone, Default)]
struct ProjectTable {
    name: Option<String>,
    sources: Option<Vec<Located<String>>>,
}
