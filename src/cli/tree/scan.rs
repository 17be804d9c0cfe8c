//! Finding the files that alertc made.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use crate::render::MARKER;

/// How deep alertc's own trees can be, with room.
const MAX_DEPTH: usize = 16;

/// Every file below `out/dir` that begins with alertc's marker and is not `produced`: its path relative to `out`, and
/// its text.
pub(super) fn made_by_alertc(
    out: &Path,
    dir: &str,
    produced: &BTreeSet<&str>,
) -> io::Result<Vec<(String, String)>> {
    let mut found = Vec::new();
    walk(out, dir, 0, produced, &mut found)?;
    found.sort();
    Ok(found)
}

fn walk(
    out: &Path,
    dir: &str,
    depth: usize,
    produced: &BTreeSet<&str>,
    found: &mut Vec<(String, String)>,
) -> io::Result<()> {
    let entries = match fs::read_dir(out.join(dir)) {
        Ok(entries) => entries,
        Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => return Ok(()),
        Err(e) => return Err(e),
    };
    for entry in entries {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        let path = if dir.is_empty() { name.clone() } else { format!("{dir}/{name}") };
        let kind = entry.file_type()?;
        // Links are nobody's but the user's.
        if kind.is_dir() && !name.starts_with('.') && depth < MAX_DEPTH {
            walk(out, &path, depth + 1, produced, found)?;
        } else if kind.is_file()
            && (name.ends_with(".yml") || name.ends_with(".yaml"))
            && !produced.contains(path.as_str())
            && let Some(text) = marked_text(&entry.path())?
        {
            found.push((path, text));
        }
    }
    Ok(())
}

/// The text of a file that begins with the marker. Of others no more than that is read.
fn marked_text(path: &Path) -> io::Result<Option<String>> {
    let mut file = File::open(path)?;
    let mut bytes = Vec::with_capacity(MARKER.len());
    (&mut file).take(MARKER.len() as u64).read_to_end(&mut bytes)?;
    if bytes != MARKER.as_bytes() {
        return Ok(None);
    }
    file.read_to_end(&mut bytes)?;
    Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
}
