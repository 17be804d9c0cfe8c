//! Rule files and PrometheusRule manifests, and rule groups evaluated over time.
