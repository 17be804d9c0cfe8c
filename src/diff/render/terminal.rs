//! A review for a terminal.

use std::fmt::Write;

use super::timelines;
use crate::diff::change::{Change, Field, Kind, Part, Verdict};
use crate::diff::review::Review;
use crate::diff::words;

const RED: &str = "\x1b[31m";
const GREEN: &str = "\x1b[32m";
const YELLOW: &str = "\x1b[33m";
const BOLD: &str = "\x1b[1m";
const DIM: &str = "\x1b[2m";
const RESET: &str = "\x1b[0m";

/// From so many columns on, before and after stand side by side.
const WIDE: usize = 140;

/// Of things that change alike so many are named.
const MOST_NAMES: usize = 50;

/// How it is printed.
#[derive(Debug, Clone, Copy)]
struct Style {
    color: bool,
    width: usize,
}

/// The review in words. `width` is in columns.
pub fn terminal(review: &Review, color: bool, width: usize) -> String {
    let style = Style { color, width };
    let mut out = String::new();
    let mut title = String::new();
    let all: Vec<&Change> = review.changes.iter().collect();
    for group in words::grouped(&all) {
        let Some(change) = group.first() else { continue };
        let heading = heading(change);
        if heading != title {
            if !title.is_empty() {
                out.push('\n');
            }
            line(&mut out, 0, &style.paint(BOLD, heading));
            title = heading.to_string();
        }
        change_lines(&mut out, change, &group, style);
    }
    let pictures = timelines::text(&review.replay);
    if !pictures.is_empty() {
        let title = style.paint(BOLD, &timelines::title(&review.replay));
        let _ = write!(out, "{}{title}\n{pictures}", if out.is_empty() { "" } else { "\n" });
    }
    out
}

fn heading(change: &Change) -> &'static str {
    if change.silences() {
        return "Pages nobody any more";
    }
    match change.kind {
        Kind::Alert => "Alerts",
        Kind::Record => "Recording rules",
        Kind::Slo => "Objectives",
        Kind::Group => "Groups",
        Kind::Receiver => "Receivers",
        Kind::Route => "Routes",
        Kind::Inhibition => "Inhibitions",
        Kind::Interval => "Time intervals",
        Kind::Setting => "Settings",
    }
}

impl Style {
    fn paint(self, style: &str, text: &str) -> String {
        if self.color && !text.is_empty() { format!("{style}{text}{RESET}") } else { text.to_string() }
    }
}

fn line(out: &mut String, indent: usize, text: &str) {
    // Writing to a string can't fail.
    let _ = writeln!(out, "{}{}", " ".repeat(indent), text.trim_end());
}

fn change_lines(out: &mut String, change: &Change, group: &[&Change], style: Style) {
    let color = match change.verdict {
        Verdict::Added => GREEN,
        Verdict::Removed => RED,
        Verdict::Renamed | Verdict::Changed => YELLOW,
    };
    let risks = if change.risks.is_empty() {
        String::new()
    } else {
        style.paint(RED, &format!("  not allowed: {}", change.risks.join(", ")))
    };
    let allowed = match change.allowed.is_empty() {
        true => String::new(),
        false => style.paint(YELLOW, &format!("  allowed: {}", change.allowed.join(", "))),
    };
    let sign = style.paint(color, &change.verdict.sign().to_string());
    let place = style.paint(DIM, &words::place(change));
    let names = words::listed(group, MOST_NAMES, str::to_string);
    let names = wrap(&names, style.width.saturating_sub(4).max(20));
    let names_rows = names.len();
    for (row, names) in names.iter().enumerate() {
        let sign = if row == 0 { sign.as_str() } else { " " };
        let name = style.paint(BOLD, names);
        let rest = if row + 1 == names_rows { format!("{place}{risks}{allowed}") } else { String::new() };
        line(out, 2, &format!("{sign} {name}{rest}"));
    }
    let levels = change.parts.iter().filter_map(|p| p.level.as_deref());
    let levels = levels.chain(change.told.iter().filter_map(|t| t.level.as_deref()));
    let levels = levels.chain(change.inhibited.iter().filter_map(|i| i.level.as_deref()));
    let column = levels.map(str::len).max().map_or(0, |w| w + 2);
    for part in &change.parts {
        part_lines(out, change, part, column, style);
    }
    for told in &change.told {
        let level = format!("{:column$}", told.level.as_deref().unwrap_or(""));
        let words = words::told(told);
        let words = if told.silenced { style.paint(RED, &words) } else { words };
        line(out, 6, &format!("{level}{words}"));
    }
    for inhibited in &change.inhibited {
        let level = format!("{:column$}", inhibited.level.as_deref().unwrap_or(""));
        line(out, 6, &format!("{level}{}", style.paint(YELLOW, &words::inhibited(inhibited))));
    }
    for words in change.inhibits.iter().flat_map(words::inhibits) {
        for row in wrap(&words, style.width.saturating_sub(6).max(20)) {
            line(out, 6, &style.paint(YELLOW, &row));
        }
    }
}

fn part_lines(out: &mut String, change: &Change, part: &Part, column: usize, style: Style) {
    let level = format!("{:column$}", part.level.as_deref().unwrap_or(""));
    let mut rest = words::phrases(part);
    if part.verdict != Verdict::Changed && change.verdict != part.verdict {
        let separator = if rest.is_empty() { "" } else { ": " };
        rest = format!("{}{separator}{rest}", part.verdict.as_str());
    }
    let mut first = level;
    let mut put = |out: &mut String, text: &str| {
        line(out, 6, &format!("{first}{text}"));
        first = " ".repeat(column);
    };
    if !rest.is_empty() {
        put(out, &rest);
    }
    if !part.effects.is_empty() {
        put(out, &style.paint(YELLOW, &part.effects.join("; ")));
    }
    for field in part.fields.iter().filter(|f| words::is_long(f)) {
        if part.verdict == Verdict::Changed {
            put(out, words::title(field));
            sides(out, field, column + 8, style);
        } else {
            let text = field.after.as_deref().or(field.before.as_deref()).unwrap_or("");
            put(out, &style.paint(DIM, text));
        }
    }
}

/// Before and after, beneath each other or side by side.
fn sides(out: &mut String, field: &Field, indent: usize, style: Style) {
    let (before, after) = (field.before.as_deref(), field.after.as_deref());
    if style.width >= WIDE
        && let (Some(before), Some(after)) = (before, after)
    {
        let half = (style.width - indent - 3) / 2;
        let (left, right) = (wrap(before, half), wrap(after, half));
        for row in 0..left.len().max(right.len()) {
            let cell = |side: &[String]| side.get(row).cloned().unwrap_or_default();
            let (l, r) = (cell(&left), cell(&right));
            let pad = " ".repeat(half.saturating_sub(l.chars().count()));
            line(out, indent, &format!("{}{pad} | {}", style.paint(RED, &l), style.paint(GREEN, &r)));
        }
        return;
    }
    for (sign, color, text) in [('-', RED, before), ('+', GREEN, after)] {
        for row in text.into_iter().flat_map(str::lines) {
            line(out, indent, &style.paint(color, &format!("{sign} {row}")));
        }
    }
}

/// A text in rows of at most so many characters, broken at spaces where there are any.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut rows = Vec::new();
    for line in text.lines() {
        let mut row = String::new();
        for word in line.split(' ') {
            if !row.is_empty() && row.chars().count() + 1 + word.chars().count() > width {
                rows.push(std::mem::take(&mut row));
            }
            if !row.is_empty() {
                row.push(' ');
            }
            row.push_str(word);
            while row.chars().count() > width {
                let cut = row.char_indices().nth(width).map_or(row.len(), |(at, _)| at);
                let rest = row.split_off(cut);
                rows.push(std::mem::replace(&mut row, rest));
            }
        }
        rows.push(row);
    }
    rows
}
