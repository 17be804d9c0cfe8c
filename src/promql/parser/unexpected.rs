//! The wording of syntax errors: what was found, what was expected, and the repair.

use super::state::Parser;
use crate::diagnostic::{Diagnostic, codes::promql as codes, nearest};
use crate::promql::lexer::{Keyword, Token, TokenKind};

impl Parser<'_> {
    /// What the current token is, for a reader.
    fn found(&self) -> String {
        let source = self.source(self.tok);
        match self.tok.kind {
            TokenKind::End => "the end of the expression".to_string(),
            _ if self.stops_here() => "the end of the expression".to_string(),
            TokenKind::String | TokenKind::OpenString => "a string".to_string(),
            TokenKind::Unknown if source.chars().all(char::is_control) => {
                format!("the character U+{:04X}", source.chars().next().map_or(0, u32::from))
            }
            _ => format!("`{source}`"),
        }
    }

    /// "expected …, found …".
    pub(super) fn unexpected(&self, expected: &str) -> Diagnostic {
        if let Some(variable) = self.variable() {
            return variable;
        }
        let at_end = !self.at_text() || self.stops_here();
        let span = if at_end { self.gap() } else { self.token_span(self.tok) };
        self.diagnostic(&codes::SYNTAX, span, format!("expected {expected}, found {}", self.found()))
            .label(if at_end { format!("expected {expected}") } else { "unexpected".to_string() })
    }

    /// An opening bracket without its partner.
    pub(super) fn unclosed(&self, open: Token) -> Diagnostic {
        let bracket = self.source(open);
        let partner = match bracket {
            "(" => ")",
            "[" => "]",
            _ => "}",
        };
        self.diagnostic(&codes::UNCLOSED, self.token_span(open), format!("this `{bracket}` is never closed"))
            .label("opened here")
            .also(self.gap(), format!("expected `{partner}` here at the latest"))
            .fix(format!("add `{partner}`"), self.gap(), partner)
    }

    /// The right side of an operator is missing.
    pub(super) fn missing_operand(&self, op: Token) -> Diagnostic {
        if let Some(variable) = self.variable() {
            return variable;
        }
        let operator = self.source(op);
        let found = self.found();
        let at_end = !self.at_text() || self.stops_here();
        let span = if at_end { self.gap() } else { self.token_span(self.tok) };
        let diagnostic = self
            .diagnostic(
                &codes::SYNTAX,
                span,
                format!("expected an operand after `{operator}`, found {found}"),
            )
            .label("an expression is missing here")
            .also(self.token_span(op), "the right side of this operator");
        self.misplaced_word(diagnostic)
    }

    /// Something that is no operand stands where one is expected.
    pub(super) fn unexpected_operand(&self) -> Diagnostic {
        let diagnostic = self.unexpected("an expression");
        if diagnostic.code != &codes::SYNTAX {
            return diagnostic;
        }
        self.misplaced_word(diagnostic)
    }

    fn misplaced_word(&self, diagnostic: Diagnostic) -> Diagnostic {
        match self.tok.kind {
            TokenKind::Keyword(Keyword::Bool) => {
                diagnostic.help("`bool` stands right behind a comparison: `a > bool b`")
            }
            TokenKind::Keyword(Keyword::On | Keyword::Ignoring) => diagnostic
                .help("`on` and `ignoring` stand right behind the operator and `bool`: `a + on (label) b`"),
            TokenKind::Keyword(Keyword::GroupLeft | Keyword::GroupRight) => {
                diagnostic.help("`group_left` and `group_right` stand behind `on (…)` or `ignoring (…)`")
            }
            TokenKind::RightParen | TokenKind::RightBracket | TokenKind::RightBrace if self.brackets == 0 => {
                diagnostic.help("this bracket closes nothing")
            }
            _ => diagnostic,
        }
    }

    /// `$x` where nothing binds it.
    fn variable(&self) -> Option<Diagnostic> {
        let source = self.text.get(self.tok.start..)?;
        if !source.starts_with('$') || self.tok.kind == TokenKind::Param && self.options.params {
            return None;
        }
        let word = |t: &str| t.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
        let length = match source.strip_prefix("${") {
            Some(rest) => {
                2 + word(rest) + usize::from(rest.get(word(rest)..).is_some_and(|r| r.starts_with('}')))
            }
            None => 1 + word(&source[1..]),
        };
        let name = source.get(..length)?;
        let span = self.span(self.tok.start, self.tok.start + length);
        let diagnostic = self
            .diagnostic(&codes::VARIABLE, span, format!("nothing replaces `{name}` here"))
            .label("a variable of a dashboard");
        Some(if name.contains("interval") || name.contains("range") {
            diagnostic.help("write a duration, such as `5m`: at least four times the scrape interval")
        } else {
            diagnostic.help("write its value")
        })
    }

    /// What stands behind a complete expression is none of what could continue it.
    pub(super) fn unexpected_after_expression(&self) -> Diagnostic {
        let span = self.token_span(self.tok);
        let source = self.source(self.tok);
        match self.tok.kind {
            TokenKind::RightParen | TokenKind::RightBracket | TokenKind::RightBrace => self
                .diagnostic(&codes::UNCLOSED, span, format!("this `{source}` closes nothing"))
                .label("no bracket is open")
                .fix(format!("remove the `{source}`"), span, ""),
            TokenKind::Comma => self
                .unexpected("an operator or the end of the expression")
                .help("commas stand between arguments, matchers and labels only"),
            TokenKind::LeftBrace => {
                self.unexpected("an operator").help("matchers stand right behind a metric's name")
            }
            TokenKind::Match | TokenKind::NotMatch => self
                .unexpected("an operator")
                .help("`=~` and `!~` match labels, in braces: `metric{label=~\"…\"}`"),
            TokenKind::Keyword(Keyword::By | Keyword::Without) => self
                .unexpected("an operator")
                .help(format!("`{source}` belongs to an aggregation: `sum {source} (label) (…)`")),
            TokenKind::Keyword(Keyword::Bool) => {
                self.unexpected("an operator").help("`bool` stands right behind a comparison: `a > bool b`")
            }
            TokenKind::Keyword(
                Keyword::On | Keyword::Ignoring | Keyword::GroupLeft | Keyword::GroupRight,
            ) => self
                .unexpected("an operator")
                .help(format!("`{source}` stands behind an operator: `a + {source} (label) …`")),
            TokenKind::Word => {
                let words = ["and", "or", "unless", "atan2", "offset", "by", "without"];
                let diagnostic = self.unexpected("an operator");
                match nearest(source, words)
                    .filter(|n| source.len() > 1 && n.len().abs_diff(source.len()) <= 1)
                {
                    Some(near) => diagnostic.fix(format!("write `{near}`"), span, near),
                    None => diagnostic,
                }
            }
            TokenKind::Unknown if source == "!" => self
                .unexpected("an operator")
                .help("PromQL has no `!`: `unless` and `== 0` say what is not there"),
            TokenKind::Unknown if source == "&" || source == "|" => {
                let word = if source == "&" { "and" } else { "or" };
                self.unexpected("an operator").fix(format!("write `{word}`"), span, word)
            }
            TokenKind::Unknown if source.chars().any(char::is_alphabetic) => self
                .unexpected("an operator or the end of the expression")
                .help("a name with other letters than a-z is quoted, in braces: `{\"…\"}`"),
            _ => self.unexpected("an operator or the end of the expression"),
        }
    }

    /// What stands behind an argument is neither an operator, `,` nor `)`.
    pub(super) fn unexpected_after_argument(&self) -> Diagnostic {
        match self.tok.kind {
            TokenKind::RightBracket | TokenKind::RightBrace | TokenKind::Comma => {
                self.unexpected("an operator, `,` or `)`")
            }
            _ => {
                let mut diagnostic = self.unexpected_after_expression();
                if diagnostic.message.starts_with("expected an operator,") {
                    diagnostic.message = format!("expected an operator, `,` or `)`, found {}", self.found());
                }
                diagnostic
            }
        }
    }

    /// A number that is none, and what was probably meant.
    pub(super) fn bad_number(&self, token: Token, reason: &str) -> Diagnostic {
        let source = self.source(token);
        let span = self.token_span(token);
        let duration = token.kind == TokenKind::Duration;
        let what = if duration { "duration" } else { "number" };
        let diagnostic = self.diagnostic(&codes::NUMBER, span, format!("`{source}` is no {what}")).label(
            if duration || token.kind == TokenKind::Number { reason } else { "a number runs into a word" },
        );
        match duration_meant(source) {
            Some(meant) => diagnostic.fix(format!("write `{meant}`"), span, meant),
            None if !duration && !source.starts_with("0x") && source.contains(char::is_alphabetic) => {
                diagnostic.help("durations are whole numbers with y, w, d, h, m, s or ms: `1h30m`")
            }
            None => diagnostic,
        }
    }
}

/// `5min` is `5m`, `1.5h` is `1h30m`.
fn duration_meant(source: &str) -> Option<String> {
    let digits = source.find(|c: char| c.is_ascii_alphabetic())?;
    let (number, unit) = source.split_at(digits);
    let ms = match unit.to_ascii_lowercase().as_str() {
        "ms" | "msec" | "millis" => 1.0,
        "s" | "sec" | "secs" | "second" | "seconds" => 1e3,
        "m" | "min" | "mins" | "minute" | "minutes" => 6e4,
        "h" | "hr" | "hrs" | "hour" | "hours" => 3.6e6,
        "d" | "day" | "days" => 8.64e7,
        "w" | "week" | "weeks" => 6.048e8,
        _ => return None,
    };
    let total = number.parse::<f64>().ok()? * ms;
    ((1.0..1e15).contains(&total) && total.fract() == 0.0)
        .then(|| crate::promql::duration::Duration::from_millis(total as i64).to_string())
}
