//! The loader of a real run: the disk.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Component, Path, PathBuf};
use std::sync::Mutex;
use std::time::SystemTime;

use crate::source::{Entry, LoadError, LoadErrorKind, Loader, MAX_FILE_BYTES};

/// Reads from the disk and names files relative to the working directory.
pub(super) struct Disk {
    cwd: PathBuf,
    /// What was read or looked for, as it was just before.
    seen: Option<Mutex<BTreeMap<PathBuf, Stamp>>>,
}

/// A file or directory as it was: time of the last change and size; none when it is not there.
pub(super) type Stamp = Option<(SystemTime, u64)>;

/// Looks at a path.
pub(super) fn stamp(path: &Path) -> Stamp {
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}

/// Gives a file new content at one stroke: whoever reads it, or kills alertc, meets the old text or the new one whole.
/// A link stays a link, and the file keeps its permissions.
pub(super) fn replace(path: &Path, text: &str) -> io::Result<()> {
    let path = match fs::canonicalize(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => path.to_path_buf(),
        other => other?,
    };
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let beside = path.with_file_name(format!(".{name}.alertc-{}", std::process::id()));
    let written = write_synced(&beside, text.as_bytes())
        .and_then(|()| match fs::metadata(&path) {
            Ok(old) => fs::set_permissions(&beside, old.permissions()),
            Err(_) => Ok(()),
        })
        .and_then(|()| fs::rename(&beside, &path));
    if written.is_err() {
        // The error that is told is the first.
        let _ = fs::remove_file(&beside);
    }
    written
}

/// Writes a new file and waits until the disk has it.
pub(super) fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(bytes)?;
    file.sync_data()
}

impl Disk {
    /// With the process' working directory.
    pub(super) fn new() -> io::Result<Disk> {
        Ok(Disk { cwd: std::env::current_dir()?, seen: None })
    }

    /// One that remembers what it was asked for.
    pub(super) fn watched() -> io::Result<Disk> {
        Ok(Disk { seen: Some(Mutex::default()), ..Disk::new()? })
    }

    /// What was asked for, as it was then.
    pub(super) fn seen(self) -> BTreeMap<PathBuf, Stamp> {
        self.seen.and_then(|s| s.into_inner().ok()).unwrap_or_default()
    }

    fn see(&self, path: &Path) {
        if let Some(mut seen) = self.seen.as_ref().and_then(|s| s.lock().ok()) {
            seen.insert(path.to_path_buf(), stamp(path));
        }
    }

    /// The working directory.
    pub(super) fn cwd(&self) -> &Path {
        &self.cwd
    }

    /// A path as it was given, made absolute.
    pub(super) fn absolute(&self, path: &Path) -> PathBuf {
        crate::source::join(&self.cwd, &path.to_string_lossy())
    }

    fn error(&self, path: &Path, error: &io::Error) -> LoadError {
        let kind = match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => LoadErrorKind::NotFound,
            _ => LoadErrorKind::Other(error.to_string()),
        };
        LoadError { name: self.display_name(path), kind }
    }
}

impl Loader for Disk {
    fn read(&self, path: &Path) -> Result<Vec<u8>, LoadError> {
        self.see(path);
        let file = File::open(path).map_err(|e| self.error(path, &e))?;
        let mut bytes = Vec::new();
        // The size is not asked for: a pipe has none.
        file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(|e| self.error(path, &e))?;
        if bytes.len() as u64 > MAX_FILE_BYTES {
            return Err(LoadError { name: self.display_name(path), kind: LoadErrorKind::TooLarge });
        }
        Ok(bytes)
    }

    fn list(&self, dir: &Path) -> Result<Vec<Entry>, LoadError> {
        self.see(dir);
        let mut entries = Vec::new();
        for entry in fs::read_dir(dir).map_err(|e| self.error(dir, &e))? {
            let entry = entry.map_err(|e| self.error(dir, &e))?;
            let kind = entry.file_type().map_err(|e| self.error(dir, &e))?;
            // A name that is not UTF-8 can't end in `.alert`, the only names that matter.
            let Ok(name) = entry.file_name().into_string() else { continue };
            let is_link_to_dir = kind.is_symlink() && entry.path().is_dir();
            if !is_link_to_dir {
                entries.push(Entry { name, is_dir: kind.is_dir() });
            }
        }
        entries.sort();
        Ok(entries)
    }

    fn display_name(&self, path: &Path) -> String {
        relative(path, &self.cwd).to_string_lossy().replace('\\', "/")
    }
}

/// `path` as seen from `from`; both absolute and normal. More than two steps up, the path stays absolute.
fn relative(path: &Path, from: &Path) -> PathBuf {
    let common = path.components().zip(from.components()).take_while(|(a, b)| a == b).count();
    let up = from.components().count() - common;
    if up > 2 {
        return path.to_path_buf();
    }
    let mut out: PathBuf = std::iter::repeat_n(Component::ParentDir, up).collect();
    out.extend(path.components().skip(common));
    if out.as_os_str().is_empty() { PathBuf::from(".") } else { out }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_file_is_replaced_behind_its_link_and_keeps_its_permissions() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let dir = std::env::temp_dir().join(format!("alertc-replace-{}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        let (file, link) = (dir.join("a.alert"), dir.join("link.alert"));
        replace(&file, "one").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        symlink("a.alert", &link).unwrap();
        replace(&link, "two").unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "two");
        assert!(link.is_symlink());
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(replace(&dir, "a directory is no file").is_err());
        assert_eq!(fs::read_dir(&dir).unwrap().count(), 2, "nothing is left beside them");
        fs::remove_dir_all(&dir).unwrap();
    }

    #[test]
    fn names_are_relative_while_they_are_short() {
        let seen = |path: &str, from: &str| relative(Path::new(path), Path::new(from));
        assert_eq!(seen("/a/b/c.alert", "/a"), Path::new("b/c.alert"));
        assert_eq!(seen("/a/alertc.toml", "/a/b/c"), Path::new("../../alertc.toml"));
        assert_eq!(seen("/a/alertc.toml", "/a/b/c/d"), Path::new("/a/alertc.toml"));
        assert_eq!(seen("/a", "/a"), Path::new("."));
    }
}
