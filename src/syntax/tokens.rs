//! The tokens of the language, each a nom recogniser at the start of a text.
//!
//! Which token is tried where is the parser's business: a duration, a name and a word can begin alike.

use nom::branch::alt;
use nom::bytes::complete::{tag, tag_no_case, take, take_while, take_while_m_n, take_while1};
use nom::character::complete::{char, digit0, digit1, hex_digit1, one_of, satisfy};
use nom::combinator::{map_opt, not, opt, peek, recognize, value, verify};
use nom::multi::many0_count;
use nom::sequence::{pair, preceded, separated_pair, terminated};
use nom::{IResult, Parser};

use super::ast::{Comparison, MatchOp};

type Token<'s, T = &'s str> = IResult<&'s str, T>;

/// True for what a word goes on with.
pub(super) fn is_word_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// A word: `/[A-Za-z_][A-Za-z0-9_]*/`.
pub(super) fn word(input: &str) -> Token<'_> {
    recognize((satisfy(|c| c.is_ascii_alphabetic() || c == '_'), take_while(is_word_char))).parse(input)
}

/// A bare name: words joined by `.`, `:` or `-`. An arrow is no joint.
pub(super) fn name(input: &str) -> Token<'_> {
    recognize((word, many0_count((one_of(".:-"), take_while1(is_word_char))))).parse(input)
}

/// A metric's name: `/[A-Za-z_:][A-Za-z0-9_:]*/`.
pub(super) fn series_name(input: &str) -> Token<'_> {
    recognize((
        satisfy(|c| c.is_ascii_alphabetic() || c == '_' || c == ':'),
        take_while(|c| is_word_char(c) || c == ':'),
    ))
    .parse(input)
}

/// `$word`; gives the word.
pub(super) fn param(input: &str) -> Token<'_> {
    preceded(char('$'), word).parse(input)
}

/// A number as PromQL has it, with an optional sign: `1`, `-2.5`, `.5`, `1e6`, `0x1F`, `+Inf`, `NaN`.
pub(super) fn number(input: &str) -> Token<'_> {
    let hexadecimal = recognize((tag_no_case("0x"), hex_digit1));
    let exponent = (one_of("eE"), opt(one_of("+-")), digit1);
    let decimal = recognize((
        alt((recognize((digit1, opt(pair(char('.'), digit0)))), recognize(pair(char('.'), digit1)))),
        opt(exponent),
    ));
    let named = terminated(alt((tag_no_case("inf"), tag_no_case("nan"))), not(satisfy(is_word_char)));
    recognize((opt(one_of("+-")), alt((hexadecimal, decimal, named)))).parse(input)
}

/// What follows a number without a space: `%`, `ms`, `h30m`, `GiB`, `/s`, `B/s`. May be empty.
pub(super) fn unit(input: &str) -> Token<'_> {
    let per = pair(char('/'), word);
    recognize((opt(alt((tag("%"), word))), opt(per))).parse(input)
}

/// A number and its unit.
pub(super) fn quantity(input: &str) -> Token<'_, (&str, &str)> {
    pair(number, unit).parse(input)
}

/// A date or date-time as RFC 3339 writes it; only its digits' places are held here.
pub(super) fn date(input: &str) -> Token<'_> {
    fn digits(n: usize) -> impl FnMut(&str) -> Token<'_> {
        move |input| take_while_m_n(n, n, |c: char| c.is_ascii_digit()).parse(input)
    }
    let day = (digits(4), char('-'), digits(2), char('-'), digits(2));
    let seconds = (char(':'), digits(2), opt(pair(char('.'), digit1)));
    let offset = alt((recognize(one_of("Zz")), recognize((one_of("+-"), digits(2), char(':'), digits(2)))));
    let time = (one_of("Tt"), digits(2), char(':'), digits(2), opt(seconds), opt(offset));
    recognize(terminated((day, opt(time)), not(satisfy(|c| is_word_char(c) || c == ':')))).parse(input)
}

/// A time of day, `09:00` to `24:00`, as minutes since midnight.
pub(super) fn clock(input: &str) -> Token<'_, u16> {
    fn two(input: &str) -> Token<'_, u16> {
        map_opt(take_while_m_n(1, 2, |c: char| c.is_ascii_digit()), |d: &str| d.parse().ok()).parse(input)
    }
    map_opt(separated_pair(two, char(':'), two), |(hours, minutes)| {
        let total = hours * 60 + minutes;
        (minutes < 60 && total <= 24 * 60).then_some(total)
    })
    .parse(input)
}

/// A whole number with an optional `-`.
pub(super) fn integer(input: &str) -> Token<'_, i32> {
    map_opt(recognize(pair(opt(char('-')), digit1)), |d: &str| d.parse().ok()).parse(input)
}

/// `>`, `>=`, `<`, `<=`, `==`, `!=`
pub(super) fn comparison(input: &str) -> Token<'_, Comparison> {
    alt((
        value(Comparison::GreaterEqual, tag(">=")),
        value(Comparison::Greater, tag(">")),
        value(Comparison::LessEqual, tag("<=")),
        value(Comparison::Less, tag("<")),
        value(Comparison::Equal, tag("==")),
        value(Comparison::NotEqual, tag("!=")),
    ))
    .parse(input)
}

/// `=`, `!=`, `=~`, `!~`
pub(super) fn match_op(input: &str) -> Token<'_, MatchOp> {
    alt((
        value(MatchOp::Regex, tag("=~")),
        value(MatchOp::NotRegex, tag("!~")),
        value(MatchOp::NotEqual, tag("!=")),
        value(MatchOp::Equal, terminated(tag("="), not(one_of("=>")))),
    ))
    .parse(input)
}

/// A mark of one or more characters; the longer ones first. Every token is looked at with this, so it looks at bytes.
pub(super) fn mark(input: &str) -> Token<'_> {
    let length: usize = match input.as_bytes() {
        [b'.', b'.', b'.', ..] => 3,
        [b'-', b'>', ..]
        | [b'=', b'>' | b'~' | b'=', ..]
        | [b'!', b'~' | b'=', ..]
        | [b'>' | b'<', b'=', ..] => 2,
        [first, ..] if b"{}()[],:;=<>+-*/%^@|&!.?\\~".contains(first) => 1,
        _ => 0,
    };
    verify(take(length), |mark: &str| !mark.is_empty()).parse(input)
}

/// True if a quantity starts here.
pub(super) fn starts_quantity(input: &str) -> bool {
    peek(number).parse(input).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken<T>(result: Token<'_, T>) -> Option<&str> {
        result.ok().map(|(rest, _)| rest)
    }

    #[test]
    fn a_name_ends_before_an_arrow() {
        assert_eq!(name("slack-critical->x"), Ok(("->x", "slack-critical")));
        assert_eq!(name("k8s.rules {"), Ok((" {", "k8s.rules")));
        assert_eq!(name("a."), Ok((".", "a")));
        assert!(name("1a").is_err());
    }

    #[test]
    fn quantities_keep_number_and_unit_apart() {
        for (text, number, unit) in [
            ("80%", "80", "%"),
            ("1h30m", "1", "h30m"),
            ("-2.5GiB", "-2.5", "GiB"),
            ("10/s", "10", "/s"),
            ("5MB/s", "5", "MB/s"),
            ("1e6", "1e6", ""),
            ("0x1F", "0x1F", ""),
            ("+Inf", "+Inf", ""),
            (".5ms", ".5", "ms"),
        ] {
            assert_eq!(quantity(text), Ok(("", (number, unit))), "{text}");
        }
        assert!(quantity("info").is_err());
        assert!(quantity("nano").is_err());
    }

    #[test]
    fn dates_and_clocks() {
        assert_eq!(taken(date("2026-01-10T21:30:00Z x")), Some(" x"));
        assert_eq!(taken(date("2026-01-10 \"r\"")), Some(" \"r\""));
        assert_eq!(taken(date("2026-01-10T21:30:00.5+01:00")), Some(""));
        assert!(date("2026-1-10").is_err());
        assert_eq!(clock("24:00-"), Ok(("-", 1440)));
        assert!(clock("24:01").is_err());
        assert!(clock("9:60").is_err());
    }
}
