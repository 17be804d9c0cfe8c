//! Codes of YAML files.

use super::codes;

codes! {
    YAML_SYNTAX = "yaml-syntax", Error, "a file is not YAML";
    YAML_LIMIT = "yaml-limit", Error, "a YAML file is too large, too deep, or its aliases stand for too much";
    DUPLICATE_KEY = "duplicate-key", Error, "a key is given twice in one mapping";
    UNKNOWN_FIELD = "unknown-field", Error, "a key that the file's kind does not have";
    WRONG_TYPE = "wrong-type", Error, "a value of the wrong type";
    MISSING_FIELD = "missing-field", Error, "a field that must be there is not";
    IGNORED_DOCUMENT = "ignored-document", Warning, "a second YAML document that the real tools do not read";
    UNKNOWN_FILE_KIND = "unknown-file-kind", Error, "a YAML file that is none of the kinds that can be checked";
}
