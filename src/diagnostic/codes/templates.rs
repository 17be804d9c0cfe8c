//! Codes of label and annotation templates.

use super::codes;

codes! {}
