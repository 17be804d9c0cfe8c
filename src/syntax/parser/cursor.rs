//! The parser's place in the text: the next token, what lies before it, and comments on the way.

use crate::diagnostic::{Diagnostic, codes};
use crate::source::{FileId, Span};
use crate::syntax::tokens;

/// The next token, without more than its first character has to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Peek<'s> {
    /// A word.
    Word(&'s str),
    /// A digit, or a dot and a digit. A sign is a mark.
    Number,
    /// A quote.
    Quote,
    /// `$` and a word.
    Param,
    /// Punctuation.
    Mark(&'s str),
    /// Any other character.
    Other(char),
    /// The end of the text.
    End,
}

/// Looks at text without changing anything: to tell shapes apart before reading them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ahead<'s> {
    text: &'s str,
    pub(super) pos: usize,
}

impl<'s> Ahead<'s> {
    pub(super) fn new(text: &'s str, pos: usize) -> Ahead<'s> {
        Ahead { text, pos }
    }

    pub(super) fn rest(&self) -> &'s str {
        self.text.get(self.pos..).unwrap_or("")
    }

    /// Skips white space and comments; true if that crossed a line's end.
    pub(super) fn trivia(&mut self) -> bool {
        let mut crossed = false;
        let bytes = self.text.as_bytes();
        while let Some(byte) = bytes.get(self.pos) {
            match byte {
                b'\n' => crossed = true,
                b' ' | b'\t' | b'\r' => {}
                b'#' => {
                    self.pos = line_end(self.text, self.pos);
                    continue;
                }
                _ => break,
            }
            self.pos += 1;
        }
        crossed
    }

    pub(super) fn peek(&self) -> Peek<'s> {
        let rest = self.rest();
        let Some(&first) = rest.as_bytes().first() else { return Peek::End };
        match first {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
                let length = rest.bytes().position(|b| !(b.is_ascii_alphanumeric() || b == b'_'));
                Peek::Word(rest.get(..length.unwrap_or(rest.len())).unwrap_or(rest))
            }
            b'0'..=b'9' => Peek::Number,
            b'.' if rest.as_bytes().get(1).is_some_and(u8::is_ascii_digit) => Peek::Number,
            b'"' | b'\'' | b'`' => Peek::Quote,
            b'$' if tokens::param(rest).is_ok() => Peek::Param,
            _ => match tokens::mark(rest) {
                Ok((_, mark)) => Peek::Mark(mark),
                Err(_) => rest.chars().next().map_or(Peek::End, Peek::Other),
            },
        }
    }

    /// Takes a word and what trivia follows.
    pub(super) fn word(&mut self) -> Option<&'s str> {
        let Peek::Word(word) = self.peek() else { return None };
        self.pos += word.len();
        self.trivia();
        Some(word)
    }

    /// Takes a name, bare, quoted or a parameter, and what trivia follows.
    pub(super) fn name(&mut self) -> bool {
        let length = match self.peek() {
            Peek::Word(_) => tokens::name(self.rest()).map(|(_, n)| n.len()).unwrap_or(0),
            Peek::Param => tokens::param(self.rest()).map(|(_, n)| n.len() + 1).unwrap_or(0),
            Peek::Quote => quoted_length(self.rest()),
            _ => 0,
        };
        self.pos += length;
        self.trivia();
        length > 0
    }

    pub(super) fn at_mark(&self, marks: &[&str]) -> bool {
        matches!(self.peek(), Peek::Mark(m) if marks.contains(&m))
    }
}

/// Length of the string at the start of `rest`, escapes skipped; to the line's end if it is not closed there.
pub(in crate::syntax) fn quoted_length(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let Some(&quote) = bytes.first() else { return 0 };
    let mut at = 1;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b if b == quote => return at + 1,
            b'\n' if quote != b'`' => return at,
            b'\\' if quote != b'`' && bytes.get(at + 1).is_some_and(|b| *b != b'\n') => at += 2,
            _ => at += 1,
        }
    }
    if quote == b'`' { 1 } else { rest.len() }
}

/// The offset of the end of the line that holds `from`.
pub(super) fn line_end(text: &str, from: usize) -> usize {
    text.get(from..).and_then(|t| t.find('\n')).map_or(text.len(), |n| from + n)
}

/// White space that looks like a space, or like nothing, and is neither space, tab nor line end.
fn is_odd_space(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{a0}' | '\u{ad}' | '\u{2000}'..='\u{200f}' | '\u{2028}'..='\u{202f}'
            | '\u{205f}'..='\u{2069}' | '\u{3000}' | '\u{feff}')
}

/// The place in the text, what was found on the way, and the findings.
pub(super) struct Cursor<'s> {
    pub(super) file: FileId,
    pub(super) text: &'s str,
    /// Where the next token starts.
    pub(super) pos: usize,
    /// Where the last token taken ends.
    pub(super) last: usize,
    /// True if the next token is the first of its line.
    pub(super) opens_line: bool,
    pub(super) comments: Vec<Span>,
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// After this many findings a file is no longer read.
const MAX_FINDINGS: usize = 1000;

impl<'s> Cursor<'s> {
    pub(super) fn new(file: FileId, text: &'s str) -> Cursor<'s> {
        let mut cursor = Cursor {
            file,
            text,
            pos: if text.starts_with('\u{feff}') { 3 } else { 0 },
            last: 0,
            opens_line: true,
            comments: Vec::new(),
            diagnostics: Vec::new(),
        };
        cursor.trivia();
        cursor.opens_line = true;
        cursor
    }

    pub(super) fn rest(&self) -> &'s str {
        self.text.get(self.pos..).unwrap_or("")
    }

    pub(super) fn ahead(&self) -> Ahead<'s> {
        Ahead::new(self.text, self.pos)
    }

    pub(super) fn peek(&self) -> Peek<'s> {
        self.ahead().peek()
    }

    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, start, end.max(start))
    }

    /// From `start` to the end of the last token taken.
    pub(super) fn since(&self, start: usize) -> Span {
        self.span(start, self.last)
    }

    /// Takes `length` bytes as one token.
    pub(super) fn take(&mut self, length: usize) -> Span {
        // A file with too many errors was left behind in the middle of a token.
        let end = (self.pos + length).min(self.text.len());
        let span = self.span(self.pos, end);
        self.pos = end;
        self.last = end;
        self.trivia();
        span
    }

    /// Takes whatever token is next.
    pub(super) fn skip_token(&mut self) -> Span {
        let length = match self.peek() {
            Peek::Word(word) => word.len(),
            Peek::Number => {
                tokens::quantity(self.rest()).map_or(1, |(rest, _)| self.rest().len() - rest.len())
            }
            Peek::Quote => quoted_length(self.rest()),
            Peek::Param => tokens::param(self.rest()).map_or(1, |(_, word)| word.len() + 1),
            Peek::Mark(mark) => mark.len(),
            Peek::Other(c) => c.len_utf8(),
            Peek::End => 0,
        };
        self.take(length)
    }

    /// Goes on behind `end`, up to where another parser has read.
    pub(super) fn resume(&mut self, end: usize) {
        self.note_comments(self.pos, end);
        self.pos = end;
        self.last = end;
        self.trivia();
    }

    /// Comments inside text that another parser reads.
    fn note_comments(&mut self, from: usize, to: usize) {
        let Some(text) = self.text.get(from..to) else { return };
        if !text.contains('#') {
            return;
        }
        let mut ahead = Ahead::new(&self.text[..to], from);
        while ahead.pos < to {
            match ahead.rest().as_bytes().first() {
                Some(b'#') => {
                    let end = line_end(ahead.text, ahead.pos);
                    self.comments.push(comment_span(self.file, self.text, ahead.pos, end));
                    ahead.pos = end;
                }
                Some(b'"' | b'\'' | b'`') => ahead.pos += quoted_length(ahead.rest()),
                _ => ahead.pos += 1,
            }
        }
    }

    fn trivia(&mut self) {
        self.opens_line = false;
        loop {
            let start = self.pos;
            let mut ahead = self.ahead();
            let bytes = self.text.as_bytes();
            while let Some(byte) = bytes.get(ahead.pos) {
                match byte {
                    b'\n' => self.opens_line = true,
                    b' ' | b'\t' | b'\r' => {}
                    b'#' => {
                        let end = line_end(self.text, ahead.pos);
                        self.comments.push(comment_span(self.file, self.text, ahead.pos, end));
                        ahead.pos = end;
                        continue;
                    }
                    _ => break,
                }
                ahead.pos += 1;
            }
            self.pos = ahead.pos;
            let Some(odd) = self.rest().chars().next().filter(|c| is_odd_space(*c)) else { return };
            let run: usize = self.rest().chars().take_while(|c| is_odd_space(*c)).map(char::len_utf8).sum();
            let span = self.span(self.pos, self.pos + run);
            let name = format!("U+{:04X}", odd as u32);
            self.report(
                Diagnostic::new(
                    &codes::syntax::INVALID_CHARACTER,
                    span,
                    format!("invisible character {name}"),
                )
                .label("neither a space, a tab nor a line end")
                .fix("write a space", span, " "),
            );
            self.pos = (self.pos + run).min(self.text.len());
            if self.pos == start {
                return;
            }
        }
    }

    /// Records a finding, unless one was recorded right here: what follows from an error is not told again.
    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        let start = diagnostic.primary.span.start;
        if self.diagnostics.last().is_some_and(|d| d.primary.span.start == start) {
            return;
        }
        if self.diagnostics.len() >= MAX_FINDINGS {
            if self.diagnostics.len() == MAX_FINDINGS {
                self.diagnostics.push(Diagnostic::new(
                    &codes::syntax::TOO_MANY_ERRORS,
                    diagnostic.primary.span,
                    format!("more than {MAX_FINDINGS} errors: the rest of this file was not read"),
                ));
            }
            self.pos = self.text.len();
            return;
        }
        self.diagnostics.push(diagnostic);
    }
}

fn comment_span(file: FileId, text: &str, start: usize, end: usize) -> Span {
    let length = text.get(start..end).map_or(0, |t| t.trim_end().len());
    Span::new(file, start, start + length)
}
