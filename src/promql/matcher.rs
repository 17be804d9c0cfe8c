//! Label matchers, compiled.

use super::ast::MatchOp;
use crate::gostd::regexp::{Anchor, Regexp, RegexpError};

/// A condition on the value of one label.
#[derive(Debug, Clone)]
pub struct Matcher {
    /// The label.
    pub name: String,
    /// How to compare.
    pub op: MatchOp,
    /// What to compare with: a value, or a regular expression for the whole value.
    pub value: String,
    regex: Option<Box<Regexp>>,
}

impl Matcher {
    /// A matcher; an error when `value` is no regular expression but should be one.
    pub fn new(name: &str, op: MatchOp, value: &str) -> Result<Matcher, RegexpError> {
        let regex = match op {
            MatchOp::Equal | MatchOp::NotEqual => None,
            MatchOp::Regexp | MatchOp::NotRegexp => Some(Box::new(Regexp::new(value, Anchor::Prometheus)?)),
        };
        Ok(Matcher { name: name.to_string(), op, value: value.to_string(), regex })
    }

    /// True when the matcher accepts this value (empty for a label that is not there).
    pub fn matches(&self, value: &str) -> bool {
        let is_match = || self.regex.as_ref().is_some_and(|r| r.is_match(value));
        match self.op {
            MatchOp::Equal => self.value == value,
            MatchOp::NotEqual => self.value != value,
            MatchOp::Regexp => is_match(),
            MatchOp::NotRegexp => !is_match(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regular_expressions_are_for_the_whole_value() {
        let m = Matcher::new("a", MatchOp::Regexp, "b.*|c").unwrap();
        assert!(m.matches("b\nx") && m.matches("c") && !m.matches("cc") && !m.matches("ab"));
        let m = Matcher::new("a", MatchOp::NotRegexp, ".+").unwrap();
        assert!(m.matches("") && !m.matches("x"));
        assert!(Matcher::new("a", MatchOp::Regexp, "(").is_err());
    }
}
