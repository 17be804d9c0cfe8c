//! Telling things apart by their shape, before reading them: a keyword alone is no item, a name may be any word.

use crate::syntax::keywords::{ITEMS, METRIC_KINDS};

use super::Parser;
use super::cursor::{Ahead, Peek, quoted_length};

impl Parser<'_> {
    /// The keyword of the item whose shape the next tokens have.
    pub(super) fn item_shape(&self) -> Option<&'static str> {
        let mut ahead = self.ahead();
        let word = ahead.word()?;
        let keyword = *ITEMS.iter().find(|k| **k == word)?;
        let fits = match keyword {
            "severity" => ahead.word().is_some() && ahead.at_mark(&[","]),
            "project" | "defaults" | "global" | "override" => ahead.at_mark(&["{"]),
            "inhibit" => braces_then(&mut ahead, |a| a.word() == Some("by")),
            "metric" => ahead.name() && ahead.word().is_some_and(|w| METRIC_KINDS.contains(&w)),
            "let" => ahead.word().is_some() && ahead.at_mark(&["=", "("]),
            "record" => ahead.name() && ahead.at_mark(&["=", "{"]),
            "route" => ahead.at_mark(&["->", "{"]),
            "require" => ahead.word() == Some("alert"),
            "test" => ahead.peek() == Peek::Quote,
            "alert" | "slo" => headed(&mut ahead),
            _ => ahead.name() && ahead.at_mark(&["{"]),
        };
        fits.then_some(keyword)
    }

    /// True in front of what looks like an item with a misspelt keyword: `allert X {`.
    pub(super) fn item_like(&self) -> bool {
        let mut ahead = self.ahead();
        ahead.word().is_some() && headed(&mut ahead)
    }

    /// True in front of a level: a word, perhaps matchers, and a comparison.
    pub(super) fn level_shape(&self) -> bool {
        const COMPARISONS: &[&str] = &[">", ">=", "<", "<=", "==", "!=", "=>", "=<", "="];
        let mut ahead = self.ahead();
        if ahead.word().is_none() {
            return false;
        }
        ahead.at_mark(COMPARISONS) || braces_then(&mut ahead, |a| a.at_mark(COMPARISONS))
    }

    /// True if the next token is a word that, where it stands, is ours and no operand or name: it opens a line and
    /// is a keyword of the block, a severity of its levels, or starts an item.
    pub(super) fn at_own_word(&self) -> bool {
        if !self.opens_line {
            return false;
        }
        let Peek::Word(word) = self.peek() else { return false };
        self.words.contains(&word)
            || (self.levels && self.severities.iter().any(|s| s == word))
            || self.item_shape().is_some()
    }
}

/// True in front of a name, perhaps its headline, and `{`.
fn headed(ahead: &mut Ahead<'_>) -> bool {
    ahead.name()
        && (ahead.at_mark(&["{"]) || (ahead.peek() == Peek::Quote && ahead.name() && ahead.at_mark(&["{"])))
}

/// How far braces are looked through.
const MAX_AHEAD: usize = 4096;

/// True if braces stand here and `after` holds behind them.
fn braces_then(ahead: &mut Ahead<'_>, after: impl Fn(&mut Ahead<'_>) -> bool) -> bool {
    if !ahead.at_mark(&["{"]) {
        return false;
    }
    let limit = ahead.pos + MAX_AHEAD;
    while ahead.pos < limit {
        match ahead.peek() {
            Peek::End => return false,
            Peek::Mark("}") => {
                ahead.pos += 1;
                ahead.trivia();
                return after(ahead);
            }
            Peek::Quote => ahead.pos += quoted_length(ahead.rest()),
            Peek::Word(word) => ahead.pos += word.len(),
            Peek::Mark(mark) => ahead.pos += mark.len(),
            Peek::Other(c) => ahead.pos += c.len_utf8(),
            Peek::Number | Peek::Param => ahead.pos += 1,
        }
        ahead.trivia();
    }
    false
}
