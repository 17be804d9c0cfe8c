//! Prometheus' own words for an expression that can't be read: texts of alerts quote them where a `query` fails.

use crate::diagnostic::{Diagnostic, codes::promql as codes};

/// `1:4: parse error: unexpected end of input inside braces`: what Prometheus says where [`super::parse`] says `found`.
/// Where an error is of a rarer kind, the words are ours at Prometheus' place.
///
/// Source: Prometheus promql/parser/lex.go and parse.go.
pub fn prometheus_error(text: &str, found: &Diagnostic) -> String {
    let (at, words) = words(text, found);
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = at - before.rfind('\n').map_or(0, |i| i + 1) + 1;
    format!("{line}:{column}: parse error: {words}")
}

fn words(text: &str, found: &Diagnostic) -> (usize, String) {
    let span = found.primary.span;
    let (start, end) = (span.start as usize, span.end as usize);
    let at_end = text.get(start..).is_none_or(|rest| rest.trim().is_empty());
    if (at_end || [codes::UNCLOSED.name, codes::STRING.name].contains(&found.code.name))
        && let Some(lexed) = unfinished(text)
    {
        return lexed;
    }
    let token = text.get(start..end).unwrap_or("");
    let is_word = token.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let words = match found.code.name {
        _ if at_end => return (text.len(), "unexpected end of input".to_string()),
        name if name == codes::UNKNOWN_FUNCTION.name => format!("unknown function with name \"{token}\""),
        name if name == codes::SYNTAX.name || name == codes::UNCLOSED.name => match token {
            // Prometheus has read the bracket by then.
            ")" => return (end, "unexpected right parenthesis ')'".to_string()),
            "]" => "unexpected right bracket ']'".to_string(),
            "}" => "unexpected character: '}'".to_string(),
            _ if is_word => format!("unexpected identifier \"{token}\""),
            _ => found.message.clone(),
        },
        _ => found.message.clone(),
    };
    (start, words)
}

/// What is still open at the end of the text, and where Prometheus' lexer says so.
fn unfinished(text: &str) -> Option<(usize, String)> {
    let mut chars = text.char_indices();
    let (mut parens, mut braces, mut bracket) = (0usize, 0usize, None);
    while let Some((at, c)) = chars.next() {
        match c {
            '#' => while chars.next().is_some_and(|(_, c)| c != '\n') {},
            '"' | '\'' | '`' => {
                let mut closed = false;
                while let Some((_, inner)) = chars.next() {
                    closed = inner == c;
                    if closed || (inner == '\n' && c != '`') {
                        break;
                    }
                    if inner == '\\' && c != '`' {
                        chars.next();
                    }
                }
                if !closed {
                    let kind = if c == '`' { "raw" } else { "quoted" };
                    return Some((at, format!("unterminated {kind} string")));
                }
            }
            '(' => parens += 1,
            ')' => parens = parens.saturating_sub(1),
            '{' => braces += 1,
            '}' => braces = braces.saturating_sub(1),
            '[' => bracket = Some(at + 1),
            ']' => bracket = None,
            _ => {}
        }
    }
    let words = match bracket {
        _ if braces > 0 => "unexpected end of input inside braces",
        Some(inside) if text.get(inside..).is_some_and(|t| t.trim().is_empty()) => {
            "unexpected end of input in duration expression"
        }
        Some(_) => "unclosed left bracket",
        None if parens > 0 => "unclosed left parenthesis",
        None => return None,
    };
    Some((text.len(), words.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::promql::parser::{Options, parse};
    use crate::source::FileId;

    /// Texts of promtool 3.5.3.
    #[test]
    fn the_words_are_prometheus_own() {
        for (text, wanted) in [
            ("up{", "1:4: parse error: unexpected end of input inside braces"),
            ("up{a", "1:5: parse error: unexpected end of input inside braces"),
            ("up{a=\"b\"", "1:9: parse error: unexpected end of input inside braces"),
            ("up{a=\"b", "1:6: parse error: unterminated quoted string"),
            ("\"abc", "1:1: parse error: unterminated quoted string"),
            ("sum(up", "1:7: parse error: unclosed left parenthesis"),
            ("((up)", "1:6: parse error: unclosed left parenthesis"),
            ("sum(", "1:5: parse error: unclosed left parenthesis"),
            ("rate(up[5m]", "1:12: parse error: unclosed left parenthesis"),
            ("up[5m", "1:6: parse error: unclosed left bracket"),
            ("up[", "1:4: parse error: unexpected end of input in duration expression"),
            ("up == ", "1:7: parse error: unexpected end of input"),
            ("up and", "1:7: parse error: unexpected end of input"),
            ("foo bar", "1:5: parse error: unexpected identifier \"bar\""),
            ("up)", "1:4: parse error: unexpected right parenthesis ')'"),
            ("up]", "1:3: parse error: unexpected right bracket ']'"),
            ("up}", "1:3: parse error: unexpected character: '}'"),
            ("nosuch(up)", "1:1: parse error: unknown function with name \"nosuch\""),
        ] {
            let (_, found) = parse(text, FileId::NONE, 0, &Options::default());
            assert_eq!(prometheus_error(text, &found[0]), wanted, "{text}");
        }
    }
}
