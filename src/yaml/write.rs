//! The one writer of YAML: no other file knows serde_yaml.

use serde::Serialize;

/// A model as one YAML document: keys in the model's order, text of several lines as `|` blocks, quotes only where
/// the text would be read as something else.
///
/// # Errors
/// The message of a value that YAML cannot hold, such as a map whose keys are maps.
pub fn to_string(model: &impl Serialize) -> Result<String, String> {
    serde_yaml::to_string(model).map_err(|e| e.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;
    use crate::yaml::{Node, StringMap, read};
    use proptest::prelude::*;

    fn round_trip(value: &str) {
        let map: StringMap = [("k", value), (value, "v")].into_iter().collect();
        let yaml = to_string(&map).expect("text can be written");
        let documents = read(FileId(0), &yaml);
        let root =
            documents[0].root.as_ref().unwrap_or_else(|| panic!("{yaml:?}: {:?}", documents[0].diagnostics));
        let map = root.as_mapping().expect("a mapping");
        let read: Option<&str> = map.get("k").and_then(Node::as_text);
        assert_eq!(read, Some(value), "{yaml:?}");
        if value != "k" && value != "<<" {
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
        fn any_text_comes_back(text in "\\PC{0,20}|[ \\n\\t:#'\"{}\\[\\]|>a-]{0,20}") {
            // Line breaks to YAML 1.1, which serde_yaml writes, and plain characters to 1.2.
            round_trip(&text.replace(['\u{2028}', '\u{2029}'], ""));
        }
    }
}
