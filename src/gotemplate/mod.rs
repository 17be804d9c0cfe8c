//! Go's text/template alone, with the function sets of Prometheus and Alertmanager.
