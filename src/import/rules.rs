//! Rules as alert sources: each in the most telling form that says the same.

use crate::gostd::strconv::parse_float;
use crate::prometheus::{AlertingRule, RecordingRule, Rule, RuleGroup};
use crate::promql::ast::{Binary, BinaryOp, Expr, ExprKind};
use crate::promql::duration::Duration;
use crate::promql::features::Features;
use crate::promql::parser::{self, Options};
use crate::source::FileId;

use super::comments::{Comments, Place};
use super::lets::Lets;
use super::shared::Shared;
use super::text::{self, Idiom, block, quoted};

/// How much of the language a rule is written with. A rule that would come out changed is written again in the form
/// before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    /// Every text in double quotes.
    Plain,
    /// The YAML's own words: `expr`, templates as they are.
    Literal,
    /// Signals with levels, and labels in braces.
    Labels,
    /// `{value}`, thresholds in the unit of the value, and one alert for all levels of a signal.
    Full,
}

impl Form {
    /// The surer form; none behind the last.
    pub fn surer(self) -> Option<Form> {
        match self {
            Form::Full => Some(Form::Labels),
            Form::Labels => Some(Form::Literal),
            Form::Literal => Some(Form::Plain),
            Form::Plain => None,
        }
    }
}

/// What is written of one rule or of several that are one alert, and where.
#[derive(Debug, Clone)]
pub struct Unit {
    /// Where it stands in the source.
    pub range: std::ops::Range<usize>,
    /// Its group's number.
    pub group: usize,
    /// The numbers of its rules in the group.
    pub rules: std::ops::Range<usize>,
}

/// Writes the rules of one file.
pub(super) struct Writer<'w> {
    pub(super) out: String,
    pub(super) units: Vec<Unit>,
    pub(super) shared: &'w Shared,
    pub(super) comments: &'w Comments,
    /// The form of each rule, by group.
    pub(super) forms: &'w [Vec<Form>],
    pub(super) lets: &'w Lets,
    /// Whether alerts that differ in threshold and severity alone may become one.
    pub(super) merge: bool,
}

/// An expression without the white space and the comments around it.
pub(super) struct Core {
    before: Vec<String>,
    /// Its lines, without white space at their ends.
    pub(super) text: String,
    after: Vec<String>,
    expr: Expr,
}

/// Takes an expression apart. Text that is no PromQL stays whole.
pub(super) fn core(text: &str) -> Core {
    let options = Options { features: Features::all(), ..Options::default() };
    let (expr, _) = parser::parse(text, FileId::NONE, 0, &options);
    let range = expr.span.range();
    let comments = |t: Option<&str>| -> Vec<String> {
        let lines = t.unwrap_or("").lines().map(str::trim);
        lines.filter(|l| l.starts_with('#')).map(str::to_string).collect()
    };
    let middle = text.get(range.clone()).filter(|t| !t.is_empty()).unwrap_or(text.trim());
    Core {
        before: comments(text.get(..range.start)),
        text: middle.split('\n').map(str::trim_end).collect::<Vec<_>>().join("\n"),
        after: comments(text.get(range.end..)),
        expr,
    }
}

impl Writer<'_> {
    fn line(&mut self, indent: usize, text: &str) {
        self.out.extend(std::iter::repeat_n(' ', indent));
        self.out.push_str(text);
        self.out.push('\n');
    }

    fn comments(&mut self, indent: usize, comments: &[String]) {
        for comment in comments {
            self.line(indent, comment);
        }
    }

    /// An expression behind `key`; its further lines keep their places.
    fn expression(&mut self, indent: usize, key: &str, text: &str) {
        let column = indent + key.chars().count() + 1;
        let mut lines = text.split('\n');
        self.line(indent, &format!("{key} {}", lines.next().unwrap_or("")));
        for line in lines {
            let margin = if line.is_empty() { 0 } else { column };
            self.line(margin, line);
        }
    }

    /// A group, or its rules alone when the file's name says the rest.
    pub(super) fn group(&mut self, index: usize, group: &RuleGroup, stem: &str) {
        let comments = self.comments;
        self.comments(0, comments.at(&Place::Group(index)));
        let implied = group.name == stem
            && index == 0
            && self.forms.len() == 1
            && group.interval.is_none()
            && group.query_offset.is_none()
            && group.limit.is_none();
        let indent = if implied { 0 } else { 2 };
        if !implied {
            self.line(0, &format!("group {} {{", text::name(&group.name)));
            let durations = [("interval", group.interval), ("query_offset", group.query_offset)];
            for (key, duration) in durations {
                if let Some(duration) = duration.filter(|d| d.millis() != 0) {
                    self.line(2, &format!("{key} {duration}"));
                }
            }
            if let Some(limit) = group.limit.filter(|l| *l > 0) {
                self.line(2, &format!("limit {limit}"));
            }
        }
        let mut at = 0;
        let mut blank = !implied && group.rules.first().is_some_and(|r| matches!(r, Rule::Alerting(_)));
        while let Some(rule) = group.rules.get(at) {
            let count = self.together(index, at, group);
            let several = matches!(rule, Rule::Alerting(_));
            if at > 0 && (several || blank) {
                self.out.push('\n');
            }
            blank = several;
            self.comments(indent, comments.at(&Place::Rule(index, at)));
            let start = self.out.len();
            match rule {
                Rule::Alerting(alert) if count > 1 => {
                    let levels = group.rules.get(at..at + count).unwrap_or_default();
                    self.alert(indent, (index, at), alert, levels);
                }
                Rule::Alerting(alert) => self.alert(indent, (index, at), alert, std::slice::from_ref(rule)),
                Rule::Recording(record) => self.record(indent, (index, at), record),
            }
            self.units.push(Unit { range: start..self.out.len(), group: index, rules: at..at + count });
            at += count;
        }
        if !implied {
            self.line(0, "}");
        }
    }

    /// How many rules from `at` on are levels of one alert.
    fn together(&self, group: usize, at: usize, model: &RuleGroup) -> usize {
        let full = |i: usize| self.form(group, i) == Form::Full && !self.comments.inside(group, i);
        let Some(Rule::Alerting(first)) = model.rules.get(at) else { return 1 };
        if !self.merge || !full(at) {
            return 1;
        }
        let Some(signal) = Level::of(first) else { return 1 };
        let mut severities = vec![signal.severity.clone()];
        while let Some(Rule::Alerting(next)) = model.rules.get(at + severities.len()) {
            let index = at + severities.len();
            let Some(level) = Level::of(next) else { break };
            let fits = full(index)
                && self.comments.at(&Place::Rule(group, index)).is_empty()
                && next.alert == first.alert
                && level.signal == signal.signal
                && !severities.contains(&level.severity)
                && same_but_severity(first, next)
                && next.annotations == first.annotations;
            if !fits {
                break;
            }
            severities.push(level.severity);
        }
        severities.len()
    }

    fn form(&self, group: usize, rule: usize) -> Form {
        self.forms.get(group).and_then(|g| g.get(rule)).copied().unwrap_or(Form::Plain)
    }

    /// An expression as a rule of that form says it.
    fn said(&self, text: &str, form: Form) -> String {
        if form >= Form::Labels { self.lets.apply(text) } else { text.to_string() }
    }

    fn record(&mut self, indent: usize, (group, at): (usize, usize), rule: &RecordingRule) {
        let inside: Vec<String> = self.comments.of_rule(group, at).cloned().collect();
        self.comments(indent, &inside);
        let mut core = core(&rule.expr);
        core.text = self.said(&core.text, self.form(group, at));
        self.comments(indent, &core.before);
        let mut head = format!("record {}", text::metric(&rule.record));
        if !rule.labels.is_empty() {
            let labels: Vec<_> = rule.labels.iter().collect();
            head.push_str(&labels_of(&labels, Idiom::NONE));
        }
        if core.text.contains('\n') || indent + head.len() + core.text.len() > 200 {
            self.line(indent, &format!("{head} ="));
            for line in core.text.split('\n') {
                let margin = if line.is_empty() { 0 } else { indent + 2 };
                self.line(margin, line);
            }
        } else {
            self.line(indent, &format!("{head} = {}", core.text));
        }
        self.comments(indent, &core.after);
    }

    fn alert(&mut self, indent: usize, (group, at): (usize, usize), rule: &AlertingRule, rules: &[Rule]) {
        let form = self.form(group, at);
        let start = self.out.len();
        self.line(indent, &format!("alert {} {{", text::name(&rule.alert)));
        let inside = indent + 2;
        let comments = self.comments;
        let field = |name: &str| comments.at(&Place::Field(group, at, name.to_string()));
        self.comments(inside, field("expr"));
        let mut core = core(&rule.expr);
        core.text = self.said(&core.text, form);
        self.comments(inside, &core.before);
        let severity = rule.labels.get("severity").filter(|s| !s.is_empty());
        let plain_severity = severity.filter(|s| !s.contains("{{"));
        let leveled =
            form >= Form::Labels && Level::of(rule).is_some_and(|l| self.shared.levels(&l.severity));
        if leveled {
            self.levels(inside, rules, form, field("for"), field("keep_firing_for"));
        } else {
            self.expression(inside, "expr", &core.text);
            self.comments(inside, &core.after);
            self.comments(inside, field("for"));
            self.hold(inside, rule.hold);
            self.comments(inside, field("keep_firing_for"));
            if let Some(keep) = rule.keep_firing_for.filter(|d| d.millis() != 0) {
                self.line(inside, &format!("keep_firing_for {keep}"));
            }
            if let Some(severity) = plain_severity.filter(|s| self.shared.severity.as_deref() != Some(*s)) {
                self.line(inside, &format!("severity {}", text::name(severity)));
            }
        }
        self.comments(inside, field("labels"));
        let own: Vec<&str> = rule.labels.iter().map(|(name, _)| name).collect();
        let idiom = match form {
            Form::Plain | Form::Literal => Idiom::NONE,
            Form::Labels => Idiom { labels: true, value: false, own: &own },
            Form::Full => Idiom { labels: true, value: true, own: &own },
        };
        let labels: Vec<(&str, &str)> = rule
            .labels
            .iter()
            .filter(|(name, value)| *name != "severity" || value.contains("{{") || value.is_empty())
            .filter(|(name, value)| self.shared.labels.get(name) != Some(value))
            .collect();
        self.set(inside, "labels", &labels, idiom);
        self.comments(inside, field("annotations"));
        self.annotations(inside, rule, form, idiom);
        self.line(indent, "}");
        self.join(start, indent);
    }

    /// `for`, unless the file's default says it.
    fn hold(&mut self, indent: usize, hold: Option<Duration>) {
        let hold = hold.filter(|d| d.millis() != 0);
        if hold != self.shared.hold {
            let hold = hold.unwrap_or(Duration::from_millis(0));
            self.line(indent, &format!("for {hold}"));
        }
    }

    fn levels(&mut self, indent: usize, rules: &[Rule], form: Form, hold: &[String], keep: &[String]) {
        let mut first = true;
        for rule in rules {
            let Rule::Alerting(rule) = rule else { continue };
            let Some(level) = Level::of(rule) else { continue };
            if std::mem::take(&mut first) {
                let signal = self.said(&level.signal, form);
                self.expression(indent, "value", &signal);
                self.comments(indent, hold);
                self.comments(indent, keep);
            }
            let threshold = match form {
                Form::Full => in_unit(&level.threshold, rule),
                _ => level.threshold.clone(),
            };
            let mut line = format!("{} {} {threshold}", level.severity, level.op);
            let hold = rule.hold.filter(|d| d.millis() != 0);
            if hold != self.shared.hold {
                line.push_str(&format!(" for {}", hold.unwrap_or(Duration::from_millis(0))));
            }
            if let Some(keep) = rule.keep_firing_for.filter(|d| d.millis() != 0) {
                line.push_str(&format!(" keep_firing_for {keep}"));
            }
            self.line(indent, &line);
        }
    }

    fn annotations(&mut self, indent: usize, rule: &AlertingRule, form: Form, idiom: Idiom<'_>) {
        let known = [
            ("summary", "summary"),
            ("description", "description"),
            ("runbook_url", "runbook"),
            ("dashboard_url", "dashboard"),
        ];
        let inherited = |name: &str, value: &str| self.shared.annotations.get(name) == Some(value);
        for (name, key) in known {
            let Some(value) = rule.annotations.get(name).filter(|v| !inherited(name, v)) else { continue };
            let value = match key {
                "runbook" if form >= Form::Labels => self.shared.relative(&rule.alert, value),
                _ => Some(value),
            };
            let Some(value) = value else { continue };
            let written = match form {
                Form::Plain => quoted(value, idiom),
                _ => block(value, indent + 2).unwrap_or_else(|| quoted(value, idiom)),
            };
            self.line(indent, &format!("{key} {written}"));
        }
        let rest: Vec<(&str, &str)> = rule
            .annotations
            .iter()
            .filter(|(name, value)| !known.iter().any(|(k, _)| k == name) && !inherited(name, value))
            .collect();
        self.set(indent, "annotations", &rest, idiom);
    }

    /// `labels {…}` or `annotations {…}`, on several lines when one would be long.
    fn set(&mut self, indent: usize, key: &str, entries: &[(&str, &str)], idiom: Idiom<'_>) {
        if entries.is_empty() {
            return;
        }
        let line = format!("{key} {}", labels_of(entries, idiom));
        if indent + line.chars().count() <= 110 || entries.len() == 1 {
            return self.line(indent, &line);
        }
        self.line(indent, &format!("{key} {{"));
        for (name, value) in entries {
            self.line(indent + 2, &format!("{}={},", text::label(name), quoted(value, idiom)));
        }
        self.line(indent, "}");
    }

    /// Puts a short alert on one line.
    fn join(&mut self, start: usize, indent: usize) {
        let body = self.out.get(start..).unwrap_or("");
        if body.contains('#') || body.contains('`') || body.lines().count() > 6 {
            return;
        }
        let lines: Vec<&str> = body.lines().map(str::trim).collect();
        let plain = body.lines().skip(1).all(|l| {
            let own = l.len() - l.trim_start().len();
            own == indent + 2 || l.trim() == "}"
        });
        let [head, inner @ .., close] = lines.as_slice() else { return };
        let line = format!("{head} {} {close}", inner.join("  "));
        if plain && indent + line.chars().count() <= 110 {
            self.out.truncate(start);
            self.line(indent, &line);
        }
    }
}

/// `{a="x", b="y"}`
fn labels_of(entries: &[(&str, &str)], idiom: Idiom<'_>) -> String {
    let entries: Vec<String> =
        entries.iter().map(|(n, v)| format!("{}={}", text::label(n), quoted(v, idiom))).collect();
    format!("{{{}}}", entries.join(", "))
}

fn same_but_severity(a: &AlertingRule, b: &AlertingRule) -> bool {
    let rest = |r: &AlertingRule| {
        let mut all: Vec<(String, String)> =
            r.labels.iter().filter(|(n, _)| *n != "severity").map(|(n, v)| (n.into(), v.into())).collect();
        all.sort();
        all
    };
    rest(a) == rest(b)
}

/// A condition that compares a signal with a number.
struct Level {
    signal: String,
    op: &'static str,
    threshold: String,
    severity: String,
}

impl Level {
    fn of(rule: &AlertingRule) -> Option<Level> {
        let severity = rule.labels.get("severity").filter(|s| text::is_word(s))?;
        let core = core(&rule.expr);
        let ExprKind::Binary(binary) = &core.expr.kind else { return None };
        let ExprKind::Number(number) = &binary.rhs.kind else { return None };
        let op = comparison(binary)?;
        let slice = |e: &Expr| rule.expr.get(e.span.range()).unwrap_or("");
        let threshold = slice(&binary.rhs);
        let digits = threshold.trim_start_matches('-');
        if number.duration || !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
            return None;
        }
        let signal = match &binary.lhs.kind {
            ExprKind::Paren(inner) if matches!(&inner.kind, ExprKind::Binary(b) if b.op.precedence() <= 3) => {
                slice(inner)
            }
            ExprKind::Number(_) => return None,
            _ => slice(&binary.lhs),
        };
        let signal = signal.split('\n').map(str::trim_end).collect::<Vec<_>>().join("\n");
        Some(Level { signal, op, threshold: threshold.to_string(), severity: severity.to_string() })
    }
}

fn comparison(binary: &Binary) -> Option<&'static str> {
    if binary.return_bool.is_some() {
        return None;
    }
    Some(match binary.op {
        BinaryOp::Gt => ">",
        BinaryOp::Ge => ">=",
        BinaryOp::Lt => "<",
        BinaryOp::Le => "<=",
        BinaryOp::Eq => "==",
        BinaryOp::Ne => "!=",
        _ => return None,
    })
}

/// A threshold as people say it, when the alert's own texts print its value so.
fn in_unit(number: &str, rule: &AlertingRule) -> String {
    let prints = |humanizer: &str| {
        rule.annotations.iter().any(|(_, text)| {
            let texts = text.split("{{").skip(1).filter_map(|t| t.split("}}").next());
            texts.into_iter().any(|t| t.trim().starts_with("$value") && t.trim().ends_with(humanizer))
        })
    };
    let Ok(value) = parse_float(number) else { return number.to_string() };
    if prints("humanizePercentage") && (0.0..=10.0).contains(&value) {
        let percent = format!("{:.6}", value * 100.0);
        return format!("{}%", percent.trim_end_matches('0').trim_end_matches('.'));
    }
    if prints("humanizeDuration") && value > 0.0 && value.fract() == 0.0 && value < 1e9 {
        return Duration::from_millis((value * 1000.0) as i64).to_string();
    }
    number.to_string()
}
