//! Go's `regexp` (RE2 syntax) on top of the `regex` crate: same patterns, same matches, same error texts.
//!
//! The two dialects differ in some forty corners (a literal `{`, `[[x]`, `\Q…\E`, ASCII `\d`, …), so every pattern
//! is translated first (see `translate`).

mod expand;
mod translate;

use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt;

use regex::RegexBuilder;

/// The largest compiled program, in bytes. Prometheus has no such limit but its own memory.
const SIZE_LIMIT: usize = 10 << 20;

/// How deep the crate's tree may be: a group takes up to four levels.
const NEST_LIMIT: u32 = 1000;

/// Of how many patterns each thread remembers what they compile to, and how long they are at most. One with a count
/// (`x{900}`) may compile to megabytes, and is not kept.
const MOST_COMPILED: usize = 16;
const LONGEST_COMPILED: usize = 64;

thread_local! {
    static COMPILED: RefCell<VecDeque<(Anchor, String, Regexp)>> = const { RefCell::new(VecDeque::new()) };
}

/// How a pattern is bound to the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// `^(?s:…)$`: Prometheus' matchers and `label_replace` (model/labels/regexp.go).
    Prometheus,
    /// `^(?:…)$`: Alertmanager's matchers, where `.` does not match a newline.
    Alertmanager,
    /// Anywhere in the text: the functions of templates.
    None,
}

/// A compiled pattern of Go's syntax.
#[derive(Clone, Debug)]
pub struct Regexp {
    regex: regex::Regex,
    /// Names of the groups, the whole match first.
    names: Vec<Option<String>>,
}

/// Why a pattern is refused: prints as Go's `syntax.Error`, `` error parsing regexp: missing closing ): `(` ``.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegexpError {
    /// What is wrong, in Go's words.
    pub reason: &'static str,
    /// The part of the pattern that is wrong.
    pub part: String,
    /// Where that part starts in the pattern given, in bytes.
    pub offset: usize,
}

impl fmt::Display for RegexpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error parsing regexp: {}: `{}`", self.reason, self.part)
    }
}

impl std::error::Error for RegexpError {}

/// Whether Go would accept the pattern, without compiling it: a parser that reads thousands of them needs no more.
pub fn check_syntax(pattern: &str) -> Result<(), RegexpError> {
    translate::translate(pattern).map(drop)
}

impl Regexp {
    /// Compiles a pattern; size and nesting of what it compiles to are bounded.
    pub fn new(pattern: &str, anchor: Anchor) -> Result<Regexp, RegexpError> {
        // Rules repeat a few patterns (`5..`) thousands of times, and compiling costs more than all else about a rule.
        let known =
            COMPILED.with_borrow(|all| all.iter().find(|(a, p, _)| *a == anchor && p == pattern).cloned());
        if let Some((.., known)) = known {
            return Ok(known);
        }
        let compiled = Regexp::compile(pattern, anchor)?;
        if pattern.len() > LONGEST_COMPILED || pattern.contains('{') {
            return Ok(compiled);
        }
        COMPILED.with_borrow_mut(|all| {
            if all.len() == MOST_COMPILED {
                all.pop_back();
            }
            all.push_front((anchor, pattern.to_string(), compiled.clone()));
        });
        Ok(compiled)
    }

    fn compile(pattern: &str, anchor: Anchor) -> Result<Regexp, RegexpError> {
        let translated = match anchor {
            Anchor::None => translate::translate(pattern)?,
            Anchor::Prometheus => {
                let mut t = translate::translate(pattern)?;
                t.pattern = format!("^(?s:{})$", t.pattern);
                t
            }
            // Alertmanager wraps the text before it parses, and its errors show it.
            Anchor::Alertmanager => {
                let prefix = "^(?:";
                translate::translate(&format!("{prefix}{pattern})$")).map_err(|mut e| {
                    e.offset = e.offset.saturating_sub(prefix.len()).min(pattern.len());
                    e
                })?
            }
        };
        let regex = RegexBuilder::new(&translated.pattern)
            .size_limit(SIZE_LIMIT)
            .nest_limit(NEST_LIMIT)
            .build()
            .map_err(|e| RegexpError {
                reason: match e {
                    regex::Error::CompiledTooBig(_) => "expression too large",
                    // The translator lets no other error through.
                    _ => "expression nests too deeply",
                },
                part: pattern.to_string(),
                offset: 0,
            })?;
        Ok(Regexp { regex, names: translated.names })
    }

    /// Whether the text matches.
    pub fn is_match(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }

    /// Names of the groups in their order, the whole match (never named) first.
    pub fn group_names(&self) -> &[Option<String>] {
        &self.names
    }

    /// Go's `Regexp.ReplaceAllString`: every match is replaced by the template, in which `$1`, `${1}` and `${name}` are
    /// groups and `$$` is a dollar.
    pub fn replace_all(&self, text: &str, template: &str) -> String {
        self.replace_all_within(text, template, usize::MAX).unwrap_or_default()
    }

    /// As [`Regexp::replace_all`], or nothing when the result grows beyond `limit` bytes.
    pub fn replace_all_within(&self, text: &str, template: &str, limit: usize) -> Option<String> {
        let mut out = String::with_capacity(text.len());
        let mut end = 0;
        for captures in self.regex.captures_iter(text) {
            let whole = captures.get_match();
            out.push_str(&text[end..whole.start()]);
            expand::expand(&mut out, template, &captures, &self.names);
            end = whole.end();
            if out.len() > limit {
                return None;
            }
        }
        out.push_str(&text[end..]);
        Some(out)
    }

    /// The template expanded for the first match of the text (Go's `Regexp.ExpandString`), or nothing without a match.
    pub fn expand_first(&self, text: &str, template: &str) -> Option<String> {
        let captures = self.regex.captures(text)?;
        let mut out = String::new();
        expand::expand(&mut out, template, &captures, &self.names);
        Some(out)
    }
}

/// Go's `regexp.QuoteMeta`: a pattern that matches the text and nothing else.
pub fn quote_meta(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if r"\.+*?()|[]{}^$".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn matches(pattern: &str, text: &str) -> bool {
        Regexp::new(pattern, Anchor::None).unwrap_or_else(|e| panic!("{pattern}: {e}")).is_match(text)
    }

    #[test]
    fn go_syntax_that_the_crate_reads_otherwise() {
        for (pattern, yes, no) in [
            (r"a{2", "a{2", "aa"),
            (r" {.*}$", "x {y}", "x y"),
            (r"^a{,2}$", "a{,2}", "aa"),
            (r"^[[x]$", "[", "]"),
            (r"^[a&&b]$", "&", "c"),
            (r"^[a-c--b]$", "-", "d"),
            (r"^[]a]$", "]", "b"),
            (r"^[^]a]$", "b", "]"),
            (r"^\Qa.b*\E$", "a.b*", "axb"),
            (r"^\Qa.b", "a.b", "axb"),
            (r"^\d$", "1", "١"),
            (r"^\w$", "a", "é"),
            (r"^\W$", "é", "a"),
            (r"^\s$", "\t", "\u{b}"),
            (r"^[\d\-x]$", "-", "y"),
            (r"^[^\s]$", "a", " "),
            (r"\bé", "aé", "éé"),
            (r"a\B", "aa", "a"),
            (r"^\<$", "<", "x"),
            (r"^\x{e9}\x41\101\0$", "éAA\0", ""),
            (r"^[[:alpha:]]$", "a", "é"),
            (r"^[[:^alpha:]]$", "1", "a"),
            (r"^\pL\p{Greek}\P{L}\p{^L}$", "aα11", "aaaa"),
            (r"^(?i)straße$", "STRAßE", "STRASSE"),
            (r"^(?P<1a>x)(?P<b>y)$", "xy", "x"),
            (r"^.$", "é", "\n"),
            (r"(|a)*b", "aab", "c"),
            (r"^*a", "a", "b"),
            (r"x{0}y{2,}z{1,3}", "yyz", "yz"),
            ("^#\u{20} $", "#  ", "#"),
        ] {
            assert!(matches(pattern, yes), "{pattern} must match {yes:?}");
            assert!(!matches(pattern, no), "{pattern} must not match {no:?}");
        }
    }

    #[test]
    fn errors_are_gos() {
        for (pattern, text) in [
            ("(", "missing closing ): `(`"),
            ("a)b", "unexpected ): `a)b`"),
            ("a**", "invalid nested repetition operator: `**`"),
            ("a{2}{3}", "invalid nested repetition operator: `{2}{3}`"),
            ("a*?+", "invalid nested repetition operator: `*?+`"),
            ("*a", "missing argument to repetition operator: `*`"),
            ("a|*", "missing argument to repetition operator: `*`"),
            ("(?i)+", "missing argument to repetition operator: `+`"),
            ("x{1001}", "invalid repeat count: `{1001}`"),
            ("x{3,2}", "invalid repeat count: `{3,2}`"),
            ("[a", "missing closing ]: `[a`"),
            ("[b-a]", "invalid character class range: `b-a`"),
            ("[[:foo:]]", "invalid character class range: `[:foo:]`"),
            (r"\8", r"invalid escape sequence: `\8`"),
            (r"\u0041", r"invalid escape sequence: `\u`"),
            (r"\Z", r"invalid escape sequence: `\Z`"),
            (r"a\", r"trailing backslash at end of expression: ``"),
            ("(?x)a", "invalid or unsupported Perl syntax: `(?x`"),
            ("(?i", "invalid or unsupported Perl syntax: `(?i`"),
            ("(?-)", "invalid or unsupported Perl syntax: `(?-)`"),
            ("(?=a)", "invalid or unsupported Perl syntax: `(?=`"),
            ("(?P<a", "invalid named capture: `(?P<a`"),
            ("(?P<a-b>x)", "invalid named capture: `(?P<a-b>`"),
            (r"\p{Nope}", r"invalid character class range: `\p{Nope}`"),
            ("((((a{100}){100}){100}){100})", "invalid repeat count: `{100}`"),
        ] {
            let error = Regexp::new(pattern, Anchor::None).err().map(|e| e.to_string());
            assert_eq!(error, Some(format!("error parsing regexp: {text}")), "{pattern}");
        }
        let wrapped = Regexp::new("(a", Anchor::Alertmanager).unwrap_err();
        assert_eq!(wrapped.to_string(), "error parsing regexp: missing closing ): `^(?:(a)$`");
    }

    #[test]
    fn anchors() {
        let all = |a| ["a\nb", "xa\nb", "a b"].map(|t| Regexp::new("a.b|c", a).unwrap().is_match(t));
        assert_eq!(all(Anchor::Prometheus), [true, false, true]);
        assert_eq!(all(Anchor::Alertmanager), [false, false, true]);
        assert_eq!(all(Anchor::None), [false, false, true]);
    }

    #[test]
    fn expansion_is_gos() {
        for (pattern, text, template, want) in [
            ("(a)(b)", "xaby", "$2$1", "xbay"),
            ("(a)", "a", "$1x", ""),
            ("(a)", "a", "${1}x", "ax"),
            ("(?P<n>a)", "a", "<$n>", "<a>"),
            ("(?P<n>a)|(?P<n>b)", "b", "<$n>", "<b>"),
            ("a", "a", "$$1", "$1"),
            ("a", "a", "$", "$"),
            ("a", "a", "${", "${"),
            ("a", "a", "${x-y}", "${x-y}"),
            ("a", "a", "$0$9", "a"),
            ("a", "a", "$01", ""),
            ("a*", "baaac", "x", "xbxcx"),
        ] {
            let re = Regexp::new(pattern, Anchor::None).unwrap();
            assert_eq!(re.replace_all(text, template), want, "{pattern} {template}");
        }
        let re = Regexp::new("(.*):.*", Anchor::Prometheus).unwrap();
        assert_eq!(re.expand_first("host:90", "$1!").as_deref(), Some("host!"));
        assert_eq!(re.expand_first("host", "$1"), None);
    }

    proptest! {
        #[test]
        fn any_pattern_gets_an_answer(pattern in r"[a-c(){}\[\]|*+?.^$\\,0-9:PQEdxpi<>=&~-]{0,24}") {
            if let Err(e) = Regexp::new(&pattern, Anchor::None) {
                prop_assert!(e.offset <= pattern.len());
            }
        }
    }
}
