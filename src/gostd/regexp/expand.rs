//! Templates of replacements: `$1`, `${name}`, `$$` (Go's `Regexp.Expand`).

use regex::Captures;

/// Appends the template with its variables replaced by the groups of a match.
pub fn expand(out: &mut String, mut template: &str, captures: &Captures<'_>, names: &[Option<String>]) {
    while let Some((before, after)) = template.split_once('$') {
        out.push_str(before);
        if let Some(rest) = after.strip_prefix('$') {
            out.push('$');
            template = rest;
        } else if let Some((name, rest)) = variable(after) {
            push_group(out, name, captures, names);
            template = rest;
        } else {
            // Malformed: the dollar is text.
            out.push('$');
            template = after;
        }
    }
    out.push_str(template);
}

/// The name after a dollar and what follows it: the longest run of letters, digits and underscores, or one in braces.
fn variable(text: &str) -> Option<(&str, &str)> {
    let (body, braced) = match text.strip_prefix('{') {
        Some(body) => (body, true),
        None => (text, false),
    };
    let end = body.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(body.len());
    let (name, rest) = body.split_at(end);
    if name.is_empty() {
        return None;
    }
    if braced { rest.strip_prefix('}').map(|rest| (name, rest)) } else { Some((name, rest)) }
}

fn push_group(out: &mut String, name: &str, captures: &Captures<'_>, names: &[Option<String>]) {
    let is_number = name.bytes().all(|b| b.is_ascii_digit()) && (name == "0" || !name.starts_with('0'));
    let group = if is_number {
        name.parse::<usize>().ok().and_then(|n| captures.get(n))
    } else {
        // Of several groups of one name, the first that matched.
        names
            .iter()
            .enumerate()
            .filter(|(_, n)| n.as_deref() == Some(name))
            .find_map(|(i, _)| captures.get(i))
    };
    if let Some(group) = group {
        out.push_str(group.as_str());
    }
}
