//! Rule files and PrometheusRule manifests, and rule groups evaluated over time.
//!
//! `model` is what a rule file says, `read` takes it out of YAML and reports everything that Prometheus would refuse.

mod expression;
mod manifest;
mod model;
mod read;
mod rule;
pub mod rules;
mod template;

pub use crate::promql::duration::{Duration, DurationError};
pub use manifest::{ReadManifest, decode_manifest, read_manifest};
pub use model::{
    AlertingRule, Metadata, PrometheusRule, PrometheusRuleSpec, RecordingRule, Rule, RuleFile, RuleGroup,
};
pub use read::{GroupPlaces, ReadRules, RulePlaces, Target, decode_rule_file, read_rule_file};
