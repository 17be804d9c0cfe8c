//! Go's `fmt.Sprintf`.

use std::sync::Arc;

use super::print::{self, ADDRESS, check};
use super::value::Value;
use crate::gostd::strconv::{format_float, is_print, quote, quote_rune, quote_to_ascii};
use crate::gostd::time::{self, Moment};

/// The largest width, precision or index that Go reads.
const MAX_NUMBER: i64 = 1_000_000;

#[derive(Clone, Copy, Default)]
struct Flags {
    sharp: bool,
    zero: bool,
    plus: bool,
    minus: bool,
    space: bool,
    /// `%+v` and `%#v`, which have their own meaning.
    plus_v: bool,
    sharp_v: bool,
    width: Option<usize>,
    precision: Option<usize>,
}

/// Formats; a text longer than `limit` bytes is an error.
pub fn sprintf(format: &str, args: &[Value], limit: usize) -> Result<String, String> {
    let mut p = Printer { out: String::new(), flags: Flags::default(), erring: false };
    let mut directives = Directives { format, at: 0, args, next: 0, reordered: false, good_index: true };
    while let Some(x) = format[directives.at..].find('%') {
        p.out.push_str(&format[directives.at..directives.at + x]);
        directives.at += x + 1;
        directives.one(&mut p);
        check(&p.out, limit)?;
    }
    p.out.push_str(&format[directives.at..]);
    let rest = args.get(directives.next..).unwrap_or_default();
    if !directives.reordered && !rest.is_empty() {
        p.flags = Flags::default();
        p.out.push_str("%!(EXTRA ");
        for (i, arg) in rest.iter().enumerate() {
            if i > 0 {
                p.out.push_str(", ");
            }
            p.typed(arg);
            check(&p.out, limit)?;
        }
        p.out.push(')');
    }
    Ok(p.out)
}

/// Reads the directives of a format.
struct Directives<'a> {
    format: &'a str,
    at: usize,
    args: &'a [Value],
    next: usize,
    /// An index like `[2]` was used: extra arguments are then no error.
    reordered: bool,
    good_index: bool,
}

impl Directives<'_> {
    fn peek(&self) -> Option<char> {
        self.format[self.at..].chars().next()
    }

    /// One directive, after its percent sign.
    fn one(&mut self, p: &mut Printer) {
        p.flags = Flags::default();
        self.good_index = true;
        while let Some(c) = self.peek() {
            match c {
                '#' => p.flags.sharp = true,
                '0' => p.flags.zero = true,
                '+' => p.flags.plus = true,
                '-' => p.flags.minus = true,
                ' ' => p.flags.space = true,
                _ => break,
            }
            self.at += 1;
        }
        let mut after_index = self.index();
        if self.peek() == Some('*') {
            self.at += 1;
            match self.int_argument() {
                Some(width) => {
                    p.flags.minus |= width < 0;
                    p.flags.width = usize::try_from(width.unsigned_abs()).ok();
                }
                None => p.out.push_str("%!(BADWIDTH)"),
            }
            after_index = false;
        } else if let Some(width) = self.number() {
            p.flags.width = Some(width);
            self.good_index &= !after_index;
        }
        if self.peek() == Some('.') {
            self.at += 1;
            self.good_index &= !after_index;
            after_index = self.index();
            if self.peek() == Some('*') {
                self.at += 1;
                let precision = self.int_argument().and_then(|n| usize::try_from(n).ok());
                if precision.is_none() {
                    p.out.push_str("%!(BADPREC)");
                }
                p.flags.precision = precision;
                after_index = false;
            } else {
                p.flags.precision = Some(self.number().unwrap_or(0));
            }
        }
        if !after_index {
            self.index();
        }
        let Some(verb) = self.peek() else {
            p.out.push_str("%!(NOVERB)");
            return;
        };
        self.at += verb.len_utf8();
        if verb == '%' {
            p.out.push('%');
        } else if !self.good_index {
            p.out.push_str(&format!("%!{verb}(BADINDEX)"));
        } else if let Some(arg) = self.args.get(self.next) {
            self.next += 1;
            if matches!(verb, 'v' | 'w') {
                p.flags.sharp_v = std::mem::take(&mut p.flags.sharp);
                p.flags.plus_v = std::mem::take(&mut p.flags.plus);
            }
            p.arg(arg, verb, 0);
        } else {
            p.out.push_str(&format!("%!{verb}(MISSING)"));
        }
    }

    fn number(&mut self) -> Option<usize> {
        let text = &self.format[self.at..];
        let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let number = text[..digits].parse::<i64>().ok().filter(|n| *n <= MAX_NUMBER)?;
        self.at += digits;
        usize::try_from(number).ok()
    }

    /// `[3]`: whether there was one.
    fn index(&mut self) -> bool {
        let Some(body) = self.format[self.at..].strip_prefix('[') else { return false };
        self.reordered = true;
        let Some((digits, _)) = body.split_once(']') else {
            self.good_index = false;
            self.at += 1;
            return false;
        };
        self.at += digits.len() + 2;
        let index = digits.parse::<usize>().ok().and_then(|n| n.checked_sub(1));
        match index.filter(|i| *i < self.args.len()) {
            Some(index) => self.next = index,
            None => self.good_index = false,
        }
        index.is_some()
    }

    fn int_argument(&mut self) -> Option<i64> {
        let value = match self.args.get(self.next)? {
            Value::Int(n) | Value::Duration { nanoseconds: n, is_pointer: false } => {
                Some(*n).filter(|n| n.abs() <= MAX_NUMBER)
            }
            Value::Byte(b) => Some(i64::from(*b)),
            Value::Month(n) | Value::Weekday(n) => Some(i64::from(*n)),
            _ => None,
        };
        self.next += 1;
        value
    }
}

struct Printer {
    out: String,
    flags: Flags,
    /// Inside the text of an error, where `String()` methods are not called.
    erring: bool,
}

impl Printer {
    /// `type=value`, as in error texts.
    fn typed(&mut self, arg: &Value) {
        if let Value::Nil = arg {
            self.out.push_str("<nil>");
            return;
        }
        self.out.push_str(&arg.type_name());
        self.out.push('=');
        self.arg(arg, 'v', 0);
    }

    fn bad_verb(&mut self, arg: &Value, verb: char) {
        self.out.push_str(&format!("%!{verb}("));
        let outer = std::mem::replace(&mut self.erring, true);
        self.typed(arg);
        self.erring = outer;
        self.out.push(')');
    }

    fn arg(&mut self, arg: &Value, verb: char, depth: usize) {
        if verb == 'w' {
            return self.bad_verb(arg, verb);
        }
        if verb == 'T' && matches!(arg, Value::Nil) {
            return self.pad("<nil>");
        }
        if verb == 'T' {
            return self.string(&arg.type_name(), 's');
        }
        if matches!(verb, 'v' | 's' | 'x' | 'X' | 'q')
            && !self.flags.sharp_v
            && !self.erring
            && let Some(text) = print::stringer(arg)
        {
            return self.string(&text, verb);
        }
        match arg {
            Value::Nil => match verb {
                'v' => self.pad("<nil>"),
                _ => self.bad_verb(arg, verb),
            },
            Value::Bool(b) if matches!(verb, 't' | 'v') => self.pad(if *b { "true" } else { "false" }),
            Value::Int(i) => self.integer(arg, i128::from(*i), verb),
            Value::Duration { nanoseconds, .. } => self.integer(arg, i128::from(*nanoseconds), verb),
            Value::Month(n) | Value::Weekday(n) => self.integer(arg, i128::from(*n), verb),
            Value::Byte(b) if verb == 'v' && self.flags.sharp_v => self.out.push_str(&format!("{b:#x}")),
            Value::Byte(b) => self.integer(arg, i128::from(*b), verb),
            Value::Uint(u) => self.integer(arg, i128::from(*u), verb),
            Value::Float(f) => self.float(arg, *f, verb),
            Value::Str(_, s) if matches!(verb, 'v' | 's' | 'x' | 'X' | 'q') => {
                self.string(s, if verb == 'v' && self.flags.sharp_v { 'q' } else { verb });
            }
            Value::StringMap(map) => {
                let entries = map.iter().map(|(k, v)| (k.clone(), Value::string(v.clone())));
                self.map(arg, entries, verb, depth);
            }
            Value::AnyMap(map) => self.map(arg, map.iter().map(|(k, v)| (k.clone(), v.clone())), verb, depth),
            Value::List(_, items) => self.list(arg, items, verb, depth),
            Value::Struct(t, _) if t.is_pointer && depth > 0 => self.out.push_str(ADDRESS),
            Value::Struct(t, fields) => {
                if t.is_pointer {
                    self.out.push('&');
                }
                if self.flags.sharp_v {
                    self.out.push_str(t.name);
                }
                self.out.push('{');
                for (i, (name, field)) in t.fields.iter().zip(fields.iter()).enumerate() {
                    if i > 0 {
                        self.out.push_str(if self.flags.sharp_v { ", " } else { " " });
                    }
                    if self.flags.plus_v || self.flags.sharp_v {
                        self.out.push_str(name);
                        self.out.push(':');
                    }
                    self.arg(field, verb, depth + 1);
                }
                self.out.push('}');
            }
            Value::Time { at, .. } if verb == 'v' && self.flags.sharp_v => self.out.push_str(&go_time(at)),
            // Only `%#v` and errors come here: what it shows of Go's insides is not worth having.
            _ if verb == 'v' => self.out.push_str(&print::stringer(arg).unwrap_or_default()),
            _ => self.bad_verb(arg, verb),
        }
    }

    fn map(
        &mut self,
        arg: &Value,
        entries: impl Iterator<Item = (Arc<str>, Value)>,
        verb: char,
        depth: usize,
    ) {
        let (open, between, close) = if self.flags.sharp_v { ("{", ", ", "}") } else { ("[", " ", "]") };
        self.out.push_str(&if self.flags.sharp_v { arg.type_name() } else { "map".to_string() });
        self.out.push_str(open);
        for (i, (name, value)) in entries.enumerate() {
            if i > 0 {
                self.out.push_str(between);
            }
            self.arg(&Value::string(name), verb, depth + 1);
            self.out.push(':');
            self.arg(&value, verb, depth + 1);
        }
        self.out.push_str(close);
    }

    fn list(&mut self, arg: &Value, items: &[Value], verb: char, depth: usize) {
        let (open, between, close) = if self.flags.sharp_v { ("{", ", ", "}") } else { ("[", " ", "]") };
        if self.flags.sharp_v {
            self.out.push_str(&arg.type_name());
        }
        self.out.push_str(open);
        for (i, item) in items.iter().enumerate() {
            if i > 0 {
                self.out.push_str(between);
            }
            self.arg(item, verb, depth + 1);
        }
        self.out.push_str(close);
    }

    /// Pads to the width, which counts characters.
    fn pad(&mut self, text: &str) {
        let missing = self.flags.width.unwrap_or(0).saturating_sub(text.chars().count());
        if self.flags.minus {
            self.out.push_str(text);
            self.out.extend(std::iter::repeat_n(' ', missing));
        } else {
            self.out.extend(std::iter::repeat_n(if self.flags.zero { '0' } else { ' ' }, missing));
            self.out.push_str(text);
        }
    }

    fn string(&mut self, text: &str, verb: char) {
        let text = match self.flags.precision {
            Some(n) if !matches!(verb, 'x' | 'X') => {
                text.char_indices().nth(n).map_or(text, |(at, _)| &text[..at])
            }
            _ => text,
        };
        match verb {
            'q' if self.flags.sharp
                && !text.contains(['`', '\r', '\u{7f}', '\u{feff}'])
                && !has_control(text) =>
            {
                self.pad(&format!("`{text}`"));
            }
            'q' if self.flags.plus => self.pad(&quote_to_ascii(text)),
            'q' => self.pad(&quote(text)),
            'x' | 'X' => self.hex(text.as_bytes(), verb),
            _ => self.pad(text),
        }
    }

    fn hex(&mut self, bytes: &[u8], verb: char) {
        let bytes = &bytes[..self.flags.precision.unwrap_or(bytes.len()).min(bytes.len())];
        let prefix = match (self.flags.sharp, verb) {
            (false, _) => "",
            (true, 'x') => "0x",
            (true, _) => "0X",
        };
        let digits = |b: &u8| if verb == 'x' { format!("{b:02x}") } else { format!("{b:02X}") };
        let text = if self.flags.space {
            bytes.iter().map(|b| format!("{prefix}{}", digits(b))).collect::<Vec<_>>().join(" ")
        } else if bytes.is_empty() {
            String::new()
        } else {
            format!("{prefix}{}", bytes.iter().map(digits).collect::<String>())
        };
        self.pad(&text);
    }

    fn integer(&mut self, arg: &Value, value: i128, verb: char) {
        let magnitude = value.unsigned_abs();
        let character = || u32::try_from(value).ok().and_then(char::from_u32).unwrap_or('\u{fffd}');
        let (mut digits, prefix) = match verb {
            'v' | 'd' => (magnitude.to_string(), ""),
            'b' => (format!("{magnitude:b}"), "0b"),
            'o' => (format!("{magnitude:o}"), "0"),
            'O' => (format!("{magnitude:o}"), "0o"),
            'x' => (format!("{magnitude:x}"), "0x"),
            'X' => (format!("{magnitude:X}"), "0X"),
            'c' => return self.pad(&character().to_string()),
            'q' => return self.pad(&quote_rune(character())),
            'U' => {
                let digits = self.flags.precision.unwrap_or(0).max(4);
                // A negative number shows its 64 bits.
                let hex = format!("{:X}", value as u64);
                let mut text = format!("U+{}{hex}", "0".repeat(digits.saturating_sub(hex.len())));
                if self.flags.sharp && is_print(character()) {
                    text.push_str(&format!(" '{}'", character()));
                }
                return self.pad_spaces(&text);
            }
            _ => return self.bad_verb(arg, verb),
        };
        let signed = value < 0 || self.flags.plus || self.flags.space;
        let least = match (self.flags.precision, self.flags.width) {
            (Some(0), _) if value == 0 => {
                return self.pad_spaces("");
            }
            (Some(precision), _) => precision,
            (None, Some(width)) if self.flags.zero && !self.flags.minus => {
                width - usize::from(signed).min(width)
            }
            _ => 0,
        };
        if digits.len() < least {
            digits.insert_str(0, &"0".repeat(least - digits.len()));
        }
        if verb == 'O' || self.flags.sharp && !(verb == 'o' && digits.starts_with('0')) {
            digits.insert_str(0, prefix);
        }
        let sign = match (value < 0, self.flags.plus, self.flags.space) {
            (true, ..) => "-",
            (_, true, _) => "+",
            (_, _, true) => " ",
            _ => "",
        };
        self.pad_spaces(&format!("{sign}{digits}"));
    }

    /// Pads a number whose zeros are already in place.
    fn pad_spaces(&mut self, text: &str) {
        let zero = std::mem::take(&mut self.flags.zero);
        self.pad(text);
        self.flags.zero = zero;
    }

    fn float(&mut self, arg: &Value, value: f64, verb: char) {
        let (letter, precision) = match verb {
            'v' => ('g', self.flags.precision),
            'g' | 'G' => (verb, self.flags.precision),
            'e' | 'E' => (verb, self.flags.precision.or(Some(6))),
            'f' | 'F' => ('f', self.flags.precision.or(Some(6))),
            _ => return self.bad_verb(arg, verb),
        };
        let text = format_float(value, letter, precision);
        let (sign, digits) = match text.strip_prefix(['-', '+']) {
            Some(digits) => (&text[..1], digits),
            None => ("+", text.as_str()),
        };
        let sign = if self.flags.space && sign == "+" && !self.flags.plus { " " } else { sign };
        if !value.is_finite() {
            let bare = value.is_nan() && !self.flags.space && !self.flags.plus;
            return self.pad_spaces(&format!("{}{digits}", if bare { "" } else { sign }));
        }
        if !self.flags.plus && sign == "+" {
            return self.pad(digits);
        }
        let width = self.flags.width.unwrap_or(0);
        if self.flags.zero && !self.flags.minus && width > digits.len() + 1 {
            self.out.push_str(sign);
            self.out.extend(std::iter::repeat_n('0', width - digits.len() - 1));
            self.out.push_str(digits);
        } else {
            self.pad(&format!("{sign}{digits}"));
        }
    }
}

/// Go's `Time.GoString()`.
fn go_time(at: &Moment) -> String {
    let month = time::format(at, "January");
    let (year, day, hour, minute, second) = (at.year(), at.day(), at.hour(), at.minute(), at.second());
    let nanosecond = at.subsec_nanosecond();
    format!("time.Date({year}, time.{month}, {day}, {hour}, {minute}, {second}, {nanosecond}, time.UTC)")
}

fn has_control(text: &str) -> bool {
    text.chars().any(|c| c < ' ' && c != '\t')
}
