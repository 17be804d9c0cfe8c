//! Codes of alerts, levels, groups and recording rules.

use super::codes;

codes! {}
