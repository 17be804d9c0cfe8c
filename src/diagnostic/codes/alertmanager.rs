//! Codes of Alertmanager configuration, routes and receivers.

use super::codes;

codes! {
    INVALID_ROUTE = "invalid-route", Error, "a route that Alertmanager refuses";
    INVALID_GROUP_BY = "invalid-group-by", Error, "labels that alerts cannot be grouped by";
    INVALID_MATCHER = "invalid-matcher", Error, "a text that is no label matcher";
    AMBIGUOUS_MATCHER = "ambiguous-matcher", Warning, "a matcher that Alertmanager's two parsers read differently";
    DEPRECATED_FORM = "deprecated-form", Info, "a form of configuration that Alertmanager will drop";
    RECEIVER_NOT_DEFINED = "receiver-not-defined", Error, "a route names a receiver that is not there";
    TIME_INTERVAL_NOT_DEFINED = "time-interval-not-defined", Error, "a route names a time interval that is not there";
    NAME_NOT_UNIQUE = "name-not-unique", Error, "two receivers or time intervals have the same name";
    INVALID_SETTING = "invalid-setting", Error, "a value that its field does not take";
    CONFLICTING_SETTINGS = "conflicting-settings", Error, "settings that cannot stand together";
    INCOMPLETE_SETTINGS = "incomplete-settings", Error, "an integration lacks what it needs to send";
    INVALID_TIME_INTERVAL = "invalid-time-interval", Error, "a time interval that Alertmanager refuses";
    SUSPICIOUS_SETTING = "suspicious-setting", Warning, "a setting that is accepted but can hardly be meant";
    TEMPLATE_FAILS = "template-fails", Warning, "a template that fails when the notification is sent";
    UNUSED_RECEIVER = "unused-receiver", Warning, "a receiver that no route names";
    UNREACHABLE_ROUTE = "unreachable-route", Warning, "a route that no alert gets to";
    BROAD_INHIBITION = "broad-inhibition", Warning, "an inhibition that silences more than was meant";
    NEVER_RESOLVED = "never-resolved", Warning, "incidents that nobody closes: the service is not told what is resolved";
    RESOLVE_LOST = "resolve-lost", Warning, "an incident that stays open when its alert ends at the wrong time";
    TOLD_TWICE = "told-twice", Warning, "an alert that one receiver is told of by two routes";
    LATE_INHIBITION = "late-inhibition", Warning, "an inhibition that comes too late for the first message";
    NEVER_HOLDS = "never-holds", Warning, "a time interval that no moment lies in";
}
