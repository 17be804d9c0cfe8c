//! Tokens of PromQL, one at a time: the parser says in which brackets it stands.
//!
//! Facts: Prometheus promql/parser/lex.go. The text behind an embedded expression is no PromQL, so nothing is
//! lexed before the parser asks, and a token that cannot be read is a token too.

mod keyword;
mod number;

use nom::branch::alt;
use nom::bytes::complete::{is_not, tag, take_while, take_while1};
use nom::character::complete::{anychar, char, one_of};
use nom::combinator::{eof, opt, recognize, value};
use nom::multi::{fold_many0, many0_count};
use nom::sequence::{pair, preceded};
use nom::{IResult, Parser};

pub use keyword::Keyword;
pub(super) use number::number_value;

/// Where the parser stands; it decides what a word and a colon are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Outside braces and brackets.
    Expression,
    /// In `{…}`: every word is a label.
    Braces,
    /// In `[…]`: durations, and `:` is a token.
    Brackets,
}

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub(super) enum TokenKind {
    /// The end of the text.
    End,
    Number,
    Duration,
    /// Starts as a number but is none.
    BadNumber,
    /// A name without a colon.
    Word,
    /// A name with a colon.
    ColonWord,
    Keyword(Keyword),
    String,
    /// A string that its line, or the text, ends.
    OpenString,
    /// `$name`
    Param,
    LeftParen,
    RightParen,
    LeftBrace,
    RightBrace,
    LeftBracket,
    RightBracket,
    Comma,
    Colon,
    /// `=`
    Assign,
    Add,
    Sub,
    Mul,
    Div,
    Mod,
    Pow,
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    TrimUpper,
    TrimLower,
    At,
    /// `=~`
    Match,
    /// `!~`
    NotMatch,
    /// `->`: never PromQL, and never `-` before `>`.
    Arrow,
    /// `&&`
    AndAnd,
    /// `||`
    OrOr,
    /// Any other character.
    Unknown,
}

/// A token: what it is, and its bytes in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The first token at or behind `at`, past spaces and comments.
pub(super) fn token(text: &str, at: usize, mode: Mode) -> Token {
    let start = skip_blank(text, at);
    let rest = text.get(start..).unwrap_or("");
    let parsed: IResult<&str, TokenKind> = match rest.as_bytes().first() {
        None => return Token { kind: TokenKind::End, start, end: start },
        Some(b'a'..=b'z' | b'A'..=b'Z' | b'_') => word(rest, mode),
        Some(b':') if mode == Mode::Expression => word(rest, mode),
        Some(b'0'..=b'9' | b'.') => alt((number::number, punctuation)).parse(rest),
        Some(b'"' | b'\'' | b'`') => string(rest),
        _ => alt((param, punctuation)).parse(rest),
    };
    // `punctuation` takes any character, so there is always a token.
    let (left, kind) = parsed.unwrap_or(("", TokenKind::Unknown));
    Token { kind, start, end: text.len() - left.len() }
}

/// The offset of the first byte at or behind `at` that is neither space nor comment.
pub(super) fn skip_blank(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or("");
    let parsed: IResult<&str, usize> = many0_count(alt((
        take_while1(|c| matches!(c, ' ' | '\t' | '\n' | '\r')),
        recognize(preceded(char('#'), take_while(|c| c != '\n' && c != '\r'))),
    )))
    .parse(rest);
    text.len() - parsed.map_or(rest, |(left, _)| left).len()
}

/// True for the bytes of a label's name.
pub(super) fn is_word_byte(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

fn word(input: &str, mode: Mode) -> IResult<&str, TokenKind> {
    let colons = mode == Mode::Expression;
    let (rest, word) = take_while1(|c| is_word_byte(c) || colons && c == ':').parse(input)?;
    let kind = if mode == Mode::Braces {
        TokenKind::Word
    } else if mode == Mode::Expression
        && (word.eq_ignore_ascii_case("inf") || word.eq_ignore_ascii_case("nan"))
    {
        TokenKind::Number
    } else {
        match Keyword::find(word) {
            // A metric may be called `fill`: it is a keyword only before `(`.
            Some(k) if k.is_fill() && !rest[skip_blank(rest, 0)..].starts_with('(') => TokenKind::Word,
            Some(k) => TokenKind::Keyword(k),
            None if word.contains(':') => TokenKind::ColonWord,
            None => TokenKind::Word,
        }
    };
    Ok((rest, kind))
}

fn param(input: &str) -> IResult<&str, TokenKind> {
    let name = (take_while1(|c: char| c.is_ascii_alphabetic() || c == '_'), take_while(is_word_byte));
    value(TokenKind::Param, (char('$'), name)).parse(input)
}

fn string(input: &str) -> IResult<&str, TokenKind> {
    let (rest, quote) = one_of("\"'`").parse(input)?;
    if quote == '`' {
        let (rest, _) = opt(is_not("`")).parse(rest)?;
        return alt((value(TokenKind::String, char('`')), value(TokenKind::OpenString, eof))).parse(rest);
    }
    let stop: &str = if quote == '"' { "\"\\\n" } else { "'\\\n" };
    // A backslash takes the next character with it, whatever it is, but never the end of the line.
    let escape = recognize(pair(char('\\'), opt(nom::character::complete::none_of("\n"))));
    let (rest, ()) = fold_many0(alt((is_not(stop), escape)), || (), |(), _| ()).parse(rest)?;
    match rest.strip_prefix(quote) {
        Some(rest) => Ok((rest, TokenKind::String)),
        None => Ok((rest, TokenKind::OpenString)),
    }
}

fn punctuation(input: &str) -> IResult<&str, TokenKind> {
    use TokenKind::*;
    let two = alt((
        value(Eq, tag("==")),
        value(Match, tag("=~")),
        value(Ne, tag("!=")),
        value(NotMatch, tag("!~")),
        value(Le, tag("<=")),
        value(TrimUpper, tag("</")),
        value(Ge, tag(">=")),
        value(TrimLower, tag(">/")),
        value(Arrow, tag("->")),
        value(AndAnd, tag("&&")),
        value(OrOr, tag("||")),
    ));
    let one = anychar.map(|c| match c {
        '(' => LeftParen,
        ')' => RightParen,
        '{' => LeftBrace,
        '}' => RightBrace,
        '[' => LeftBracket,
        ']' => RightBracket,
        ',' => Comma,
        ':' => Colon,
        '=' => Assign,
        '+' => Add,
        '-' => Sub,
        '*' => Mul,
        '/' => Div,
        '%' => Mod,
        '^' => Pow,
        '<' => Lt,
        '>' => Gt,
        '@' => At,
        _ => Unknown,
    });
    alt((two, one)).parse(input)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str, mode: Mode) -> Vec<TokenKind> {
        let mut at = 0;
        let mut out = Vec::new();
        loop {
            let t = token(text, at, mode);
            if t.kind == TokenKind::End {
                return out;
            }
            out.push(t.kind);
            at = t.end;
        }
    }

    #[test]
    fn words_depend_on_the_brackets() {
        use TokenKind::*;
        assert_eq!(
            kinds("a:b sum fill fill (", Mode::Expression)[..3],
            [ColonWord, Keyword(super::Keyword::Aggregate(crate::promql::ast::AggregateOp::Sum)), Word]
        );
        assert_eq!(kinds("sum=\"x\"", Mode::Braces), [Word, Assign, String]);
        assert_eq!(kinds("5m:1m", Mode::Brackets), [Duration, Colon, Duration]);
        assert_eq!(
            kinds("iNF 0x1F 1e+3 1_000 1h30m", Mode::Expression),
            [Number, Number, Number, Number, Duration]
        );
        assert_eq!(kinds("80x 1.2.3 1e", Mode::Expression), [BadNumber, BadNumber, BadNumber]);
    }

    #[test]
    fn strings_end_at_their_quote_or_their_line() {
        use TokenKind::*;
        assert_eq!(kinds(r#""a\"b" 'a\'' `a\`"#, Mode::Expression), [String, String, String]);
        assert_eq!(kinds("\"a\nb", Mode::Expression), [OpenString, Word]);
        assert_eq!(kinds("\"a\\", Mode::Expression), [OpenString]);
        assert_eq!(kinds("# \"\n$x -> é", Mode::Expression), [Param, Arrow, Unknown]);
    }
}
