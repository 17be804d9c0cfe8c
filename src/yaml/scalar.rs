//! What a scalar means, as go-yaml resolves it (gopkg.in/yaml.v2 and v3, resolve.go and decode.go).

use super::node::{Scalar, Style, Tag};

impl Scalar {
    /// True for an absent value, `~`, `null`, `Null`, `NULL` written plain, and for `!!null`.
    pub fn is_null(&self) -> bool {
        match self.tag {
            Tag::Null => true,
            Tag::Implicit => {
                self.style == Style::Plain
                    && matches!(self.text.as_str(), "" | "~" | "null" | "Null" | "NULL")
            }
            _ => false,
        }
    }

    /// The boolean, in YAML 1.1's wide sense, in which go-yaml fills a field that is a boolean.
    pub fn boolean(&self) -> Option<bool> {
        if !self.is_untyped() && self.tag != Tag::Bool {
            return None;
        }
        match self.text.as_str() {
            "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" | "y" | "Y" => Some(true),
            "false" | "False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF" | "n" | "N" => {
                Some(false)
            }
            _ => None,
        }
    }

    /// The integer: decimal, `0x`, `0o`, `0b`, a leading zero for octal, `_` between digits; a float is cut off.
    pub fn integer(&self) -> Option<i64> {
        if !self.is_untyped() && !matches!(self.tag, Tag::Int | Tag::Float) {
            return None;
        }
        integer(&self.text).or_else(|| {
            let float = self.float()?;
            (float.abs() < 9.2e18).then_some(float as i64)
        })
    }

    /// The number, `.inf` and `.nan` included.
    pub fn float(&self) -> Option<f64> {
        if !self.is_untyped() && !matches!(self.tag, Tag::Int | Tag::Float) {
            return None;
        }
        match self.text.as_str() {
            ".nan" | ".NaN" | ".NAN" => return Some(f64::NAN),
            ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => return Some(f64::INFINITY),
            "-.inf" | "-.Inf" | "-.INF" => return Some(f64::NEG_INFINITY),
            _ => {}
        }
        if let Some(int) = integer(&self.text) {
            return Some(int as f64);
        }
        let digits = self.text.strip_prefix(['-', '+']).unwrap_or(&self.text);
        let plain = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.')
            && digits
                .bytes()
                .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'-' | b'+' | b'_'));
        if plain { self.text.replace('_', "").parse().ok() } else { None }
    }

    /// `text`, `a number`, `a boolean` or `null`, with its article.
    pub fn kind(&self) -> &'static str {
        if self.is_null() {
            "nothing"
        } else if matches!(self.text.as_str(), "true" | "false") && self.boolean().is_some() {
            "a boolean"
        } else if self.float().is_some() {
            "a number"
        } else {
            "text"
        }
    }

    fn is_untyped(&self) -> bool {
        self.tag == Tag::Implicit && self.style == Style::Plain
    }
}

fn integer(text: &str) -> Option<i64> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    if !digits.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let digits = digits.replace('_', "");
    let (digits, radix) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (&digits[2..], 16),
        [b'0', b'o' | b'O', ..] => (&digits[2..], 8),
        [b'0', b'b' | b'B', ..] => (&digits[2..], 2),
        [b'0', b'0'..=b'7', ..] => (&digits[1..], 8),
        _ => (digits.as_str(), 10),
    };
    if digits.starts_with(['-', '+']) {
        return None;
    }
    let value = i128::from_str_radix(digits, radix).ok()?;
    i64::try_from(if negative { -value } else { value }).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> Scalar {
        Scalar { text: text.into(), style: Style::Plain, tag: Tag::Implicit }
    }

    #[test]
    fn scalars_resolve_as_go_yaml_does() {
        assert!(plain("").is_null() && plain("~").is_null() && !plain("nil").is_null());
        assert_eq!(plain("yes").boolean(), Some(true));
        assert_eq!(plain("Off").boolean(), Some(false));
        assert_eq!(plain("tRue").boolean(), None);
        let quoted = Scalar { style: Style::Double, ..plain("true") };
        assert_eq!(quoted.boolean(), None);
        for (text, value) in
            [("12", 12), ("-0x1F", -31), ("0b11", 3), ("0o17", 15), ("017", 15), ("1_000", 1000)]
        {
            assert_eq!(plain(text).integer(), Some(value), "{text}");
        }
        assert_eq!(plain("1.9").integer(), Some(1));
        assert_eq!(plain("1e3").float(), Some(1000.0));
        assert_eq!(plain("-.inf").float(), Some(f64::NEG_INFINITY));
        assert_eq!(plain("inf").float(), None);
        assert_eq!(plain("5m").integer(), None);
        assert_eq!(plain("99999999999999999999").integer(), None);
    }
}
