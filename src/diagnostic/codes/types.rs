//! Codes of metric kinds, units and labels.

use super::codes;

codes! {}
