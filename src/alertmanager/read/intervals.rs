//! Time intervals.

use std::str::FromStr;

use super::Reader;
use crate::alertmanager::time_interval::{NamedIntervals, Range, TimeInterval, TimeRange, Unit, is_location};
use crate::diagnostic::{Diagnostic, codes};
use crate::source::Span;
use crate::yaml::{Mapping, Node};

impl Reader<'_> {
    /// Named intervals, and where the name stands.
    pub(super) fn named_intervals(&mut self, node: &Node, what: &str) -> (NamedIntervals, Span) {
        let mut named = NamedIntervals { name: String::new(), time_intervals: Vec::new() };
        let mut name = node.span.at_start();
        for entry in self.decoder.mapping(node, "a time interval").map_or(&[][..], |m| &m.entries) {
            let value = &entry.value;
            match entry.name() {
                "name" => {
                    named.name =
                        self.decoder.text(value, "the name of a time interval").unwrap_or("").to_string();
                    name = value.span;
                }
                "time_intervals" => {
                    for item in self.decoder.sequence(value, "`time_intervals`") {
                        let interval = self.time_interval(item);
                        named.time_intervals.push(interval);
                    }
                }
                _ => self.decoder.unknown_field(entry, "a time interval", ["name", "time_intervals"]),
            }
        }
        if named.name.is_empty() {
            self.decoder.missing_field(name, format!("missing name in {what}"));
        }
        (named, name)
    }

    fn time_interval(&mut self, node: &Node) -> TimeInterval {
        const FIELDS: [&str; 6] = ["times", "weekdays", "days_of_month", "months", "years", "location"];
        let mut interval = TimeInterval::default();
        for entry in self.decoder.mapping(node, "an interval").map_or(&[][..], |m| &m.entries) {
            let value = &entry.value;
            if value.is_null() {
                continue;
            }
            match entry.name() {
                "times" => interval.times = Some(self.times(value)),
                "weekdays" => interval.weekdays = Some(self.ranges(value, "`weekdays`")),
                "days_of_month" => interval.days_of_month = Some(self.ranges(value, "`days_of_month`")),
                "months" => interval.months = Some(self.ranges(value, "`months`")),
                "years" => interval.years = Some(self.ranges(value, "`years`")),
                "location" => {
                    let Some(name) = self.decoder.text(value, "`location`") else { continue };
                    if !is_location(name) {
                        let help = "write an IANA name such as \"Europe/London\", or \"UTC\"";
                        self.invalid(value.span, format!("unknown time zone {name}"), help);
                    }
                    interval.location = Some(name.to_string()).filter(|n| !n.is_empty());
                }
                _ => self.decoder.unknown_field(entry, "an interval", FIELDS),
            }
        }
        interval
    }

    fn ranges<U: Unit>(&mut self, node: &Node, what: &str) -> Vec<Range<U>> {
        let mut ranges = Vec::new();
        for item in self.decoder.sequence(node, what) {
            let Some(text) = self.decoder.text(item, &format!("an item of {what}")) else { continue };
            match Range::from_str(text) {
                Ok(range) => ranges.push(range),
                Err(message) => {
                    let help = match what {
                        "`weekdays`" => "write whole English names, `monday` or `monday:friday`",
                        "`months`" => "write `january`, `1` or `march:may`",
                        "`days_of_month`" => {
                            "write `1`, `1:7`, or `-3:-1` to count from the end of the month"
                        }
                        _ => "write `2026` or `2026:2028`",
                    };
                    self.invalid(item.span, message, help);
                }
            }
        }
        ranges
    }

    fn times(&mut self, node: &Node) -> Vec<TimeRange> {
        let mut times = Vec::new();
        for item in self.decoder.sequence(node, "`times`") {
            let empty = Mapping::default();
            let mapping = self.decoder.mapping(item, "an item of `times`").unwrap_or(&empty);
            let (mut start, mut end) = ("", "");
            for entry in &mapping.entries {
                match entry.name() {
                    "start_time" => start = self.decoder.text(&entry.value, "`start_time`").unwrap_or(""),
                    "end_time" => end = self.decoder.text(&entry.value, "`end_time`").unwrap_or(""),
                    _ => self.decoder.unknown_field(entry, "an item of `times`", ["start_time", "end_time"]),
                }
            }
            match TimeRange::parse(start, end) {
                Ok(range) => times.push(range),
                Err(message) => {
                    let help = "write `HH:MM`, up to 24:00; a span over midnight is two items";
                    self.invalid(item.span, message, help);
                }
            }
        }
        times
    }

    fn invalid(&mut self, span: Span, message: String, help: &str) {
        self.decoder
            .report(Diagnostic::new(&codes::alertmanager::INVALID_TIME_INTERVAL, span, message).help(help));
    }
}
