//! Selectors: what a metric is, and what its matchers say of its labels.

use super::env::{Buckets, Metric, Series, TARGET_LABELS};
use super::labels::{Cause, LabelSet, Presence, Values};
use super::regexp::{alternatives, needs_text, values};
use super::walk::Walker;
use super::{Sort, Type};
use crate::diagnostic::codes::types as codes;
use crate::diagnostic::{Diagnostic, nearest};
use crate::gostd::regexp::{Anchor, Regexp};
use crate::promql::ast::{METRIC_NAME, MatchOp, Matcher, VectorSelector};
use crate::promql::types::ValueType;
use crate::source::Span;

impl Walker<'_> {
    pub(super) fn selector(&mut self, selector: &VectorSelector, span: Span) -> Type {
        let name = selector.metric_name();
        let recorded = name.and_then(|n| self.env.recorded(n)).cloned();
        let mut ty = match (recorded, name) {
            (Some(ty), _) => ty,
            (None, Some(name)) => self.metric(name, selector, span),
            (None, None) => Type::unknown(ValueType::Vector, span),
        };
        ty.value = ValueType::Vector;
        if let Some(name) = name {
            ty.labels.insert(METRIC_NAME, true, Values::exactly(name), Cause::Matcher, span);
        }
        self.matchers(&selector.matchers, &mut ty);
        ty
    }

    fn metric(&mut self, name: &str, selector: &VectorSelector, span: Span) -> Type {
        let name_span = selector.name.as_ref().map_or(span, |n| n.span);
        let series = self.env.series(name, span);
        let mut ty = Type::unknown(ValueType::Vector, span);
        if series.missing {
            self.missing_series(name, name_span, &series);
            return ty;
        }
        if let Some(metric) = &series.metric {
            if let Some(labels) = &series.labels {
                ty.labels = labels.clone();
            }
            if let Some(extra) = series.extra_label {
                ty.labels.insert(extra, true, Values::Any, Cause::Declaration, metric.span);
            }
            self.unknown_labels(metric, &series, &selector.matchers);
        }
        if let Some(Buckets::Classic(_)) = series.observed.as_deref().map(|o| &o.buckets) {
            self.bucket_matchers(&series, &selector.matchers);
        }
        if matches!(series.sort, Sort::Buckets { .. }) && !self.env.le_as_exposed() {
            self.le_format(&selector.matchers);
        }
        ty.sort = series.sort;
        ty.unit = series.unit;
        ty.range = series.range;
        ty.source = Some(series.source);
        ty.observed = series.observed;
        ty
    }

    fn missing_series(&mut self, name: &str, span: Span, series: &Series) {
        let Some(metric) = &series.metric else { return };
        let (base, kind) = (&metric.name, metric.kind.as_str());
        let finding = Diagnostic::new(&codes::MISSING_SERIES, span, format!("there is no series `{name}`"));
        let finding = match (&metric.buckets, name == base) {
            (Buckets::Native, _) => finding
                .label("a native histogram has no series of its own for buckets, sum and count")
                .help(format!(
                    "read `{base}` itself: `histogram_quantile(0.95, rate({base}[5m]))`, `histogram_count`"
                )),
            (_, true) => finding
                .label("a classic histogram has series with a suffix only")
                .help(format!("`{base}_bucket`, `{base}_sum` or `{base}_count`"))
                .help("declare it `native` if it is one"),
            _ => finding.label(format!("a {kind} has no buckets")),
        };
        self.report(finding.also(metric.span, format!("`{base}` is declared here")));
    }

    /// Matchers on labels that the metric's declaration does not list.
    fn unknown_labels(&mut self, metric: &Metric, series: &Series, matchers: &[Matcher]) {
        let Some(labels) = &metric.labels else { return };
        for matcher in matchers {
            let label = matcher.label.name.as_str();
            let known = labels.iter().any(|l| l == label)
                || TARGET_LABELS.contains(&label)
                || series.extra_label == Some(label)
                || label == METRIC_NAME;
            if known {
                continue;
            }
            let mut finding = Diagnostic::new(
                &codes::UNKNOWN_METRIC_LABEL,
                matcher.label.span,
                format!("`{}` has no label `{label}`", metric.name),
            )
            .also(metric.span, "declared here");
            let candidates = labels.iter().map(String::as_str).chain(series.extra_label);
            if let Some(near) = nearest(label, candidates) {
                finding = finding.fix(format!("write `{near}`"), matcher.label.span, near);
            } else if labels.is_empty() {
                finding = finding.help("it is declared without labels");
            } else {
                finding = finding.help(format!("its labels are {}", labels.join(", ")));
            }
            self.report(finding);
        }
    }

    /// Bounds in `le` that no declared bucket has.
    fn bucket_matchers(&mut self, series: &Series, matchers: &[Matcher]) {
        let Some(observed) = &series.observed else { return };
        let Buckets::Classic(bounds) = &observed.buckets else { return };
        let exists = |text: &str| {
            text.parse::<f64>().is_ok_and(|le| le == f64::INFINITY || bounds.iter().any(|b| b.to_f64() == le))
        };
        for matcher in matchers.iter().filter(|m| m.label.name == "le" && m.params().is_empty()) {
            let wanted = match matcher.op {
                MatchOp::Equal => vec![matcher.value.clone()],
                // In a number the dot is meant as a dot.
                MatchOp::Regexp => {
                    let dots = matcher.value.replace("\\.", ".").replace('.', "\\.");
                    alternatives(&dots).unwrap_or_default()
                }
                _ => continue,
            };
            if wanted.is_empty() || wanted.iter().any(|w| exists(w)) {
                continue;
            }
            let all: Vec<String> = bounds.iter().map(ToString::to_string).collect();
            let mut finding = Diagnostic::new(
                &codes::UNKNOWN_BUCKET,
                matcher.value_span,
                format!("no bucket of `{}` ends at {}", series.source.metric, wanted.join(" or ")),
            )
            .label("selects nothing")
            .help(format!("the buckets end at {} and +Inf", all.join(", ")));
            if let Some(span) = observed.declared {
                finding = finding.also(span, "declared here");
            }
            self.report(finding);
        }
    }

    /// `le="1"`: Prometheus 3 stores whole bounds as `1.0`.
    fn le_format(&mut self, matchers: &[Matcher]) {
        for matcher in matchers.iter().filter(|m| m.label.name == "le" && m.op == MatchOp::Equal) {
            let bound = matcher.value.as_str();
            if bound.is_empty() || !bound.bytes().all(|b| b.is_ascii_digit()) {
                continue;
            }
            let finding = Diagnostic::new(
                &codes::LE_FORMAT,
                matcher.value_span,
                format!("Prometheus 3 stores this bound as `{bound}.0`"),
            )
            .label("matches only what Prometheus 2 stored")
            .fix("match both forms", matcher.span, format!("le=~\"{bound}(\\\\.0)?\""));
            self.report(finding);
        }
    }

    fn matchers(&mut self, matchers: &[Matcher], ty: &mut Type) {
        // `=` first: it fixes the values that the others are tried on.
        let equals = matchers.iter().filter(|m| m.op == MatchOp::Equal);
        for matcher in equals.chain(matchers.iter().filter(|m| m.op != MatchOp::Equal)) {
            let label = matcher.label.name.as_str();
            let written =
                !(matcher.bare_param || (matcher.value.contains('$') && !matcher.params().is_empty()));
            let possible = match matcher.op {
                _ if !written => {
                    let sure = matcher.op == MatchOp::Equal;
                    ty.labels.narrow(label, sure, &Values::Any, matcher.span);
                    true
                }
                MatchOp::Equal if matcher.value.is_empty() => {
                    let possible = !matches!(ty.labels.get(label), Presence::Surely(v) if *v != Values::Any);
                    ty.labels.remove(label, Cause::EmptyMatcher, matcher.span);
                    possible
                }
                MatchOp::Equal => {
                    ty.labels.narrow(label, true, &Values::exactly(&matcher.value), matcher.span)
                }
                MatchOp::NotEqual | MatchOp::NotRegexp | MatchOp::Regexp => {
                    narrow_pattern(matcher, &mut ty.labels)
                }
            };
            // An undeclared label is reported on its own.
            let declared_absent =
                ty.labels.reason(label).cause == Cause::Declaration && !ty.labels.get(label).is_possible();
            if !possible && !ty.empty && !declared_absent {
                ty.empty = true;
                self.contradiction(matcher, matchers);
            }
        }
    }

    fn contradiction(&mut self, matcher: &Matcher, all: &[Matcher]) {
        let other = all.iter().find(|m| m.label.name == matcher.label.name && m.span != matcher.span);
        let mut finding = Diagnostic::new(
            &codes::CONTRADICTORY_MATCHERS,
            matcher.span,
            format!("no value of `{}` satisfies all matchers", matcher.label.name),
        )
        .label("leaves nothing");
        if let Some(other) = other {
            finding = finding.also(other.span, "together with this");
        }
        self.report(finding);
    }
}

/// `!=`, `=~` and `!~`: tries a label's known values, or notes what the pattern lets through. False when nothing
/// is left.
fn narrow_pattern(matcher: &Matcher, labels: &mut LabelSet) -> bool {
    let label = matcher.label.name.as_str();
    let text = matcher.value.as_str();
    if let Presence::Surely(Values::OneOf(known)) = labels.get(label) {
        let regexp = matcher.op.is_regexp().then(|| Regexp::new(text, Anchor::Prometheus).ok()).flatten();
        if matcher.op.is_regexp() && regexp.is_none() {
            return true;
        }
        let matches = |value: &str| regexp.as_ref().map_or(value == text, |r| r.is_match(value));
        let wanted = matcher.op == MatchOp::Regexp;
        let left: Vec<_> = known.iter().filter(|v| matches(v) == wanted).cloned().collect();
        let possible = !left.is_empty();
        let left = Values::OneOf(left.into());
        return possible && labels.narrow(label, true, &left, matcher.span);
    }
    match matcher.op {
        MatchOp::NotEqual if text.is_empty() => labels.narrow(label, true, &Values::Any, matcher.span),
        MatchOp::Regexp => {
            let sure = needs_text(text);
            let values = match values(text) {
                // The empty alternative is the label's absence.
                Values::OneOf(all) if all.iter().any(|v| v.is_empty()) => Values::Any,
                values => values,
            };
            labels.narrow(label, sure, &values, matcher.span)
        }
        _ => true,
    }
}
