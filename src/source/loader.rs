//! The one trait through which the core reads: it does no IO of its own.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Component, Path, PathBuf};

/// The largest file that is read, in bytes. Larger ones are refused with a clear error.
pub const MAX_FILE_BYTES: u64 = 512 * 1024 * 1024;

/// Reads files. Paths are absolute and normal (no `.` or `..`).
pub trait Loader: Sync {
    /// The bytes of a file.
    ///
    /// # Errors
    /// When it can't be read, or is larger than [`MAX_FILE_BYTES`].
    fn read(&self, path: &Path) -> Result<Vec<u8>, LoadError>;

    /// What a directory holds, sorted by name. Links to directories are not listed, so that a walk ends.
    ///
    /// # Errors
    /// When it can't be read.
    fn list(&self, dir: &Path) -> Result<Vec<Entry>, LoadError>;

    /// The name of a path in messages, with `/` between its parts.
    fn display_name(&self, path: &Path) -> String {
        path.to_string_lossy().replace('\\', "/")
    }
}

/// One entry of a directory.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Its name within the directory.
    pub name: String,
    /// True for directories.
    pub is_dir: bool,
}

/// Why something was not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadError {
    /// The name of the path, as messages show it.
    pub name: String,
    /// Which kind of failure.
    pub kind: LoadErrorKind,
}

/// The kinds of [`LoadError`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoadErrorKind {
    /// There is no such file or directory.
    NotFound,
    /// It is larger than [`MAX_FILE_BYTES`].
    TooLarge,
    /// Anything else, in the words of the system.
    Other(String),
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            LoadErrorKind::NotFound => write!(f, "`{}` does not exist", self.name),
            LoadErrorKind::TooLarge => {
                write!(f, "`{}` is larger than {} MiB", self.name, MAX_FILE_BYTES / 1024 / 1024)
            }
            LoadErrorKind::Other(why) => write!(f, "`{}`: {why}", self.name),
        }
    }
}

impl std::error::Error for LoadError {}

/// Joins `path` to `dir` and resolves `.` and `..` by their text alone.
pub fn join(dir: &Path, path: &str) -> PathBuf {
    let mut out = PathBuf::new();
    for component in dir.join(path).components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}

/// What stands directly in `dir`, when `files` are all there are below it.
pub fn entries_of<'a>(dir: &Path, files: impl Iterator<Item = &'a PathBuf>) -> Vec<Entry> {
    let mut entries: Vec<Entry> = files
        .filter_map(|path| {
            let mut rest = path.strip_prefix(dir).ok()?.components();
            let name = rest.next()?.as_os_str().to_string_lossy().into_owned();
            Some(Entry { name, is_dir: rest.next().is_some() })
        })
        .collect();
    entries.sort();
    entries.dedup();
    entries
}

/// Files held in memory: for tests and for text that comes from no disk.
#[derive(Debug, Clone, Default)]
pub struct MemoryLoader {
    files: BTreeMap<PathBuf, Vec<u8>>,
}

impl MemoryLoader {
    /// No files yet.
    pub fn new() -> MemoryLoader {
        MemoryLoader::default()
    }

    /// Adds a file under an absolute path.
    pub fn add(&mut self, path: impl Into<PathBuf>, text: impl Into<Vec<u8>>) -> &mut MemoryLoader {
        self.files.insert(path.into(), text.into());
        self
    }
}

impl Loader for MemoryLoader {
    fn read(&self, path: &Path) -> Result<Vec<u8>, LoadError> {
        self.files
            .get(path)
            .cloned()
            .ok_or_else(|| LoadError { name: self.display_name(path), kind: LoadErrorKind::NotFound })
    }

    fn list(&self, dir: &Path) -> Result<Vec<Entry>, LoadError> {
        let entries = entries_of(dir, self.files.keys());
        if entries.is_empty() {
            return Err(LoadError { name: self.display_name(dir), kind: LoadErrorKind::NotFound });
        }
        Ok(entries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joins_by_text() {
        assert_eq!(join(Path::new("/a/b"), "../c/./d"), Path::new("/a/c/d"));
        assert_eq!(join(Path::new("/a"), "../../.."), Path::new("/"));
        assert_eq!(join(Path::new("/a"), "/x"), Path::new("/x"));
    }

    #[test]
    fn memory_lists_one_level() {
        let mut loader = MemoryLoader::new();
        loader.add("/p/a.alert", "").add("/p/sub/b.alert", "").add("/p/sub/c.alert", "");
        let names: Vec<_> =
            loader.list(Path::new("/p")).unwrap().into_iter().map(|e| (e.name, e.is_dir)).collect();
        assert_eq!(names, [("a.alert".to_string(), false), ("sub".to_string(), true)]);
        assert!(loader.list(Path::new("/q")).is_err());
    }
}
