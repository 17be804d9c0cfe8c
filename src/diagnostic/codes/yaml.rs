//! Codes of YAML files.

use super::codes;

codes! {}
