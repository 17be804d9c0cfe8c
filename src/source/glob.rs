//! Globs as Go's path/filepath has them: `*`, `?` and `[a-z]` within one name, `\` before a character that is meant.

use std::path::{Component, Path, PathBuf};

use super::{Loader, join};

/// Most files that a glob finds.
const MAX_FILES: usize = 10_000;

/// A pattern that is malformed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadPattern;

impl std::fmt::Display for BadPattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("syntax error in pattern")
    }
}

/// The files whose path matches, sorted; a directory that can't be read holds none, and a pattern without wildcards is a
/// file if it is there. A relative pattern counts from `dir`.
///
/// # Errors
/// A malformed pattern.
pub fn glob(loader: &dyn Loader, dir: &Path, pattern: &str) -> Result<Vec<PathBuf>, BadPattern> {
    let path = join(dir, pattern);
    let mut found = vec![PathBuf::new()];
    let mut has_wildcard = false;
    for part in path.components() {
        let name = part.as_os_str().to_string_lossy();
        if !matches!(part, Component::Normal(_)) || !name.contains(['*', '?', '[', '\\']) {
            found.iter_mut().for_each(|path| path.push(part));
            continue;
        }
        has_wildcard = true;
        let pattern = parse(&name)?;
        let mut next = Vec::new();
        for dir in &found {
            let entries = loader.list(dir).unwrap_or_default();
            next.extend(entries.iter().filter(|e| matches(&pattern, &e.name)).map(|e| dir.join(&e.name)));
        }
        next.truncate(MAX_FILES);
        found = next;
    }
    found.retain(|path| is_there(loader, path));
    if has_wildcard {
        found.sort();
    }
    Ok(found)
}

fn is_there(loader: &dyn Loader, path: &Path) -> bool {
    let (Some(dir), Some(name)) = (path.parent(), path.file_name()) else { return false };
    let listed = loader.list(dir).unwrap_or_default();
    listed.iter().any(|e| name.to_str() == Some(&e.name))
}

/// A part of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    /// `*`
    Star,
    /// `?`
    Any,
    /// `[a-z]`, or with true `[^a-z]`.
    Set(Vec<(char, char)>, bool),
    /// The character itself.
    Char(char),
}

impl Part {
    fn takes(&self, c: char) -> bool {
        match self {
            Part::Star => false,
            Part::Any => true,
            Part::Set(ranges, negated) => {
                ranges.iter().any(|(low, high)| (*low..=*high).contains(&c)) != *negated
            }
            Part::Char(own) => *own == c,
        }
    }
}

fn parse(pattern: &str) -> Result<Vec<Part>, BadPattern> {
    let mut parts = Vec::new();
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        parts.push(match c {
            '*' => Part::Star,
            '?' => Part::Any,
            '\\' => Part::Char(chars.next().ok_or(BadPattern)?),
            '[' => {
                let negated = chars.next_if_eq(&'^').is_some();
                let mut ranges = Vec::new();
                loop {
                    if !ranges.is_empty() && chars.next_if_eq(&']').is_some() {
                        break Part::Set(ranges, negated);
                    }
                    let low = bound(&mut chars)?;
                    let high = if chars.next_if_eq(&'-').is_some() { bound(&mut chars)? } else { low };
                    ranges.push((low, high));
                }
            }
            c => Part::Char(c),
        });
    }
    Ok(parts)
}

/// An end of a range.
fn bound(chars: &mut impl Iterator<Item = char>) -> Result<char, BadPattern> {
    match chars.next() {
        None | Some('-' | ']') => Err(BadPattern),
        Some('\\') => chars.next().ok_or(BadPattern),
        Some(c) => Ok(c),
    }
}

/// Whether a name matches a pattern (filepath.Match).
fn matches(parts: &[Part], name: &str) -> bool {
    let name: Vec<char> = name.chars().collect();
    let (mut part, mut at) = (0, 0);
    // Where to go on when the rest does not match: behind the last star, one character later.
    let mut again = None;
    loop {
        match (parts.get(part), name.get(at)) {
            (Some(Part::Star), _) => {
                again = Some((part + 1, at));
                part += 1;
            }
            (Some(one), Some(c)) if one.takes(*c) => (part, at) = (part + 1, at + 1),
            (None, None) => return true,
            _ => match again {
                Some((behind, from)) if from < name.len() => {
                    (part, at) = (behind, from + 1);
                    again = Some((behind, from + 1));
                }
                _ => return false,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::MemoryLoader;

    #[test]
    fn names_match_as_in_go() {
        for (pattern, name, wanted) in [
            ("*.yml", "a.yml", Ok(true)),
            ("*.yml", "a.yaml", Ok(false)),
            ("a*b*c", "aXbYbc", Ok(true)),
            ("a*b*c", "axxbyy", Ok(false)),
            ("[a-c]?.y*", "b1.yml", Ok(true)),
            ("a?c", "ac", Ok(false)),
            ("[^a]", "a", Ok(false)),
            ("\\*", "*", Ok(true)),
            ("**", "abc", Ok(true)),
            ("[a", "", Err(BadPattern)),
            ("[]a]", "]", Err(BadPattern)),
            ("a\\", "a", Err(BadPattern)),
        ] {
            assert_eq!(parse(pattern).map(|parts| matches(&parts, name)), wanted, "{pattern} {name}");
        }
    }

    #[test]
    fn files_are_found_in_directories() {
        let mut loader = MemoryLoader::new();
        loader.add("/t/rules/b.yml", "").add("/t/rules/a.yml", "").add("/t/rules/c.txt", "");
        loader.add("/t/x/test.yml", "");
        let names = |pattern: &str| {
            let found = glob(&loader, Path::new("/t/x"), pattern).unwrap();
            found.iter().map(|p| p.display().to_string()).collect::<Vec<_>>()
        };
        assert_eq!(names("../rules/*.yml"), ["/t/rules/a.yml", "/t/rules/b.yml"]);
        assert_eq!(names("../r*/a.yml"), ["/t/rules/a.yml"]);
        assert_eq!(names("/t/*/test.yml"), ["/t/x/test.yml"]);
        assert!(names("../rules/none.yml").is_empty());
    }
}
