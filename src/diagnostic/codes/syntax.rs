//! Codes of the alert language's syntax.

use super::codes;

codes! {}
