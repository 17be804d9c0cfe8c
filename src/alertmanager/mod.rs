//! Alertmanager's configuration, matchers, route tree, and notifications over time.
