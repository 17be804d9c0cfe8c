//! Layout of receivers, routes, intervals, inhibition, policies and environments.

use crate::source::Span;
use crate::syntax::ast::{
    Block, Branch, Change, Environment, Escalation, EscalationEntry, Field, FieldValue, Global, GroupBy,
    Inhibit, IntervalPart, Name, Need, Override, Policy, Receiver, Require, Route, RouteEntry,
    RouteEntryKind, TimeInterval,
};

use super::lines::Table;
use super::writer::Writer;

impl Writer<'_> {
    pub(super) fn global(&mut self, item: &Global) {
        self.word("global");
        self.fields(&item.body);
    }

    pub(super) fn receiver(&mut self, item: &Receiver) {
        let short = !self.broken(item.body.open.start, item.body.close.end);
        let tables = if short { self.run("receiver", &[1]) } else { Vec::new() };
        self.word("receiver");
        self.token(item.name.span);
        if let Some(table) = tables.first() {
            self.cell(*table);
        }
        // The escalation stands before the integrations.
        let entries = Block {
            open: item.body.open,
            items: item.escalation.iter().map(Err).chain(item.body.items.iter().map(Ok)).collect(),
            close: item.body.close,
        };
        self.block(&entries, |w, entry| match entry {
            Ok(integration) => {
                w.begin(integration.span);
                w.token(integration.kind.span);
                w.fields(&integration.fields);
            }
            Err(escalation) => {
                w.begin(escalation.span);
                // The line starts at the name: as a word, the keyword would reach beyond it.
                w.line.cells.push("escalation".to_string());
                w.token(escalation.span);
            }
        });
    }

    pub(super) fn escalation(&mut self, item: &Escalation) {
        self.word("escalation");
        self.token(item.name.span);
        let table = self.properties(0);
        let people = self.table(Table::new(1));
        self.block(&item.body, |w, entry| {
            w.keyword(entry.span, entry.keyword, table);
            match &entry.kind {
                EscalationEntry::Schedule(text) => w.token(text.span),
                EscalationEntry::Level { who, within } => {
                    w.token(who.span);
                    if let Some(within) = within {
                        w.cell(people);
                        w.word("within");
                        w.token(within.span());
                    }
                }
            }
        });
    }

    fn fields(&mut self, block: &Block<Field>) {
        let table = self.properties(0);
        self.block(block, |w, field| {
            w.keyword(field.span, field.key.span, table);
            w.field_value(&field.value);
        });
    }

    fn field_value(&mut self, value: &FieldValue) {
        match value {
            FieldValue::Fields(block) => self.fields(block),
            FieldValue::List(values, span) => self.field_list(values, *span),
            FieldValue::Text(_) | FieldValue::Quantity(_) | FieldValue::Bool(..) => self.token(value.span()),
        }
    }

    fn field_list(&mut self, values: &[FieldValue], span: Span) {
        let first = values.first().map_or(span.end, |v| v.span().start);
        let several = !self.is_inline() && self.broken(span.start, first);
        if several {
            self.join_cell();
        }
        self.word("[");
        self.end = self.end.max(span.start as usize + 1);
        if several {
            self.flush();
            self.indent += 2;
            for value in values {
                self.begin(value.span());
                self.field_value(value);
                self.glued(",");
            }
            self.flush();
            self.indent -= 2;
            self.begin(Span { start: span.end.saturating_sub(1), ..span });
            self.word("]");
        } else {
            self.glue = true;
            for (i, value) in values.iter().enumerate() {
                self.field_value(value);
                if i + 1 < values.len() {
                    self.glued(",");
                }
            }
            self.glued("]");
        }
        self.end = self.end.max(span.end as usize);
    }

    pub(super) fn route(&mut self, item: &Route) {
        self.word("route");
        self.branch(&item.branch);
    }

    fn branch(&mut self, branch: &Branch) {
        if branch.arrow.is_some() {
            self.word("->");
            self.names(&branch.receivers);
        }
        if let Some(body) = &branch.body {
            let whens = self.table(Table { gap: 1, min: 0, max: 60, alone: 1 });
            self.block(body, |w, entry| w.route_entry(entry, whens));
        }
    }

    fn names(&mut self, names: &[Name]) {
        self.list(names, 4, |n| n.span, |w, n| w.token(n.span));
    }

    fn route_entry(&mut self, entry: &RouteEntry, whens: usize) {
        match entry.kind {
            RouteEntryKind::When(_) => self.begin(entry.span),
            _ => self.begin_property(entry.span),
        }
        self.token(entry.keyword);
        match &entry.kind {
            RouteEntryKind::GroupBy(GroupBy::All(span)) => self.token(*span),
            RouteEntryKind::GroupBy(GroupBy::Labels(names))
            | RouteEntryKind::MuteTimeIntervals(names)
            | RouteEntryKind::ActiveTimeIntervals(names) => self.names(names),
            RouteEntryKind::GroupWait(v)
            | RouteEntryKind::GroupInterval(v)
            | RouteEntryKind::RepeatInterval(v) => {
                self.token(v.span());
            }
            RouteEntryKind::Escalation(name) => self.token(name.span),
            RouteEntryKind::Continue => {}
            RouteEntryKind::When(when) => {
                self.matchers(&when.matchers);
                if when.branch.arrow.is_some() {
                    self.cell(whens);
                }
                self.branch(&when.branch);
            }
        }
    }

    pub(super) fn time_interval(&mut self, item: &TimeInterval) {
        self.word("time_interval");
        self.token(item.name.span);
        let spans = &item.body.items;
        // A zone stands behind its spans: on a line of its own if the author broke the line before it.
        let several = !self.is_inline() && self.broken(item.body.open.start, item.body.close.end);
        let pieces: Vec<(usize, bool)> = (0..spans.len())
            .flat_map(|i| [(i, false), (i, true)])
            .filter(|(i, zone)| !zone || spans.get(*i).is_some_and(|s| s.zone.is_some()))
            .collect();
        let together = |_: &(usize, bool), (i, zone): &(usize, bool)| {
            let keyword = spans.get(*i).and_then(|s| Some((s.parts_end(), s.zone.as_ref()?.0.start)));
            !several || *zone && keyword.is_some_and(|(end, keyword)| !self.broken(end, keyword))
        };
        let lines: Vec<&[(usize, bool)]> = pieces.chunk_by(together).collect();
        let body = Block { open: item.body.open, items: lines, close: item.body.close };
        self.block(&body, |w, line| {
            let start = line.first().and_then(|(i, zone)| match (spans.get(*i)?, zone) {
                (span, false) => Some(span.span),
                (span, true) => span.zone.as_ref().map(|(keyword, _)| *keyword),
            });
            w.begin(start.unwrap_or(item.body.close));
            for (i, zone) in *line {
                let Some(span) = spans.get(*i) else { continue };
                match span.zone.as_ref().filter(|_| *zone) {
                    Some((keyword, text)) => {
                        w.token(*keyword);
                        w.token(text.span);
                    }
                    None => span.parts.iter().for_each(|part| w.interval_part(part)),
                }
                if i + 1 < spans.len() && (*zone || span.zone.is_none()) {
                    w.glued(",");
                }
            }
        });
    }

    fn interval_part(&mut self, part: &IntervalPart) {
        let span = part.span();
        let text = self.slice(span);
        let range = |text: &str| -> String {
            text.lines().flat_map(|l| l.split('#').next().unwrap_or("").split_whitespace()).collect()
        };
        match text.strip_prefix("days").or_else(|| text.strip_prefix("years")) {
            Some(rest) => {
                self.word(text.get(..text.len() - rest.len()).unwrap_or(""));
                self.word(&range(rest));
            }
            None => self.word(&range(text)),
        }
        self.end = self.end.max(span.end as usize);
    }

    pub(super) fn inhibit(&mut self, item: &Inhibit) {
        self.word("inhibit");
        self.matchers(&item.target);
        if let Some(source) = &item.source {
            self.break_before(source.open, 4);
            self.word("by");
            self.matchers(source);
        }
        if !item.equal.is_empty() {
            self.word("equal");
            self.names(&item.equal);
        }
    }

    pub(super) fn require(&mut self, item: &Require) {
        self.word("require");
        self.word("alert");
        if let Some(matchers) = &item.matchers {
            self.glue = true;
            self.matchers(matchers);
        }
        match &item.policy {
            Some(Policy::Reaches(names)) => {
                self.word("reaches");
                self.names(names);
            }
            Some(Policy::Has(needs)) => {
                self.word("has");
                self.list(needs, 4, need_span, |w, need| match need {
                    Need::Property(word) => w.token(word.span),
                    Need::Label { keyword, name } => {
                        w.token(*keyword);
                        w.token(name.span);
                    }
                    Need::Hold { keyword, op, duration, .. } => {
                        w.token(*keyword);
                        w.token(op.span);
                        w.token(duration.span());
                    }
                });
            }
            None => {}
        }
    }

    pub(super) fn environment(&mut self, item: &Environment) {
        self.word("environment");
        self.token(item.name.span);
        self.block(&item.body, Writer::change);
    }

    pub(super) fn override_item(&mut self, item: &Override) {
        self.word("override");
        self.block(&item.body, Writer::change);
    }

    fn change(&mut self, change: &Change) {
        match change {
            Change::ExternalLabels { keyword, labels } => {
                self.begin(keyword.to(labels.close));
                self.token(*keyword);
                self.labels(labels);
            }
            Change::Disable(disable) => {
                self.begin(disable.span);
                self.word("disable");
                self.word(disable.kind.as_str());
                self.token(disable.name.span);
                if let Some(date) = &disable.until {
                    self.word("until");
                    self.token(date.span);
                }
                if let Some(reason) = &disable.reason {
                    self.token(reason.span);
                }
            }
            Change::Item(item) => self.item(item),
        }
    }
}

fn need_span(need: &Need) -> Span {
    match need {
        Need::Property(word) => word.span,
        Need::Label { keyword, name } => keyword.to(name.span),
        Need::Hold { keyword, duration, .. } => keyword.to(duration.span()),
    }
}
