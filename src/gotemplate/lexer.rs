//! Template text to tokens, as Go's text/template/parse/lex.go.

/// The kinds of tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Error,
    Bool,
    Char,
    CharConstant,
    Assign,
    Declare,
    Eof,
    Field,
    Identifier,
    LeftDelim,
    LeftParen,
    Number,
    Pipe,
    RawString,
    RightDelim,
    RightParen,
    Space,
    String,
    Text,
    Variable,
    Dot,
    Block,
    Break,
    Continue,
    Define,
    Else,
    End,
    If,
    Nil,
    Range,
    Template,
    With,
}

impl Kind {
    fn keyword(word: &str) -> Option<Kind> {
        Some(match word {
            "block" => Kind::Block,
            "break" => Kind::Break,
            "continue" => Kind::Continue,
            "define" => Kind::Define,
            "else" => Kind::Else,
            "end" => Kind::End,
            "if" => Kind::If,
            "nil" => Kind::Nil,
            "range" => Kind::Range,
            "template" => Kind::Template,
            "with" => Kind::With,
            _ => return None,
        })
    }

    /// Words of the language: printed as `<end>` in errors.
    pub fn is_keyword(self) -> bool {
        use Kind::*;
        matches!(
            self,
            Dot | Block | Break | Continue | Define | Else | End | If | Nil | Range | Template | With
        )
    }
}

/// One token; an error token holds its message.
#[derive(Clone, Debug)]
pub struct Token<'a> {
    pub kind: Kind,
    /// Where it starts, in bytes.
    pub pos: usize,
    pub text: std::borrow::Cow<'a, str>,
}

/// A trim marker: the dash and its space.
const TRIM_MARKER: usize = 2;

/// All tokens of a text, the last one an `Eof` or an `Error`.
pub fn lex(input: &str) -> Vec<Token<'_>> {
    let mut lexer = Lexer { input, pos: 0, start: 0, parens: 0, tokens: Vec::new() };
    lexer.text();
    lexer.tokens
}

struct Lexer<'a> {
    input: &'a str,
    pos: usize,
    /// Where the current token starts.
    start: usize,
    parens: i32,
    tokens: Vec<Token<'a>>,
}

/// Stops lexing: an error token was pushed.
struct Stop;

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

fn is_alphanumeric(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        &self.input[self.pos..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.pos += c.len_utf8();
        Some(c)
    }

    fn emit(&mut self, kind: Kind) {
        let text = self.input[self.start..self.pos].into();
        self.tokens.push(Token { kind, pos: self.start, text });
        self.start = self.pos;
    }

    fn error<T>(&mut self, message: impl Into<String>) -> Result<T, Stop> {
        self.tokens.push(Token { kind: Kind::Error, pos: self.start, text: message.into().into() });
        Err(Stop)
    }

    fn text(&mut self) {
        loop {
            let Some(x) = self.rest().find("{{") else {
                self.pos = self.input.len();
                if self.pos > self.start {
                    self.emit(Kind::Text);
                }
                self.emit(Kind::Eof);
                return;
            };
            if x > 0 {
                let text = &self.rest()[..x];
                let trimmed = if has_left_trim_marker(&self.rest()[x + 2..]) {
                    text.trim_end_matches(is_space)
                } else {
                    text
                };
                self.pos += trimmed.len();
                if !trimmed.is_empty() {
                    self.emit(Kind::Text);
                }
                self.pos += x - trimmed.len();
                self.start = self.pos;
            }
            if self.action().is_err() {
                return;
            }
        }
    }

    /// From `{{` to after its `}}`.
    fn action(&mut self) -> Result<(), Stop> {
        self.pos += 2;
        let marker = if has_left_trim_marker(self.rest()) { TRIM_MARKER } else { 0 };
        if self.rest()[marker..].starts_with("/*") {
            self.pos += marker;
            self.start = self.pos;
            return self.comment();
        }
        self.emit(Kind::LeftDelim);
        self.pos += marker;
        self.start = self.pos;
        self.parens = 0;
        while !self.inside()? {}
        Ok(())
    }

    fn comment(&mut self) -> Result<(), Stop> {
        self.pos += 2;
        let Some(x) = self.rest().find("*/") else { return self.error("unclosed comment") };
        self.pos += x + 2;
        let Some(trim) = self.at_right_delim() else {
            return self.error("comment ends before closing delimiter");
        };
        self.after_right_delim(trim);
        Ok(())
    }

    /// Whether a right delimiter stands here, and if so, whether it trims.
    fn at_right_delim(&self) -> Option<bool> {
        let rest = self.rest();
        let mut chars = rest.chars();
        if chars.next().is_some_and(is_space) && rest[1..].starts_with("-}}") {
            return Some(true);
        }
        rest.starts_with("}}").then_some(false)
    }

    fn after_right_delim(&mut self, trim: bool) {
        if trim {
            self.pos += TRIM_MARKER;
        }
        self.pos += 2;
        if trim {
            self.pos += self.rest().len() - self.rest().trim_start_matches(is_space).len();
        }
        self.start = self.pos;
    }

    fn right_delim(&mut self, trim: bool) {
        if trim {
            self.start += TRIM_MARKER;
        }
        self.tokens.push(Token { kind: Kind::RightDelim, pos: self.start, text: "}}".into() });
        self.after_right_delim(trim);
    }

    /// One token inside an action; true at its end.
    fn inside(&mut self) -> Result<bool, Stop> {
        if let Some(trim) = self.at_right_delim() {
            if self.parens != 0 {
                return self.error("unclosed left paren");
            }
            self.right_delim(trim);
            return Ok(true);
        }
        let Some(c) = self.next() else { return self.error("unclosed action") };
        match c {
            c if is_space(c) => {
                while self.peek().is_some_and(is_space) {
                    // The last space may belong to the closing delimiter.
                    if self.at_right_delim().is_some() {
                        break;
                    }
                    self.next();
                }
                self.emit(Kind::Space);
            }
            '=' => self.emit(Kind::Assign),
            ':' => {
                if self.next() != Some('=') {
                    return self.error("expected :=");
                }
                self.emit(Kind::Declare);
            }
            '|' => self.emit(Kind::Pipe),
            '"' => {
                self.quoted('"', "unterminated quoted string")?;
                self.emit(Kind::String);
            }
            '\'' => {
                self.quoted('\'', "unterminated character constant")?;
                self.emit(Kind::CharConstant);
            }
            '`' => {
                let Some(x) = self.rest().find('`') else {
                    return self.error("unterminated raw quoted string");
                };
                self.pos += x + 1;
                self.emit(Kind::RawString);
            }
            '$' => self.field_or_variable(Kind::Variable, Kind::Variable)?,
            '.' if self.peek().is_some_and(|c| !c.is_ascii_digit()) => {
                self.field_or_variable(Kind::Field, Kind::Dot)?;
            }
            '.' | '+' | '-' | '0'..='9' => {
                self.pos = self.start;
                self.number()?;
            }
            c if is_alphanumeric(c) => self.identifier()?,
            '(' => {
                self.parens += 1;
                self.emit(Kind::LeftParen);
            }
            ')' => {
                self.parens -= 1;
                if self.parens < 0 {
                    return self.error("unexpected right paren");
                }
                self.emit(Kind::RightParen);
            }
            ' '..='~' => self.emit(Kind::Char),
            c => return self.error(format!("unrecognized character in action: {}", unicode(Some(c)))),
        }
        Ok(false)
    }

    fn quoted(&mut self, delimiter: char, message: &str) -> Result<(), Stop> {
        loop {
            match self.next() {
                Some('\\') if self.peek().is_some_and(|c| c != '\n') => {
                    self.next();
                }
                None | Some('\n' | '\\') => return self.error(message),
                Some(c) if c == delimiter => return Ok(()),
                Some(_) => {}
            }
        }
    }

    fn at_terminator(&self) -> bool {
        match self.peek() {
            None | Some('.' | ',' | '|' | ':' | ')' | '(') => true,
            Some(c) => is_space(c) || self.rest().starts_with("}}"),
        }
    }

    fn word(&mut self) -> Result<(), Stop> {
        while self.peek().is_some_and(is_alphanumeric) {
            self.next();
        }
        if self.at_terminator() {
            Ok(())
        } else {
            self.error(format!("bad character {}", unicode(self.peek())))
        }
    }

    fn field_or_variable(&mut self, kind: Kind, bare: Kind) -> Result<(), Stop> {
        if self.at_terminator() {
            self.emit(bare);
            return Ok(());
        }
        self.word()?;
        self.emit(kind);
        Ok(())
    }

    fn identifier(&mut self) -> Result<(), Stop> {
        self.word()?;
        let word = &self.input[self.start..self.pos];
        let kind = match word {
            "true" | "false" => Kind::Bool,
            word => Kind::keyword(word).unwrap_or(Kind::Identifier),
        };
        self.emit(kind);
        Ok(())
    }

    fn number(&mut self) -> Result<(), Stop> {
        let mut valid = self.scan_number();
        // A complex number, which the parser then refuses.
        if valid && matches!(self.peek(), Some('+' | '-')) {
            valid = self.scan_number() && self.input[..self.pos].ends_with('i');
        }
        if !valid {
            let text = crate::gostd::strconv::quote(&self.input[self.start..self.pos]);
            return self.error(format!("bad number syntax: {text}"));
        }
        self.emit(Kind::Number);
        Ok(())
    }

    fn accept(&mut self, set: &str) -> bool {
        let found = self.peek().is_some_and(|c| set.contains(c));
        if found {
            self.pos += 1;
        }
        found
    }

    fn scan_number(&mut self) -> bool {
        self.accept("+-");
        let mut digits = "0123456789_";
        if self.accept("0") {
            if self.accept("xX") {
                digits = "0123456789abcdefABCDEF_";
            } else if self.accept("oO") {
                digits = "01234567_";
            } else if self.accept("bB") {
                digits = "01_";
            }
        }
        while self.accept(digits) {}
        if self.accept(".") {
            while self.accept(digits) {}
        }
        let exponent = match digits.len() {
            11 => "eE",
            23 => "pP",
            _ => "",
        };
        if self.accept(exponent) {
            self.accept("+-");
            while self.accept("0123456789_") {}
        }
        self.accept("i");
        if self.peek().is_some_and(is_alphanumeric) {
            self.next();
            return false;
        }
        true
    }
}

fn has_left_trim_marker(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next() == Some('-') && chars.next().is_some_and(is_space)
}

/// Go's `%#U`: `U+00E9 'é'`.
fn unicode(c: Option<char>) -> String {
    match c {
        // Go's lexer reads -1 at the end.
        None => "U+FFFFFFFFFFFFFFFF".to_string(),
        Some(c) if crate::gostd::strconv::is_print(c) => format!("U+{:04X} '{c}'", u32::from(c)),
        Some(c) => format!("U+{:04X}", u32::from(c)),
    }
}
