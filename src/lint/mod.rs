//! Findings over a checked program, one file a rule.
