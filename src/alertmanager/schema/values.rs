//! What the text of a field must look like: URLs, addresses, Go's durations.

use super::Kind;
use crate::prometheus::Duration;

/// Why a text does not fit its field, in Alertmanager's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    /// The message.
    pub message: String,
    /// What to write instead, if that is known.
    pub help: Option<String>,
}

impl Invalid {
    fn new(message: impl Into<String>) -> Invalid {
        Invalid { message: message.into(), help: None }
    }

    fn help(mut self, help: impl Into<String>) -> Invalid {
        self.help = Some(help.into());
        self
    }
}

/// Checks the text of a field of kind `kind`; kinds whose text is free always pass.
pub fn check_text(kind: Kind, text: &str) -> Result<(), Invalid> {
    match kind {
        Kind::Url => check_url(text),
        // What the API shows instead of a secret is accepted where a secret URL is.
        Kind::SecretUrl if text == "<secret>" => Ok(()),
        Kind::SecretUrl => check_url(text),
        Kind::TemplateUrl if text.is_empty() || text == "<secret>" || text.contains("{{") => Ok(()),
        Kind::TemplateUrl => {
            check_url(text).map_err(|e| Invalid { message: format!("invalid URL: {}", e.message), ..e })
        }
        Kind::HostPort => check_host_port(text),
        Kind::Duration => match text.parse::<Duration>() {
            Ok(_) => Ok(()),
            Err(e) => {
                Err(Invalid::new(e.to_string()).help("write whole numbers with units: `30s`, `5m`, `1d12h`"))
            }
        },
        Kind::GoDuration => {
            match is_go_duration(text) {
                true => Ok(()),
                false => Err(Invalid::new(format!("time: invalid duration {text:?}"))
                    .help("write it as `30s` or `1m30s`")),
            }
        }
        Kind::OneOf(words) if !text.is_empty() && !words.contains(&text) => {
            Err(Invalid::new(format!("{text:?} is none of {}", words.join(", "))))
        }
        _ => Ok(()),
    }
}

/// As Alertmanager's ParseURL: what Go's url.Parse takes, with an http scheme and a host.
fn check_url(text: &str) -> Result<(), Invalid> {
    let parse_error = |why: &str| Err(Invalid::new(format!("parse {text:?}: {why}")));
    if text.chars().any(|c| c.is_ascii_control()) {
        return parse_error("net/url: invalid control character in URL");
    }
    let scheme_end = text.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.')));
    let (scheme, rest) = match scheme_end.map(|i| text.split_at(i)) {
        Some(("", rest)) if rest.starts_with(':') => return parse_error("missing protocol scheme"),
        Some((s, rest)) if rest.starts_with(':') && s.starts_with(|c: char| c.is_ascii_alphabetic()) => {
            (s, &rest[1..])
        }
        Some((_, rest)) if rest.starts_with(':') && !text.starts_with('/') => {
            return parse_error("first path segment in URL cannot contain colon");
        }
        _ => ("", text),
    };
    let scheme = scheme.to_ascii_lowercase();
    if scheme != "http" && scheme != "https" {
        let invalid = Invalid::new(format!("unsupported scheme {scheme:?} for URL"));
        return Err(invalid.help("a URL here starts with http:// or https://"));
    }
    let authority = rest.strip_prefix("//").map(|r| r.split(['/', '?', '#']).next().unwrap_or(""));
    let host = authority.map(|a| a.rsplit_once('@').map_or(a, |(_, h)| h)).unwrap_or("");
    if host.is_empty() {
        return Err(Invalid::new("missing host for URL"));
    }
    if host.contains([' ', '{', '}', '|', '\\', '^', '`']) {
        let bad = host.chars().find(|c| " {}|\\^`".contains(*c)).unwrap_or(' ');
        return parse_error(&format!("invalid character {:?} in host name", bad.to_string()));
    }
    let port = host.rsplit_once(':').filter(|(h, _)| !h.contains(':') || h.ends_with(']')).map(|(_, p)| p);
    if let Some(port) = port.filter(|p| !p.bytes().all(|b| b.is_ascii_digit())) {
        return parse_error(&format!("invalid port {:?} after host", format!(":{port}")));
    }
    let bytes = text.as_bytes();
    for (i, _) in text.match_indices('%') {
        if !bytes.get(i + 1..i + 3).is_some_and(|h| h.iter().all(u8::is_ascii_hexdigit)) {
            let part: String = text[i..].chars().take(3).collect();
            return parse_error(&format!("invalid URL escape {part:?}"));
        }
    }
    Ok(())
}

/// As Go's net.SplitHostPort, and the port may not be empty.
fn check_host_port(text: &str) -> Result<(), Invalid> {
    if text.is_empty() {
        return Ok(());
    }
    let address_error =
        |why: &str| Err(Invalid::new(format!("address {text}: {why}")).help("write `host:port`"));
    let Some((host, port)) = text.rsplit_once(':') else { return address_error("missing port in address") };
    if host.starts_with('[') {
        if !host.ends_with(']') {
            return address_error(if host.contains(']') {
                "missing port in address"
            } else {
                "missing ']' in address"
            });
        }
    } else if host.contains(':') {
        return address_error("too many colons in address");
    }
    if port.is_empty() {
        return Err(Invalid::new(format!("address {text:?}: port cannot be empty")).help("write `host:port`"));
    }
    Ok(())
}

/// True for what Go's time.ParseDuration takes: `1h15m30.918s`, with a sign, `0` alone.
pub fn is_go_duration(text: &str) -> bool {
    let mut rest = text.strip_prefix(['-', '+']).unwrap_or(text);
    if rest == "0" {
        return true;
    }
    if rest.is_empty() {
        return false;
    }
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(|b| b.is_ascii_digit() || *b == b'.').count();
        let (number, after) = rest.split_at(digits);
        if number.matches('.').count() > 1 || !number.bytes().any(|b| b.is_ascii_digit()) {
            return false;
        }
        let units = ["ns", "us", "µs", "μs", "ms", "h", "m", "s"];
        let Some(unit) = units.iter().find(|u| after.starts_with(**u)) else { return false };
        rest = &after[unit.len()..];
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_addresses_and_durations_are_checked_as_go_does() {
        let message = |kind, text: &str| check_text(kind, text).err().map(|e| e.message);
        for url in ["http://x", "https://u:p@h:80/a?b=c#d", "http://[::1]:9093", "HTTP://x", "http://h/%41"] {
            assert_eq!(message(Kind::Url, url), None, "{url}");
        }
        assert_eq!(message(Kind::Url, "foo").as_deref(), Some("unsupported scheme \"\" for URL"));
        assert_eq!(
            message(Kind::TemplateUrl, "http://").as_deref(),
            Some("invalid URL: missing host for URL")
        );
        assert!(message(Kind::Url, "http://h:x").is_some_and(|m| m.contains("invalid port")));
        assert!(message(Kind::Url, "http://{h}").is_some());
        assert_eq!(message(Kind::HostPort, "h").as_deref(), Some("address h: missing port in address"));
        assert_eq!(message(Kind::HostPort, "h:").as_deref(), Some("address \"h:\": port cannot be empty"));
        assert_eq!(message(Kind::HostPort, "h:25"), None);
        for (text, good) in
            [("1.5m", true), ("1h30m", true), ("0", true), ("5", false), ("1d", false), ("", false)]
        {
            assert_eq!(is_go_duration(text), good, "{text}");
        }
    }
}
