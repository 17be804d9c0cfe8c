//! What can be told of a matcher's regular expression without compiling it.

use std::sync::Arc;

use super::labels::Values;

/// The values an anchored pattern matches: its alternatives when they are plain text, else the pattern.
pub(super) fn values(pattern: &str) -> Values {
    match alternatives(pattern) {
        Some(texts) => Values::OneOf(texts.into_iter().map(Arc::from).collect()),
        None => Values::Matches(Arc::from(pattern)),
    }
}

/// `a|b`, `(a|b)`, `^(?:a|b)$`: plain texts, `\.` and the like unescaped. None for anything more.
pub(super) fn alternatives(pattern: &str) -> Option<Vec<String>> {
    let pattern = pattern.strip_prefix('^').unwrap_or(pattern);
    let pattern = pattern.strip_suffix('$').filter(|p| !p.ends_with('\\')).unwrap_or(pattern);
    let pattern = match pattern.strip_prefix('(').and_then(|p| p.strip_suffix(')')) {
        Some(inner) if !inner.ends_with('\\') => inner.strip_prefix("?:").unwrap_or(inner),
        _ => pattern,
    };
    let mut found = vec![String::new()];
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '|' => found.push(String::new()),
            '\\' => {
                let escaped = chars.next().filter(char::is_ascii_punctuation)?;
                found.last_mut()?.push(escaped);
            }
            '.' | '*' | '+' | '?' | '(' | ')' | '[' | ']' | '{' | '}' | '^' | '$' => return None,
            _ => found.last_mut()?.push(c),
        }
    }
    Some(found)
}

/// True when an anchored pattern surely does not match the empty text: each alternative has an atom that must be
/// there. False means only that this is not certain.
pub(super) fn needs_text(pattern: &str) -> bool {
    /// Of a group: whether the alternatives so far all need text, and whether the current one does.
    struct Group {
        all: bool,
        current: bool,
    }
    let mut groups = vec![Group { all: true, current: false }];
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        let needed = match c {
            '\\' => chars.next().is_some_and(|c| !matches!(c, 'b' | 'B' | 'A' | 'z' | 'Q' | 'E')),
            '[' => {
                // A bracket right at the start is a member.
                while let Some(c) = chars.next() {
                    match c {
                        '\\' => drop(chars.next()),
                        ']' => break,
                        _ => {}
                    }
                }
                true
            }
            '(' => {
                if chars.peek() == Some(&'?') {
                    chars.by_ref().find(|c| matches!(c, ':' | '>' | ')'));
                }
                groups.push(Group { all: true, current: false });
                continue;
            }
            ')' => match groups.pop() {
                Some(group) => group.all && group.current,
                None => false,
            },
            '|' => {
                if let Some(group) = groups.last_mut() {
                    *group = Group { all: group.all && group.current, current: false };
                }
                continue;
            }
            '{' => {
                chars.by_ref().find(|c| *c == '}');
                continue;
            }
            '*' | '+' | '?' | '^' | '$' => continue,
            _ => true,
        };
        if let Some(group) = groups.last_mut() {
            group.current |= needed && !matches!(chars.peek(), Some('?' | '*' | '{'));
        }
    }
    matches!(&*groups, [whole] if whole.all && whole.current)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_alternatives() {
        assert_eq!(alternatives("a|b\\.c"), Some(vec!["a".to_string(), "b.c".to_string()]));
        assert_eq!(alternatives("^(?:x|y)$"), Some(vec!["x".to_string(), "y".to_string()]));
        assert_eq!(alternatives("5.."), None);
        assert_eq!(alternatives("(a)(b)"), None);
    }

    #[test]
    fn patterns_that_need_text() {
        for pattern in [".+", "5..", "a|b", "[a-z]+", "x{2}y", "\\d+", "pre-.*", "(a|b)", "(?:x)+", "(.+)"] {
            assert!(needs_text(pattern), "{pattern}");
        }
        for pattern in [".*", "", "a?", "a|", "(a|)", "(a)*", "a{0}", "^$", "[ab]*"] {
            assert!(!needs_text(pattern), "{pattern}");
        }
    }
}
