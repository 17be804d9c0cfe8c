//! Codes of tests.

use super::codes;

codes! {}
