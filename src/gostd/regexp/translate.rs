//! Go's regular expression syntax (RE2, `syntax.Perl`) rewritten in the syntax of the `regex` crate.
//!
//! It walks the pattern as Go's `regexp/syntax.Parse` does, so that the same patterns are refused, with the same words.
//! Group names are kept aside: Go allows more of them, and the same one twice.

use super::RegexpError;

/// Deeper groups than this are refused (Go allows 1000; the matcher is built recursively).
const MAX_DEPTH: usize = 200;
/// Go's limit of a repeat count, and of the product of nested ones.
const MAX_REPEAT: u32 = 1000;

/// A translated pattern.
pub struct Translated {
    pub pattern: String,
    /// Names of the groups, the whole match first.
    pub names: Vec<Option<String>>,
}

/// Translates a pattern, or says why Go refuses it.
pub fn translate(pattern: &str) -> Result<Translated, RegexpError> {
    let mut t = Translator {
        pattern,
        at: 0,
        out: String::with_capacity(pattern.len() + 8),
        level: Level::default(),
        outer: Vec::new(),
        names: vec![None],
    };
    t.run()?;
    Ok(Translated { pattern: t.out, names: t.names })
}

/// What a repetition operator would repeat: a range of the output.
#[derive(Clone, Copy)]
struct Atom {
    start: usize,
    end: usize,
    repeated: bool,
    /// The largest product of nested repeat counts in it.
    weight: u32,
}

/// One open group.
#[derive(Default)]
struct Level {
    /// Where the group starts in the output.
    start: usize,
    atom: Option<Atom>,
    weight: u32,
}

struct Translator<'a> {
    pattern: &'a str,
    at: usize,
    out: String,
    level: Level,
    outer: Vec<Level>,
    names: Vec<Option<String>>,
}

type Result<T, E = RegexpError> = std::result::Result<T, E>;

impl<'a> Translator<'a> {
    fn rest(&self) -> &'a str {
        &self.pattern[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn eat(&mut self, prefix: &str) -> bool {
        let found = self.rest().starts_with(prefix);
        if found {
            self.at += prefix.len();
        }
        found
    }

    /// An error about the pattern from `start` to where we are.
    fn error<T>(&self, reason: &'static str, start: usize) -> Result<T> {
        Err(RegexpError { reason, part: self.pattern[start..self.at].to_string(), offset: start })
    }

    /// An error about all of the pattern from `start`.
    fn error_to_end<T>(&self, reason: &'static str, start: usize) -> Result<T> {
        Err(RegexpError { reason, part: self.pattern[start..].to_string(), offset: start })
    }

    fn atom(&mut self, text: &str) {
        let start = self.out.len();
        self.out.push_str(text);
        self.finish_atom(start, 1);
    }

    fn finish_atom(&mut self, start: usize, weight: u32) {
        self.level.weight = self.level.weight.max(weight);
        self.level.atom = Some(Atom { start, end: self.out.len(), repeated: false, weight });
    }

    fn literal(&mut self, c: char) {
        let start = self.out.len();
        push_literal(&mut self.out, c);
        self.finish_atom(start, 1);
    }

    fn run(&mut self) -> Result<()> {
        let mut last_repeat = None;
        while let Some(c) = self.peek() {
            let start = self.at;
            let mut repeat = None;
            match c {
                '(' => self.open()?,
                ')' => self.close()?,
                '|' => {
                    self.at += 1;
                    self.out.push('|');
                    self.level.atom = None;
                }
                '[' => self.class()?,
                '\\' => self.backslash()?,
                '^' | '$' | '.' => {
                    self.at += 1;
                    self.atom(c.encode_utf8(&mut [0; 4]));
                }
                '*' | '+' | '?' => {
                    self.at += 1;
                    self.repeat(start, last_repeat, None)?;
                    repeat = Some(start);
                }
                '{' => match self.counts()? {
                    Some(counts) => {
                        self.repeat(start, last_repeat, Some(counts))?;
                        repeat = Some(start);
                    }
                    None => {
                        self.at += 1;
                        self.literal('{');
                    }
                },
                c => {
                    self.at += c.len_utf8();
                    self.literal(c);
                }
            }
            // Go gives up the whole run of operators: `a*?+` is named `*?+`.
            last_repeat = repeat.map(|start| last_repeat.unwrap_or(start));
        }
        if self.outer.is_empty() { Ok(()) } else { self.error_to_end("missing closing )", 0) }
    }

    fn open(&mut self) -> Result<()> {
        let start = self.at;
        self.at += 1;
        let out_start = self.out.len();
        if self.eat("?") {
            let named = self.eat("P<") || self.eat("<");
            if named {
                self.group_name(start)?;
                self.out.push('(');
            } else if !self.flags(start)? {
                return Ok(());
            }
        } else {
            self.names.push(None);
            self.out.push('(');
        }
        if self.outer.len() >= MAX_DEPTH {
            return self.error_to_end("expression nests too deeply", 0);
        }
        let inner = Level { start: out_start, ..Level::default() };
        self.outer.push(std::mem::replace(&mut self.level, inner));
        Ok(())
    }

    fn group_name(&mut self, start: usize) -> Result<()> {
        let Some(length) = self.rest().find('>') else {
            return self.error_to_end("invalid named capture", start);
        };
        let name = &self.rest()[..length];
        self.at += length + 1;
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            return self.error("invalid named capture", start);
        }
        self.names.push(Some(name.to_string()));
        Ok(())
    }

    /// What follows `(?`: true if a group is open, false if flags were set for the rest of this one.
    fn flags(&mut self, start: usize) -> Result<bool> {
        let from = self.at;
        let (mut negative, mut any) = (false, false);
        while let Some(c) = self.next() {
            match c {
                'i' | 'm' | 's' | 'U' => any = true,
                '-' if !negative => (negative, any) = (true, false),
                ':' | ')' if any || !negative => {
                    if any || c == ':' {
                        self.out.push_str("(?");
                        self.out.push_str(&self.pattern[from..self.at]);
                    }
                    return Ok(c == ':');
                }
                _ => break,
            }
        }
        self.error("invalid or unsupported Perl syntax", start)
    }

    fn close(&mut self) -> Result<()> {
        let Some(outer) = self.outer.pop() else {
            return self.error_to_end("unexpected )", 0);
        };
        self.at += 1;
        self.out.push(')');
        let inner = std::mem::replace(&mut self.level, outer);
        self.finish_atom(inner.start, inner.weight.max(1));
        Ok(())
    }

    /// `{n}`, `{n,}` or `{n,m}`; anything else is a literal brace.
    fn counts(&mut self) -> Result<Option<(u32, Option<u32>)>> {
        let start = self.at;
        let Some((inside, _)) = self.rest()[1..].split_once('}') else { return Ok(None) };
        let (low, high) = match inside.split_once(',') {
            None => (inside, Some(inside)),
            Some((low, "")) => (low, None),
            Some((low, high)) => (low, Some(high)),
        };
        let is_number = |t: &str| {
            !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit()) && (t.len() == 1 || !t.starts_with('0'))
        };
        if !is_number(low) || !high.is_none_or(is_number) {
            return Ok(None);
        }
        self.at += inside.len() + 2;
        let number = |t: &str| t.parse().ok().filter(|n| *n <= MAX_REPEAT);
        match (number(low), high.map(number)) {
            (Some(low), None) => Ok(Some((low, None))),
            (Some(low), Some(Some(high))) if low <= high => Ok(Some((low, Some(high)))),
            _ => self.error("invalid repeat count", start),
        }
    }

    /// Repeats the last atom by the operator from `start` to here (and a `?` after it).
    fn repeat(
        &mut self,
        start: usize,
        last_repeat: Option<usize>,
        counts: Option<(u32, Option<u32>)>,
    ) -> Result<()> {
        self.eat("?");
        if let Some(first) = last_repeat {
            return self.error("invalid nested repetition operator", first);
        }
        let Some(mut atom) = self.level.atom else {
            return self.error("missing argument to repetition operator", start);
        };
        if let Some((low, high)) = counts {
            let count = high.unwrap_or(low).max(1);
            atom.weight = atom.weight.saturating_mul(count);
            if (low >= 2 || high.is_some_and(|h| h >= 2)) && atom.weight > MAX_REPEAT {
                return self.error("invalid repeat count", start);
            }
        }
        if atom.repeated {
            self.out.insert(atom.end, ')');
            self.out.insert_str(atom.start, "(?:");
            atom.end += 4;
        }
        // Flags may stand between the atom and its operator: `a(?i)*` repeats the a.
        let operator = &self.pattern[start..self.at];
        self.out.insert_str(atom.end, operator);
        atom.end += operator.len();
        atom.repeated = true;
        self.level.weight = self.level.weight.max(atom.weight);
        self.level.atom = Some(atom);
        Ok(())
    }

    fn backslash(&mut self) -> Result<()> {
        let start = self.at;
        if self.eat(r"\Q") {
            let rest = self.rest();
            let (text, consumed) = match rest.find(r"\E") {
                Some(at) => (&rest[..at], at + 2),
                None => (rest, rest.len()),
            };
            for c in text.chars() {
                self.literal(c);
            }
            self.at += consumed;
            return Ok(());
        }
        if self.eat(r"\C") {
            return self.error("invalid escape sequence", start);
        }
        for (escape, text) in [(r"\A", r"\A"), (r"\z", r"\z"), (r"\b", r"(?-u:\b)"), (r"\B", r"(?-u:\B)")] {
            if self.eat(escape) {
                self.atom(text);
                return Ok(());
            }
        }
        let out_start = self.out.len();
        if self.named_class()? {
            self.finish_atom(out_start, 1);
        } else {
            let c = self.escape()?;
            self.literal(c);
        }
        Ok(())
    }

    /// `\d`, `\pL`, `\p{Greek}` and the like: written as a class in brackets, which may also stand inside one.
    fn named_class(&mut self) -> Result<bool> {
        let start = self.at;
        let mut chars = self.rest().chars();
        if chars.next() != Some('\\') {
            return Ok(false);
        }
        let perl = match chars.next() {
            Some('d') => "[0-9]",
            Some('D') => "[^0-9]",
            Some('s') => r"[\t\n\x0C\r ]",
            Some('S') => r"[^\t\n\x0C\r ]",
            Some('w') => "[0-9A-Za-z_]",
            Some('W') => "[^0-9A-Za-z_]",
            Some(p @ ('p' | 'P')) => {
                self.at += 2;
                self.unicode_class(start, p == 'P')?;
                return Ok(true);
            }
            _ => return Ok(false),
        };
        self.at += 2;
        self.out.push_str(perl);
        Ok(true)
    }

    fn unicode_class(&mut self, start: usize, mut negative: bool) -> Result<()> {
        let name = match self.next() {
            Some('{') => {
                let Some(length) = self.rest().find('}') else {
                    return self.error_to_end("invalid character class range", start);
                };
                let name = &self.rest()[..length];
                self.at += length + 1;
                name
            }
            Some(c) => &self.pattern[self.at - c.len_utf8()..self.at],
            None => "",
        };
        let bare = name.strip_prefix('^');
        negative ^= bare.is_some();
        let name = bare.unwrap_or(name);
        let plain = !name.is_empty()
            && name.bytes().all(|b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'-' | b' '));
        let class = format!(r"\{}{{{name}}}", if negative { 'P' } else { 'p' });
        // The crate has the same tables; asking it is the only way to know a name.
        if !plain || regex::Regex::new(&class).is_err() {
            return self.error("invalid character class range", start);
        }
        self.out.push_str(&class);
        Ok(())
    }

    /// A backslash and what follows it, where that is one character.
    fn escape(&mut self) -> Result<char> {
        let start = self.at;
        self.at += 1;
        let Some(c) = self.next() else {
            return self.error_to_end("trailing backslash at end of expression", self.pattern.len());
        };
        let octal = |c: Option<char>| c.and_then(|c| c.to_digit(8));
        let found = match c {
            'a' => Some('\x07'),
            'f' => Some('\x0c'),
            'n' => Some('\n'),
            'r' => Some('\r'),
            't' => Some('\t'),
            'v' => Some('\x0b'),
            // A single digit but zero would be a back-reference.
            '1'..='7' if octal(self.peek()).is_none() => None,
            '0'..='7' => {
                let mut code = u32::from(c) - u32::from('0');
                for _ in 0..2 {
                    let Some(digit) = octal(self.peek()) else { break };
                    self.at += 1;
                    code = code * 8 + digit;
                }
                char::from_u32(code)
            }
            'x' => self.hex_code().and_then(char::from_u32),
            c if c.is_ascii() && !c.is_ascii_alphanumeric() => Some(c),
            _ => None,
        };
        match found {
            Some(c) => Ok(c),
            None => self.error("invalid escape sequence", start),
        }
    }

    /// After `\x`: two digits, or any number of them in braces.
    fn hex_code(&mut self) -> Option<u32> {
        let first = self.next()?;
        if first != '{' {
            let second = self.next()?;
            return Some(first.to_digit(16)? * 16 + second.to_digit(16)?);
        }
        let mut code = 0u32;
        let mut any = false;
        loop {
            match self.next()? {
                '}' => return any.then_some(code),
                c => code = code * 16 + c.to_digit(16)?,
            }
            any = true;
            if code > u32::from(char::MAX) {
                return None;
            }
        }
    }

    /// `[…]`.
    fn class(&mut self) -> Result<()> {
        let start = self.at;
        let out_start = self.out.len();
        self.at += 1;
        self.out.push('[');
        if self.eat("^") {
            self.out.push('^');
        }
        let mut first = true;
        while first || self.peek() != Some(']') {
            first = false;
            if self.rest().starts_with("[:") && self.posix_class()? || self.named_class()? {
                continue;
            }
            let item = self.at;
            let low = self.class_char(start)?;
            let mut high = low;
            // In `[a-]` the dash is itself.
            if self.rest().starts_with('-') && self.rest().len() > 1 && !self.rest().starts_with("-]") {
                self.at += 1;
                high = self.class_char(start)?;
                if high < low {
                    return self.error("invalid character class range", item);
                }
            }
            push_literal(&mut self.out, low);
            if high != low {
                self.out.push('-');
                push_literal(&mut self.out, high);
            }
        }
        self.at += 1;
        self.out.push(']');
        self.finish_atom(out_start, 1);
        Ok(())
    }

    fn class_char(&mut self, class_start: usize) -> Result<char> {
        match self.peek() {
            None => self.error_to_end("missing closing ]", class_start),
            Some('\\') => self.escape(),
            Some(c) => {
                self.at += c.len_utf8();
                Ok(c)
            }
        }
    }

    /// `[:alpha:]` inside brackets; without its end the bracket is a literal.
    fn posix_class(&mut self) -> Result<bool> {
        const NAMES: [&str; 14] = [
            "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct",
            "space", "upper", "word", "xdigit",
        ];
        let start = self.at;
        let Some(length) = self.rest()[2..].find(":]") else { return Ok(false) };
        let name = &self.rest()[2..2 + length];
        self.at += length + 4;
        if !NAMES.contains(&name.strip_prefix('^').unwrap_or(name)) {
            return self.error("invalid character class range", start);
        }
        self.out.push_str(&self.pattern[start..self.at]);
        Ok(true)
    }
}

fn push_literal(out: &mut String, c: char) {
    if r"\.+*?()|[]{}^$#&-~".contains(c) {
        out.push('\\');
    }
    out.push(c);
}
