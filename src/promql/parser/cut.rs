//! Where a broken expression ends inside another language (see [`super::parse_prefix`]).

use super::Options;
use super::state::opens_line;
use crate::promql::lexer::{Keyword, Mode, Token, TokenKind, token};

/// The offset at which to cut an expression that runs from `start` to `end` and has its first error, inside
/// brackets, at `error`; none when nothing of the outer language stands in it.
pub(super) fn find(
    text: &str,
    start: usize,
    end: usize,
    error: usize,
    options: &Options<'_>,
) -> Option<usize> {
    let stop_word = options.stop_word?;
    // The error may be a property on the expression's own line.
    if opens_property(text, token(text, error, Mode::Expression), stop_word) {
        return Some(error);
    }
    let last = end.max(error);
    let mut line = start;
    loop {
        // The first line may hold words before the expression.
        let first = token(text, line, Mode::Expression);
        if first.start > last || first.kind == TokenKind::End {
            return None;
        }
        let word = text.get(first.start..first.end).unwrap_or("");
        let is_word = matches!(first.kind, TokenKind::Word | TokenKind::Keyword(_));
        if is_word && opens_line(text, first.start) && first.start > start && stop_word(word) {
            let calls = text.get(first.end..).is_some_and(|t| t.trim_start().starts_with('('));
            let next = token(text, first.end, Mode::Expression);
            let groups = matches!(next.kind, TokenKind::Keyword(Keyword::By | Keyword::Without));
            if is_foreign(text, next) || first.start == error && !calls && !groups {
                return Some(first.start);
            }
        }
        line = first.end + text.get(first.end..)?.find('\n')? + 1;
    }
}

/// True at a word of the outer language that goes on, on its line, with what PromQL cannot have behind a word. (Behind
/// a metric of that name another property may stand.)
pub(super) fn opens_property(text: &str, word: Token, stop_word: &dyn Fn(&str) -> bool) -> bool {
    let own = |t: Token| {
        let word = matches!(t.kind, TokenKind::Word | TokenKind::Keyword(_));
        word && text.get(t.start..t.end).is_some_and(stop_word)
    };
    let next = token(text, word.end, Mode::Expression);
    own(word)
        && !text.get(word.end..next.start).is_some_and(|between| between.contains('\n'))
        && next.kind != TokenKind::LeftBrace
        && !own(next)
        && is_foreign(text, next)
}

/// True when a word and then `next` cannot be PromQL, whatever stands around.
fn is_foreign(text: &str, next: Token) -> bool {
    match next.kind {
        TokenKind::String
        | TokenKind::OpenString
        | TokenKind::Number
        | TokenKind::Duration
        | TokenKind::BadNumber
        | TokenKind::Word
        | TokenKind::ColonWord
        | TokenKind::Param
        | TokenKind::Arrow => true,
        TokenKind::LeftBrace => {
            let rest = text.get(next.end..).unwrap_or("");
            let line = rest.split('\n').next().unwrap_or("");
            let Some(close) = line.find('}') else { return false };
            let compare = token(text, next.end + close + 1, Mode::Expression);
            let comparison = matches!(
                compare.kind,
                TokenKind::Lt | TokenKind::Le | TokenKind::Gt | TokenKind::Ge | TokenKind::Eq | TokenKind::Ne
            );
            let number = token(text, compare.end, Mode::Expression);
            comparison
                && matches!(number.kind, TokenKind::Number | TokenKind::Duration | TokenKind::BadNumber)
        }
        _ => false,
    }
}
