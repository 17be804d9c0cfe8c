//! Two texts side by side in one: a unified diff, as `git diff` shows it.

use std::fmt::Write;

use anstream::adapter::strip_str;
use similar::{ChangeTag, TextDiff};

const RED: &str = "\x1b[31m";
const GREEN: &str = "\x1b[32m";
const CYAN: &str = "\x1b[36m";
const BOLD: &str = "\x1b[1m";
const RESET: &str = "\x1b[0m";

/// Lines of context around a change.
const CONTEXT: usize = 3;

/// The unified diff of two texts of a file, none where it does not exist. Escape sequences of the texts never reach
/// the terminal.
pub fn unified(name: &str, old: Option<&str>, new: Option<&str>, color: bool) -> String {
    let paint = |out: &mut String, style: &str, line: &str| {
        // Writing to a string can't fail.
        let _ = if color { writeln!(out, "{style}{line}{RESET}") } else { writeln!(out, "{line}") };
    };
    let mut out = String::new();
    let path = |text: Option<&str>| if text.is_some() { name } else { "/dev/null" };
    paint(&mut out, BOLD, &format!("--- {}", path(old)));
    paint(&mut out, BOLD, &format!("+++ {}", path(new)));
    let diff = TextDiff::from_lines(old.unwrap_or(""), new.unwrap_or(""));
    for hunk in diff.unified_diff().context_radius(CONTEXT).iter_hunks() {
        paint(&mut out, CYAN, &hunk.header().to_string());
        for change in hunk.iter_changes() {
            let (sign, style) = match change.tag() {
                ChangeTag::Delete => ('-', RED),
                ChangeTag::Insert => ('+', GREEN),
                ChangeTag::Equal => (' ', ""),
            };
            let text = strip_str(change.value()).to_string();
            paint(&mut out, style, &format!("{sign}{}", text.trim_end_matches(['\r', '\n'])));
            if change.missing_newline() {
                paint(&mut out, "", "\\ No newline at end of file");
            }
        }
    }
    out
}
