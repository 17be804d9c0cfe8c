//! A rule, prepared: its expression planned, its templates parsed, what it reads and writes known.

use super::{Millis, Options, silent};
use crate::diagnostic::{Diagnostic, codes};
use crate::gotemplate::Used;
use crate::gotemplate::prometheus::{RuleTemplate, functions};
use crate::prometheus::model;
use crate::promql::ast::{Expr, ExprKind, METRIC_NAME, MatchOp};
use crate::promql::engine::Prepared;
use crate::promql::matcher::Matcher;
use crate::promql::parser;
use crate::promql::storage::Wanted;
use crate::source::{FileId, Span};
use crate::yaml::StringMap;

/// A prepared rule.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    pub(super) group: usize,
    pub(super) name: String,
    pub(super) expr: String,
    /// The rule's labels over its group's, as written.
    pub(super) labels: StringMap,
    pub(super) prepared: Prepared,
    /// The matchers of each selector of the expression.
    pub(super) reads: Vec<Wanted>,
    /// It gives nothing if none of these finds a series.
    pub(super) silent_without_series: bool,
    /// What only alerts have.
    pub(super) alert: Option<AlertRule>,
}

/// What only alerting rules have.
#[derive(Debug, Clone)]
pub(super) struct AlertRule {
    pub(super) hold: Millis,
    pub(super) keep_firing_for: Millis,
    pub(super) labels: Vec<(String, RuleTemplate)>,
    pub(super) annotations: Vec<(String, RuleTemplate)>,
    /// The labels depend on nothing but the labels of the result, so that they are expanded once a series.
    pub(super) static_labels: bool,
    /// A label asks the storage, which may then hold anything.
    pub(super) labels_query: bool,
}

impl Rule {
    pub(super) fn new(
        group: usize,
        of: &model::RuleGroup,
        rule: &model::Rule,
        options: &Options,
    ) -> Result<Rule, Vec<Diagnostic>> {
        let parsing = parser::Options {
            version: options.version,
            features: options.features,
            ..parser::Options::default()
        };
        let (expr, mut diagnostics) = parser::parse(rule.expr(), FileId::NONE, 0, &parsing);
        if !diagnostics.is_empty() {
            return Err(diagnostics);
        }
        let mut labels = of.labels.clone();
        for (name, value) in rule.labels().iter() {
            labels.insert(name, value);
        }
        let alert = match rule {
            model::Rule::Recording(_) => None,
            model::Rule::Alerting(alert) => AlertRule::new(alert, &labels, options, &mut diagnostics),
        };
        let failed = |message: String| Diagnostic::new(&codes::promql::SYNTAX, Span::NONE, message);
        let prepared =
            Prepared::new(&expr).map_err(|e| failed(e.message)).map_err(|found| diagnostics.push(found));
        let (Ok(prepared), true) = (prepared, diagnostics.is_empty()) else { return Err(diagnostics) };
        Ok(Rule {
            group,
            name: rule.name().to_string(),
            expr: rule.expr().to_string(),
            labels,
            prepared,
            reads: selectors(&expr).into_iter().map(Wanted::new).collect(),
            silent_without_series: silent::without_series(&expr),
            alert,
        })
    }

    /// True when a selector of `self` may see what `writer` writes.
    pub(super) fn may_read(&self, writer: &Rule) -> bool {
        if self.alert.as_ref().is_some_and(|a| a.labels_query) {
            return true;
        }
        self.reads.iter().any(|wanted| writer.may_write(wanted.matchers()))
    }

    fn may_write(&self, matchers: &[Matcher]) -> bool {
        let named = |name: &str| {
            matchers.iter().all(|m| match m.name.as_str() {
                METRIC_NAME => m.matches(name),
                "alertname" if self.alert.is_some() => m.matches(&self.name),
                // A recording rule's own labels are there as they are written.
                label if self.alert.is_none() => self.labels.get(label).is_none_or(|value| m.matches(value)),
                _ => true,
            })
        };
        match &self.alert {
            None => named(&self.name),
            Some(_) => named("ALERTS") || named("ALERTS_FOR_STATE"),
        }
    }
}

impl AlertRule {
    fn new(
        alert: &model::AlertingRule,
        labels: &StringMap,
        options: &Options,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<AlertRule> {
        let functions = functions((options.version.major, options.version.minor));
        let mut parse = |texts: &StringMap| -> Vec<(String, RuleTemplate)> {
            let mut templates = Vec::with_capacity(texts.len());
            for (name, text) in texts.iter() {
                match RuleTemplate::parse(&alert.alert, text, functions) {
                    Ok(template) => templates.push((name.to_string(), template)),
                    Err(error) => diagnostics.push(Diagnostic::new(
                        &codes::templates::INVALID_TEMPLATE,
                        Span::NONE,
                        format!("{name}: {}", error.message),
                    )),
                }
            }
            templates
        };
        let labels = parse(labels);
        let annotations = parse(&alert.annotations);
        let uses: Vec<_> = labels.iter().flat_map(|(_, t)| t.uses()).collect();
        let is_fixed = |what: &Used| match what {
            Used::Path(root, names) => match root {
                crate::gotemplate::Root::Variable(name) => name != "$value" && name != "$",
                crate::gotemplate::Root::Data => names.first().is_some_and(|n| n != "Value"),
                crate::gotemplate::Root::Inner => true,
            },
            Used::Function(name) => name != "query" && name != "now",
            Used::Template(_) | Used::Query(_) => false,
        };
        Some(AlertRule {
            hold: alert.hold.map_or(0, crate::promql::duration::Duration::millis),
            keep_firing_for: alert.keep_firing_for.map_or(0, crate::promql::duration::Duration::millis),
            static_labels: uses.iter().all(|u| is_fixed(&u.what)),
            labels_query: uses.iter().any(|u| matches!(&u.what, Used::Function(name) if name == "query")),
            labels,
            annotations,
        })
    }
}

/// The matchers of every selector.
fn selectors(expr: &Expr) -> Vec<Vec<Matcher>> {
    let mut found = Vec::new();
    expr.walk(&mut |e| {
        let ExprKind::VectorSelector(selector) = &e.kind else { return };
        let mut matchers = Vec::new();
        if let Some(name) = &selector.name {
            matchers.extend(Matcher::new(METRIC_NAME, MatchOp::Equal, &name.name));
        }
        for matcher in &selector.matchers {
            matchers.extend(Matcher::new(&matcher.label.name, matcher.op, &matcher.value));
        }
        found.push(matchers);
    });
    // `info` joins with metrics that its text need not name.
    let mut asks_all = false;
    expr.walk(&mut |e| {
        if let ExprKind::Call(call) = &e.kind {
            asks_all |= call.function.name == "info";
        }
    });
    if asks_all {
        found.push(Vec::new());
    }
    found
}
