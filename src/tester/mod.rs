//! Tests: fixtures in, verdicts out.
