//! Codes of routes, receivers and inhibitions as the language writes them.

use super::codes;

codes! {
    SECRET_IN_SOURCE = "secret-in-source", Error, "a secret that stands in the source";
    FALLS_TO_DEFAULT = "falls-to-default", Warning, "an alert of the highest severity that only the default receiver hears of";
    PAGES_NOBODY = "pages-nobody", Warning, "an alert of the highest severity that wakes nobody up, where others do";
    USELESS_INHIBITION = "useless-inhibition", Warning, "an inhibition that no alert can set off or be silenced by";
    UNUSED_RECEIVER_NAME = "unused-receiver-name", Warning, "a receiver that no route names";
    DEAD_ROUTE = "dead-route", Warning, "a route that no alert of the program takes";
    UNKNOWN_LEVEL_LABELS = "unknown-level-labels", Warning, "levels of an alert whose labels are not known";
    ESCALATION_ORDER = "escalation-order", Error, "an escalation whose levels do not follow each other";
}
