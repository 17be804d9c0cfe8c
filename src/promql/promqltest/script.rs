//! Test files as commands.

use std::sync::LazyLock;

use regex::Regex;

use crate::gostd::regexp::{Anchor, Regexp};
use crate::gostd::strconv::{parse_float, unquote};
use crate::promql::duration::Duration;

/// A command of a test file.
#[derive(Debug)]
pub(super) enum Command {
    /// Forget all series.
    Clear,
    /// Add series.
    Load(Load),
    /// Evaluate and compare.
    Eval(Box<Eval>),
}

/// Series to add.
#[derive(Debug)]
pub(super) struct Load {
    /// Milliseconds between two values.
    pub(super) step: i64,
    /// Add native histograms with custom buckets for the classic ones, too.
    pub(super) with_nhcb: bool,
    /// One series each, or its start timestamps.
    pub(super) lines: Vec<Line>,
}

/// A line of the file.
#[derive(Debug, Clone)]
pub(super) struct Line {
    /// Counted from 1.
    pub(super) number: usize,
    pub(super) text: String,
}

/// An evaluation and what is expected of it.
#[derive(Debug)]
pub(super) struct Eval {
    /// The line of the command, counted from 1.
    pub(super) line: usize,
    pub(super) expr: String,
    pub(super) at: When,
    pub(super) expected: Expected,
    /// `expect range vector`: an instant evaluation that yields the points of a range selector.
    pub(super) range_vector: Option<Grid>,
    pub(super) ordered: bool,
    pub(super) fail: Option<Pattern>,
    pub(super) warnings: Remarks,
    pub(super) infos: Remarks,
}

/// When to evaluate, in milliseconds since 1970.
#[derive(Debug, Clone, Copy)]
pub(super) enum When {
    /// At one instant.
    Instant(i64),
    /// At every step of a range.
    Range(Grid),
}

/// Equidistant times, in milliseconds since 1970.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grid {
    pub(super) start: i64,
    pub(super) end: i64,
    pub(super) step: i64,
}

/// What an evaluation should yield.
#[derive(Debug)]
pub(super) enum Expected {
    /// A number alone.
    Scalar(f64),
    /// A text.
    String(String),
    /// Series, one a line.
    Series(Vec<Line>),
}

/// What to expect of one kind of annotations.
#[derive(Debug, Default)]
pub(super) struct Remarks {
    /// Each matches one at least; and each annotation matches one of these.
    pub(super) expected: Vec<Pattern>,
    /// There must be none.
    pub(super) none: bool,
}

/// How to recognise a message.
#[derive(Debug)]
pub(super) enum Pattern {
    /// Any message.
    Any,
    /// This very text.
    Text(String),
    /// A text that matches; with the pattern as written.
    Regex(String, Regexp),
}

impl Pattern {
    pub(super) fn matches(&self, text: &str) -> bool {
        match self {
            Pattern::Any => true,
            Pattern::Text(expected) => expected == text,
            Pattern::Regex(_, regex) => regex.is_match(text),
        }
    }
}

impl std::fmt::Display for Pattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Pattern::Any => f.write_str("anything"),
            Pattern::Text(text) => write!(f, "`{text}`"),
            Pattern::Regex(pattern, _) => write!(f, "/{pattern}/"),
        }
    }
}

/// Why a file is no script; the line is counted from 1.
#[derive(Debug)]
pub(super) struct ScriptError {
    pub(super) line: usize,
    pub(super) message: String,
}

impl ScriptError {
    pub(super) fn new(line: usize, message: impl Into<String>) -> Self {
        Self { line, message: message.into() }
    }
}

static LOAD: LazyLock<Regex> = LazyLock::new(|| constant(r"^load(?:_(with_nhcb))?\s+(.+?)$"));
static INSTANT: LazyLock<Regex> =
    LazyLock::new(|| constant(r"^eval(?:_(fail|warn|ordered|info))?\s+instant\s+(?:at\s+(.+?))?\s+(.+)$"));
static RANGE: LazyLock<Regex> = LazyLock::new(|| {
    constant(r"^eval(?:_(fail|warn|info))?\s+range\s+from\s+(.+)\s+to\s+(.+)\s+step\s+(.+?)\s+(.+)$")
});
static EXPECT: LazyLock<Regex> = LazyLock::new(|| {
    constant(r"^expect\s+(ordered|fail|warn|no_warn|info|no_info)(?:\s+(regex|msg):(.+))?$")
});
static RANGE_VECTOR: LazyLock<Regex> =
    LazyLock::new(|| constant(r"^expect range vector\s+from\s+(.+)\s+to\s+(.+)\s+step\s+(.+)$"));

fn constant(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the patterns above are valid")
}

/// The lines of a file, from a given one on.
struct Lines<'a> {
    lines: Vec<&'a str>,
    next: usize,
}

impl Lines<'_> {
    /// The next line of the current block, which ends at an empty line or a comment.
    fn next_in_block(&mut self) -> Option<Line> {
        let line = self.lines.get(self.next).filter(|line| !line.is_empty())?;
        self.next += 1;
        Some(Line { number: self.next, text: (*line).to_string() })
    }
}

/// Reads a whole file.
///
/// Source of the format: Prometheus promql/promqltest/test.go and README.md.
pub(super) fn parse(text: &str) -> Result<Vec<Command>, ScriptError> {
    let lines =
        text.lines().map(str::trim).map(|line| if line.starts_with('#') { "" } else { line }).collect();
    let mut lines = Lines { lines, next: 0 };
    let mut commands = Vec::new();
    while lines.next < lines.lines.len() {
        let Some(line) = lines.next_in_block() else {
            lines.next += 1;
            continue;
        };
        let word = line.text.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
        commands.push(if word == "clear" {
            Command::Clear
        } else if word.starts_with("load") {
            Command::Load(parse_load(&line, &mut lines)?)
        } else if word.starts_with("eval") {
            Command::Eval(Box::new(parse_eval(&line, &mut lines)?))
        } else {
            return Err(ScriptError::new(
                line.number,
                format!("`{word}` is no command: clear, load, load_with_nhcb or eval"),
            ));
        });
    }
    Ok(commands)
}

fn duration(line: &Line, what: &str, text: &str) -> Result<i64, ScriptError> {
    let parsed: Result<Duration, _> = text.parse();
    parsed.map(Duration::millis).map_err(|e| ScriptError::new(line.number, format!("{what} `{text}`: {e}")))
}

fn grid(line: &Line, start: &str, end: &str, step: &str) -> Result<Grid, ScriptError> {
    let grid = Grid {
        start: duration(line, "start", start)?,
        end: duration(line, "end", end)?,
        step: duration(line, "step", step)?,
    };
    if grid.end < grid.start {
        return Err(ScriptError::new(line.number, format!("the end {end} is before the start {start}")));
    }
    Ok(grid)
}

fn parse_load(line: &Line, lines: &mut Lines<'_>) -> Result<Load, ScriptError> {
    let parts = LOAD
        .captures(&line.text)
        .ok_or_else(|| ScriptError::new(line.number, "expected `load[_with_nhcb] <step>`"))?;
    let step = duration(line, "step", &parts[2])?;
    let lines = std::iter::from_fn(|| lines.next_in_block()).collect();
    Ok(Load { step, with_nhcb: parts.get(1).is_some(), lines })
}

fn parse_eval(line: &Line, lines: &mut Lines<'_>) -> Result<Eval, ScriptError> {
    let (modifier, at, expr) = if let Some(parts) = INSTANT.captures(&line.text) {
        let at = parts.get(2).map_or("", |at| at.as_str());
        (
            parts.get(1).map(|m| m.as_str().to_string()),
            When::Instant(duration(line, "time", at)?),
            parts[3].to_string(),
        )
    } else if let Some(parts) = RANGE.captures(&line.text) {
        let grid = grid(line, &parts[2], &parts[3], &parts[4])?;
        (parts.get(1).map(|m| m.as_str().to_string()), When::Range(grid), parts[5].to_string())
    } else {
        let usage = "expected `eval instant at <time> <expr>` or `eval range from <time> to <time> step <duration> <expr>`";
        return Err(ScriptError::new(line.number, usage));
    };
    let mut eval = Eval {
        line: line.number,
        expr,
        at,
        expected: Expected::Series(Vec::new()),
        range_vector: None,
        ordered: false,
        fail: None,
        warnings: Remarks::default(),
        infos: Remarks::default(),
    };
    match modifier.as_deref() {
        Some("ordered") => eval.ordered = true,
        Some("fail") => eval.fail = Some(Pattern::Any),
        Some("warn") => eval.warnings.expected.push(Pattern::Any),
        Some("info") => eval.infos.expected.push(Pattern::Any),
        _ => {}
    }
    while let Some(line) = lines.next_in_block() {
        if !eval.take(line)? {
            break;
        }
    }
    Ok(eval)
}

impl Eval {
    /// Takes a line of the block; false if it was the last one.
    fn take(&mut self, line: Line) -> Result<bool, ScriptError> {
        let text = line.text.as_str();
        if self.fail.is_some() {
            if let Some(message) = text.strip_prefix("expected_fail_message") {
                self.fail = Some(Pattern::Text(message.trim().to_string()));
                return Ok(false);
            }
            if let Some(pattern) = text.strip_prefix("expected_fail_regexp") {
                self.fail = Some(pattern_of(&line, pattern)?);
                return Ok(false);
            }
        }
        if text.starts_with("expect range vector") {
            let parts = RANGE_VECTOR.captures(text).ok_or_else(|| {
                ScriptError::new(
                    line.number,
                    "expected `expect range vector from <time> to <time> step <duration>`",
                )
            })?;
            self.range_vector = Some(grid(&line, &parts[1], &parts[2], &parts[3])?);
        } else if let Some(quoted) = text.strip_prefix("expect string") {
            let string = unquote(quoted.trim_start())
                .map_err(|_| ScriptError::new(line.number, "expected a quoted string"))?;
            self.expected = Expected::String(string);
        } else if text.split(' ').next() == Some("expect") {
            self.expect(&line)?;
        } else if let Some(number) = number(text) {
            self.expected = Expected::Scalar(number);
            return Ok(false);
        } else if let Expected::Series(series) = &mut self.expected {
            series.push(line);
        } else {
            return Err(ScriptError::new(line.number, "a series next to a string"));
        }
        Ok(true)
    }

    fn expect(&mut self, line: &Line) -> Result<(), ScriptError> {
        let usage = "expected `expect <ordered|fail|warn|no_warn|info|no_info> [<msg|regex>: <text>]`";
        let parts = EXPECT.captures(&line.text).ok_or_else(|| ScriptError::new(line.number, usage))?;
        let text = parts.get(3).map_or("", |text| text.as_str());
        let pattern = match parts.get(2).map(|form| form.as_str()) {
            None => Pattern::Any,
            Some("msg") => Pattern::Text(text.trim().to_string()),
            Some(_) => pattern_of(line, text)?,
        };
        match &parts[1] {
            "ordered" => self.ordered = true,
            "fail" if self.fail.is_some() => {
                return Err(ScriptError::new(line.number, "a second `expect fail`"));
            }
            "fail" => self.fail = Some(pattern),
            "warn" => self.warnings.expected.push(pattern),
            "info" => self.infos.expected.push(pattern),
            "no_warn" => self.warnings.none = true,
            _ => self.infos.none = true,
        }
        for (remarks, name) in [(&self.warnings, "warn"), (&self.infos, "info")] {
            if remarks.none && !remarks.expected.is_empty() {
                return Err(ScriptError::new(
                    line.number,
                    format!("`{name}` and `no_{name}` exclude each other"),
                ));
            }
        }
        Ok(())
    }
}

fn pattern_of(line: &Line, pattern: &str) -> Result<Pattern, ScriptError> {
    let pattern = pattern.trim();
    match Regexp::new(pattern, Anchor::None) {
        Ok(regex) => Ok(Pattern::Regex(pattern.to_string(), regex)),
        Err(error) => Err(ScriptError::new(line.number, error.to_string())),
    }
}

/// A number alone on its line, as Go reads integers and floats.
fn number(text: &str) -> Option<f64> {
    parse_float(text).ok().or_else(|| {
        let (sign, digits) = text.strip_prefix('-').map_or((1.0, text), |rest| (-1.0, rest));
        let (base, digits) = match digits.get(..2)? {
            "0x" | "0X" => (16, digits.get(2..)?),
            "0b" | "0B" => (2, digits.get(2..)?),
            "0o" | "0O" => (8, digits.get(2..)?),
            _ => return None,
        };
        Some(sign * i64::from_str_radix(digits, base).ok()? as f64)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_end_at_empty_lines_and_comments() {
        let script = "clear\nload 1m\n  a 1 2\n  # not a series\n\neval instant at 1m30s a\n expect no_warn\n a 2\n\neval range from 0 to 5m step 1m 1 + 1\n 2";
        let commands = parse(script).unwrap();
        let [Command::Clear, Command::Load(load), Command::Eval(instant), Command::Eval(range)] =
            &commands[..]
        else {
            panic!("{commands:?}")
        };
        assert_eq!((load.step, load.lines.len(), load.lines[0].number), (60_000, 1, 3));
        assert!(matches!(instant.at, When::Instant(90_000)) && instant.warnings.none && instant.line == 6);
        assert!(matches!(range.expected, Expected::Scalar(2.0)), "{range:?}");
    }

    #[test]
    fn errors_have_their_line() {
        let error = |script: &str| parse(script).map(|_| ()).unwrap_err();
        assert_eq!(error("\nfoo").line, 2);
        assert_eq!(error("load 1").line, 1);
        assert_eq!(error("eval instant at 0 a\n expect warn\n expect no_warn").line, 3);
        assert_eq!(error("eval range from 5m to 0 step 1m a").message, "the end 0 is before the start 5m");
    }
}
