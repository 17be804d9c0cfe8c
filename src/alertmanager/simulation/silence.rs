//! Silences (silence/silence.go).

use crate::alertmanager::matcher::Matcher;
use crate::alertmanager::route::{Labels, matches};

/// A silence. Times are milliseconds since the Unix epoch.
#[derive(Debug, Clone, PartialEq)]
pub struct Silence {
    /// What people call it.
    pub id: String,
    /// Sets of matchers: an alert must pass all matchers of any set.
    pub matchers: Vec<Vec<Matcher>>,
    /// From when, included.
    pub starts_at: i64,
    /// Until when, included.
    pub ends_at: i64,
}

impl Silence {
    /// Whether it silences an alert at a time.
    pub fn silences(&self, labels: &Labels, now: i64) -> bool {
        (self.starts_at..=self.ends_at).contains(&now)
            && self.matchers.iter().any(|set| !set.is_empty() && matches(set, labels))
    }
}
