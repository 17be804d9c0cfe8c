//! Changes in words, the same for every form.

use super::change::{Aspect, Change, Field, Inhibited, Inhibits, Part, Told, Verdict};

/// True for texts that may be long: they are shown apart, before above after.
pub(super) fn is_long(field: &Field) -> bool {
    match field.aspect {
        Aspect::Expression | Aspect::Annotation => true,
        Aspect::Runbook => field.after.is_some(),
        _ => false,
    }
}

/// What a text that is shown apart is called.
pub(super) fn title(field: &Field) -> &str {
    match field.aspect {
        Aspect::Expression => "expression",
        Aspect::Runbook => "runbook",
        _ => &field.of,
    }
}

/// The short differences of a part, in one line; empty when there are none.
pub(super) fn phrases(part: &Part) -> String {
    if part.verdict == Verdict::Changed {
        let short = part.fields.iter().filter(|f| !is_long(f));
        return short.map(phrase).collect::<Vec<_>>().join(", ");
    }
    // What a level says, in the form in which it is written.
    let mut words = Vec::new();
    for field in part.fields.iter().filter(|f| !is_long(f)) {
        let text = field.after.as_deref().or(field.before.as_deref()).unwrap_or("");
        let before = match field.aspect {
            Aspect::Until => "until ".to_string(),
            Aspect::Hold => "for ".to_string(),
            Aspect::KeepFiring => "keep_firing_for ".to_string(),
            Aspect::Setting => format!("{} ", field.of),
            _ if field.of.is_empty() => String::new(),
            _ => format!("{} ", field.of),
        };
        words.push(format!("{before}{text}"));
    }
    let separator = if part.fields.iter().any(|f| f.aspect == Aspect::Setting) { ", " } else { " " };
    words.join(separator)
}

fn phrase(field: &Field) -> String {
    let of = if field.of.is_empty() { String::new() } else { format!("{} ", field.of) };
    let arrow = |none: &str| {
        let side = |text: &Option<String>| text.clone().unwrap_or_else(|| none.to_string());
        format!("{} -> {}", side(&field.before), side(&field.after))
    };
    let quoted = |text: &str| crate::gostd::strconv::quote(text);
    match (field.aspect, &field.before, &field.after) {
        (Aspect::Threshold, Some(was), None) => format!("no {of}{was} any more"),
        (Aspect::Threshold, None, Some(is)) => format!("new {of}{is}"),
        (Aspect::Threshold, ..) => format!("{of}{}", arrow("")),
        (Aspect::Until, Some(was), None) => format!("{of}no hysteresis any more (was until {was})"),
        (Aspect::Until, ..) => format!("{of}until {}", arrow("the threshold")),
        (Aspect::Hold, ..) => format!("held {}", arrow("0s")),
        (Aspect::KeepFiring, ..) => format!("keeps firing for {}", arrow("0s")),
        (Aspect::Severity, ..) => format!("severity {}", arrow("none")),
        (Aspect::Interval, ..) => format!("evaluated every {}", arrow("Prometheus' default")),
        (Aspect::QueryOffset, ..) => format!("query_offset {}", arrow("0s")),
        (Aspect::Limit, ..) => format!("limit {}", arrow("none")),
        (Aspect::Label, None, Some(is)) => format!("new label {}={}", field.of, quoted(is)),
        (Aspect::Label, Some(was), None) => format!("label {} dropped (was {})", field.of, quoted(was)),
        (Aspect::Label, Some(was), Some(is)) => {
            format!("label {} {} -> {}", field.of, quoted(was), quoted(is))
        }
        (Aspect::Runbook, Some(was), None) => format!("runbook lost (was {was})"),
        (Aspect::Setting, ..) => format!("{of}{}", arrow("none")),
        _ => format!("{}{}", title(field), arrow("none")),
    }
}

/// Who is told, in words.
pub(super) fn told(told: &Told) -> String {
    let names = |list: &Option<Vec<String>>| match list.as_deref() {
        None => String::new(),
        Some([]) => "nobody".to_string(),
        Some(names) => names.join(", "),
    };
    let when = if told.when.is_empty() { String::new() } else { format!(", with {}", told.when) };
    match (&told.before, &told.after) {
        (None, _) => format!("tells {}{when}", names(&told.after)),
        (_, None) => format!("told {}{when}", names(&told.before)),
        _ => {
            let by = if told.route.is_empty() { String::new() } else { format!(", by {}", told.route) };
            format!("told {} -> {}{when}{by}", names(&told.before), names(&told.after))
        }
    }
}

/// What an inhibition does with an alert, in words.
pub(super) fn inhibited(inhibited: &Inhibited) -> String {
    match inhibited.gained {
        true => format!("can be silenced while {} fires", inhibited.by),
        false => format!("no longer silenced while {} fires", inhibited.by),
    }
}

/// Of things that an inhibition silences so many are named, and so many that set it off.
const MOST_TARGETS: usize = 20;
const MOST_SOURCES: usize = 3;

/// What an inhibition does, in words.
pub(super) fn inhibits(inhibits: &Inhibits) -> Vec<String> {
    let sources = match inhibits.sources.as_slice() {
        [] => String::new(),
        few if few.len() <= MOST_SOURCES => format!(", while {} fires", few.join(" or ")),
        many => format!(", while one of {} alerts fires", many.len()),
    };
    let list = |names: &[String]| match names.len() > MOST_TARGETS {
        true => format!("{} and {} more", names[..MOST_TARGETS].join(", "), names.len() - MOST_TARGETS),
        false => names.join(", "),
    };
    let mut words = Vec::new();
    if inhibits.useless {
        words.push("silences no alert that there is".to_string());
    }
    if !inhibits.gained.is_empty() {
        words.push(format!("can silence {}{sources}", list(&inhibits.gained)));
    }
    if !inhibits.lost.is_empty() {
        words.push(format!("no longer silences {}", list(&inhibits.lost)));
    }
    words
}

/// The name of a thing, with what it was called before.
pub(super) fn name(change: &Change) -> String {
    match &change.renamed_from {
        Some(old) => format!("{old} -> {}", change.name),
        None => change.name.clone(),
    }
}

/// Changes that say the same of several things are told once: each with the others that it stands for.
pub(super) fn grouped<'a>(changes: &[&'a Change]) -> Vec<Vec<&'a Change>> {
    let mut groups: Vec<Vec<&Change>> = Vec::new();
    let mut places: std::collections::HashMap<String, usize> = std::collections::HashMap::new();
    for change in changes {
        if change.verdict != Verdict::Changed {
            groups.push(vec![change]);
            continue;
        }
        let anonymous = Change { name: String::new(), ..(*change).clone() };
        match places.entry(format!("{anonymous:?}")) {
            std::collections::hash_map::Entry::Occupied(at) => {
                if let Some(group) = groups.get_mut(*at.get()) {
                    group.push(change);
                }
            }
            std::collections::hash_map::Entry::Vacant(free) => {
                free.insert(groups.len());
                groups.push(vec![change]);
            }
        }
    }
    groups
}

/// Names of a list, the first `most` of them.
pub(super) fn listed(group: &[&Change], most: usize, show: impl Fn(&str) -> String) -> String {
    let mut names: Vec<String> = group.iter().take(most).map(|c| show(&name(c))).collect();
    if group.len() > most {
        names.push(format!("{} more", group.len() - most));
    }
    names.join(", ")
}

/// Where a change holds: ` (staging, prod)`; empty for everywhere.
pub(super) fn place(change: &Change) -> String {
    let mut words = Vec::new();
    if !change.project.is_empty() {
        words.push(change.project.clone());
    }
    words.extend(change.environments.iter().cloned());
    if words.is_empty() { String::new() } else { format!(" ({})", words.join(", ")) }
}
