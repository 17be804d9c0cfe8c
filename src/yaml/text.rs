//! Bytes to text: what a YAML file may hold at all.

/// Why bytes are not text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextError {
    /// Offset of the first bad byte.
    pub offset: usize,
    /// What is wrong, in one line.
    pub message: String,
}

/// The text of a file: UTF-8, with or without a byte order mark, which stays part of the text.
///
/// # Errors
/// Bytes that are not UTF-8, with the offset of the first.
pub fn decode_text(bytes: Vec<u8>) -> Result<String, TextError> {
    String::from_utf8(bytes).map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        let bytes = error.as_bytes();
        let message = match bytes {
            [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => "the file is UTF-16, not UTF-8".to_string(),
            _ => format!("byte 0x{:02X} is not UTF-8", bytes.get(offset).copied().unwrap_or(0)),
        };
        TextError { offset, message }
    })
}

/// The first character that YAML does not allow (libyaml readerc.go): its offset and itself.
pub(super) fn forbidden_character(text: &str) -> Option<(usize, char)> {
    let suspicious =
        |b: &u8| (*b < 0x20 && !matches!(b, b'\n' | b'\r' | b'\t')) || *b == 0x7F || *b == 0xC2 || *b == 0xEF;
    let bytes = text.as_bytes();
    let mut from = 0;
    while let Some(at) = bytes.get(from..)?.iter().position(suspicious) {
        let offset = from + at;
        let c = text.get(offset..)?.chars().next()?;
        let allowed = match c {
            '\u{85}' | '\u{A0}'.. => !matches!(c, '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}') || offset == 0,
            _ => false,
        };
        if !allowed {
            return Some((offset, c));
        }
        from = offset + c.len_utf8();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_yaml_does_not_allow() {
        assert_eq!(forbidden_character("a\tb\r\né\u{A0}ﬀ😀"), None);
        assert_eq!(forbidden_character("\u{FEFF}a"), None);
        assert_eq!(forbidden_character("é\0"), Some((2, '\0')));
        assert_eq!(forbidden_character("a\u{80}"), Some((1, '\u{80}')));
        assert!(decode_text(vec![b'a', 0xFF]).is_err_and(|e| e.offset == 1));
    }
}
