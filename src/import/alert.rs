//! An alert as a source, its properties in lines.

use crate::prometheus::{AlertingRule, Rule};
use crate::promql::duration::Duration;

use super::comments::Place;
use super::layout::{Body, Part};
use super::level::{Level, in_unit};
use super::rules::{Form, Writer, core, labels_of};
use super::text::{self, Idiom, block, quoted};

/// Annotations that the language has words for.
const KNOWN: [(&str, &str); 4] = [
    ("summary", "summary"),
    ("description", "description"),
    ("runbook_url", "runbook"),
    ("dashboard_url", "dashboard"),
];

impl Writer<'_> {
    /// An alert, of one rule or of several that are its levels.
    pub(super) fn alert(
        &mut self,
        indent: usize,
        (group, at): (usize, usize),
        rule: &AlertingRule,
        rules: &[Rule],
    ) {
        let form = self.form(group, at);
        let mut body = Body::new(indent + 2);
        let comments = self.comments;
        let field = |name: &str| comments.at(&Place::Field(group, at, name.to_string()));
        body.comments(field("expr"));
        let mut core = core(&rule.expr);
        core.text = self.said(&core.text, form);
        body.comments(&core.before);
        let severity = rule.labels.get("severity").filter(|s| !s.is_empty() && !s.contains("{{"));
        let leveled =
            form >= Form::Labels && Level::of(rule).is_some_and(|l| self.shared.levels(&l.severity));
        if leveled {
            self.levels(&mut body, rules, form, &[field("for"), field("keep_firing_for")].concat());
        } else {
            body.expression("expr", &core.text);
            body.comments(&core.after);
            body.comments(field("for"));
            // Said unless the file's default says it.
            let hold = rule.hold.filter(|d| d.millis() != 0);
            if hold != self.shared.hold {
                body.add(Part::When, format!("for {}", hold.unwrap_or(Duration::from_millis(0))));
            }
            body.comments(field("keep_firing_for"));
            if let Some(keep) = rule.keep_firing_for.filter(|d| d.millis() != 0) {
                body.add(Part::When, format!("keep_firing_for {keep}"));
            }
            if let Some(severity) = severity.filter(|s| self.shared.severity.as_deref() != Some(*s)) {
                body.add(Part::When, format!("severity {}", text::name(severity)));
            }
        }
        body.comments(field("labels"));
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
        set(&mut body, Part::When, "labels", &labels, idiom);
        body.comments(field("annotations"));
        let mut head = format!("alert {}", text::name(&rule.alert));
        let headline = self.headline(rule, form, idiom).filter(|text| body.has_headline_room(&head, text));
        if let Some(text) = &headline {
            head = format!("{head} {text}");
        }
        self.annotations(&mut body, rule, form, idiom, headline.is_some());
        body.write(&mut self.out, indent, &head);
    }

    fn levels(&self, body: &mut Body, rules: &[Rule], form: Form, holds: &[String]) {
        let several = rules.len() > 1;
        let levels = rules.iter().filter_map(|r| match r {
            Rule::Alerting(rule) => Level::of(rule).map(|level| (rule, level)),
            Rule::Recording(_) => None,
        });
        for (index, (rule, level)) in levels.enumerate() {
            if index == 0 {
                body.expression("value", &self.said(&level.signal, form));
                body.comments(holds);
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
            // Several levels stand below each other.
            body.add(if several { Part::Level } else { Part::When }, line);
        }
    }

    /// The summary where it stands behind the alert's name.
    fn headline(&self, rule: &AlertingRule, form: Form, idiom: Idiom<'_>) -> Option<String> {
        let summary = rule.annotations.get("summary").filter(|_| form >= Form::Labels)?;
        (self.shared.annotations.get("summary") != Some(summary)).then(|| quoted(summary, idiom))
    }

    fn annotations(
        &self,
        body: &mut Body,
        rule: &AlertingRule,
        form: Form,
        idiom: Idiom<'_>,
        has_headline: bool,
    ) {
        let inherited = |name: &str, value: &str| self.shared.annotations.get(name) == Some(value);
        for (name, key) in KNOWN.into_iter().filter(|(name, _)| !(has_headline && *name == "summary")) {
            let Some(value) = rule.annotations.get(name).filter(|v| !inherited(name, v)) else { continue };
            let value = match key {
                "runbook" if form >= Form::Labels => self.shared.relative(&rule.alert, value),
                _ => Some(value),
            };
            let Some(value) = value else { continue };
            let written = match form {
                Form::Plain => quoted(value, idiom),
                _ => block(value, body.indent() + 2).unwrap_or_else(|| quoted(value, idiom)),
            };
            body.add(Part::Text, format!("{key} {written}"));
        }
        let rest: Vec<(&str, &str)> = rule
            .annotations
            .iter()
            .filter(|(name, value)| !KNOWN.iter().any(|(k, _)| k == name) && !inherited(name, value))
            .collect();
        set(body, Part::Text, "annotations", &rest, idiom);
    }
}

/// `labels {…}` or `annotations {…}`, on several lines when one would be long.
fn set(body: &mut Body, part: Part, key: &str, entries: &[(&str, &str)], idiom: Idiom<'_>) {
    if entries.is_empty() {
        return;
    }
    let line = format!("{key} {}", labels_of(entries, idiom));
    if body.fits(&line) || entries.len() == 1 {
        return body.add(part, line);
    }
    let margin = " ".repeat(body.indent());
    let lines: String = entries
        .iter()
        .map(|(name, value)| format!("{margin}  {}={},\n", text::label(name), quoted(value, idiom)))
        .collect();
    body.add(part, format!("{key} {{\n{lines}{margin}}}"));
}
