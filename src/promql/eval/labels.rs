//! `label_replace` and `label_join`: functions of series, whatever their samples are.

use super::sort::text;
use super::{Evaluator, Row};
use crate::gostd::regexp::{Anchor, Regexp};
use crate::promql::error::EvalError;
use crate::promql::labels::METRIC_NAME;
use crate::promql::plan::{Call, Node};
use crate::source::Span;

impl Evaluator<'_> {
    /// Source: Prometheus promql/functions.go `evalLabelReplace`.
    pub(super) fn label_replace(&self, node: &Node, call: &Call) -> Result<Vec<Row>, EvalError> {
        let [vector, target, replacement, source, pattern] = call.args.as_slice() else {
            return Err(EvalError::execution(node.span, "an argument is missing"));
        };
        let (target_name, replacement) = (argument(target)?, argument(replacement)?);
        let (source, pattern_text) = (argument(source)?, argument(pattern)?);
        let regexp = Regexp::new(pattern_text, Anchor::Prometheus).map_err(|_| {
            let message = format!("invalid regular expression in label_replace(): {pattern_text}");
            EvalError::execution(pattern.span, message)
        })?;
        check_name(target.span, target_name, "destination", "label_replace")?;
        let mut rows = self.vector(vector)?;
        for row in &mut rows {
            if let Some(value) = regexp.expand_first(row.labels.get(source), replacement) {
                set(row, target_name, &value);
            }
        }
        self.unify(node.span, rows)
    }

    /// Source: Prometheus promql/functions.go `evalLabelJoin`.
    pub(super) fn label_join(&self, node: &Node, call: &Call) -> Result<Vec<Row>, EvalError> {
        let [vector, target, separator, sources @ ..] = call.args.as_slice() else {
            return Err(EvalError::execution(node.span, "an argument is missing"));
        };
        let mut names = Vec::new();
        for source in sources {
            let name = argument(source)?;
            check_name(source.span, name, "source", "label_join")?;
            names.push(name);
        }
        let (target_name, separator) = (argument(target)?, argument(separator)?);
        check_name(target.span, target_name, "destination", "label_join")?;
        let mut rows = self.vector(vector)?;
        for row in &mut rows {
            let values: Vec<&str> = names.iter().map(|name| row.labels.get(name)).collect();
            let value = values.join(separator);
            set(row, target_name, &value);
        }
        self.unify(node.span, rows)
    }
}

fn argument(node: &Node) -> Result<&str, EvalError> {
    text(node).ok_or_else(|| EvalError::execution(node.span, "expected a string"))
}

/// Since Prometheus 3 any text is a label's name, but not the empty one.
fn check_name(span: Span, name: &str, role: &str, function: &str) -> Result<(), EvalError> {
    if name.is_empty() {
        return Err(EvalError::execution(span, format!("invalid {role} label name in {function}(): {name}")));
    }
    Ok(())
}

fn set(row: &mut Row, name: &str, value: &str) {
    row.labels = row.labels.with(name, value);
    if name == METRIC_NAME {
        row.drop_name = false;
    }
}
