//! Builds the lines of output while walking the tree: tokens into cells, cells into lines, comments between them.

use crate::source::Span;
use crate::syntax::ast::Block;

use super::lines::{Line, Table, join_runs, render};

/// Spaces of one level of indentation.
const STEP: usize = 2;

/// The state of the walk.
pub(super) struct Writer<'t> {
    pub(super) text: &'t str,
    comments: &'t [Span],
    /// The first comment that was not written yet.
    next_comment: usize,
    lines: Vec<Line>,
    tables: Vec<Table>,
    /// The line that tokens are added to.
    pub(super) line: Line,
    /// The first and the last byte of the source that the line holds.
    start: Option<usize>,
    pub(super) end: usize,
    /// Where in the source the last finished line, or comment, ends.
    written: usize,
    pub(super) indent: usize,
    /// How many blocks that stand on one line are open.
    inline: usize,
    /// The line goes on with a property behind another one.
    behind: bool,
    /// No space before the next token.
    pub(super) glue: bool,
    /// A blank line stands before the next line, whatever the author did.
    want_blank: bool,
    /// No blank line stands before the next line.
    no_blank: bool,
}

impl<'t> Writer<'t> {
    pub(super) fn new(text: &'t str, comments: &'t [Span]) -> Writer<'t> {
        Writer {
            text,
            comments,
            next_comment: 0,
            lines: Vec::new(),
            tables: Vec::new(),
            line: Line::default(),
            start: None,
            end: 0,
            written: 0,
            indent: 0,
            inline: 0,
            behind: false,
            glue: false,
            want_blank: false,
            no_blank: true,
        }
    }

    /// The text, with what comments are left.
    pub(super) fn finish(mut self) -> String {
        self.flush();
        self.comments_before(self.text.len() + 1, 0);
        join_runs(&mut self.lines);
        render(&self.lines, &self.tables)
    }

    pub(super) fn slice(&self, span: Span) -> &'t str {
        self.text.get(span.range()).unwrap_or("")
    }

    /// True if the author broke the line between two places.
    pub(super) fn broken(&self, from: u32, to: u32) -> bool {
        self.text.get(from as usize..to as usize).is_some_and(|t| t.contains('\n'))
    }

    /// A new table.
    pub(super) fn table(&mut self, table: Table) -> usize {
        self.tables.push(table);
        self.tables.len() - 1
    }

    /// New tables for one of a run of like lines. Lines of one kind that no blank line separates end up in the
    /// tables of the first of them.
    pub(super) fn run(&mut self, kind: &'static str, gaps: &[usize]) -> Vec<usize> {
        let tables: Vec<usize> = gaps.iter().map(|gap| self.table(Table::new(*gap))).collect();
        if self.inline == 0 {
            self.line.run = Some(kind);
        }
        tables
    }

    fn blank_between(&self, from: usize, to: usize) -> bool {
        let between = self.text.get(from..to).unwrap_or("");
        // The rest of the line that ends does not count.
        between.split_inclusive('\n').skip(1).any(|l| l.ends_with('\n') && l.trim().is_empty())
    }

    /// Starts an entry: on a line of its own, or behind the one before in a block on one line.
    pub(super) fn begin(&mut self, span: Span) {
        if self.inline > 0 {
            self.end = span.start as usize;
            return;
        }
        self.flush();
        self.line.indent = self.indent;
        self.start = Some(span.start as usize);
        self.end = span.start as usize;
    }

    /// Starts a property: behind the one before if the author wrote both on one line, else as [`Writer::begin`] does.
    pub(super) fn begin_property(&mut self, span: Span) {
        let closer = self.line.cells.first().is_some_and(|c| c.starts_with(['}', ']']));
        let together = |start: usize| !self.broken(start as u32, span.end);
        self.behind = self.inline == 0 && !closer && self.start.is_some_and(together);
        if self.behind {
            // Two spaces: `word` adds one of them.
            self.glued(" ");
            self.end = span.start as usize;
        } else {
            self.begin(span);
        }
    }

    /// A blank line stands before an item whose braces, at `span`, hold several lines, and before its comments.
    pub(super) fn separate(&mut self, span: Span) {
        if self.inline == 0 && self.broken(span.start, span.end) {
            self.flush();
            self.want_blank = true;
        }
    }

    /// Ends an item: a blank line follows one whose braces, at `span`, hold several lines.
    pub(super) fn end_item(&mut self, span: Span) {
        if self.inline > 0 {
            return;
        }
        self.flush();
        self.want_blank |= self.broken(span.start, span.end);
    }

    /// Finishes the line: the comments before it, then the line.
    pub(super) fn flush(&mut self) {
        let Some(start) = self.start.take() else { return };
        let line = std::mem::take(&mut self.line);
        self.glue = false;
        self.behind = false;
        let closer = line.cells.first().is_some_and(|c| c.starts_with(['}', ']', ')']));
        self.comments_before(start, line.indent + if closer { STEP } else { 0 });
        // Comments inside what stands on one line now.
        self.comments_before(self.end, line.indent);
        let blank = self.blank_between(self.written, start);
        self.push(line, blank && !closer);
        self.written = self.end.max(start);
    }

    fn push(&mut self, mut line: Line, blank: bool) {
        line.blank_before = (blank || self.want_blank) && !self.no_blank;
        self.want_blank = false;
        self.no_blank = false;
        self.lines.push(line);
    }

    /// Writes the comments that start before `offset`: behind the line they stand on, or on lines of their own.
    fn comments_before(&mut self, offset: usize, indent: usize) {
        while let Some(comment) = self.comments.get(self.next_comment).filter(|c| (c.start as usize) < offset)
        {
            self.next_comment += 1;
            let text = self.slice(*comment).to_string();
            let from = comment.start as usize;
            let behind =
                self.written <= from && !self.text.get(self.written..from).is_some_and(|t| t.contains('\n'));
            if let Some(last) = self.lines.last_mut().filter(|l| behind && l.comment.is_none()) {
                last.comment = Some(text);
            } else {
                let blank = self.written <= from && self.blank_between(self.written, from);
                self.push(Line { indent, cells: vec![text], ..Line::default() }, blank);
            }
            self.written = self.written.max(comment.end as usize);
        }
    }

    /// Leaves out comments up to `offset`: they were written with the text they stand in.
    pub(super) fn skip_comments(&mut self, from: u32, to: u32) {
        // Comments before the text belong to the line that is being built.
        if self.comments.get(self.next_comment).is_some_and(|c| c.start < from)
            && let Some(start) = self.start
        {
            self.comments_before(start, self.line.indent);
            self.comments_before(from as usize, self.line.indent);
        }
        while self.comments.get(self.next_comment).is_some_and(|c| c.start < to) {
            self.next_comment += 1;
        }
    }

    /// Adds a token.
    pub(super) fn word(&mut self, text: &str) {
        let glue = std::mem::take(&mut self.glue);
        if let Some((_, last)) = self.line.further.last_mut() {
            if !glue {
                last.push(' ');
            }
            last.push_str(text);
            return;
        }
        match self.line.cells.last_mut() {
            Some(cell) => {
                if !glue && !cell.is_empty() {
                    cell.push(' ');
                }
                cell.push_str(text);
            }
            None => {
                // The first token of a line is where the line starts.
                self.end = self.end.max(self.start.unwrap_or(0) + text.len());
                self.line.cells.push(text.to_string());
            }
        }
    }

    /// Adds the token at `span` as it is written. A string of several lines keeps them.
    pub(super) fn token(&mut self, span: Span) {
        let text = self.slice(span);
        let mut lines = text.split('\n');
        self.word(lines.next().unwrap_or(""));
        for line in lines {
            self.line.further.push((super::lines::Anchor::Raw, line.to_string()));
            self.glue = true;
        }
        self.glue = false;
        self.end = self.end.max(span.end as usize);
    }

    /// Adds text right behind the last token.
    pub(super) fn glued(&mut self, text: &str) {
        self.glue = true;
        self.word(text);
    }

    /// Starts the next cell of the line. In a block on one line, and behind another property, cells are words.
    pub(super) fn cell(&mut self, table: usize) {
        if self.inline > 0 || self.behind || !self.line.further.is_empty() || self.line.cells.is_empty() {
            return;
        }
        let index = self.line.cells.len() - 1;
        self.line.tables.resize(index + 1, None);
        if let Some(slot) = self.line.tables.get_mut(index) {
            *slot = Some(table);
        }
        self.line.cells.push(String::new());
    }

    /// Goes on on a line of its own, `further` columns right of the entry, if the author did so before `to`.
    pub(super) fn break_before(&mut self, to: Span, further: usize) -> bool {
        let breaks =
            self.inline == 0 && self.end <= to.start as usize && self.broken(self.end as u32, to.start);
        if breaks {
            let indent = self.indent + further;
            self.flush();
            self.no_blank = true;
            self.line.indent = indent;
            self.start = Some(to.start as usize);
            self.end = to.start as usize;
        }
        breaks
    }

    /// A list with commas. Lines break where the author broke them.
    pub(super) fn list<T>(
        &mut self,
        items: &[T],
        further: usize,
        span: impl Fn(&T) -> Span,
        mut one: impl FnMut(&mut Self, &T),
    ) {
        for (i, item) in items.iter().enumerate() {
            self.break_before(span(item), further);
            one(self, item);
            if i + 1 < items.len() {
                self.glued(",");
            }
        }
    }

    /// `{a, b}`: on one line, or each on its own if the author broke the line behind the brace.
    pub(super) fn braces<T>(
        &mut self,
        block: &Block<T>,
        span: impl Fn(&T) -> Span,
        mut one: impl FnMut(&mut Self, &T),
    ) {
        let several = self.inline == 0
            && block.items.first().is_some_and(|first| self.broken(block.open.end, span(first).start));
        if several {
            self.join_cell();
        }
        self.word("{");
        self.end = self.end.max(block.open.end as usize);
        if several {
            self.flush();
            self.indent += STEP;
            for item in &block.items {
                self.begin(span(item));
                one(self, item);
                self.glued(",");
            }
            self.flush();
            self.indent -= STEP;
            self.begin(block.close);
            self.word("}");
        } else {
            self.glue = true;
            for (i, item) in block.items.iter().enumerate() {
                one(self, item);
                if i + 1 < block.items.len() {
                    self.glued(",");
                }
            }
            self.glued("}");
        }
        self.end = self.end.max(block.close.end as usize);
    }

    /// `{ … }` with an entry a line, or all on the line of the brace if the author wrote it so.
    pub(super) fn block<T>(&mut self, block: &Block<T>, mut one: impl FnMut(&mut Self, &T)) {
        let several = self.inline == 0 && self.broken(block.open.start, block.close.end);
        if several {
            self.join_cell();
        }
        self.word("{");
        self.end = self.end.max(block.open.end as usize);
        if several {
            self.flush();
            self.indent += STEP;
            self.no_blank = true;
            for item in &block.items {
                one(self, item);
            }
            self.flush();
            self.indent -= STEP;
            self.want_blank = false;
            self.begin(block.close);
            self.word("}");
        } else {
            self.inline += 1;
            if block.items.is_empty() {
                self.glued("}");
            }
            for (i, item) in block.items.iter().enumerate() {
                if i > 0 {
                    // Two spaces: `word` adds one of them.
                    self.glued(" ");
                }
                one(self, item);
            }
            if !block.items.is_empty() {
                self.word("}");
            }
            self.inline -= 1;
        }
        self.end = self.end.max(block.close.end as usize);
    }

    /// Keeps the blank line that the author left behind the brace just written.
    pub(super) fn allow_blank(&mut self) {
        self.no_blank = false;
    }

    /// Takes back the start of a cell: what follows stands one space behind the cell before.
    pub(super) fn join_cell(&mut self) {
        if self.line.cells.len() > 1 && self.line.cells.last().is_some_and(String::is_empty) {
            self.line.cells.pop();
            self.line.tables.pop();
        }
    }

    /// Drops the last cell if nothing was put into it.
    pub(super) fn drop_empty_cell(&mut self) {
        if self.line.cells.last().is_some_and(String::is_empty) {
            self.line.cells.pop();
        }
    }

    /// True in a block that stands on one line.
    pub(super) fn is_inline(&self) -> bool {
        self.inline > 0
    }
}
