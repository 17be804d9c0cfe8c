//! A metric with its labels: `http_requests_total{job="api"}`, as test series and expected samples name it.

use super::Options;
use super::state::Parser;
use crate::diagnostic::{Diagnostic, codes::promql as codes};
use crate::promql::ast::{ExprKind, METRIC_NAME, MatchOp};
use crate::promql::lexer::TokenKind;
use crate::source::FileId;

/// Labels sorted by name, without empty values; the metric's name is `__name__`.
pub type MetricLabels = Vec<(String, String)>;

/// Parses a metric with its labels (Prometheus parser.ParseMetric) and says where it ends.
///
/// An empty text is the empty set of labels. With `whole`, nothing may follow; otherwise the braces must follow the
/// name directly, as in series notation. `base_offset` is added to every span, not to the end.
pub fn parse_metric(
    text: &str,
    whole: bool,
    file: FileId,
    base_offset: usize,
) -> (MetricLabels, usize, Vec<Diagnostic>) {
    let options = Options::default();
    let mut p = Parser::new(text, 0, file, base_offset, &options);
    let name = match p.tok.kind {
        TokenKind::Word | TokenKind::ColonWord => Some(p.tok),
        TokenKind::Keyword(k) if k.can_name_metric() => Some(p.tok),
        _ => None,
    };
    let mut labels = MetricLabels::new();
    if name.is_some() || p.at(TokenKind::LeftBrace) {
        if let Some(token) = name {
            labels.push((METRIC_NAME.to_string(), p.source(token).to_string()));
            p.bump();
        }
        if p.at(TokenKind::LeftBrace) && (whole || name.is_none() || p.prev_end == p.tok.start) {
            let selector = p.selector(None);
            add_labels(&mut p, &selector.kind, &mut labels);
        }
    }
    if whole && p.at_text() && !p.panicking {
        let diagnostic = p.unexpected(if name.is_some() { "labels in braces" } else { "a metric" });
        p.fail(diagnostic);
    }
    labels.sort();
    (labels, p.prev_end, p.diagnostics)
}

fn add_labels(p: &mut Parser<'_>, selector: &ExprKind, labels: &mut MetricLabels) {
    let ExprKind::VectorSelector(selector) = selector else { return };
    for matcher in &selector.matchers {
        if matcher.op != MatchOp::Equal {
            let diagnostic = p
                .diagnostic(&codes::MATCHER, matcher.span, "a series has labels, not matchers")
                .label(format!("expected `{}=\"…\"`", matcher.label.name));
            p.report(diagnostic);
        } else if labels.iter().any(|(name, _)| *name == matcher.label.name) {
            let diagnostic = p
                .diagnostic(
                    &codes::MATCHER,
                    matcher.span,
                    format!("the label `{}` is given twice", matcher.label.name),
                )
                .label("the second value");
            p.report(diagnostic);
        } else if !matcher.value.is_empty() {
            labels.push((matcher.label.name.clone(), matcher.value.clone()));
        }
    }
}
