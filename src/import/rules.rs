//! Rules as alert sources: each in the most telling form that says the same.

use crate::prometheus::{AlertingRule, RecordingRule, Rule, RuleGroup};
use crate::promql::ast::Expr;
use crate::promql::features::Features;
use crate::promql::parser::{self, Options};
use crate::source::FileId;

use super::comments::{Comments, Place};
use super::lets::Lets;
use super::level::Level;
use super::shared::Shared;
use super::text::{self, Idiom, quoted};

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
    pub(super) before: Vec<String>,
    /// Its lines, without white space at their ends.
    pub(super) text: String,
    pub(super) after: Vec<String>,
    pub(super) expr: Expr,
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

    pub(super) fn form(&self, group: usize, rule: usize) -> Form {
        self.forms.get(group).and_then(|g| g.get(rule)).copied().unwrap_or(Form::Plain)
    }

    /// An expression as a rule of that form says it.
    pub(super) fn said(&self, text: &str, form: Form) -> String {
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
}

/// `{a="x", b="y"}`
pub(super) fn labels_of(entries: &[(&str, &str)], idiom: Idiom<'_>) -> String {
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
