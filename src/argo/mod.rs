//! Argo Rollouts: the AnalysisTemplate, what it says and what its controller accepts.

mod model;
mod read;

pub use model::{AnalysisTemplate, Argument, Limit, Metric, Prometheus, Provider, Spec, go_duration};
pub use read::{ReadTemplate, read_template};
