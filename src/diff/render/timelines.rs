//! What fires differently, as text: pictures of the courses of alerts before and after.

use std::fmt::Write;

use crate::diff::replay::{AlertReplay, Course, Messages, Replay, stretch};
use crate::promql::duration::Duration;

/// The most alerts that are shown, and the most recordings of each.
const MOST: (usize, usize) = (20, 3);

/// The picture of a replay; empty when nothing fires differently.
pub(super) fn text(replay: &Replay) -> String {
    let mut out = String::new();
    let mut put = |line: String| {
        // Writing to a string can't fail.
        let _ = writeln!(out, "{}", line.trim_end());
    };
    for alert in replay.alerts.iter().take(MOST.0) {
        let level = if alert.level.is_empty() { String::new() } else { format!("  {}", alert.level) };
        let place = alert.environment.as_ref().map(|e| format!(" ({e})")).unwrap_or_default();
        put(format!("  {}{level}{place}", alert.name));
        put(format!("      {}", sums(alert)));
        for course in alert.courses.iter().take(MOST.1) {
            put(format!("      {:?}", course.recording));
            put(format!("        before  {}", course.before));
            put(format!("        after   {}", course.after));
            put(format!("                {}", stretches(course)));
        }
        if alert.courses.len() > MOST.1 {
            put(format!("      and in {} more", alert.courses.len() - MOST.1));
        }
    }
    if replay.alerts.len() > MOST.0 {
        put(format!("  and {} more alerts", replay.alerts.len() - MOST.0));
    }
    if !replay.messages.is_empty() {
        put(format!("  in sum, {}", messages(&replay.messages)));
    }
    for failure in &replay.failures {
        put(format!("  not run: {failure}"));
    }
    if replay.alerts.iter().any(|a| !a.courses.is_empty()) {
        put("  · inactive  ░ pending  █ firing".to_string());
    }
    out
}

/// What was run, in words.
pub(super) fn title(replay: &Replay) -> String {
    let plural = if replay.recordings == 1 { "" } else { "s" };
    format!("What would have fired differently, over {} recording{plural}", replay.recordings)
}

fn sums(alert: &AlertReplay) -> String {
    let time = |ms: i64| Duration::from_millis(ms).to_string();
    let mut words = Vec::new();
    match (alert.gained, alert.lost) {
        (0, 0) => {}
        (gained, 0) => words.push(format!("fires {} longer", time(gained))),
        (0, lost) => words.push(format!("fires {} less", time(lost))),
        (gained, lost) => words.push(format!("fires {} more and {} less", time(gained), time(lost))),
    }
    if alert.fired_before != alert.fired_after {
        let times = |n: usize| match n {
            0 => "never".to_string(),
            1 => "once".to_string(),
            n => format!("{n} times"),
        };
        words.push(format!("{} instead of {}", times(alert.fired_after), times(alert.fired_before)));
    }
    if !alert.messages.is_empty() {
        words.push(messages(&alert.messages));
    }
    words.join(", ")
}

fn messages(list: &[Messages]) -> String {
    let words: Vec<String> =
        list.iter().map(|m| format!("{} {} -> {}", m.receiver, m.before, m.after)).collect();
    format!("messages: {}", words.join(", "))
}

fn stretches(course: &Course) -> String {
    let list = |word: &str, all: &[(i64, i64)]| {
        let shown: Vec<String> = all.iter().take(5).map(|s| stretch(*s)).collect();
        let more = if all.len() > 5 { format!(" and {} more", all.len() - 5) } else { String::new() };
        (!all.is_empty()).then(|| format!("{word} {}{more}", shown.join(", ")))
    };
    let words = [list("gained", &course.gained), list("lost", &course.lost)];
    let words: Vec<String> = words.into_iter().flatten().collect();
    format!("{} (a column is {})", words.join("; "), Duration::from_millis(course.column))
}
