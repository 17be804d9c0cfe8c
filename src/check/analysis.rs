//! Canary analyses: the value and threshold of an alert as a metric that decides about a new version.

use std::collections::BTreeMap;

use super::Context;
use super::declare::{RuleItem, effective};
use super::expand::Expanded;
use super::model::{Body, Checked, CheckedAlert, CheckedAnalysis, CheckedMeasure, CheckedRule, Limits};
use super::push::{self, Condition};
use super::scope;
use crate::diagnostic::codes::{analysis as codes, names, types as type_codes};
use crate::diagnostic::{Diagnostic, did_you_mean, nearest};
use crate::gostd::strconv::quote;
use crate::project::dns_name;
use crate::promql::ast::{BinaryOp, Expr, ExprKind, params_in};
use crate::source::Span;
use crate::syntax::ast::{
    AlertProperty, Analysis, AnalysisArg, AnalysisEntry, AnalysisMetric, AnalysisSetting, Comparison,
    Matcher, MatcherValue, Promql, Property, Text,
};

/// Labels that Prometheus adds to whatever it scrapes.
const TARGET_LABELS: [&str; 2] = ["instance", "job"];

pub(super) fn check(
    context: &Context<'_, '_>,
    checked: &Checked<'_>,
    out: &mut Vec<Diagnostic>,
) -> Vec<CheckedAnalysis> {
    context.all.analyses.iter().filter_map(|a| one(context, checked, a, out)).collect()
}

/// What an analysis says once for all its metrics.
#[derive(Default)]
struct Shared<'a> {
    prometheus: Option<&'a Text>,
    namespace: Option<&'a Text>,
    args: &'a [AnalysisArg],
    settings: Vec<&'a Property<AnalysisSetting>>,
}

fn one<'a>(
    context: &Context<'_, 'a>,
    checked: &Checked<'_>,
    analysis: &'a Analysis,
    out: &mut Vec<Diagnostic>,
) -> Option<CheckedAnalysis> {
    let mut shared = Shared::default();
    let mut metrics: Vec<&'a AnalysisMetric> = Vec::new();
    for entry in &analysis.body.items {
        match entry {
            AnalysisEntry::Setting(property) => match &property.kind {
                AnalysisSetting::Prometheus(text) => shared.prometheus = Some(text),
                AnalysisSetting::Namespace(text) => shared.namespace = Some(text),
                AnalysisSetting::Args(args) => shared.args = args,
                _ => shared.settings.push(property),
            },
            AnalysisEntry::Metric(metric) => metrics.push(metric),
        }
    }
    let before = out.len();
    check_form(analysis, &shared, &metrics, out);
    let mut used: BTreeMap<&str, bool> = shared.args.iter().map(|a| (a.name.text.as_str(), false)).collect();
    let address = shared.prometheus.map_or("", |t| t.value.as_str());
    let mut measures = Vec::new();
    for metric in metrics {
        let measuring = Measuring { context, checked, metric, args: shared.args };
        measures.extend(measuring.measures(address, &shared, &mut used, out));
    }
    for arg in shared.args {
        if used.get(arg.name.text.as_str()) == Some(&false) {
            out.push(
                Diagnostic::new(
                    &codes::UNUSED_ARGUMENT,
                    arg.name.span,
                    format!("nothing uses the argument `{}`", arg.name.text),
                )
                .label("a rollout has to give it all the same")
                .help(format!(
                    "write `where {{label=\"${}\"}}` behind a metric, or remove it",
                    arg.name.text
                )),
            );
        }
    }
    let fine = out.iter().skip(before).all(|d| !d.is_error());
    fine.then(|| CheckedAnalysis {
        name: analysis.name.text.clone(),
        namespace: shared.namespace.map(|t| t.value.clone()),
        args: shared
            .args
            .iter()
            .map(|a| (a.name.text.clone(), a.value.as_ref().map(|v| v.value.clone())))
            .collect(),
        metrics: measures,
        span: analysis.name.span,
    })
}

fn check_form(
    analysis: &Analysis,
    shared: &Shared<'_>,
    metrics: &[&AnalysisMetric],
    out: &mut Vec<Diagnostic>,
) {
    let name = &analysis.name;
    if dns_name(&name.text) != name.text {
        out.push(
            invalid(name.span, format!("`{}` can't be the name of an AnalysisTemplate", name.text))
                .label("not a name of Kubernetes")
                .fix(format!("write `{}`", dns_name(&name.text)), name.span, dns_name(&name.text)),
        );
    }
    if shared.prometheus.is_none() {
        out.push(
            invalid(name.span, format!("analysis `{}` does not say which Prometheus it asks", name.text))
                .label("no address")
                .help("write `prometheus \"http://prometheus.monitoring:9090\"`"),
        );
    }
    if metrics.is_empty() {
        out.push(
            invalid(name.span, format!("analysis `{}` measures nothing", name.text))
                .label("no metric")
                .help("write `metric NAME from ALERT SEVERITY`"),
        );
    }
    let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
    let argument = |a: &'_ AnalysisArg| ("argument", a.name.span);
    let mut twice = |what: &str, text: &str, span: Span, first: Span| {
        out.push(
            Diagnostic::new(&names::DUPLICATE_NAME, span, format!("{what} `{text}` is declared twice"))
                .label("a second declaration")
                .also(first, "the first one"),
        );
    };
    for arg in shared.args {
        let (what, span) = argument(arg);
        if let Some(first) = seen.insert(&arg.name.text, span) {
            twice(what, &arg.name.text, span, first);
        }
    }
    seen.clear();
    for metric in metrics {
        if let Some(first) = seen.insert(&metric.name.text, metric.name.span) {
            twice("metric", &metric.name.text, metric.name.span, first);
        }
    }
}

fn invalid(span: Span, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(&codes::INVALID_ANALYSIS, span, message)
}

/// One metric of an analysis.
struct Measuring<'m, 'c, 'a> {
    context: &'m Context<'c, 'a>,
    checked: &'m Checked<'m>,
    metric: &'a AnalysisMetric,
    args: &'a [AnalysisArg],
}

impl<'a> Measuring<'_, '_, 'a> {
    /// A level with thresholds by label is a metric for each.
    fn measures(
        &self,
        address: &str,
        shared: &Shared<'a>,
        used: &mut BTreeMap<&'a str, bool>,
        out: &mut Vec<Diagnostic>,
    ) -> Vec<CheckedMeasure> {
        let limits = self.limits(shared, out);
        let Some((alert, promql)) = self.alert(out) else { return Vec::new() };
        let Some(expanded) = self.expand(promql, used) else { return Vec::new() };
        let Some(added) = self.added(used, out) else { return Vec::new() };
        self.check_labels(&expanded, &added, out);
        let sources = self.context.values.sources;
        let mut queries = Vec::new();
        match &alert.body {
            Body::Condition { severity, .. } => {
                self.check_no_level(severity.as_deref(), out);
                queries.push(condition(&expanded, sources, &added));
            }
            Body::Levels { levels, .. } => {
                let wanted = self.metric.severity.as_ref();
                let level = match wanted {
                    Some(word) => levels.iter().find(|l| l.severity == word.text),
                    None if levels.len() == 1 => levels.first(),
                    None => None,
                };
                let Some(level) = level else {
                    let names: Vec<&str> = levels.iter().map(|l| l.severity.as_str()).collect();
                    out.push(self.ambiguous(alert, &names));
                    return Vec::new();
                };
                for (index, conditions) in push::disjoint(&level.lines) {
                    let Some(line) = level.lines.get(index) else { continue };
                    let Some(mut places) = push::places(&expanded, &conditions) else { continue };
                    places.extend(selectors(&expanded.expr, &added));
                    let query = expanded.edited(sources, &push::edits(&places));
                    queries.push((query, line.op, line.threshold.number.clone()));
                }
            }
            Body::Burns { .. } => {
                out.push(
                    self.finding(&format!("`{}` is the alert of an slo", alert.name.text))
                        .label("its burn rates look at hours, an analysis at minutes")
                        .also(alert.name.span, "the slo")
                        .help("write an alert on the same events"),
                );
                return Vec::new();
            }
        }
        let several = queries.len() > 1;
        let name = |index: usize| match several {
            true => format!("{}-{}", self.metric.name.text, index + 1),
            false => self.metric.name.text.clone(),
        };
        let measure = |(index, (query, op, number))| CheckedMeasure {
            name: name(index),
            address: address.to_string(),
            query,
            op,
            number,
            limits,
        };
        queries.into_iter().enumerate().map(measure).collect()
    }

    fn finding(&self, message: &str) -> Diagnostic {
        Diagnostic::new(&codes::AMBIGUOUS_LEVEL, self.metric.alert.span, message)
    }

    fn ambiguous(&self, alert: &CheckedAlert<'_>, levels: &[&str]) -> Diagnostic {
        let name = &alert.name.text;
        let (span, message) = match &self.metric.severity {
            Some(word) => (word.span, format!("`{name}` has no level `{}`", word.text)),
            None => (self.metric.alert.span, format!("`{name}` has several levels")),
        };
        let d = Diagnostic::new(&codes::AMBIGUOUS_LEVEL, span, message)
            .label("whose threshold decides?")
            .also(alert.name.span, format!("its levels are {}", levels.join(", ")));
        let wanted = self.metric.severity.as_ref().map(|w| w.text.as_str());
        match wanted.and_then(|w| nearest(w, levels.iter().copied())) {
            Some(near) => d.fix(format!("write `{near}`"), span, near),
            None => d.help(format!("write `from {name} {}`", levels.first().unwrap_or(&""))),
        }
    }

    /// A condition has no levels, but its own severity may be named.
    fn check_no_level(&self, severity: Option<&str>, out: &mut Vec<Diagnostic>) {
        let Some(word) = self.metric.severity.as_ref().filter(|w| Some(w.text.as_str()) != severity) else {
            return;
        };
        let behind = Span { start: self.metric.alert.span.end, ..word.span };
        out.push(
            Diagnostic::new(
                &codes::AMBIGUOUS_LEVEL,
                word.span,
                format!("`{}` has no levels: it is one condition", self.metric.alert.text),
            )
            .label("not its severity")
            .fix("remove it", behind, ""),
        );
    }

    /// The alert and its expression as it is written.
    fn alert(&self, out: &mut Vec<Diagnostic>) -> Option<(&CheckedAlert<'_>, &'a Promql)> {
        let name = &self.metric.alert;
        let rules = || self.checked.files.iter().flat_map(|f| &f.groups).flat_map(|g| &g.rules);
        let found = rules().filter_map(CheckedRule::alert).find(|a| a.name.text == name.text);
        let items = self.context.all.files.iter().flat_map(|f| &f.groups).flat_map(|g| &g.rules);
        let declared = items.filter(|r| !matches!(r, RuleItem::Record(_)));
        let written = declared.clone().find(|r| r.name().text == name.text);
        let Some(written) = written else {
            let mut d = Diagnostic::new(
                &names::UNKNOWN_RULE,
                name.span,
                format!("there is no alert `{}` to take a threshold from", name.text),
            )
            .label("no such alert");
            d.help.extend(did_you_mean(&name.text, declared.map(|r| r.name().text.as_str())));
            out.push(d);
            return None;
        };
        // What is wrong with the alert has been told.
        let found = found?;
        let promql = match written {
            RuleItem::Alert(base, changes) => {
                effective(base, changes).into_iter().find_map(|p| match &p.kind {
                    AlertProperty::Expr(e) | AlertProperty::Value(e) => Some(e),
                    _ => None,
                })
            }
            _ => None,
        };
        match promql {
            Some(promql) => Some((found, promql)),
            None => {
                if let Body::Burns { .. } = found.body {
                    out.push(
                        self.finding(&format!("`{}` is the alert of an slo", name.text))
                            .label("its burn rates look at hours, an analysis at minutes")
                            .also(found.name.span, "the slo")
                            .help("write an alert on the same events"),
                    );
                }
                None
            }
        }
    }

    /// The expression, with arguments in the place of the constants that have their names.
    fn expand(&self, promql: &'a Promql, used: &mut BTreeMap<&'a str, bool>) -> Option<Expanded<'a>> {
        let texts: Vec<(&'a str, String)> =
            self.args.iter().map(|a| (a.name.text.as_str(), placeholder(&a.name.text))).collect();
        let lets = &self.context.all.lets;
        let given: Vec<(&'a str, &str)> = texts
            .iter()
            .filter(|(name, _)| lets.contains_key(name))
            .map(|(name, text)| (*name, text.as_str()))
            .collect();
        let expanded = self.context.expander.expand(promql, &given, &mut Vec::new())?;
        for (name, text) in given {
            if expanded.text.contains(text)
                && let Some(used) = used.get_mut(name)
            {
                *used = true;
            }
        }
        Some(expanded)
    }

    /// The matchers behind `where`, arguments in them.
    fn added(
        &self,
        used: &mut BTreeMap<&'a str, bool>,
        out: &mut Vec<Diagnostic>,
    ) -> Option<Vec<(Condition, Span)>> {
        let mut added = Vec::new();
        for matcher in self.metric.matchers.iter().flat_map(|m| &m.items) {
            let value = self.value(matcher, used, out)?;
            let text =
                format!("{}{}{}", scope::label(&matcher.name.text), matcher.op.as_str(), quote(&value));
            added.push((Condition { label: matcher.name.text.clone(), text }, matcher.name.span));
        }
        Some(added)
    }

    fn value(
        &self,
        matcher: &'a Matcher,
        used: &mut BTreeMap<&'a str, bool>,
        out: &mut Vec<Diagnostic>,
    ) -> Option<String> {
        let (text, span) = match &matcher.value {
            MatcherValue::Text(t) => (t.value.clone(), t.span),
            MatcherValue::Param(p) => (format!("${}", p.name), p.span),
        };
        let mut value = String::new();
        let mut at = 0;
        for (name, range) in params_in(&text) {
            value.push_str(text.get(at..range.start).unwrap_or(""));
            match used.get_mut(name) {
                Some(used) => {
                    *used = true;
                    value.push_str(&placeholder(name));
                }
                None => value.push_str(&self.context.values.constant(name, span, out)?),
            }
            at = range.end;
        }
        value.push_str(text.get(at..).unwrap_or(""));
        Some(value)
    }

    /// A matcher on a label that a metric does not have would select nothing, or everything.
    fn check_labels(&self, expanded: &Expanded<'_>, added: &[(Condition, Span)], out: &mut Vec<Diagnostic>) {
        let mut told = Vec::new();
        for (selector, condition) in selectors(&expanded.expr, added) {
            let ExprKind::VectorSelector(v) = &selector.kind else { continue };
            let Some(metric) = v.metric_name().and_then(|n| self.context.env.metric_of_series(n)) else {
                continue;
            };
            let Some(labels) = &metric.labels else { continue };
            let label = condition.label.as_str();
            let span = added.iter().find(|(c, _)| *c == condition).map_or(self.metric.span, |(_, s)| *s);
            let key = (metric.name.clone(), span);
            if labels.iter().any(|l| l == label) || TARGET_LABELS.contains(&label) || told.contains(&key) {
                continue;
            }
            told.push(key);
            let mut d = Diagnostic::new(
                &type_codes::UNKNOWN_METRIC_LABEL,
                span,
                format!("`{}` has no label `{label}`", metric.name),
            )
            .also(metric.span, "declared here")
            .also(expanded.origin(selector.span), "read by the alert here");
            d.help.extend(did_you_mean(label, labels.iter().map(String::as_str)));
            out.push(d);
        }
    }

    fn limits(&self, shared: &Shared<'a>, out: &mut Vec<Diagnostic>) -> Limits {
        let values = self.context.values;
        let mut limits = Limits::default();
        let (mut count_span, mut failure_span, mut inconclusive_span) = (Span::NONE, Span::NONE, Span::NONE);
        let own = self.metric.body.iter().flat_map(|b| &b.items);
        for property in shared.settings.iter().copied().chain(own) {
            match &property.kind {
                AnalysisSetting::Interval(v) => limits.interval = values.duration(v, out),
                AnalysisSetting::InitialDelay(v) => limits.initial_delay = values.duration(v, out),
                AnalysisSetting::Count(v) => {
                    count_span = property.span;
                    limits.count = values.count(v, out);
                }
                AnalysisSetting::FailureLimit(v) => {
                    failure_span = property.span;
                    limits.failure_limit = values.count(v, out);
                }
                AnalysisSetting::InconclusiveLimit(v) => {
                    inconclusive_span = property.span;
                    limits.inconclusive_limit = values.count(v, out);
                }
                AnalysisSetting::ConsecutiveErrorLimit(v) => {
                    limits.consecutive_error_limit = values.count(v, out);
                }
                AnalysisSetting::Prometheus(_) | AnalysisSetting::Namespace(_) | AnalysisSetting::Args(_) => {
                }
            }
        }
        // What is said for all metrics is told once.
        let mut tell = |d: Diagnostic| {
            if out.iter().all(|o| o.code != d.code || o.primary.span != d.primary.span) {
                out.push(d);
            }
        };
        if limits.count.is_some_and(|c| c > 1) && limits.interval.is_none() {
            tell(
                invalid(count_span, "several measurements, but how far apart?")
                    .label("no interval")
                    .help("write `interval 30s`"),
            );
        }
        let bounds = [
            (limits.failure_limit, failure_span, "fail"),
            (limits.inconclusive_limit, inconclusive_span, "tell nothing"),
        ];
        for (limit, span, what) in bounds {
            if let (Some(count), Some(limit)) = (limits.count, limit)
                && limit > count
            {
                tell(
                    invalid(span, format!("{limit} of {count} measurements may {what}"))
                        .label("more than there are")
                        .help("a limit is how many may do so, 0 is none"),
                );
            }
        }
        limits
    }
}

/// As Argo Rollouts replaces it.
fn placeholder(name: &str) -> String {
    format!("{{{{args.{name}}}}}")
}

/// The selectors of an expression and the matchers that each lacks.
fn selectors<'e>(expr: &'e Expr, added: &[(Condition, Span)]) -> Vec<(&'e Expr, Condition)> {
    let mut all = Vec::new();
    expr.walk(&mut |e| {
        let ExprKind::VectorSelector(v) = &e.kind else { return };
        // What the alert says of a label itself stays.
        let missing = added.iter().filter(|(c, _)| v.matchers.iter().all(|m| m.label.name != c.label));
        all.extend(missing.map(|(c, _)| (e, c.clone())));
    });
    all
}

/// The value of a condition and what it is compared with. Of a condition that is no comparison with a number, whether it has
/// results: 0 is none.
fn condition(
    expanded: &Expanded<'_>,
    sources: &crate::source::Sources,
    added: &[(Condition, Span)],
) -> (String, Comparison, String) {
    if let ExprKind::Binary(b) = &expanded.expr.kind
        && b.return_bool.is_none()
        && let Some(op) = comparison(b.op)
        && let ExprKind::Number(n) = &b.rhs.kind
    {
        let mut edits = push::edits(&selectors(&b.lhs, added));
        let behind = Span { start: b.lhs.span.end, end: expanded.expr.span.end, ..b.lhs.span };
        edits.push((behind, String::new()));
        let query = expanded.edited(sources, &edits);
        return (query, op, crate::gostd::strconv::format_value(n.value));
    }
    let query = expanded.edited(sources, &push::edits(&selectors(&expanded.expr, added)));
    (
        format!("count(\n  {}\n)\nor\nvector(0)", query.replace('\n', "\n  ")),
        Comparison::Greater,
        "0".to_string(),
    )
}

fn comparison(op: BinaryOp) -> Option<Comparison> {
    Some(match op {
        BinaryOp::Gt => Comparison::Greater,
        BinaryOp::Ge => Comparison::GreaterEqual,
        BinaryOp::Lt => Comparison::Less,
        BinaryOp::Le => Comparison::LessEqual,
        BinaryOp::Eq => Comparison::Equal,
        BinaryOp::Ne => Comparison::NotEqual,
        _ => return None,
    })
}
