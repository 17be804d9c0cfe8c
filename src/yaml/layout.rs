//! What serde_yaml writes, laid out as people do: lists stand two columns inside their key, and text that YAML 1.1
//! reads as something else is quoted. Prometheus and Alertmanager would take that text, but Kubernetes turns
//! manifests into JSON by YAML 1.1's rules (sigs.k8s.io/yaml, go-yaml v2 resolve.go), where the label value `no` is a
//! boolean and `1_000` a number, and refuses the manifest.

/// Lays a block out. `block` is as serde_yaml writes it: one key or item a line.
pub(super) fn lay_out(block: String) -> String {
    if !block.lines().any(|line| split(line).is_some() || line.trim_start_matches(' ').starts_with("- ")) {
        return block;
    }
    let mut out = String::with_capacity(block.len() + block.len() / 8);
    // Lines deeper than this are the text of a block scalar.
    let mut text_below: Option<usize> = None;
    // Where lists stand that have to move to the right, and the key that waits for its value.
    let mut lists: Vec<usize> = Vec::new();
    let mut open_key: Option<usize> = None;
    for line in block.split_inclusive('\n') {
        let (line, end) = line.strip_suffix('\n').map_or((line, ""), |l| (l, "\n"));
        let depth = line.len() - line.trim_start_matches(' ').len();
        let is_text = text_below.is_some_and(|above| line.is_empty() || depth > above);
        if !is_text {
            let is_item = line[depth..].starts_with('-');
            while lists.last().is_some_and(|list| depth < *list || (depth == *list && !is_item)) {
                lists.pop();
            }
            if is_item && open_key == Some(depth) {
                lists.push(depth);
            }
            let dashes = dashes(&line[depth..]);
            let is_text_item = line[depth + dashes..].starts_with(['|', '>']);
            let above = depth + if is_text_item { dashes.saturating_sub(2) } else { dashes };
            text_below = is_block_header(line).then_some(above);
            open_key = line.ends_with(':').then_some(depth + dashes);
        }
        if !line.is_empty() {
            out.extend(std::iter::repeat_n(' ', 2 * lists.len()));
        }
        match split(line).filter(|_| !is_text) {
            Some((before, key, between, value)) => {
                out.push_str(before);
                push(&mut out, key);
                out.push_str(between);
                push(&mut out, value);
            }
            None => out.push_str(line),
        }
        out.push_str(end);
    }
    out
}

fn push(out: &mut String, scalar: &str) {
    if is_ambiguous(scalar) {
        out.push('\'');
        out.push_str(scalar);
        out.push('\'');
    } else {
        out.push_str(scalar);
    }
}

/// Bytes of the `- ` that open items before a key.
fn dashes(line: &str) -> usize {
    let mut rest = line;
    while let Some(inner) = rest.strip_prefix("- ") {
        rest = inner;
    }
    line.len() - rest.len()
}

/// `key: |`, `- |2-` and so on; the number is an indentation.
fn is_block_header(line: &str) -> bool {
    let Some(last) = line.rsplit(' ').next() else { return false };
    matches!(last.as_bytes(), [b'|' | b'>', rest @ ..] if rest.len() <= 2 && rest.iter().all(|b| matches!(b, b'-' | b'+' | b'0'..=b'9')))
}

/// A line's indentation, key, `: ` and value when one of them needs quotes.
fn split(line: &str) -> Option<(&str, &str, &str, &str)> {
    let depth = line.len() - line.trim_start_matches(' ').len();
    let start = depth + dashes(&line[depth..]);
    let (before, rest) = line.split_at(start);
    let (key, between, value) = match rest.find(": ") {
        Some(at) => (&rest[..at], ": ", &rest[at + 2..]),
        None => match rest.strip_suffix(':') {
            Some(key) => (key, ":", ""),
            None => ("", "", rest),
        },
    };
    (is_ambiguous(key) || is_ambiguous(value)).then_some((before, key, between, value))
}

/// True for plain text that YAML 1.1 resolves to a boolean, a number or a time.
fn is_ambiguous(text: &str) -> bool {
    match text.as_bytes() {
        [b'y' | b'Y' | b'n' | b'N'] => true,
        [b'y' | b'Y' | b'n' | b'N' | b'o' | b'O', ..] if text.len() <= 3 => {
            ["yes", "no", "on", "off"].iter().any(|word| text.eq_ignore_ascii_case(word))
        }
        [b'0'..=b'9', ..] | [b'+' | b'-' | b'.', b'0'..=b'9' | b'.', ..] => is_number_like(text),
        _ => false,
    }
}

/// Numbers with `_`, `:` (base 60) or a date's `-`; plain ones are quoted already.
fn is_number_like(text: &str) -> bool {
    let unsigned = text.trim_start_matches(['+', '-']);
    let separated = unsigned.contains(['_', ':', '-']);
    separated
        && unsigned.bytes().all(|b| {
            b.is_ascii_hexdigit()
                || matches!(b, b'_' | b':' | b'-' | b'.' | b'x' | b'o' | b'T' | b'Z' | b'+' | b' ')
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_scalars_outside_of_text_are_quoted() {
        let block = "alert: Yes\nfor: 5m\nlabels:\n  page: no\n  on: 'yes'\n  size: 1_000\n  at: 12:30\nexpr: |-\n  n: no\n\n  y\nsummary: no way\nn: x\n";
        let wanted = "alert: 'Yes'\nfor: 5m\nlabels:\n  page: 'no'\n  'on': 'yes'\n  size: '1_000'\n  at: '12:30'\nexpr: |-\n  n: no\n\n  y\nsummary: no way\n'n': x\n";
        assert_eq!(lay_out(block.into()), wanted);
        let plain = "for: 1h30m\nexpr: up == 0\nip: 10.0.0.1\n";
        assert_eq!(lay_out(plain.into()), plain);
    }

    #[test]
    fn lists_stand_inside_their_key() {
        let block = "a:\n- b:\n  - 1:3\n  - |\n    - no: no\n  c: off\n- x:\n    w: z\nd:\n  e:\n  - f\n  g: h\ni: []\n";
        let wanted = "a:\n  - b:\n      - '1:3'\n      - |\n        - no: no\n    c: 'off'\n  - x:\n      w: z\nd:\n  e:\n    - f\n  g: h\ni: []\n";
        assert_eq!(lay_out(block.into()), wanted);
        assert_eq!(lay_out("- a\n- b\n".into()), "- a\n- b\n", "a list alone has no key");
    }
}
