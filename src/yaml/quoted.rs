//! Quoted text whose further lines are indented less than its key. go-yaml reads it, YAML 1.2 does not.

/// Most texts of one file that are read so, and most bytes that are read again for their sake.
const MAX_TEXTS: usize = 64;
const MAX_BYTES: usize = 64 << 20;

/// The file with the quoted text that starts at `at` put on one line, every byte else in its place; none when no such
/// text starts there, or too many have been put on one line already (`before`).
pub(super) fn flatten(text: &str, at: usize, before: usize) -> Option<String> {
    if before >= MAX_TEXTS || text.len().saturating_mul(before + 1) > MAX_BYTES {
        return None;
    }
    let end = at + length(text.get(at..)?)?;
    let inside = text.get(at..end)?;
    inside.contains('\n').then(|| {
        let flat = inside.replace(['\n', '\r'], " ");
        format!("{}{flat}{}", &text[..at], &text[end..])
    })
}

/// The length of the quoted text at the start of `text`, quotes included.
fn length(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let quote = *bytes.first().filter(|b| matches!(b, b'"' | b'\''))?;
    let mut at = 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' if quote == b'"' => at += 1,
            b'\'' if quote == b'\'' && bytes.get(at + 1) == Some(&b'\'') => at += 1,
            b if *b == quote => return Some(at + 1),
            _ => {}
        }
        at += 1;
    }
    None
}

/// What a quoted text says, its lines folded.
pub(super) fn decode(raw: &str) -> String {
    let double = raw.starts_with('"');
    let mut rest = raw.get(1..raw.len().saturating_sub(1)).unwrap_or("");
    let mut out = String::with_capacity(rest.len());
    let blank = [' ', '\t', '\n', '\r'];
    while let Some(c) = rest.chars().next() {
        let blanks = rest.len() - rest.trim_start_matches(blank).len();
        let breaks = rest[..blanks].matches('\n').count();
        rest = if breaks > 0 {
            out.push_str(if breaks == 1 { " " } else { "" });
            out.extend(std::iter::repeat_n('\n', breaks - 1));
            &rest[blanks..]
        } else if double && c == '\\' {
            escape(&rest[1..], &mut out)
        } else {
            out.push(c);
            let width = if c == '\'' && !double { 2 } else { c.len_utf8() };
            rest.get(width..).unwrap_or("")
        };
    }
    out
}

/// Decodes the escape behind a backslash, and gives what follows.
fn escape<'t>(text: &'t str, out: &mut String) -> &'t str {
    let Some(c) = text.chars().next() else { return "" };
    let after = &text[c.len_utf8()..];
    let digits = match c {
        'x' => 2,
        'u' => 4,
        'U' => 8,
        '\n' | '\r' => return after.trim_start_matches([' ', '\t', '\n', '\r']),
        _ => {
            out.push(match c {
                '0' => '\0',
                'a' => '\x07',
                'b' => '\x08',
                't' => '\t',
                'n' => '\n',
                'v' => '\x0B',
                'f' => '\x0C',
                'r' => '\r',
                'e' => '\x1B',
                'N' => '\u{85}',
                '_' => '\u{A0}',
                'L' => '\u{2028}',
                'P' => '\u{2029}',
                other => other,
            });
            return after;
        }
    };
    let code = after.get(..digits).and_then(|d| u32::from_str_radix(d, 16).ok()).and_then(char::from_u32);
    out.extend(code);
    after.get(digits..).unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_text_is_decoded() {
        assert_eq!(decode("\"a \n  b\n\n  c\\td\\u00e9\\\n   e\""), "a b\nc\tdée");
        assert_eq!(decode("'it''s\n é'"), "it's é");
        assert_eq!(flatten("k: 'a\n''b' #\n", 3, 0).as_deref(), Some("k: 'a ''b' #\n"));
        assert_eq!(flatten("k: 'a\n", 3, 0), None);
    }
}
