//! Patterns of files, as Go's `filepath.Glob` has them: `*` and `?` within a name, `[a-z]`, no `**`.

use std::path::{Component, Path, PathBuf};

use crate::source::{Loader, join};

/// The files that a pattern matches, sorted; a pattern without wildcards is a file if it is there.
///
/// # Errors
/// The pattern is malformed.
pub fn glob(loader: &dyn Loader, dir: &Path, pattern: &str) -> Result<Vec<PathBuf>, String> {
    let path = join(dir, pattern);
    let is_magic = |c: &Component<'_>| c.as_os_str().to_string_lossy().contains(['*', '?', '[', '\\']);
    let mut found = vec![PathBuf::from("/")];
    let components: Vec<Component<'_>> =
        path.components().filter(|c| matches!(c, Component::Normal(_))).collect();
    if !components.iter().any(is_magic) {
        return Ok(if exists(loader, &path) { vec![path] } else { Vec::new() });
    }
    for component in &components {
        let name = component.as_os_str().to_string_lossy();
        if !is_magic(component) {
            found.iter_mut().for_each(|p| p.push(name.as_ref()));
            continue;
        }
        matches(&name, "")?;
        let mut next = Vec::new();
        for dir in &found {
            for entry in loader.list(dir).unwrap_or_default() {
                if matches(&name, &entry.name)? {
                    next.push(dir.join(&entry.name));
                }
            }
        }
        found = next;
    }
    found.retain(|p| exists(loader, p));
    found.sort();
    Ok(found)
}

fn exists(loader: &dyn Loader, path: &Path) -> bool {
    let (Some(dir), Some(name)) = (path.parent(), path.file_name()) else { return false };
    let listed = loader.list(dir).unwrap_or_default();
    listed.iter().any(|e| name.to_str() == Some(&e.name))
}

/// True when a name matches a pattern.
fn matches(pattern: &str, name: &str) -> Result<bool, String> {
    let pattern: Vec<char> = pattern.chars().collect();
    let name: Vec<char> = name.chars().collect();
    // Where to go on when what follows the last `*` does not match.
    let (mut p, mut n, mut star) = (0, 0, None);
    let mut first = Some(0);
    while let Some(at) = first {
        first = if at < pattern.len() { Some(one(&pattern, at, None)?.1) } else { None };
    }
    loop {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p + 1, n));
                p += 1;
                continue;
            }
            Some(_) if n < name.len() => {
                let (hit, next) = one(&pattern, p, name.get(n).copied())?;
                if hit {
                    p = next;
                    n += 1;
                    continue;
                }
            }
            None if n == name.len() => return Ok(true),
            _ => {}
        }
        match star {
            Some((after, from)) if from < name.len() => {
                p = after;
                n = from + 1;
                star = Some((after, from + 1));
            }
            _ => return Ok(false),
        }
    }
}

/// Whether the part of the pattern at `p` matches a character, and where the next part begins.
fn one(pattern: &[char], p: usize, c: Option<char>) -> Result<(bool, usize), String> {
    let malformed = || "syntax error in pattern".to_string();
    match pattern.get(p) {
        Some('?') => Ok((c.is_some(), p + 1)),
        Some('\\') => {
            let literal = pattern.get(p + 1).ok_or_else(malformed)?;
            Ok((c == Some(*literal), p + 2))
        }
        Some('[') => {
            let mut at = p + 1;
            let negated = pattern.get(at) == Some(&'^');
            at += usize::from(negated);
            let (mut hit, mut ranges) = (false, 0);
            loop {
                let low = match pattern.get(at) {
                    Some(']') if ranges > 0 => return Ok((hit != negated, at + 1)),
                    Some('\\') => {
                        at += 1;
                        pattern.get(at)
                    }
                    Some('-' | ']') => None,
                    other => other,
                }
                .ok_or_else(malformed)?;
                at += 1;
                let mut high = low;
                if pattern.get(at) == Some(&'-') {
                    at += 1;
                    high = pattern.get(at).ok_or_else(malformed)?;
                    at += 1;
                }
                hit |= c.is_some_and(|c| (*low..=*high).contains(&c));
                ranges += 1;
            }
        }
        Some(literal) => Ok((c == Some(*literal), p + 1)),
        None => Ok((false, p)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::MemoryLoader;

    #[test]
    fn names_match_patterns() {
        for (pattern, name, wanted) in [
            ("*.yml", "a.yml", true),
            ("*.yml", "a.yaml", false),
            ("a*b*c", "aXbYbc", true),
            ("[a-c]?.y*", "b1.yml", true),
            ("[^a]", "a", false),
            ("\\*", "*", true),
            ("**", "abc", true),
        ] {
            assert_eq!(matches(pattern, name), Ok(wanted), "{pattern} {name}");
        }
        assert!(matches("[a", "").is_err());
    }

    #[test]
    fn files_are_found_in_directories() {
        let mut loader = MemoryLoader::new();
        loader
            .add("/t/rules/b.yml", "")
            .add("/t/rules/a.yml", "")
            .add("/t/rules/c.txt", "")
            .add("/t/x/test.yml", "");
        let names = |pattern: &str| {
            let found = glob(&loader, Path::new("/t/x"), pattern).unwrap();
            found.iter().map(|p| p.display().to_string()).collect::<Vec<_>>()
        };
        assert_eq!(names("../rules/*.yml"), ["/t/rules/a.yml", "/t/rules/b.yml"]);
        assert_eq!(names("../r*/a.yml"), ["/t/rules/a.yml"]);
        assert!(names("../rules/none.yml").is_empty());
    }
}
