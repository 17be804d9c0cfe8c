//! Layout of groups, alerts, recording rules and slos.

use crate::syntax::ast::{
    Alert, AlertProperty, Allow, Block, Group, GroupEntry, GroupSettingKind, Hold, Level, NoData, Property,
    Record, Selector, Slo, SloProperty,
};

use super::lines::Table;
use super::writer::Writer;

/// The usual width of an alert's keywords, so that most alerts of a file look alike.
const ALERT_KEYWORD: usize = "severity".len();

impl Writer<'_> {
    pub(super) fn group(&mut self, item: &Group) {
        self.word("group");
        self.token(item.name.span);
        let table = self.properties(0);
        let mut first = true;
        self.block(&item.body, |w, entry| {
            if std::mem::take(&mut first)
                && matches!(entry, GroupEntry::Alert(_) | GroupEntry::Record(_) | GroupEntry::Slo(_))
            {
                w.allow_blank();
            }
            w.group_entry(entry, table);
        });
    }

    fn group_entry(&mut self, entry: &GroupEntry, table: usize) {
        match entry {
            GroupEntry::Group(setting) => {
                self.keyword(setting.span, setting.keyword, table);
                match &setting.kind {
                    GroupSettingKind::Interval(v)
                    | GroupSettingKind::QueryOffset(v)
                    | GroupSettingKind::Limit(v) => {
                        self.token(v.span());
                    }
                }
            }
            GroupEntry::Setting(setting) => self.setting(setting, table),
            GroupEntry::Alert(alert) => {
                self.separate(alert.body.span());
                self.begin(alert.span);
                self.alert(alert);
                self.end_item(alert.body.span());
            }
            GroupEntry::Record(record) => {
                self.begin(record.span);
                self.record(record);
            }
            GroupEntry::Slo(slo) => {
                self.separate(slo.body.span());
                self.begin(slo.span);
                self.slo(slo);
                self.end_item(slo.body.span());
            }
        }
    }

    pub(super) fn alert(&mut self, alert: &Alert) {
        self.word("alert");
        self.token(alert.name.span);
        let body = self.headline(&alert.body);
        let table = self.properties(ALERT_KEYWORD);
        let matched = self.table(Table::new(2));
        self.block(&body, |w, property| {
            w.keyword(property.span, property.keyword, table);
            match &property.kind {
                AlertProperty::Expr(e) | AlertProperty::Value(e) => w.promql(e.span),
                AlertProperty::Level(level) => w.level(level, matched),
                AlertProperty::Setting(setting) => w.setting_kind(setting),
                AlertProperty::NoData(no_data) => w.no_data(no_data),
                AlertProperty::Allow(allow) => w.allow(allow),
            }
        });
    }

    /// Writes the property that stands before its block; gives the others.
    fn headline<'b, K>(&mut self, body: &'b Block<Property<K>>) -> Block<&'b Property<K>> {
        let (before, items): (Vec<_>, Vec<_>) =
            body.items.iter().partition(|p| p.span.start < body.open.start);
        before.iter().for_each(|p| self.token(p.span));
        Block { open: body.open, items, close: body.close }
    }

    fn level(&mut self, level: &Level, matched: usize) {
        if let Some(matchers) = &level.matchers {
            self.matchers(matchers);
            self.cell(matched);
        }
        self.token(level.op.span);
        self.token(level.threshold.span());
        if let Some(until) = &level.until {
            self.token(until.keyword);
            self.token(until.op.span);
            self.token(until.threshold.span());
        }
        self.holds(&level.holds);
    }

    fn holds(&mut self, holds: &[Hold]) {
        for hold in holds {
            self.token(hold.keyword);
            self.token(hold.duration.span());
        }
    }

    fn no_data(&mut self, no_data: &NoData) {
        self.token(no_data.severity.span);
        self.holds(&no_data.holds);
    }

    fn allow(&mut self, allow: &Allow) {
        self.token(allow.code.span);
        if let Some(date) = &allow.until {
            self.word("until");
            self.token(date.span);
        }
        if let Some(reason) = &allow.reason {
            self.token(reason.span);
        }
    }

    pub(super) fn record(&mut self, record: &Record) {
        self.word("record");
        self.token(record.name.span);
        if let Some(labels) = &record.labels {
            self.glue = true;
            self.labels(labels);
        }
        self.word("=");
        self.promql_below(record.expr.span);
    }

    pub(super) fn slo(&mut self, slo: &Slo) {
        self.word("slo");
        self.token(slo.name.span);
        let body = self.headline(&slo.body);
        let table = self.properties(0);
        self.block(&body, |w, property| {
            w.keyword(property.span, property.keyword, table);
            match &property.kind {
                SloProperty::Objective { target, window } => {
                    w.token(target.span);
                    if let Some(window) = window {
                        w.word("over");
                        w.token(window.span());
                    }
                }
                SloProperty::Errors(e)
                | SloProperty::Good(e)
                | SloProperty::Total(e)
                | SloProperty::Signal(e) => w.promql(e.span),
                SloProperty::MinTraffic(value) => w.token(value.span()),
                SloProperty::Latency { selector, bound, by } => {
                    w.selector(selector);
                    if let Some(bound) = bound {
                        w.word("<");
                        w.token(bound.span);
                    }
                    if !by.is_empty() {
                        w.word("by (");
                        for (index, label) in by.iter().enumerate() {
                            if index > 0 {
                                w.glued(",");
                            } else {
                                w.glue = true;
                            }
                            w.token(label.span);
                        }
                        w.glued(")");
                    }
                }
                SloProperty::Page(n) | SloProperty::Ticket(n) => w.token(n.span),
                SloProperty::NoData(no_data) => w.no_data(no_data),
                SloProperty::Allow(allow) => w.allow(allow),
                SloProperty::Setting(setting) => w.setting_kind(setting),
            }
        });
    }

    /// A series, its name where the author put it.
    pub(super) fn selector(&mut self, selector: &Selector) {
        let (name, matchers) = (&selector.name, &selector.matchers);
        if let (Some(name), Some(matchers)) = (name, matchers)
            && name.span.start > matchers.open.start
        {
            self.word("{");
            self.glue = true;
            self.token(name.span);
            for matcher in &matchers.items {
                self.glued(",");
                self.matcher(matcher);
            }
            self.glued("}");
            self.end = self.end.max(matchers.close.end as usize);
            return;
        }
        if let Some(name) = name {
            self.token(name.span);
        }
        if let Some(matchers) = matchers {
            self.glue = name.is_some();
            self.matchers(matchers);
        }
    }
}
