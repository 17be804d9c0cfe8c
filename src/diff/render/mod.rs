//! A review for a terminal, for a pull request, and for programs.

mod markdown;
mod terminal;
mod timelines;

pub use markdown::markdown;
pub use terminal::terminal;

use super::review::Review;

/// The review as JSON, with a line break at its end.
pub fn json(review: &Review) -> String {
    let text = serde_json::to_string_pretty(review).unwrap_or_default();
    format!("{text}\n")
}
