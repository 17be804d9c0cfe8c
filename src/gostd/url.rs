//! Go's `net/url`: query escaping.

/// Go's `url.QueryEscape`: a space becomes `+`, all but `A-Za-z0-9-_.~` is written as `%XX`.
pub fn query_escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            b' ' => out.push('+'),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// Go's `url.QueryUnescape`; the error is Go's text. Bytes that are no UTF-8 come out as replacement characters.
pub fn query_unescape(text: &str) -> Result<String, String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        match first {
            b'+' => bytes.push(b' '),
            b'%' => {
                let digit = |b: &u8| char::from(*b).to_digit(16);
                match after {
                    [high, low, tail @ ..] if digit(high).is_some() && digit(low).is_some() => {
                        let code = digit(high).unwrap_or(0) * 16 + digit(low).unwrap_or(0);
                        bytes.push(u8::try_from(code).unwrap_or(0));
                        rest = tail;
                    }
                    _ => {
                        let part: Vec<u8> =
                            std::iter::once(b'%').chain(after.iter().take(2).copied()).collect();
                        let part = String::from_utf8_lossy(&part);
                        return Err(format!("invalid URL escape {}", super::strconv::quote(&part)));
                    }
                }
            }
            byte => bytes.push(*byte),
        }
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes() {
        assert_eq!(query_escape("a b&c/é~*"), "a+b%26c%2F%C3%A9~%2A");
        assert_eq!(query_unescape("a%20b+c%C3%A9"), Ok("a b cé".to_string()));
        assert_eq!(query_unescape("%zz"), Err("invalid URL escape \"%zz\"".to_string()));
        assert_eq!(query_unescape("%4"), Err("invalid URL escape \"%4\"".to_string()));
    }
}
