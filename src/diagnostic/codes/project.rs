//! Codes of alertc.toml, files and outputs.

use super::codes;

codes! {
}
