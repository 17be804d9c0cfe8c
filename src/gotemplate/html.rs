//! Output with the escaping of Go's html/template, as far as e-mails need it: text, titles, quoted attributes, URLs and
//! values of styles.
//!
//! Comments are dropped. A value in a script, an unquoted attribute or a tag's name is refused.

use super::ast::{OperandKind, Pipe};
use super::print;
use super::value::{StringType, Value};

/// Where in the document the output stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Text,
    Comment,
    /// After `<`: the name of a tag.
    TagName,
    /// Between attributes.
    Tag,
    AttributeName,
    /// After the `=`.
    BeforeValue,
    Value {
        quote: u8,
        kind: Attribute,
    },
    /// Inside a title or textarea, up to its end tag.
    Title,
    Style,
    /// Inside a script.
    Code,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Attribute {
    Plain,
    /// A URL before anything was written, in its path, or after `?` or `#`.
    Url(Part),
    Style,
    /// An event handler.
    Code,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Start,
    Path,
    Query,
}

/// Writes a document, following the state of its HTML.
#[derive(Default)]
pub struct HtmlWriter {
    out: String,
    state: State,
    /// The name of the tag or attribute being read, in lower case.
    name: String,
    tag: String,
}

impl HtmlWriter {
    /// The document.
    pub fn finish(self) -> String {
        self.out
    }

    /// Its length in bytes.
    pub fn len(&self) -> usize {
        self.out.len()
    }

    /// Text of the template itself, which is markup.
    pub fn template_text(&mut self, text: &str) {
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let width = self.markup(c, rest);
            rest = &rest[width..];
        }
    }

    /// One character of markup, or more; returns the width of what was read.
    fn markup(&mut self, c: char, rest: &str) -> usize {
        match self.state {
            State::Comment => {
                if rest.starts_with("-->") {
                    self.state = State::Text;
                    return 3;
                }
                return c.len_utf8();
            }
            State::Text if rest.starts_with("<!--") => {
                self.state = State::Comment;
                return 4;
            }
            State::Text if c == '<' => {
                let after = rest[1..].trim_start_matches('/');
                let doctype = rest.get(..9).is_some_and(|t| t.eq_ignore_ascii_case("<!doctype"));
                if after.starts_with(|c: char| c.is_ascii_alphabetic()) {
                    self.state = State::TagName;
                    self.name.clear();
                } else if !doctype {
                    self.out.push_str("&lt;");
                    return 1;
                }
            }
            State::Title | State::Style | State::Code if c == '<' && self.ends_element(rest) => {
                self.state = State::TagName;
                self.name.clear();
            }
            State::TagName => match c {
                c if c.is_whitespace() || c == '>' => {
                    self.tag = std::mem::take(&mut self.name);
                    self.in_tag(c);
                }
                c => self.name.push(c.to_ascii_lowercase()),
            },
            State::Tag => self.in_tag(c),
            State::AttributeName => match c {
                '=' => self.state = State::BeforeValue,
                '>' => self.in_tag(c),
                c if c.is_whitespace() => self.state = State::Tag,
                c => self.name.push(c.to_ascii_lowercase()),
            },
            State::BeforeValue => match c {
                '"' | '\'' => self.state = State::Value { quote: c as u8, kind: attribute(&self.name) },
                c if c.is_whitespace() => {}
                '>' => self.in_tag(c),
                _ => self.state = State::Value { quote: b' ', kind: attribute(&self.name) },
            },
            State::Value { quote, kind } => {
                let ends = if quote == b' ' { c.is_whitespace() || c == '>' } else { c == char::from(quote) };
                if ends {
                    self.state = State::Tag;
                    if c == '>' {
                        self.in_tag(c);
                    }
                } else if let Attribute::Url(part) = kind {
                    let part = match (part, c) {
                        (_, '?' | '#') | (Part::Query, _) => Part::Query,
                        (Part::Start, c) if c.is_whitespace() => Part::Start,
                        _ => Part::Path,
                    };
                    self.state = State::Value { quote, kind: Attribute::Url(part) };
                }
            }
            State::Text | State::Title | State::Style | State::Code => {}
        }
        self.out.push(c);
        c.len_utf8()
    }

    fn in_tag(&mut self, c: char) {
        self.state = match c {
            '>' => match self.tag.as_str() {
                "title" | "textarea" => State::Title,
                "style" => State::Style,
                "script" => State::Code,
                _ => State::Text,
            },
            c if c.is_whitespace() || c == '/' => State::Tag,
            c => {
                self.name.clear();
                self.name.push(c.to_ascii_lowercase());
                State::AttributeName
            }
        };
    }

    fn ends_element(&self, rest: &str) -> bool {
        let name = rest.strip_prefix("</").and_then(|r| r.get(..self.tag.len()));
        name.is_some_and(|n| n.eq_ignore_ascii_case(&self.tag))
    }

    /// A value of an action, escaped for where it stands.
    pub fn value(&mut self, value: &Value, pipe: &Pipe) -> Result<(), String> {
        let text = match value {
            Value::Nil => String::new(),
            value => print::output(value),
        };
        let last = pipe.commands.last().and_then(|c| c.args.first()).map(|a| &a.kind);
        let escaper = match last {
            Some(OperandKind::Function(function)) => function.name,
            _ => "",
        };
        let is = |kind: StringType| matches!(value, Value::Str(k, _) if *k == kind);
        let text = match self.state {
            State::Comment => return Ok(()),
            // `| html` at the end is not escaped twice.
            State::Text if is(StringType::Html) || escaper == "html" => text,
            State::Text | State::Title | State::Value { kind: Attribute::Plain, quote: b'"' | b'\'' } => {
                escape(&text)
            }
            State::Value { kind: Attribute::Url(part), quote: b'"' | b'\'' } => {
                let normal = is(StringType::Url);
                escape(&match part {
                    Part::Query if escaper == "urlquery" => text,
                    Part::Query if !normal => url_bytes(&text, false),
                    Part::Start if !normal && !is_safe_url(&text) => "#ZgotmplZ".to_string(),
                    _ => url_bytes(&text, true),
                })
            }
            State::Style => style_value(text),
            State::Value { kind: Attribute::Style, quote: b'"' | b'\'' } => escape(&style_value(text)),
            _ => {
                return Err(
                    "a value cannot be escaped here: only in text, quoted attributes, URLs and styles"
                        .to_string(),
                );
            }
        };
        self.out.push_str(&text);
        Ok(())
    }
}

fn attribute(name: &str) -> Attribute {
    match name {
        "href" | "src" | "action" | "background" | "cite" | "formaction" | "poster" | "longdesc"
        | "usemap" | "profile" | "manifest" | "icon" | "data" | "codebase" | "classid" | "archive"
        | "xmlns" => Attribute::Url(Part::Start),
        "style" => Attribute::Style,
        name if name.starts_with("on") => Attribute::Code,
        _ => Attribute::Plain,
    }
}

/// html/template's escaping, which takes care of `+` too.
fn escape(text: &str) -> String {
    super::builtins::html_escape(text).replace('+', "&#43;")
}

/// Go's `cssValueFilter`: what could end the value or run code is replaced.
fn style_value(text: String) -> String {
    let name: String = text.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect();
    let name = name.to_ascii_lowercase();
    let ends = |c: char| "\0\"'()/;@[\\]`{}<>".contains(c);
    let is_unsafe = text.contains(ends)
        || text.contains("--")
        || name.contains("expression")
        || name.contains("mozbinding");
    if is_unsafe { "ZgotmplZ".to_string() } else { text }
}

/// Go's `urlFilter`: only web and mail links.
fn is_safe_url(text: &str) -> bool {
    match text.split_once(':') {
        Some((scheme, _)) if !scheme.contains('/') => {
            ["http", "https", "mailto"].iter().any(|s| scheme.eq_ignore_ascii_case(s))
        }
        _ => true,
    }
}

/// Go's `processURLOnto`: percent-escapes all but what may stand in a whole URL, or in one part of it.
fn url_bytes(text: &str, whole: bool) -> String {
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(text.len());
    for (i, byte) in bytes.iter().enumerate() {
        let is_escape = || {
            *byte == b'%'
                && bytes.get(i + 1..i + 3).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
        };
        let keeps = byte.is_ascii_alphanumeric()
            || b"-._~".contains(byte)
            || whole && (b"!#$&*+,/:;=?@[]".contains(byte) || is_escape());
        if keeps {
            out.push(char::from(*byte));
        } else {
            out.push_str(&format!("%{byte:02x}"));
        }
    }
    out
}
