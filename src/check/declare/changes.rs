//! What an environment changes: rules of the same name, properties of alerts and slos, what it disables.

use super::{Collector, RuleItem, group};
use crate::diagnostic::codes::names;
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::syntax::ast::{
    Alert, AlertProperty, Change, DisableKind, Group, Item, Property, Record, Slo, SloProperty,
};

impl<'a> Collector<'a, '_> {
    pub(super) fn changes(&mut self, changes: &'a [Change]) {
        for change in changes {
            match change {
                Change::ExternalLabels { labels, .. } => self.all.external_labels.extend(&labels.items),
                Change::Disable(d) => self.disable(d),
                Change::Item(Item::Alert(a)) => self.change_alert(a),
                Change::Item(Item::Slo(s)) => self.change_slo(s),
                Change::Item(Item::Group(g)) => self.change_group(g),
                Change::Item(Item::Record(r)) => self.change_record(r),
                Change::Item(Item::Project(p)) => self.all.project.extend(&p.body.items),
                Change::Item(item) => self.declare(item, true),
            }
        }
    }

    fn change_alert(&mut self, change: &'a Alert) {
        let mut rules = self.all.files.iter_mut().flat_map(|f| &mut f.groups).flat_map(|g| &mut g.rules);
        let mut found = false;
        for rule in &mut rules {
            if let RuleItem::Alert(base, changes) = rule
                && base.name.text == change.name.text
            {
                changes.push(change);
                found = true;
            }
        }
        match found {
            true => {}
            false => {
                let known: Vec<&str> = self.alert_names().collect();
                let mut d = Diagnostic::new(
                    &names::UNKNOWN_RULE,
                    change.name.span,
                    format!("there is no alert `{}` to change", change.name.text),
                )
                .label("no such alert")
                .note("in an environment, `alert` changes one that exists; a new alert stands in a `group`");
                d.help.extend(did_you_mean(&change.name.text, known));
                self.out.push(d);
            }
        }
    }

    fn change_slo(&mut self, change: &'a Slo) {
        let mut rules = self.all.files.iter_mut().flat_map(|f| &mut f.groups).flat_map(|g| &mut g.rules);
        let known = rules.find_map(|r| match r {
            RuleItem::Slo(base, changes) if base.name.text == change.name.text => Some(changes),
            _ => None,
        });
        match known {
            Some(changes) => changes.push(change),
            None => {
                let mut d = Diagnostic::new(
                    &names::UNKNOWN_RULE,
                    change.name.span,
                    format!("there is no slo `{}` to change", change.name.text),
                )
                .label("no such slo")
                .note("in an environment, `slo` changes one that exists; a new one stands in a `group`");
                d.help.extend(did_you_mean(&change.name.text, self.alert_names()));
                self.out.push(d);
            }
        }
    }

    fn alert_names(&self) -> impl Iterator<Item = &'a str> + '_ {
        let rules = self.all.files.iter().flat_map(|f| &f.groups).flat_map(|g| &g.rules);
        rules.filter(|r| !matches!(r, RuleItem::Record(_))).map(|r| r.name().text.as_str())
    }

    /// A group of an environment adds its rules to the group of that name, or is a new one.
    fn change_group(&mut self, change: &'a Group) {
        let mut groups = self.all.files.iter_mut().flat_map(|f| &mut f.groups);
        let added = group(change);
        match groups.find(|g| g.name == change.name.text) {
            Some(known) => {
                known.settings.extend(added.settings);
                known.defaults.extend(added.defaults);
                known.rules.extend(added.rules);
            }
            None => {
                if let Some(file) = self
                    .all
                    .files
                    .iter_mut()
                    .find(|f| f.groups.iter().any(|g| g.span.file == change.span.file))
                {
                    file.groups.push(added);
                } else if let Some(file) = self.all.files.first_mut() {
                    file.groups.push(added);
                }
            }
        }
    }

    fn change_record(&mut self, change: &'a Record) {
        let rules = self.all.files.iter_mut().flat_map(|f| &mut f.groups).flat_map(|g| &mut g.rules);
        for rule in rules {
            if let RuleItem::Record(known) = rule
                && known.name.text == change.name.text
            {
                *known = change;
                return;
            }
        }
        self.out.push(
            Diagnostic::new(
                &names::UNKNOWN_RULE,
                change.name.span,
                format!("there is no record `{}` to change", change.name.text),
            )
            .note("in an environment, `record` changes one that exists; a new one stands in a `group`"),
        );
    }

    fn disable(&mut self, disable: &'a crate::syntax::ast::Disable) {
        self.all.disabled.push(disable);
        let name = disable.name.text.as_str();
        let mut found = false;
        for file in &mut self.all.files {
            if disable.kind == DisableKind::Group {
                let before = file.groups.len();
                file.groups.retain(|g| g.name != name);
                found |= file.groups.len() < before;
                continue;
            }
            for group in &mut file.groups {
                let before = group.rules.len();
                group.rules.retain(|r| {
                    let kind = match r {
                        RuleItem::Alert(..) => DisableKind::Alert,
                        RuleItem::Record(_) => DisableKind::Record,
                        RuleItem::Slo(..) => DisableKind::Slo,
                    };
                    kind != disable.kind || r.name().text != name
                });
                found |= group.rules.len() < before;
            }
        }
        if !found {
            let kind = disable.kind.as_str();
            let known: Vec<&str> = match disable.kind {
                DisableKind::Alert | DisableKind::Slo => self.alert_names().collect(),
                DisableKind::Group => {
                    self.all.files.iter().flat_map(|f| &f.groups).map(|g| g.name.as_str()).collect()
                }
                DisableKind::Record => Vec::new(),
            };
            let mut d = Diagnostic::new(
                &names::UNKNOWN_RULE,
                disable.name.span,
                format!("there is no {kind} `{name}` to disable"),
            )
            .label(format!("no such {kind}"));
            d.help.extend(did_you_mean(name, known));
            self.out.push(d);
        }
    }
}

/// The properties of an alert with the changes of an environment applied, later ones after earlier ones.
///
/// A change's `expr` or `value` replaces both, its levels replace those of the same severity, and its other
/// properties stand after the alert's own, so that the last one counts.
pub fn effective<'a>(base: &'a Alert, changes: &[&'a Alert]) -> Vec<&'a Property<AlertProperty>> {
    let mut properties: Vec<_> = base.body.items.iter().collect();
    for change in changes {
        for new in &change.body.items {
            properties.retain(|old| match (&old.kind, &new.kind) {
                (
                    AlertProperty::Expr(_) | AlertProperty::Value(_),
                    AlertProperty::Expr(_) | AlertProperty::Value(_),
                )
                | (AlertProperty::NoData(_), AlertProperty::NoData(_)) => false,
                (AlertProperty::Level(old_level), AlertProperty::Level(new_level)) => {
                    old_level.severity.text != new_level.severity.text
                        || change.body.items.iter().any(|p| std::ptr::eq(p, *old))
                }
                _ => true,
            });
            properties.push(new);
        }
    }
    properties
}

/// The properties of an slo with the changes of an environment applied: what is measured is replaced as a whole, other
/// properties one by one.
pub fn effective_slo<'a>(base: &'a Slo, changes: &[&'a Slo]) -> Vec<&'a Property<SloProperty>> {
    let mut properties: Vec<_> = base.body.items.iter().collect();
    for change in changes {
        let measures =
            change.body.items.iter().any(|p| measured(&p.kind).is_some_and(|m| m != Measure::Total));
        properties.retain(|old| match measured(&old.kind) {
            // `total` stays when only `errors` or `good` is changed.
            Some(Measure::Total) => !change.body.items.iter().any(|p| match measured(&p.kind) {
                Some(Measure::Total | Measure::Other) => true,
                Some(Measure::Part) | None => false,
            }),
            Some(_) => !measures,
            None => !change.body.items.iter().any(|new| {
                !matches!(new.kind, SloProperty::Setting(_) | SloProperty::Allow(_))
                    && std::mem::discriminant(&new.kind) == std::mem::discriminant(&old.kind)
            }),
        });
        properties.extend(&change.body.items);
    }
    properties
}

/// What an indicator is made of.
#[derive(PartialEq)]
enum Measure {
    /// `errors` or `good`
    Part,
    /// `total`
    Total,
    /// `latency` or `signal`
    Other,
}

fn measured(property: &SloProperty) -> Option<Measure> {
    match property {
        SloProperty::Errors(_) | SloProperty::Good(_) => Some(Measure::Part),
        SloProperty::Total(_) => Some(Measure::Total),
        SloProperty::Latency { .. } | SloProperty::Signal(_) => Some(Measure::Other),
        _ => None,
    }
}
