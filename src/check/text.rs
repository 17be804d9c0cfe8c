//! Interpolations: `{label}`, `{value}`, `{threshold}`, `{alertname}`, `{severity}` to the Go template that Prometheus
//! expands, and the findings about those that can't be filled.

use std::collections::BTreeMap;

use super::expand::Expanded;
use super::inherit::Composed;
use super::types::{Humanizer, LabelSet, Presence, Unit};
use crate::diagnostic::codes::templates;
use crate::diagnostic::{Diagnostic, Severity, did_you_mean};
use crate::gotemplate::prometheus::{self, RuleTemplate};
use crate::gotemplate::{Root, Used};
use crate::promql::features::Version;
use crate::source::Span;
use crate::syntax::ast::{Label, Let, PartKind, Quote, Text};

/// What the words of a text stand for in one rule.
#[derive(Debug, Clone, Copy)]
pub struct Words<'w, 'a> {
    /// `{alertname}`
    pub alertname: &'w str,
    /// `{severity}`
    pub severity: Option<&'w str>,
    /// `{threshold}`: a text, which may itself be a template.
    pub threshold: Option<&'w str>,
    /// Words of this alert alone, and what they become; they go before all others.
    pub facts: &'w [(&'w str, String)],
    /// The unit of `{value}`.
    pub unit: Option<&'w Unit>,
    /// The labels that the rule sets.
    pub labels: &'w BTreeMap<&'a str, &'a Label>,
    /// The labels that Prometheus adds.
    pub external: &'w BTreeMap<String, String>,
    /// The labels of the result.
    pub result: &'w LabelSet,
}

/// Label templates that use other labels nest no deeper.
const MAX_NESTING: usize = 4;

impl Words<'_, '_> {
    /// The Go template of a text.
    pub fn compile(&self, text: &Text) -> String {
        self.compile_nested(text, 0)
    }

    /// The Go template of a link, which may be made of several texts.
    pub fn compile_composed(&self, text: &Composed<'_>) -> String {
        match text.sources.as_slice() {
            [only] if only.value == text.value => self.compile(only),
            sources => {
                let span = sources.first().map_or(Span::NONE, |s| s.span);
                self.compile(&Text::plain(text.value.clone(), Quote::Double, span))
            }
        }
    }

    fn compile_nested(&self, text: &Text, depth: usize) -> String {
        let mut out = String::with_capacity(text.value.len());
        for part in text.parts() {
            match part.kind {
                PartKind::Interpolation => out.push_str(&self.word(part.text, depth)),
                PartKind::Literal | PartKind::Param | PartKind::Template => {
                    out.push_str(&text.value[part.range.clone()]);
                }
            }
        }
        out
    }

    /// Reports Go templates in a text that Prometheus can't read, and labels in them that the result never has.
    pub fn check_template(
        &self,
        text: &Text,
        version: Version,
        expr: &Expanded<'_>,
        out: &mut Vec<Diagnostic>,
    ) {
        if !text.value.contains("{{") {
            return;
        }
        let mut compiled = String::new();
        let mut places = Vec::new();
        for part in text.parts() {
            places.push((compiled.len(), part.range.clone(), part.kind));
            match part.kind {
                PartKind::Interpolation => compiled.push_str(&self.word(part.text, 0)),
                PartKind::Literal | PartKind::Param | PartKind::Template => {
                    compiled.push_str(&text.value[part.range.clone()]);
                }
            }
        }
        // The author's text under a range of the compiled one; all of an interpolation, which is shorter.
        let source = |start: usize, end: usize| {
            let index = places.partition_point(|(at, _, _)| *at <= start);
            let Some((at, range, kind)) = index.checked_sub(1).and_then(|i| places.get(i)) else {
                return text.span;
            };
            match kind {
                PartKind::Interpolation => text.source(range.clone()),
                _ => {
                    let from = (range.start + (start - at)).min(range.end);
                    text.source(from..(range.start + end.saturating_sub(*at)).clamp(from, range.end))
                }
            }
        };
        match RuleTemplate::parse(
            self.alertname,
            &compiled,
            prometheus::functions((version.major, version.minor)),
        ) {
            Err(error) => out.push(
                Diagnostic::new(
                    &templates::INVALID_TEMPLATE,
                    source(error.offset, error.offset + error.length),
                    format!("Prometheus can't read this template: {}", error.reason),
                )
                .label("here"),
            ),
            Ok(template) => {
                for used in template.uses() {
                    if let Used::Path(Root::Variable(variable), names) = &used.what
                        && variable == "$labels"
                        && let [label, ..] = names.as_slice()
                    {
                        let span = source(used.at.start, used.at.end);
                        let written = places.iter().any(|(at, range, kind)| {
                            *kind == PartKind::Template && (*at..at + range.len()).contains(&used.at.start)
                        });
                        if written {
                            self.check_label(label, span, expr, out);
                        }
                    }
                }
            }
        }
    }

    fn word(&self, word: &str, depth: usize) -> String {
        if let Some((_, text)) = self.facts.iter().find(|(name, _)| *name == word) {
            return text.clone();
        }
        match word {
            "alertname" => self.alertname.to_string(),
            "severity" => self.severity.unwrap_or("").to_string(),
            "threshold" => self.threshold.unwrap_or("").to_string(),
            "value" => Humanizer::of(self.unit).template("$value"),
            label => match self.labels.get(label) {
                Some(own) if depth < MAX_NESTING => self.compile_nested(&own.value, depth + 1),
                // A label that only might be on the result is surely among those that Prometheus adds.
                _ if self.external.contains_key(label) && !self.result.names().any(|n| n == label) => {
                    format!("{{{{ $externalLabels.{label} }}}}")
                }
                _ => format!("{{{{ $labels.{label} }}}}"),
            },
        }
    }

    /// Reports the words of a text that nothing fills.
    pub fn check(&self, text: &Text, expr: &Expanded<'_>, out: &mut Vec<Diagnostic>) {
        for part in text.parts() {
            if part.kind != PartKind::Interpolation {
                continue;
            }
            match part.text {
                "alertname" | "value" => {}
                fact if self.facts.iter().any(|(name, _)| *name == fact) => {}
                "severity" if self.severity.is_some() => {}
                "severity" => out.push(
                    Diagnostic::new(
                        &templates::UNKNOWN_INTERPOLATION,
                        part.span,
                        "this alert has no severity",
                    )
                    .label("nothing to put here"),
                ),
                "threshold" if self.threshold.is_some() => {}
                "threshold" => out.push(
                    Diagnostic::new(
                        &templates::UNKNOWN_INTERPOLATION,
                        part.span,
                        "this alert has no threshold",
                    )
                    .label("nothing to put here")
                    .help(match self.facts {
                        [] => "a threshold is known when the alert has a `value` and levels",
                        _ => "an slo has `{objective}`, and `{value}`: how many times too fast its budget burns",
                    }),
                ),
                label if self.labels.contains_key(label) || self.external.contains_key(label) => {}
                label => self.check_label(label, part.span, expr, out),
            }
        }
    }

    fn check_label(&self, label: &str, span: Span, expr: &Expanded<'_>, out: &mut Vec<Diagnostic>) {
        let Presence::Never(reason) = self.result.get(label) else { return };
        let mut d = Diagnostic::new(
            &templates::UNKNOWN_LABEL,
            span,
            format!("the result never has a label `{label}`"),
        )
        .label("stays empty");
        let at = if reason.span == Span::NONE { expr.span } else { expr.origin(reason.span) };
        d = d.also(at, reason.absence());
        let known: Vec<&str> = self
            .result
            .names()
            .chain(self.labels.keys().copied())
            .chain(["value", "threshold", "alertname", "severity"])
            .collect();
        d.help.extend(did_you_mean(label, known.iter().copied()));
        if d.help.is_empty() {
            let names: Vec<String> = self.result.names().map(|n| format!("`{n}`")).collect();
            if !names.is_empty() {
                d = d.help(format!("the result has {}", names.join(", ")));
            }
        }
        out.push(d);
    }
}

/// Reports names of lets in a text, where they are not put in.
pub fn params_are_text(text: &Text, lets: &BTreeMap<&str, &Let>, out: &mut Vec<Diagnostic>) {
    for part in text.parts().iter().filter(|p| p.kind == PartKind::Param && lets.contains_key(p.text)) {
        let mut finding = Diagnostic::new(
            &templates::UNKNOWN_INTERPOLATION,
            part.span,
            format!("`${}` stays as it is here", part.text),
        )
        .label("text, not the value of the let")
        .help("labels and annotations take words in braces: write the value itself, or `{threshold}`, `{value}`, a label");
        finding.severity = Severity::Warning;
        out.push(finding);
    }
}
