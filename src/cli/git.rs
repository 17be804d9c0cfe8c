//! Revisions of a git repository, through the `git` command: which they are, and their files.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Component, Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, PoisonError};

use super::outcome::Failure;
use crate::source::{Entry, LoadError, LoadErrorKind, Loader, MAX_FILE_BYTES, entries_of, join};

/// The key of the lines of a commit's message that allow what the policy forbids.
const ALLOW_TRAILER: &str = "Alertc-allow";

/// A repository, seen from a directory in it.
pub(super) struct Repository {
    dir: PathBuf,
    /// Its topmost directory, as `dir` names it.
    root: PathBuf,
    /// What messages call paths relative to.
    shallow: RefCell<Option<bool>>,
}

/// The path of git in messages, and how a missing one is told.
const WITHOUT_GIT: &str = "`git` can't be run, and revisions are read through it; directories can be compared without: `alertc diff OLD NEW`";

impl Repository {
    /// The repository that holds a directory.
    pub(super) fn find(dir: &Path) -> Result<Repository, Failure> {
        let prefix = run(dir, &["rev-parse", "--show-prefix"]).map_err(|error| match error {
            GitError::Missing => Failure::Usage(WITHOUT_GIT.to_string()),
            GitError::Failed(words) if words.contains("not a git repository") => Failure::Usage(
                "this is no git repository; compare directories instead: `alertc diff OLD NEW`".to_string(),
            ),
            GitError::Failed(words) => Failure::Io(format!("git: {words}")),
        })?;
        let prefix = prefix.trim_end_matches('\n').trim_end_matches('/');
        let mut root = dir.to_path_buf();
        for _ in Path::new(prefix).components().filter(|c| matches!(c, Component::Normal(_))) {
            root.pop();
        }
        Ok(Repository { dir: dir.to_path_buf(), root, shallow: RefCell::new(None) })
    }

    fn git(&self, words: &[&str]) -> Result<String, Failure> {
        run(&self.dir, words).map_err(|error| match error {
            GitError::Missing => Failure::Usage(WITHOUT_GIT.to_string()),
            GitError::Failed(words) => Failure::Io(format!("git: {words}")),
        })
    }

    /// The commit of a revision, if it is one.
    pub(super) fn commit(&self, revision: &str) -> Option<String> {
        let commit = format!("{revision}^{{commit}}");
        // A name that begins with a dash would be an option.
        let found =
            run(&self.dir, &["rev-parse", "--verify", "--quiet", "--end-of-options", &commit]).ok()?;
        Some(found.trim().to_string()).filter(|c| !c.is_empty())
    }

    fn is_shallow(&self) -> bool {
        *self.shallow.borrow_mut().get_or_insert_with(|| {
            self.git(&["rev-parse", "--is-shallow-repository"]).is_ok_and(|t| t.trim() == "true")
        })
    }

    /// The commit at which two revisions part.
    pub(super) fn merge_base(&self, a: &str, b: &str) -> Result<String, Failure> {
        if let Ok(found) = run(&self.dir, &["merge-base", "--end-of-options", a, b]) {
            return Ok(found.trim().to_string());
        }
        let why = if self.is_shallow() {
            "the clone is shallow: fetch the rest (`git fetch --unshallow`; in GitHub Actions `fetch-depth: 0`), or name the base"
        } else {
            "name the base"
        };
        Err(Failure::Usage(format!("`{a}` and `{b}` have no common commit here; {why}")))
    }

    /// The branch that changes go into: the remote's, or main or master.
    pub(super) fn default_branch(&self) -> Result<String, Failure> {
        if let Ok(name) = run(&self.dir, &["symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD"])
        {
            let name = name.trim().to_string();
            if self.commit(&name).is_some() {
                return Ok(name);
            }
        }
        let names = ["origin/main", "origin/master", "main", "master"];
        names.into_iter().find(|n| self.commit(n).is_some()).map(str::to_string).ok_or_else(|| {
            let shallow = if self.is_shallow() { " (the clone is shallow)" } else { "" };
            Failure::Usage(format!(
                "there is no branch `main` or `master` to compare with{shallow}; name the base: `alertc diff BASE`"
            ))
        })
    }

    /// What stands behind `Alertc-allow:` in the messages of the commits between two, with each commit's short name.
    pub(super) fn allowances(&self, from: &str, to: &str) -> Result<Vec<(String, String)>, Failure> {
        let log =
            self.git(&["log", "-z", "--format=%h%n%B", "--end-of-options", &format!("{from}..{to}")])?;
        let mut found = Vec::new();
        for message in log.split('\0') {
            let mut lines = message.lines();
            let commit = lines.next().unwrap_or_default();
            let values = lines.filter_map(|line| {
                let (key, value) = line.split_once(':')?;
                key.eq_ignore_ascii_case(ALLOW_TRAILER).then(|| value.trim().to_string())
            });
            found.extend(values.map(|value| (commit.to_string(), value)));
        }
        Ok(found)
    }

    /// A revision's name for people: a commit's hash is cut.
    pub(super) fn short(&self, revision: &str) -> String {
        let is_hash = revision.len() >= 40 && revision.bytes().all(|b| b.is_ascii_hexdigit());
        if is_hash { revision.chars().take(10).collect() } else { revision.to_string() }
    }

    /// The files of a commit.
    pub(super) fn tree<'a>(
        &self,
        commit: &str,
        name: &str,
        disk: &'a dyn Loader,
    ) -> Result<Tree<'a>, Failure> {
        let listing = self.git(&["ls-tree", "-r", "-z", "--full-tree", "--end-of-options", commit])?;
        let mut files = BTreeMap::new();
        for line in listing.split('\0').filter(|l| !l.is_empty()) {
            let Some((head, path)) = line.split_once('\t') else { continue };
            let mut words = head.split(' ');
            let (mode, kind, id) = (words.next(), words.next(), words.next());
            // Submodules are commits; links lead who knows where.
            if kind == Some("blob") && mode != Some("120000") {
                files.insert(join(&self.root, path), id.unwrap_or_default().to_string());
            }
        }
        let objects = Objects::start(&self.dir).map_err(|e| Failure::Io(format!("git cat-file: {e}")))?;
        Ok(Tree {
            root: self.root.clone(),
            name: name.to_string(),
            files,
            objects: Mutex::new(objects),
            disk,
        })
    }

    /// A path of a revision (`main:generated`), from the topmost directory on.
    pub(super) fn inside(&self, path: &str) -> PathBuf {
        join(&self.root, path)
    }
}

enum GitError {
    Missing,
    Failed(String),
}

fn run(dir: &Path, words: &[&str]) -> Result<String, GitError> {
    let output = Command::new("git")
        .args(words)
        .current_dir(dir)
        .stdin(Stdio::null())
        // Its words are read by us.
        .env("LC_ALL", "C")
        .output()
        .map_err(|_| GitError::Missing)?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr).trim().trim_start_matches("fatal: ").to_string();
        return Err(GitError::Failed(words));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// `git cat-file --batch`: one process gives all the files that are asked for.
struct Objects {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Objects {
    fn start(dir: &Path) -> std::io::Result<Objects> {
        let mut child = Command::new("git")
            .args(["cat-file", "--batch"])
            .current_dir(dir)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let closed = || std::io::Error::other("no pipe");
        let input = child.stdin.take().ok_or_else(closed)?;
        let output = BufReader::new(child.stdout.take().ok_or_else(closed)?);
        Ok(Objects { child, input, output })
    }

    /// The bytes of an object; none when it is larger than any file may be.
    fn get(&mut self, id: &str) -> std::io::Result<Option<Vec<u8>>> {
        writeln!(self.input, "{id}")?;
        self.input.flush()?;
        let mut head = String::new();
        self.output.read_line(&mut head)?;
        let missing = || std::io::Error::other(format!("git does not give the object {id}"));
        let size: u64 = head.split_whitespace().nth(2).and_then(|n| n.parse().ok()).ok_or_else(missing)?;
        if size > MAX_FILE_BYTES {
            std::io::copy(&mut (&mut self.output).take(size + 1), &mut std::io::sink())?;
            return Ok(None);
        }
        let mut bytes = Vec::new();
        (&mut self.output).take(size + 1).read_to_end(&mut bytes)?;
        if bytes.pop() != Some(b'\n') || bytes.len() as u64 != size {
            return Err(missing());
        }
        Ok(Some(bytes))
    }
}

impl Drop for Objects {
    fn drop(&mut self) {
        // It waits for words that do not come any more.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The files of a commit; what lies outside the repository is read from the disk.
pub(super) struct Tree<'a> {
    root: PathBuf,
    name: String,
    files: BTreeMap<PathBuf, String>,
    objects: Mutex<Objects>,
    disk: &'a dyn Loader,
}

impl Tree<'_> {
    fn error(&self, path: &Path, kind: LoadErrorKind) -> LoadError {
        LoadError { name: self.display_name(path), kind }
    }
}

impl Loader for Tree<'_> {
    fn read(&self, path: &Path) -> Result<Vec<u8>, LoadError> {
        if !path.starts_with(&self.root) {
            return self.disk.read(path);
        }
        let id = self.files.get(path).ok_or_else(|| self.error(path, LoadErrorKind::NotFound))?;
        let mut objects = self.objects.lock().unwrap_or_else(PoisonError::into_inner);
        match objects.get(id) {
            Ok(Some(bytes)) => Ok(bytes),
            Ok(None) => Err(self.error(path, LoadErrorKind::TooLarge)),
            Err(error) => Err(self.error(path, LoadErrorKind::Other(error.to_string()))),
        }
    }

    fn list(&self, dir: &Path) -> Result<Vec<Entry>, LoadError> {
        if !dir.starts_with(&self.root) {
            return self.disk.list(dir);
        }
        let below = self.files.range(dir.to_path_buf()..).take_while(|(p, _)| p.starts_with(dir));
        let entries = entries_of(dir, below.map(|(path, _)| path));
        if entries.is_empty() {
            return Err(self.error(dir, LoadErrorKind::NotFound));
        }
        Ok(entries)
    }

    fn display_name(&self, path: &Path) -> String {
        match path.strip_prefix(&self.root) {
            Ok(within) => format!("{}:{}", self.name, within.to_string_lossy().replace('\\', "/")),
            Err(_) => self.disk.display_name(path),
        }
    }
}
