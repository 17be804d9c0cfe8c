//! Codes of names: undefined, duplicate, unknown.

use super::codes;

codes! {}
