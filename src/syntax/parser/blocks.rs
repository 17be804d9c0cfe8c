//! Blocks, and how parsing goes on after an error.
//!
//! The rules: an error skips to the next line that opens with a word of the block, with the shape of an item, or
//! to the `}` of the block. An item that the block cannot hold ends the block: its `}` was forgotten.

use crate::diagnostic::{Diagnostic, codes};
use crate::source::Span;
use crate::syntax::ast::Block;

use super::{Parser, Peek};

/// Blocks nest no deeper.
const MAX_DEPTH: usize = 64;

/// How far back the start of a line is looked for: what begins further left stands on no common column.
const MAX_COLUMN: usize = 400;

/// An open block.
pub(super) struct Frame {
    open: Span,
    /// Column of the first token of the line that opened it.
    indent: Option<usize>,
    /// A block inside whose `}` does not stand below the line that opened it.
    suspect: Option<(Span, Span)>,
}

impl Parser<'_> {
    /// `{ entry* }`. `entry` is called in front of anything but `}` and the end; `None` if there is no block.
    pub(super) fn block<T>(
        &mut self,
        words: &'static [&'static str],
        entry: impl FnMut(&mut Self) -> Option<T>,
    ) -> Option<Block<T>> {
        let open = if let Peek::Mark("{") = self.peek() {
            if self.frames.len() >= MAX_DEPTH {
                self.too_deep();
                return None;
            }
            self.take(1)
        } else {
            let at = self.span(self.last, self.last);
            let found = self.found();
            let diagnostic = Diagnostic::new(&codes::syntax::UNEXPECTED_TOKEN, at, "expected `{`")
                .label(format!("before {found}"));
            let diagnostic = match self.peek() {
                // A brace alone would not help.
                Peek::Quote => diagnostic,
                _ => diagnostic.fix("open the block with `{`", at, " {"),
            };
            self.report(diagnostic);
            // A forgotten brace before properties: go on as if it stood there.
            let plain = words.is_empty() && self.opens_line;
            if plain || !self.opens_entry(words) || self.item_shape().is_some() {
                self.lost = true;
                return None;
            }
            at
        };
        let outer = (self.words, self.levels);
        self.words = words;
        let indent = self.line_indent(open.start as usize);
        self.frames.push(Frame { open, indent, suspect: None });
        let (items, close) = self.entries(entry);
        (self.words, self.levels) = outer;
        self.lost = false;
        Some(Block { open, items, close })
    }

    fn entries<T>(&mut self, mut entry: impl FnMut(&mut Self) -> Option<T>) -> (Vec<T>, Span) {
        let mut items = Vec::new();
        loop {
            match self.peek() {
                Peek::Mark("}") => return (items, self.close()),
                Peek::End => return (items, self.unclosed(None)),
                Peek::Mark(mark @ ("," | ";")) => {
                    let span = self.skip_token();
                    self.report(
                        Diagnostic::new(
                            &codes::syntax::UNEXPECTED_TOKEN,
                            span,
                            format!("no `{mark}` stands between the entries of a block"),
                        )
                        .fix("remove it", span, ""),
                    );
                    continue;
                }
                Peek::Mark(")" | "]") => {
                    self.unmatched_closer();
                    continue;
                }
                _ => {}
            }
            if self.opens_line
                && let Some(item) = self.item_shape()
                && !self.words.contains(&item)
            {
                return (items, self.unclosed(Some(item)));
            }
            let start = self.pos;
            let depth = self.frames.len();
            self.lost = false;
            items.extend(entry(self));
            if self.lost || self.pos == start {
                self.recover(start, depth);
            }
        }
    }

    /// Takes the `}` and judges its column.
    fn close(&mut self) -> Span {
        let opens_line = self.opens_line;
        let column = self.line_indent(self.pos);
        let close = self.take(1);
        let Some(frame) = self.frames.pop() else { return close };
        let crooked = opens_line && frame.indent.is_some() && column.is_some() && frame.indent != column;
        let suspect = frame.suspect.or_else(|| crooked.then_some((frame.open, close)));
        if let Some(outer) = self.frames.last_mut() {
            outer.suspect = outer.suspect.or(suspect);
        }
        close
    }

    /// Reports the block that is open here; `item` is what starts and cannot stand in it.
    fn unclosed(&mut self, item: Option<&str>) -> Span {
        let at = self.span(self.last, self.last);
        let Some(frame) = self.frames.pop() else { return at };
        // Of several blocks that the same place leaves open, the innermost is told.
        let told = self
            .diagnostics
            .iter()
            .rev()
            .take_while(|d| d.code == &codes::syntax::UNCLOSED_BLOCK)
            .any(|d| d.fix.as_ref().is_some_and(|f| f.edits.iter().any(|(s, _)| *s == at)));
        if told {
            return at;
        }
        let here = self.span(self.pos, self.pos + item.map_or(0, str::len));
        let end = match item {
            Some(item) => format!("`{item}` starts here, which cannot stand inside"),
            None => "the file ends here".to_string(),
        };
        let indent = " ".repeat(frame.indent.unwrap_or(0).min(40));
        let diagnostic = match frame.suspect {
            Some((open, close)) => Diagnostic::new(
                &codes::syntax::UNCLOSED_BLOCK,
                open,
                "this `{` is not closed where its line starts",
            )
            .label("opened here")
            .also(close, "closed in another column: most likely a `}` is missing before")
            .also(here, end),
            None => Diagnostic::new(&codes::syntax::UNCLOSED_BLOCK, frame.open, "this `{` is never closed")
                .label("opened here")
                .also(here, end)
                .fix("close it with `}`", at, format!("\n{indent}}}")),
        };
        self.report(diagnostic);
        at
    }

    /// Skips to where an entry of the innermost block can start. `start` is where the broken one did, `depth` how
    /// many blocks were open then.
    pub(super) fn recover(&mut self, start: usize, depth: usize) {
        self.frames.truncate(depth);
        let column = self.line_indent(start);
        let one_line = self.frames.last().is_some_and(|f| {
            !self.text.get(f.open.start as usize..start).is_none_or(|between| between.contains('\n'))
        });
        if self.pos == start {
            self.skip_token();
        }
        let mut same_line = self.text.get(start..self.last).is_some_and(|skipped| !skipped.contains('\n'));
        let mut inner: usize = 0;
        loop {
            same_line &= !self.opens_line;
            let known = |p: &Self| p.opens_entry(p.words);
            match self.peek() {
                Peek::End => break,
                Peek::Mark("}") if inner == 0 => break,
                Peek::Mark("}") => inner -= 1,
                Peek::Mark("{") => inner += 1,
                _ if self.opens_line => {
                    let back = column.is_some() && self.line_indent(self.pos) <= column;
                    let item = self.item_shape().is_some() || (self.frames.is_empty() && self.item_like());
                    if item || ((inner == 0 || back) && known(self)) {
                        break;
                    }
                }
                Peek::Word(_) if one_line && inner == 0 && known(self) => break,
                // Of several properties on a line, the next one.
                Peek::Word(_) if same_line && inner == 0 && self.stands_apart() && known(self) => break,
                _ => {}
            }
            self.skip_token();
        }
        self.lost = false;
    }

    /// True if two spaces stand before the next token, as between properties on one line.
    fn stands_apart(&self) -> bool {
        self.text.get(..self.pos).is_some_and(|before| before.ends_with("  "))
    }

    /// True if the next token can start an entry of a block with these words; any word can if there are none.
    fn opens_entry(&self, words: &[&str]) -> bool {
        match self.peek() {
            Peek::Word(word) => {
                words.is_empty() || words.contains(&word) || (self.levels && self.level_shape())
            }
            Peek::Quote | Peek::Number => words.is_empty(),
            _ => false,
        }
    }

    /// Column of the first token on the line of `pos`, in bytes; `None` if that is far away.
    pub(super) fn line_indent(&self, pos: usize) -> Option<usize> {
        let bytes = self.text.as_bytes().get(..pos)?;
        let back = bytes.iter().rev().take(MAX_COLUMN).position(|b| *b == b'\n');
        let start = match back {
            Some(back) => pos - back,
            None if pos < MAX_COLUMN => 0,
            None => return None,
        };
        let line = self.text.as_bytes().get(start..)?;
        Some(line.iter().take_while(|b| matches!(b, b' ' | b'\t')).count())
    }

    fn too_deep(&mut self) {
        let span = self.span(self.pos, self.pos + 1);
        self.report(Diagnostic::new(
            &codes::syntax::NESTED_TOO_DEEP,
            span,
            format!("blocks can stand inside one another {MAX_DEPTH} deep"),
        ));
        self.skip_nested();
    }

    /// Skips brackets and all they hold, however deep.
    pub(super) fn skip_nested(&mut self) {
        let mut depth: usize = 0;
        loop {
            match self.peek() {
                Peek::End => return,
                Peek::Mark("{" | "[") => depth += 1,
                Peek::Mark("}" | "]") => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        self.skip_token();
                        return;
                    }
                }
                _ => {}
            }
            self.skip_token();
        }
    }

    /// How deep the parser is, for lists, which are no blocks.
    pub(super) fn at_limit(&mut self, depth: usize) -> bool {
        let limit = self.frames.len() + depth >= MAX_DEPTH;
        if limit {
            self.too_deep();
        }
        limit
    }

    pub(super) fn unmatched_closer(&mut self) {
        let span = self.skip_token();
        let mark = self.text.get(span.range()).unwrap_or("}").to_string();
        self.report(
            Diagnostic::new(&codes::syntax::UNMATCHED_CLOSER, span, format!("this `{mark}` closes nothing"))
                .label("nothing is open here")
                .fix("remove it", span, ""),
        );
    }
}
