//! A link against its base, as RFC 3986 section 5.2 resolves it, on texts that may hold `{label}` placeholders.

/// The parts of a reference. `{`, `}` and template actions count as ordinary characters.
struct Parts<'a> {
    scheme: Option<&'a str>,
    authority: Option<&'a str>,
    path: &'a str,
    query: Option<&'a str>,
    fragment: Option<&'a str>,
}

fn split(reference: &str) -> Parts<'_> {
    let (rest, fragment) = cut(reference, '#');
    let (rest, query) = cut(rest, '?');
    let scheme_end = rest.find(':').filter(|end| {
        let name = &rest[..*end];
        name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    });
    let (scheme, rest) = match scheme_end {
        Some(end) => (Some(&rest[..end]), &rest[end + 1..]),
        None => (None, rest),
    };
    let (authority, path) = match rest.strip_prefix("//") {
        Some(rest) => {
            let end = rest.find('/').unwrap_or(rest.len());
            (Some(&rest[..end]), &rest[end..])
        }
        None => (None, rest),
    };
    Parts { scheme, authority, path, query, fragment }
}

fn cut(text: &str, at: char) -> (&str, Option<&str>) {
    text.split_once(at).map_or((text, None), |(head, tail)| (head, Some(tail)))
}

/// True when the text names a scheme and an authority, as a link that stands alone must.
pub fn is_absolute(reference: &str) -> bool {
    let parts = split(reference);
    parts.scheme.is_some() && parts.authority.is_some_and(|a| !a.is_empty())
}

/// `reference` as seen from `base`: the target URI of RFC 3986 section 5.2.2.
pub fn resolve(base: &str, reference: &str) -> String {
    let base = split(base);
    let link = split(reference);
    if link.scheme.is_some() {
        return reference.to_string();
    }
    let mut out = String::new();
    if let Some(scheme) = base.scheme {
        out.push_str(scheme);
        out.push(':');
    }
    if let Some(authority) = link.authority.or(base.authority) {
        out.push_str("//");
        out.push_str(authority);
    }
    let query = if link.authority.is_some() || link.path.starts_with('/') {
        out.push_str(&without_dots(link.path));
        link.query
    } else if link.path.is_empty() {
        out.push_str(base.path);
        link.query.or(base.query)
    } else {
        out.push_str(&without_dots(&merged(&base, link.path)));
        link.query
    };
    if let Some(query) = query {
        out.push('?');
        out.push_str(query);
    }
    if let Some(fragment) = link.fragment {
        out.push('#');
        out.push_str(fragment);
    }
    out
}

/// Section 5.2.3: the base's path up to its last slash, then the reference's.
fn merged(base: &Parts<'_>, path: &str) -> String {
    if base.authority.is_some() && base.path.is_empty() {
        return format!("/{path}");
    }
    let directory = base.path.rfind('/').map_or("", |end| &base.path[..=end]);
    format!("{directory}{path}")
}

/// Section 5.2.4: `.` and `..` segments taken out.
fn without_dots(path: &str) -> String {
    let mut out: Vec<&str> = Vec::new();
    let mut segments = path.split('/').peekable();
    while let Some(segment) = segments.next() {
        let last = segments.peek().is_none();
        match segment {
            "." if last => out.push(""),
            "." => {}
            ".." => {
                if out.len() > 1 || out.first().is_some_and(|s| !s.is_empty()) {
                    out.pop();
                }
                if last {
                    out.push("");
                }
            }
            other => out.push(other),
        }
    }
    out.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of RFC 3986 section 5.4.
    #[test]
    fn resolves_as_the_rfc_says() {
        let base = "http://a/b/c/d;p?q";
        for (reference, target) in [
            ("g:h", "g:h"),
            ("g", "http://a/b/c/g"),
            ("./g", "http://a/b/c/g"),
            ("g/", "http://a/b/c/g/"),
            ("/g", "http://a/g"),
            ("//g", "http://g"),
            ("?y", "http://a/b/c/d;p?y"),
            ("g?y", "http://a/b/c/g?y"),
            ("#s", "http://a/b/c/d;p?q#s"),
            ("g?y#s", "http://a/b/c/g?y#s"),
            ("", "http://a/b/c/d;p?q"),
            (".", "http://a/b/c/"),
            ("..", "http://a/b/"),
            ("../g", "http://a/b/g"),
            ("../..", "http://a/"),
            ("../../../g", "http://a/g"),
            ("/./g", "http://a/g"),
            ("g?y/../x", "http://a/b/c/g?y/../x"),
        ] {
            assert_eq!(resolve(base, reference), target, "{reference}");
        }
    }

    #[test]
    fn placeholders_are_ordinary_text() {
        let base = "https://r.example/{alertname}";
        assert_eq!(resolve(base, "database#pool"), "https://r.example/database#pool");
        assert_eq!(resolve(base, "#{pool}"), "https://r.example/{alertname}#{pool}");
        assert!(is_absolute(base) && !is_absolute("database#pool") && !is_absolute("/d/x"));
    }
}
