//! What a command works on: the projects of the working directory, or the files it was given.

use std::io::Read;
use std::path::{Path, PathBuf};

use super::disk::Disk;
use super::outcome::Failure;
use crate::diagnostic::Diagnostic;
use crate::pipeline::{self, ProjectSources};
use crate::project::{self, CONFIG_FILE, Project, Workspace};
use crate::source::{FileId, Loader, MAX_FILE_BYTES, Sources};

/// What was loaded, with the findings in alertc.toml files.
pub(super) struct Loaded {
    pub(super) sources: Sources,
    pub(super) diagnostics: Vec<Diagnostic>,
    pub(super) workspace: Workspace,
}

/// The workspace or project of the working directory.
pub(super) fn workspace(disk: &Disk) -> Result<Loaded, Failure> {
    let mut sources = Sources::new();
    let mut diagnostics = Vec::new();
    match project::load(disk, disk.cwd(), &mut sources, &mut diagnostics)? {
        Some(workspace) => Ok(Loaded { sources, diagnostics, workspace }),
        None => Err(Failure::Usage(format!(
            "there is no {CONFIG_FILE} here or in any directory above; `alertc init` starts a project"
        ))),
    }
}

/// A project's texts, and the day on which they are looked at.
pub(super) fn read<'a>(
    disk: &Disk,
    project: &'a Project,
    sources: &mut Sources,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<ProjectSources<'a>, Failure> {
    let mut program = pipeline::read(disk, project, sources, diagnostics)?;
    program.today = Some(today());
    Ok(program)
}

/// Today in UTC, `2026-01-31`: the same day for everyone who looks at a change.
pub(super) fn today() -> String {
    jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date().to_string()
}

/// True for the name of standard input.
pub(super) fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// True for the name of a source of the language; what else there is, is YAML.
pub(super) fn is_source(path: &Path) -> bool {
    path.extension().is_some_and(|e| e == "alert")
}

/// Standard input as text.
pub(super) fn stdin(
    sources: &mut Sources,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<Option<FileId>, Failure> {
    let mut bytes = Vec::new();
    std::io::stdin()
        .lock()
        .take(MAX_FILE_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|e| Failure::io("standard input", &e))?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(Failure::Io(format!(
            "standard input is larger than {} MiB",
            MAX_FILE_BYTES / 1024 / 1024
        )));
    }
    Ok(project::decode("<stdin>".to_string(), bytes, sources, diagnostics))
}

/// The given files, and the `.alert` files in given directories and below, but for hidden ones.
pub(super) fn sources_in(disk: &Disk, given: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for path in given {
        let path = disk.absolute(path);
        if !path.is_dir() {
            files.push(path);
            continue;
        }
        let before = files.len();
        let mut directories = vec![path.clone()];
        while let Some(directory) = directories.pop() {
            for entry in disk.list(&directory)?.into_iter().filter(|e| !e.name.starts_with('.')) {
                let path = directory.join(&entry.name);
                match entry.is_dir {
                    true => directories.push(path),
                    false if entry.name.ends_with(".alert") => files.push(path),
                    false => {}
                }
            }
        }
        if files.len() == before {
            return Err(Failure::Usage(format!("no .alert file is in `{}`", disk.display_name(&path))));
        }
    }
    Ok(files)
}

/// The projects that hold the given `.alert` files, each with those of its files that were given.
pub(super) fn projects_of(
    disk: &Disk,
    files: &[PathBuf],
    sources: &mut Sources,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<Vec<(Project, Vec<PathBuf>)>, Failure> {
    let mut groups: Vec<(Project, Vec<PathBuf>)> = Vec::new();
    let mut alone: Vec<PathBuf> = Vec::new();
    for file in files {
        if let Some((_, given)) = groups.iter_mut().find(|(p, _)| p.files.contains(file)) {
            given.push(file.clone());
            continue;
        }
        let dir = file.parent().unwrap_or(disk.cwd());
        let found = project::load(disk, dir, sources, diagnostics)?;
        let owner = found.into_iter().flat_map(|w| w.projects).find(|p| p.files.contains(file));
        match owner {
            Some(project) => groups.push((project, vec![file.clone()])),
            None => alone.push(file.clone()),
        }
    }
    if !alone.is_empty() {
        groups.push((project::standalone(disk.cwd(), alone.clone()), alone));
    }
    Ok(groups)
}
