//! The only place that orders stages.
