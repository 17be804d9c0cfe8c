//! The properties of an alert in lines: short ones that belong together share a line.

/// Lines get no longer by what is put behind something on them.
pub(super) const WIDTH: usize = 100;

/// How a property stands beside others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// When the alert fires, and as what: together.
    When,
    /// On a line of its own, unless the whole alert fits on one.
    Text,
    /// One of several levels, which stand below each other.
    Level,
}

/// What stands in an alert's braces.
#[derive(Debug, Default)]
pub(super) struct Body {
    indent: usize,
    entries: Vec<Entry>,
    /// Comments before the next property.
    pending: Vec<String>,
}

#[derive(Debug)]
struct Entry {
    comments: Vec<String>,
    part: Part,
    /// Without margin, except on further lines.
    text: String,
}

impl Body {
    /// A body whose lines start at `indent`.
    pub(super) fn new(indent: usize) -> Body {
        Body { indent, ..Body::default() }
    }

    pub(super) fn indent(&self) -> usize {
        self.indent
    }

    /// Comments before what comes next.
    pub(super) fn comments(&mut self, comments: &[String]) {
        self.pending.extend_from_slice(comments);
    }

    /// True when `alert NAME "…" {` with that text has room on one line.
    pub(super) fn has_headline_room(&self, head: &str, text: &str) -> bool {
        !text.contains('\n') && self.indent - 2 + head.chars().count() + text.chars().count() + 3 <= WIDTH
    }

    /// A property.
    pub(super) fn add(&mut self, part: Part, text: String) {
        self.entries.push(Entry { comments: std::mem::take(&mut self.pending), part, text });
    }

    /// An expression behind `key`; its further lines keep their places.
    pub(super) fn expression(&mut self, key: &str, text: &str) {
        let margin = " ".repeat(self.indent + key.len() + 1);
        let lines: Vec<String> = text
            .split('\n')
            .enumerate()
            .map(
                |(i, line)| {
                    if i == 0 || line.is_empty() { line.to_string() } else { format!("{margin}{line}") }
                },
            )
            .collect();
        self.add(Part::When, format!("{key} {}", lines.join("\n")));
    }

    /// True for a property that has room on one line.
    pub(super) fn fits(&self, line: &str) -> bool {
        self.indent + line.chars().count() <= WIDTH
    }

    /// Writes `HEAD { … }`: on one line where there is room, else in lines of what belongs together.
    pub(super) fn write(self, out: &mut String, indent: usize, head: &str) {
        let margin = " ".repeat(indent);
        if let Some(line) = self.one_line(head).filter(|l| indent + l.chars().count() <= WIDTH) {
            out.push_str(&format!("{margin}{line}\n"));
            return;
        }
        out.push_str(&format!("{margin}{head} {{\n"));
        let inside = " ".repeat(self.indent);
        for line in self.lines() {
            line.comments.iter().for_each(|c| out.push_str(&format!("{inside}{c}\n")));
            out.push_str(&format!("{inside}{}\n", line.text));
        }
        self.pending.iter().for_each(|c| out.push_str(&format!("{inside}{c}\n")));
        out.push_str(&format!("{margin}}}\n"));
    }

    fn one_line(&self, head: &str) -> Option<String> {
        let plain = |e: &Entry| e.comments.is_empty() && !e.text.contains('\n') && e.part != Part::Level;
        let short = self.pending.is_empty() && self.entries.iter().all(plain);
        let entries: Vec<&str> = self.entries.iter().map(|e| e.text.as_str()).collect();
        short.then(|| format!("{head} {{ {} }}", entries.join("  ")))
    }

    /// When the alert fires on one line or, where there is no room, the condition alone and the others as far as there
    /// is.
    fn lines(&self) -> Vec<Entry> {
        let mut lines: Vec<Entry> = Vec::new();
        let together =
            |a: &Entry, b: &Entry| (a.part, b.part) == (Part::When, Part::When) && b.comments.is_empty();
        for run in self.entries.chunk_by(together) {
            let texts: Vec<&str> = run.iter().map(|e| e.text.as_str()).collect();
            let mut packed = vec![texts.join("  ")];
            if !self.has_room(&packed[0]) {
                packed.clear();
                for (index, text) in texts.into_iter().enumerate() {
                    match packed.last_mut().map(|line| (format!("{line}  {text}"), line)) {
                        Some((longer, line)) if index > 1 && self.has_room(&longer) => *line = longer,
                        _ => packed.push(text.to_string()),
                    }
                }
            }
            let comments = run.first().map(|e| e.comments.clone()).unwrap_or_default();
            let comments = [comments].into_iter().chain(std::iter::repeat(Vec::new()));
            lines.extend(comments.zip(packed).map(|(comments, text)| Entry {
                comments,
                part: Part::Text,
                text,
            }));
        }
        lines
    }

    /// True for properties that have room on one line, the value of the first in the column of all values.
    fn has_room(&self, line: &str) -> bool {
        let widest = self.entries.iter().map(|e| key(&e.text).len()).max().unwrap_or(0).max("severity".len());
        let width = self.indent + widest + 1 + line.chars().count() - key(line).len();
        !line.contains('\n') && width <= WIDTH
    }
}

/// The word that a property starts with.
fn key(text: &str) -> &str {
    text.split(' ').next().unwrap_or("")
}
