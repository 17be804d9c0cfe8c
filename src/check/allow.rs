//! Findings that are allowed where they stand: `allow CODE until DATE "reason"`.

use super::{Input, has_come};
use crate::diagnostic::codes::{self, alerts, names};
use crate::diagnostic::{Diagnostic, Severity, did_you_mean};
use crate::source::Span;
use crate::syntax::ast::{
    Alert, AlertProperty, Allow, Change, Environment, File, GroupEntry, Item, Override, Slo, SloProperty,
};

/// Takes out the findings that an `allow` inside the same alert covers, and reports allowances that are wrong,
/// have run out or cover nothing. An error can't be allowed.
pub(super) fn apply(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    let mut allowances = Vec::new();
    for file in input.files {
        collect_file(file.tree, &mut allowances);
    }
    if allowances.is_empty() {
        return;
    }
    let mut used = vec![false; allowances.len()];
    found.retain(|d| {
        let at = d.primary.span;
        let allowed = allowances.iter().position(|(scope, a)| {
            scope.file == at.file
                && scope.start <= at.start
                && at.end <= scope.end
                && a.code.text == d.code.name
                && a.until.as_ref().is_none_or(|date| !has_come(date, input.today))
        });
        match allowed {
            Some(index) => {
                used[index] = true;
                d.severity == Severity::Error
            }
            None => true,
        }
    });
    for ((_, allow), used) in allowances.iter().zip(used) {
        judge(allow, used, input.today, found);
    }
}

fn judge(allow: &Allow, used: bool, today: Option<&str>, out: &mut Vec<Diagnostic>) {
    let name = allow.code.text.as_str();
    let Some(code) = codes::find(name) else {
        let mut d =
            Diagnostic::new(&names::UNKNOWN_CODE, allow.code.span, format!("there is no finding `{name}`"))
                .label("unknown code");
        d.help.extend(did_you_mean(name, codes::all().map(|c| c.name)));
        out.push(d);
        return;
    };
    if let Some(until) = allow.until.as_ref().filter(|d| has_come(d, today)) {
        out.push(
            Diagnostic::new(
                &alerts::EXPIRED_ALLOW,
                until.span,
                format!("`{name}` was allowed until {}", until.text),
            )
            .label("this day has come")
            .help("repair what was allowed, or give it a new date and reason"),
        );
    } else if code.severity == Severity::Error {
        out.push(
            Diagnostic::new(
                &alerts::UNUSED_ALLOW,
                allow.code.span,
                format!("`{name}` is an error and can't be allowed"),
            )
            .label("has no effect"),
        );
    } else if !used {
        out.push(
            Diagnostic::new(&alerts::UNUSED_ALLOW, allow.code.span, format!("nothing here is `{name}`"))
                .label("allows nothing")
                .help("remove this line"),
        );
    }
}

fn collect_file<'a>(file: &'a File, out: &mut Vec<(Span, &'a Allow)>) {
    for item in &file.items {
        collect_item(item, out);
    }
}

fn collect_item<'a>(item: &'a Item, out: &mut Vec<(Span, &'a Allow)>) {
    match item {
        Item::Alert(a) => collect_alert(a, out),
        Item::Group(g) => {
            for entry in &g.body.items {
                match entry {
                    GroupEntry::Alert(a) => collect_alert(a, out),
                    GroupEntry::Slo(s) => collect_slo(s, out),
                    GroupEntry::Group(_) | GroupEntry::Setting(_) | GroupEntry::Record(_) => {}
                }
            }
        }
        Item::Slo(s) => collect_slo(s, out),
        Item::Environment(Environment { body, .. }) | Item::Override(Override { body, .. }) => {
            for change in &body.items {
                if let Change::Item(item) = change {
                    collect_item(item, out);
                }
            }
        }
        _ => {}
    }
}

fn collect_alert<'a>(alert: &'a Alert, out: &mut Vec<(Span, &'a Allow)>) {
    out.extend(alert.body.items.iter().filter_map(|p| match &p.kind {
        AlertProperty::Allow(a) => Some((alert.span, a)),
        _ => None,
    }));
}

fn collect_slo<'a>(slo: &'a Slo, out: &mut Vec<(Span, &'a Allow)>) {
    out.extend(slo.body.items.iter().filter_map(|p| match &p.kind {
        SloProperty::Allow(a) => Some((slo.span, a)),
        _ => None,
    }));
}
