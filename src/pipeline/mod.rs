//! The only place that orders stages, one file a purpose: check and build are here.

mod declarations;
mod import;
mod routes;
mod diff;
mod simulate;
mod template;
mod test;

use std::collections::{BTreeSet, HashMap, HashSet};

use rayon::prelude::*;

use crate::check;
use crate::diagnostic::{self, Diagnostic};
use crate::existing;
use crate::ir::Program;
use crate::lower;
use crate::project::{self, Project, Target};
use crate::render::{self, Document, Override, Templates};
use crate::source::{FileId, LoadError, Loader, SourceFile, Sources, Span};
use crate::syntax::{self, ast::File};

pub use declarations::{Refreshed, declarations};
pub use diff::{
    DiffOptions, Side, diff, is_project, replay, side_of_project, side_of_yaml, snapshots, text_diff,
};
pub use import::{Imported, Summary as ImportSummary, import};
pub use routes::{Explained, Explanation, Routed, Silencer, explain, explain_file, routed, routed_file};
pub use simulate::{Simulated, add_templates, simulate};
pub use template::{render_template, sample_data, template_data};
pub use test::{TestSelection, Tested, test};

/// A project with the texts of its files.
#[derive(Debug, Clone)]
pub struct ProjectSources<'a> {
    /// The project.
    pub project: &'a Project,
    /// Its files with their paths from the project on, in the order of the paths.
    pub files: Vec<(FileId, String)>,
    /// The files of its dependencies, which give declarations only.
    pub shared: Vec<FileId>,
    /// Today, as `2026-01-31`: what is allowed until a day counts again from it on. None: no day has come.
    pub today: Option<String>,
}

/// What checking a project gives.
#[derive(Debug, Default)]
pub struct Checked {
    /// One program an environment; none when errors leave nothing to build.
    pub programs: Vec<Program>,
    /// Findings in the order of the text, with the severities that the project gives them.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads the files of a project and of its dependencies. A file that is not UTF-8 is a finding and left out.
///
/// # Errors
/// When a file can't be read.
pub fn read<'a>(
    loader: &dyn Loader,
    project: &'a Project,
    sources: &mut Sources,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<ProjectSources<'a>, LoadError> {
    let mut files = Vec::new();
    for path in &project.files {
        let from_here = path.strip_prefix(&project.root).unwrap_or(path).to_string_lossy().replace('\\', "/");
        files.extend(project::read_source(loader, path, sources, diagnostics)?.map(|id| (id, from_here)));
    }
    let mut shared = Vec::new();
    for path in project.dependencies.iter().flat_map(|d| &d.files) {
        shared.extend(project::read_source(loader, path, sources, diagnostics)?);
    }
    Ok(ProjectSources { project, files, shared, today: None })
}

/// Checks a project: syntax, names, types, routes and lints.
pub fn check(sources: &Sources, input: &ProjectSources<'_>) -> Checked {
    check_parsed(sources, input, parse(sources, input)).0
}

/// The trees of a project's files, with the path of each from the project on, and whether it is a package's.
type Trees = Vec<(String, File, bool)>;

/// Checks what has been parsed, and gives the trees back.
fn check_parsed(
    sources: &Sources,
    input: &ProjectSources<'_>,
    (trees, mut diagnostics): (Trees, Vec<Diagnostic>),
) -> (Checked, Trees) {
    let settings = &input.project.settings;
    let broken = diagnostics.iter().any(Diagnostic::is_error);
    // What is wrong in a let shows again in every expression that uses it.
    let told: HashSet<(&str, Span)> = diagnostics.iter().map(|d| (d.code.name, d.primary.span)).collect();
    let files = to_check(&trees);
    let checking = checking(sources, input, &files);
    let mut environments: Vec<Option<&str>> =
        check::environment_names(&files).into_iter().map(Some).collect();
    if environments.is_empty() {
        environments.push(None);
    }
    let mut programs = Vec::new();
    let mut everywhere = Everywhere::default();
    let count = environments.len();
    for environment in environments {
        let all = check::declarations(&checking, environment, &mut diagnostics);
        let (checked, mut found) = check::check(&checking, &all, environment);
        settings.lints.apply(&mut found);
        let failed = broken || found.iter().any(Diagnostic::is_error);
        found.retain(|d| !told.contains(&(d.code.name, d.primary.span)));
        everywhere.add(found, environment);
        if !failed {
            programs.push(lower::lower(&checked, &input.project.name, sources));
        }
    }
    diagnostics.extend(everywhere.told(count));
    diagnostic::sort(&mut diagnostics);
    settings.lints.apply(&mut diagnostics);
    drop(files);
    (Checked { programs, diagnostics }, trees)
}

/// The trees of a project's files as `check` takes them.
fn to_check(trees: &[(String, File, bool)]) -> Vec<check::Source<'_>> {
    trees.iter().map(|(path, tree, package)| check::Source { path, tree, package: *package }).collect()
}

/// What `check` has to know of a project.
fn checking<'a>(
    sources: &'a Sources,
    input: &'a ProjectSources<'_>,
    files: &'a [check::Source<'a>],
) -> check::Input<'a> {
    let settings = &input.project.settings;
    check::Input {
        sources,
        files,
        version: settings.prometheus,
        features: settings.features,
        external_labels: &settings.external_labels,
        paging: &settings.review.paging,
        today: input.today.as_deref(),
    }
}

/// Findings of all environments, each told once. That something is never used is told when it is used in none.
#[derive(Debug, Default)]
struct Everywhere {
    /// With the environments that they are found in.
    found: Vec<(Diagnostic, Vec<String>)>,
    places: HashMap<(&'static str, Span, String), usize>,
}

impl Everywhere {
    fn add(&mut self, found: Vec<Diagnostic>, environment: Option<&str>) {
        for diagnostic in found {
            let key = (diagnostic.code.name, diagnostic.primary.span, diagnostic.message.clone());
            let index = *self.places.entry(key).or_insert(self.found.len());
            if index == self.found.len() {
                self.found.push((diagnostic, Vec::new()));
            }
            if let Some((_, environments)) = self.found.get_mut(index) {
                let name = environment.unwrap_or_default();
                if environments.last().is_none_or(|last| last != name) {
                    environments.push(name.to_string());
                }
            }
        }
    }

    fn told(self, count: usize) -> impl Iterator<Item = Diagnostic> {
        use diagnostic::codes::alerts::UNUSED_ALLOW;
        use diagnostic::codes::routing::{DEAD_ROUTE, UNUSED_RECEIVER_NAME, USELESS_INHIBITION};
        let unused = [&DEAD_ROUTE, &UNUSED_RECEIVER_NAME, &USELESS_INHIBITION, &UNUSED_ALLOW].map(|c| c.name);
        self.found.into_iter().filter_map(move |(mut diagnostic, environments)| {
            if environments.len() < count {
                if unused.contains(&diagnostic.code.name) {
                    return None;
                }
                let names: Vec<String> = environments.iter().map(|e| format!("`{e}`")).collect();
                diagnostic.notes.push(format!("in the environment {}", names.join(" and ")));
            }
            Some(diagnostic)
        })
    }
}

/// Parses the files of a project.
fn parse(sources: &Sources, input: &ProjectSources<'_>) -> (Trees, Vec<Diagnostic>) {
    let own = input.files.iter().map(|(id, path)| (*id, path.clone(), false));
    let files: Vec<(FileId, String, bool)> =
        own.chain(input.shared.iter().map(|id| (*id, String::new(), true))).collect();
    let options = syntax_options(sources, input);
    let parsed: Vec<_> = files
        .par_iter()
        .filter_map(|(id, path, package)| {
            let file = sources.get(*id)?;
            Some((path.clone(), syntax::parse(*id, file.text(), &options), *package))
        })
        .collect();
    let mut diagnostics = Vec::new();
    let mut trees = Vec::new();
    for (path, parsed, package) in parsed {
        diagnostics.extend(parsed.diagnostics);
        trees.push((path, parsed.file, package));
    }
    (trees, diagnostics)
}

/// How the files of a project are parsed: a severity declared in one is a keyword in all.
pub fn syntax_options(sources: &Sources, input: &ProjectSources<'_>) -> syntax::Options {
    let files = input.files.iter().map(|(id, _)| id).chain(&input.shared);
    let texts = files.filter_map(|id| sources.get(*id));
    let mut severities: Vec<String> = texts.flat_map(|f| syntax::declared_severities(f.text())).collect();
    severities.dedup();
    let settings = &input.project.settings;
    syntax::Options { severities, version: settings.prometheus, features: settings.features }
}

/// Checks a rule file, a PrometheusRule or an Alertmanager configuration.
pub fn check_existing(sources: &Sources, file: FileId) -> Vec<Diagnostic> {
    sources
        .get(file)
        .map(|f| existing::check(file, f.text(), &existing::Options::default()).diagnostics)
        .unwrap_or_default()
}

/// True for text that is alert language rather than YAML: it begins with a word that no colon follows.
pub fn is_alert_language(text: &str) -> bool {
    let line = text.lines().map(str::trim_start).find(|l| !l.is_empty() && !l.starts_with('#')).unwrap_or("");
    let rest = line.trim_start_matches(|c: char| c.is_ascii_lowercase() || c == '_');
    rest.len() < line.len() && rest.starts_with([' ', '\t', '{']) && !rest.trim_start().starts_with(':')
}

/// The canonical form of an `.alert` file.
///
/// # Errors
/// The findings that keep it from being formatted.
pub fn format(sources: &Sources, file: FileId, options: &syntax::Options) -> Result<String, Vec<Diagnostic>> {
    sources
        .get(file)
        .map_or_else(|| Ok(String::new()), |f| syntax::format::format_file(file, f.text(), options))
}

/// What a build is limited to; empty is all.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Kinds of output.
    pub targets: BTreeSet<Target>,
    /// Environments by name.
    pub environments: Vec<String>,
}

/// What building a project gives.
#[derive(Debug, Default)]
pub struct Built {
    /// The files of its output tree; none when there are errors.
    pub documents: Vec<Document>,
    /// Every environment that it declares.
    pub environments: Vec<String>,
    /// Findings of checking and of rendering.
    pub diagnostics: Vec<Diagnostic>,
}

/// Checks a project and renders it. `location` is its directory as headers name it, with a `/` at its end.
///
/// # Errors
/// When a template of the project can't be read.
pub fn build(
    loader: &dyn Loader,
    sources: &mut Sources,
    input: &ProjectSources<'_>,
    location: &str,
    selection: &Selection,
) -> Result<Built, LoadError> {
    let Checked { programs, mut diagnostics } = check(sources, input);
    let environments: Vec<String> = programs.iter().filter_map(|p| p.environment.clone()).collect();
    let templates = templates(loader, sources, input.project, &mut diagnostics)?;
    let mut documents = Vec::new();
    if !diagnostics.iter().any(Diagnostic::is_error) {
        let mut settings = input.project.settings.clone();
        if !selection.targets.is_empty() {
            settings.targets = selection.targets.clone();
        }
        let options = render::Options { settings: &settings, location };
        let wanted = |p: &&Program| {
            let chosen = &selection.environments;
            chosen.is_empty() || p.environment.as_ref().is_some_and(|e| chosen.contains(e))
        };
        for program in programs.iter().filter(wanted) {
            let (rendered, findings) = render::render(program, options, &templates);
            documents.extend(rendered);
            diagnostics.extend(findings);
        }
    }
    if diagnostics.iter().any(Diagnostic::is_error) {
        documents.clear();
    }
    Ok(Built { documents, environments, diagnostics })
}

/// alertc's templates with the project's own in their place.
fn templates(
    loader: &dyn Loader,
    sources: &mut Sources,
    project: &Project,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<Templates, LoadError> {
    let mut overrides = Vec::new();
    if let Some(dir) = &project.settings.templates {
        for entry in loader.list(dir)?.into_iter().filter(|e| e.name.ends_with(".j2")) {
            if let Some(file) = project::read_source(loader, &dir.join(&entry.name), sources, diagnostics)? {
                let text = sources.get(file).map(SourceFile::shared_text).unwrap_or_default();
                overrides.push(Override { name: entry.name, file, text });
            }
        }
    }
    let (templates, findings) = Templates::new(overrides);
    diagnostics.extend(findings);
    Ok(templates)
}
