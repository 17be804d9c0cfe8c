//! Finding alertc.toml, the projects of a workspace, their sources and dependencies.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::settings::{self, dns_name};
use super::{Config, Dependency, Located, Project, Settings, Workspace};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::project::{
    CONFIG_INVALID_VALUE, CONFIG_MISSING_PATH, CYCLIC_DEPENDENCY, DUPLICATE_PROJECT, NOT_UTF8,
    PROJECT_WITHOUT_SOURCES,
};
use crate::source::{FileId, LoadError, LoadErrorKind, Loader, Sources, Span, join};

/// The name of the file that makes a directory a project.
pub const CONFIG_FILE: &str = "alertc.toml";

/// How deep a project's directories may nest.
const MAX_DEPTH: usize = 64;

/// Finds the alertc.toml of `dir` or of the nearest directory above, and all that it names. None when there is
/// none.
///
/// A project that a workspace above lists is built as that workspace's member: it inherits the workspace's
/// settings and writes to its output.
///
/// # Errors
/// Only when something can't be read; findings in the files themselves are pushed to `diagnostics`.
pub fn load(
    loader: &dyn Loader,
    dir: &Path,
    sources: &mut Sources,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<Option<Workspace>, LoadError> {
    let before = diagnostics.len();
    let mut finder = Finder { loader, sources, diagnostics };
    for root in dir.ancestors() {
        let Some(config) = finder.config(root, &Settings::default())? else { continue };
        if config.members.is_some() {
            return finder.workspace(root, config).map(Some);
        }
        return match finder.workspace_of(root)? {
            Some((above, workspace)) => {
                // The member is read again, with the workspace's settings below its own.
                finder.diagnostics.truncate(before);
                finder.member_alone(root, &above, &workspace).map(Some)
            }
            None => finder.single(root, config).map(Some),
        };
    }
    Ok(None)
}

/// A project of the given files alone, for files that belong to none.
pub fn standalone(root: &Path, files: Vec<PathBuf>) -> Project {
    let name = project_name(root);
    Project { name, root: root.to_path_buf(), settings: Settings::default(), files, dependencies: Vec::new() }
}

/// Reads a text file. Text that is not UTF-8 is a finding, and none is returned.
///
/// # Errors
/// When it can't be read.
pub fn read_source(
    loader: &dyn Loader,
    path: &Path,
    sources: &mut Sources,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<Option<FileId>, LoadError> {
    let bytes = loader.read(path)?;
    Ok(decode(loader.display_name(path), bytes, sources, diagnostics))
}

/// Adds a text under the name that messages show. Bytes that are not UTF-8 are a finding, and none is returned.
pub fn decode(
    name: String,
    bytes: Vec<u8>,
    sources: &mut Sources,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<FileId> {
    let error = match String::from_utf8(bytes) {
        Ok(text) => return Some(sources.add(name, text)),
        Err(error) => error,
    };
    let at = error.utf8_error().valid_up_to();
    let bytes = error.into_bytes();
    let words = match bytes.as_slice() {
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => "the file is UTF-16".to_string(),
        _ => format!("byte 0x{:02x} can't stand here", bytes.get(at).copied().unwrap_or_default()),
    };
    // Up to `at` the lossy text is the file's own, so the place is right.
    let file = sources.add(name, String::from_utf8_lossy(&bytes));
    let span = Span::new(file, at, at + char::REPLACEMENT_CHARACTER.len_utf8());
    diagnostics.push(
        Diagnostic::new(&NOT_UTF8, span, "the file is not UTF-8 text")
            .label(words)
            .help("save the file as UTF-8"),
    );
    None
}

struct Finder<'a> {
    loader: &'a dyn Loader,
    sources: &'a mut Sources,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl Finder<'_> {
    /// The alertc.toml of a directory, if it has one.
    fn config(&mut self, root: &Path, base: &Settings) -> Result<Option<Config>, LoadError> {
        let path = root.join(CONFIG_FILE);
        let file = match read_source(self.loader, &path, self.sources, self.diagnostics) {
            Ok(Some(file)) => file,
            Ok(None) => return Ok(Some(empty(FileId::NONE, base))),
            Err(LoadError { kind: LoadErrorKind::NotFound, .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let text = self.sources.get(file).map(crate::source::SourceFile::shared_text).unwrap_or_default();
        let (config, findings) = settings::read(file, &text, root, base);
        self.diagnostics.extend(findings);
        Ok(Some(config))
    }

    /// The workspace above `root` that lists it. Its findings are not reported: it was not asked for.
    fn workspace_of(&mut self, root: &Path) -> Result<Option<(PathBuf, Config)>, LoadError> {
        let before = self.diagnostics.len();
        for above in root.ancestors().skip(1) {
            let Some(config) = self.config(above, &Settings::default())? else { continue };
            let lists = |m: &[Located<String>]| m.iter().any(|m| join(above, &m.value) == root);
            if config.members.as_deref().is_some_and(lists) {
                return Ok(Some((above.to_path_buf(), config)));
            }
        }
        self.diagnostics.truncate(before);
        Ok(None)
    }

    fn workspace(&mut self, root: &Path, config: Config) -> Result<Workspace, LoadError> {
        let output = output(root, &config);
        let mut projects: Vec<Project> = Vec::new();
        let mut names: BTreeSet<String> = BTreeSet::new();
        for member in config.members.iter().flatten() {
            let dir = join(root, &member.value);
            let Some(mut found) = self.config(&dir, &config.settings)? else {
                self.missing(member, &dir.join(CONFIG_FILE));
                continue;
            };
            self.refuse_output(&mut found);
            let project = self.project(&dir, found)?;
            if !names.insert(project.name.clone()) {
                let message = format!("another member is called `{}` too", project.name);
                self.diagnostics.push(
                    Diagnostic::new(&DUPLICATE_PROJECT, member.span, message)
                        .help("give one of them another `name` in its `[project]`"),
                );
                continue;
            }
            projects.push(project);
        }
        if config.project.is_some() {
            projects.insert(0, self.project(root, config)?);
        }
        Ok(Workspace { root: root.to_path_buf(), output, whole: true, projects })
    }

    fn member_alone(
        &mut self,
        root: &Path,
        above: &Path,
        workspace: &Config,
    ) -> Result<Workspace, LoadError> {
        let base = workspace.settings.clone();
        let mut config = self.config(root, &base)?.unwrap_or_else(|| empty(FileId::NONE, &base));
        self.refuse_output(&mut config);
        let project = self.project(root, config)?;
        let output = output(above, workspace);
        Ok(Workspace { root: above.to_path_buf(), output, whole: false, projects: vec![project] })
    }

    fn single(&mut self, root: &Path, config: Config) -> Result<Workspace, LoadError> {
        let output = output(root, &config);
        let project = self.project(root, config)?;
        Ok(Workspace { root: root.to_path_buf(), output, whole: true, projects: vec![project] })
    }

    fn refuse_output(&mut self, config: &mut Config) {
        if let Some(directory) = config.output.take() {
            self.diagnostics.push(
                Diagnostic::new(
                    &CONFIG_INVALID_VALUE,
                    directory.span,
                    "a member of a workspace can't choose the output directory",
                )
                .help("set `directory` in the workspace's alertc.toml"),
            );
        }
    }

    fn project(&mut self, root: &Path, config: Config) -> Result<Project, LoadError> {
        let before = self.diagnostics.len();
        let files = self.files(root, &config)?;
        let missing = self.diagnostics.len() > before;
        if files.is_empty() && !missing && config.file != FileId::NONE {
            let span = Span::new(config.file, 0, 0);
            self.diagnostics.push(
                Diagnostic::new(&PROJECT_WITHOUT_SOURCES, span, "the project has no .alert file")
                    .help("`alertc init` writes a first one"),
            );
        }
        let dependencies = self.dependencies(root, &config)?;
        let name = config.project.and_then(|p| p.name).unwrap_or_else(|| project_name(root));
        Ok(Project { name, root: root.to_path_buf(), settings: config.settings, files, dependencies })
    }

    fn files(&mut self, root: &Path, config: &Config) -> Result<Vec<PathBuf>, LoadError> {
        let given = config.project.as_ref().and_then(|p| p.sources.as_deref());
        let output = output(root, config);
        let mut files = BTreeSet::new();
        let Some(given) = given else {
            self.walk(root, &output, 0, &mut files)?;
            return Ok(files.into_iter().collect());
        };
        for source in given {
            let path = join(root, &source.value);
            let walked = if source.value.ends_with(".alert") {
                let found = self.loader.read(&path).map(drop);
                found.map(|()| files.extend([path.clone()]))
            } else {
                self.walk(&path, &output, 0, &mut files)
            };
            match walked {
                Err(LoadError { kind: LoadErrorKind::NotFound, .. }) => self.missing(source, &path),
                other => other?,
            }
        }
        Ok(files.into_iter().collect())
    }

    /// All `.alert` files below a directory. Hidden directories, the output and other projects are left out.
    fn walk(
        &self,
        dir: &Path,
        output: &Path,
        depth: usize,
        files: &mut BTreeSet<PathBuf>,
    ) -> Result<(), LoadError> {
        for entry in self.loader.list(dir)? {
            let path = dir.join(&entry.name);
            if !entry.is_dir {
                if entry.name.ends_with(".alert") {
                    files.insert(path);
                }
            } else if depth < MAX_DEPTH
                && !entry.name.starts_with('.')
                && path != output
                && !self.loader.list(&path)?.iter().any(|e| e.name == CONFIG_FILE)
            {
                self.walk(&path, output, depth + 1, files)?;
            }
        }
        Ok(())
    }

    /// The projects named, then those that they name; each once.
    fn dependencies(&mut self, root: &Path, config: &Config) -> Result<Vec<Dependency>, LoadError> {
        let mut found: Vec<Dependency> = Vec::new();
        let mut seen = BTreeSet::from([root.to_path_buf()]);
        // With the projects that lead to each, the last one being that which names it.
        let mut queue: Vec<(Vec<PathBuf>, String, Located<String>)> = config
            .dependencies
            .iter()
            .map(|(name, path)| (vec![root.to_path_buf()], name.clone(), path.clone()))
            .collect();
        let mut next = 0;
        while let Some((from, name, path)) = queue.get(next).cloned() {
            next += 1;
            let dir = join(from.last().map_or(root, PathBuf::as_path), &path.value);
            if let Some(at) = from.iter().position(|d| *d == dir) {
                self.cyclic(&path, from.get(at..).unwrap_or_default(), &dir);
                continue;
            }
            if !seen.insert(dir.clone()) {
                continue;
            }
            let Some(config) = self.config(&dir, &Settings::default())? else {
                self.missing(&path, &dir.join(CONFIG_FILE));
                continue;
            };
            let path_here: Vec<PathBuf> = from.iter().cloned().chain([dir.clone()]).collect();
            let more = config
                .dependencies
                .iter()
                .map(|(name, path)| (path_here.clone(), name.clone(), path.clone()));
            queue.extend(more);
            let files = self.files(&dir, &config)?;
            found.push(Dependency { name, root: dir, files });
        }
        Ok(found)
    }

    /// A project that needs itself: which of the two would be declared first?
    fn cyclic(&mut self, named: &Located<String>, from: &[PathBuf], dir: &Path) {
        let chain = from.iter().map(PathBuf::as_path).chain([dir]);
        let names: Vec<String> = chain.map(|d| format!("`{}`", self.loader.display_name(d))).collect();
        self.diagnostics.push(
            Diagnostic::new(
                &CYCLIC_DEPENDENCY,
                named.span,
                format!("a project depends on itself: {}", names.join(" -> ")),
            )
            .label("leads back")
            .help("move what both need into a third project"),
        );
    }

    fn missing(&mut self, named: &Located<String>, path: &Path) {
        let name = self.loader.display_name(path);
        self.diagnostics.push(
            Diagnostic::new(&CONFIG_MISSING_PATH, named.span, format!("there is no `{name}`"))
                .label("named here"),
        );
    }
}

fn empty(file: FileId, base: &Settings) -> Config {
    Config {
        file,
        project: None,
        members: None,
        output: None,
        dependencies: Default::default(),
        settings: base.clone(),
    }
}

fn output(root: &Path, config: &Config) -> PathBuf {
    join(root, config.output.as_ref().map_or("generated", |d| d.value.as_str()))
}

fn project_name(root: &Path) -> String {
    let name = root.file_name().map(|n| dns_name(&n.to_string_lossy())).unwrap_or_default();
    if name.is_empty() { "alerts".to_string() } else { name }
}
