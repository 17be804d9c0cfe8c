//! The texts of alerts: labels and annotations, expanded as Prometheus does it.

use std::fmt;
use std::sync::Arc;

use super::Millis;
use crate::gotemplate::prometheus::{AlertData, RuleTemplate, Sample};
use crate::gotemplate::{Budget, Environment, Histogram, StringMap, Value};
use crate::promql::engine::{self, Prepared};
use crate::promql::histogram::FloatHistogram;
use crate::promql::labels::Labels;
use crate::promql::parser;
use crate::promql::storage::Storage;
use crate::promql::value::{self, Point};
use crate::source::FileId;

/// What texts see beside the result they are about.
pub(super) struct Context {
    pub(super) engine: engine::Options,
    pub(super) external: StringMap,
    pub(super) url: String,
    /// What all texts may take together.
    pub(super) budget: Budget,
}

/// Steps of templates in one evaluation: less than a second.
pub(super) const TEMPLATE_STEPS: u64 = 10_000_000;
/// What a query of a template costs for each series there is, in steps of a template.
const QUERY_STEPS: u64 = 20;

/// A histogram as templates see it.
struct Shown(Arc<FloatHistogram>);

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl Histogram for Shown {
    fn text(&self) -> String {
        self.0.to_string()
    }

    fn count(&self) -> f64 {
        self.0.count
    }

    fn sum(&self) -> f64 {
        self.0.sum
    }
}

fn template_value(point: &Point) -> Value {
    match point {
        Point::Float(v) => Value::Float(*v),
        Point::Histogram(h) => Value::Histogram(Arc::new(Shown(h.clone()))),
    }
}

fn map(labels: &Labels) -> StringMap {
    StringMap::new(labels.iter())
}

impl Context {
    /// What the templates of an alert see.
    pub(super) fn data(&self, result: &Labels, point: &Point) -> AlertData {
        AlertData::new(map(result), self.external.clone(), &self.url, template_value(point))
    }

    /// Expands texts at a time; `query` sees the storage as it was then.
    pub(super) fn expand<'t>(
        &self,
        texts: &'t [(String, RuleTemplate)],
        data: &AlertData,
        at: Millis,
        storage: &Storage,
    ) -> Vec<(&'t str, String)> {
        let query = |text: &str| self.query(text, at, storage);
        let environment = Environment {
            query: Some(&query),
            external_url: None,
            now: jiff::Timestamp::from_millisecond(at).unwrap_or(jiff::Timestamp::UNIX_EPOCH),
            budget: Some(&self.budget),
        };
        texts.iter().map(|(name, template)| (name.as_str(), template.expand(data, &environment))).collect()
    }

    fn query(&self, text: &str, at: Millis, storage: &Storage) -> Result<Vec<Sample>, String> {
        let options = parser::Options { version: self.engine.version, ..parser::Options::default() };
        let (expr, diagnostics) = parser::parse(text, FileId::NONE, 0, &options);
        if let Some(found) = diagnostics.first() {
            return Err(parser::prometheus_error(text, found));
        }
        let prepared = Prepared::new(&expr).map_err(|e| e.message)?;
        if !self.budget.spend(QUERY_STEPS * (storage.len() as u64 + 10)) {
            return Err("the templates of the test take too many steps together".to_string());
        }
        let output = prepared.instant(storage, &self.engine, at).map_err(|e| e.message)?;
        match output.value {
            value::Value::Vector(samples) => Ok(samples
                .into_iter()
                .map(|s| Sample { labels: map(&s.labels), value: template_value(&s.point) })
                .collect()),
            value::Value::Scalar(v) => {
                Ok(vec![Sample { labels: StringMap::default(), value: Value::Float(v) }])
            }
            _ => Err("rule result is not a vector or scalar".to_string()),
        }
    }
}
