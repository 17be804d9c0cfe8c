//! The one writer of YAML: no other file knows serde_yaml.

use serde::Serialize;
use serde_json::Value;

use super::layout;

/// A model as one YAML document: keys in the model's order, text of several lines as `|` blocks, quotes only where
/// the text would be read as something else.
///
/// # Errors
/// The message of a value that YAML cannot hold, such as a map whose keys are maps.
pub fn to_string(model: &impl Serialize) -> Result<String, String> {
    let text = serde_yaml::to_string(model).map_err(|e| e.to_string())?;
    if text.contains(YAML_11_BREAKS) {
        let model = serde_json::to_value(model).map_err(|e| e.to_string())?;
        let mut out = String::new();
        write_quoted(&model, 0, &mut out);
        return Ok(out);
    }
    Ok(layout::lay_out(text))
}

/// Line breaks to YAML 1.1, which serde_yaml writes, and plain characters to 1.2: only escapes say the same in both.
const YAML_11_BREAKS: [char; 3] = ['\u{85}', '\u{2028}', '\u{2029}'];

/// All text in double quotes. `indent` is that of the keys.
fn write_quoted(value: &Value, indent: usize, out: &mut String) {
    let margin = " ".repeat(indent);
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (key, value) in map {
                let nested = matches!(value, Value::Object(m) if !m.is_empty())
                    || matches!(value, Value::Array(a) if !a.is_empty());
                out.push_str(&format!("{margin}{}:{}", escaped(key), if nested { "\n" } else { " " }));
                write_quoted(value, indent + 2, out);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                let mut block = String::new();
                write_quoted(item, indent + 2, &mut block);
                let block = block.trim_start_matches(' ');
                out.push_str(&format!("{margin}- {block}"));
            }
        }
        Value::String(text) => out.push_str(&format!("{}\n", escaped(text))),
        other => out.push_str(&format!("{other}\n")),
    }
}

/// A JSON string is a YAML one; what is not ASCII and not a letter is escaped.
fn escaped(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            c if (' '..='~').contains(&c) || c.is_alphanumeric() => out.push(c),
            c => out.push_str(&format!("\\U{:08X}", u32::from(c))),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;
    use crate::yaml::{Node, StringMap, read};
    use proptest::prelude::*;

    /// Longer than any text that is tried, so that no text is this key.
    const KEY: &str = "the key of the text as a value";

    fn round_trip(value: &str) {
        let map: StringMap = [(KEY, value), (value, "v")].into_iter().collect();
        let yaml = to_string(&map).expect("text can be written");
        let documents = read(FileId(0), &yaml);
        let root =
            documents[0].root.as_ref().unwrap_or_else(|| panic!("{yaml:?}: {:?}", documents[0].diagnostics));
        let map = root.as_mapping().expect("a mapping");
        let read: Option<&str> = map.get(KEY).and_then(Node::as_text);
        assert_eq!(read, Some(value), "{yaml:?}");
        if value != "<<" {
            assert_eq!(map.entries[1].name(), value, "{yaml:?}");
        }
    }

    #[test]
    fn text_that_looks_like_yaml_comes_back() {
        for text in [
            "yes",
            "on",
            "~",
            "null",
            "0x1",
            "1e3",
            "12:30",
            "",
            " ",
            "a: b",
            "- a",
            "#",
            "a #b",
            "{{ $value }}",
            "'",
            "\"",
            "a\nb\n",
            "a\nb",
            "\n",
            " a\n b",
            "a\n\n\nb\n\n",
            "\ta",
            "<<",
            "=",
            "!x",
            "&x",
            "*x",
            "%x",
            "|",
            ">",
            "é😀\u{202e}",
            "a\r\nb",
            "\u{FEFF}",
            "\u{85}",
            "sum(x)\n  > 1\n",
            "trailing \nspace",
        ] {
            round_trip(text);
        }
    }

    proptest! {
        #[test]
        fn any_text_comes_back(text in "\\PC{0,20}|[ \\n\\t:#'\"{}\\[\\]|>a\u{2028}\u{85}-]{0,20}") {
            round_trip(&text);
        }
    }
}
