//! Codes of PromQL syntax and types.

use super::codes;

codes! {}
