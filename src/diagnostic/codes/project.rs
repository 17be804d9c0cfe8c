//! Codes of alertc.toml, files and outputs.

use super::codes;

codes! {
    CONFIG_SYNTAX = "config-syntax", Error, "alertc.toml is not valid TOML";
    CONFIG_UNKNOWN_KEY = "config-unknown-key", Error, "a key of alertc.toml that alertc does not know";
    CONFIG_INVALID_VALUE = "config-invalid-value", Error, "a value of alertc.toml that its key can't have";
}
