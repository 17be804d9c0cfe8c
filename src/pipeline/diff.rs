//! Two programs loaded and compared: projects, or YAML that alertc did not write.

use std::path::Path;

use super::{ProjectSources, Selection, Trees, build, check_parsed, parse, read};
use crate::alertmanager::simulation::Semantics;
use crate::diagnostic::{self, Diagnostic};
use crate::diff::facts::{Existing, Facts, of_program, programs};
use crate::diff::replay;
use crate::diff::review::{self, Review, Text};
use crate::diff::snapshot::snapshot;
use crate::ir::Program;
use crate::project::{self, CONFIG_FILE, Workspace};
use crate::prometheus::RuleGroup;
use crate::promql::features::{Features, Version};
use crate::render::{self, Document};
use crate::source::{Entry, FileId, LoadError, LoadErrorKind, Loader, SourceFile, Sources, join};
use crate::tester::blocks::Recording;

/// The files of a project with their paths, those of its dependencies, and the trees of both.
type Files = (Vec<(FileId, String)>, Vec<FileId>, Trees);

/// One side of a comparison.
#[derive(Debug, Default)]
pub struct Side {
    /// The texts.
    pub sources: Sources,
    /// Findings; with an error among them there is nothing to compare.
    pub diagnostics: Vec<Diagnostic>,
    /// One for each environment of each project.
    pub facts: Vec<Facts>,
    /// What they were made from, where that is a project.
    pub programs: Vec<Program>,
    /// The groups of each of the facts, where the side is YAML.
    pub groups: Vec<Vec<RuleGroup>>,
    /// The files of each project.
    files: Vec<Files>,
    /// The workspace, where there is one.
    pub workspace: Option<Workspace>,
}

impl Side {
    /// The texts of each project.
    fn inputs(&self) -> Vec<ProjectSources<'_>> {
        let projects = self.workspace.iter().flat_map(|w| &w.projects);
        let with = projects.zip(&self.files).map(|(project, (files, shared, _))| ProjectSources {
            project,
            files: files.clone(),
            shared: shared.clone(),
            today: None,
        });
        with.collect()
    }

    /// The facts of the environments that are asked for; YAML may be of any.
    fn chosen(&self, options: &DiffOptions) -> Vec<&Facts> {
        let names = &options.environments;
        let wanted = |f: &&Facts| {
            names.is_empty()
                || f.project.is_empty()
                || f.environment.as_ref().is_some_and(|e| names.contains(e))
        };
        self.facts.iter().filter(wanted).collect()
    }

    /// True when it can't be compared.
    pub fn is_broken(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }
}

/// The project or workspace of a directory, or of one above it; none when there is none.
///
/// # Errors
/// When something can't be read.
pub fn side_of_project(loader: &dyn Loader, dir: &Path) -> Result<Option<Side>, LoadError> {
    let mut side = Side::default();
    let Some(workspace) = project::load(loader, dir, &mut side.sources, &mut side.diagnostics)? else {
        return Ok(None);
    };
    for project in &workspace.projects {
        let input = read(loader, project, &mut side.sources, &mut side.diagnostics)?;
        let (checked, trees) = check_parsed(&side.sources, &input, parse(&side.sources, &input));
        side.diagnostics.extend(checked.diagnostics);
        side.facts.extend(checked.programs.iter().map(of_program));
        side.programs.extend(checked.programs);
        side.files.push((input.files, input.shared, trees));
    }
    side.workspace = Some(workspace);
    diagnostic::sort(&mut side.diagnostics);
    Ok(Some(side))
}

/// True when a directory is the root of a project.
///
/// # Errors
/// When it can't be read.
pub fn is_project(loader: &dyn Loader, dir: &Path) -> Result<bool, LoadError> {
    Ok(loader.list(dir)?.iter().any(|e| e.name == CONFIG_FILE))
}

/// The rule files, manifests and Alertmanager configurations among a file, or all YAML files below a directory. None
/// when there is no such file.
///
/// # Errors
/// When something can't be read.
pub fn side_of_yaml(loader: &dyn Loader, path: &Path) -> Result<Option<Side>, LoadError> {
    let mut files = Vec::new();
    match loader.list(path) {
        Ok(entries) => yaml_files(loader, path, entries, 0, &mut files)?,
        Err(LoadError { kind: LoadErrorKind::NotFound, .. }) => files.push(path.to_path_buf()),
        Err(error) => return Err(error),
    }
    let mut side = Side::default();
    let mut read = Vec::new();
    for file in files {
        let Some(id) = project::read_source(loader, &file, &mut side.sources, &mut side.diagnostics)? else {
            continue;
        };
        let text = side.sources.get(id).map(SourceFile::shared_text).unwrap_or_default();
        let dir = file.parent().and_then(|dir| dir.strip_prefix(path).ok());
        let dir = dir.map(|dir| dir.to_string_lossy().replace('\\', "/")).unwrap_or_default();
        read.extend(Existing::read(id, &text).map(|existing| (dir, existing)));
    }
    let known = !read.is_empty();
    let programs = programs(read);
    let several = programs.len() > 1;
    for (dir, program) in programs {
        if program.configs.len() > 1 {
            let words = "it holds several Alertmanager configurations; name one of them, or put each into a directory of its own with its rules";
            let name = loader.display_name(&join(path, &dir));
            return Err(LoadError { name, kind: LoadErrorKind::Other(words.to_string()) });
        }
        side.facts.push(Facts { environment: several.then_some(dir), ..program.facts() });
        side.diagnostics.extend(program.diagnostics);
        side.groups.push(program.groups);
    }
    diagnostic::sort(&mut side.diagnostics);
    Ok(known.then_some(side))
}

/// Directories nested deeper are not looked into.
const MAX_DEPTH: usize = 32;

fn yaml_files(
    loader: &dyn Loader,
    dir: &Path,
    entries: Vec<Entry>,
    depth: usize,
    out: &mut Vec<std::path::PathBuf>,
) -> Result<(), LoadError> {
    for entry in entries.into_iter().filter(|e| !e.name.starts_with('.')) {
        let path = join(dir, &entry.name);
        if entry.is_dir && depth < MAX_DEPTH {
            yaml_files(loader, &path, loader.list(&path)?, depth + 1, out)?;
        } else if !entry.is_dir && (entry.name.ends_with(".yml") || entry.name.ends_with(".yaml")) {
            out.push(path);
        }
    }
    Ok(())
}

/// How two sides are compared.
#[derive(Debug, Clone, Default)]
pub struct DiffOptions {
    /// Environments by name; none: all.
    pub environments: Vec<String>,
    /// What is allowed although the policy forbids it.
    pub allowed: Vec<crate::diff::risk::Allowed>,
}

/// Compares two sides that are not broken. The policy is that of both: a change can't take it back for itself.
pub fn diff(before: &Side, after: &Side, options: &DiffOptions) -> Review {
    let mut settings = review::Options { allowed: options.allowed.clone(), ..review::Options::default() };
    // The receivers that page are those of the newest policy.
    for side in [after, before] {
        for project in side.workspace.iter().flat_map(|w| &w.projects) {
            let policy = &project.settings.review;
            if settings.paging.is_empty() {
                settings.paging = policy.paging.clone();
            }
            settings.risks.extend(&policy.risks);
        }
    }
    let changes = review::changes(&before.chosen(options), &after.chosen(options), &settings);
    Review { changes, ..Review::default() }
}

/// The emitted files that differ.
///
/// # Errors
/// When a template of a project can't be read.
pub fn text_diff(before: (&dyn Loader, &Side), after: (&dyn Loader, &Side)) -> Result<Vec<Text>, LoadError> {
    let old = documents(before.0, before.1)?;
    let new = documents(after.0, after.1)?;
    let find = |list: &[Document], path: &str| list.iter().find(|d| d.path == path).map(|d| d.text.clone());
    let mut paths: Vec<&String> = old.iter().chain(&new).map(|d| &d.path).collect();
    paths.sort();
    paths.dedup();
    let texts = paths.into_iter().map(|path| Text {
        path: path.clone(),
        before: find(&old, path),
        after: find(&new, path),
    });
    Ok(texts.filter(|t| t.before != t.after).collect())
}

fn documents(loader: &dyn Loader, side: &Side) -> Result<Vec<Document>, LoadError> {
    let mut documents = Vec::new();
    let Some(workspace) = &side.workspace else { return Ok(documents) };
    // Templates are read beside the sources.
    let mut sources = side.sources.clone();
    for input in &side.inputs() {
        let location = workspace.location(input.project);
        let built = build(loader, &mut sources, input, &location, &Selection::default())?;
        documents.extend(built.documents);
    }
    Ok(documents)
}

/// A snapshot of each project: the directory of its output tree, and the text.
pub fn snapshots(side: &Side) -> Vec<(std::path::PathBuf, String)> {
    let Some(workspace) = &side.workspace else { return Vec::new() };
    let of = |project: &project::Project| {
        let facts: Vec<&Facts> = side.facts.iter().filter(|f| f.project == project.name).collect();
        let text = snapshot(&project.name, &facts, &project.settings.review.paging);
        (workspace.output.join(&project.name), text)
    };
    workspace.projects.iter().map(of).collect()
}

/// Runs both sides over the series of their tests, and over others, when a change of the review can make a difference.
pub fn replay(review: &mut Review, before: &Side, after: &Side, options: &DiffOptions, more: &[Recording]) {
    if !replay::matters(&review.changes) {
        return;
    }
    let renamed = replay::Renamed::of(&review.changes);
    let (old, new) = (recordings(before), recordings(after));
    for (a, b) in review::pairs(&before.chosen(options), &after.chosen(options)) {
        let mut all: Vec<&Recording> = of(&new, b).collect();
        // What both tests give in the same words is run once.
        let known = all.clone();
        let is_known = |r: &&Recording| known.iter().any(|k| k.title == r.title && same_series(k, r));
        all.extend(of(&old, a).filter(|r| !is_known(r)));
        all.extend(more);
        let (mut x, mut y) = (a.map(|f| rules(before, f)), b.map(|f| rules(after, f)));
        // The receivers of YAML are called as its other side calls them.
        if let (Some(x), Some(y)) = (&mut x, &mut y) {
            (x.owners, y.owners) = (x.owners.or(y.owners), y.owners.or(x.owners));
        }
        review.replay.extend(replay::run(x.as_ref(), y.as_ref(), &all, &renamed));
    }
}

/// The series of a test, with its project and environment.
type Taken = (String, Option<String>, Recording);

/// The recordings of one environment of one project.
fn of<'t>(all: &'t [Taken], facts: Option<&'t Facts>) -> impl Iterator<Item = &'t Recording> {
    let same = move |t: &&Taken| facts.is_some_and(|f| t.0 == f.project && t.1 == f.environment);
    all.iter().filter(same).map(|(_, _, recording)| recording)
}

fn recordings(side: &Side) -> Vec<Taken> {
    let mut found = Vec::new();
    for (input, (_, _, trees)) in side.inputs().iter().zip(&side.files) {
        let recorded = super::test::recordings(&side.sources, input, trees, &side.programs).into_iter();
        found.extend(recorded.map(|(environment, r)| (input.project.name.clone(), environment, r)));
    }
    found
}

fn same_series(a: &Recording, b: &Recording) -> bool {
    let bits = |values: &[f64]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
    a.end - a.start == b.end - b.start
        && a.storage.len() == b.storage.len()
        && a.storage.iter().zip(b.storage.iter()).all(|(x, y)| {
            x.labels() == y.labels()
                && x.times() == y.times()
                && bits(x.values()) == bits(y.values())
                && x.stale() == y.stale()
                && x.histograms().len() == y.histograms().len()
        })
}

/// One environment of a side, ready to be evaluated.
fn rules<'a>(side: &'a Side, facts: &'a Facts) -> replay::Rules<'a> {
    let same = |p: &&Program| p.project == facts.project && p.environment == facts.environment;
    let program = side.programs.iter().find(same);
    let mut projects = side.workspace.iter().flat_map(|w| &w.projects);
    let settings = projects.find(|p| p.name == facts.project).map(|p| &p.settings);
    replay::Rules {
        groups: match program {
            Some(program) => render::rule_files(program).into_iter().flat_map(|f| f.groups).collect(),
            None => {
                let at = side.facts.iter().position(|f| std::ptr::eq(f, facts));
                at.and_then(|at| side.groups.get(at)).cloned().unwrap_or_default()
            }
        },
        facts,
        owners: program.map(|p| &p.owners),
        version: settings.map_or(Version::LATEST, |s| s.prometheus),
        features: settings.map_or(Features::all(), |s| s.features),
        semantics: Semantics::of(settings.and_then(|s| s.alertmanager)),
    }
}
