//! The UTF-8 parser (matcher/parse): any label name, values quoted as in Go or free of reserved characters.

use super::{Matcher, MatcherError, Op};
use crate::gostd::strconv;

/// Characters that may stand in a name or value only within quotes.
pub(super) fn is_reserved(c: char) -> bool {
    c.is_whitespace() || "{}!=~,\\\"'`".contains(c)
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    OpenBrace,
    CloseBrace,
    Comma,
    Op(Op),
    Quoted,
    Unquoted,
}

/// A token, with its place in bytes and in characters.
#[derive(Debug, Clone, Copy)]
struct Token<'t> {
    kind: Kind,
    text: &'t str,
    start: usize,
    columns: (usize, usize),
}

impl Token<'_> {
    fn error(&self, message: String) -> MatcherError {
        MatcherError { message, start: self.start, end: self.start + self.text.len() }
    }

    fn unexpected(&self, wanted: &str) -> MatcherError {
        self.error(format!("{}:{}: unexpected {}: {wanted}", self.columns.0, self.columns.1, self.text))
    }

    fn value(&self) -> Result<String, MatcherError> {
        if self.kind != Kind::Quoted {
            return Ok(self.text.to_string());
        }
        strconv::unquote(self.text).map_err(|_| {
            self.error(format!("{}:{}: {}: invalid input", self.columns.0, self.columns.1, self.text))
        })
    }
}

/// Reads tokens, one ahead at most.
struct Lexer<'t> {
    text: &'t str,
    at: usize,
    column: usize,
}

const NAME: &str = "expected label name";
const VALUE: &str = "expected label value";
const OPERATOR: &str = "expected an operator such as '=', '!=', '=~' or '!~'";
const AFTER_MATCHER: &str = "expected a comma or close brace";
const AFTER_COMMA: &str = "expected a matcher or close brace after comma";

impl<'t> Lexer<'t> {
    /// The next token; none at the end.
    fn next(&mut self) -> Result<Option<Token<'t>>, MatcherError> {
        let rest = &self.text[self.at..];
        let blank: usize = rest.chars().take_while(|c| c.is_whitespace()).map(char::len_utf8).sum();
        self.column += rest[..blank].chars().count();
        self.at += blank;
        let rest = &self.text[self.at..];
        let Some(c) = rest.chars().next() else { return Ok(None) };
        let two = |op| (Kind::Op(op), 2);
        let (kind, width) = match c {
            '{' => (Kind::OpenBrace, 1),
            '}' => (Kind::CloseBrace, 1),
            ',' => (Kind::Comma, 1),
            '=' if rest.starts_with("=~") => two(Op::Match),
            '=' => (Kind::Op(Op::Equal), 1),
            '!' if rest.starts_with("!=") => two(Op::NotEqual),
            '!' if rest.starts_with("!~") => two(Op::NotMatch),
            '!' => return Err(self.lone_bang(rest)),
            '"' => (Kind::Quoted, self.quoted(rest)?),
            _ if !is_reserved(c) => (Kind::Unquoted, rest.find(is_reserved).unwrap_or(rest.len())),
            _ => {
                let message = format!("{}:{}: {c}: invalid input", self.column, self.column + 1);
                return Err(MatcherError { message, start: self.at, end: self.at + c.len_utf8() });
            }
        };
        let text = &rest[..width];
        let columns = (self.column, self.column + text.chars().count());
        let token = Token { kind, text, start: self.at, columns };
        self.at += width;
        self.column = columns.1;
        Ok(Some(token))
    }

    fn peek(&mut self) -> Result<Option<Token<'t>>, MatcherError> {
        let (at, column) = (self.at, self.column);
        let token = self.next();
        (self.at, self.column) = (at, column);
        token
    }

    fn lone_bang(&self, rest: &str) -> MatcherError {
        let columns = (self.column, self.column + 1);
        let message = match rest.len() {
            1 => format!("{}:{}: unexpected end of input, expected one of '=~'", columns.0, columns.1),
            _ => format!("{}:{}: !: expected one of '=~'", columns.0, columns.1),
        };
        MatcherError { message, start: self.at, end: self.at + 1 }
    }

    /// The width of the quoted text at the start of `rest`.
    fn quoted(&self, rest: &str) -> Result<usize, MatcherError> {
        let mut escaped = false;
        for (at, c) in rest.char_indices().skip(1) {
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => return Ok(at + 1),
                _ => {}
            }
        }
        let columns = (self.column, self.column + rest.chars().count());
        let message = format!("{}:{}: {rest}: missing end \"", columns.0, columns.1);
        Err(MatcherError { message, start: self.at, end: self.text.len() })
    }

    fn at_end(&self, message: String) -> MatcherError {
        MatcherError { message, start: self.text.len(), end: self.text.len() }
    }
}

fn wanted(mut error: MatcherError, what: &str) -> MatcherError {
    error.message.push_str(": ");
    error.message.push_str(what);
    error
}

/// Any number of matchers, in braces or not; a comma may stand behind the last.
pub(super) fn parse(text: &str) -> Result<Vec<Matcher>, MatcherError> {
    let mut lexer = Lexer { text, at: 0, column: 0 };
    let mut matchers = Vec::new();
    let Some(first) = lexer.peek()? else { return Ok(matchers) };
    let braces = first.kind == Kind::OpenBrace;
    if braces {
        lexer.next()?;
    }
    let mut closed = match lexer.peek()? {
        None => true,
        Some(token) => token.kind == Kind::CloseBrace,
    };
    while !closed {
        matchers.push(matcher(&mut lexer)?);
        closed = match lexer.peek().map_err(|e| wanted(e, AFTER_MATCHER))? {
            Some(token) if token.kind == Kind::Comma => {
                lexer.next()?;
                match lexer.peek().map_err(|e| wanted(e, AFTER_COMMA))? {
                    Some(Token { kind: Kind::Quoted | Kind::Unquoted, .. }) => false,
                    Some(Token { kind: Kind::CloseBrace, .. }) | None => true,
                    Some(token) => return Err(token.unexpected(AFTER_COMMA)),
                }
            }
            Some(token) if token.kind != Kind::CloseBrace => return Err(token.unexpected(AFTER_MATCHER)),
            _ => true,
        };
    }
    let close = lexer.next()?;
    match (braces, close) {
        (true, None) => {
            let message = format!("0:{}: end of input: expected close brace", lexer.column);
            return Err(lexer.at_end(message));
        }
        (false, Some(brace)) => {
            return Err(brace.error(format!("0:{}: }}: expected opening brace", brace.columns.1)));
        }
        _ => {}
    }
    match lexer.next().map_err(|e| wanted(e, "expected end of input"))? {
        Some(token) => {
            let (start, end) = token.columns;
            Err(token.error(format!("{start}:{end}: {}: expected end of input", token.text)))
        }
        None => Ok(matchers),
    }
}

fn matcher(lexer: &mut Lexer<'_>) -> Result<Matcher, MatcherError> {
    let name = expect(lexer, NAME, |k| matches!(k, Kind::Quoted | Kind::Unquoted))?;
    let label = name.value()?;
    let op_token = expect(lexer, OPERATOR, |k| matches!(k, Kind::Op(_)))?;
    let value = expect(lexer, VALUE, |k| matches!(k, Kind::Quoted | Kind::Unquoted))?;
    let text = value.value()?;
    let Kind::Op(op) = op_token.kind else { return Err(op_token.unexpected(OPERATOR)) };
    Matcher::new(label, op, text).map_err(|e| value.error(format!("failed to create matcher: {e}")))
}

fn expect<'t>(
    lexer: &mut Lexer<'t>,
    what: &str,
    good: impl Fn(Kind) -> bool,
) -> Result<Token<'t>, MatcherError> {
    match lexer.next().map_err(|e| wanted(e, what))? {
        None => Err(lexer.at_end(format!("end of input: {what}"))),
        Some(token) if good(token.kind) => Ok(token),
        Some(token) => Err(token.unexpected(what)),
    }
}
