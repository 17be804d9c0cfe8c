//! A review as a comment of a pull request: what changes in behaviour as a table, everything else folded below it.

use std::fmt::Write;

use super::timelines;
use crate::diff::change::{Change, Field, Part, Verdict};
use crate::diff::review::Review;
use crate::diff::text;
use crate::diff::words;

/// The comment begins with this, so that the next run finds and replaces it.
pub const MARK: &str = "<!-- alertc diff -->";

/// GitHub refuses comments of more than 65,536 characters.
const MAX_CHARS: usize = 60_000;

/// Of things that change alike so many are named.
const MOST_NAMES: usize = 20;

/// The review in Markdown.
pub fn markdown(review: &Review) -> String {
    let mut out = format!("{MARK}\n### Alerts: {}\n", review.summary());
    let _ = writeln!(out, "\n`{}` → `{}`\n", review.before, review.after);
    let (behaviour, texts): (Vec<&Change>, Vec<&Change>) =
        review.changes.iter().partition(|c| !c.is_text_only());
    if !behaviour.is_empty() {
        out.push_str("| | | level | change | means |\n|---|---|---|---|---|\n");
        for group in words::grouped(&behaviour) {
            rows(&mut out, &group);
        }
        out.push('\n');
    }
    let details: Vec<&Change> = behaviour.iter().copied().filter(|c| has_details(c)).collect();
    fold(&mut out, "Expressions", &details);
    fold(&mut out, "Texts", &texts);
    let pictures = timelines::text(&review.replay);
    if !pictures.is_empty() {
        let _ = write!(
            out,
            "<details><summary>{}</summary>\n\n{}\n</details>\n\n",
            timelines::title(&review.replay),
            fenced("text", &pictures)
        );
    }
    for text in &review.texts {
        let diff = text::unified(&text.path, text.before.as_deref(), text.after.as_deref(), false);
        let _ = write!(
            out,
            "<details><summary><code>{}</code></summary>\n\n{}\n</details>\n\n",
            html(&text.path),
            fenced("diff", &diff)
        );
    }
    shorten(out)
}

fn shorten(mut out: String) -> String {
    if let Some((at, _)) = out.char_indices().nth(MAX_CHARS) {
        let cut = out[..at].rfind('\n').unwrap_or(at);
        out.truncate(cut);
        // What was open is closed, so that the rest of the page stays readable.
        if out.matches("```").count() % 2 == 1 {
            out.push_str("\n```");
        }
        if out.matches("<details>").count() > out.matches("</details>").count() {
            out.push_str("\n\n</details>");
        }
        out.push_str("\n\nThe rest is too long for a comment: run `alertc diff`.\n");
    }
    out
}

/// A row for each part and for each who-is-told.
fn rows(out: &mut String, group: &[&Change]) {
    let Some(change) = group.first() else { return };
    let verdict = if change.silences() { "**silenced**" } else { change.verdict.as_str() };
    let risks = if change.risks.is_empty() {
        String::new()
    } else {
        format!("<br>**not allowed: {}**", change.risks.join(", "))
    };
    let allowed = match change.allowed.is_empty() {
        true => String::new(),
        false => format!("<br>allowed: {}", cell(&change.allowed.join(", "))),
    };
    let mut head = format!(
        "{verdict} {}{risks}{allowed} | {}{}",
        change.kind.as_str(),
        words::listed(group, MOST_NAMES, code),
        cell(&words::place(change))
    );
    let mut row = |level: Option<&str>, what: &str, means: &str| {
        let _ = writeln!(out, "| {head} | {} | {what} | {means} |", cell(level.unwrap_or("")));
        head = " | ".to_string();
    };
    let mut any = false;
    let mut does = change.inhibits.as_ref().map(words::inhibits).unwrap_or_default();
    for part in &change.parts {
        let mut what = words::phrases(part);
        let long: Vec<&str> = part.fields.iter().filter(|f| words::is_long(f)).map(words::title).collect();
        if part.verdict == Verdict::Changed {
            let changed =
                if long.is_empty() { String::new() } else { format!("{} changed", long.join(", ")) };
            let separator = if what.is_empty() || changed.is_empty() { "" } else { ", " };
            what = format!("{what}{separator}{changed}");
        } else if part.verdict != change.verdict {
            what = format!("{}: {what}", part.verdict.as_str());
        }
        let mut effects = part.effects.clone();
        effects.append(&mut does);
        row(part.level.as_deref(), &cell(&what), &cell(&effects.join("; ")));
        any = true;
    }
    for told in &change.told {
        let means = if told.silenced { "**pages nobody any more**" } else { "" };
        row(told.level.as_deref(), &cell(&words::told(told)), means);
        any = true;
    }
    for inhibited in &change.inhibited {
        row(inhibited.level.as_deref(), "", &cell(&words::inhibited(inhibited)));
        any = true;
    }
    if !any || !does.is_empty() {
        row(None, "", &cell(&does.join("; ")));
    }
}

fn has_details(change: &Change) -> bool {
    change.parts.iter().flat_map(|p| &p.fields).any(words::is_long)
}

fn fold(out: &mut String, title: &str, changes: &[&Change]) {
    if changes.is_empty() {
        return;
    }
    let _ = write!(out, "<details><summary>{title} ({})</summary>\n\n", changes.len());
    for group in words::grouped(changes) {
        let Some(change) = group.first() else { continue };
        let _ = write!(out, "{}{}\n\n", words::listed(&group, MOST_NAMES, code), words::place(change));
        let mut diff = String::new();
        for part in &change.parts {
            for field in part.fields.iter().filter(|f| words::is_long(f)) {
                lines(&mut diff, part, field);
            }
        }
        let _ = writeln!(out, "{}", fenced("diff", &diff));
    }
    out.push_str("</details>\n\n");
}

fn lines(out: &mut String, part: &Part, field: &Field) {
    let level = part.level.as_ref().map(|l| format!("{l}: ")).unwrap_or_default();
    let _ = writeln!(out, "# {level}{}", words::title(field));
    for (sign, text) in [('-', &field.before), ('+', &field.after)] {
        for line in text.iter().flat_map(|t| t.lines()) {
            let _ = writeln!(out, "{sign} {line}");
        }
    }
}

/// A block of code whose fence is longer than any within.
fn fenced(language: &str, text: &str) -> String {
    let mut fence = "```".to_string();
    while text.contains(&fence) {
        fence.push('`');
    }
    format!("{fence}{language}\n{}\n{fence}\n", text.trim_end())
}

/// Text within a cell of a table.
fn cell(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '|' | '\\' | '`' | '*' | '_' | '[' | ']' | '~' => {
                out.push('\\');
                out.push(c);
            }
            '\n' => out.push_str("<br>"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            // A mention or a reference would call people.
            '@' | '#' => {
                let _ = write!(out, "&#{};", c as u32);
            }
            c => out.push(c),
        }
    }
    out
}

fn code(text: &str) -> String {
    format!("<code>{}</code>", html(text))
}

fn html(text: &str) -> String {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    escaped.replace('|', "&#124;").replace('\n', " ")
}
