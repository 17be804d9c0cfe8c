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

/// True when an anchored pattern surely does not match the empty text: outside groups and classes, each
/// alternative has an atom that must be there. False means only that this is not certain.
pub(super) fn needs_text(pattern: &str) -> bool {
    let (mut needed, mut depth) = (false, 0u32);
    let mut chars = pattern.chars().peekable();
    let mut in_class = false;
    while let Some(c) = chars.next() {
        let mut atom = true;
        match c {
            '\\' => atom = chars.next().is_some_and(|c| !matches!(c, 'b' | 'B' | 'A' | 'z' | 'Q' | 'E')),
            '[' if !in_class => (in_class, atom) = (true, false),
            ']' if in_class => in_class = false,
            _ if in_class => continue,
            '(' => (depth, atom) = (depth + 1, false),
            ')' => (depth, atom) = (depth.saturating_sub(1), false),
            '|' if depth == 0 => {
                if !needed {
                    return false;
                }
                (needed, atom) = (false, false);
            }
            '{' => {
                chars.by_ref().find(|c| *c == '}');
                atom = false;
            }
            '|' | '*' | '+' | '?' | '^' | '$' => atom = false,
            _ => {}
        }
        if atom && depth == 0 && !in_class && !matches!(chars.peek(), Some('?' | '*' | '{')) {
            needed = true;
        }
    }
    needed
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
        for pattern in [".+", "5..", "a|b", "[a-z]+", "x{2}y", "\\d+", "pre-.*"] {
            assert!(needs_text(pattern), "{pattern}");
        }
        for pattern in [".*", "", "a?", "a|", "(a|b)", "a{0}", "^$", "[ab]*"] {
            assert!(!needs_text(pattern), "{pattern}");
        }
    }
}
