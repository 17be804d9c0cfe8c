//! One rule: taken out of YAML, checked, and made a model.

use super::model::{AlertingRule, RecordingRule, Rule};
use super::read::Target;
use super::read::{RulePlaces, check_label_names, duration, pairs};
use super::{Duration, expression, template};
use crate::diagnostic::{Diagnostic, codes};
use crate::source::Span;
use crate::yaml::{Decoder, Node, StringMap};

const RULE_FIELDS: [&str; 7] = ["record", "alert", "expr", "for", "keep_firing_for", "labels", "annotations"];

/// A rule's values beside the nodes they came from.
pub(super) struct RuleNodes<'n> {
    node: &'n Node,
    record: Option<&'n Node>,
    alert: Option<&'n Node>,
    expr: Option<&'n Node>,
    hold: Option<(Duration, &'n Node)>,
    keep_firing_for: Option<(Duration, &'n Node)>,
    labels: (StringMap, Option<&'n Node>),
    annotations: (StringMap, Option<&'n Node>),
}

impl<'n> RuleNodes<'n> {
    /// Takes a rule's values out of its mapping.
    pub(super) fn read(node: &'n Node, decoder: &mut Decoder) -> Option<RuleNodes<'n>> {
        let mut rule = RuleNodes {
            node,
            record: None,
            alert: None,
            expr: None,
            hold: None,
            keep_firing_for: None,
            labels: Default::default(),
            annotations: Default::default(),
        };
        if node.is_null() {
            return Some(rule);
        }
        let mapping = decoder.mapping(node, "a rule")?;
        for entry in &mapping.entries {
            let value = &entry.value;
            match entry.name() {
                "record" => rule.record = text(value, "`record`", decoder),
                "alert" => rule.alert = text(value, "`alert`", decoder),
                "expr" => rule.expr = text(value, "`expr`", decoder),
                "for" => rule.hold = duration(value, "`for`", decoder).map(|d| (d, &entry.key)),
                "keep_firing_for" => {
                    rule.keep_firing_for =
                        duration(value, "`keep_firing_for`", decoder).map(|d| (d, &entry.key));
                }
                "labels" => {
                    rule.labels = (decoder.string_map(value, "`labels`"), Some(value));
                    check_label_names(value, decoder);
                }
                "annotations" => rule.annotations = (decoder.string_map(value, "`annotations`"), Some(value)),
                _ => decoder.unknown_field(entry, "a rule", RULE_FIELDS),
            }
        }
        Some(rule)
    }

    /// Everything that is wrong with the rule by itself (rulefmt.Rule Validate).
    pub(super) fn check(&self, text: &str, target: Target) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        match (self.record, self.alert) {
            (Some(record), Some(alert)) => found.push(
                Diagnostic::new(
                    &codes::rules::RULE_KIND,
                    alert.span,
                    "only one of 'record' and 'alert' must be set",
                )
                .also(record.span, "this makes it a recording rule")
                .help("make two rules of it"),
            ),
            (None, None) if self.has_wrong("alert") || self.has_wrong("record") => {}
            (None, None) => found.push(
                Diagnostic::new(
                    &codes::rules::RULE_KIND,
                    self.head(),
                    "one of 'record' or 'alert' must be set",
                )
                .help("name the rule with `alert: Name`, or the metric it writes with `record: name`"),
            ),
            _ => {}
        }
        match self.expr {
            Some(expr) => expression::check(expr, text, target, &mut found),
            None if self.has_wrong("expr") => {}
            None => found.push(Diagnostic::new(
                &codes::yaml::MISSING_FIELD,
                self.head(),
                "field 'expr' must be set in rule",
            )),
        }
        if let Some(record) = self.record {
            self.check_recording(record, &mut found);
        }
        if let Some(alert) = self.alert.and_then(Node::as_text) {
            for (part, labels) in [("label", self.labels.1), ("annotation", self.annotations.1)] {
                for entry in labels.and_then(Node::as_mapping).map_or(&[][..], |m| &m.entries) {
                    template::check(alert, part, entry, text, target, &mut found);
                }
            }
        }
        for entry in self.annotations.1.and_then(Node::as_mapping).map_or(&[][..], |m| &m.entries) {
            if entry.key.as_scalar().is_some() && entry.name().is_empty() {
                let message = "invalid annotation name: \"\"";
                found.push(Diagnostic::new(&codes::rules::INVALID_LABEL_NAME, entry.key.span, message));
            }
        }
        found
    }

    fn check_recording(&self, record: &Node, found: &mut Vec<Diagnostic>) {
        let annotations = self.annotations.1.filter(|_| !self.annotations.0.is_empty()).map(|n| n.span);
        let nonzero =
            |field: &Option<(Duration, &Node)>| field.filter(|(d, _)| d.millis() != 0).map(|(_, n)| n.span);
        let fields = [
            ("annotations", annotations),
            ("for", nonzero(&self.hold)),
            ("keep_firing_for", nonzero(&self.keep_firing_for)),
        ];
        for (field, span) in fields {
            let Some(span) = span else { continue };
            let message = format!("invalid field '{field}' in recording rule");
            found.push(
                Diagnostic::new(&codes::rules::RECORDING_RULE_FIELD, span, message)
                    .also(record.span, "this makes it a recording rule")
                    .help("only alerting rules have it; remove it"),
            );
        }
        let name = record.as_text().unwrap_or("");
        if name.contains(['{', '}']) {
            let message = format!("braces present in the recording rule name; should it be in expr?: {name}");
            found.push(Diagnostic::new(&codes::rules::INVALID_RECORD_NAME, record.span, message));
        }
    }

    /// True when a field is there with a value of the wrong type, which has been reported.
    fn has_wrong(&self, field: &str) -> bool {
        self.node.as_mapping().and_then(|m| m.get(field)).is_some_and(|n| n.as_scalar().is_none())
    }

    /// The name, when the rule has exactly one.
    pub(super) fn name(&self) -> Option<&'n str> {
        self.alert.or(self.record).and_then(Node::as_text)
    }

    /// Where the name stands.
    pub(super) fn name_span(&self) -> Span {
        self.alert.or(self.record).map_or(self.head(), |n| n.span)
    }

    /// The rule's own labels.
    pub(super) fn labels(&self) -> Vec<(&str, &str)> {
        pairs(&self.labels.0)
    }

    /// The first line of the rule.
    fn head(&self) -> Span {
        let first = self.node.as_mapping().and_then(|m| m.entries.iter().find(|e| !e.merged));
        first.map_or(self.node.span, |e| e.key.span)
    }

    /// The model, unless what makes it a rule is missing.
    pub(super) fn into_model(self) -> Option<(Rule, RulePlaces)> {
        let places = RulePlaces { name: self.name_span(), expr: self.expr?.span };
        let expr = self.expr.and_then(Node::as_text)?.to_string();
        let rule = match (self.alert, self.record) {
            (Some(alert), None) => Rule::Alerting(AlertingRule {
                alert: alert.as_text()?.to_string(),
                expr,
                hold: self.hold.map(|(d, _)| d),
                keep_firing_for: self.keep_firing_for.map(|(d, _)| d),
                labels: self.labels.0,
                annotations: self.annotations.0,
            }),
            (None, Some(record)) => Rule::Recording(RecordingRule {
                record: record.as_text()?.to_string(),
                expr,
                labels: self.labels.0,
            }),
            _ => return None,
        };
        Some((rule, places))
    }
}

/// A text field that counts as absent when it is empty.
fn text<'n>(node: &'n Node, what: &str, decoder: &mut Decoder) -> Option<&'n Node> {
    decoder.text(node, what).filter(|t| !t.is_empty()).map(|_| node)
}
