//! Codes of Alertmanager configuration, routes and receivers.

use super::codes;

codes! {}
